"""What can be asked of programs and decisions: why, why not, what if, what is proved."""
