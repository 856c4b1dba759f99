"""A colleague's program is writing to the record."""

import apsw

from recording import LEDGER, record

record("2024-05")
colleague = apsw.Connection(str(LEDGER))
colleague.execute("BEGIN IMMEDIATE")
