"""The reference evaluator: the specification of what a program means for one subject."""
