"""The row evaluator: Python generated from the program, for one subject at a time; a law holds it equal to `reference`."""
