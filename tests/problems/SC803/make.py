"""Another program has left a folder where SQLite keeps what is being written."""

from pathlib import Path

from recording import RECORD_FILE, record

record("2024-05")
Path(f"{RECORD_FILE}-wal").mkdir()
