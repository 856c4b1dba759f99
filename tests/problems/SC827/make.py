"""The disk turned a bit in the index of the kinds."""

from recording import RECORD_FILE, record

record("2024-05")
data = bytearray(RECORD_FILE.read_bytes())
at = [place for place in range(len(data)) if data.startswith(b"decision2024-05", place)]
data[at[-1]] ^= 1
RECORD_FILE.write_bytes(data)
