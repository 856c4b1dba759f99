"""The disk is full; a trigger of the file stands for it."""

from recording import RECORD_FILE, by_hand, record

record("2024-05")
with by_hand(RECORD_FILE) as connection:
    full = "SELECT RAISE(FAIL, 'database or disk is full')"
    connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON entry BEGIN {full}; END")
