"""Another program has closed a run with the key of the record, and does not say which."""

from recording import KEY, NOW, RECORD_FILE, Chance, record
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log

record("2024-05")
with Log.open(RECORD_FILE, key=KEY, chance=Chance()) as log:
    log.append([NewLogEntry("close", {})], now=NOW)
