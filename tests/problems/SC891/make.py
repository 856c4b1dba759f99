"""Another file has the name of the vault."""

from pathlib import Path

from recording import record

record("2024-05")
Path("record.scorecore.vault").write_text("minutes of the meeting", encoding="utf-8")
