"""Period after period: the decisions of earlier ones are the history of the later."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from scorecore.columns.evaluate import evaluate, one_by_one
from scorecore.decisions import Decisions
from scorecore.expressions import HISTORY
from scorecore.facts.intake import PERIOD_HEADINGS, RawTable, periods_in, take_in
from scorecore.periods import Period
from scorecore.problems import Problems
from scorecore.program import Program
from scorecore.tables import decisions_table

FEW: Final = 1000
"""Below so many subjects one by one is faster than columns."""


def decide(
    program: Program,
    period: Period,
    raw: Mapping[str, RawTable],
    problems: Problems,
    *,
    ledgers: bool = True,
    evaluator: str = "auto",
    report: Callable[[Period], None] | None = None,
) -> Decisions | None:
    """The decisions of a period; None if there is nobody to decide about.

    Where the program reads history, earlier periods that the facts have, and the history has not, are decided first.
    `evaluator` is `rows`, `columns` or `auto`; `report` is told each period before it is decided.
    """
    tables = with_history(program, period, raw, evaluator=evaluator, report=report)
    if report:
        report(period)
    return _decide(program, period, tables, problems, ledgers=ledgers, evaluator=evaluator)


def with_history(
    program: Program,
    period: Period,
    raw: Mapping[str, RawTable],
    *,
    evaluator: str = "auto",
    report: Callable[[Period], None] | None = None,
) -> dict[str, RawTable]:
    """The tables, with decisions of the earlier periods that the program could read."""
    tables = dict(raw)
    for earlier in _earlier(program, period, tables) if program.schema.history else ():
        if report:
            report(earlier)
        # what is wrong with the facts of an earlier period shows in what it leaves undecided
        made = _decide(program, earlier, tables, Problems(), ledgers=False, evaluator=evaluator)
        if made is not None:
            tables[HISTORY] = _appended(tables.get(HISTORY), decisions_table(made))
    return tables


def _decide(
    program: Program,
    period: Period,
    raw: Mapping[str, RawTable],
    problems: Problems,
    *,
    ledgers: bool,
    evaluator: str,
) -> Decisions | None:
    facts = take_in(program, period, raw, problems)
    if facts is None:
        return None
    if evaluator == "rows" or (evaluator == "auto" and len(facts) < FEW):
        return one_by_one(program, facts)
    return evaluate(program, facts, ledgers=ledgers)


def _earlier(program: Program, period: Period, raw: Mapping[str, RawTable]) -> list[Period]:
    """The periods before one that have facts, but no decisions yet; those before the policy was in force have none."""
    subjects, past = raw.get(program.schema.subject), raw.get(HISTORY)
    decided = set(periods_in(past)) if past else set()
    labels = [label for label in periods_in(subjects) if label not in decided] if subjects else []
    found = filter(None, map(program.period.period, labels))
    return sorted(one for one in found if one.end < period.start and program.in_force(one))


def _appended(past: RawTable | None, made: pl.DataFrame) -> RawTable:
    """The history with the decisions of one more period."""
    text = made.cast(pl.String)
    if past is None or not past.frame.width:
        return RawTable(text, HISTORY)
    heading = next((one for one in PERIOD_HEADINGS if one in past.frame.columns), "period")
    frame = pl.concat([past.frame.cast(pl.String), text.rename({"period": heading})], how="diagonal")
    return RawTable(frame, past.source, past.first_row)
