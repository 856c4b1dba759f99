"""The services for texts, spoken to an editor: the only package that knows the Language Server Protocol."""
