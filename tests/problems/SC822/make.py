"""The policy that decided is deleted from the record."""

from pathlib import Path

from recording import RECORD_FILE, by_hand, record
from scorecore.record.log.entries import blob_digest

record("2024-05")
policy = Path("policy.toml").read_bytes()
with by_hand(RECORD_FILE) as connection:
    connection.execute("DELETE FROM blob WHERE digest = ?", (blob_digest(policy),))
