"""Raw tables of facts, as files would have them, for the subjects of a program."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import polars as pl
from attrs import define, field, frozen
from hypothesis import settings
from hypothesis import strategies as st

from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period
from scorecore.values.types import (
    MAX_DECIMAL,
    PLACES,
    Type,
    TypeKind,
    to_units,
)
from strategies.edges import SHARE, Edges
from strategies.values import TEXTS, corners, holds, seeded, usual, values_of

DEEP: Final = settings.get_current_profile_name() == "deep"
MAX_SUBJECTS: Final = 40 if DEEP else 25
CROWD: Final = 3000 if DEEP else 300
"""Events of the one subject that has many."""


@frozen
class Situation:
    """How the facts of a period are: whom there is, and how much is wrong with what is known of them."""

    seeds: tuple[int, ...]
    """One for each subject."""
    bad: float
    """The share of cells that are missing, or do not fit."""
    absent: int
    """Which of the tables of events, and of the history, are not given: a number whose bits say so."""
    typed: bool
    """Whether columns come as numbers, dates and truth values where they can, and not as text."""


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    root, first = draw(st.integers(0, 2**24)), draw(st.integers(0, MAX_SUBJECTS))
    # a window of subjects: what one of them shows can be shrunk to that one
    seeds = range(root + first, root + first + draw(st.integers(1, MAX_SUBJECTS)))
    bad = draw(st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.01, 0.2]))
    absent = draw(st.sampled_from([*[0] * 12, 1, 2, 4, 8, 15]))
    return Situation(tuple(seeds), bad, absent, draw(st.booleans()))


def raw_tables(program: Program, period: Period, situation: Situation) -> dict[str, RawTable]:
    """Tables as files would have them, for some subjects of a program."""
    return _Clerk(program, period, situation).tables()


@define
class _Clerk:
    program: Program
    period: Period
    situation: Situation
    edges: Edges = field(init=False)
    texts: list[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.edges = Edges.of(self.program, self.period)
        self.texts = [*self.edges.texts, *TEXTS]

    def tables(self) -> dict[str, RawTable]:
        schema = self.program.schema
        events = {event.name: event for event in schema.events}
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (schema.subject, *events, "history")}
        for number, seed in enumerate(self.situation.seeds):
            random = seeded(seed)
            who = f"P{number:03d}"
            rows[schema.subject].append({schema.subject: who} | self.cells(schema.columns, random))
            if random.random() < self.situation.bad / 10:
                rows[schema.subject].append(rows[schema.subject][-1])
            for name, table in events.items():
                if not table.common or not number:  # what belongs to nobody is there once
                    rows[name] += self.happened(who, table, random)
            rows["history"] += self.past(who, random)
        if self.situation.typed:  # rows of another period are for nobody
            here, elsewhere = {"period": self.period.label}, {"period": self.program.period.example}
            subject_rows = rows[schema.subject]
            rows[schema.subject] = [row | here for row in subject_rows] + [row | elsewhere for row in subject_rows[:2]]
        given_rows = {
            name: table_rows
            for position, (name, table_rows) in enumerate(rows.items())
            if not position or not self.missing(position)
        }
        frames = {schema.subject: self.frame(given_rows.pop(schema.subject), schema.columns)}
        for name, table in ((name, table) for name, table in events.items() if name in given_rows):
            frame = self.frame(given_rows[name], table.columns)
            frames[name] = frame.drop(schema.subject) if table.common else frame
        if schema.history and "history" in given_rows:
            frames["history"] = self.frame(given_rows["history"], schema.history)
        return {name: RawTable(frame, f"{name}.csv") for name, frame in frames.items()}

    def missing(self, number: int) -> bool:
        return bool(self.situation.absent >> (number - 1) & 1)

    def cells(self, columns: Sequence[FactColumn], random: Random, likely: float = 1) -> dict[str, Any]:
        cells_by_name: dict[str, Any] = {}
        for column in columns:
            if column.optional and random.random() < 0.4:  # nearly half of what may be left out is
                cells_by_name[column.name] = None
            elif random.random() < self.situation.bad * likely:
                cells_by_name[column.name] = random.choice(_BAD)
            else:
                cells_by_name[column.name] = self.value(column.type, random)
        return cells_by_name

    def value(self, value_type: Type, random: Random) -> Any:
        if value_type.kind is TypeKind.STRING:
            return random.choice(value_type.among or self.texts)
        if random.random() < SHARE:
            edge = self.edges.draw(value_type, random)
            if edge is not None:
                return edge
        if value_type.kind is TypeKind.DATE:
            near = self.period.start + timedelta(days=random.randrange(-40, 40))
            return random.choice(
                [near, near, self.period.start, self.period.end, random.choice(usual(corners(value_type)))]
            )
        if value_type.kind is TypeKind.TIMESTAMP:
            return random.choice([self.moment(random), self.moment(random), *usual(values_of(value_type, random, 1))])
        if not value_type.is_number:
            return random.choice(corners(value_type))
        return values_of(value_type, random, 1)[0]

    def moment(self, random: Random) -> datetime:
        """A time near the period, often one that means something."""
        day = self.period.start + timedelta(days=random.randrange(-10, 40))
        clock = random.choice(["00:00:00", "08:30:00", "17:00:00", "17:00:01", "12:00:00", "23:59:59"])
        if random.random() < 0.5:
            clock = f"{random.randrange(24):02}:{random.randrange(60):02}:{random.randrange(60):02}"
        return datetime.combine(day, time.fromisoformat(clock))

    def happened(self, who: str, table: EventTable, random: Random) -> list[dict[str, Any]]:
        """The events of a subject: mostly none or a few, of one in a hundred very many."""
        count = random.choice([0, 0, 1, 2, 5, 9])
        if random.random() < 0.01:
            count = random.randrange(CROWD)
        kind = next(column.type.kind for column in table.columns if column.name == "id" or column.name == table.key[0])
        rows = []
        for number in range(count):
            row = {self.program.schema.subject: who} | self.cells(table.columns, random)
            if table.dated_by:
                inside = self.period.start + timedelta(days=random.randrange(self.period.days))
                outside = self.period.end + timedelta(days=random.choice([1, -self.period.days, 400]))
                day = outside if random.random() < 0.1 else inside
                timed = any(
                    column.name == table.dated_by and column.type.kind is TypeKind.TIMESTAMP for column in table.columns
                )
                row[table.dated_by] = datetime.combine(day, self.moment(random).time()) if timed else day
            if table.key[0] == "id":
                number_kept = number if random.random() > self.situation.bad / 20 else 0
                day = date(2024, 1, 1) + timedelta(days=number_kept)
                ids = {
                    TypeKind.INT: number_kept,
                    TypeKind.DATE: day,
                    TypeKind.TIMESTAMP: datetime.combine(day, time(17, 30)),
                }
                row["id"] = ids.get(kind, f"E{number_kept}")
            rows.append(row)
        if random.random() < 0.05:  # nobody knows this one
            rows += [{**row, self.program.schema.subject: "stranger"} for row in rows[:1]]
        return random.sample(rows, len(rows))

    def past(self, who: str, random: Random) -> list[dict[str, Any]]:
        """Earlier periods, some of them left out."""
        rows = []
        for ago in range(-1, random.choice([0, 1, 2, 4, 14])):
            if random.random() < 0.2:  # a gap
                continue
            earlier = self.program.period.ago(self.period, ago)
            assert earlier is not None
            row: dict[str, Any] = {"period": earlier.label, self.program.schema.subject: who}
            for column in self.program.schema.history:
                empty = random.random() < 0.1  # it was held
                row[column.name] = None if empty else self.value(column.type, random)
            rows += [row] * (2 if random.random() < self.situation.bad / 10 else 1)
        return random.sample(rows, len(rows))

    def frame(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[FactColumn]) -> pl.DataFrame:
        """Rows as a file has them: as text, or each column in some type that can hold it; headed by name or label."""
        random = seeded(len(rows))
        subject = self.program.schema.subject
        frame = {subject: pl.Series([row[subject] for row in rows], dtype=pl.String)}
        if "period" in (rows[0] if rows else ()):
            frame["period"] = pl.Series([row["period"] for row in rows], dtype=pl.String)
        for column in columns:
            cells = [row[column.name] for row in rows]
            right = all(cell is None or holds(column.type, cell) for cell in cells)
            heading = random.choice([column.name, column.label or column.name])
            typed = self.situation.typed and right
            frame[heading] = _in_its_type(cells, column.type, random) if typed else _as_text(cells, random)
        return pl.DataFrame(frame)


_BAD: Final = (
    None,
    "",
    "bad",
    "1e30",
    "-1e30",
    "0.0000000000001",
    "99999999999999999999999999999",
    "nan",
    "2024-13-01",
    "24-05-03",
    "-2024-05-03",
    "2201-01-01",
)


def _as_text(cells: Sequence[Any], random: Random) -> pl.Series:
    return pl.Series([None if cell is None else _words(cell, random) for cell in cells], dtype=pl.String)


def _words(cell: Any, random: Random) -> str:
    """A cell as people write it; a number in one of several ways."""
    if isinstance(cell, bool):
        return random.choice(["true", "True", "1", "是"] if cell else ["false", "no", "0", "否"])
    if isinstance(cell, datetime):
        plain = f"{cell:%Y/%m/%d %H:%M:%S}" if cell.year > 999 else str(cell)
        return random.choice([str(cell), cell.isoformat(), plain, str(cell).removesuffix(":00")])
    if isinstance(cell, date):
        return random.choice([str(cell), f"{cell:%Y/%m/%d}" if cell.year > 999 else str(cell)])
    text = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    if isinstance(cell, str) or random.random() < 0.7:
        return text
    longer = f"{text}000" if "." in text else f"{text}.00"
    return random.choice([longer, f" {text} ", f"{Decimal(cell):E}", text if cell < 0 else f"+{text}"])


def _in_its_type(cells: Sequence[Any], value_type: Type, random: Random) -> pl.Series:
    """Cells as a column of their own type, or of one that is wider."""
    match value_type.kind:
        case TypeKind.BOOL:
            return pl.Series(cells, dtype=pl.Boolean)
        case TypeKind.DATE:
            days = pl.Series(cells, dtype=pl.Date)
            return days.cast(pl.Datetime("ms")) if random.random() < 0.3 else days
        case TypeKind.TIMESTAMP:
            return pl.Series(cells, dtype=pl.Datetime(random.choice(["us", "ms"])))
        case TypeKind.INT:
            wide = random.choice([pl.Int64(), pl.Int128(), pl.Decimal(38, 2)])
            return pl.Series(cells, dtype=wide)
        case TypeKind.DECIMAL:
            more = (
                random.choice([0, 0, 1, PLACES - value_type.places]) if value_type.magnitude < MAX_DECIMAL // 100 else 0
            )
            places = min(PLACES, value_type.places + more)
            scaled = [None if cell is None else to_units(cell) // 10 ** (PLACES - places) for cell in cells]
            return pl.Series(scaled, dtype=pl.Int128).reinterpret(dtype=pl.Decimal(38, places))
        case _:
            return pl.Series(cells, dtype=random.choice([pl.String, pl.Categorical]))
