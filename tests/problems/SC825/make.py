"""The record is made anew, with the same key and other facts."""

from pathlib import Path

from recording import RECORD_FILE, anchor, record

record("2024-05")
anchor()
RECORD_FILE.unlink()
Path(f"{RECORD_FILE}.vault").unlink()
Path(f"{RECORD_FILE}.key.last").unlink()
facts = Path("facts/person.csv")
facts.write_text(facts.read_text(encoding="utf-8").replace("500000", "900000"), encoding="utf-8")
record("2024-05")
