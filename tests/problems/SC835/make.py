"""A newer version has recorded May."""

from unittest.mock import patch

from recording import record

with patch("scorecore.record.runs.manifest.FORMAT", 3):
    record("2024-05")
