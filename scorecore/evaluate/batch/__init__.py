"""The columns evaluator: decides everyone at once, with Polars."""
