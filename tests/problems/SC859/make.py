"""One person is erased by a machine whose clock is a year ahead, another one after the clock was set right."""

from datetime import timedelta

from recording import KEY, NOW, RECORD_FILE, Chance, record
from scorecore.record.log.log import Log

record("2024-05")
with Log.open(RECORD_FILE, key=KEY, chance=Chance()) as log:
    log.erase("B1001", now=NOW + timedelta(days=365), reason="request 7")
    log.erase("B1002", now=NOW, reason="request 8")
