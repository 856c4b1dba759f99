"""The key was stolen after May; what was recorded since is confirmed."""

from recording import anchor, command, record

record("2024-05")
anchor()
record("2024-06")
stolen = "--stolen-since anchor.txt --reason 'the laptop is gone'"
command(f"scorecore record key rotate record.scorecore {stolen}")
command("scorecore record key confirm record.scorecore --theft 11 --reason 'all of June was run here'")
