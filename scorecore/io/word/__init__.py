"""The text of files of Word, with the numbers that Word only shows."""
