"""The program needs more of the language than this scorecore knows."""

from unittest.mock import patch

from recording import record
from scorecore.program.serialize import serialize

with patch("scorecore.record.runs.manifest.serialize", lambda program: {**serialize(program), "level": 99}):
    record("2024-05")
