"""A policy written as a regulation: numbered articles in plain words, for people who read no formulas."""
