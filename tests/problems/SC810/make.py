"""A sound record, and no checkpoint from elsewhere."""

from recording import record

record("2024-05")
