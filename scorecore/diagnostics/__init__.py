"""What is wrong, where, and what to do about it: places in texts, diagnostics, and the catalogue of their kinds."""
