"""Somebody replaces the key of a record that names no recovery key."""

from pathlib import Path

from recording import KEY, record
from scorecore.record.log.note import SigningKey

record("2024-05")
Path("recovery.key").write_text(SigningKey(KEY.name, b"o" * 32).text(), encoding="ascii")
Path("recovery.key").chmod(0o600)
