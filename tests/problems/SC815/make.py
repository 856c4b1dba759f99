"""The stored hashes of 256 entries are deleted."""

from recording import RECORD_FILE, filled, tamper

filled(RECORD_FILE).close()
tamper("DELETE FROM tile")
