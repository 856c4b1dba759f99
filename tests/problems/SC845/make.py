"""The decision of somebody is written as this scorecore cannot read it."""

from unittest.mock import patch

from recording import record

with patch("scorecore.record.record_run.subject_payloads", lambda _: [("B1001", b"{}")]):
    record("2024-05")
