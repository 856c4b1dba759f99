"""An entry and its payload are deleted."""

from recording import RECORD_FILE, filled, tamper

filled(RECORD_FILE).close()
tamper("DELETE FROM payload WHERE idx = 7; DELETE FROM entry WHERE idx = 7")
