"""May is corrected by more than June pays."""

from pathlib import Path

from recording import RECORD_FILE, command, record

record("2024-05")
Path("facts/person.csv").write_text("工号,期间,底薪\nB1001,2024-05,10\nB1001,2024-06,50\n", encoding="utf-8")
command(f"scorecore record correct {RECORD_FILE} --facts facts --period 2024-05 --reason mistake")
