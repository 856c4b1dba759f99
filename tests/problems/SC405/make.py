"""A table that a program has written with binary floats."""

from pathlib import Path

import polars as pl

Path("facts").mkdir()
pl.DataFrame({"工号": ["B1001", "B1002"], "月交易量": [1200000.1, 860000.2]}).write_parquet("facts/person.parquet")
