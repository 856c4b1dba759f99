"""Published computations of late facts and two clocks, end to end: decided, corrected, paid, explained, replayed."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from scorecore_cli.main import scorecore

EXAMPLES: Final = Path(__file__).parents[2] / "policies" / "worked_examples"


class Office:
    """A branch with a record, on some day."""

    def __init__(self, ledger: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ledger = ledger
        self._policy = EXAMPLES / f"{name}.toml"
        self._facts = EXAMPLES / f"{name}_facts"
        self._monkeypatch = monkeypatch

    def call(self, *arguments: object, code: int = 0) -> Any:
        result = CliRunner().invoke(scorecore, [*map(str, arguments), "--json"], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def run(self, period: str, day: str) -> Any:
        known_option = ("--known-at", day) if self._facts.exists() else ()
        self._at(day)
        if not self._ledger.exists():
            begin = ["record", "begin", str(self._ledger), "--single-operator"]
            assert CliRunner().invoke(scorecore, begin, catch_exceptions=False).exit_code == 0
        return self.call(
            "run", self._policy, "--facts", self._facts, "--period", period, "--record", self._ledger, *known_option
        )

    def correct(self, period: str, day: str, *more: str) -> Any:
        self._at(day)
        common = ("--facts", self._facts, "--known-at", day, "--reason", f"known on {day}")
        return self.call("record", "correct", self._ledger, "--period", period, *common, *more)

    def pay(self, period: str, subject: str, *more: str) -> dict[str, Decimal]:
        """The pay lines that the record has of somebody, and the adjustments of the period."""
        arguments = ("--record", self._ledger, "--period", period, "--person", subject, "--format", "json", *more)
        result = CliRunner().invoke(scorecore, ["explain", *map(str, arguments)], catch_exceptions=False)
        answer = json.loads(result.stdout)
        return {line["name"]: Decimal(line["value"]) for line in answer["pay"]}

    def _at(self, day: str) -> None:
        now = datetime.fromisoformat(day).replace(hour=9, tzinfo=UTC)
        for command in ("record.begin", "record.correct"):
            self._monkeypatch.setattr(f"scorecore_cli.commands.{command}.now", lambda: now)
        self._monkeypatch.setattr("scorecore_cli.record_file.now", lambda: now)

    def replays(self) -> None:
        for run in self.call("record", "replay", self._ledger)["runs"]:
            assert run["differences"] == []


def adjustments(payroll: Any) -> dict[tuple[str, str], Decimal]:
    """By person and line what a run pays of all earlier periods together."""
    amounts: dict[tuple[str, str], Decimal] = {}
    for adjustment in payroll["adjustments"]:
        key = (adjustment["employee"], adjustment["line"].removeprefix("pay."))
        amounts[key] = amounts.get(key, Decimal(0)) + Decimal(adjustment["amount"])
    return amounts


def test_d1_late_raise_late_bonus_and_a_reduction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """March pays +2,000 / +500 / +200 to Emma and +1,500 / +375 / +150 to Ben; April takes 2,320 / 580 / 232 back."""
    office = Office(tmp_path / "record.scorecore", "retro", monkeypatch)
    office.run("2024-01", "2024-01-31")
    office.run("2024-02", "2024-02-29")
    for period in ("2024-01", "2024-02"):
        office.correct(period, "2024-03-15")
    march = office.run("2024-03", "2024-03-31")
    assert adjustments(march) == {
        ("Emma", "base"): 2000,
        ("Emma", "tax"): 500,
        ("Emma", "insurance"): 200,
        ("Ben", "bonus"): 1500,
        ("Ben", "tax"): 375,
        ("Ben", "insurance"): 150,
    }
    assert office.pay("2024-03", "Emma")["pay.base"] == 5800
    assert office.pay("2024-03", "Ben")["pay.base"] == 3000
    for period in ("2024-02", "2024-03"):
        office.correct(period, "2024-04-10")
    april = office.run("2024-04", "2024-04-30")
    assert adjustments(april) == {("Emma", "base"): -2320, ("Emma", "tax"): -580, ("Emma", "insurance"): -232}
    assert office.pay("2024-04", "Emma")["pay.base"] == 4640
    paid = {payroll_row["employee"]: Decimal(payroll_row["to_pay"]) for payroll_row in april["payroll"]}
    assert paid == {"Ben": Decimal(3000) * Decimal("0.65"), "Emma": Decimal(4640 - 2320) * Decimal("0.65")}
    office.replays()


def test_d1_what_was_known_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """January as of its end, of March and of April: each is what was decided by then."""
    office = Office(tmp_path / "record.scorecore", "retro", monkeypatch)
    office.run("2024-01", "2024-01-31")
    office.correct("2024-01", "2024-03-15")
    assert office.pay("2024-01", "Emma", "--known-at", "2024-03-14")["pay.base"] == 4800
    assert office.pay("2024-01", "Emma", "--known-at", "2024-03-15")["pay.base"] == 5800
    assert office.pay("2024-01", "Ben")["pay.bonus"] == 1500


def test_d3_a_difference_that_is_paid_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 becomes 120 in its own month: a difference of 20, none of the flat 30; the next month has no adjustment."""
    office = Office(tmp_path / "record.scorecore", "corrective", monkeypatch)
    office.run("2024-01", "2024-01-31")
    answer = office.correct("2024-01", "2024-02-15", "--apart")
    (change,) = answer["changes"]
    assert change["lines"] == {"pay.salary": {"before": "100", "after": "120", "difference": "20"}}
    february = office.run("2024-02", "2024-02-29")
    assert february["adjustments"] == []
    assert office.pay("2024-02", "Emma") == {"pay.salary": 120, "pay.flat": 30}
    assert office.pay("2024-01", "Emma") == {"pay.salary": 120, "pay.flat": 30}
    office.replays()


def test_d7_a_version_counts_from_its_first_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """January is paid by the first value, February, whose first day the second begins on, by the second."""
    facts = tmp_path / "facts"
    facts.mkdir()
    (facts / "employee.csv").write_text("employee,name\nE1,Ann\n", encoding="utf-8")
    office = Office(tmp_path / "record.scorecore", "versions", monkeypatch)
    monkeypatch.setattr(office, "_facts", facts)
    for period, expected in (("2026-01", 1000), ("2026-02", 2000), ("2026-03", 3000)):
        office.run(period, f"{period}-28")
        assert office.pay(period, "E1") == {"pay.fixed": expected, "pay.by_day": expected}
    office.replays()
