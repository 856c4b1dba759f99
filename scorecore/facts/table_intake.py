"""What the intake of every table does: match headings, number rows, give cells their types, slice rows by subject."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

import polars as pl
from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.facts import bitemporal
from scorecore.facts.cells import FACT_YEARS, shorten
from scorecore.facts.convert import CellFaults, CellNote, read_column
from scorecore.facts.headings import PERIOD_HEADINGS, find_name, is_heading, name_with_units
from scorecore.facts.ids import fold_case, read_ids
from scorecore.facts.model import PRESENT, ROW, SUBJECT, Distrust, RowsBySubject
from scorecore.facts.period_cells import find_period_heading
from scorecore.facts.raw import RawTable
from scorecore.facts.readable import read_rows
from scorecore.facts.subject_index import SubjectIndex
from scorecore.facts.total_rows import find_total_rows
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period, PeriodKind
from scorecore.values.types import MAX_EVENTS

ID: Final = "#id"
"""Whom a row is about, as text."""
POSITION: Final = "#old"
"""Where a row was before rows were left out and sorted; the faults of cells are known by it."""
MAX_LISTED: Final = 20
"""Rows that one diagnostic names."""


class IdentifiedRows(NamedTuple):
    """The rows of a table of which it is known whom they are about."""

    frame: pl.DataFrame
    unidentified: list[int]
    """Numbers of the rows of which it is not, though they say something."""


@frozen
class TableIntake:
    """Takes in tables for a period of a program, and notes what is wrong with them."""

    program: Program
    period: Period
    diagnostics: Diagnostics
    known_at: date | None = None
    """Rows that became known after this day are left out; None: none are."""
    other_kinds: tuple[PeriodKind, ...] = ()
    """Of policies that read the same tables: rows of their periods are none of this one's business."""
    other_periods: tuple[Period, ...] = ()
    """The other periods that the subjects have rows for: events of these are counted when those are decided."""

    def match_headings(
        self,
        table: RawTable,
        columns: Sequence[FactColumn],
        read_elsewhere: Iterable[str],
        clocks: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, str] | None:
        """By column the heading of each that is there; None if one that is needed is missing or cannot be read.

        `read_elsewhere` are headings that somebody else reads, `clocks` those that clocks may have.
        """
        headings: dict[str, str] = {}
        stray: list[str] = []
        complete = True
        names = {column.name: column.name for column in columns}
        names |= {column.label: column.name for column in columns if column.label}
        names = {**clocks, **names}
        readable = {**name_with_units(columns), **names}
        for heading in table.frame.columns:
            name = find_name(heading, readable)
            if name is None:
                stray.append(heading)
            elif name in headings:
                place = table.locate(table.first_row - 1, heading)
                self.diagnostics.add(
                    catalogue.COLUMN_TWICE, place, heading=heading, **self._name_place(table, headings[name])
                )
                complete = False
            else:
                headings[name] = heading
                self._note_heading(table, heading, names, name)
        near_missing, all_readable = self._check_columns(table, columns, headings, stray)
        unsuspicious = {*read_elsewhere, *PERIOD_HEADINGS, *near_missing}
        self._warn_of_stray(table, stray, names, unsuspicious)
        return headings if complete and all_readable else None

    def _note_heading(self, table: RawTable, heading: str, names: Collection[str], meaning: str) -> None:
        """Note a heading that is not written as one of the names that it is taken for."""
        if heading.strip() not in names:
            place = table.locate(table.first_row - 1, heading)
            self.diagnostics.add(catalogue.HEADING_READ_AS, place, heading=heading, meaning=meaning)

    def _check_columns(
        self, table: RawTable, columns: Sequence[FactColumn], headings: Mapping[str, str], stray: Sequence[str]
    ) -> tuple[set[str], bool]:
        """Stray headings that are near the name of a missing column, and whether all needed columns can be read."""
        near_missing: set[str] = set()
        all_readable = True
        row = table.first_row - 1
        for column in columns:
            heading = headings.get(column.name)
            if heading is None and not column.optional:
                params = suggest(column.label, stray) or suggest(column.name, stray)
                near_missing |= set(params.values())
                params |= {"label": column.label} if column.label else {}
                self.diagnostics.add(catalogue.NO_COLUMN, table.locate(row), name=column.name, **params)
                all_readable = False
            elif heading is not None and column.type.is_number and table.frame[heading].dtype.is_float():
                self.diagnostics.add(catalogue.BINARY_FLOATS, table.locate(row, heading), name=heading)
                all_readable = False
        return near_missing, all_readable

    def _warn_of_stray(
        self, table: RawTable, stray: Iterable[str], names: Iterable[str], unsuspicious: Collection[str]
    ) -> None:
        """Note headings that nobody reads and that look like one that somebody would."""
        for heading in stray:
            if not is_heading(heading, unsuspicious):
                nearest = suggest(heading.strip(), names)
                if nearest:
                    place = table.locate(table.first_row - 1, heading)
                    self.diagnostics.add(catalogue.STRAY_COLUMN, place, heading=heading, **nearest)

    def identify_rows(self, table: RawTable, heading: str, id_headings: Collection[str] = ()) -> IdentifiedRows | None:
        """The table with its rows numbered as in the file, and whom each is about; rows about nobody are left out.

        `id_headings` are those that the column of ids may have; without them those of this program.
        """
        allowed = id_headings or self.id_headings
        id_heading = self._choose_id_heading(table, heading, allowed)
        if id_heading is None:
            return None
        self._note_heading(table, id_heading, allowed, heading)
        ids = table.read_once(table.frame, ("ids", id_heading), lambda: read_ids(table.frame[id_heading]))
        rows = table.read_once(table.frame, "numbers", lambda: table.row_numbers)
        for position, (kind, params) in ids.faults.items():
            self.diagnostics.add(kind, table.locate(rows[position], id_heading), **{"name": id_heading, **params})
        numbered = table.read_once(
            table.frame, ("rows", id_heading), lambda: table.frame.with_columns(rows.alias(ROW), ids.values.alias(ID))
        )
        frame = self._drop_totals(table, numbered, id_heading)
        kept = set(frame[ROW]) if ids.notes else ()
        notes = {position: note for position, note in ids.notes.items() if rows[position] in kept}
        self.note_readings(table, id_heading, rows, notes, {"name": id_heading})
        nobody = frame.filter(pl.col(ID).is_null())
        nobody = (
            nobody.filter(~pl.col(ROW).is_in([rows[position] for position in ids.faults])) if ids.faults else nobody
        )
        filled = [name for name in table.frame.columns if name != id_heading]
        if filled and len(nobody):
            nobody = nobody.filter(pl.any_horizontal(pl.col(filled).is_not_null()))
        for row in nobody[ROW]:
            self.diagnostics.add(catalogue.NO_ID, table.locate(row, id_heading), name=id_heading)
        unidentified = sorted([*nobody[ROW], *(rows[position] for position in ids.faults)])
        if frame[ID].null_count():
            frame = table.read_once(frame, "of somebody", lambda: frame.filter(pl.col(ID).is_not_null()))
        return IdentifiedRows(frame, unidentified)

    @staticmethod
    def _name_place(table: RawTable, heading: str) -> dict[str, str]:
        """The parameter `place`: the cell of a heading, in a sheet."""
        place = table.locate(table.first_row - 1, heading)
        return {"place": place.cell} if place.in_sheet else {}

    def _choose_id_heading(self, table: RawTable, heading: str, allowed: Collection[str]) -> str | None:
        """The heading of ids; None with a problem if there is none, or more than one."""
        matching = [name for name in table.frame.columns if is_heading(name, allowed)]
        row = table.first_row - 1
        if len(matching) == 1:
            return matching[0]
        if matching:
            params = {"heading": heading, **self._name_place(table, matching[0])}
            self.diagnostics.add(catalogue.COLUMN_TWICE, table.locate(row, matching[1]), **params)
        else:
            nearest = suggest(heading, table.frame.columns)
            self.diagnostics.add(catalogue.NO_COLUMN, table.locate(row), heading=heading, name=heading, **nearest)
        return None

    def find_case_twins(self, table: RawTable, typed: pl.DataFrame, index: SubjectIndex) -> Iterator[tuple[int, int]]:
        """Rows about nobody whose id is that of a subject but for capital letters: the subject's number, and the row.

        Each such id is a problem.
        """
        strangers = typed.filter(pl.col(SUBJECT).is_null())
        twins = index.find_case_twins(strangers[ID].unique(maintain_order=True)) if len(strangers) else {}
        heading = self.find_id_heading(table) if twins else ""
        for stranger, subject in twins.items():
            rows = strangers.filter(pl.col(ID) == stranger)[ROW]
            params = {"id": stranger, "other": index.ids[subject], "place": index.locate(subject)}
            self.diagnostics.add(
                catalogue.ID_CASE, table.locate(rows[0], heading), **params, **list_rows(rows[1:].to_list())
            )
            yield subject, rows[0]

    def find_id_doubts(self, table: RawTable, ids: pl.Series, rows: pl.Series) -> dict[int, Distrust]:
        """By number the subjects whose ids differ only by capital letters, which is a problem of both cells."""
        folded = fold_case(ids)
        # hashes are quicker to count than texts, and where none is repeated no text is
        are_distinct = folded.hash().n_unique() == len(folded)
        doubtful = [] if are_distinct else folded.is_duplicated().arg_true().to_list()
        doubts: dict[int, Distrust] = {}
        heading = self.find_id_heading(table) if doubtful else ""
        for subject in doubtful:
            other = next(twin for twin in doubtful if twin != subject and folded[twin] == folded[subject])
            place = table.locate(rows[other], heading)
            params = {"id": ids[subject], "other": ids[other], "place": str(place)}
            self.diagnostics.add(catalogue.ID_CASE, table.locate(rows[subject], heading), **params)
            doubts[subject] = (catalogue.ID_CASE, {**params, "name": SUBJECT}, int(rows[subject]))
        return doubts

    def convert_columns(
        self,
        table: RawTable,
        frame: pl.DataFrame,
        columns: Sequence[FactColumn],
        headings: Mapping[str, str],
        years: range = FACT_YEARS,
        table_name: str = "",
    ) -> tuple[list[pl.Series], dict[str, CellFaults]]:
        """The typed columns of a table, each optional one with whether it is there; and the cells that do not fit.

        Of a column whose heading is not in `headings` every cell is empty. `table_name` is that of a table of events.
        """
        series, faults = [], {}
        for column in columns:
            heading = headings.get(column.name)
            cells = pl.Series([None] * len(frame)) if heading is None else frame[heading]
            values, column_faults, notes = table.read_once(
                frame,
                (heading, column.type, years, column.unit),
                partial(read_column, cells, column.type, years, column.unit),
            )
            params = {"name": column.name, **({"table": table_name} if table_name else {})}
            self.note_readings(table, heading or "", frame[ROW], notes, params)
            series.append(values.alias(column.name))
            if column_faults:
                faults[column.name] = column_faults
            if column.optional:
                present = values.is_not_null()
                if column_faults:
                    present = present.clone().scatter(list(column_faults), None)
                series.append(present.alias(f"{PRESENT}{column.name}"))
        return series, faults

    def note_readings(
        self, table: RawTable, heading: str, rows: pl.Series, notes: Mapping[int, CellNote], params: Mapping[str, str]
    ) -> None:
        """Note how cells of a column were read: the first of them, and where the others are."""
        if not notes:
            return
        (first_row, first), *others = sorted((int(rows[position]), position) for position in notes)
        written, meaning = map(shorten, notes[first])
        shown = {"value": written, "meaning": meaning, **list_rows([row for row, _ in others]), **params}
        self.diagnostics.add(catalogue.READ_AS, table.locate(first_row, heading), **shown)

    def _drop_totals(self, table: RawTable, frame: pl.DataFrame, heading: str) -> pl.DataFrame:
        """The rows that are about somebody: sums of others, remarks and headings that are repeated are noted."""
        headings = frozenset({heading, *self.id_headings})
        totals = table.read_once(frame, ("totals", headings), lambda: find_total_rows(frame, ID, headings))
        for row, text in totals.select(ROW, ID).sort(ROW).rows():
            self.diagnostics.add(catalogue.TOTAL_ROW, table.locate(row, heading), text=shorten(text))
        if not len(totals):
            return frame
        return table.read_once(
            frame, ("without totals", headings), lambda: frame.join(totals, on=ROW, how="anti", maintain_order="left")
        )

    @property
    def id_headings(self) -> set[str]:
        """The headings that the column of the subjects' ids may have."""
        return {self.program.schema.subject, self.program.schema.label} - {""}

    @property
    def fact_names(self) -> set[str]:
        """The names and labels of the subjects' facts."""
        return {name for column in self.program.schema.columns for name in (column.name, column.label)} - {""}

    @property
    def id_label(self) -> str:
        """The heading of the ids as people know it."""
        return self.program.schema.label or self.program.schema.subject

    def find_id_heading(self, table: RawTable) -> str:
        """The heading of the column of ids, in a table that has one."""
        return next(heading for heading in table.frame.columns if is_heading(heading, self.id_headings))

    def require_period_heading(self, table: RawTable) -> str | None:
        """The heading of the column of periods; None with a diagnostic if there is none."""
        heading = find_period_heading(table.frame, self.program.period)
        if heading is None:
            self.diagnostics.add(catalogue.NO_COLUMN, table.locate(table.first_row - 1), name="period")
        return heading

    def warn_of_needless(self, table: RawTable, headings: Mapping[str, str], rows: pl.Series) -> None:
        """Note rows that withdraw nothing."""
        for row in rows:
            place = table.locate(row, headings[bitemporal.WITHDRAWN])
            self.diagnostics.add(catalogue.NOTHING_WITHDRAWN, place)


def list_rows(rows: Sequence[int]) -> dict[str, str]:
    """How many rows there are and which, as parameters of a diagnostic; empty where there are none."""
    listed = ", ".join(map(str, rows[:MAX_LISTED])) + (", …" if len(rows) > MAX_LISTED else "")
    return {"rows": listed, "count": str(len(rows))} if rows else {}


def list_placing_columns(table: EventTable) -> tuple[str, ...]:
    """The columns of a table without which a row has no place."""
    return tuple(dict.fromkeys((*((table.dated_by,) if table.dated_by else ()), *table.key)))


def find_distrusted(table: EventTable, typed: pl.DataFrame) -> dict[int, Distrust]:
    """By number the subjects with two rows of one key, or with too many rows; `typed` is sorted by subject and key."""
    repeats = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in (SUBJECT, *table.key))
    first_repeats = typed.filter(repeats).unique(SUBJECT, keep="first", maintain_order=True)
    types = {column.name: column for column in table.columns}
    keys = read_rows(first_repeats, [types[name] for name in table.key])
    distrusted: dict[int, Distrust] = {}
    for subject, row, key in zip(first_repeats[SUBJECT], first_repeats[ROW], keys, strict=True):
        params = {"table": table.name, "key": ", ".join(map(str, key))}
        distrusted[subject] = (catalogue.KEY_REPEATED, params, row)
    if len(typed) > MAX_EVENTS:
        for subject, count in typed.group_by(SUBJECT).len().filter(pl.col("len") > MAX_EVENTS).rows():
            params = {"table": table.name, "count": str(count), "limit": str(MAX_EVENTS)}
            distrusted[subject] = (catalogue.TOO_MANY_ROWS, params, 0)
    return distrusted


def slice_by_subject(
    typed: pl.DataFrame,
    faults: Mapping[str, CellFaults],
    distrusted: Mapping[int, Distrust],
    subject_count: int,
    source: str,
) -> RowsBySubject:
    """Rows that are sorted by subject and key, with the end of each subject's rows."""
    counts = typed.group_by(SUBJECT).len()
    subjects = pl.DataFrame({SUBJECT: pl.int_range(subject_count, dtype=pl.UInt32, eager=True)})
    ends = subjects.join(counts, on=SUBJECT, how="left", maintain_order="left")["len"].fill_null(0).cum_sum()
    moved: dict[str, CellFaults] = {}
    if faults:
        new_rows = {position: row for row, position in enumerate(typed[POSITION])}
        for name, column_faults in faults.items():
            moved[name] = {
                new_rows[position]: fault for position, fault in column_faults.items() if position in new_rows
            }
    frame = typed.drop(ID, POSITION, bitemporal.KNOWN, bitemporal.WITHDRAWN, strict=False)
    frame = frame.with_columns(pl.col(SUBJECT).cast(pl.UInt32))
    return RowsBySubject(frame, ends.cast(pl.UInt32), moved, distrusted, source)
