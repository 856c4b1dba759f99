"""Runs in a record: manifests, payloads, and what is in force after them."""
