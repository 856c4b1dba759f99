"""Somebody leaves who was never there."""

from recording import command, prepare

prepare()
command("scorecore record begin record.scorecore --operator anna --role administrator --role runner --role approver")
command("scorecore record operator add record.scorecore --name bo --role approver --role runner")
