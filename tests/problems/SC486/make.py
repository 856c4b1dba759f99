"""What has the name of a database, and is none."""

from pathlib import Path

Path("report.sqlite").write_text("no database" * 100, encoding="ascii")
