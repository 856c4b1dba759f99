"""An entry and its payload are deleted."""

from recording import LEDGER, filled, tamper

filled(LEDGER).close()
tamper("DELETE FROM payload WHERE idx = 7; DELETE FROM entry WHERE idx = 7")
