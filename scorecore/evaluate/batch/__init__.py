"""The batch evaluator: decides everyone at once, with Polars."""
