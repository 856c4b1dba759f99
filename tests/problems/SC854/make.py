"""A program that counts wrongly has recorded May."""

from unittest.mock import patch

from recording import record

with patch("scorecore.record.record_run.counts", lambda _: {"subjects": 4, "decisions": 4, "decided": 4, "held": 0}):
    record("2024-05")
