"""Raw tables from files to the typed facts of a period; what is wrong with them is noted row by row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts import bitemporal
from scorecore.facts.common_rows import ingest_common
from scorecore.facts.convert import CellFaults
from scorecore.facts.event_intake import ingest_events
from scorecore.facts.history import AGO_COLUMN, ingest_dependency, ingest_history
from scorecore.facts.model import PRESENT, ROW, SUBJECT, Distrust, Facts, RowsBySubject
from scorecore.facts.notations import CellFault
from scorecore.facts.period_cells import list_periods
from scorecore.facts.period_intake import keep_period
from scorecore.facts.raw import RawTable
from scorecore.facts.refused_tables import find_refusal, refuse_rows
from scorecore.facts.subject_index import SubjectIndex
from scorecore.facts.table_intake import ID, POSITION, TableIntake, list_rows
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.period import Period, PeriodKind

_NOT_FACTS: Final = frozenset({ID, ROW, POSITION})


def ingest(
    program: Program,
    period: Period,
    raw: Mapping[str, RawTable],
    diagnostics: Diagnostics,
    *,
    known_at: date | None = None,
    other_kinds: tuple[PeriodKind, ...] = (),
) -> Facts | None:
    """The facts of a period, as they were known on a day if one is given; None if there is nobody to decide about.

    What is wrong with the facts of one subject keeps no other from being decided. `other_kinds` are the periods of
    other policies that read the same tables.
    """
    schema = program.schema
    table = _find_table(raw, schema.subject, diagnostics)
    if table is None:
        if raw or not len(diagnostics):  # else nothing could be read, and it has been said why
            params = {"found": ", ".join(sorted(raw))} if raw else {}
            diagnostics.add(catalogue.NO_TABLE, Location(schema.subject, 0, 0), table=schema.subject, **params)
        return None
    dependencies = tuple(events.use.period for events in schema.events if events.use)
    intake = TableIntake(program, period, diagnostics, known_at, (*other_kinds, *dependencies))
    labels = list_periods(table, program.period, intake.fact_names) if table.frame.width else []
    intake = evolve(intake, other_periods=tuple(filter(None, map(program.period.period, labels))))
    facts = _ingest_subjects(intake, table)
    if facts is None:
        return None
    doubts = intake.find_id_doubts(table, facts.ids, facts.subjects[ROW])
    facts = _clear_doubtful(facts, {subject: CellFault(kind, params) for subject, (kind, params, _) in doubts.items()})
    facts = evolve(facts, rows=_ingest_tables(intake, raw, facts, doubts))
    return add_history(program, facts, raw, diagnostics)


def _ingest_tables(
    intake: TableIntake, raw: Mapping[str, RawTable], facts: Facts, doubts: Mapping[int, Distrust]
) -> dict[str, RowsBySubject]:
    """The rows of every table that there is, by its name; those of `doubts` are not trusted."""
    index = _index_subjects(facts)
    rows: dict[str, RowsBySubject] = {}
    for events in intake.program.schema.events:
        sorted_rows = _ingest_table(intake, events, raw, facts, index)
        if sorted_rows is not None:
            distrusted = {**sorted_rows.distrusted, **doubts}
            rows[events.name] = evolve(sorted_rows, distrusted=distrusted) if doubts else sorted_rows
    return rows


def _ingest_table(
    intake: TableIntake, events: EventTable, raw: Mapping[str, RawTable], facts: Facts, index: SubjectIndex
) -> RowsBySubject | None:
    """The rows of a table; none if it is not there, and the cause beside every subject if it cannot be read."""
    table = _find_table(raw, events.name, intake.diagnostics, events.label)
    if table is None or table.refusal:
        cause = table.refusal if table else find_refusal(intake.diagnostics, {events.name, events.label})
        return refuse_rows(intake, events, cause, len(facts)) if cause else None
    reading = evolve(intake, diagnostics=Diagnostics())
    if events.use:
        rows = ingest_dependency(reading, events, events.use, table, facts)
    elif events.common:
        rows = ingest_common(reading, events, table, len(facts))
    else:
        rows = ingest_events(reading, events, table, index)
    for diagnostic in reading.diagnostics:
        intake.diagnostics.take(diagnostic)
    cause = find_refusal(reading.diagnostics) if rows is None else None
    return refuse_rows(intake, events, cause, len(facts)) if cause else rows


def add_history(program: Program, facts: Facts, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts:
    """Facts with the decisions of earlier periods, where the program reads them and there are any."""
    past = _find_table(raw, HISTORY, diagnostics)
    if not program.schema.history or past is None:
        return facts
    intake = TableIntake(program, facts.period, Diagnostics())
    rows = ingest_history(intake, past, _index_subjects(facts))
    for diagnostic in intake.diagnostics:
        diagnostics.take(diagnostic)
    if rows is None:
        cause = find_refusal(intake.diagnostics)
        table = EventTable(HISTORY, (*program.schema.history, AGO_COLUMN), (AGO,))
        rows = refuse_rows(intake, table, cause, len(facts)) if cause else None
    return facts if rows is None else evolve(facts, rows={**facts.rows, HISTORY: rows})


def _index_subjects(facts: Facts) -> SubjectIndex:
    """The numbers of the subjects, and where their rows are."""
    rows, column = facts.subjects[ROW], facts.columns.get(SUBJECT, 0)

    def locate(number: int) -> str:
        return str(Location(facts.source, int(rows[number]), column, in_sheet=bool(facts.columns)))

    names = [column for column in facts.subjects if column.dtype == pl.String]
    return SubjectIndex(facts.ids, locate, names)


def _find_table(raw: Mapping[str, RawTable], name: str, diagnostics: Diagnostics, label: str = "") -> RawTable | None:
    """A table by its name or its label; a problem where there is one by each."""
    by_name, by_label = raw.get(name), raw.get(label) if label and label != name else None
    if by_name is not None and by_label is not None:
        diagnostics.add(catalogue.TWO_FILES, by_label.locate(0), table=name)
    return by_label if by_name is None else by_name


def _ingest_subjects(intake: TableIntake, table: RawTable) -> Facts | None:
    """The subjects of the period with their facts; None if there are none, or the table cannot be read."""
    columns = intake.program.schema.columns
    headings = intake.match_headings(table, columns, intake.id_headings, bitemporal.SUBJECT_CLOCKS)
    identified = intake.identify_rows(table, intake.id_label)
    if headings is None or identified is None:
        return None
    frame = keep_period(intake, table, identified.frame, tuple(headings.values()))
    if frame is None:
        return None
    row_count = len(frame)
    frame, clock_faults = bitemporal.read_clocks(frame, headings, intake.known_at)
    if bitemporal.KNOWN in frame.columns:
        intake.warn_of_needless(table, headings, bitemporal.find_needless_withdrawals(frame, (ID, bitemporal.FROM)))
        in_force = bitemporal.keep_in_force(frame, clock_faults, (ID,), pl.lit(intake.period.end))
        for row, subject, day in bitemporal.find_leavers(frame, in_force, ID, intake.period.start):
            place = table.locate(row, headings.get(bitemporal.UNTIL, ""))
            intake.diagnostics.add(catalogue.LEFT_IN_PERIOD, place, id=subject, day=day, period=intake.period)
        frame = in_force
    if not len(frame):
        periods = list_periods(table, intake.program.period, intake.fact_names) if len(table.frame) else []
        params = {"rows": str(row_count)} if row_count else {"periods": ", ".join(periods)} if periods else {}
        params |= {} if len(table.frame) else {"table": intake.program.schema.subject}
        intake.diagnostics.add(catalogue.NOBODY, table.locate(0), period=intake.period, **params)
        if table.whole is None:  # a part may have events of people whom no part has
            return None
    frame = frame.sort(ID, maintain_order=True)
    series, faults = intake.convert_columns(table, frame, columns, headings)
    typed = pl.DataFrame([frame[ID], frame[ROW], *series])
    if clock_faults or (typed[ID] == typed[ID].shift(1)).any():  # they are sorted
        typed, faults = _keep_one_row_each(typed, faults, columns, clock_faults)
    clocks = {headings[name]: headings[name] for name in bitemporal.SUBJECT_CLOCKS.values() if name in headings}
    places = table.find_column_numbers(headings | clocks | {SUBJECT: intake.find_id_heading(table)})
    return Facts(intake.period, typed[ID].alias("id"), typed.drop(ID), {}, faults, table.source, places)


def _keep_one_row_each(
    typed: pl.DataFrame,
    faults: Mapping[str, CellFaults],
    columns: Sequence[FactColumn],
    clock_faults: bitemporal.ClockFaults,
) -> tuple[pl.DataFrame, dict[str, CellFaults]]:
    """One row for each subject; whose is not clear keeps no facts, so that nothing is decided by chance."""
    first = typed.with_row_index(POSITION).unique(ID, keep="first", maintain_order=True)
    new_rows = dict(zip(first[POSITION], range(len(first)), strict=True))
    moved: dict[str, CellFaults] = {
        name: {new_rows[row]: fault for row, fault in column_faults.items() if row in new_rows}
        for name, column_faults in faults.items()
    }
    repeated: dict[str, list[int]] = {}
    for subject_id, row in typed.filter(pl.col(ID).is_duplicated()).select(ID, ROW).rows():
        repeated.setdefault(subject_id, []).append(row)
    unclear: CellFaults = {
        position: CellFault(*clock_faults[row]) for position, row in enumerate(first[ROW]) if row in clock_faults
    }
    for position, subject_id in enumerate(first[ID]):
        if subject_id in repeated:
            others = list_rows(sorted(repeated[subject_id])[1:])["rows"]
            params = {"id": subject_id, "name": SUBJECT, "rows": others}
            unclear[position] = CellFault(catalogue.SUBJECT_TWICE, params)
    for column in columns:
        moved.setdefault(column.name, {}).update(unclear)
    return _clear_rows(first, unclear).drop(POSITION), moved


def _clear_rows(frame: pl.DataFrame, rows: Collection[int]) -> pl.DataFrame:
    """A table of subjects without the facts in some rows."""
    names = [name for name in frame.columns if name not in _NOT_FACTS]
    return frame.with_columns(frame[name].clone().scatter(list(rows), None) for name in names)


def _clear_doubtful(facts: Facts, doubts: CellFaults) -> Facts:
    """Facts without those of subjects of whom it is not clear who they are."""
    if not doubts:
        return facts
    names = [name for name in facts.subjects.columns if name not in _NOT_FACTS and not name.startswith(PRESENT)]
    bad = {name: {**facts.bad.get(name, {}), **doubts} for name in names}
    return evolve(facts, subjects=_clear_rows(facts.subjects, doubts), bad={**facts.bad, **bad})
