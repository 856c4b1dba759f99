"""What was edited between two programs: parts that differ, as the language writes them, and the steps they touch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import Final, TypeVar

from attrs import field, frozen

from scorecore.analysis.band_text import print_band
from scorecore.evaluate.period_context import period_context
from scorecore.language.bands import Band
from scorecore.language.expressions import HISTORY, Apply, Expression, walk
from scorecore.language.identity import plain_expression
from scorecore.language.printer import print_constant, print_formula
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, FactColumn, PolicyDependency
from scorecore.program.steps import (
    Account,
    AnyStep,
    EntryRule,
    GroupStep,
    Step,
    looks_up,
    step_expressions,
    step_inputs,
)
from scorecore.values.calendar import Calendar
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import Type, Value, from_units

EARLIER: Final = HISTORY
"""The name of an edit that is none by itself: that earlier periods were decided differently."""
Part = TypeVar("Part")


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
    """The parts whose meaning in a period differs, by name; what amounts to the same is not an edit."""
    pair = _ProgramPair(old, new)
    edits = [
        *_diff_settings(pair, period),
        *_diff_calendars(pair),
        *_diff_facts(pair),
        *_diff_groups(pair),
        *_diff_steps(pair),
        *_diff_lines(pair),
    ]
    edits.sort(key=lambda edit: edit.name)
    return [_merge_edits(list(edits_of_part)) for _, edits_of_part in groupby(edits, key=lambda edit: edit.name)]


def _merge_edits(edits: list[ProgramEdit]) -> ProgramEdit:
    """Everything that differs in one part as one edit."""
    before = "; ".join(edit.before for edit in edits if edit.before)
    after = "; ".join(edit.after for edit in edits if edit.after)
    return ProgramEdit(edits[0].name, before, after, frozenset().union(*(edit.touches for edit in edits)))


@frozen
class _ProgramPair:
    old: Program
    new: Program

    @property
    def programs(self) -> tuple[Program, Program]:
        return self.old, self.new

    def find_steps(self, is_touched: Callable[[AnyStep], bool]) -> frozenset[str]:
        """The steps of either program that an edit touches."""
        return frozenset(step.name for program in self.programs for step in program.steps if is_touched(step))

    def find_readers(self, name: str) -> frozenset[str]:
        return self.find_steps(lambda step: name in step_inputs(step))


def _pair_up(old: Mapping[str, Part], new: Mapping[str, Part]) -> Iterator[tuple[str, Part | None, Part | None]]:
    """What each name means, None where nothing does; only where the two differ."""
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _diff_settings(pair: _ProgramPair, period: Period) -> Iterator[ProgramEdit]:
    """Parameters, and tables by their bands, as they are in force."""
    old, new = period_context(pair.old, period), period_context(pair.new, period)
    for name, before, after in _pair_up(old.values, new.values):
        yield ProgramEdit(name, _print_value(before), _print_value(after), pair.find_readers(name))
    old_kinds, new_kinds = (
        {table.name: (table.kind, table.edge) for table in program.tables} for program in pair.programs
    )
    for name in dict.fromkeys((*old.bands, *new.bands)):
        before_texts = _print_table(old_kinds.get(name), old.bands.get(name, ()))
        after_texts = _print_table(new_kinds.get(name), new.bands.get(name, ()))
        if before_texts != after_texts:
            touches = pair.find_steps(partial(looks_up, table=name))
            yield ProgramEdit(f"tables.{name}", *_join_differing(before_texts, after_texts), touches)


def _join_differing(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """Of two lists what is in only one of them; everything, where they differ in order alone."""
    before = [text for text in old if text not in new]
    after = [text for text in new if text not in old]
    return (", ".join(before), ", ".join(after)) if before or after else (", ".join(old), ", ".join(new))


def _print_table(kind: tuple[str, str] | None, bands: Sequence[Band]) -> list[str]:
    table_kind, edge = kind or ("", "")
    return [f'kind = "{table_kind}"', f'edge = "{edge}"', *map(print_band, bands)]


def _print_value(value: Value | None) -> str:
    return "" if value is None else print_constant(value)


def _diff_calendars(pair: _ProgramPair) -> Iterator[ProgramEdit]:
    old, new = (
        {calendar.name: _print_calendar(calendar) for calendar in program.calendars} for program in pair.programs
    )
    for name, before, after in _pair_up(old, new):
        texts = _join_differing(before or [], after or [])
        yield ProgramEdit(f"calendars.{name}", *texts, pair.find_steps(partial(_uses_calendar, name)))


def _print_calendar(calendar: Calendar) -> list[str]:
    return [
        f"{calendar.first}..{calendar.last}",
        *sorted(calendar.days),
        *(f"holiday {day}" for day in sorted(calendar.holidays)),
        *(f"workday {day}" for day in sorted(calendar.workdays)),
        *sorted(calendar.hours),
    ]


def _diff_facts(pair: _ProgramPair) -> Iterator[ProgramEdit]:
    """Facts that are read otherwise, tables of events, and what other policies and earlier periods decided."""
    schemas = pair.old.schema, pair.new.schema
    old_columns, new_columns = ({column.name: _print_column(column) for column in schema.columns} for schema in schemas)
    for name, before, after in _pair_up(old_columns, new_columns):
        yield ProgramEdit(f"facts.{pair.new.schema.subject}.{name}", before or "", after or "", pair.find_readers(name))
    old_tables, new_tables = ({table.name: table for table in schema.events} for schema in schemas)
    old_texts, new_texts = (
        {name: _print_events(table) for name, table in tables.items()} for tables in (old_tables, new_tables)
    )
    for name, was, now in _pair_up(old_texts, new_texts):
        is_dependency = (new_tables.get(name) or old_tables[name]).use is not None
        part = name if is_dependency else f"facts.{name}"
        yield ProgramEdit(part, *_join_differing(was or [], now or []), pair.find_readers(name))
    yield ProgramEdit(EARLIER, "", "", pair.find_readers(HISTORY))


def _print_column(column: FactColumn) -> str:
    return f"{_print_type(column.type)}{', optional' if column.optional else ''}"


def _print_type(value_type: Type) -> str:
    if not value_type.is_number:
        return f"{value_type} {', '.join(value_type.among)}" if value_type.among else str(value_type)
    ends = "..".join(format_decimal(from_units(end)) for end in (value_type.low, value_type.high))
    return f"{value_type} {ends}" + (f", {value_type.places} places" if value_type.is_decimal else "")


def _print_events(table: EventTable) -> list[str]:
    columns = [f"{column.name}: {_print_column(column)}" for column in table.columns]
    if table.use:
        return [*_print_dependency(table.use), *columns]
    return [f"key = {', '.join(table.key)}", f"dated_by = {table.dated_by}", *columns]


def _print_dependency(dependency: PolicyDependency) -> list[str]:
    variants = dependency.among or (("", dependency.policy, dependency.digest),)
    texts = [
        f"{f'{dependency.by} = {text}: ' if text else ''}{policy} {digest[:12]}" for text, policy, digest in variants
    ]
    links = {
        "match": dependency.match,
        "gather": dependency.gather,
        "depth": str(dependency.depth) if dependency.depth > 1 else "",
        "periods": "within" if dependency.within else "",
        "last": str(dependency.last or ""),
    }
    return [*texts, *(f"{key} = {value}" for key, value in links.items() if value)]


def _diff_groups(pair: _ProgramPair) -> Iterator[ProgramEdit]:
    old, new = (
        {group.name: f"by = {group.by}, held = {group.held}, ties = {group.ties}" for group in program.groups}
        for program in pair.programs
    )
    for name, before, after in _pair_up(old, new):
        touches = pair.find_steps(partial(_compares_group, name))
        yield ProgramEdit(f"groups.{name}", before or "", after or "", touches)


def _diff_steps(pair: _ProgramPair) -> Iterator[ProgramEdit]:
    """Values, items with their entries, the total, grades, pay lines, balances, holds and actions."""
    old, new = ({str(step.name): _StepView.of(step) for step in program.steps} for program in pair.programs)
    for name, before, after in _pair_up(old, new):
        texts = _join_differing(before.texts if before else (), after.texts if after else ())
        yield ProgramEdit((after or before or _NOTHING).part, *texts, frozenset({name}))


@frozen
class _StepView:
    """What a step means, and how it is written; two are equal if they mean the same."""

    meaning: object
    part: str = field(eq=False)
    """The part of a policy that the step is of."""
    texts: Sequence[str] = field(eq=False)

    @classmethod
    def of(cls, step: AnyStep) -> "_StepView":
        texts = list(_print_step(step))
        return cls([texts, *map(plain_expression, step_expressions(step))], name_part(step), texts)


_NOTHING: Final = _StepView((), "", ())


def name_part(step: AnyStep) -> str:
    """The part of a policy that a step is of; a value that depends on a group is called by its text."""
    if step.name.section == GRADE.section:
        return "grades"
    if isinstance(step, GroupStep):
        return step.text
    if isinstance(step, Step) and step.name.section == "groups":
        return print_formula(step.expression)
    return step.name.owner


def _print_step(step: AnyStep) -> Iterator[str]:
    """What a step does, as far as the texts of parameters and tables do not say it."""
    match step:
        case GroupStep():
            yield step.text
        case Step():
            yield print_formula(step.expression)
            if step.name.section == "carry":
                yield _print_type(step.type)
        case Account():
            if step.name != SCORE_TOTAL:  # it opens with the sum of all items
                yield print_formula(step.opening)
            yield from map(_print_rule, step.entries)
    if step.held_by:
        yield f"holds: {', '.join(step.held_by)}"


def _print_rule(rule: EntryRule) -> str:
    change = ""
    if rule.points is not None:
        change = f"+ {print_formula(rule.points)}"
    elif rule.to is not None:
        change = f"= {print_formula(rule.to)}"
    condition = [rule.each] if rule.each else []
    condition += [print_formula(rule.when)] if rule.when is not None else []
    return f"{rule.reason}: {change}" + (f" ({': '.join(condition)})" if condition else "")


def _diff_lines(pair: _ProgramPair) -> Iterator[ProgramEdit]:
    """Lines of pay that count otherwise."""
    old, new = ({str(line.step): line.kind for line in program.pay} for program in pair.programs)
    for name, before, after in _pair_up(old, new):
        if before and after:
            yield ProgramEdit(name, before, after, frozenset({name}))


def _walk_step(step: AnyStep) -> Iterator[Expression]:
    return (node for expression in step_expressions(step) for node in walk(expression))


def _uses_calendar(calendar: str, step: AnyStep) -> bool:
    options = (option for node in _walk_step(step) if isinstance(node, Apply) for option in node.options)
    return any(isinstance(option, Calendar) and option.name == calendar for option in options)


def _compares_group(group: str, step: AnyStep) -> bool:
    return isinstance(step, GroupStep) and step.group == group


def order_steps(old: Program, new: Program) -> list[tuple[str, frozenset[str]]]:
    """The steps of both programs with the steps that each reads in either, those that are read before their readers."""
    reads: dict[str, frozenset[str]] = {}
    for program in (new, old):
        for step in program.steps:
            reads[step.name] = reads.get(step.name, frozenset()) | step_inputs(step)
    inputs = {name: frozenset(read for read in names if read in reads) for name, names in reads.items()}
    try:
        names: Sequence[str] = tuple(TopologicalSorter(inputs).static_order())
    except CycleError:  # two policies may compute two values out of each other, in opposite directions
        names = tuple(reads)
    return [(name, inputs[name]) for name in names]


def find_reached(order: Sequence[tuple[str, frozenset[str]]], touched: frozenset[str]) -> list[str]:
    """The steps that some lead to, these included; `order` is that of `order_steps`."""
    reached: dict[str, None] = {}
    for name, reads in order:
        if name in touched or not reached.keys().isdisjoint(reads):
            reached[name] = None
    return list(reached)
