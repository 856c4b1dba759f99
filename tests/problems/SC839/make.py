"""June was recorded and its file lost; the record continues from a backup."""

from recording import RECORD_FILE, command, record

record("2024-05")
backup = RECORD_FILE.read_bytes()
record("2024-06")
RECORD_FILE.write_bytes(backup)
command(f"scorecore record resume {RECORD_FILE} --reason 硬盘损坏")
