"""What the empty workbook of a policy says: its sheets, and the notes of its cells in the reader's language."""

from collections.abc import Iterable, Iterator

from attrs import define, evolve, field

from scorecore.facts.raw import choose_headings
from scorecore.io.template import (
    TEXT,
    TemplateField,
    TemplateGuide,
    TemplateSheet,
    TemplateWords,
    choose_sheet_name,
)
from scorecore.io.writers import label_columns
from scorecore.program.model import FactColumn, Program, Schema
from scorecore.values.types import Type, TypeKind, from_units
from scorecore_cli.labels import labeller
from scorecore_cli.language import several, t


@define
class _Table:
    """A fact table of one policy or of several that read it."""

    name: str
    label: str
    about: str
    id: TemplateField
    dated: bool
    """Whether a column says for which period a row is."""
    columns: dict[str, FactColumn] = field(factory=dict)
    needed: set[str] = field(factory=set)
    """Columns without which a row is not complete."""


class Unnamable(Exception):  # noqa: N818  becomes a problem
    """A table whose name a sheet cannot have."""


def sheets_of(program: Program, used: Iterable[Program]) -> tuple[TemplateSheet, ...]:
    """A sheet for each table that a program, and those that it uses, read; raises Unnamable."""
    tables: dict[str, _Table] = {}
    uses = [table.use for table in program.schema.events if table.use]
    within = {policy for use in uses if use.within for policy in use.policies}
    for one in (program, *used):
        _collect(one.schema, tables, dated=f"{one.id}@{one.version}" in within)
    names: dict[str, str] = {}
    own = (t("choices"), t("how to fill this in"), t("earlier decisions"))
    for name, table in tables.items():
        found = choose_sheet_name([table.label, name], [*names.values(), *(tables.keys() - {name}), *own])
        if found is None:
            raise Unnamable(name)
        names[name] = found
    made = [TemplateSheet(names[name], tuple(_fields(table))) for name, table in tables.items()]
    return (*made, *_past(program))


def _collect(schema: Schema, tables: dict[str, _Table], *, dated: bool) -> None:
    heading = schema.label or schema.subject
    who = TemplateField(
        heading, TEXT, (heading, t("whom the row is about; leading zeros stay")), t("whom the row is about")
    )
    several_tables = [(schema.subject, "", t("one row for each"), schema.columns, dated)]
    for one in schema.events:
        if one.use is None:
            about = t("any number of rows for each; no rows means that nothing happened")
            several_tables.append((one.name, one.label, about, one.columns, dated and not one.dated_by))
    for name, label, about, columns, by_period in several_tables:
        table = tables.setdefault(name, _Table(name, label, about, who, by_period))
        table.dated |= by_period
        for column in columns:
            table.columns.setdefault(column.name, column)
            table.needed |= set() if column.optional else {column.name}


def _fields(of: _Table) -> Iterator[TemplateField]:
    yield of.id
    if of.dated:
        rule = t("the period that the row is for, such as 2024-05")
        yield TemplateField(t("period"), TEXT, (t("period"), rule), rule)
    columns = tuple(of.columns.values())
    headings = choose_headings(columns, {of.id.heading, of.name})
    for one in columns:
        yield _field(one, headings[one.name], needed=one.name in of.needed)


def _past(program: Program) -> Iterator[TemplateSheet]:
    """The sheet for decisions of earlier periods, where a policy reads them and no earlier run has written them."""
    schema = program.schema
    if not schema.history:
        return
    heading = schema.label or schema.subject
    label = labeller(program)
    names = label_columns([column.name for column in schema.history], label)
    rule = t("an earlier period, such as {example}", example=program.period.example)
    yield TemplateSheet(
        t("earlier decisions"),
        (
            TemplateField(heading, TEXT, (heading,), t("whom the row is about")),
            TemplateField(t("period"), TEXT, (t("period"), rule), rule),
            *(_field(evolve(one, label=label(one.name)), names[one.name], needed=False) for one in schema.history),
        ),
    )


def _field(of: FactColumn, heading: str, *, needed: bool) -> TemplateField:
    return TemplateField(heading, of.type, tuple(_note(of, needed=needed)), _rule(of), needed)


def _note(of: FactColumn, *, needed: bool) -> Iterator[str]:
    yield t("{label} ({name})", label=of.label, name=of.name) if of.label else of.name
    yield _rule(of)
    if of.unit:
        yield t("unit: {unit}", unit=of.unit)
    if of.authority:
        yield t("clause: {clause}", clause=of.authority)
    yield t("must be filled in") if needed else t("may stay empty")


def _rule(of: FactColumn) -> str:
    """What may stand in a cell."""
    match of.type.kind:
        case TypeKind.BOOL:
            return t("yes or no")
        case TypeKind.DATE:
            return t("a date, such as 2024-05-31")
        case TypeKind.TIMESTAMP:
            return t("a date and a time of day, such as 2024-05-31 17:30")
        case TypeKind.STRING if of.type.among is not None:
            return t("one of: {choices}", choices=", ".join(of.type.among))
        case TypeKind.STRING:
            return t("text")
        case _:
            return _number(of.type)


def _number(of: Type) -> str:
    params = {"low": f"{from_units(of.low):,f}", "high": f"{from_units(of.high):,f}"}
    if of.kind is TypeKind.INT or not of.places:
        return t("a whole number from {low} to {high}", **params)
    return t("a number from {low} to {high}, at most {places} places", places=of.places, **params)


def guide_of(program: Program, sheets: Iterable[TemplateSheet]) -> TemplateGuide:
    """The first sheet: what to do, and what every column means."""
    lines = [
        t("{title}: facts to fill in", title=program.title),
        t("made for {name}; this sheet is not read", name=f"{program.id}@{program.version}"),
        t("Fill in the other sheets below their headings. Blue headings must be filled in, grey ones may stay empty."),
        t("Point at a heading to see what it means; a cell refuses what the policy would refuse."),
        t("Keep the headings and the names of the sheets; their order, and columns of your own, do not matter."),
        t("A sheet that stays empty says that nothing happened; a sheet that is removed leaves open what happened."),
        t("Then: scorecore facts check POLICY --facts THIS-FILE --period {example}", example=program.period.example),
    ]
    rows = [
        (
            sheet.name,
            one.heading,
            one.rule,
            t("yes") if one.needed else "",
            several(one.note[2:-1] or ("",)),
        )
        for sheet in sheets
        for one in sheet.fields
    ]
    headings = (t("sheet"), t("heading"), t("what may stand there"), t("needed"), t("unit and clause"))
    return TemplateGuide(t("how to fill this in"), tuple(lines), headings, tuple(rows))


def words() -> TemplateWords:
    return TemplateWords(t("yes"), t("no"), t("choices"), t("this does not fit"))
