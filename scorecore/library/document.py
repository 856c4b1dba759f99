"""The facts of one subject as one document: a dict, or JSON that was read into one. It is written as cases are.

{"period": "2024-05", "id": "P1", "person": {"sales": "90000.00"}, "complaints": [{"id": "C1", "upheld": True}]}
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics, FactsRejected, Rejected
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.cells import shorten
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable
from scorecore.values.period import Period

PERIOD: Final = "period"
ID: Final = "id"
GROUPS: Final = "groups"
USES: Final = "uses"
MAX_PERIODS: Final = 1000
"""Periods that are kept by label."""
Document = Mapping[str, Any]
"""The facts of one subject; docs/library.md has its keys."""


@frozen(eq=False)
class DocumentReader:
    """Reads the documents of one program."""

    program: Program
    tables: Mapping[str, EventTable] = field(init=False)
    """By name; the decisions of another policy are `uses.<name>`."""
    group_texts: frozenset[str] = field(init=False)
    """The names of the values that depend on others."""
    keys: list[str] = field(init=False)
    """Those that a document may have."""
    _periods: dict[str, Period] = field(init=False, factory=dict)
    """The periods of documents that were read, by label."""

    @tables.default
    def _tables(self) -> Mapping[str, EventTable]:
        return {table.name: table for table in self.program.schema.events}

    @group_texts.default
    def _group_texts(self) -> frozenset[str]:
        return frozenset(step.text for step in self.program.grouped)

    def read(self, document: Document) -> tuple[Period, SubjectFacts]:
        """The period and the facts of a document; raises FactsRejected with all that is wrong with it."""
        if not isinstance(document, Mapping):
            diagnostics = Diagnostics()
            place = Location(self.program.schema.subject, 0, 0)
            diagnostics.add(catalogue.EXPECTED_OBJECT, place, found=shorten(str(document)))
            raise FactsRejected(tuple(diagnostics))
        return _DocumentParts(self, self.program.schema.subject).read(document)

    def find_period(self, label: object, diagnostics: Diagnostics) -> Period | None:
        """As `read_period`, which is asked once for each label."""
        known_period = self._periods.get(label) if isinstance(label, str) else None
        if known_period is not None:
            return known_period
        period = read_period(self.program, label, diagnostics)
        if period is not None and len(self._periods) < MAX_PERIODS:
            self._periods[period.label] = period
        return period

    @keys.default
    def _keys(self) -> list[str]:
        schema = self.program.schema
        own_tables = [name for name, table in self.tables.items() if table.use is None]
        keys = [PERIOD, ID, schema.subject, *own_tables]
        keys += [USES] if len(own_tables) < len(self.tables) else []
        keys += [HISTORY] if schema.history else []
        return list(dict.fromkeys([*keys, *([GROUPS] if self.group_texts else [])]))


@define
class _DocumentParts:
    """One document as it is read."""

    reader: DocumentReader
    source: str
    """Where the facts are from, in diagnostics: the subject's id, or what it is."""
    values: Document = field(factory=dict)
    events: dict[str, Sequence[Document]] = field(factory=dict)
    history: Sequence[Document] | None = None
    groups: Document = field(factory=dict)
    diagnostics: Diagnostics = field(factory=Diagnostics)

    def read(self, document: Document) -> tuple[Period, SubjectFacts]:
        program = self.reader.program
        if isinstance(document.get(ID), str) and document[ID]:
            self.source = document[ID]
        for key, part in document.items():
            self.take_part(key, part)
        self.check_cells()
        period = self.reader.find_period(document.get(PERIOD), self.diagnostics)
        facts = None
        try:
            facts = subject_facts(
                program,
                period or _any_period(program),
                self.source,
                self.values,
                self.events,
                history=self.history,
                groups=self.groups,
            )
        except Rejected as rejected:
            for diagnostic in rejected.diagnostics:
                self.diagnostics.take(diagnostic)
        if period is None or facts is None or len(self.diagnostics):
            raise FactsRejected(tuple(self.diagnostics))
        return period, facts

    def take_part(self, key: str, part: object) -> None:
        """Keep the content of one key where it belongs; None is as if it were left out."""
        reader = self.reader
        if key not in reader.keys:
            self.reject_key(key, reader.keys)
        elif part is None or key == PERIOD or (key == ID and isinstance(part, str)):
            return
        elif key == reader.program.schema.subject:
            self.values = part  # type: ignore[assignment]  # what is not a mapping is rejected with the rows
        elif key == GROUPS and reader.group_texts and isinstance(part, Mapping):
            self.take_groups(part)
        elif key in reader.tables:
            self.events[key] = self.as_rows(key, part)
        elif key == HISTORY:
            self.history = self.as_decisions(key, part)
        elif key == USES:
            self.take_used(part)
        else:
            kind = catalogue.EXPECTED_TEXT if key == ID else catalogue.EXPECTED_OBJECT
            self.diagnostics.add(kind, self.locate(key), found=shorten(str(part)))

    def take_used(self, part: object) -> None:
        """The decisions of other policies, a row or a list of rows for each."""
        if not isinstance(part, Mapping):
            self.diagnostics.add(catalogue.EXPECTED_OBJECT, self.locate(USES), found=shorten(str(part)))
            return
        names = [name.removeprefix(f"{USES}.") for name, table in self.reader.tables.items() if table.use]
        for name, rows in part.items():
            if name not in names:
                self.reject_key(f"{USES}.{name}", [f"{USES}.{known}" for known in names])
            elif rows is not None:
                table = f"{USES}.{name}"
                self.events[table] = self.as_decisions(table, [rows] if isinstance(rows, Mapping) else rows)

    def take_groups(self, part: Document) -> None:
        for text in part:
            if text not in self.reader.group_texts:
                self.reject_key(text, sorted(self.reader.group_texts))
        self.groups = part

    def as_rows(self, table: str, part: object) -> Sequence[Document]:
        """The rows of a table; none with a diagnostic if there cannot be any."""
        if isinstance(part, Sequence) and not isinstance(part, str | bytes):
            return part
        self.diagnostics.add(catalogue.EXPECTED_ROWS, self.locate(table), found=shorten(str(part)))
        return []

    def as_decisions(self, table: str, part: object) -> Sequence[Document]:
        """Rows of results: `{"score": {"total": 86}}` is `{"score.total": 86}`."""
        return [flatten(row) if isinstance(row, Mapping) else row for row in self.as_rows(table, part)]

    def reject_key(self, key: object, keys: Sequence[str]) -> None:
        params = {"key": key, "keys": ", ".join(keys), **suggest(str(key), keys)}
        self.diagnostics.add(catalogue.UNKNOWN_KEY, Location(self.source, 0, 0), **params)

    def locate(self, table: str, number: int = 0) -> Location:
        return Location(f"{self.source}[{table}]", number, 0)

    def check_cells(self) -> None:
        """Report every binary float, wherever it is."""
        self.check_row(self.values, "", 0)
        self.check_row(self.groups, GROUPS, 0)
        tables = self.events if self.history is None else {**self.events, HISTORY: self.history}
        for table, rows in tables.items():
            for number, row in enumerate(rows, 1):
                self.check_row(row, table, number)

    def check_row(self, row: object, table: str, number: int) -> None:
        if not isinstance(row, Mapping):
            return  # which is rejected with the rows
        for name, cell in row.items():
            if isinstance(cell, float):
                place = self.locate(table, number) if table else Location(self.source, 0, 0)
                exact = {"exact": repr(float(cell))} if isfinite(cell) else {}
                self.diagnostics.add(catalogue.FLOAT_GIVEN, place, name=name, value=float(cell), **exact)


def flatten(row: Document, prefix: str = "") -> Document:
    """A row whose nested keys are joined with points, as the names of results are."""
    if not any(isinstance(cell, Mapping) for cell in row.values()):
        return row if not prefix else {f"{prefix}{name}": cell for name, cell in row.items()}
    flat: dict[str, Any] = {}
    for name, cell in row.items():
        flat |= flatten(cell, f"{prefix}{name}.") if isinstance(cell, Mapping) else {f"{prefix}{name}": cell}
    return flat


def read_period(program: Program, label: object, diagnostics: Diagnostics) -> Period | None:
    """The period that a label names; None with a diagnostic if there is none, or the policy is not in force then."""
    period = program.period.period(label) if isinstance(label, str) else None
    place = Location(PERIOD, 0, 0)
    if label is None:
        diagnostics.add(catalogue.MISSING_KEY, place, key=PERIOD)
        return None
    if period is None:
        example = program.period.example
        diagnostics.add(catalogue.NOT_A_PERIOD, place, text=shorten(str(label)), example=example)
        return None
    if not program.in_force(period):
        span = {"start": program.effective_from} | ({"end": program.effective_to} if program.effective_to else {})
        policy = f"{program.id}@{program.version}"
        diagnostics.add(catalogue.NOT_IN_FORCE, place, policy=policy, day=period.end, period=period, **span)
        return None
    return period


def _any_period(program: Program) -> Period:
    """A period with which the rest of a document is checked, where its own is wrong."""
    period = program.period.period(program.period.example)
    assert period is not None  # noqa: S101  the example is one
    return period
