"""Somebody has another key than the one that the record began with."""

from pathlib import Path

from recording import record
from scorecore.record.log.note import SigningKey

record("2024-05")
Path("other.key").write_text(SigningKey("example.com/other", bytes(32)).text(), encoding="ascii")
Path("other.key").chmod(0o600)
