"""The program: a policy compiled, with its digest and its serialized form."""
