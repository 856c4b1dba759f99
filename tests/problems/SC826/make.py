"""The checkpoint of another record is taken for the anchor."""

from pathlib import Path

from recording import record
from scorecore.record.log.note import Checkpoint, SigningKey

record("2024-05")
other = SigningKey("example.com/other", bytes(32))
Path("anchor.txt").write_text(Checkpoint(other.name, 6, bytes(32)).signed(other).note, encoding="utf-8")
