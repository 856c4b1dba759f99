"""The verifier knows the key of another record."""

from pathlib import Path

from recording import record
from scorecore.record.log.note import SigningKey

record("2024-05")
Path("known.key").write_text(f"{SigningKey('example.com/other', bytes(32)).verifier}\n", encoding="ascii")
