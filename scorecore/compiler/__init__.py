"""A policy and its scorers become a program: bounds proved, gaps and circles found."""
