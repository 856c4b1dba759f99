"""The stored hashes of 256 entries are overwritten."""

from recording import RECORD_FILE, filled, tamper

filled(RECORD_FILE).close()
tamper("UPDATE tile SET hashes = zeroblob(8192)")
