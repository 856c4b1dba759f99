"""Looks for facts that break what a policy claims of itself: `[[monotone]]`.

The search makes facts by arithmetic from a fixed seed, with the edges of the policy among them, so that one policy
always gets one answer. That nothing was found is no proof; what was found is a counterexample.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import define, evolve, field, frozen

from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import EventTable, FactColumn, MonotoneClaim, Program, program_constants
from scorecore.values.period import Period
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    from_units,
    to_units,
)
from scorecore.values.unknown import Unknown

TRIES: Final = 400
"""Pairs of facts for each claim."""
_MAX_EVENTS: Final = 4


@frozen
class FactSample:
    """Facts of one subject."""

    values: Mapping[str, Any]
    events: Mapping[str, Sequence[Mapping[str, Any]]]
    history: Sequence[Mapping[str, Any]]


@frozen
class Counterexample:
    """A result that goes where it never should, though there is only more of what the claim names."""

    result: str
    less: FactSample
    more: FactSample
    before: Decimal | int
    after: Decimal | int


@frozen
class ClaimResult:
    """A claim, how many pairs of facts were decided, and what breaks it."""

    claim: MonotoneClaim
    pairs: int
    counterexample: Counterexample | None


def try_claims(program: Program) -> list[ClaimResult]:
    """Every claim of a program."""
    return [_ClaimSearch(program).tried(claim) for claim in program.monotone]


def draw_samples(program: Program, seeds: Sequence[int]) -> list[FactSample]:
    """Facts of subjects, each made from a number of its own: the same number, the same facts."""
    search = _ClaimSearch(program)

    def made(seed: int) -> FactSample:
        search.chance = _Chance(seed)
        return search.situation()

    return list(map(made, seeds))


@define
class _Chance:
    """Numbers without a pattern, the same ones always: splitmix64."""

    state: int = 20240501

    def below(self, count: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        mixed = self.state
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> shift)) * factor % 2**64
        return (mixed ^ (mixed >> 31)) % count

    def pick(self, of: Sequence[Any]) -> Any:  # noqa: ANN401  an item
        return of[self.below(len(of))]


@define
class _ClaimSearch:
    program: Program
    chance: _Chance = field(factory=_Chance)
    period: Period = field(init=False)
    decider: SubjectEvaluator = field(init=False)
    edges: list[int] = field(init=False)
    """Numbers that the program compares with, in units."""
    texts: list[str] = field(init=False)
    """Texts that it compares with."""

    def __attrs_post_init__(self) -> None:
        program = self.program
        period = program.period.period(program.period.example)
        assert period is not None  # noqa: S101  an example is one
        self.period = period
        self.decider = SubjectEvaluator.of(program, period)
        found = list(program_constants(program))
        numbers = {to_units(one) for one in found if isinstance(one, int | Decimal) and not isinstance(one, bool)}
        self.edges = sorted(numbers)
        self.texts = sorted({one for one in found if isinstance(one, str)}) or ["a", "b"]

    def tried(self, claim: MonotoneClaim) -> ClaimResult:
        for number in range(TRIES):
            less = self.situation()
            more = self.more(claim.more, less)
            found = more and self.broken(claim, less, more)
            if found:
                return ClaimResult(claim, number + 1, self.smaller(claim, found))
        return ClaimResult(claim, TRIES, None)

    # facts

    def situation(self) -> FactSample:
        schema = self.program.schema
        values = {one.name: self.value(one) for one in schema.columns}
        events = {one.name: list(self.rows(one)) for one in schema.events}
        past = [
            {AGO: ago} | {one.name: self.value(one) for one in schema.history}
            for ago in range(1, 1 + self.chance.below(4))
        ]
        return FactSample(values, events, past)

    def rows(self, of: EventTable) -> Iterator[dict[str, Any]]:
        keys = set()
        for _ in range(self.chance.below(_MAX_EVENTS + 1)):
            row = self.row(of)
            if of.key and self.key(of, row) not in keys:
                keys.add(self.key(of, row))
                yield row

    def row(self, of: EventTable) -> dict[str, Any]:
        row = {one.name: self.value(one) for one in of.columns}
        if of.dated_by:
            day = self.period.start + timedelta(days=self.chance.below(self.period.days))
            row[of.dated_by] = datetime.combine(day, time(9)) if isinstance(row[of.dated_by], datetime) else day
        for column in of.columns:
            if column.name in of.key and column.type.kind is TypeKind.STRING and column.type.among is None:
                row[column.name] = f"N{self.chance.below(1000)}"
        return row

    def key(self, of: EventTable, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in of.key)

    def value(self, column: FactColumn) -> Any:  # noqa: ANN401  a value of any type
        if column.optional and not self.chance.below(4):
            return None
        of = column.type
        match of.kind:
            case TypeKind.BOOL:
                return bool(self.chance.below(2))
            case TypeKind.STRING:
                return self.chance.pick(of.among or self.texts)
            case TypeKind.INT | TypeKind.DECIMAL:
                return self.number(of)
        day = self.period.start + timedelta(days=self.chance.below(460) - 400)
        if of.kind is TypeKind.DATE:
            return day
        return datetime.combine(day, time(self.chance.below(24), self.chance.below(60)))

    def number(self, of: Type) -> Decimal | int:
        step = 10 ** (PLACES - of.places)
        near = [edge + by for edge in self.edges for by in (-step, 0, step)]
        most = max([10 * 10**PLACES, *map(abs, self.edges)]) * 2
        low, high = max(of.low, -most), min(of.high, most)
        fitting = [one for one in (of.low, 0, *near) if of.low <= one <= of.high] or [of.low]
        if low < high and self.chance.below(2):
            fitting = [low + self.chance.below(high - low + 1)]
        whole = max(-(-of.low // step), self.chance.pick(fitting) // step) * step
        return from_units(whole) if of.is_decimal else whole // 10**PLACES

    # claims

    def more(self, what: str, than: FactSample) -> FactSample | None:
        """The same facts with one more event, or a greater number; None if there is none."""
        table = next((one for one in self.program.schema.events if one.name == what), None)
        if table:
            row = self.row(table)
            if self.key(table, row) in {self.key(table, one) for one in than.events[what]}:
                return None
            return evolve(than, events={**than.events, what: [*than.events[what], row]})
        column = next(one for one in self.program.schema.columns if one.name == what)
        value, before = self.number(column.type), than.values[what]
        greater = before is not None and value > before
        return evolve(than, values={**than.values, what: value}) if greater else None

    def results(self, of: FactSample) -> dict[str, Any]:
        given = subject_facts(self.program, self.period, "", of.values, of.events, history=of.history)
        outcome = self.decider.decide(given)
        return dict(zip((step.name for step in self.program.steps), outcome.values, strict=True))

    def broken(self, claim: MonotoneClaim, less: FactSample, more: FactSample) -> Counterexample | None:
        before, after = self.results(less), self.results(more)
        for name in claim.of:
            one, other = before[name], after[name]
            if isinstance(one, Unknown) or isinstance(other, Unknown):
                continue
            if other > one if claim.never == "raises" else other < one:
                return Counterexample(name, less, more, one, other)
        return None

    def smaller(self, claim: MonotoneClaim, found: Counterexample) -> Counterexample:
        """The same with every event left out that is not needed."""
        for table, rows in found.less.events.items():
            for row in rows:
                pair = [
                    evolve(one, events={**one.events, table: [each for each in one.events[table] if each != row]})
                    for one in (found.less, found.more)
                ]
                found = self.broken(claim, *pair) or found
        without = [evolve(one, history=()) for one in (found.less, found.more)]
        return self.broken(claim, *without) or found


def describe_sample(of: FactSample, program: Program) -> Iterator[tuple[str, str]]:
    """The facts of a situation, each with its name as the policy has it."""
    for column in program.schema.columns:
        value = of.values[column.name]
        if value is not None:
            yield column.label or column.name, _text(value)
    for table in program.schema.events:
        for row in of.events[table.name]:
            named = ((one.label or one.name, row[one.name]) for one in table.columns)
            yield (
                table.label or table.name,
                ", ".join(f"{name} {_text(value)}" for name, value in named if value is not None),
            )
    for row in of.history:
        yield HISTORY, ", ".join(f"{name} {_text(value)}" for name, value in row.items() if value is not None)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
