"""A subject without facts of its own: every evaluator decides it, and a record replays it."""

from pathlib import Path
from typing import Final

import pytest

from command_line import call, lay_out
from laws import HEAD

POLICY: Final = (
    HEAD
    + """
[facts.person]

[facts.fines]
key = ["id"]
fields = { id = { type = "string" }, amount = { type = "decimal", min = 0, max = 1000, places = 2 } }

[[pay]]
id = "fine"
kind = "fine"
amount = "fines.map(f, f.amount).sum()"
"""
)


@pytest.mark.parametrize("evaluator", ["rows", "columns"])
def test_it_is_decided_recorded_and_replayed(evaluator: str, tmp_path: Path) -> None:
    facts = {"person": "person\nE1\nE2\n", "fines": "person,id,amount\nE1,1,100\nE2,2,200\n"}
    work = lay_out(tmp_path, POLICY, **facts)
    record = tmp_path / "record.scorecore"
    assert call("record", "begin", record, "--single-operator").exit_code == 0
    shown = call("run", *work, "--period", "2024-01", "--with", evaluator, "--record", record)
    assert shown.exit_code == 0, shown.output
    assert "-100.00" in shown.stdout
    assert "total net pay -300.00" in shown.stdout
    replayed = call("record", "replay", record, "--with", "columns")
    assert replayed.exit_code == 0, replayed.output
