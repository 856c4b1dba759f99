"""The triggers that hold against accidents are taken away."""

import apsw

from recording import LEDGER, record

record("2024-05")
connection = apsw.Connection(str(LEDGER))
connection.execute("DROP TRIGGER entry_no_update")
connection.close()
