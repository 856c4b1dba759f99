"""Runs in a record: manifests, payloads, and what stands after them."""
