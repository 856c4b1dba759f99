"""A program for people to read from top to bottom."""

from collections.abc import Iterator

from scorecore.language.bands import BandTable
from scorecore.language.expressions import MatterState, walk
from scorecore.language.printer import print_constant, print_expression
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn
from scorecore.program.steps import AnyStep, GroupStep, Step, step_expressions
from scorecore.values.calendar import Calendar
from scorecore.values.types import Type, from_units
from scorecore_cli.labels import pay_kind_label, reason_label
from scorecore_cli.language import _
from scorecore_cli.terminal import bold, console, table


def show_program(program: Program, digest: str) -> None:
    screen = console()
    screen.print(bold(f"{program.id}@{program.version}  {program.title}"))
    screen.print(_("program {digest}", digest=digest))
    for name, text in program.documents:
        screen.print(_("source: {name}, SHA-256 {digest}", name=name, digest=text))
    screen.print(_in_force(program))
    for assumption in program.assumptions:
        screen.print(_("assumed: {text}", text=assumption))
    for heading, rows in _list_sections(program):
        if rows:
            screen.print()
            screen.print(bold(heading))
            widths = max(len(row) for row in rows)
            shown = table(*([""] * widths))
            shown.show_header = False
            for row in rows:
                shown.add_row(*row)
            screen.print(shown)


def _in_force(program: Program) -> str:
    start, end, period = program.effective_from, program.effective_to, _(program.period.every)
    if end is None:
        return _("in force from {start}, decides every {period}", start=start, period=period)
    return _("in force {start} to {end}, decides every {period}", start=start, end=end, period=period)


def _heading(band_table: BandTable) -> str:
    if not band_table.edge:
        return _("table {name} ({kind})", name=band_table.name, kind=_(band_table.kind))
    return _(
        "table {name} ({kind}, edge {edge})", name=band_table.name, kind=_(band_table.kind), edge=_(band_table.edge)
    )


Rows = list[tuple[str, ...]]


def _list_sections(program: Program) -> Iterator[tuple[str, Rows]]:
    schema = program.schema
    yield _("facts of {subject}", subject=schema.subject), list(map(_column, schema.columns))
    for events in schema.events:
        heading = _("events {name} (key: {key})", name=events.name, key=", ".join(events.key))
        yield heading, list(map(_column, events.columns))
        yield _("stages of {name}", name=events.name), list(_list_stages(events))
    yield _("what is read of stages and deadlines"), _list_states(program)
    yield _("parameters"), _parameters(program)
    for band_table in program.tables:
        yield _heading(band_table), _bands(band_table)
    for calendar in program.calendars:
        yield _("calendar {name}", name=calendar.name), _calendar(calendar)
    yield _("groups"), _groups(program)
    steps = [row for step in program.steps for row in _step(program, step)]
    yield _("steps, in the order in which they are computed"), steps


def _list_stages(events: EventTable) -> Iterator[tuple[str, ...]]:
    for stage in events.stages:
        following = ", ".join(later.name for later in events.stages if stage.name in later.after)
        yield stage.name, f"→ {following}" if following else "", stage.owner, ", ".join(stage.evidence), stage.authority


def _list_states(program: Program) -> Rows:
    """What expressions read of matters, and what it stands for."""
    nodes = (node for step in program.steps for expression in step_expressions(step) for node in walk(expression))
    states = {print_expression(node): node.operand for node in nodes if isinstance(node, MatterState)}
    return [(name, print_expression(states[name])) for name in sorted(states)]


def _parameters(program: Program) -> Rows:
    return [
        (
            f"parameters.{parameter.name}",
            _("from {day}", day=start),
            print_constant(value),
            parameter.label,
            parameter.authority,
        )
        for parameter in program.parameters
        for start, value in parameter.values
    ]


def _bands(band_table: BandTable) -> Rows:
    return [
        (
            _("from {day}", day=start) if start.year > 1 else "",
            str(band.start),
            print_constant(band.value),
            _end(band.end),
        )
        for start, bands in band_table.versions
        for band in bands
    ]


def _groups(program: Program) -> Rows:
    return [
        (group.name, group.by or _("everybody"), _held(group.held), _ties(group.ties), group.label, group.authority)
        for group in program.groups
    ]


def _calendar(calendar: Calendar) -> list[tuple[str, ...]]:
    rows = [
        (_("covers"), _("{start} to {end}", start=calendar.first, end=calendar.last)),
        (_("worked on"), ", ".join(map(_, calendar.days))),
        (_("days off"), ", ".join(map(str, calendar.holidays))),
        (_("extra working days"), ", ".join(map(str, calendar.workdays))),
        (_("hours"), ", ".join(calendar.hours)),
    ]
    return [row for row in rows if row[1]]


def _held(held: str) -> str:
    return _("waits for all members") if held == "wait" else _("leaves out members without a value")


def _ties(ties: str) -> str:
    """The places of equals by example."""
    examples = {"first": "1, 1, 3", "last": "2, 2, 3", "dense": "1, 1, 2", "mean": "1.5, 1.5, 3"}
    if ties == "hold":
        return _("ties are held")
    return _("ties: {places}", places=examples[ties]) if ties else ""


def _end(end: object) -> str:
    return "" if end is None else f"≤ {end}"


def _column(column: FactColumn) -> tuple[str, ...]:
    optional = _("may be absent") if column.optional else ""
    return column.name, _type(column.type), column.unit, optional, column.label, column.authority


def _type(type_: Type) -> str:
    if type_.is_number:
        places = f", {type_.places}" if type_.is_decimal else ""
        return f"{type_} {from_units(type_.low):f} … {from_units(type_.high):f}{places}"
    return f"{type_}: {', '.join(type_.among)}" if type_.among else str(type_)


def _step(program: Program, step: AnyStep) -> Iterator[tuple[str, ...]]:
    held = _("held by {names}", names=", ".join(step.held_by)) if step.held_by else ""
    about = "  ".join(filter(None, (step.label, step.authority, held)))
    line = next((pay_line for pay_line in program.pay if pay_line.step == step.name), None)
    about = "  ".join(filter(None, (about, pay_kind_label(line.kind) if line else "")))
    if isinstance(step, Step):
        yield step.name, print_expression(step.expression), about
        return
    if isinstance(step, GroupStep):
        yield step.name, _("over {names} of all members", names=", ".join(step.operands)), about
        return
    yield step.name, print_expression(step.opening), about
    for rule in step.entries:
        each = _("for each of {table}", table=rule.each) if rule.each else ""
        when = _("if {condition}", condition=print_expression(rule.when)) if rule.when is not None else ""
        if rule.points is not None:
            change = f"+ ({print_expression(rule.points)})"
        else:
            change = f"→ {print_expression(rule.to)}" if rule.to is not None else ""
        words = "  ".join(filter(None, (reason_label(rule.reason, rule.label), rule.authority)))
        yield "", "  ".join(filter(None, (change, each, when))), words
