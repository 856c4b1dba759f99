"""What a policy declares of its inputs, in words: facts, figures, tables and calendars."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from scorecore.compiler.declare import MAX_MONEY, MOST
from scorecore.language.bands import Band, BandTable
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.values.calendar import Calendar
from scorecore.values.types import Type, from_units
from scorecore_cli.document.model import Article, Grid
from scorecore_cli.document.rule_words import join_words, write_constant
from scorecore_cli.labels import type_label
from scorecore_cli.language import _
from scorecore_cli.statements.formula_words import format_figure


def describe_facts(program: Program) -> Iterator[Article]:
    """What is recorded about a subject, and about each kind of event."""
    schema = program.schema
    if schema.columns:
        sentence = _("Recorded for each {subject}:", subject=schema.label or schema.subject)
        yield Article(f"facts.{schema.subject}", _("Facts"), (sentence,), grid=_list_columns(schema.columns))
    for table in schema.events:
        label = table.label or table.name
        if table.use and table.use.last:
            count, policy = table.use.last, table.use.policy
            sentence = _(
                "Decided by {policy} in its last periods up to the end of this one ({count}):",
                policy=policy,
                count=count,
            )
        elif table.use:
            sentence = _("Decided by {policy}:", policy=table.use.policy)
        else:
            sentence = _(
                "A row for each event; no two have the same {key}.", key=join_words(_labels(table.columns, table.key))
            )
        yield Article(f"facts.{table.name}", label, (sentence,), table.authority, _list_columns(table.columns))


def _labels(columns: tuple[FactColumn, ...], names: tuple[str, ...]) -> Iterator[str]:
    labels = {column.name: column.label for column in columns}
    yield from (labels.get(name) or name for name in names)


def _list_columns(columns: tuple[FactColumn, ...]) -> Grid:
    headings = (_("fact"), _("what it can be"), _("unit"), _("clause"))
    rows = ((column.label or column.name, _content(column), column.unit, column.authority) for column in columns)
    return Grid(headings, tuple(rows))


def _content(column: FactColumn) -> str:
    words = _describe_type(column.type)
    return _("{words}; may be absent", words=words) if column.optional else words


def _describe_type(content: Type) -> str:
    label = type_label(str(content).partition("(")[0])
    if content.among:
        return _("one of {options}", options=join_words(map(write_constant, content.among)))
    if content.is_number:
        return _describe_range(label, from_units(content.low), from_units(content.high))
    return _("text") if label == "string" else label


def _describe_range(label: str, low: Decimal, high: Decimal) -> str:
    """A kind of number with its bounds, but without those that only keep a number from being too large."""
    is_low, is_high = (abs(bound) not in {MOST, MAX_MONEY} for bound in (low, high))
    words = {"type": label, "low": format_figure(low), "high": format_figure(high)}
    if is_low and is_high:
        return _("{type} from {low} to {high}", **words)
    if is_low:
        return _("{type}, at least {low}", **words)
    return _("{type}, at most {high}", **words) if is_high else label


def describe_parameters(program: Program) -> Iterator[Article]:
    """Each figure, from when on."""
    for parameter in program.parameters:
        sentences = tuple(
            _join_unit(
                _("From {day} on: {value}", day=start, value=write_constant(value))
                if _is_dated(start)
                else write_constant(value),
                parameter.unit,
            )
            for start, value in parameter.values
        )
        if parameter.prorate:
            sentences = (*sentences, _("Where it changes within a period, each day counts with its own."))
        title = parameter.label or parameter.name
        yield Article(f"parameters.{parameter.name}", title, sentences, parameter.authority)


def _join_unit(words: str, unit: str) -> str:
    return f"{words} {unit}" if unit else words


def _is_dated(start: date) -> bool:
    return start.year > 1


def describe_bands(table: BandTable) -> Article:
    """A table of bands."""
    kinds = {
        "marginal": _("Each part of the number counts with the rate of the band in which it lies."),
        "whole": _("The whole number counts with the value of its band."),
        "interpolated": _("Between two rows the value lies on a straight line."),
        "exact": _("Each has its own value."),
    }
    edge = _("A number on an edge belongs to the band that ends there.")
    sentences = (kinds[table.kind], edge) if table.edge == "upper" and table.kind == "whole" else (kinds[table.kind],)
    is_dated = any(_is_dated(start) for start, _bands in table.versions)
    headings = (_("from"), _("to"), _("value")) if table.kind != "exact" else (_("for"), _("value"))
    rows = [
        (*((str(start) if _is_dated(start) else "",) if is_dated else ()), *cells)
        for start, bands in table.versions
        for cells in _list_bands(bands, table.kind)
    ]
    headings = (*((_("in force from"),) if is_dated else ()), *headings)
    unit = (_("Unit: {unit}", unit=table.unit),) if table.unit else ()
    text = table.name.partition("[")[2].rstrip("]")  # of a table that has one for each text
    title = f"{table.label} [{text}]" if table.label and text else table.label or table.name
    return Article(f"tables.{table.name}", title, (*sentences, *unit), table.authority, Grid(headings, tuple(rows)))


def _list_bands(bands: tuple[Band, ...], kind: str) -> Iterator[tuple[str, ...]]:
    for number, band in enumerate(bands):
        start = band.start if isinstance(band.start, str) else format_figure(band.start)
        if kind == "exact":
            yield start, _value(band)
            continue
        following = bands[number + 1].start if number + 1 < len(bands) else band.end
        yield start, "" if following is None else format_figure(following), _value(band)


def _value(band: Band) -> str:
    return write_constant(band.value)


def describe_calendar(calendar: Calendar) -> Article:
    """Which days are worked."""
    sentences = [_("Covers {start} to {end}.", start=calendar.first, end=calendar.last)]
    sentences.append(_("Worked on: {days}.", days=join_words(map(_, calendar.days))))
    for words, days in (
        (_("Days off: {days}."), calendar.holidays),
        (_("Extra working days: {days}."), calendar.workdays),
        (_("Hours: {days}."), calendar.hours),
    ):
        sentences += [words.format(days=join_words(map(str, days)))] if days else []
    return Article(f"calendars.{calendar.name}", _("Calendar {name}", name=calendar.name), tuple(sentences))
