"""A backup of the record is put back from before somebody was erased, and the vault is that of today."""

from pathlib import Path

from recording import RECORD_FILE, command, record

record("2024-05")
backup = RECORD_FILE.read_bytes()
command(f"scorecore record erase {RECORD_FILE} --person B1002 --reason 来函")
RECORD_FILE.write_bytes(backup)
Path(f"{RECORD_FILE}.key.last").unlink()
