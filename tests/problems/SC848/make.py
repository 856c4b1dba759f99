"""For the correction somebody gives only the facts that were wrong."""

from pathlib import Path

from recording import record

record("2024-05")
Path("facts/person.csv").write_text("工号,月交易量\nB1003,900000\n", encoding="utf-8")
