"""A program has recorded with a lock, as it could in format 1."""

from shutil import copyfile

from recording import GOLDEN, KEY, RECORD_FILE

copyfile(GOLDEN / "locked.scorecore", RECORD_FILE)
RECORD_FILE.with_name(f"{RECORD_FILE}.key").write_text(KEY.text(), encoding="ascii")
RECORD_FILE.with_name(f"{RECORD_FILE}.key").chmod(0o600)
