"""Policies: TOML text to a policy as its author wrote it, parents merged, positions kept."""
