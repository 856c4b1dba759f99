"""The record is gone, but not its vault, and another record is begun under its name."""

from pathlib import Path

from recording import RECORD_FILE, record

record("2024-05")
RECORD_FILE.unlink()
Path(f"{RECORD_FILE}.key.last").unlink()
