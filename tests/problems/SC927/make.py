"""An administrator replaces the key of somebody else, and does not say why."""

from recording import command, prepare

prepare()
command("scorecore record begin record.scorecore --operator anna")
command("scorecore record operator add record.scorecore --name bo --role approver")
