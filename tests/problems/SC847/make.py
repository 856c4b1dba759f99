"""May is recorded, and June is to be corrected."""

from recording import record

record("2024-05")
