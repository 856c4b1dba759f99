"""Facts: tables of cells to typed, sorted columns; what is wrong with them, row by row."""
