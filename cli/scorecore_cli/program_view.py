"""A program for people to read from top to bottom."""

from collections.abc import Iterator

from rich.text import Text

from scorecore.language.bands import BandTable
from scorecore.language.printer import print_constant, print_expression
from scorecore.program.model import AnyStep, FactColumn, GroupStep, Program, Step
from scorecore.values.calendar import Calendar
from scorecore.values.types import Type, from_units
from scorecore_cli.labels import kind, reason
from scorecore_cli.language import t
from scorecore_cli.terminal import console, table


def show_program(program: Program, digest: str) -> None:
    screen = console()
    screen.print(Text(f"{program.id}@{program.version}  {program.title}", "bold"))
    screen.print(t("program {digest}", digest=digest))
    for name, text in program.documents:
        screen.print(t("made of {name}, SHA-256 {digest}", name=name, digest=text))
    screen.print(_in_force(program))
    for one in program.assumptions:
        screen.print(t("assumed: {text}", text=one))
    for heading, rows in _sections(program):
        if rows:
            screen.print()
            screen.print(Text(heading, "bold"))
            widths = max(len(row) for row in rows)
            shown = table(*([""] * widths))
            shown.show_header = False
            for row in rows:
                shown.add_row(*(Text(cell) for cell in row))
            screen.print(shown)


def _in_force(program: Program) -> str:
    start, end, period = program.effective_from, program.effective_to, t(program.period.every)
    if end is None:
        return t("in force from {start}, decides every {period}", start=start, period=period)
    return t("in force {start} to {end}, decides every {period}", start=start, end=end, period=period)


def _heading(of: BandTable) -> str:
    if not of.edge:
        return t("table {name} ({kind})", name=of.name, kind=t(of.kind))
    return t("table {name} ({kind}, edge {edge})", name=of.name, kind=t(of.kind), edge=t(of.edge))


def _sections(program: Program) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    schema = program.schema
    yield t("facts of {subject}", subject=schema.subject), [_column(one) for one in schema.columns]
    for events in schema.events:
        heading = t("events {name} (key: {key})", name=events.name, key=", ".join(events.key))
        yield heading, [_column(one) for one in events.columns]
    yield (
        t("parameters"),
        [
            (f"parameters.{one.name}", t("from {day}", day=start), print_constant(value), one.label, one.authority)
            for one in program.parameters
            for start, value in one.values
        ],
    )
    for one in program.tables:
        yield (
            _heading(one),
            [
                (
                    t("from {day}", day=start) if start.year > 1 else "",
                    str(band.start),
                    print_constant(band.value),
                    _end(band.end),
                )
                for start, bands in one.versions
                for band in bands
            ],
        )
    for calendar in program.calendars:
        yield t("calendar {name}", name=calendar.name), _calendar(calendar)
    if program.groups:
        yield (
            t("groups"),
            [
                (one.name, one.by or t("everybody"), _held(one.held), _ties(one.ties), one.label, one.authority)
                for one in program.groups
            ],
        )
    yield (
        t("steps, in the order in which they are computed"),
        [row for one in program.steps for row in _step(program, one)],
    )


def _calendar(of: Calendar) -> list[tuple[str, ...]]:
    rows = [
        (t("covers"), t("{start} to {end}", start=of.first, end=of.last)),
        (t("worked on"), ", ".join(map(t, of.days))),
        (t("but free"), ", ".join(map(str, of.holidays))),
        (t("but worked"), ", ".join(map(str, of.workdays))),
        (t("hours"), ", ".join(of.hours)),
    ]
    return [row for row in rows if row[1]]


def _held(held: str) -> str:
    return t("waits for all members") if held == "wait" else t("leaves out who has no value")


def _ties(ties: str) -> str:
    """The places of equals by example."""
    examples = {"first": "1, 1, 3", "last": "2, 2, 3", "dense": "1, 1, 2", "mean": "1.5, 1.5, 3"}
    if ties == "hold":
        return t("equals are held")
    return t("equals: {places}", places=examples[ties]) if ties else ""


def _end(end: object) -> str:
    return "" if end is None else f"≤ {end}"


def _column(of: FactColumn) -> tuple[str, ...]:
    optional = t("may be absent") if of.optional else ""
    return of.name, _type(of.type), of.unit, optional, of.label, of.authority


def _type(of: Type) -> str:
    if of.is_number:
        places = f", {of.places}" if of.is_decimal else ""
        return f"{of} {from_units(of.low):f} … {from_units(of.high):f}{places}"
    return f"{of}: {', '.join(of.among)}" if of.among else str(of)


def _step(program: Program, of: AnyStep) -> Iterator[tuple[str, ...]]:
    held = t("held by {names}", names=", ".join(of.held_by)) if of.held_by else ""
    about = "  ".join(filter(None, (of.label, of.authority, held)))
    line = next((one for one in program.pay if one.step == of.name), None)
    about = "  ".join(filter(None, (about, kind(line.kind) if line else "")))
    if isinstance(of, Step):
        yield of.name, print_expression(of.expression), about
        return
    if isinstance(of, GroupStep):
        yield of.name, t("over {names} of all members", names=", ".join(of.operands)), about
        return
    yield of.name, print_expression(of.opening), about
    for rule in of.entries:
        each = t("for each of {table}", table=rule.each) if rule.each else ""
        when = t("if {condition}", condition=print_expression(rule.when)) if rule.when is not None else ""
        if rule.points is not None:
            change = f"+ ({print_expression(rule.points)})"
        else:
            change = f"→ {print_expression(rule.to)}" if rule.to is not None else ""
        words = "  ".join(filter(None, (reason(rule.reason, rule.label), rule.authority)))
        yield "", "  ".join(filter(None, (change, each, when))), words
