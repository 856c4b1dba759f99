"""The commission is raised in May, and the version forgotten."""

from pathlib import Path

from recording import record

record("2024-04")
path = Path("policy.toml")
path.write_text(path.read_text(encoding="utf-8").replace("0.001", "0.002"), encoding="utf-8")
