"""A program has recorded with a lock, which the command line does not have."""

from recording import RECORD_FILE, filled

filled(RECORD_FILE, (3,), lock=bytes(32)).close()
