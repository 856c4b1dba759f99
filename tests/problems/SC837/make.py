"""Somebody with the key has recorded a program whose labels are not those that the manifest names."""

from unittest.mock import patch

from recording import record

with patch("scorecore.record.runs.manifest.texts_digest", lambda _: "0" * 64):
    record("2024-05")
