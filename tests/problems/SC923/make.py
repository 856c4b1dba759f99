"""The key is lost, and the recovery key names the next."""

from pathlib import Path

from recording import RECORD_FILE, command, record

record("2024-05")
command("scorecore record key recovery record.scorecore recovery.key")
Path(f"{RECORD_FILE}.key").unlink()
command("scorecore record key rotate record.scorecore --recovery recovery.key --reason 'the disk broke'")
