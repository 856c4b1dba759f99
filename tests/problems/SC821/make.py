"""The policy that decided is exchanged in the record for a milder one."""

from pathlib import Path

from recording import RECORD_FILE, by_hand, record
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.sealing import Press

record("2024-05")
policy = Path("policy.toml").read_bytes()
milder = Press().squeeze(policy.replace(b"0.001", b"0.002"))
with by_hand(RECORD_FILE) as connection:
    connection.execute("UPDATE blob SET compressed = ? WHERE digest = ?", (milder, blob_digest(policy)))
