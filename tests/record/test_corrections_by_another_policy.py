"""A correction by another text of a policy: words alone record nobody, another meaning everybody."""

import re
from pathlib import Path

import pytest

from corrections import PEOPLE, POLICY, PROGRAM, compiled, raw, run
from recording import create
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.record.corrections.correct import correct
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded


def reordered(text: str) -> str:
    """The policy with its parts in the reverse order."""
    header, *parts = re.split(r"\n(?=\[)", text.strip())
    return "\n\n".join([header, *reversed(parts)])


@pytest.mark.parametrize(
    "text", [POLICY.replace("[values.balance]", "# a comment\n\n[values.balance]"), reordered(POLICY)]
)
def test_one_cell_corrects_one_decision(tmp_path: Path, text: str) -> None:
    """Under a text with a comment, or with its parts in another order, only what differs is recorded."""
    facts = {"2024-01": [("10", "true", "a"), (None, None, "a"), ("-5", "false", "b")]}
    late = {"2024-01": [("20", "true", "a"), (None, None, "a"), ("-5", "false", "b")]}
    other_program = compiled(text)
    assert other_program != PROGRAM
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", facts)
        recorded = Recorded.read(log)
        period = other_program.period.period("2024-01")
        assert period is not None
        for months, subjects in ((facts, []), (late, ["1001"])):
            decisions = PeriodRunner(other_program).decide(period, raw(months), Diagnostics())
            assert decisions is not None
            pins = Pins.of(other_program, period, {"p@1": text.encode()}, {}, "test")
            correction = correct(recorded, decisions, pins, reason="late")
            assert [change.subject for change in correction.changes] == subjects
            assert [subject for draft in correction.drafts for subject, _ in draft.decisions] == subjects


def test_another_program_records_every_decision(tmp_path: Path) -> None:
    """What a run pins is what has decided: a policy with another meaning records everybody, and says what differs."""
    facts = {"2024-01": [("10", "true", "a"), (None, None, "a"), ("-5", "false", "b")]}
    other_program = compiled(POLICY.replace('amount = "3"', 'amount = "4"'))
    period = other_program.period.period("2024-01")
    assert period is not None
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", facts)
        decisions = PeriodRunner(other_program).decide(period, raw(facts), Diagnostics())
        assert decisions is not None
        pins = Pins.of(other_program, period, {"p@1": b"other"}, {}, "test")
        correction = correct(Recorded.read(log), decisions, pins, reason="late")
    assert [change.subject for change in correction.changes] == ["1001"]
    assert [subject for subject, _ in correction.drafts[0].decisions] == list(PEOPLE)


@pytest.mark.parametrize(
    "old",
    [
        '[[pay]]\nid = "prize"\nkind = "reward"\nwhen = "place == 1"\namount = "10"\n',
        'id = "prize"\nkind = "reward"',
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_a_line_that_another_policy_does_not_have_is_taken_back(tmp_path: Path, old: str, *, apart: bool) -> None:
    """A pay line that is gone, or does the opposite to net pay, is nothing now: what was paid by it is owed back."""
    facts = {"2024-01": [("10", "false", "a"), (None, "false", "a"), ("5", "false", "b")]}
    text = POLICY.replace(old, old.replace("reward", "fine") if old.startswith("id") else "")
    assert text != POLICY
    other_program = compiled(text)
    period = other_program.period.period("2024-01")
    assert period is not None
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", facts)
        decisions = PeriodRunner(other_program).decide(period, raw(facts), Diagnostics())
        assert decisions is not None
        pins = Pins.of(other_program, period, {"p@1": text.encode()}, {}, "test")
        correction = correct(Recorded.read(log), decisions, pins, reason="late", apart=apart)
    stands = {line.sign for line in other_program.pay if line.step == "pay.prize"}
    for subject in ("1001", "1003"):
        lines = {
            sign: (before, after)
            for change in correction.changes
            if change.subject == subject
            for step, sign, before, after in change.lines()
            if step == "pay.prize"
        }
        assert lines == {1: (10, 0), **dict.fromkeys(stands, (0, 10))}
        owed = {owing.sign: owing.amount for owing in correction.pays if owing.subject == subject}
        assert owed == {1: -10, **dict.fromkeys(stands, 10)}
