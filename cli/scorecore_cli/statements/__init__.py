"""Statements of a whole run: what each person reads about their own pay, and nobody else's."""
