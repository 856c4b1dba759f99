"""Somebody with the vault lets one person stand for another."""

import apsw

from recording import record

record("2024-05")
with apsw.Connection("record.scorecore.vault") as connection:
    connection.execute("UPDATE subject SET id = 'B1009' WHERE id = 'B1001'")
connection.close()
