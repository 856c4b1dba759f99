"""April is recorded after May."""

from recording import record

record("2024-05")
