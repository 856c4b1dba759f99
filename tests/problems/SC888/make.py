"""A retention that has years and months."""

from pathlib import Path

from recording import record

record("2024-05")
Path("retention.toml").write_text("[retention]\nyears = 5\nmonths = 6\n", encoding="utf-8")
