"""What is allowed, but is seldom meant: told as notes once a policy is otherwise without fault."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from scorecore.compiler.checks.band_gaps import note_band_gaps
from scorecore.compiler.checks.condition_cases import TooManyCases, can_hold, is_never_true
from scorecore.compiler.checks.marks import mark_call
from scorecore.compiler.checks.repeated_pay import find_repeated_pay
from scorecore.compiler.checks.running_deadlines import find_running_deadlines
from scorecore.compiler.checks.shared_places import find_shared_places
from scorecore.compiler.define import grade_applies
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.cel.syntax import (
    Name,
    Select,
    Syntax,
    children,
)
from scorecore.language.expressions import (
    Apply,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    Lookup,
    Read,
    rows_table,
    walk,
)
from scorecore.language.expressions import subexpressions as parts_of
from scorecore.language.sugar import desugar
from scorecore.policy import model as policy
from scorecore.policy.load import Document
from scorecore.program.schema import Schema
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step, step_expressions
from scorecore.values.calendar import Calendar
from scorecore.values.step_id import APPLIES, SCORE_TOTAL, StepId
from scorecore.values.types import from_units, to_units

NAME: Final = "name"
"""The fact that is there for people: it is shown beside the id, and need not be read."""


def lint_policy(
    of: policy.Policy,
    schema: Schema,
    steps: Mapping[StepId, AnyStep],
    documents: Sequence[Document],
    diagnostics: Diagnostics,
) -> None:
    """Every note on a policy whose steps are built."""
    _counted_twice(of, steps, diagnostics)
    _mistaken(of, schema, steps, documents, diagnostics)
    if any(one.kind is catalogue.LEFT_OPEN for one in diagnostics):
        return  # what a branch sets may read, or reach, what nothing does now
    _unused(of, schema, steps, diagnostics)
    _unreached(of, steps, diagnostics)
    _never(of, steps, diagnostics)
    _rows(of, steps, diagnostics)
    note_band_gaps(of, steps, diagnostics)


def _mistaken(
    of: policy.Policy,
    schema: Schema,
    steps: Mapping[StepId, AnyStep],
    documents: Sequence[Document],
    diagnostics: Diagnostics,
) -> None:
    """What is often written where something else is meant."""
    for deadline in find_running_deadlines(schema, steps):
        params = {"passed": deadline.passed} if deadline.passed and deadline.is_written else {}
        place = mark_call(deadline.has.place, documents)
        diagnostics.add(catalogue.RUNNING_IS_LATE, *place, name=deadline.done, **params)
    for line, when in find_repeated_pay(of, schema, steps):
        diagnostics.add(catalogue.PAID_EVERY_PERIOD, *line.at("id"), name=f"pay.{line.id}", when=when)
    for shared in find_shared_places(of, steps):
        params = {"group": shared.group, "ties": shared.ties, "better": shared.better}
        diagnostics.add(catalogue.SHARED_PLACES, *mark_call(shared.comparison.place, documents), **params)


def _unused(of: policy.Policy, schema: Schema, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Facts, figures, tables and values that nothing reads."""
    read = {name for step in steps.values() for name in _read_by(step)} | set(_read_by_bounds(of))
    read |= {used.match for used in of.uses.values()}
    read |= {hold for step in steps.values() for hold in step.held_by}
    groups = {step.group for step in steps.values() if isinstance(step, GroupStep)}
    read |= {of.groups[name].by for name in groups} | {f"groups.{name}" for name in groups}
    for name, fact in of.subject.items():
        if name not in read and name != NAME and not fact.kept:
            diagnostics.add(catalogue.NOT_READ, *fact.at(), name=name)
    for name, used in of.uses.items():
        if f"uses.{name}" not in read:
            diagnostics.add(catalogue.NOT_READ, *used.at(), name=f"uses.{name}")
    for table in (one for one in schema.events if not one.use):
        events = of.events[table.name]
        if table.name not in read:
            diagnostics.add(catalogue.NOT_READ, *events.at(), name=table.name)
            continue
        needed = {*table.key, table.dated_by, *table.shown}
        for name, fact in events.fields.items():
            if f"{table.name}.{name}" not in read and name not in needed and not fact.kept:
                diagnostics.add(catalogue.NOT_READ, *fact.at(), name=f"{table.name}.{name}")
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
                diagnostics.add(catalogue.NOT_READ, *part.at(), name=f"{kind}.{name}")


def _read_by(step: AnyStep) -> Iterator[str]:
    for part in (part for whole in step_expressions(step) for part in walk(whole)):
        match part:
            case Read(name=name):
                yield name
            case Field(table=table, name=name):
                yield from (table, f"{table}.{name}")
            case Lookup(table=table):
                yield f"tables.{table}"
            case EventFold() | DependencyValue() as rows:
                yield rows_table(rows)
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
    for part in children(of):
        yield from _selected(part)


def _unreached(of: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Items that cannot reach their points, and grades that no total reaches."""
    for item in of.items:
        step = steps[StepId("items", item.id)]
        if item.points != "open" and step.type.high < to_units(item.points):
            most = f"{from_units(step.type.high).normalize():f}"
            diagnostics.add(catalogue.POINTS_OUT_OF_REACH, *item.at("points"), points=item.points, most=most)
    total = steps.get(SCORE_TOTAL)
    if total is None:
        return
    above: Decimal | None = None
    for grade in of.grades:
        low, high = from_units(total.type.low), from_units(total.type.high)
        reached = grade.from_ == "lowest" or grade.from_ <= high
        if not reached or (above is not None and above <= low and grade.when is None):
            shown = {"low": f"{low.normalize():f}", "high": f"{high.normalize():f}"}
            diagnostics.add(catalogue.GRADE_OUT_OF_REACH, *grade.at("from"), id=grade.id, **shown)
        if grade.when is None and grade.from_ != "lowest":
            above = grade.from_


def _never(of: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Conditions that cannot hold."""
    named: list[tuple[StepId, policy.Part]] = [(StepId("items", one.id, role=APPLIES), one) for one in of.items]
    named += [(StepId("pay", one.id, role=APPLIES), one) for one in of.pay]
    named += [
        (StepId(kind, one.id), one)
        for kind, several in (("holds", of.holds), ("actions", of.actions))
        for one in several
    ]
    named += [(grade_applies(number), one) for number, one in enumerate(of.grades)]
    for name, part in named:
        step = steps.get(name)
        if isinstance(step, Step) and is_never_true(step.expression, steps):
            diagnostics.add(catalogue.NEVER_HOLDS, *part.at("when"))


def _rows(of: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Rows of tables that nothing reaches, and texts that have no row."""
    asked: dict[str, list[Expression]] = {}
    asking = [step for step in steps.values() if any(map(_asks_table, step_expressions(step)))]
    always = {
        one.key for step in asking for whole in _unguarded(step) for one in _lookups(desugar(whole), guarded=False)
    }
    for step in asking:
        for one in (one for whole in step_expressions(step) for one in _lookups(desugar(whole), guarded=True)):
            asked.setdefault(one.table, []).append(one.key)
    for name, keys in asked.items():
        table = of.tables[name]
        for bands in [one.bands for one in table.versions] or [table.bands]:
            if not bands:  # a branch has yet to set them
                continue
            if table.kind == "exact":
                _texts(name, bands, keys, [one for one in keys if one in always], diagnostics)
            else:
                _bands(name, table, bands, keys, diagnostics)


def _asks_table(expression: Expression) -> bool:
    return any(isinstance(part, Lookup) for part in walk(expression))


def _lookups(of: Expression, *, guarded: bool) -> Iterator[Lookup]:
    """What asks tables; without those that a condition guards."""
    if isinstance(of, Lookup):
        yield of
    inside = [of.operands[0]] if isinstance(of, Apply) and of.operator == "if" and not guarded else parts_of(of)
    for part in inside:
        yield from _lookups(part, guarded=guarded)


def _unguarded(step: AnyStep) -> Iterator[Expression]:
    """The expressions of a step that are computed for everybody."""
    if isinstance(step, Account):
        yield from (rule.points for rule in step.entries if rule.points is not None and rule.when is None)
    else:
        yield from step_expressions(step)


def _texts(
    name: str,
    bands: Sequence[policy.BandDeclaration],
    keys: Sequence[Expression],
    always: Sequence[Expression],
    diagnostics: Diagnostics,
) -> None:
    rows = [one.of for one in bands]
    lists = [one.type.among for one in keys]
    if None not in lists:
        known = dict.fromkeys(text for among in lists for text in among or ())
        for band in (band for band in bands if band.of not in known):
            diagnostics.add(catalogue.ROW_OUT_OF_REACH, *band.at("of"), table=name, reached=", ".join(known))
    for text in dict.fromkeys(text for one in always for text in one.type.among or () if text not in rows):
        diagnostics.add(catalogue.NO_ROW, *bands[0].at("of"), table=name, text=text)


def _bands(
    name: str,
    table: policy.BandTableDeclaration,
    bands: Sequence[policy.BandDeclaration],
    keys: Sequence[Expression],
    diagnostics: Diagnostics,
) -> None:
    low, high = min(one.type.low for one in keys), max(one.type.high for one in keys)
    reached = f"{from_units(low).normalize():f} … {from_units(high).normalize():f}"
    for number, band in enumerate(bands):
        if band.from_ is None:
            continue
        start = to_units(band.from_)
        end = next((to_units(one.from_) for one in bands[number + 1 : number + 2] if one.from_ is not None), None)
        above = high < start or (high == start and table.edge == "upper")
        below = end is not None and (low > end or (low == end and table.edge == "lower"))
        if (above and table.kind != "interpolated") or (below and table.kind == "whole"):
            diagnostics.add(catalogue.ROW_OUT_OF_REACH, *band.at("from"), table=name, reached=reached)


def _counted_twice(of: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Events that give points under two items at once."""
    found: dict[str, list[tuple[policy.ItemDeclaration, EntryRule]]] = {}
    for item in of.items:
        step = steps[StepId("items", item.id)]
        for rule in step.entries if isinstance(step, Account) else ():
            if rule.each and rule.each in of.events and not of.events[rule.each].shared and not _nothing(rule):
                found.setdefault(rule.each, []).append((item, rule))
    for table, rules in found.items():
        for (one, first), (other, second) in combinations(rules, 2):
            if one is not other and _together([first, second], steps):
                diagnostics.add(catalogue.COUNTED_TWICE, *other.at("id"), table=table, other=one.id)
                break


def _nothing(rule: EntryRule) -> bool:
    """Whether entries of a rule are always of 0 points: they only say why there are none."""
    return rule.points is not None and rule.points.type.magnitude == 0


def _together(rules: Sequence[EntryRule], steps: Mapping[StepId, AnyStep]) -> bool:
    """Whether two rules can apply to one event."""
    whens: list[Expression] = [one.when for one in rules if one.when is not None]
    if any(isinstance(one, Constant) and not one.value for one in whens):
        return False
    try:
        return can_hold(whens, steps)
    except TooManyCases:
        return True
