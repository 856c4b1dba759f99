"""Decisions that are read as facts: those of earlier periods, and those of other policies.

They enter as typed frames, as the evaluators made them, or as a file has them; either way every column is checked as
facts are. What does not fit its column was not decided.
"""

from collections.abc import Collection, Mapping, Sequence

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.facts.cells import EVERY_YEAR
from scorecore.facts.convert import convert_column
from scorecore.facts.model import PRESENT, ROW, SUBJECT, Facts, RowsBySubject
from scorecore.facts.raw import RawTable, convert_to_text, find_period_heading
from scorecore.facts.readable import get_readable_dtype, make_readable
from scorecore.facts.subject_index import SubjectIndex, sort_rows
from scorecore.facts.table_intake import (
    ID,
    MAX_LISTED,
    POSITION,
    TableIntake,
    convert_columns,
    find_distrusted,
    slice_by_subject,
)
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.schema import EventTable, FactColumn, PolicyDependency, Schema
from scorecore.values.period import Period
from scorecore.values.types import MAX_INT, Type, TypeKind, integer_type

AGO_COLUMN = FactColumn(AGO, integer_type(-MAX_INT, MAX_INT))
"""How many periods before the one that is decided."""


def ingest_history(intake: TableIntake, table: RawTable, index: SubjectIndex) -> RowsBySubject | None:
    """Decisions of earlier periods, the latest first; None if the table cannot be read."""
    columns = intake.program.schema.history
    optional = [FactColumn(column.name, column.type, optional=True) for column in columns]
    # without its balances a history is of another policy; what else is missing was not decided yet then
    needed = [evolve(column, optional=not column.name.startswith("carry.")) for column in columns]
    headings = intake.match_headings(table, needed, table.frame.columns)
    frame = intake.identify_rows(table, intake.id_label)
    heading = intake.require_period_heading(table)
    if headings is None or frame is None or heading is None:
        return None
    series, _ = convert_columns(frame, optional, headings, EVERY_YEAR)
    ago = _count_periods_ago(intake, frame[heading], table)
    values = [column for column in series if not column.name.startswith(PRESENT)]
    numbers = index.find_numbers(frame[ID]).alias(SUBJECT)
    typed = pl.DataFrame([frame[ID], frame[ROW], *values, ago, numbers]).with_row_index(POSITION)
    typed = sort_rows(typed.filter(pl.col(AGO) >= 1, pl.col(SUBJECT).is_not_null()), (SUBJECT, AGO))
    distrusted = find_distrusted(EventTable(HISTORY, (AGO_COLUMN,), (AGO,)), typed)
    return slice_by_subject(typed, {}, distrusted, len(index.ids), table.source)


def _count_periods_ago(intake: TableIntake, labels: pl.Series, table: RawTable) -> pl.Series:
    """How many periods before this one each row is; null for what is not a period."""
    texts = convert_to_text(labels)
    kind = intake.program.period
    ago: dict[str, int | None] = {}
    for label in texts.unique(maintain_order=True).drop_nulls():
        period = kind.period(label)
        ago[label] = kind.between(period, intake.period) if period else None
        if period is None:
            row = table.row_numbers[int((texts == label).arg_max() or 0)]
            place = table.locate(row, labels.name)
            intake.diagnostics.add(catalogue.NOT_A_PERIOD, place, text=label, example=kind.example)
    return texts.replace_strict(list(ago), list(ago.values()), return_dtype=pl.Int64, default=None).alias(AGO)


def ingest_dependency(
    intake: TableIntake, events: EventTable, dependency: PolicyDependency, table: RawTable, facts: Facts
) -> RowsBySubject | None:
    """Decisions of another policy beside every subject whom they concern; None if the table cannot be read."""
    results = [column for column in events.columns if column.name not in events.key]
    headings = intake.match_headings(table, results, table.frame.columns)
    frame = intake.identify_rows(table, dependency.subject, {dependency.subject})
    heading = intake.require_period_heading(table)
    if headings is None or frame is None or heading is None:
        return None
    labels = dependency.period.within(intake.period) if dependency.within else [intake.period.label]
    frame = frame.filter(convert_to_text(frame[heading]).is_in(labels))
    keys = {name: ID if name == dependency.subject else heading for name in events.key}
    series, _ = convert_columns(frame, events.columns, headings | keys, EVERY_YEAR)
    typed = pl.DataFrame([frame[ROW], *(column for column in series if not column.name.startswith(PRESENT))])
    concerned = typed[dependency.gather].cast(pl.String) if dependency.gather else frame[ID]
    for row in frame.filter(concerned.is_null())[ROW].head(MAX_LISTED):
        place = table.locate(row, headings.get(dependency.gather, ""))
        intake.diagnostics.add(catalogue.NO_ID, place, name=dependency.gather)
    ids = facts.subjects[dependency.match].cast(pl.String) if dependency.match else facts.ids
    subjects = pl.DataFrame([ids.alias(ID)]).with_row_index(SUBJECT).drop_nulls()
    typed = typed.with_columns(concerned.alias(ID))
    typed = subjects.join(typed, on=ID, maintain_order="left_right").with_row_index(POSITION)
    typed = sort_rows(typed, (SUBJECT, *events.key))
    distrusted = find_distrusted(events, typed)
    return slice_by_subject(typed, {}, distrusted, len(facts), table.source)


def append_decisions(past: RawTable | None, decisions: pl.DataFrame, schema: Schema) -> RawTable:
    """The history with what the program reads of the decisions of one more period, in the types of its columns.

    `decisions` has a row for each subject, with the id under the name of the subject, and `period`. What `past` has
    may be text, as in a file; it is converted once.
    """
    names = [schema.subject, "period", *(column.name for column in schema.history if column.name in decisions.columns)]
    decisions = decisions.select(names)
    if past is None or not past.frame.width:
        return RawTable(decisions, HISTORY)
    period = find_period_heading(past.frame) or "period"
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
    return next((heading for heading in frame.columns if heading.strip() in set(names) - {""}), None)


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


def drop_periods(past: RawTable, periods: Sequence[Period]) -> RawTable:
    """The history without some periods."""
    heading = find_period_heading(past.frame)
    if heading is None:
        return past
    is_kept = ~convert_to_text(past.frame[heading]).is_in([period.label for period in periods]).fill_null(value=False)
    if is_kept.all():
        return past
    return evolve(past, frame=past.frame.filter(is_kept), lines=tuple(past.row_numbers.filter(is_kept)))
