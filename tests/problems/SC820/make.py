"""A program has recorded with a lock, which the command line does not have."""

from recording import LEDGER, filled

filled(LEDGER, (3,), lock=bytes(32)).close()
