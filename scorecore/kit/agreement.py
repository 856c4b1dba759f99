"""What must hold of decisions whatever the facts are; Hypothesis looks for facts that break it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecore.analysis.samples import FactSample, draw_samples
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.batch import evaluator as columns
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.ingest import ingest
from scorecore.facts.model import Facts
from scorecore.facts.raw import RawTable
from scorecore.kit.subject import Subject
from scorecore.program.model import FactColumn, Program

Judge = Callable[[Iterable[str]], None]
"""Fails if there are faults."""
SEEDS = st.lists(st.integers(0, 2**32), min_size=1, max_size=12)
"""A seed for each subject."""
# always the same facts: a run that fails is no matter of luck
SETTINGS = settings(
    max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def rows_and_columns(subject: Subject, judge: Judge) -> None:
    """Both evaluators say the same."""

    def check(program: Program, facts: Facts, _items: frozenset[str]) -> Iterator[str]:
        one, other = columns.evaluate_each(program, facts), columns.evaluate_batch(program, facts)
        for what, mine, theirs in (
            ("results", _rows(one.frame), _rows(other.frame)),
            ("entries", _rows(one.entries), _rows(other.entries)),
            ("lines of pay", _rows(one.pay), _rows(other.pay)),
            ("what is held", one.held, other.held),
        ):
            if mine != theirs:
                yield f"{program.id}: {what}: rows give {mine}, columns {theirs}"

    _tried(subject, check, judge)


def points(subject: Subject, judge: Judge) -> None:
    """Items stay within their points, and entries go the way that the scorer declares."""

    def check(program: Program, facts: Facts, items: frozenset[str]) -> Iterator[str]:
        decided = columns.evaluate_each(program, facts)
        for item in program.items:
            if item.step in items and item.points is not None:
                yield from _outside(decided, item.step, item.points)
                yield from _wrong_way(decided, item.step, opens_full=subject.scorer.opens_full)

    _tried(subject, check, judge)


def _outside(decided: Decisions, item: str, most: Decimal) -> Iterator[str]:
    for value in decided.frame[item].drop_nulls().to_list():
        if not 0 <= value <= most:
            yield f"{item} is {value}, outside 0 to {most}"


def _wrong_way(decided: Decisions, item: str, *, opens_full: bool) -> Iterator[str]:
    own = {"opening", "floor", "cap"}  # the engine's
    for number, value in decided.entries.select("rule", "points").rows():
        rule = decided.program.ledger[number]
        if rule.account == item and rule.reason not in own and (value > 0 if opens_full else value < 0):
            way = "opens full and gives" if opens_full else "opens empty and takes"
            yield f"{item} {way} points: {value} for `{rule.reason}`"


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a ledger in an order of their own."""
    return sorted(frame.rows(), key=repr)


def _tried(subject: Subject, check: Callable[[Program, Facts, frozenset[str]], Iterator[str]], judge: Judge) -> None:
    for program, items in subject.programs:
        _law(program, items, check, judge)


def _law(
    program: Program,
    items: frozenset[str],
    check: Callable[[Program, Facts, frozenset[str]], Iterator[str]],
    judge: Judge,
) -> None:
    @SETTINGS
    @given(SEEDS)
    def law(seeds: list[int]) -> None:
        facts = facts_of(program, draw_samples(program, seeds))
        if facts is not None:
            judge(check(program, facts, items))

    law()


def facts_of(program: Program, several: Sequence[FactSample]) -> Facts | None:
    """The facts of some subjects as files would have them, taken in."""
    schema = program.schema
    period = program.period.period(program.period.example)
    assert period is not None  # noqa: S101  an example is one
    who = [f"P{number:03}" for number in range(len(several))]
    people = zip(who, (one.values for one in several), strict=True)
    raw = {schema.subject: _table(schema.subject, schema.columns, people, schema.subject)}
    for table in schema.events:
        rows = ((name, row) for name, one in zip(who, several, strict=True) for row in one.events[table.name])
        raw[table.name] = _table(table.name, table.columns, rows, schema.subject)
    return ingest(program, period, raw, Diagnostics())


def _table(
    name: str, of: Sequence[FactColumn], rows: Iterable[tuple[str, Mapping[str, Any]]], subject: str
) -> RawTable:
    known = list(rows)
    cells: dict[str, list[str | None]] = {subject: [who for who, _ in known]}
    cells |= {one.name: [_text(row.get(one.name)) for _, row in known] for one in of}
    return RawTable(pl.DataFrame({head: pl.Series(texts, dtype=pl.String) for head, texts in cells.items()}), name)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value).lower() if isinstance(value, bool) else str(value)
