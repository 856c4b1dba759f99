"""Somebody was erased, and the facts of a correction have people who have no decision."""

from recording import command, record

record("2024-05")
command("scorecore record erase record.scorecore --person B1002 --reason 来函")
