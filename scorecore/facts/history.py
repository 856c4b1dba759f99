"""Decisions that are read as facts: those of earlier periods, and those of other policies.

They enter as typed frames, as the evaluators made them, or as a file has them; either way every column is checked as
facts are. What does not fit its column was not decided.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.facts.cells import EVERY_YEAR
from scorecore.facts.convert import CellFaults, convert_column
from scorecore.facts.headings import is_heading
from scorecore.facts.hierarchy import gather_below
from scorecore.facts.ids import read_ids
from scorecore.facts.model import PRESENT, ROW, SUBJECT, Distrust, Facts, RowsBySubject
from scorecore.facts.period_cells import find_period_heading, read_periods
from scorecore.facts.period_intake import report_periods
from scorecore.facts.raw import RawTable
from scorecore.facts.readable import get_readable_dtype, make_readable
from scorecore.facts.subject_index import SubjectIndex, sort_rows
from scorecore.facts.table_intake import (
    ID,
    POSITION,
    TableIntake,
    find_distrusted,
    list_rows,
    slice_by_subject,
)
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.schema import DEPTH, EventTable, FactColumn, PolicyDependency, Schema
from scorecore.values.period import Period, PeriodKind
from scorecore.values.types import MAX_INT, Type, TypeKind, integer_type

AGO_COLUMN = FactColumn(AGO, integer_type(-MAX_INT, MAX_INT))
"""How many periods before the one that is decided."""
_OF_ANOTHER_VERSION: Final = frozenset({catalogue.FACT_OUTSIDE, catalogue.FACT_TOO_FINE, catalogue.FACT_NOT_AMONG})
"""What is wrong with decisions that another version of the policy may have made."""


def ingest_history(intake: TableIntake, table: RawTable, index: SubjectIndex) -> RowsBySubject | None:
    """Decisions of earlier periods, the latest first; None if the table cannot be read."""
    columns = intake.program.schema.history
    optional = [FactColumn(column.name, column.type, optional=True) for column in columns]
    # without its balances a history is of another policy; what else is missing was not decided yet then
    needed = [evolve(column, optional=not column.name.startswith("carry.")) for column in columns]
    headings = intake.match_headings(table, needed, table.frame.columns)
    identified = intake.identify_rows(table, intake.id_label)
    heading = intake.require_period_heading(table)
    if headings is None or identified is None or heading is None:
        return None
    frame = identified.frame
    series, faults = intake.convert_columns(table, frame, optional, headings, EVERY_YEAR, HISTORY)
    _report_unreadable(intake, table, frame[ROW], faults, headings)
    periods = read_periods(frame[heading], intake.program.period)
    report_periods(intake, table, periods, frame[ROW], heading)
    ago = _count_periods_ago(intake, periods.labels)
    _note_later_rows(intake, table, frame[ROW], periods.labels, ago, heading)
    values = [column for column in series if not column.name.startswith(PRESENT)]
    numbers = index.find_numbers(frame[ID]).alias(SUBJECT)
    typed = pl.DataFrame([frame[ID], frame[ROW], *values, ago, numbers]).with_row_index(POSITION)
    unknown = _find_without_opening(table, typed, periods.labels, headings)
    unassigned = unknown | _find_unassigned(intake, table, typed, index, identified.unidentified, heading)
    typed = sort_rows(typed.filter(pl.col(AGO) >= 1, pl.col(SUBJECT).is_not_null()), (SUBJECT, AGO))
    distrusted = find_distrusted(EventTable(HISTORY, (AGO_COLUMN,), (AGO,)), typed)
    labels = dict(zip(frame[ROW], periods.labels, strict=True))
    distrusted = {  # people know a period by its name
        subject: (kind, params | ({"key": labels[row]} if "key" in params else {}), row)
        for subject, (kind, params, row) in distrusted.items()
    }
    return slice_by_subject(typed, {}, unassigned | distrusted, len(index.ids), table.source)


def _find_without_opening(
    table: RawTable, typed: pl.DataFrame, labels: pl.Series, columns: Collection[str]
) -> dict[int, Distrust]:
    """Everybody whose balances were not known in the first period, because nothing was known of what was before."""
    balances = [name for name in columns if name.startswith("carry.")]
    if not table.begins or not balances:
        return {}
    first = typed.filter(labels == table.begins).filter(pl.any_horizontal(pl.col(balances).is_null()))
    cause: Distrust = (catalogue.HISTORY_MISSING, {"table": HISTORY}, 0)
    return dict.fromkeys(first[SUBJECT].drop_nulls(), cause)


def _report_unreadable(
    intake: TableIntake, table: RawTable, rows: pl.Series, faults: Mapping[str, CellFaults], headings: Mapping[str, str]
) -> None:
    """Report cells that say nothing. Values that do not suit their column were decided by another version."""
    for name, column_faults in faults.items():
        for position, (kind, params) in column_faults.items():
            if kind not in _OF_ANOTHER_VERSION:
                place = table.locate(int(rows[position]), headings[name])
                intake.diagnostics.add(kind, place, table=HISTORY, name=name, **params)


def _note_later_rows(
    intake: TableIntake, table: RawTable, rows: pl.Series, labels: pl.Series, ago: pl.Series, heading: str
) -> None:
    """Note decisions of the period itself and of later ones: they are not earlier ones, and nobody reads them."""
    is_later = (ago < 1).fill_null(value=False)
    if is_later.any():
        later = sorted(zip(rows.filter(is_later), labels.filter(is_later), strict=True))
        (row, label), *others = later
        params = {"text": label, "period": intake.period, **list_rows([other for other, _ in others])}
        intake.diagnostics.add(catalogue.HISTORY_NOT_BEFORE, table.locate(row, heading), **params)


def _count_periods_ago(intake: TableIntake, labels: pl.Series) -> pl.Series:
    """How many periods before this one each row is; null for what is not a period."""
    kind = intake.program.period
    named = {label: kind.period(label) for label in labels.unique().drop_nulls()}
    ago = {label: kind.between(period, intake.period) for label, period in named.items() if period}
    return labels.replace_strict(list(ago), list(ago.values()), return_dtype=pl.Int64, default=None).alias(AGO)


def _find_unassigned(
    intake: TableIntake,
    table: RawTable,
    typed: pl.DataFrame,
    index: SubjectIndex,
    unidentified: Sequence[int],
    heading: str,
) -> dict[int, Distrust]:
    """Everybody to whom a row may belong whose subject or period is not clear."""
    of_whom = {"table": HISTORY, "name": intake.id_label}
    if unidentified:
        return dict.fromkeys(range(len(index.ids)), (catalogue.KEY_BROKEN, of_whom, unidentified[0]))
    unassigned: dict[int, Distrust] = {}
    for subject, row in intake.find_case_twins(table, typed, index):
        unassigned.setdefault(subject, (catalogue.KEY_BROKEN, of_whom, row))
    timeless = typed.filter(pl.col(AGO).is_null()).drop_nulls(SUBJECT)
    for subject, row in timeless.select(SUBJECT, ROW).rows():
        unassigned.setdefault(subject, (catalogue.KEY_BROKEN, {"table": HISTORY, "name": heading}, row))
    return unassigned


def ingest_dependency(
    intake: TableIntake, events: EventTable, dependency: PolicyDependency, table: RawTable, facts: Facts
) -> RowsBySubject | None:
    """Decisions of another policy beside every subject whom they concern; None if the table cannot be read."""
    columns = [column for column in events.columns if column.name != DEPTH or dependency.depth == 1]
    results = [column for column in columns if column.name not in events.key]
    headings = intake.match_headings(table, results, table.frame.columns)
    identified = intake.identify_rows(table, dependency.subject, {dependency.subject})
    heading = intake.require_period_heading(table)
    if headings is None or identified is None or heading is None:
        return None
    labels = dependency.labels(intake.period)
    frame = identified.frame
    periods = read_periods(frame[heading], dependency.period)
    frame = frame.with_columns(periods.labels.alias(heading)).filter(periods.labels.is_in(labels))
    keys = {name: ID if name == dependency.subject else heading for name in events.key}
    series, _ = intake.convert_columns(table, frame, columns, headings | keys, EVERY_YEAR, events.name)
    typed = pl.DataFrame([frame[ROW], *(column for column in series if not column.name.startswith(PRESENT))])
    concerned = read_ids(typed[dependency.gather].cast(pl.String)).values if dependency.gather else frame[ID]
    ids = read_ids(facts.subjects[dependency.match].cast(pl.String)).values if dependency.match else facts.ids
    subjects = pl.DataFrame([ids.alias(ID)]).with_row_index(SUBJECT).drop_nulls()
    typed = typed.with_columns(concerned.alias(ID))
    circles: dict[str, Distrust] = {}
    if dependency.depth > 1:
        typed, circles = gather_below(typed, events, dependency)
    typed = subjects.join(typed, on=ID, maintain_order="left_right").with_row_index(POSITION)
    typed = sort_rows(typed, (SUBJECT, *events.key))
    in_circle = {subject: circles[subject_id] for subject, subject_id in subjects.rows() if subject_id in circles}
    distrusted = find_distrusted(events, typed) | in_circle
    unclear = sorted(set(table.unclear) & set(frame[ROW])) if table.unclear else ()
    if unclear:  # whoever is meant lacks a row, and that may be anybody
        cause: Distrust = (catalogue.KEY_BROKEN, {"table": events.name, "name": dependency.gather}, unclear[0])
        distrusted = dict.fromkeys(range(len(facts)), cause) | distrusted
    return slice_by_subject(typed, {}, distrusted, len(facts), table.source)


def list_decided(past: RawTable, schema: Schema, kind: PeriodKind, label: str) -> set[str]:
    """The ids of those about whom a history has decisions of a period."""
    period = find_period_heading(past.frame, kind)
    subject = _find_heading(past.frame, {schema.subject, schema.label})
    if period is None or subject is None:
        return set()
    is_of_period = read_periods(past.frame[period], kind).labels == label
    return set(read_ids(past.frame[subject]).values.filter(is_of_period).drop_nulls())


def append_decisions(past: RawTable | None, decisions: pl.DataFrame, schema: Schema, kind: PeriodKind) -> RawTable:
    """The history with what the program reads of the decisions of one more period, in the types of its columns.

    `decisions` has a row for each subject, with the id under the name of the subject, and `period`. What `past` has
    may be text, as in a file; it is converted once.
    """
    names = [schema.subject, "period", *(column.name for column in schema.history if column.name in decisions.columns)]
    decisions = decisions.select(names)
    if past is None:
        return RawTable(decisions, HISTORY, begins=decisions["period"][0] if len(decisions) else "")
    if not past.frame.width:
        return RawTable(decisions, HISTORY)
    period = find_period_heading(past.frame, kind) or "period"
    subject = _find_heading(past.frame, {schema.subject, schema.label}) or schema.subject
    headings = {column.name: _find_heading(past.frame, {column.name, column.label}) for column in schema.history}
    renamed = {name: heading for name, heading in headings.items() if heading and name in names}
    types = {heading: column.type for column in schema.history if (heading := headings[column.name])}
    texts = {heading: Type(TypeKind.STRING) for heading in (period, subject)}
    kept = unify_types([past.frame], types | texts)
    more = decisions.rename(renamed | {"period": period, schema.subject: subject})
    return evolve(past, frame=pl.concat([*kept, *unify_types([more], types | texts)], how="diagonal"))


def _find_heading(frame: pl.DataFrame, names: Collection[str]) -> str | None:
    """The heading that is one of some names; an empty one does not count."""
    return next((heading for heading in frame.columns if is_heading(heading, set(names) - {""})), None)


def unify_types(frames: Sequence[pl.DataFrame], types: Mapping[str, Type]) -> list[pl.DataFrame]:
    """Frames whose columns of some names have the types that the names are given, so that they can be concatenated.

    Cells that do not fit become null: they were not decided.
    """
    return [
        frame.with_columns(
            _convert_readable(frame[name], fact_type).alias(name)
            for name, fact_type in types.items()
            if name in frame.columns
        )
        for frame in frames
    ]


def _convert_readable(cells: pl.Series, fact_type: Type) -> pl.Series:
    if cells.dtype == get_readable_dtype(fact_type) and fact_type.among is None:
        return cells
    values, _ = convert_column(cells, fact_type, EVERY_YEAR)
    return values.to_frame("cell").select(make_readable(pl.col("cell"), fact_type)).to_series()


def concat_decisions(frames: Sequence[pl.DataFrame], events: EventTable) -> pl.DataFrame:
    """The decisions of used policies as one table, in the types of the table in which they are read.

    Policies that are used side by side may have other types for a result of one name, such as fewer decimal places.
    """
    types = {column.name: column.type for column in events.columns}
    return pl.concat(unify_types(frames, types), how="diagonal")


def drop_periods(past: RawTable, periods: Sequence[Period], kind: PeriodKind) -> RawTable:
    """The history without some periods."""
    heading = find_period_heading(past.frame, kind)
    if heading is None:
        return past
    labels = read_periods(past.frame[heading], kind).labels
    is_kept = ~labels.is_in([period.label for period in periods]).fill_null(value=False)
    if is_kept.all():
        return past
    return evolve(past, frame=past.frame.filter(is_kept), lines=tuple(past.row_numbers.filter(is_kept)))
