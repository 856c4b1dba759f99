"""Somebody was erased after the pay of May; the payroll of then is looked at."""

from recording import command, record

record("2024-05")
command("scorecore record erase ledger.scorecore --person B1002 --reason 来函")
