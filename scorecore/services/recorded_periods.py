"""The periods that a record has: what was decided in each, and of one of them everybody's decision."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.decisions import NET, Decisions, from_outcomes
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import ROW, Facts, SubjectFacts
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.record.log.entries import LogEntry
from scorecore.record.people.proposals import Proposal
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.payload import Payload, ResultWriter
from scorecore.record.runs.recorded import Recorded
from scorecore.values.canonical_json import encode
from scorecore.values.types import PLACES, TypeKind, to_units
from scorecore.values.unknown import Unknown


@frozen
class PeriodSummary:
    """What is in force in a period, in figures."""

    policy: str
    """Its id."""
    title: str
    currency: str
    period: str
    runs: tuple[Run, ...]
    """The first, and the corrections after it."""
    people: int
    held: int
    net: Decimal | None
    """None where the policy has no pay."""
    erased: int

    @property
    def recorded_at(self) -> datetime:
        return self.runs[-1].at


def list_periods(recorded: Recorded) -> list[tuple[str, str]]:
    """The policies and periods that were decided, in the order of the record."""
    return list(dict.fromkeys((run.id, run.period) for run in recorded.runs))


def as_approved(recorded: Recorded, proposal: Proposal) -> Recorded:
    """What would be in force if what waits for approval were approved."""
    return evolve(recorded, runs=(*recorded.runs, *proposal.runs))


def summarize_period(recorded: Recorded, policy: str, period: str) -> PeriodSummary:
    """What is in force in a period; raises RecordRejected."""
    runs = tuple(recorded.of(policy, period))
    program = recorded.program(runs[-1])
    standings = recorded.standing(policy, period).values()
    results = [standing.payload.result for standing in standings if standing.payload]
    net = sum((Decimal(result["values"].get(NET) or 0) for result in results), Decimal(0)) if program.pay else None
    held = sum(bool(result.get("held")) for result in results)
    erased = sum(standing.payload is None for standing in standings)
    return PeriodSummary(policy, program.title, program.currency, period, runs, len(results), held, net, erased)


@frozen
class RecordedDecision:
    """What is in force for one subject who was not erased."""

    run: Run
    entry: LogEntry
    payload: Payload

    @property
    def facts(self) -> SubjectFacts:
        return self.payload.facts


@frozen(eq=False)
class RecordedPeriod:
    """Everybody's decision in a period, by the program of its last run."""

    program: Program
    run: Run
    evaluator: SubjectEvaluator
    people: tuple[RecordedDecision, ...]
    """In the order of their ids."""
    decisions: Decisions
    """Of the same people in the same order; their entries name no rows of events."""
    differing: tuple[str, ...]
    """Whose recorded decision is not what its facts give today: a replay says where."""


def read_period(recorded: Recorded, policy: str, period: str) -> RecordedPeriod:
    """What is in force for everybody; raises RecordRejected, and LookupError where nothing is recorded."""
    runs = recorded.of(policy, period)
    if not runs:
        raise LookupError(period)
    program = recorded.program(runs[-1])
    decided_period = program.period.period(period)
    assert decided_period is not None  # noqa: S101  the program of the run has decided it
    evaluator = SubjectEvaluator.of(program, decided_period)
    people = tuple(sorted(_read_people(recorded, policy, period), key=lambda person: person.facts.subject))
    outcomes = [evaluator.decide(person.facts) for person in people]
    results = ResultWriter(program)
    differing = tuple(
        person.facts.subject
        for person, outcome in zip(people, outcomes, strict=True)
        if encode(results.write(outcome)) != encode(person.payload.result)
    )
    facts = build_facts(program, evaluator, [person.facts for person in people])
    no_rows = pl.zeros(len(people), pl.UInt32, eager=True)
    starts = {table.name: no_rows for table in program.schema.events}
    decisions = from_outcomes(program, facts, outcomes, range(len(people)), starts)
    return RecordedPeriod(program, runs[-1], evaluator, people, decisions, differing)


def _read_people(recorded: Recorded, policy: str, period: str) -> Iterator[RecordedDecision]:
    for standing in recorded.standing(policy, period).values():
        if standing.payload is not None:
            yield RecordedDecision(standing.run, standing.entry, standing.payload)


def build_facts(program: Program, evaluator: SubjectEvaluator, people: Sequence[SubjectFacts]) -> Facts:
    """The facts of some subjects in columns, without their events."""
    ids = pl.Series("id", [person.subject for person in people], dtype=pl.String)
    rows = pl.zeros(len(people), pl.UInt32, eager=True).alias(ROW)
    columns = [_column(column, people) for column in program.schema.columns]
    return Facts(evaluator.context.period, ids, pl.DataFrame([rows, *columns]), {})


def _column(column: FactColumn, people: Sequence[SubjectFacts]) -> pl.Series:
    cells = [person.values.get(column.name) for person in people]
    values = [None if isinstance(cell, Unknown) else cell for cell in cells]
    if column.type.is_number:
        cut = 10 ** (PLACES - column.type.places)
        units = [to_units(value) // cut if isinstance(value, int | Decimal) else None for value in values]
        return pl.Series(column.name, units, dtype=pl.Int128).cast(get_physical_dtype(column.type), strict=False)
    if column.type.kind is TypeKind.STRING:
        return pl.Series(column.name, values, dtype=pl.String).cast(get_physical_dtype(column.type), strict=False)
    return pl.Series(column.name, values, dtype=get_physical_dtype(column.type))
