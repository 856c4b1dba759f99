"""A title is corrected in May, and the version forgotten: it decides the same, but does not say the same."""

from pathlib import Path

from recording import record

record("2024-04")
path = Path("policy.toml")
path.write_text(path.read_text(encoding="utf-8").replace("客户经理", "理财经理"), encoding="utf-8")
