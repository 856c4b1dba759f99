"""A program has recorded a run and not closed it."""

from unittest.mock import patch

from recording import record
from scorecore.record.runs.runs import Draft

entries = Draft.entries
with patch.object(Draft, "entries", lambda draft: list(entries(draft))[:-1]):
    record("2024-05")
