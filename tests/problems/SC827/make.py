"""The disk turned a bit in the index of the subjects."""

from recording import RECORD_FILE, record
from scorecore.record.log.log import Log

record("2024-05")
with Log.open(RECORD_FILE) as log:
    name = log.pseudonym("B1002").encode()
data = bytearray(RECORD_FILE.read_bytes())
at = [one for one in range(len(data)) if data.startswith(name, one)]
data[at[-1]] ^= 1
RECORD_FILE.write_bytes(data)
