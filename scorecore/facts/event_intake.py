"""Tables of events: rows to their subjects and periods, and why some have no place."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts import bitemporal
from scorecore.facts.advice import add_advice
from scorecore.facts.convert import CellFaults
from scorecore.facts.ids import fold_case
from scorecore.facts.model import ROW, SUBJECT, Distrust, RowsBySubject
from scorecore.facts.notations import CellFault
from scorecore.facts.period_intake import keep_period
from scorecore.facts.raw import RawTable
from scorecore.facts.stages import check_stages
from scorecore.facts.subject_index import SubjectIndex, sort_rows
from scorecore.facts.table_intake import (
    ID,
    POSITION,
    TableIntake,
    find_distrusted,
    list_placing_columns,
    slice_by_subject,
)
from scorecore.program.schema import EventTable

BETWEEN_DAYS: Final = " … "
_CLOCKS: Final = (bitemporal.KNOWN, bitemporal.WITHDRAWN)


def ingest_events(
    intake: TableIntake, events: EventTable, table: RawTable, index: SubjectIndex
) -> RowsBySubject | None:
    """The events of the period, sorted; None if the table cannot be read, with the reason among the diagnostics."""
    headings = intake.match_headings(table, events.columns, intake.id_headings, bitemporal.EVENT_CLOCKS)
    identified = intake.identify_rows(table, intake.id_label)
    if headings is None or identified is None:
        return None
    read_headings = tuple(headings.values())
    frame = identified.frame if events.dated_by else keep_period(intake, table, identified.frame, read_headings)
    if frame is None:
        return None
    frame, clock_faults = bitemporal.read_clocks(frame, headings, intake.known_at)
    series, faults = intake.convert_columns(table, frame, events.columns, headings, table_name=events.name)
    clocks = [frame[name] for name in _CLOCKS if name in frame.columns]
    typed = pl.DataFrame([frame[ID], frame[ROW], *series, *clocks]).with_row_index(POSITION)
    number = partial(_number_subjects, index)
    unplaced: list[tuple[int | None, Diagnostic]] = list(_find_mistimed(events, table, typed, clock_faults, number))
    if clocks:
        typed = _keep_latest(intake, events, table, headings, typed)
    unplaced += _find_misplaced(events, table, typed, faults, headings, number)
    distrusted = _distrust_misplaced(intake, events, unplaced)
    in_misplaced = tuple(_find_faults_of_misplaced(events, table, typed, faults, headings))
    typed = number(_keep_placed(intake, events, table, typed, headings))
    twins = dict(intake.find_case_twins(table, typed, index))
    for subject, row in twins.items():
        distrusted.setdefault(subject, (catalogue.KEY_BROKEN, {"table": events.name, "name": intake.id_label}, row))
    typed = _drop_strangers(intake, table, typed, index, index.ids[list(twins)])
    key = (SUBJECT, *events.key)
    typed = sort_rows(bitemporal.drop_withdrawals(typed, key) if clocks else typed, key)
    typed = check_stages(intake, events, table, headings, typed, faults) if events.stages else typed
    distrusted |= find_distrusted(events, typed)
    rows = slice_by_subject(typed, faults, distrusted, len(index.ids), table.source)
    diagnostics = (*(diagnostic for _, diagnostic in unplaced), *in_misplaced)
    return evolve(rows, columns=table.find_column_numbers(headings), unplaced=diagnostics)


def _number_subjects(index: SubjectIndex, typed: pl.DataFrame) -> pl.DataFrame:
    """Rows with the number of the subject that each is about."""
    return typed.with_columns(index.find_numbers(typed[ID]).alias(SUBJECT))


def _distrust_misplaced(
    intake: TableIntake, events: EventTable, unplaced: Iterable[tuple[int | None, Diagnostic]]
) -> dict[int, Distrust]:
    """By number the subjects of rows without a place; such rows of nobody are noted."""
    distrusted: dict[int, Distrust] = {}
    for subject, diagnostic in unplaced:
        if subject is None:
            intake.diagnostics.take(diagnostic)
            continue
        params = {"table": events.name, "name": diagnostic.params["name"]}
        distrusted.setdefault(subject, (catalogue.KEY_BROKEN, params, diagnostic.location.line))
    return distrusted


def _keep_latest(
    intake: TableIntake, events: EventTable, table: RawTable, headings: Mapping[str, str], typed: pl.DataFrame
) -> pl.DataFrame:
    """The rows that no later row replaces or withdraws."""
    key, keyed = (ID, *events.key), pl.all_horizontal(pl.col(list(events.key)).is_not_null())
    intake.warn_of_needless(table, headings, bitemporal.find_needless_withdrawals(typed, key, keyed))
    kept = bitemporal.keep_latest(typed, key, keyed)
    if events.dated_by:
        for row, day, kept_day in bitemporal.find_moved_events(typed, kept, key, events.dated_by, intake.period):
            place = table.locate(row, headings[events.dated_by])
            intake.diagnostics.add(catalogue.MOVED, place, day=day, other=kept_day)
    return kept


def _find_mistimed(
    events: EventTable,
    table: RawTable,
    typed: pl.DataFrame,
    clock_faults: bitemporal.ClockFaults,
    number: Callable[[pl.DataFrame], pl.DataFrame],
) -> Iterator[tuple[int, Diagnostic]]:
    """For each row of a known subject whose clocks cannot be read: whom it concerns, and the diagnostic."""
    if not clock_faults:
        return
    mistimed = number(typed.filter(pl.col(ROW).is_in(list(clock_faults)))).drop_nulls(SUBJECT)
    for subject, row in mistimed.select(SUBJECT, ROW).rows():
        kind, params = clock_faults[row]
        yield subject, Diagnostic(kind, table.locate(row, params["name"]), {"table": events.name, **params})


def _find_misplaced(
    events: EventTable,
    table: RawTable,
    typed: pl.DataFrame,
    faults: Mapping[str, CellFaults],
    headings: Mapping[str, str],
    number: Callable[[pl.DataFrame], pl.DataFrame],
) -> Iterator[tuple[int | None, Diagnostic]]:
    """For each cell without which a row has no place: whom it concerns, if that is known, and the diagnostic."""
    missing = CellFault(catalogue.FACT_MISSING, {})
    units = {column.name: column.unit for column in events.columns}
    for name in list_placing_columns(events):
        if not typed[name].null_count():
            continue
        broken = number(typed.filter(pl.col(name).is_null()))
        for position, subject, row in broken.select(POSITION, SUBJECT, ROW).rows():
            kind, params = faults.get(name, {}).get(position, missing)
            place = table.locate(row, headings.get(name, ""))
            problem = Diagnostic(kind, place, {"table": events.name, "name": name, **params})
            yield subject, add_advice(problem, units[name])


def _find_faults_of_misplaced(
    events: EventTable,
    table: RawTable,
    typed: pl.DataFrame,
    faults: Mapping[str, CellFaults],
    headings: Mapping[str, str],
) -> Iterator[Diagnostic]:
    """What else is wrong with the rows that have no place, cell by cell: all is corrected at once."""
    placing = list_placing_columns(events)
    misplaced = typed.filter(pl.any_horizontal(pl.col(list(placing)).is_null()))
    for column in events.columns if len(misplaced) else ():
        of_column = faults.get(column.name, {})
        for position, row, value in misplaced.select(POSITION, ROW, column.name).rows():
            fault = of_column.get(position)
            if fault is None and (column.optional or value is not None):
                continue
            if column.name not in placing:
                kind, params = fault or CellFault(catalogue.FACT_MISSING, {})
                place = table.locate(row, headings.get(column.name, ""))
                problem = Diagnostic(kind, place, {"table": events.name, "name": column.name, **params})
                yield add_advice(problem, column.unit)


def _note_events_outside(intake: TableIntake, table: RawTable, outside: pl.DataFrame, heading: str) -> None:
    """Note events of no period that the facts are for: nobody counts them, and their dates may be wrong."""
    days, rows = outside.get_columns()
    uncounted = days.unique()
    for period in intake.other_periods:
        uncounted = uncounted.filter(~uncounted.is_between(period.start, period.end))
    if len(uncounted):
        is_uncounted = days.is_in(uncounted.implode())
        days, rows = days.filter(is_uncounted), rows.filter(is_uncounted).sort()
        first_and_last = BETWEEN_DAYS.join(dict.fromkeys((str(days.min()), str(days.max()))))
        params = {"count": len(days), "days": first_and_last, "period": intake.period}
        intake.diagnostics.add(catalogue.EVENTS_OUTSIDE, table.locate(rows[0], heading), **params)


def _keep_placed(
    intake: TableIntake, events: EventTable, table: RawTable, typed: pl.DataFrame, headings: Mapping[str, str]
) -> pl.DataFrame:
    """The rows of this period."""
    incomplete = [name for name in list_placing_columns(events) if typed[name].null_count()]
    typed = typed.drop_nulls(incomplete) if incomplete else typed
    if events.dated_by:
        day = pl.col(events.dated_by).cast(pl.Date)
        is_inside = day.is_between(intake.period.start, intake.period.end)
        outside = typed.lazy().filter(~is_inside).select(day, ROW).collect()
        _note_events_outside(intake, table, outside, headings[events.dated_by])
        typed = typed.filter(is_inside)
    return typed


def _drop_strangers(
    intake: TableIntake, table: RawTable, typed: pl.DataFrame, index: SubjectIndex, twins: pl.Series
) -> pl.DataFrame:
    """The rows about a known subject; rows about others are noted, unless their id is nearly that of a subject."""
    unknown = typed.filter(pl.col(SUBJECT).is_null())
    unknown = unknown.filter(~fold_case(unknown[ID]).is_in(fold_case(twins).to_list()))
    strangers = unknown.group_by(ID).agg(pl.len(), pl.col(ROW).min()).sort(ROW)
    for stranger, count, row in strangers.rows():
        params = {"id": stranger, "subject": intake.program.schema.subject, "period": intake.period, "count": count}
        params |= index.find_meant(stranger)
        intake.diagnostics.add(catalogue.STRANGER, table.locate(row, intake.find_id_heading(table)), **params)
    return typed.filter(pl.col(SUBJECT).is_not_null())
