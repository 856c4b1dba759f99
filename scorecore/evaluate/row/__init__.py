"""The row evaluator: Python generated from a program, for one subject; held equal to the reference by a law."""
