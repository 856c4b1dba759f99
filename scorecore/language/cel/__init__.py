"""Expressions: text in CEL to typed expressions."""
