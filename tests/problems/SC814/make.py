"""The stored hashes of 256 entries are overwritten."""

from recording import LEDGER, filled, tamper

filled(LEDGER).close()
tamper("UPDATE tile SET hashes = zeroblob(8192)")
