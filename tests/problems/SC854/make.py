"""A program that counts wrongly has recorded May."""

from unittest.mock import patch

from recording import record

COUNTS = {"subjects": 4, "decisions": 4, "decided": 4, "held": 0}
with patch("scorecore.record.record_run.count_decisions", lambda _: COUNTS):
    record("2024-05")
