"""A firm to try everything on, all of it invented: its people, policies, half a year of facts, and its record."""
