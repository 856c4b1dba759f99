"""May is recorded twice."""

from recording import record

record("2024-05")
