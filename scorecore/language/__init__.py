"""The language of expressions: operators, typed expressions, and their printed form."""
