"""Nothing was stolen."""

from recording import record

record("2024-05")
