"""Values and their types: what a policy computes with, and how it is written as canonical JSON."""
