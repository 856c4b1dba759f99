"""What is taken for the anchor is a sentence of a mail."""

from pathlib import Path

from recording import record

record("2024-05")
Path("anchor.txt").write_text("记录现有 6 条，5 月已审批。\n", encoding="utf-8")
