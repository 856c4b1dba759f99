"""What was edited between two programs: parts that differ, as the language writes them, and the steps they touch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import Any, Final

from attrs import frozen

from scorecore.evaluate.period_context import period_context
from scorecore.language.bands import Band
from scorecore.language.expressions import HISTORY, Apply, Expression, Lookup, walk
from scorecore.language.printer import print_constant, print_expression
from scorecore.program.model import (
    AnyStep,
    EntryRule,
    EventTable,
    FactColumn,
    GroupStep,
    Program,
    Step,
    result_name,
    step_expressions,
    step_inputs,
)
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import decimal_text
from scorecore.values.period import Period
from scorecore.values.types import Type, from_units

EARLIER: Final = HISTORY
"""The name of what is no edit of its own: that earlier periods were decided differently."""


@frozen
class ProgramEdit:
    """A part that differs. `before` or `after` is empty where the part is not there."""

    name: str
    """As files have it: `parameters.base_salary`, `tables.commission`, `pay.bonus`, `facts.volume`."""
    before: str
    after: str
    touches: frozenset[str] = frozenset()
    """The steps that may have another value because of it."""


def diff_programs(old: Program, new: Program, period: Period) -> list[ProgramEdit]:
    """The parts whose meaning in a period differs, by name; what comes to the same is no edit."""
    both = _Both(old, new)
    found = [*_settings(both, period), *_calendars(both), *_facts(both), *_groups(both), *_steps(both), *_lines(both)]
    found.sort(key=lambda one: one.name)
    return [_merged(list(several)) for _, several in groupby(found, key=lambda one: one.name)]


def _merged(several: list[ProgramEdit]) -> ProgramEdit:
    """What is found about one part."""
    before, after = (
        "; ".join(filter(None, texts)) for texts in zip(*((one.before, one.after) for one in several), strict=True)
    )
    return ProgramEdit(several[0].name, before, after, frozenset().union(*(one.touches for one in several)))


@frozen
class _Both:
    old: Program
    new: Program

    def touched(self, reads: Callable[[AnyStep], bool]) -> frozenset[str]:
        """The steps of which either program says so."""
        return frozenset(step.name for one in (self.old, self.new) for step in one.steps if reads(step))

    def reading(self, name: str) -> frozenset[str]:
        return self.touched(lambda step: name in step_inputs(step))


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What stands under each name, None where nothing does; only where the two differ."""
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _settings(both: _Both, period: Period) -> Iterator[ProgramEdit]:
    """Parameters, and tables by their bands, as they are in force."""
    before, after = period_context(both.old, period), period_context(both.new, period)
    for name, was, now in _pairs(before.values, after.values):
        yield ProgramEdit(name, _value(was), _value(now), both.reading(name))
    kinds = [{one.name: (one.kind, one.edge) for one in program.tables} for program in (both.old, both.new)]
    for name in dict.fromkeys((*before.bands, *after.bands)):
        touched = both.touched(partial(_looks_up, name))
        bands = [list(map(_band, one.bands.get(name, ()))) for one in (before, after)]
        texts = [
            [f'kind = "{kind}"', f'edge = "{edge}"', *own]
            for (kind, edge), own in zip((one.get(name, ("", "")) for one in kinds), bands, strict=True)
        ]
        if texts[0] != texts[1]:
            yield ProgramEdit(f"tables.{name}", *_differing(*texts), touched)


def _differing(old: list[str], new: list[str]) -> tuple[str, str]:
    """Of two lists what the other one has not; all, where they differ in order alone."""
    own = [one for one in old if one not in new], [one for one in new if one not in old]
    before, after = own if any(own) else (old, new)
    return ", ".join(before), ", ".join(after)


def _band(of: Band) -> str:
    start = f"of = {print_constant(of.start)}" if isinstance(of.start, str) else f"from = {decimal_text(of.start)}"
    end = "" if of.end is None else f", up_to = {decimal_text(of.end)}"
    return f"{{ {start}{end}, is = {print_constant(of.value)} }}"


def _value(of: Any) -> str:  # noqa: ANN401  a value of any type
    return "" if of is None else print_constant(of)


def _calendars(both: _Both) -> Iterator[ProgramEdit]:
    for name, was, now in _pairs(*({one.name: one for one in program.calendars} for program in (both.old, both.new))):
        touched = both.touched(partial(_asks, name))
        yield ProgramEdit(f"calendars.{name}", *_differing(*(_days(one) if one else [] for one in (was, now))), touched)


def _days(of: Calendar) -> list[str]:
    return [
        f"{of.first}..{of.last}",
        *of.days,
        *(f"holiday {day}" for day in of.holidays),
        *(f"workday {day}" for day in of.workdays),
        *of.hours,
    ]


def _facts(both: _Both) -> Iterator[ProgramEdit]:
    """Facts that are read otherwise, tables of events, and what other policies and earlier periods decided."""
    schemas = both.old.schema, both.new.schema
    for name, was, now in _pairs(*({one.name: _column(one) for one in schema.columns} for schema in schemas)):
        yield ProgramEdit(f"facts.{schemas[1].subject}.{name}", was or "", now or "", both.reading(name))
    for name, was, now in _pairs(*({one.name: _events(one) for one in schema.events} for schema in schemas)):
        prefix = "" if name.startswith("uses.") else "facts."
        yield ProgramEdit(f"{prefix}{name}", *_differing(was or [], now or []), both.reading(name))
    yield ProgramEdit(EARLIER, "", "", both.reading(HISTORY))


def _column(of: FactColumn) -> str:
    return f"{_type(of.type)}{', optional' if of.optional else ''}"


def _type(of: Type) -> str:
    if not of.is_number:
        return f"{of} {', '.join(of.among)}" if of.among else str(of)
    ends = "..".join(decimal_text(from_units(end)) for end in (of.low, of.high))
    return f"{of} {ends}" + (f", {of.places} places" if of.is_decimal else "")


def _events(of: EventTable) -> list[str]:
    if of.use:
        use = of.use
        several = use.among or (("", use.policy, use.digest),)
        named = [f"{f'{use.by} = {text}: ' if text else ''}{policy} {digest[:12]}" for text, policy, digest in several]
        links = {"match": use.match, "gather": use.gather, "periods": "within" if use.within else ""}
        named += [f"{key} = {value}" for key, value in links.items() if value]
        return [*named, *(f"{one.name}: {_column(one)}" for one in of.columns)]
    columns = [f"{one.name}: {_column(one)}" for one in of.columns]
    return [f"key = {', '.join(of.key)}", f"dated_by = {of.dated_by}", *columns]


def _groups(both: _Both) -> Iterator[ProgramEdit]:
    texts = (
        {one.name: f"by = {one.by}, held = {one.held}, ties = {one.ties}" for one in program.groups}
        for program in (both.old, both.new)
    )
    for name, was, now in _pairs(*texts):
        touched = both.touched(partial(_compares, name))
        yield ProgramEdit(f"groups.{name}", was or "", now or "", touched)


def _steps(both: _Both) -> Iterator[ProgramEdit]:
    """Values, items with their entries, the total, grades, lines of pay, balances, holds and actions."""
    for name, was, now in _pairs(
        *({str(one.name): _step(one) for one in program.steps} for program in (both.old, both.new))
    ):
        before, after = _differing(was or [], now or [])
        yield ProgramEdit(name_part(name), before, after, frozenset({name}))


def name_part(step: str) -> str:
    """The part of a policy that a step is of."""
    return "grades" if step.partition(".")[0] == "grade" else result_name(step).removesuffix(".applies")


def _step(of: AnyStep) -> list[str]:
    """What a step does, as far as the texts of parameters and tables do not say it."""
    held = [f"holds: {', '.join(of.held_by)}"] if of.held_by else []
    if isinstance(of, GroupStep):
        return [of.name, *held]
    if isinstance(of, Step):
        bounds = [_type(of.type)] if of.name.startswith("carry.") else []
        return [print_expression(of.expression), *bounds, *held]
    opening = [] if of.name == "score.total" else [print_expression(of.opening)]  # the total opens with all items
    return [*opening, *map(_entry, of.entries), *held]


def _entry(of: EntryRule) -> str:
    change = (
        f"+ {print_expression(of.points)}"
        if of.points is not None
        else f"= {print_expression(of.to)}"
        if of.to is not None
        else ""
    )
    where = [print_expression(of.when)] if of.when is not None else []
    where = [of.each, *where] if of.each else where
    return f"{of.reason}: {change}" + (f" ({': '.join(where)})" if where else "")


def _lines(both: _Both) -> Iterator[ProgramEdit]:
    """Lines of pay that count otherwise."""
    for name, was, now in _pairs(*({one.step: one.kind for one in program.pay} for program in (both.old, both.new))):
        if was and now:
            yield ProgramEdit(name, was, now, frozenset({name}))


def _parts(step: AnyStep) -> Iterator[Expression]:
    return (part for whole in step_expressions(step) for part in walk(whole))


def _looks_up(table: str, step: AnyStep) -> bool:
    return any(isinstance(part, Lookup) and part.table == table for part in _parts(step))


def _asks(calendar: str, step: AnyStep) -> bool:
    options = (one for part in _parts(step) if isinstance(part, Apply) for one in part.options)
    return any(isinstance(one, Calendar) and one.name == calendar for one in options)


def _compares(group: str, step: AnyStep) -> bool:
    return isinstance(step, GroupStep) and step.group == group


def order_steps(old: Program, new: Program) -> list[tuple[str, frozenset[str]]]:
    """The steps of both programs with the steps that each reads in either, the read ones first."""
    reads: dict[str, frozenset[str]] = {}
    for program in (new, old):
        for step in program.steps:
            reads[step.name] = reads.get(step.name, frozenset()) | step_inputs(step)
    known = {name: frozenset(one for one in several if one in reads) for name, several in reads.items()}
    try:
        names: Sequence[str] = tuple(TopologicalSorter(known).static_order())
    except CycleError:  # two policies may compute two values one out of the other, each its own way round
        names = tuple(reads)
    return [(name, known[name]) for name in names]


def find_reached(order: Sequence[tuple[str, frozenset[str]]], touched: frozenset[str]) -> list[str]:
    """The steps that some lead to, these included."""
    found: dict[str, None] = {}
    for name, reads in order:
        if name in touched or not found.keys().isdisjoint(reads):
            found[name] = None
    return list(found)
