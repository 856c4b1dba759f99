"""The stored hashes of 256 entries are deleted."""

from recording import LEDGER, filled, tamper

filled(LEDGER).close()
tamper("DELETE FROM tile")
