"""Raw tables from files to typed facts: headings matched, rows placed, and what is wrong told row by row."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.facts import bitemporal as clocks
from scorecore.facts.convert import (
    EVERY_YEAR,
    FACT_YEARS,
    Bad,
    convert_column,
)
from scorecore.facts.raw import (
    PERIOD_HEADINGS,
    RawTable,
    as_text,
    period_heading,
    periods_in,
)
from scorecore.facts.subject_facts import (
    PRESENT,
    ROW,
    SUBJECT,
    Cells,
    EventRows,
    Facts,
)
from scorecore.facts.subject_index import SubjectIndex, ordered
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import EventTable, FactColumn, PolicyDependency, Program
from scorecore.values.period import Period
from scorecore.values.types import MAX_EVENTS

_ID: Final = "#id"
_TIMED: Final = (clocks.KNOWN, clocks.WITHDRAWN)
_MAX_LISTED: Final = 20


def ingest(
    program: Program,
    period: Period,
    raw: Mapping[str, RawTable],
    diagnostics: Diagnostics,
    *,
    known_at: date | None = None,
) -> Facts | None:
    """The facts of a period, as they were known on a day if one is given; None if there is nobody to decide about.

    Problems hold nobody up but whom they concern.
    """
    schema = program.schema
    table = _find(raw, schema.subject, "")
    if table is None:
        if raw or not len(diagnostics):  # else nothing could be read, and it has been said why
            names = {"found": ", ".join(sorted(raw))} if raw else {}
            diagnostics.add(catalogue.NO_TABLE, Location(schema.subject, 0, 0), table=schema.subject, **names)
        return None
    intake = _Intake(program, period, diagnostics, known_at)
    facts = intake.subjects(table)
    if facts is None:
        return None
    numbering = SubjectIndex(facts.ids)
    rows: dict[str, EventRows] = {}
    for events in schema.events:
        found = _find(raw, events.name, events.label)
        if found is None:
            continue
        taken = intake.used(events, events.use, found, facts) if events.use else intake.events(events, found, numbering)
        rows |= {events.name: taken} if taken is not None else {}
    return with_history(program, evolve(facts, rows=rows), raw, diagnostics)


def with_history(program: Program, of: Facts, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts:
    """Facts with the decisions of earlier periods, where the program reads them and there are any."""
    past = _find(raw, HISTORY, "")
    if not program.schema.history or past is None:
        return of
    taken = _Intake(program, of.period, diagnostics).history(past, SubjectIndex(of.ids))
    return of if taken is None else evolve(of, rows={**of.rows, HISTORY: taken})


def _find(raw: Mapping[str, RawTable], name: str, label: str) -> RawTable | None:
    return raw.get(name) or (raw.get(label) if label else None)


def _placing(events: EventTable) -> list[str]:
    """The fields without which a row has no place."""
    return list(dict.fromkeys((*((events.dated_by,) if events.dated_by else ()), *events.key)))


@frozen
class _Intake:
    program: Program
    period: Period
    diagnostics: Diagnostics
    known_at: date | None = None

    def headings(
        self,
        table: RawTable,
        columns: Sequence[FactColumn],
        others: Iterable[str],
        timed: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, str] | None:
        """The heading of each column that is there; None if a needed one is missing.

        `others` are headings that somebody else reads, `timed` those that clocks may have.
        """
        found: dict[str, str] = {}
        row = table.first_row - 1
        own = {one.name: one.name for one in columns} | {one.label: one.name for one in columns if one.label}
        known = {**timed, **own}
        stray: list[str] = []
        complete = True
        for heading in table.frame.columns:
            name = known.get(heading.strip())
            if name is None:
                stray.append(heading)
            elif name in found:
                self.diagnostics.add(catalogue.COLUMN_TWICE, table.at(row, heading), heading=heading)
                complete = False
            else:
                found[name] = heading
        told: set[str] = set()
        for one in columns:
            if one.name not in found and not one.optional:
                params = suggest(one.label, stray) or suggest(one.name, stray)
                told |= set(params.values())
                params |= {"label": one.label} if one.label else {}
                self.diagnostics.add(catalogue.NO_COLUMN, table.at(row), name=one.name, **params)
                complete = False
            elif one.name in found and one.type.is_number and table.frame[found[one.name]].dtype.is_float():
                self.diagnostics.add(catalogue.BINARY_FLOATS, table.at(row, found[one.name]), name=found[one.name])
                complete = False
        extra = {*others, *PERIOD_HEADINGS, *told}
        for heading in stray:
            near = suggest(heading.strip(), known) if extra.isdisjoint({heading, heading.strip()}) else {}
            if near:
                self.diagnostics.add(catalogue.STRAY_COLUMN, table.at(row, heading), heading=heading, **near)
        return found if complete else None

    def identified(self, table: RawTable, heading: str, known: Collection[str] = ()) -> pl.DataFrame | None:
        """The table with its rows numbered as in the file, and whom each is about; rows about nobody are left out.

        `known` are the headings that the column of ids may have; without them those of this program.
        """
        place = table.at(table.first_row - 1)
        matching = [one for one in table.frame.columns if one.strip() in (known or self.id_headings())]
        if len(matching) != 1:
            kind = catalogue.COLUMN_TWICE if matching else catalogue.NO_COLUMN
            near = {} if matching else suggest(heading, table.frame.columns)
            self.diagnostics.add(kind, place, heading=heading, name=heading, **near)
            return None
        ids = as_text(table.frame[matching[0]])
        frame = table.frame.with_columns(table.numbers.alias(ROW), ids.alias(_ID))
        nobody = frame.filter(pl.col(_ID).is_null())
        filled = [one for one in table.frame.columns if one != matching[0]]
        if filled and len(nobody):
            nobody = nobody.filter(pl.any_horizontal(pl.col(filled).is_not_null()))
        for row in nobody[ROW].head(_MAX_LISTED):
            self.diagnostics.add(catalogue.NO_ID, table.at(row, matching[0]), name=matching[0])
        return frame.filter(pl.col(_ID).is_not_null()) if frame[_ID].null_count() else frame

    def id_headings(self) -> set[str]:
        return {self.program.schema.subject, self.program.schema.label} - {""}

    def id_heading(self, table: RawTable) -> str:
        """The heading of the column of ids, in a table that has one."""
        return next(one for one in table.frame.columns if one.strip() in self.id_headings())

    def of_period(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows that are for this period, or for none in particular."""
        heading = period_heading(frame)
        if heading is None:
            return frame
        return frame.filter(as_text(frame[heading]) == self.period.label)

    def typed(
        self,
        frame: pl.DataFrame,
        columns: Sequence[FactColumn],
        headings: Mapping[str, str],
        years: range = FACT_YEARS,
    ) -> tuple[list[pl.Series], dict[str, Bad]]:
        series, bad = [], {}
        for one in columns:
            cells = frame[headings[one.name]] if one.name in headings else pl.Series([None] * len(frame))
            values, wrong = convert_column(cells, one.type, years)
            series.append(values.alias(one.name))
            if wrong:
                bad[one.name] = wrong
            if one.optional:
                there = values.is_not_null()
                series.append(
                    (there.clone().scatter(list(wrong), None) if wrong else there).alias(f"{PRESENT}{one.name}")
                )
        return series, bad

    def subjects(self, table: RawTable) -> Facts | None:
        schema = self.program.schema
        headings = self.headings(table, schema.columns, self.id_headings(), clocks.OF_SUBJECTS)
        frame = self.identified(table, schema.label or schema.subject)
        if headings is None or frame is None:
            return None
        frame = self.of_period(frame)
        several = len(frame)
        frame, wrong = clocks.clocked(frame, headings, self.known_at)
        if clocks.KNOWN in frame.columns:
            self.note_needless(table, headings, clocks.needless(frame, (_ID, clocks.FROM)))
            frame = clocks.in_force(frame, wrong, (_ID,), pl.lit(self.period.end))
        if not len(frame):
            periods = periods_in(table) if len(table.frame) else []
            params = {"rows": several} if several else {"periods": ", ".join(periods)} if periods else {}
            self.diagnostics.add(catalogue.NOBODY, table.at(0), period=self.period, **params)
            return None
        frame = frame.sort(_ID, maintain_order=True)
        series, bad = self.typed(frame, schema.columns, headings)
        typed = pl.DataFrame([frame[_ID], frame[ROW], *series])
        if wrong or (typed[_ID] == typed[_ID].shift(1)).any():  # they are sorted
            typed, bad = self.once(typed, bad, schema.columns, wrong)
        cells = {name: Cells(wrong) for name, wrong in bad.items()}
        ids = typed[_ID].alias("id")
        timed = {headings[one]: headings[one] for one in clocks.OF_SUBJECTS.values() if one in headings}
        places = table.places(headings | timed | {SUBJECT: self.id_heading(table)})
        return Facts(self.period, ids, typed.drop(_ID), {}, cells, table.source, places)

    def note_needless(self, table: RawTable, headings: Mapping[str, str], rows: pl.Series) -> None:
        for row in rows.head(_MAX_LISTED):
            self.diagnostics.add(catalogue.NOTHING_WITHDRAWN, table.at(row, headings[clocks.WITHDRAWN]))

    def once(
        self, typed: pl.DataFrame, bad: dict[str, Bad], columns: Sequence[FactColumn], wrong: clocks.Wrong
    ) -> tuple[pl.DataFrame, dict[str, Bad]]:
        """One row for each subject; whose is not clear keeps no facts, so that nothing is decided by chance."""
        numbered = typed.with_row_index("#old")
        first = numbered.unique(_ID, keep="first", maintain_order=True)
        new = dict(zip(first["#old"], range(len(first)), strict=True))
        moved = {name: {new[row]: reason for row, reason in wrong.items() if row in new} for name, wrong in bad.items()}
        repeated = set(typed.filter(pl.col(_ID).is_duplicated())[_ID])
        spoilt: Bad = {at: wrong[row] for at, row in enumerate(first[ROW]) if row in wrong}
        for at, one in enumerate(first[_ID]):
            if one in repeated:
                spoilt[at] = (catalogue.SUBJECT_TWICE, {"id": one, "name": SUBJECT})
        for column in columns:
            moved.setdefault(column.name, {}).update(spoilt)
        names = [name for name in first.columns if name not in {_ID, ROW, "#old"}]
        cleared = first.with_columns(first[name].clone().scatter(list(spoilt), None) for name in names)
        return cleared.drop("#old"), moved

    def events(self, events: EventTable, table: RawTable, numbering: SubjectIndex) -> EventRows | None:
        headings = self.headings(table, events.columns, self.id_headings(), clocks.OF_EVENTS)
        frame = self.identified(table, self.program.schema.label or self.program.schema.subject)
        if headings is None or frame is None:
            return None
        if not events.dated_by:
            frame = self.of_period(frame)
        frame, wrong = clocks.clocked(frame, headings, self.known_at)
        series, bad = self.typed(frame, events.columns, headings)
        timed = [frame[one] for one in _TIMED if one in frame.columns]
        typed = pl.DataFrame([frame[_ID], frame[ROW], *series, *timed]).with_row_index("#old")
        typed = typed.with_columns(numbering.of(typed[_ID]).alias(SUBJECT))
        unplaced = list(self.mistimed(events, table, typed, wrong))
        if timed:
            key, keyed = (_ID, *events.key), pl.all_horizontal(pl.col(list(events.key)).is_not_null())
            self.note_needless(table, headings, clocks.needless(typed, key, keyed))
            every, typed = typed, clocks.latest(typed, key, keyed)
            dated = events.dated_by
            for row, day, other in clocks.moved(every, typed, key, dated, self.period) if dated else ():
                self.diagnostics.add(catalogue.MOVED, table.at(row, headings[dated]), day=day, other=other)
        unplaced += self.misplaced(events, table, typed, bad, headings)
        distrusted: dict[int, Any] = {}
        for subject, diagnostic in unplaced:
            params = {"table": events.name, "name": diagnostic.params["name"]}
            distrusted.setdefault(subject, (catalogue.KEY_BROKEN, params, diagnostic.location.line))
        typed = self.placed(events, table, typed)
        if timed:
            typed = clocks.standing(typed, (SUBJECT, *events.key))
        typed = ordered(typed, (SUBJECT, *events.key))
        distrusted |= self.repeated(events, typed)
        taken = self.rows(typed, bad, distrusted, len(numbering.ids), table.source)
        return evolve(taken, columns=table.places(headings), unplaced=tuple(diagnostic for _, diagnostic in unplaced))

    def mistimed(
        self, events: EventTable, table: RawTable, typed: pl.DataFrame, wrong: clocks.Wrong
    ) -> Iterator[tuple[int, Diagnostic]]:
        """For each row of somebody known whose clocks cannot be read: whom it concerns, and the problem."""
        for subject, row in (
            typed.filter(pl.col(ROW).is_in(list(wrong))).drop_nulls(SUBJECT).select(SUBJECT, ROW).rows()
        ):
            kind, params = wrong[row]
            yield subject, Diagnostic(kind, table.at(row, params["name"]), {"table": events.name, **params})

    def misplaced(
        self,
        events: EventTable,
        table: RawTable,
        typed: pl.DataFrame,
        bad: Mapping[str, Bad],
        headings: Mapping[str, str],
    ) -> Iterator[tuple[int, Diagnostic]]:
        """For each cell without which a row of somebody known has no place: whom it concerns, and the problem."""
        for name in _placing(events):
            if not typed[name].null_count():
                continue
            broken = typed.filter(pl.col(name).is_null() & pl.col(SUBJECT).is_not_null())
            for old, subject, row in broken.select("#old", SUBJECT, ROW).rows():
                kind, params = bad.get(name, {}).get(old, (catalogue.FACT_MISSING, {}))
                place = table.at(row, headings.get(name, ""))
                yield subject, Diagnostic(kind, place, {"table": events.name, "name": name, **params})

    def placed(self, events: EventTable, table: RawTable, typed: pl.DataFrame) -> pl.DataFrame:
        """The rows of this period about somebody known."""
        typed = typed.filter(pl.all_horizontal(pl.col(_placing(events)).is_not_null()))
        if events.dated_by:
            typed = typed.filter(pl.col(events.dated_by).cast(pl.Date).is_between(self.period.start, self.period.end))
        strangers = typed.filter(pl.col(SUBJECT).is_null()).group_by(_ID).agg(pl.len(), pl.col(ROW).min()).sort(ROW)
        for one, count, row in strangers.head(_MAX_LISTED).rows():
            params = {
                "id": one,
                "subject": self.program.schema.subject,
                "period": self.period,
                "count": count,
            }
            self.diagnostics.add(catalogue.STRANGER, table.at(row, self.id_heading(table)), **params)
        return typed.filter(pl.col(SUBJECT).is_not_null())

    def repeated(self, events: EventTable, typed: pl.DataFrame) -> dict[int, Any]:
        """Subjects with two rows of one key, or with too many rows."""
        same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in (SUBJECT, *events.key))
        distrusted = {}
        for row in typed.filter(same).unique(SUBJECT, keep="first", maintain_order=True).iter_rows(named=True):
            key = ", ".join(str(row[name]) for name in events.key)
            distrusted[row[SUBJECT]] = (catalogue.KEY_REPEATED, {"table": events.name, "key": key}, row[ROW])
        if len(typed) > MAX_EVENTS:
            for subject, count in typed.group_by(SUBJECT).len().filter(pl.col("len") > MAX_EVENTS).rows():
                params = {"table": events.name, "count": str(count), "limit": str(MAX_EVENTS)}
                distrusted[subject] = (catalogue.TOO_MANY_ROWS, params, 0)
        return distrusted

    def rows(
        self,
        typed: pl.DataFrame,
        bad: Mapping[str, Bad],
        distrusted: dict[int, Any],
        count: int,
        source: str,
    ) -> EventRows:
        counts = typed.group_by(SUBJECT).len()
        every = pl.DataFrame({SUBJECT: pl.int_range(count, dtype=pl.UInt32, eager=True)})
        ends = every.join(counts, on=SUBJECT, how="left", maintain_order="left")["len"].fill_null(0).cum_sum()
        moved: dict[str, Cells] = {}
        if bad:
            at = {old: new for new, old in enumerate(typed["#old"])}
            for name, wrong in bad.items():
                moved[name] = Cells({at[row]: reason for row, reason in wrong.items() if row in at})
        frame = typed.drop(_ID, "#old", clocks.KNOWN, clocks.WITHDRAWN, strict=False).with_columns(
            pl.col(SUBJECT).cast(pl.UInt32)
        )
        return EventRows(frame, ends.cast(pl.UInt32), moved, distrusted, source)

    def used(self, events: EventTable, use: PolicyDependency, table: RawTable, facts: Facts) -> EventRows | None:
        """Decisions of another policy beside everybody whom they concern. What does not fit was not decided."""
        headings = self.headings(
            table, [one for one in events.columns if one.name not in events.key], table.frame.columns
        )
        frame = self.identified(table, use.subject, {use.subject})
        heading = period_heading(table.frame)
        if heading is None:
            self.diagnostics.add(catalogue.NO_COLUMN, table.at(table.first_row - 1), name="period")
        if headings is None or frame is None or heading is None:
            return None
        wanted = use.period.within(self.period) if use.within else [self.period.label]
        labels = as_text(frame[heading])
        frame = frame.filter(labels.is_in(wanted))
        keys = {name: _ID if name == use.subject else heading for name in events.key}
        series, _ = self.typed(frame, events.columns, headings | keys, EVERY_YEAR)
        others = facts.subjects[use.match].cast(pl.String) if use.match else facts.ids
        mine = pl.DataFrame([others.alias(_ID)]).with_row_index(SUBJECT).drop_nulls()
        typed = pl.DataFrame([frame[ROW], *(one for one in series if not one.name.startswith(PRESENT))])
        whom = typed[use.gather].cast(pl.String) if use.gather else frame[_ID]
        for row in frame.filter(whom.is_null())[ROW].head(_MAX_LISTED):
            self.diagnostics.add(catalogue.NO_ID, table.at(row, headings.get(use.gather, "")), name=use.gather)
        typed = typed.with_columns(whom.alias(_ID))
        typed = mine.join(typed, on=_ID, maintain_order="left_right").with_row_index("#old")
        typed = ordered(typed, (SUBJECT, *events.key))
        distrusted = self.repeated(events, typed)
        return self.rows(typed, {}, distrusted, len(facts), table.source)

    def history(self, table: RawTable, numbering: SubjectIndex) -> EventRows | None:
        """Decisions of earlier periods, the latest first. What does not fit was not decided."""
        columns = self.program.schema.history
        optional = [FactColumn(one.name, one.type, optional=True) for one in columns]
        # without its balances a history is of something else; what else is missing was not decided yet then
        needed = [evolve(one, optional=not one.name.startswith("carry.")) for one in columns]
        headings = self.headings(table, needed, table.frame.columns)
        frame = self.identified(table, self.program.schema.label or self.program.schema.subject)
        heading = period_heading(table.frame)
        if heading is None:
            self.diagnostics.add(catalogue.NO_COLUMN, table.at(table.first_row - 1), name="period")
        if headings is None or frame is None or heading is None:
            return None
        series, _ = self.typed(frame, optional, headings, EVERY_YEAR)
        ago = self.agos(frame[heading], table)
        present = [one for one in series if not one.name.startswith(PRESENT)]
        numbers = numbering.of(frame[_ID]).alias(SUBJECT)
        typed = pl.DataFrame([frame[_ID], frame[ROW], *present, ago, numbers]).with_row_index("#old")
        typed = ordered(typed.filter(pl.col(AGO) >= 1, pl.col(SUBJECT).is_not_null()), (SUBJECT, AGO))
        key = EventTable(HISTORY, (), (AGO,))
        return self.rows(typed, {}, self.repeated(key, typed), len(numbering.ids), table.source)

    def agos(self, labels: pl.Series, table: RawTable) -> pl.Series:
        """How many periods before this one each row is; null for what is no period."""
        text = as_text(labels)
        known: dict[str, int | None] = {}
        for label in text.unique(maintain_order=True).drop_nulls():
            period = self.program.period.period(label)
            known[label] = self.program.period.between(period, self.period) if period else None
            if period is None:
                row = table.numbers[int((text == label).arg_max() or 0)]
                example = self.program.period.example
                self.diagnostics.add(catalogue.NOT_A_PERIOD, table.at(row, labels.name), text=label, example=example)
        return text.replace_strict(list(known), list(known.values()), return_dtype=pl.Int64, default=None).alias(AGO)
