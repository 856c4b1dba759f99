"""The trades of a whole market under one person's id."""

from pathlib import Path

import polars as pl

Path("facts").mkdir()
Path("facts/person.csv").write_text("工号,月交易量\nB1001,1200000\n", encoding="utf-8")
number = pl.int_range(1_000_001, eager=True)
pl.DataFrame({"工号": pl.repeat("B1001", len(number), eager=True), "成交编号": number}).write_parquet(
    "facts/trades.parquet"
)
