"""A program has recorded with a lock, which the command line does not have."""

from recording import KEY, RECORD_FILE, filled

filled(RECORD_FILE, (3,), lock=bytes(32)).close()
RECORD_FILE.with_name(f"{RECORD_FILE}.key").write_text(KEY.text(), encoding="ascii")
