"""What the empty workbook of a policy says: its sheets, and the notes of its cells in the reader's language."""

from collections.abc import Iterable, Iterator, Mapping

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
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn, Schema, Stage
from scorecore.values.types import Type, TypeKind, from_units
from scorecore_cli.labels import labeller
from scorecore_cli.language import _, join_sentences


@define
class _FactTable:
    """A fact table of one policy, or of all policies that read it."""

    name: str
    label: str
    about: str
    id: TemplateField | None
    """None where rows belong to nobody."""
    dated: bool
    """Whether a column says for which period a row is."""
    columns: dict[str, FactColumn] = field(factory=dict)
    needed: set[str] = field(factory=set)
    """Columns without which a row is not complete."""
    stages: dict[str, tuple[str, ...]] = field(factory=dict)
    """Of columns that are stages of a matter, what is said of them."""


class SheetNameTaken(Exception):  # noqa: N818  becomes a problem
    """A table whose name a sheet cannot have."""


def sheets_of(program: Program, used: Iterable[Program]) -> tuple[TemplateSheet, ...]:
    """A sheet for each table that a program, and those that it uses, read; raises Unnamable."""
    tables: dict[str, _FactTable] = {}
    programs = {f"{policy_program.id}@{policy_program.version}": policy_program for policy_program in (program, *used)}
    repeated = set(_find_repeated(program, programs))
    for name, policy_program in programs.items():
        _collect(policy_program.schema, tables, dated=name in repeated)
    names: dict[str, str] = {}
    reserved_names = (_("choices"), _("how to fill this in"), _("earlier decisions"))
    for name, table in tables.items():
        usable_name = choose_sheet_name(
            [table.label, name], [*names.values(), *(tables.keys() - {name}), *reserved_names]
        )
        if usable_name is None:
            raise SheetNameTaken(name)
        names[name] = usable_name
    fact_sheets = [TemplateSheet(names[name], tuple(_fields(table))) for name, table in tables.items()]
    return (*fact_sheets, *_past(program))


def _find_repeated(program: Program, programs: Mapping[str, Program], *, is_repeated: bool = False) -> Iterator[str]:
    """The policies that are read in more than one period, for themselves or for others that are."""
    for dependency in (table.use for table in program.schema.events if table.use):
        for name in dependency.policies:
            if is_repeated or dependency.is_repeated:
                yield name
            yield from _find_repeated(programs[name], programs, is_repeated=is_repeated or dependency.is_repeated)


def _collect(schema: Schema, tables: dict[str, _FactTable], *, dated: bool) -> None:
    heading = schema.label or schema.subject
    who = TemplateField(
        heading, TEXT, (heading, _("the subject of this row; leading zeros are kept")), _("the subject of this row")
    )
    several_tables = [(schema.subject, "", _("one row for each"), schema.columns, dated)]
    common = {events.name for events in schema.events if events.common}
    for events in schema.events:
        if events.use is None:
            about = _("any number of rows for each; no rows means that nothing happened")
            about = _("rows that belong to nobody and are read by everybody") if events.common else about
            several_tables.append((events.name, events.label, about, events.columns, dated and not events.dated_by))
    for name, label, about, columns, by_period in several_tables:
        table = tables.setdefault(name, _FactTable(name, label, about, None if name in common else who, by_period))
        table.dated |= by_period
        for column in columns:
            table.columns.setdefault(column.name, column)
            table.needed |= set() if column.optional else {column.name}
    for events in schema.events:
        for stage in events.stages:
            tables[events.name].stages[stage.name] = tuple(_describe_stage(stage, events))


def _describe_stage(stage: Stage, events: EventTable) -> Iterator[str]:
    """After what a stage is filled in, by whom, and with what."""
    labels = {column.name: column.label or column.name for column in events.columns}
    if stage.after:
        yield _("only after: {stages}", stages=" / ".join(labels[name] for name in stage.after))
    if stage.owner:
        yield _("who has it: {owner}", owner=stage.owner)
    if stage.evidence:
        yield _("with it: {evidence}", evidence=", ".join(labels[name] for name in stage.evidence))


def _fields(table: _FactTable) -> Iterator[TemplateField]:
    yield from [table.id] if table.id else []
    if table.dated:
        rule = _("the period that the row is for, such as 2024-05")
        yield TemplateField(_("period"), TEXT, (_("period"), rule), rule)
    columns = tuple(table.columns.values())
    headings = choose_headings(columns, {table.name, *([table.id.heading] if table.id else [])})
    for column in columns:
        described = _field(column, headings[column.name], needed=column.name in table.needed)
        yield evolve(described, note=(*described.note, *table.stages.get(column.name, ())))


def _past(program: Program) -> Iterator[TemplateSheet]:
    """The sheet for decisions of earlier periods, where a policy reads them and no earlier run has written them."""
    schema = program.schema
    if not schema.history:
        return
    heading = schema.label or schema.subject
    label = labeller(program)
    names = label_columns([column.name for column in schema.history], label)
    rule = _("an earlier period, such as {example}", example=program.period.example)
    yield TemplateSheet(
        _("earlier decisions"),
        (
            TemplateField(heading, TEXT, (heading,), _("the subject of this row")),
            TemplateField(_("period"), TEXT, (_("period"), rule), rule),
            *(
                _field(evolve(column, label=label(column.name)), names[column.name], needed=False)
                for column in schema.history
            ),
        ),
    )


def _field(column: FactColumn, heading: str, *, needed: bool) -> TemplateField:
    return TemplateField(heading, column.type, tuple(_note(column, needed=needed)), _rule(column), needed)


def _note(column: FactColumn, *, needed: bool) -> Iterator[str]:
    yield _("{label} ({name})", label=column.label, name=column.name) if column.label else column.name
    yield _rule(column)
    if column.unit:
        yield _("unit: {unit}", unit=column.unit)
    if column.authority:
        yield _("clause: {clause}", clause=column.authority)
    yield _("must be filled in") if needed else _("may stay empty")


def _rule(column: FactColumn) -> str:
    """What a cell may contain."""
    match column.type.kind:
        case TypeKind.BOOL:
            return _("yes or no")
        case TypeKind.DATE:
            return _("a date, such as 2024-05-31")
        case TypeKind.TIMESTAMP:
            return _("a date and a time of day, such as 2024-05-31 17:30")
        case TypeKind.STRING if column.type.among is not None:
            return _("one of: {choices}", choices=", ".join(column.type.among))
        case TypeKind.STRING:
            return _("text")
        case _:
            return _number(column.type)


def _number(type_: Type) -> str:
    params = {"low": f"{from_units(type_.low):,f}", "high": f"{from_units(type_.high):,f}"}
    if type_.kind is TypeKind.INT or not type_.places:
        return _("a whole number from {low} to {high}", **params)
    return _("a number from {low} to {high}, at most {places} places", places=type_.places, **params)


def guide_of(program: Program, sheets: Iterable[TemplateSheet]) -> TemplateGuide:
    """The first sheet: what to do, and what every column means."""
    lines = [
        _("{title}: facts to fill in", title=program.title),
        _("made for {name}; this sheet is not read", name=f"{program.id}@{program.version}"),
        _("Fill in the other sheets below their headings. Blue headings must be filled in, grey ones may stay empty."),
        _("Point at a heading to see what it means; a cell refuses what the policy would refuse."),
        _("Keep the headings and the names of the sheets; their order, and columns of your own, do not matter."),
        _("A sheet that stays empty says that nothing happened; a sheet that is removed leaves open what happened."),
        _("Then: scorecore facts check POLICY --facts THIS-FILE --period {example}", example=program.period.example),
    ]
    rows = [
        (
            sheet.name,
            template_field.heading,
            template_field.rule,
            _("yes") if template_field.needed else "",
            join_sentences(template_field.note[2:-1] or ("",)),
        )
        for sheet in sheets
        for template_field in sheet.fields
    ]
    headings = (_("sheet"), _("heading"), _("allowed content"), _("needed"), _("unit and clause"))
    return TemplateGuide(_("how to fill this in"), tuple(lines), headings, tuple(rows))


def words() -> TemplateWords:
    return TemplateWords(_("yes"), _("no"), _("choices"), _("this does not fit"))
