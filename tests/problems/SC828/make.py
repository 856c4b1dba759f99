"""The triggers that hold against accidents are taken away."""

import apsw

from recording import RECORD_FILE, record

record("2024-05")
connection = apsw.Connection(str(RECORD_FILE))
connection.execute("DROP TRIGGER entry_no_update")
connection.close()
