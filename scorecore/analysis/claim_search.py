"""Facts that may break a claim: single samples, and pairs of which the second has more of one fact and nothing else.

Facts are drawn from a fixed seed, so that a policy always gets the same answer. Half of them are those of the policy's
cases with a few changes, half lie where a condition changes, and half of the events that are added are like another.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import define, evolve, field

from scorecore.analysis.borders import BorderSearch
from scorecore.analysis.cases.read import PreparedCase
from scorecore.analysis.directions import order_grades
from scorecore.analysis.samples import FactSample, FactSampler, SampleRow, event_key
from scorecore.evaluate.groups import add_group_values
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period
from scorecore.values.ratio import Ratio
from scorecore.values.types import PLACES, Value, from_units, to_units
from scorecore.values.unknown import Maybe, Unknown

OTHERS: Final = 2
"""So many other subjects a sample has where the program compares subjects."""
_CHANGES: Final = 3
"""Of a case, at most."""
_REDRAWS: Final = 4
FactPair = tuple[FactSample, FactSample]


@define
class ClaimSearch:
    """Draws facts of a program, and decides them."""

    program: Program
    seeds: Sequence[FactSample] = ()
    """What cases have."""
    grades: Mapping[Value, int] = field(init=False)
    sampler: FactSampler = field(init=False)
    borders: BorderSearch = field(init=False)
    evaluators: dict[tuple[Period, frozenset[str]], SubjectEvaluator] = field(init=False, factory=dict)
    """By the period and the steps that they compute."""

    def __attrs_post_init__(self) -> None:
        self.grades = order_grades(self.program)
        self.sampler = FactSampler(self.program)
        self.borders = BorderSearch(self.program, self.sampler, self.find_evaluator, self.decide)

    def find_evaluator(self, period: Period, part: Program | None = None) -> SubjectEvaluator:
        """What decides a period by the program, or by a part of it."""
        program = part or self.program
        key = (period, frozenset(step.name for step in program.steps))
        if key not in self.evaluators:
            self.evaluators[key] = SubjectEvaluator.of(program, period)
        return self.evaluators[key]

    def draw_facts(self, number: int) -> FactSample:
        """Facts, of which every second sample lies where a condition changes, and every fourth where two do."""
        random = self.sampler.random
        sample = self._change_case(random.pick(self.seeds)) if self.seeds and random.below(2) else self._draw_anything()
        for _ in range((0, 1, 0, 2)[number % 4]):
            sample = self.borders.move(sample) or sample
        return sample

    def _draw_anything(self) -> FactSample:
        sample = self.sampler.draw_sample()
        return evolve(sample, others=self._draw_others(sample))

    def _draw_others(self, sample: FactSample) -> Sequence[FactSample]:
        """Where subjects are compared, some others; of four times they are three times in the same group."""
        if not self.program.grouped:
            return ()
        others = [self.sampler.draw_sample() for _ in range(OTHERS)]
        same = {
            group.by: sample.values[group.by]
            for group in self.program.groups
            if group.by in sample.values and self.sampler.random.below(4)
        }
        return [evolve(other, values={**other.values, **same}, period=sample.period) for other in others]

    def _change_case(self, sample: FactSample) -> FactSample:
        """The facts of a case with a few changes."""
        if not sample.others:
            sample = evolve(sample, others=self._draw_others(sample))
        for _ in range(self.sampler.random.below(_CHANGES + 1)):
            sample = self._change(sample)
        return sample

    def _change(self, sample: FactSample) -> FactSample:
        """Another value of a fact or of a field, or one event less."""
        random, schema = self.sampler.random, self.program.schema
        tables = [table for table in schema.events if sample.events[table.name]]
        if tables and (not schema.columns or random.below(2)):
            table = random.pick(tables)
            rows = list(sample.events[table.name])
            number, column = random.below(len(rows)), random.pick(table.columns)
            if column.name in table.key or column.name == table.dated_by:
                del rows[number]
            else:
                rows[number] = {**rows[number], column.name: self.sampler.draw_value(column)}
            return evolve(sample, events={**sample.events, table.name: rows})
        if not schema.columns:
            return sample
        column = random.pick(schema.columns)
        return evolve(sample, values={**sample.values, column.name: self.sampler.draw_value(column)})

    # pairs

    def draw_pair(self, name: str, number: int) -> FactPair | None:
        """Facts, and the same with one more event of a table, or a greater number; None if the draw is neither."""
        less = self.draw_facts(number)
        table = next((table for table in self.program.schema.events if table.name == name), None)
        if table:
            return self._add_event(table, less)
        column = next(column for column in self.program.schema.columns if column.name == name)
        return self._raise_number(column, less, number)

    def _add_event(self, table: EventTable, less: FactSample) -> FactPair | None:
        present, random = less.events[table.name], self.sampler.random
        event = self.sampler.draw_event(table, less.period)
        if present and random.below(2):
            keys = {name: event[name] for name in table.key if name != table.dated_by}
            event = {**random.pick(present), **keys}
        if event_key(table, event) in {event_key(table, existing) for existing in present}:
            return None
        return less, evolve(less, events={**less.events, table.name: [*present, event]})

    def _raise_number(self, column: FactColumn, less: FactSample, number: int) -> FactPair | None:
        """From what is drawn by the smallest step, or to or from another number, which may lie at a border."""
        before = less.values[column.name]
        if not isinstance(before, int | Decimal):
            before = self.sampler.draw_number(column.type)
            less = evolve(less, values={**less.values, column.name: before})
        after: object = before
        if number % 3 == 1:
            at_border = self.borders.move(less, column)
            after = at_border.values[column.name] if at_border else before
        elif number % 3:
            following = before + (from_units(10 ** (PLACES - column.type.places)) if column.type.is_decimal else 1)
            after = following if to_units(following) <= column.type.high else before
        for _ in range(_REDRAWS):
            after = self.sampler.draw_number(column.type) if after == before else after
        if not isinstance(after, int | Decimal) or after == before:
            return None
        low, high = min(before, after), max(before, after)
        return _with(less, column.name, low), _with(less, column.name, high)

    # decisions

    def rank(self, value: Value | Ratio) -> int | Decimal | Ratio:
        """A number as it is, and the place of a grade, the best with the greatest."""
        place = self.grades.get(value) if isinstance(value, str) else value
        assert isinstance(place, int | Decimal | Ratio)  # noqa: S101  a claim is about numbers and grades
        return place

    def decide(self, sample: FactSample) -> Mapping[str, Maybe]:
        """The value of every step, among the others of the sample."""
        return self.find_evaluator(sample.period).decide(self.read_facts(sample)).by_name

    def read_facts(self, sample: FactSample) -> SubjectFacts:
        """The facts of the subject, with what its groups make of the others."""
        common = {table.name: sample.events[table.name] for table in self.program.schema.events if table.common}
        others = [evolve(other, events={**other.events, **common}) for other in sample.others]
        population = [self._read(each, str(number)) for number, each in enumerate((sample, *others))]
        facts = population[0]
        if self.program.grouped:

            def decide_all(part: Program, members: Iterable[SubjectFacts]) -> list[Outcome]:
                return self.find_evaluator(sample.period, part).decide_all(members)

            facts = add_group_values(self.program, population, decide_all)[0]
        return facts

    def _read(self, sample: FactSample, subject: str) -> SubjectFacts:
        return subject_facts(self.program, sample.period, subject, sample.values, sample.events, history=sample.history)


def _with(sample: FactSample, name: str, value: Decimal | int) -> FactSample:
    return evolve(sample, values={**sample.values, name: value})


def sample_cases(cases: Iterable[PreparedCase], program: Program) -> list[FactSample]:
    """The facts of the cases in which everything is known."""
    return [sample for case in cases if (sample := _sample_case(case, program))]


def _sample_case(case: PreparedCase, program: Program) -> FactSample | None:
    population = case.population or (case.facts,)
    samples = [_sample_subject(facts, program, case.evaluator.context.period) for facts in population]
    subject, *others = samples
    return subject and evolve(subject, others=[other for other in others if other])


def _sample_subject(facts: SubjectFacts, program: Program, period: Period) -> FactSample | None:
    columns = [column.name for column in program.schema.columns]
    values = {name: value for name in columns if not isinstance(value := facts.values[name], Unknown)}
    events = {table.name: _know_rows(facts, table.name) for table in program.schema.events}
    known = {name: rows for name, rows in events.items() if rows is not None}
    if len(values) < len(columns) or len(known) < len(events):
        return None
    return FactSample(values, known, _know_rows(facts, HISTORY) or (), period)


def _know_rows(facts: SubjectFacts, table: str) -> list[SampleRow] | None:
    """The rows of a table, of which none has anything unknown."""
    rows = facts.rows.get(table, ())
    if isinstance(rows, Unknown):
        return None
    known = [{name: value for name, value in row.items() if not isinstance(value, Unknown)} for row in rows]
    return known if known == [dict(row) for row in rows] else None
