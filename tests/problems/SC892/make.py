"""The vault of another record has been put in the place of this one's."""

from pathlib import Path

from recording import command, record

record("2024-05")
command("scorecore record begin other.scorecore --single-operator")
Path("other.scorecore.vault").replace("record.scorecore.vault")
