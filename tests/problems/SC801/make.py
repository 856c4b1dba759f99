"""A record is begun where minutes of a meeting are."""

from pathlib import Path

Path("record.scorecore").write_text("minutes of a meeting", encoding="utf-8")
