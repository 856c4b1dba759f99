"""What must hold of decisions whatever the facts are; Hypothesis looks for facts that break it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from attrs import evolve
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
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn

Judge = Callable[[Iterable[str]], None]
"""Fails if there are faults."""
SEEDS = st.lists(st.integers(0, 2**32), min_size=1, max_size=12)
"""A seed for each subject."""
# always the same facts: whether a run fails is not left to chance
SETTINGS = settings(
    max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def check_evaluators(subject: Subject, judge: Judge) -> None:
    """Both evaluators say the same."""

    def check(program: Program, facts: Facts, _items: frozenset[str]) -> Iterator[str]:
        by_rows, by_columns = columns.evaluate_each(program, facts), columns.evaluate_batch(program, facts)
        for aspect, from_rows, from_columns in (
            ("results", _sort_rows(by_rows.frame), _sort_rows(by_columns.frame)),
            ("entries", _sort_rows(by_rows.entries), _sort_rows(by_columns.entries)),
            ("pay lines", _sort_rows(by_rows.pay), _sort_rows(by_columns.pay)),
            ("what is held", by_rows.held, by_columns.held),
        ):
            if from_rows != from_columns:
                yield f"{program.id}: {aspect}: rows give {from_rows}, columns {from_columns}"

    _check_programs(subject, check, judge)


def check_points(subject: Subject, judge: Judge) -> None:
    """Items stay within their points, and entries go the way that the scorer declares."""

    def check(program: Program, facts: Facts, items: frozenset[str]) -> Iterator[str]:
        decided = columns.evaluate_each(program, facts)
        for item in program.items:
            if item.step in items and item.points is not None:
                yield from _find_out_of_range(decided, item.step, item.points)
                yield from _find_wrong_signs(decided, item.step, opens_full=subject.scorer.opens_full)

    _check_programs(subject, check, judge)


def _find_out_of_range(decided: Decisions, item: str, full_points: Decimal) -> Iterator[str]:
    for points in decided.frame[item].drop_nulls().to_list():
        if not 0 <= points <= full_points:
            yield f"{item} is {points}, outside 0 to {full_points}"


def _find_wrong_signs(decided: Decisions, item: str, *, opens_full: bool) -> Iterator[str]:
    engine_reasons = {"opening", "floor", "cap"}
    for number, points in decided.entries.select("rule", "points").rows():
        rule = decided.program.ledger[number]
        if rule.account == item and rule.reason not in engine_reasons and (points > 0 if opens_full else points < 0):
            way = "opens full and gives" if opens_full else "opens empty and takes"
            yield f"{item} {way} points: {points} for `{rule.reason}`"


def _sort_rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a ledger in an order of their own."""
    return sorted(frame.rows(), key=repr)


def _check_programs(
    subject: Subject, check: Callable[[Program, Facts, frozenset[str]], Iterator[str]], judge: Judge
) -> None:
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
        facts = ingest_samples(program, draw_samples(program, seeds))
        if facts is not None:
            judge(check(program, facts, items))

    law()


def ingest_samples(program: Program, samples: Sequence[FactSample]) -> Facts | None:
    """The facts of some subjects as files would have them, taken in."""
    schema = program.schema
    period = program.period.period(program.period.example)
    assert period is not None  # noqa: S101  an example is one
    ids = [f"P{number:03}" for number in range(len(samples))]
    subjects = zip(ids, (sample.values for sample in samples), strict=True)
    raw = {schema.subject: _make_table(schema.subject, schema.columns, subjects, schema.subject)}
    for table in schema.events:
        rows = (
            (subject_id, row)
            for subject_id, sample in zip(ids, samples, strict=True)
            for row in sample.events[table.name]
        )
        rows = ((subject_id, row) for subject_id, row in rows if not table.common or subject_id == ids[0])
        made = _make_table(table.name, table.columns, rows, schema.subject)
        raw[table.name] = evolve(made, frame=made.frame.drop(schema.subject)) if table.common else made
    return ingest(program, period, raw, Diagnostics())


def _make_table(
    name: str, fact_columns: Sequence[FactColumn], rows: Iterable[tuple[str, Mapping[str, Any]]], subject: str
) -> RawTable:
    records = list(rows)
    cells: dict[str, list[str | None]] = {subject: [subject_id for subject_id, _ in records]}
    cells |= {column.name: [_print_cell(record.get(column.name)) for _, record in records] for column in fact_columns}
    return RawTable(pl.DataFrame({head: pl.Series(texts, dtype=pl.String) for head, texts in cells.items()}), name)


def _print_cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value).lower() if isinstance(value, bool) else str(value)
