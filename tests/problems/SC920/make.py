"""Somebody has the key of the record, and appends that another is the next one without signing that."""

from recording import KEY, NOW, RECORD_FILE, record, reopen
from scorecore.record.log.entries import NewLogEntry

record("2024-05")
with reopen(RECORD_FILE) as log:
    log.append([NewLogEntry("rotation", {"key": str(KEY.verifier), "reason": "mine"})], now=NOW)
