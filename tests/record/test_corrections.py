"""A correction is a new version beside the old: what stands is as if it had been known, and the pay evens out."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from corrections import MONTHS, PROGRAM, Month, corrected, decided, raw, run
from recording import NOW, create
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.record.corrections.adjustments import (
    Adjustment,
    find_owed,
    find_unpaid,
    line_amounts,
    post_runs,
    read_adjustments,
)
from scorecore.record.corrections.correct import correct
from scorecore.record.corrections.payroll import find_payable
from scorecore.record.log.verify import verify
from scorecore.record.replay import replay, replay_adjustments
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.payload import ResultWriter
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append, read_runs
from scorecore.values.canonical_json import decode, encode


def standing(recorded: Recorded, period: str) -> dict[str, Any]:
    decisions_in_force = recorded.standing(PROGRAM.id, period).values()
    return {
        decision.payload.facts.subject: decision.payload.result for decision in decisions_in_force if decision.payload
    }


def known(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without the lines of files that its causes name."""
    return {**result, "held": sorted(result.get("held", {}))}


awards = st.none() | st.integers(-100, 100).map(str)
faults = st.none() | st.sampled_from(["true", "false"])
months = st.lists(st.tuples(awards, faults, st.sampled_from("ab")), min_size=3, max_size=3)


@pytest.mark.slow
@given(
    facts=st.fixed_dictionaries(dict.fromkeys((*MONTHS, "2024-04"), months)),
    late=st.lists(st.tuples(st.sampled_from(MONTHS), months, st.booleans()), min_size=1, max_size=3),
)
def test_what_is_in_force_is_as_if_it_had_been_known(
    facts: dict[str, Month], late: list[tuple[str, Month, bool]]
) -> None:
    """Corrections in any order leave what a history with all facts decides; what was paid is what stands."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.scorecore"
        with create(path) as log:
            for period in MONTHS:
                run(log, period, facts)
            anchor = log.checkpoint().note
            for period, month, apart in late:
                facts = {**facts, period: month}
                corrected(log, period, facts, apart=apart)
            run(log, "2024-04", facts)
            recorded = Recorded.read(log)
            assert not find_unpaid(recorded, PROGRAM.id)
            assert find_owed(recorded, PROGRAM.id) == []
            evened_out(recorded, facts)
            for recorded_run in recorded.runs:
                assert replay(log, recorded_run).differences == ()
                assert list(replay_adjustments(recorded, recorded_run)) == []
        verdict = verify(path, anchor=anchor)
        assert verdict.diagnostics == ()


def evened_out(recorded: Recorded, facts: Mapping[str, Month]) -> None:
    periods = [PROGRAM.period.period(label) for label in facts]
    truth = PeriodRunner(PROGRAM).decide_each([period for period in periods if period], raw(facts), Diagnostics())
    for month in truth:
        label = month.facts.period.label
        expected = dict(zip(month.facts.ids, map(known, plain(month)), strict=True))
        assert {who: known(standing_result) for who, standing_result in standing(recorded, label).items()} == expected
    later = [adjustment for each in recorded.runs for adjustment in read_adjustments(recorded, each)]
    for label in facts:
        paid = post_runs(recorded, recorded.of(PROGRAM.id, label), lambda run: not run.corrects or run.apart)
        by_subject = {value.subject: value.paid for value in paid.values()}
        for who, result in standing(recorded, label).items():
            for line, amount in line_amounts(PROGRAM, result).items():
                extra = [
                    adjustment.amount
                    for adjustment in later
                    if (adjustment.subject, adjustment.period, (adjustment.line, adjustment.sign)) == (who, label, line)
                ]
                if amount is not None:
                    assert by_subject.get(who, {}).get(line, Decimal(0)) + sum(extra) == amount


def plain(decisions: Decisions) -> list[Any]:
    """Results as a record has them."""
    return [decode(encode(decision)) for decision in ResultWriter(decisions.program).write_all(decisions)]


FACTS: Final = {
    "2024-01": [("10", "false", "a"), ("20", "false", "a"), ("6", "false", "b")],
    "2024-02": [("10", "false", "a"), ("20", "false", "a"), ("6", "false", "b")],
    "2024-03": [("10", "false", "a"), ("20", "true", "a"), (None, "false", "b")],
}


def test_the_next_run_pays_the_difference(tmp_path: Path) -> None:
    """A late award of January moves January and, through the balance, February; March pays both beside its own."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        run(log, "2024-02", FACTS)
        january = [("50", "true", "a"), *FACTS["2024-01"][1:]]
        correction = corrected(log, "2024-01", {**FACTS, "2024-01": january})
        # 1001 was at 5 of 10; is at 25 of 50, first in the team, and fined; 1002 is first no more
        lines = {
            (change.period, change.subject, step): (before, after)
            for change in correction.changes
            for step, _, before, after in change.lines()
        }
        assert lines == {
            ("2024-01", "1001", "pay.paid"): (5, 25),
            ("2024-01", "1001", "pay.prize"): (0, 10),
            ("2024-01", "1001", "pay.fine"): (0, 3),
            ("2024-01", "1002", "pay.prize"): (10, 0),
            ("2024-02", "1001", "pay.paid"): (Decimal("7.5"), Decimal("17.5")),
        }
        assert [(draft.number, draft.period, draft.about["corrects"]) for draft in correction.drafts] == [
            (3, "2024-01", 1),
            (4, "2024-02", 2),
        ]
        signed = run(log, "2024-03", FACTS)
        assert [
            (adjustment.period, adjustment.subject, adjustment.line, adjustment.effect)
            for adjustment in signed.adjustments
        ] == [
            ("2024-01", "1001", "pay.fine", -3),
            ("2024-01", "1001", "pay.paid", 20),
            ("2024-01", "1001", "pay.prize", 10),
            ("2024-02", "1001", "pay.paid", 10),
            ("2024-01", "1002", "pay.prize", -10),
        ]
        recorded = Recorded.read(log)
        assert recorded.runs[-1].pays == (3, 4)
        due = find_payable(recorded, recorded.runs[-1])
        assert (due["1001"].adjustment, due["1002"].adjustment) == (37, -10)
        assert due["1003"].partial
        assert find_payable(recorded, recorded.runs[0])["1001"].to_pay == 5
        assert find_payable(recorded, recorded.run(3)) == {}  # the next run pays it
        assert sorted(correction.pays, key=lambda pay: (pay.subject, pay.period, pay.line)) == list(signed.adjustments)


def test_an_adjustment_that_was_not_owed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay computes what was owed again: a cent more, or one person less, is named."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        corrected(log, "2024-01", {"2024-01": [("50", "false", "a"), *FACTS["2024-01"][1:]]})
        true = find_owed

        def false(*arguments: Any) -> list[Adjustment]:
            first, *_, last = true(*arguments)
            assert (first.subject, last.subject) == ("1001", "1002")
            return [evolve(first, amount=first.amount + Decimal("0.01"))]

        monkeypatch.setattr("scorecore.record.record_run.find_owed", false)
        run(log, "2024-02", FACTS)
        recorded = Recorded.read(log)
        assert [
            (difference.subject, difference.recorded, difference.replayed)
            for difference in replay_adjustments(recorded, recorded.runs[-1])
        ] == [
            ("1001", "2024-01 pay.paid 20.01", "2024-01 pay.paid 20, 2024-01 pay.prize 10"),
            ("1002", "—", "2024-01 pay.prize -10"),
        ]


def test_a_correction_of_a_correction_pays_the_rest(tmp_path: Path) -> None:
    """The difference is to what stood last, not to the first; what was paid is not paid again."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)

        def owed_after(award: str) -> list[Decimal]:
            corrected(log, "2024-01", {"2024-01": [(award, "false", "b"), *FACTS["2024-01"][1:]]})
            owed = find_owed(Recorded.read(log), PROGRAM.id)
            return [change.effect for change in owed if (change.period, change.line) == ("2024-01", "pay.paid")]

        assert owed_after("30") == [10]  # half of 30, of which 5 were paid
        assert owed_after("40") == [15]
        run(log, "2024-02", FACTS)
        assert owed_after("44") == [2]


def test_paid_apart_is_not_paid_again(tmp_path: Path) -> None:
    """A correction that is paid by itself is part of its own period, and of no later one."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        correction = corrected(log, "2024-01", {"2024-01": [("30", "false", "a"), *FACTS["2024-01"][1:]]}, apart=True)
        assert [(pay.subject, pay.line, pay.effect) for pay in correction.pays] == [
            ("1001", "pay.paid", 10),
            ("1001", "pay.prize", 10),
            ("1002", "pay.prize", -10),
        ]
        recorded = Recorded.read(log)
        assert find_owed(recorded, PROGRAM.id) == []
        first, apart = recorded.runs
        assert find_payable(recorded, first)["1001"].net == 5  # as it was paid then, whatever came later
        assert {who: payable.net for who, payable in find_payable(recorded, apart).items()} == {"1001": 20, "1002": -10}
        assert run(log, "2024-02", FACTS).adjustments == ()


def past_of(recorded: Recorded, before: str) -> set[tuple[str, str]]:
    """The periods and people that the history before a period tells of."""
    table = recorded.history(PROGRAM, before)
    assert table is not None
    return set(table.select("period", "person").iter_rows())


def test_nobody_is_left_out_by_mistake(tmp_path: Path) -> None:
    """Whoever was decided must be in the facts or be withdrawn; then the pay is owed back."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        run(log, "2024-02", FACTS)
        recorded = Recorded.read(log)
        tables = raw({"2024-01": FACTS["2024-01"]})
        frame = tables["person"].frame.filter(pl.col("person") != "1002")
        period = PROGRAM.period.period("2024-01")
        assert period is not None
        decisions = PeriodRunner(PROGRAM).decide(period, {**tables, "person": RawTable(frame, "person")}, Diagnostics())
        assert decisions is not None
        pins = Pins.again(recorded.log, recorded.runs[0], "test")
        with pytest.raises(Rejected) as error:
            correct(recorded, decisions, pins, reason="moved")
        assert [diagnostic.message() for diagnostic in error.value.diagnostics] == [
            "the facts leave out 1 subject who has a decision for 2024-01: 1002"
        ]
        for wrong in ("1001", "nobody"):
            with pytest.raises(Rejected) as error:
                correct(recorded, decisions, pins, reason="moved", withdrawn=["1002", wrong])
            assert [(diagnostic.kind.code, diagnostic.params["id"]) for diagnostic in error.value.diagnostics] == [
                ("SC856", wrong)
            ]
        correction = correct(recorded, decisions, pins, reason="moved", withdrawn=["1002"])
        append(log, correction.drafts, now=NOW, after=recorded.size)
        recorded = Recorded.read(log)
        assert set(standing(recorded, "2024-01")) == {"1001", "1003"}
        back = {
            (owed.period, owed.line): owed.effect for owed in find_owed(recorded, PROGRAM.id) if owed.subject == "1002"
        }
        assert past_of(recorded, "2024-02") == {("2024-01", "1001"), ("2024-01", "1003")}
        assert ("2024-01", "1002") not in past_of(recorded, "2024-03")
        # without January, February has no balance to begin with
        assert back[("2024-01", "pay.paid")] == -10
        assert find_payable(recorded, recorded.runs[0])["1002"].to_pay == 10 + 10  # what January has paid it has paid


def test_who_was_erased_is_not_decided_again(tmp_path: Path) -> None:
    """Facts of somebody who asked to be forgotten are not recorded anew; groups that lost a member are refused."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        run(log, "2024-02", FACTS)
        log.erase("1003", now=NOW + timedelta(days=1), reason="request 7")
        with pytest.raises(Rejected) as error:
            corrected(log, "2024-01", {"2024-01": [("50", "true", "a"), *FACTS["2024-01"][1:]]})
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC849"]
        with pytest.raises(Rejected) as error:  # whether 1003 is who was erased, nobody can say any more
            corrected(log, "2024-02", {"2024-02": [("50", "true", "a"), *FACTS["2024-02"][1:]]})
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC849"]
        recorded = Recorded.read(log)
        tables = raw({"2024-02": FACTS["2024-02"]})
        without = RawTable(tables["person"].frame.filter(pl.col("person") != "1003"), "person")
        period = PROGRAM.period.period("2024-02")
        assert period is not None
        decisions = PeriodRunner(PROGRAM).decide(period, {**tables, "person": without}, Diagnostics())
        assert decisions is not None
        with pytest.raises(Rejected) as error:
            correct(recorded, decisions, Pins.again(recorded.log, recorded.runs[1], "test"), reason="x")
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC849"]


def test_what_was_never_decided_cannot_be_corrected(tmp_path: Path) -> None:
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        recorded = Recorded.read(log)
        with pytest.raises(Rejected) as error:
            correct(recorded, decided("2024-02", FACTS), Pins.again(recorded.log, recorded.runs[0], "test"), reason="x")
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC847"]


def test_a_forgotten_month_moves_the_later_ones(tmp_path: Path) -> None:
    """A month that is recorded late is read by those after it, which are decided anew."""
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", FACTS)
        run(log, "2024-03", FACTS, reason="February comes later")
        signed = run(log, "2024-02", FACTS, reason="forgotten")
        assert {(change.period, change.subject) for change in signed.changes} >= {
            ("2024-03", "1001"),
            ("2024-03", "1002"),
        }
        assert [(listed.number, listed.period, listed.corrects) for listed in read_runs(log)] == [
            (1, "2024-01", None),
            (2, "2024-03", None),
            (3, "2024-02", None),
            (4, "2024-03", 2),
        ]
        assert {change.period for change in find_owed(Recorded.read(log), PROGRAM.id)} == {"2024-03"}
