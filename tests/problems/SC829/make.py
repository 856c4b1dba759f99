"""The secret is overwritten that leads from people to their entries, which a record of format 1 has."""

from shutil import copyfile

from recording import GOLDEN, RECORD_FILE, tamper

copyfile(GOLDEN / "ledger.scorecore", RECORD_FILE)
tamper("UPDATE secret SET value = zeroblob(32)")
