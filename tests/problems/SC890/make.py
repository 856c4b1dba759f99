"""Only the record was copied, without its vault."""

from pathlib import Path

from recording import record

record("2024-05")
Path("record.scorecore.vault").unlink()
