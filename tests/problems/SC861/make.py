"""Operators keep their keys elsewhere, and nobody says who runs."""

from pathlib import Path

from recording import command, prepare

prepare()
command("scorecore record begin record.scorecore --operator anna --role administrator --role runner --role approver")
command("scorecore record operator add record.scorecore --name bo --role approver --role runner")
Path("keys").mkdir()
for key in Path().glob("record.scorecore.*.key"):
    key.rename(Path("keys") / key.name)
