"""The row evaluator: Python generated from a program, for one subject at a time; held equal to the reference by a law."""
