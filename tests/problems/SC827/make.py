"""The disk turned a bit in the index of the subjects."""

from recording import LEDGER, record
from scorecore.record.log.log import Log

record("2024-05")
with Log.open(LEDGER) as log:
    name = log.pseudonym("B1002").encode()
data = bytearray(LEDGER.read_bytes())
at = [one for one in range(len(data)) if data.startswith(name, one)]
data[at[-1]] ^= 1
LEDGER.write_bytes(data)
