"""The record is checked by somebody who has no vault."""

from pathlib import Path

from recording import record

record("2024-05")
Path("record.scorecore.vault").unlink()
