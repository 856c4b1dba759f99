"""Somebody goes on without the key of the record."""

from pathlib import Path

from recording import record

record("2024-05")
Path("record.scorecore.key").unlink()
