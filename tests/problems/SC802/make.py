"""A colleague's program is writing to the record."""

import apsw

from recording import RECORD_FILE, record

record("2024-05")
colleague = apsw.Connection(str(RECORD_FILE))
colleague.execute("BEGIN IMMEDIATE")
