"""A module for each command, a package for each group of commands."""
