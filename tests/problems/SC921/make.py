"""Somebody goes on with the key that another has replaced."""

from pathlib import Path

from recording import KEY, command, record

record("2024-05")
command("scorecore record key rotate record.scorecore")
Path("old.key").write_text(KEY.text(), encoding="ascii")
Path("old.key").chmod(0o600)
