"""June is run while May waits."""

from recording import command, prepare

prepare()
command("scorecore record begin record.scorecore --operator anna --role administrator --role runner --role approver")
command("scorecore record operator add record.scorecore --name bo --role approver --role runner")
command(
    "scorecore run policy.toml --facts facts --period 2024-05 --record record.scorecore --as record.scorecore.anna.key"
)
