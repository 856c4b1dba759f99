"""The key was stolen after May; what was recorded since is not yet confirmed."""

from recording import anchor, command, record

record("2024-05")
anchor()
record("2024-06")
stolen = "--stolen-since anchor.txt --reason 'the laptop is gone'"
command(f"scorecore record key rotate record.scorecore {stolen}")
