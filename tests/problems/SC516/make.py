"""Somebody has written a report into a remark."""

from pathlib import Path

Path("facts").mkdir()
report = "客户回访情况良好。" * 1200
Path("facts/person.csv").write_text(f"工号,月交易量,备注\nB1001,1200000,{report}\n", encoding="utf-8")
