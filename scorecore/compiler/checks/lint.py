"""What is allowed, but seldom meant: notes, once a policy has no problems."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from scorecore.compiler.checks.band_gaps import note_band_gaps
from scorecore.compiler.checks.condition_cases import TooManyCases, can_hold, is_never_true, is_row_never_reached
from scorecore.compiler.checks.locked_holds import note_locked_holds
from scorecore.compiler.checks.marks import mark_call
from scorecore.compiler.checks.one_period import find_asked_once
from scorecore.compiler.checks.repeated_pay import find_repeated_pay
from scorecore.compiler.checks.running_deadlines import find_running_deadlines
from scorecore.compiler.checks.shared_places import find_shared_places
from scorecore.compiler.checks.waivers import note_unnamed_waivers
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
    ByText,
    Choice,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    Lookup,
    MatterState,
    ParameterOn,
    Read,
    rows_table,
    walk,
)
from scorecore.language.expressions import subexpressions as parts_of
from scorecore.language.rows import KeyedField
from scorecore.language.sugar import desugar
from scorecore.policy import model as policy
from scorecore.policy.load import Document
from scorecore.program.schema import Schema
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step, step_expressions
from scorecore.values.calendar import Calendar
from scorecore.values.step_id import APPLIES, ASSESSED, SCORE_TOTAL, StepId
from scorecore.values.types import from_units, to_units

NAME: Final = "name"
"""The fact that is there for people: it is shown beside the id, and need not be read."""


def lint_policy(
    declared: policy.Policy,
    schema: Schema,
    steps: Mapping[StepId, AnyStep],
    documents: Sequence[Document],
    diagnostics: Diagnostics,
) -> None:
    """Every note on a policy whose steps are built."""
    _counted_twice(declared, steps, diagnostics)
    _mistaken(declared, schema, steps, documents, diagnostics)
    note_unnamed_waivers(schema, steps, documents, diagnostics)
    if any(problem.kind is catalogue.LEFT_OPEN for problem in diagnostics):
        return  # what a branch sets may read, or reach, what nothing does now
    _unused(declared, schema, steps, diagnostics)
    _unreached(declared, steps, diagnostics)
    _never(declared, steps, diagnostics)
    note_locked_holds(declared, schema, steps, diagnostics)
    _rows(declared, steps, diagnostics)
    note_band_gaps(declared, steps, diagnostics)


def _mistaken(
    declared: policy.Policy,
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
    for line, when in find_repeated_pay(declared, schema, steps):
        diagnostics.add(catalogue.PAID_EVERY_PERIOD, *line.at("id"), name=f"pay.{line.id}", when=when)
    for shared in find_shared_places(declared, steps):
        params = {"group": shared.group, "ties": shared.ties, "better": shared.better}
        diagnostics.add(catalogue.SHARED_PLACES, *mark_call(shared.comparison.place, documents), **params)
    for fact in find_asked_once(schema, steps):
        diagnostics.add(catalogue.ASKED_ONCE, *mark_call(fact.place, documents), name=fact.name)


def _unused(declared: policy.Policy, schema: Schema, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Facts, figures, tables and values that nothing reads."""
    read = {name for step in steps.values() for name in _read_by(step)} | set(_read_by_bounds(declared))
    read |= {used.match for used in declared.uses.values()}
    read |= {hold for step in steps.values() for hold in step.held_by}
    read |= {f"values.{name}" for name, value in declared.values.items() if value.result}
    groups = {step.group for step in steps.values() if isinstance(step, GroupStep)}
    read |= {declared.groups[name].by for name in groups} | {f"groups.{name}" for name in groups}
    for name, fact in declared.subject.items():
        if name not in read and name != NAME and not fact.kept:
            diagnostics.add(catalogue.NOT_READ, *fact.at(), name=name)
    for name, used in declared.uses.items():
        if f"uses.{name}" not in read:
            diagnostics.add(catalogue.NOT_READ, *used.at(), name=f"uses.{name}")
    for table in (table for table in schema.events if not table.use):
        events = declared.events[table.name]
        if table.name not in read:
            diagnostics.add(catalogue.NOT_READ, *events.at(), name=table.name)
            continue
        needed = {*table.key, table.dated_by, *table.shown, *_list_of_matter(declared, table.name)}
        for name, fact in events.fields.items():
            if f"{table.name}.{name}" not in read and name not in needed and not fact.kept:
                diagnostics.add(catalogue.NOT_READ, *fact.at(), name=f"{table.name}.{name}")
    for name, clock in _list_idle_clocks(declared, steps):
        diagnostics.add(catalogue.NOT_READ, *clock.at(), name=name)
    for kind, declarations in (
        ("parameters", declared.parameters),
        ("tables", declared.tables),
        ("calendars", declared.calendars),
        ("values", declared.values),
        ("groups", declared.groups),
    ):
        named: Mapping[str, policy.Part] = declarations
        for name, part in named.items():
            if f"{kind}.{name}" not in read:
                diagnostics.add(catalogue.NOT_READ, *part.at(), name=f"{kind}.{name}")


def _list_idle_clocks(
    declared: policy.Policy, steps: Mapping[StepId, AnyStep]
) -> Iterator[tuple[str, policy.ClockDeclaration]]:
    """The deadlines that no expression reads, and that are not escalated."""
    nodes = (node for step in steps.values() for expression in step_expressions(step) for node in walk(expression))
    read = {(node.table, node.name.partition(".")[0]) for node in nodes if isinstance(node, MatterState)}
    for table, matter in declared.matters.items():
        for name, clock in matter.clocks.items():
            if (table, name) not in read:
                yield f"matters.{table}.clocks.{name}", clock


def _list_of_matter(declared: policy.Policy, table: str) -> Iterator[str]:
    """The fields that the stages of a table need, which rows are checked for."""
    matter = declared.matters.get(table)
    for name, stage in matter.stages.items() if matter else ():
        yield from (name, *stage.evidence)


def _read_by(step: AnyStep) -> Iterator[str]:
    for part in (part for expression in step_expressions(step) for part in walk(expression)):
        match part:
            case Read(name=name):
                yield name
            case Field(table=table, name=name):
                yield from (table, f"{table}.{name}")
            case Lookup(table=table):
                yield f"tables.{table}"
            case ParameterOn(name=name):
                yield f"parameters.{name}"
            case KeyedField(table=table, name=name):
                yield from (table, f"{table}.{name}")
            case EventFold() | DependencyValue() as rows:
                yield rows_table(rows)
            case Apply(options=(Calendar(name=name),)):
                yield f"calendars.{name}"
    if isinstance(step, Account):
        yield from (rule.each for rule in step.entries if rule.each)


def _read_by_bounds(declared: policy.Policy) -> Iterator[str]:
    bounds = [parameter.bounds for parameter in declared.parameters.values()]
    bounds += [limits for table in declared.tables.values() for limits in (table.bounds, table.edges)]
    for limits in bounds:
        for end in (limits.min, limits.max) if limits else ():
            yield from _selected(end) if end is not None else ()


def _selected(syntax: Syntax) -> Iterator[str]:
    if isinstance(syntax, Select) and isinstance(syntax.base, Name):
        yield f"{syntax.base.name}.{syntax.member}"
    for part in children(syntax):
        yield from _selected(part)


def _unreached(declared: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Items that cannot reach their points, and grades that no total reaches."""
    for item in declared.items:
        step = steps[StepId("items", item.id)]
        if item.points != "open" and step.type.high < to_units(item.points):
            most = f"{from_units(step.type.high).normalize():f}"
            diagnostics.add(catalogue.POINTS_OUT_OF_REACH, *item.at("points"), points=item.points, most=most)
    total = steps.get(SCORE_TOTAL)
    if total is None:
        return
    above: Decimal | None = None
    for grade in declared.grades:
        low, high = from_units(total.type.low), from_units(total.type.high)
        reached = grade.from_ == "lowest" or grade.from_ <= high
        if not reached or (above is not None and above <= low and grade.when is None):
            shown = {"low": f"{low.normalize():f}", "high": f"{high.normalize():f}"}
            diagnostics.add(catalogue.GRADE_OUT_OF_REACH, *grade.at("from"), id=grade.id, **shown)
        if grade.when is None and grade.from_ != "lowest":
            above = grade.from_


def _never(declared: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Conditions that cannot hold."""
    named: list[tuple[StepId, policy.Part]] = [
        (StepId("items", item.id, role=APPLIES), item) for item in declared.items
    ]
    named += [(StepId("pay", line.id, role=APPLIES), line) for line in declared.pay]
    named += [
        (StepId(kind, part.id), part)
        for kind, parts in (("holds", declared.holds), ("actions", declared.actions))
        for part in parts
    ]
    named += [(grade_applies(number), grade) for number, grade in enumerate(declared.grades)]
    named.append((ASSESSED, declared.policy))
    for name, part in named:
        step = steps.get(name)
        if isinstance(step, Step) and is_never_true(step.expression, steps):
            diagnostics.add(catalogue.NEVER_HOLDS, *part.at("applies" if name == ASSESSED else "when"))
    for value_name, value in declared.values.items():
        step = steps.get(StepId("values", value_name))
        if isinstance(step, Step) and isinstance(step.expression, Choice):
            for number, row in enumerate(value.rows):
                if is_row_never_reached(step.expression, number, steps):
                    diagnostics.add(catalogue.NEVER_HOLDS, *row.at("when"))


def _rows(declared: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Rows of tables that nothing reaches, and texts that have no row."""
    asked: dict[str, list[Expression]] = {}
    asking = [step for step in steps.values() if any(map(_asks_table, step_expressions(step)))]
    always = {
        lookup.key
        for step in asking
        for expression in _unguarded(step)
        for lookup in _lookups(desugar(expression), guarded=False)
    }
    for asked_by_text in dict.fromkeys(
        part
        for step in asking
        for expression in step_expressions(step)
        for part in walk(expression)
        if isinstance(part, ByText)
    ):
        _texts_of_bands(asked_by_text, declared, diagnostics)
    for step in asking:
        for expression in step_expressions(step):
            for lookup in _lookups(desugar(expression), guarded=True):
                asked.setdefault(lookup.table, []).append(lookup.key)
    for name, keys in asked.items():
        table = declared.tables[name]
        for bands in _versions(table):
            if not bands:  # a branch has yet to set them
                continue
            if table.kind == "exact":
                _texts(name, bands, keys, [key for key in keys if key in always], diagnostics)
            else:
                _bands(name, table, bands, keys, diagnostics)


def _asks_table(expression: Expression) -> bool:
    return any(isinstance(part, Lookup) for part in walk(expression))


def _lookups(expression: Expression, *, guarded: bool) -> Iterator[Lookup]:
    """What asks tables; without those that a condition guards."""
    if isinstance(expression, Lookup):
        yield expression
    inside: Iterable[Expression] = parts_of(expression)
    if isinstance(expression, Apply) and expression.operator == "if" and not guarded:
        inside = expression.operands[:1]
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
    rows = [band.of for band in bands]
    lists = [key.type.among for key in keys]
    if None not in lists:
        known = dict.fromkeys(text for among in lists for text in among or ())
        for band in (band for band in bands if band.of not in known):
            diagnostics.add(catalogue.ROW_OUT_OF_REACH, *band.at("of"), table=name, reached=", ".join(known))
    for text in dict.fromkeys(text for key in always for text in key.type.among or () if text not in rows):
        diagnostics.add(catalogue.NO_ROW, *bands[0].at("of"), table=name, text=text)


def _texts_of_bands(asked: ByText, declared: policy.Policy, diagnostics: Diagnostics) -> None:
    """Of a table by a text and a number: texts that nobody has, and those that have no bands."""
    known = asked.text.type.among
    bands = {
        text: next(band for one in _versions(declared.tables[f"{asked.table}[{text}]"]) for band in one)
        for text in asked.texts
    }
    if known is None:
        return
    for text in (text for text in asked.texts if text not in known):
        diagnostics.add(catalogue.ROW_OUT_OF_REACH, *bands[text].at("of"), table=asked.table, reached=", ".join(known))
    for text in (text for text in known if text not in asked.texts):
        place = bands[asked.texts[0]].at("of")
        diagnostics.add(catalogue.NO_ROW, *place, table=asked.table, text=text)


def _versions(table: policy.BandTableDeclaration) -> list[tuple[policy.BandDeclaration, ...]]:
    return [one.bands for one in table.versions] or [table.bands]


def _bands(
    name: str,
    table: policy.BandTableDeclaration,
    bands: Sequence[policy.BandDeclaration],
    keys: Sequence[Expression],
    diagnostics: Diagnostics,
) -> None:
    low, high = min(key.type.low for key in keys), max(key.type.high for key in keys)
    reached = f"{from_units(low).normalize():f} … {from_units(high).normalize():f}"
    for number, band in enumerate(bands):
        if band.from_ is None:
            continue
        start = to_units(band.from_)
        following = bands[number + 1 : number + 2]
        end = next((to_units(band.from_) for band in following if band.from_ is not None), None)
        above = high < start or (high == start and table.edge == "upper")
        below = end is not None and (low > end or (low == end and table.edge == "lower"))
        if (above and table.kind != "interpolated") or (below and table.kind == "whole"):
            diagnostics.add(catalogue.ROW_OUT_OF_REACH, *band.at("from"), table=name, reached=reached)


def _counted_twice(declared: policy.Policy, steps: Mapping[StepId, AnyStep], diagnostics: Diagnostics) -> None:
    """Events that give points under two items at once."""
    rules_by_table: dict[str, list[tuple[policy.ItemDeclaration, EntryRule]]] = {}
    for item in declared.items:
        step = steps[StepId("items", item.id)]
        for rule in step.entries if isinstance(step, Account) else ():
            if (
                rule.each
                and rule.each in declared.events
                and not declared.events[rule.each].shared
                and not _nothing(rule)
            ):
                rules_by_table.setdefault(rule.each, []).append((item, rule))
    for table, rules in rules_by_table.items():
        for (first_item, first_rule), (second_item, second_rule) in combinations(rules, 2):
            if first_item is not second_item and _together([first_rule, second_rule], steps):
                diagnostics.add(catalogue.COUNTED_TWICE, *second_item.at("id"), table=table, other=first_item.id)
                break


def _nothing(rule: EntryRule) -> bool:
    """Whether entries of a rule are always of 0 points: they only say why there are none."""
    return rule.points is not None and rule.points.type.magnitude == 0


def _together(rules: Sequence[EntryRule], steps: Mapping[StepId, AnyStep]) -> bool:
    """Whether two rules can apply to one event."""
    conditions: list[Expression] = [rule.when for rule in rules if rule.when is not None]
    if any(isinstance(condition, Constant) and not condition.value for condition in conditions):
        return False
    try:
        return can_hold(conditions, steps)
    except TooManyCases:
        return True
