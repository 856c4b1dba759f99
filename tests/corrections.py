"""Months of a small policy that are recorded and corrected, for the tests of corrections."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from laws import HEAD
from recording import NOW
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.plugins import installed, load_scorers
from scorecore.program.model import Program
from scorecore.record.corrections.correct import Correction, correct
from scorecore.record.log.log import Log
from scorecore.record.record_run import Signed, record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append

POLICY: Final = (
    HEAD
    + """
[facts.person]
award = { type = "decimal", min = -100, max = 100 }
fault = { type = "bool" }
team = { type = "string", among = ["a", "b"] }

[groups.team]
by = "team"
held = "exclude"
ties = "first"

[values.balance]
is = "greatest(carry.bank + award, 0)"

[values.place]
is = 'rank(award, "team")'

[[pay]]
id = "paid"
kind = "release"
amount = "balance * 0.5"

[[pay]]
id = "prize"
kind = "reward"
when = "place == 1"
amount = "10"

[[pay]]
id = "fine"
kind = "fine"
when = "fault"
amount = "3"

[carry.bank]
min = 0
opens = 0
closes = "balance - pay.paid"
"""
)
PEOPLE: Final = ("1001", "1002", "1003")
MONTHS: Final = ("2024-01", "2024-02", "2024-03")
Fact = tuple[str | None, str | None, str]
Month = Sequence[Fact]


def compiled(text: str) -> Program:
    program, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert program is not None, [str(problem.message()) for problem in diagnostics]
    return program


PROGRAM: Final = compiled(POLICY)


def raw(months: Mapping[str, Month]) -> dict[str, RawTable]:
    """The facts of several months; the months before them are known to be empty."""
    rows = [
        (who, period, award, fault, team)
        for period, facts in months.items()
        for who, (award, fault, team) in zip(PEOPLE, facts, strict=True)
    ]
    names = ("person", "period", "award", "fault", "team")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    past = pl.DataFrame(schema=dict.fromkeys(("person", "period", "carry.bank"), pl.String))
    return {"person": RawTable(frame, "person"), HISTORY: RawTable(past, HISTORY)}


def decided(period: str, months: Mapping[str, Month], past: pl.DataFrame | None = None) -> Decisions:
    tables = raw({period: months[period]})
    if past is not None:
        tables[HISTORY] = RawTable(past, HISTORY)
    decided_period = PROGRAM.period.period(period)
    assert decided_period is not None
    decisions = PeriodRunner(PROGRAM).decide(decided_period, tables, Diagnostics())
    assert decisions is not None
    return decisions


def run(log: Log, period: str, months: Mapping[str, Month], **options: Any) -> Signed:
    """Decide a month by what the record has, and record it."""
    recorded = Recorded.read(log)
    decisions = decided(period, months, recorded.history(PROGRAM, period))
    return record_run(log, decisions, {"p@1": POLICY.encode()}, now=NOW, engine="test", recorded=recorded, **options)


def corrected(log: Log, period: str, months: Mapping[str, Month], **options: Any) -> Correction:
    recorded = Recorded.read(log)
    decisions = decided(period, months, recorded.history(PROGRAM, period))
    pins = Pins.again(recorded.log, recorded.of(PROGRAM.id, period)[-1], "test")
    correction = correct(recorded, decisions, pins, reason="late", **options)
    if correction.drafts:
        append(log, correction.drafts, now=NOW, after=recorded.size)
    return correction
