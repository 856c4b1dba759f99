"""A backup of May is put back after June was recorded."""

from recording import RECORD_FILE, record

record("2024-05")
backup = RECORD_FILE.read_bytes()
record("2024-06")
RECORD_FILE.write_bytes(backup)
