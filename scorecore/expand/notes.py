"""What is allowed, but is seldom meant: told as notes once a policy is otherwise without fault."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from scorecore import kinds, policy, program
from scorecore.calendars import Calendar
from scorecore.cel.syntax import Name, Select, Syntax, parts
from scorecore.expand.exhaustive import TooMany, cases
from scorecore.expressions import Aggregate, Apply, Constant, Expression, Field, Lookup, Read, walk
from scorecore.problems import Problems
from scorecore.program import Account, AnyStep, EntryRule, Grouped, expressions_of
from scorecore.types import from_units, units

NAME: Final = "name"
"""The fact that is there for people: it is shown beside the id, and need not be read."""


def note_all(of: policy.Policy, schema: program.Schema, steps: Mapping[str, AnyStep], problems: Problems) -> None:
    """Every note on a policy whose steps are built."""
    _unused(of, schema, steps, problems)
    _unreached(of, steps, problems)
    _counted_twice(of, steps, problems)


def _unused(of: policy.Policy, schema: program.Schema, steps: Mapping[str, AnyStep], problems: Problems) -> None:
    """Facts, figures, tables and values that nothing reads; a policy that is left open may be read by a branch."""
    if any(one.kind is kinds.LEFT_OPEN for one in problems):
        return
    read = {name for step in steps.values() for name in _read_by(step)} | set(_read_by_bounds(of))
    read |= {used.match for used in of.uses.values()}
    read |= {hold for step in steps.values() for hold in step.held_by}
    groups = {step.group for step in steps.values() if isinstance(step, Grouped)}
    read |= {of.groups[name].by for name in groups} | {f"groups.{name}" for name in groups}
    for name, fact in of.subject.items():
        if name not in read and name != NAME and not fact.kept:
            problems.add(kinds.NOT_READ, *fact.at(), name=name)
    for name, used in of.uses.items():
        if f"uses.{name}" not in read:
            problems.add(kinds.NOT_READ, *used.at(), name=f"uses.{name}")
    for table in (one for one in schema.events if not one.use):
        events = of.events[table.name]
        if table.name not in read:
            problems.add(kinds.NOT_READ, *events.at(), name=table.name)
            continue
        needed = {*table.key, table.dated_by, *table.shown}
        for name, fact in events.fields.items():
            if f"{table.name}.{name}" not in read and name not in needed and not fact.kept:
                problems.add(kinds.NOT_READ, *fact.at(), name=f"{table.name}.{name}")
    for kind, several in (
        ("parameters", of.parameters),
        ("tables", of.tables),
        ("calendars", of.calendars),
        ("values", of.values),
        ("groups", of.groups),
    ):
        named: Mapping[str, policy.Part] = several
        for name, part in named.items():
            if f"{kind}.{name}" not in read:
                problems.add(kinds.NOT_READ, *part.at(), name=f"{kind}.{name}")


def _read_by(step: AnyStep) -> Iterator[str]:
    for part in (part for whole in expressions_of(step) for part in walk(whole)):
        match part:
            case Read(name=name):
                yield name
            case Field(table=table, name=name):
                yield from (table, f"{table}.{name}")
            case Lookup(table=table):
                yield f"tables.{table}"
            case Aggregate(table=table):
                yield table
            case Apply(options=(Calendar(name=name),)):
                yield f"calendars.{name}"
    if isinstance(step, Account):
        yield from (rule.each for rule in step.entries if rule.each)


def _read_by_bounds(of: policy.Policy) -> Iterator[str]:
    bounds = [one.bounds for one in of.parameters.values()]
    bounds += [one for table in of.tables.values() for one in (table.bounds, table.edges)]
    for one in bounds:
        for end in (one.min, one.max) if one else ():
            yield from _selected(end) if end is not None else ()


def _selected(of: Syntax) -> Iterator[str]:
    if isinstance(of, Select) and isinstance(of.base, Name):
        yield f"{of.base.name}.{of.member}"
    for part in parts(of):
        yield from _selected(part)


def _unreached(of: policy.Policy, steps: Mapping[str, AnyStep], problems: Problems) -> None:
    """Items that cannot reach their points, and grades that no total reaches."""
    for item in of.items:
        step = steps[f"items.{item.id}"]
        if item.points != "open" and step.type.high < units(item.points):
            most = f"{from_units(step.type.high).normalize():f}"
            problems.add(kinds.POINTS_OUT_OF_REACH, *item.at("points"), points=item.points, most=most)
    total = steps.get("score.total")
    if total is None:
        return
    above: Decimal | None = None
    for grade in of.grades:
        low, high = from_units(total.type.low), from_units(total.type.high)
        reached = grade.from_ == "lowest" or grade.from_ <= high
        if not reached or (above is not None and above <= low and grade.when is None):
            shown = {"low": f"{low.normalize():f}", "high": f"{high.normalize():f}"}
            problems.add(kinds.GRADE_OUT_OF_REACH, *grade.at("from"), id=grade.id, **shown)
        if grade.when is None and grade.from_ != "lowest":
            above = grade.from_


def _counted_twice(of: policy.Policy, steps: Mapping[str, AnyStep], problems: Problems) -> None:
    """Events that give points under two items at once."""
    found: dict[str, list[tuple[policy.Item, EntryRule]]] = {}
    for item in of.items:
        step = steps[f"items.{item.id}"]
        for rule in step.entries if isinstance(step, Account) else ():
            if rule.each and rule.each in of.events and not of.events[rule.each].shared and not _nothing(rule):
                found.setdefault(rule.each, []).append((item, rule))
    for table, rules in found.items():
        for (one, first), (other, second) in combinations(rules, 2):
            if one is not other and _together([first, second], steps):
                problems.add(kinds.COUNTED_TWICE, *other.at("id"), table=table, other=one.id)
                break


def _nothing(rule: EntryRule) -> bool:
    """Whether entries of a rule are always of 0 points: they only say why there are none."""
    return rule.points is not None and rule.points.type.magnitude == 0


def _together(rules: Sequence[EntryRule], steps: Mapping[str, AnyStep]) -> bool:
    """Whether two rules can apply to one event."""
    whens: list[Expression] = [one.when for one in rules if one.when is not None]
    if any(isinstance(one, Constant) and not one.value for one in whens):
        return False
    try:
        return any(all(held) for _, held in cases(whens, steps))
    except TooMany:
        return True
