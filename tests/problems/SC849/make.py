"""Somebody is erased who is compared with the others in June, and May is to be corrected."""

from pathlib import Path

from recording import command, record

record("2024-05", "2024-06", begins=True)
command("scorecore record erase record.scorecore --anyway --person B1001 --reason 申请7号")
facts = Path("facts/person.csv")
lines = facts.read_text(encoding="utf-8").replace("500000", "900000").splitlines(keepends=True)
facts.write_text("".join(line for line in lines if "B1001" not in line), encoding="utf-8")
