"""A period beside the one before it: who is new or gone, what the totals were and are, and whose result moved most.

Both sides are plain tables of text and amounts, so that it does not matter whether the period before was decided just
now or stands in a record.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext
from typing import Final

import polars as pl
from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import NET, Decisions
from scorecore.facts.model import SUBJECT
from scorecore.facts.readable import select_readable
from scorecore.program.model import Program
from scorecore.values.ratio import EXACT
from scorecore.values.step_id import SCORE_TOTAL

ID: Final = "#id"
RESULT: Final = "#result"
_MOST_MOVED: Final = 5
_MANY: Final = 5
"""One new person among so many is many."""
_FEWEST_MANY: Final = 3
_MAX_NAMED: Final = 10
"""How many people a sentence names."""


@frozen(eq=False)
class PeriodSide:
    """What one period had and gave, for comparing it with another one."""

    label: str
    subjects: pl.DataFrame
    """ID, the facts as text, and RESULT: net pay, or the total score; null where it is held."""
    events: Mapping[str, pl.DataFrame] = field(factory=dict)
    """By table ID and the fields as text."""

    @property
    def ids(self) -> set[str]:
        return set(self.subjects[ID])


def describe_side(decisions: Decisions) -> PeriodSide:
    """The side of decisions that were made just now."""
    program, facts = decisions.program, decisions.facts
    columns = program.schema.columns
    result = find_result(program)
    subjects = [facts.ids.alias(ID), *select_readable(facts.subjects, columns).iter_columns()]
    if result:
        subjects.append(decisions.frame[result].alias(RESULT))
    events = {
        table.name: pl.DataFrame(
            [
                facts.ids.gather(rows.frame[SUBJECT]).alias(ID),
                *select_readable(rows.frame, table.columns).iter_columns(),
            ]
        )
        for table in program.schema.events
        if table.use is None and (rows := facts.rows.get(table.name)) is not None
    }
    return PeriodSide(
        facts.period.label, as_texts(pl.DataFrame(subjects)), {name: as_texts(rows) for name, rows in events.items()}
    )


def find_result(program: Program) -> str:
    """What is compared person by person: net pay, else the total; empty if there is neither."""
    if program.pay:
        return NET
    return SCORE_TOTAL if program.has_step(SCORE_TOTAL) else ""


def as_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """A table with the facts as canonical text, whatever decimal places they were held with."""
    texts = []
    for name, dtype in frame.schema.items():
        if name in {ID, RESULT}:
            continue
        text = pl.col(name).cast(pl.String)
        if isinstance(dtype, pl.Decimal):
            text = text.str.replace(r"\.?0+$", "") if dtype.scale else text
        elif dtype == pl.Datetime:
            text = pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S")
        texts.append(text.alias(name))
    return frame.with_columns(texts)


@frozen
class TotalChange:
    """One figure of both periods: people, rows of a table, the sum of a fact, or of the results."""

    kind: str
    """`people`, `rows`, `fact` or `result`."""
    name: str
    before: Decimal
    current: Decimal


@frozen
class Mover:
    """One person whose result differs."""

    subject: str
    before: Decimal
    current: Decimal


@frozen(eq=False)
class Reconciliation:
    """A period beside the one before."""

    program: Program
    before: PeriodSide
    current: PeriodSide

    @property
    def new(self) -> list[str]:
        return sorted(self.current.ids - self.before.ids)

    @property
    def gone(self) -> list[str]:
        return sorted(self.before.ids - self.current.ids)

    def totals(self) -> Iterator[TotalChange]:
        """People, rows of events, sums of facts that are numbers, and the sum of the results."""
        sides = (self.before, self.current)
        yield TotalChange("people", "", *(Decimal(len(side.subjects)) for side in sides))
        for table in self.program.schema.events:
            if all(table.name in side.events for side in sides):
                yield TotalChange("rows", table.name, *(Decimal(len(side.events[table.name])) for side in sides))
        for column in self.program.schema.columns:
            if column.type.is_number and all(column.name in side.subjects.columns for side in sides):
                yield TotalChange(
                    "fact",
                    column.name,
                    *(_add(map(Decimal, side.subjects[column.name].drop_nulls())) for side in sides),
                )
        if all(RESULT in side.subjects.columns for side in sides):
            results = (side.subjects[RESULT].drop_nulls().to_list() for side in sides)
            yield TotalChange("result", find_result(self.program), *map(_add, results))

    def movers(self) -> list[Mover]:
        """Those whose result differs most, the greatest difference first."""
        if any(RESULT not in side.subjects.columns for side in (self.before, self.current)):
            return []
        past = self.before.subjects.select(ID, pl.col(RESULT).alias("before"))
        both = self.current.subjects.select(ID, pl.col(RESULT).alias("now")).join(past, on=ID).drop_nulls()
        movers = [Mover(subject, before, now) for subject, now, before in both.rows() if before != now]
        movers.sort(key=lambda mover: (-abs(mover.current - mover.before), mover.subject))
        return movers[:_MOST_MOVED]

    def notes(self, place: Location) -> Iterator[Diagnostic]:
        """What looks like the wrong file: all facts the same, nobody of last period, or many new people."""
        params = {"period": self.current.label, "before": self.before.label}
        if not self.before.ids & self.current.ids:
            params["count"] = str(len(self.before.ids))
            yield Diagnostic(catalogue.NOBODY_OF_LAST_PERIOD, place, params)
        elif len(self.new) >= _FEWEST_MANY and len(self.new) * _MANY >= len(self.current.ids):
            people = {"count": str(len(self.new)), "people": str(len(self.current.ids)), "who": name_people(self.new)}
            yield Diagnostic(catalogue.MANY_NEW, place, params | people)
        if self.has_the_same_facts():
            yield Diagnostic(catalogue.ALL_FACTS_THE_SAME, place, params)

    def has_the_same_facts(self) -> bool:
        """Whether both periods have the same people with the same facts and events, and there are any facts."""
        tables = [(self.before.subjects, self.current.subjects)]
        before, current = self.before.events, self.current.events
        for name in before.keys() | current.keys():
            known = before[name] if name in before else current[name]
            tables.append((before.get(name, known.clear()), current.get(name, known.clear())))
        are_there = any(set(now.columns) - {ID, RESULT} and len(now) for _, now in tables)
        return are_there and all(_are_the_same(before, now) for before, now in tables)


def _are_the_same(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    names = sorted((set(before.columns) & set(now.columns)) - {RESULT})
    return len(before) == len(now) and before.select(names).sort(names).equals(now.select(names).sort(names))


def _add(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(numbers, Decimal(0))


def name_people(ids: list[str]) -> str:
    """Some people in a sentence: all if there are few, else the first of them."""
    return ", ".join(ids[:_MAX_NAMED]) + (", …" if len(ids) > _MAX_NAMED else "")
