"""Two programs as one, so that the analysis of directions says how a result moves from the one to the other.

What both have alike is kept. A constant, a parameter and a band table that differ move as their values do; a part of a
formula that differs otherwise moves from what it can be in the one to what it can be in the other. Facts stay.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from attrs import define, evolve, field

from scorecore.analysis.assumptions import list_assumed
from scorecore.analysis.direction_rules import EITHER, FALLS, RISES, STILL, Direction, compare_possible
from scorecore.analysis.directions import DirectionAnalysis
from scorecore.evaluate.period_context import in_force
from scorecore.language.abstract import AbstractInterpreter, Possible
from scorecore.language.bands import Band, BandTable, compile_band_lookup, find_band
from scorecore.language.expressions import Apply, Constant, Expression, Read, Sugar, subexpressions
from scorecore.language.operators import UndefinedResult
from scorecore.language.sugar import expand
from scorecore.program.model import Parameter, Program
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step
from scorecore.values.ratio import Ratio
from scorecore.values.types import Type, from_units, to_units, union_type

_GUARDS: Final = frozenset({"within", "require"})
"""Operators whose options decide only whether there is a value."""
_PLAIN: Final = frozenset({"type", "place"})


def analyse_change(before: Program, after: Program, condition: str = "") -> DirectionAnalysis:
    """How the steps of a program move from one version to another, where the step `condition` holds in both."""
    joining = _Joining(before, after, condition)
    steps = tuple(joining.join_step(step) for step in after.steps)
    joined = evolve(after, steps=steps)
    analysis = DirectionAnalysis(joined, "", moving=joining.moving, moving_tables=joining.compare_tables)
    if condition:
        holds = Read(after.step(condition).type, after.step(condition).place, condition)
        analysis.assumptions = tuple(list_assumed(holds, joined, _range_of_type, holds=True))
    return analysis


def _range_of_type(expression: Expression) -> Type:
    return expression.type


@define
class ProgramSide:
    """One of the programs, with what is assumed of it, and between what bounds its formulas lie."""

    program: Program
    condition: str
    known: dict[Expression, Possible] = field(factory=dict)
    steps: dict[str, Possible] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.condition:
            step = self.program.step(self.condition)
            holds = Read(step.type, step.place, self.condition)
            for part, possible in list_assumed(holds, self.program, self.find_range, holds=True):
                self.known.setdefault(part, possible)
            self.steps.clear()

    @property
    def ranges(self) -> AbstractInterpreter:
        return AbstractInterpreter(self._find_known)

    def find_range(self, expression: Expression) -> Type:
        return self.ranges.find_range(expression)

    def _find_known(self, expression: Expression) -> Possible | None:
        if expression in self.known:
            return self.known[expression]
        if not isinstance(expression, Read) or not self.program.has_step(expression.name):
            return None
        step = self.program.step(expression.name)
        if not isinstance(step, Step):
            return None
        if step.name not in self.steps:
            self.steps[step.name] = self.ranges.interpret(step.expression)
        return self.steps[step.name]

    def prune(self, expression: Expression) -> Expression:
        """Without sugar on top, and the branch that is taken where that is known."""
        expression = expand(expression)
        while isinstance(expression, Apply) and expression.operator == "if":
            truths = self.ranges.find_truths(expression.operands[0])
            if len(truths) != 1:
                break
            expression = expand(expression.operands[1 if True in truths else 2])
        return expression


@define
class _Joining:
    before: Program
    after: Program
    condition: str
    moving: dict[str, Direction] = field(factory=dict)
    """How parameters move, and what stands for parts that differ."""
    old: ProgramSide = field(init=False)
    new: ProgramSide = field(init=False)
    tables: Mapping[str, BandTable] = field(init=False)
    """Of the old program, by name."""

    def __attrs_post_init__(self) -> None:
        self.old, self.new = ProgramSide(self.before, self.condition), ProgramSide(self.after, self.condition)
        self.tables = {table.name: table for table in self.before.tables}
        old = {parameter.name: parameter for parameter in self.before.parameters}
        for parameter in self.after.parameters:
            if parameter.name in old:
                self.moving[f"parameters.{parameter.name}"] = _compare_parameters(old[parameter.name], parameter)

    def compare_tables(self, name: str, key: Type) -> Direction:
        """How a table of one name moves at the numbers between bounds, or at any text."""
        new = next(table for table in self.after.tables if table.name == name)
        return _compare_tables(self.tables[name], new, key) if name in self.tables else EITHER

    # steps

    def join_step(self, step: AnyStep) -> AnyStep:
        """The step of the new program as that of both."""
        old = self.before.step(step.name) if self.before.has_step(step.name) else None
        match old, step:
            case Step(), Step():
                return evolve(step, expression=self.join(old.expression, step.expression))
            case GroupStep(), GroupStep() if old == step and self._is_same_group(step.group):
                return step
            case Account(), Account():
                joined = self._join_account(old, step)
                if joined is not None:
                    return joined
        return Step(step.name, self._differ(None, step.type, step), held_by=step.held_by, place=step.place)

    def _is_same_group(self, name: str) -> bool:
        """Whether a group has the same members; where the undecided are left out, all that decides must be the same."""
        parts = [(program.steps, program.parameters, program.tables) for program in (self.before, self.after)]
        group = self.after.group(name)
        return self.before.group(name) == group and (group.held == "wait" or parts[0] == parts[1])

    def _join_account(self, old: Account, new: Account) -> Account | None:
        if len(old.entries) != len(new.entries) or not all(map(_have_one_shape, old.entries, new.entries)):
            return None
        entries = [self._join_rule(first, second) for first, second in zip(old.entries, new.entries, strict=True)]
        union = union_type(old.type, new.type)
        opening = self.join(old.opening, new.opening)
        return None if union is None else evolve(new, opening=opening, entries=tuple(entries), type=union)

    def _join_rule(self, old: EntryRule, new: EntryRule) -> EntryRule:
        parts: dict[str, Any] = {}
        for name in ("when", "points", "to", "quantity"):
            first, second = getattr(old, name), getattr(new, name)
            if first is not None and second is not None:
                parts[name] = self.join(first, second)
        return evolve(new, **parts)

    # expressions

    def join(self, old: Expression, new: Expression) -> Expression:
        """An expression that is the old one in the one program and the new one in the other."""
        old, new = self.old.prune(old), self.new.prune(new)
        union = union_type(old.type, new.type)
        if union is None or type(old) is not type(new):
            return self._differ(old, union or new.type, new)
        if isinstance(new, Constant) or not _have_one_meaning(old, new):
            return evolve(new, type=union) if old == new else self._differ(old, union, new)
        parts = iter([self.join(*pair) for pair in zip(subexpressions(old), subexpressions(new), strict=True)])
        return _rebuild(new, parts, union)

    def _differ(self, old: Expression | None, union: Type, new: Expression | AnyStep) -> Expression:
        """What stands for a part that differs: it moves from what it can be to what it can be."""
        name = f"#{len(self.moving)}"
        self.moving[name] = EITHER
        if old is not None and isinstance(new, Expression):
            self.moving[name] = compare_possible(self.old.ranges.interpret(old), self.new.ranges.interpret(new))
        return Read(union, new.place, name)


def _have_one_shape(old: EntryRule, new: EntryRule) -> bool:
    names = ("when", "points", "to")
    return old.each == new.each and all((getattr(old, name) is None) is (getattr(new, name) is None) for name in names)


def _have_one_meaning(old: Expression, new: Expression) -> bool:
    """Whether two expressions of one class differ in nothing but their parts."""
    if isinstance(old, Sugar) or len(list(subexpressions(old))) != len(list(subexpressions(new))):
        return False
    if isinstance(old, Apply) and isinstance(new, Apply):
        return old.operator == new.operator and (old.options == new.options or old.operator in _GUARDS)
    return _list_plain(old) == _list_plain(new)


def _list_plain(expression: Expression) -> dict[str, Any]:
    """The fields that are no expressions."""
    fields = {attribute.name: getattr(expression, attribute.name) for attribute in type(expression).__attrs_attrs__}
    return {
        name: value if not isinstance(value, Expression) else type(value)
        for name, value in fields.items()
        if name not in _PLAIN and not (isinstance(value, tuple) and any(isinstance(each, Expression) for each in value))
    }


def _rebuild(expression: Expression, parts: Iterator[Expression], union: Type) -> Expression:
    """An expression with other parts, in the order of `subexpressions`."""
    changes: dict[str, Any] = {}
    for attribute in type(expression).__attrs_attrs__:
        value = getattr(expression, attribute.name)
        if isinstance(value, Expression):
            changes[attribute.name] = next(parts)
        elif isinstance(value, tuple) and any(isinstance(each, Expression) for each in value):
            changes[attribute.name] = tuple(next(parts) for _ in value)
    return evolve(expression, type=union, **changes)


# figures and tables


def _list_days(old: Sequence[tuple[date, Any]], new: Sequence[tuple[date, Any]]) -> list[date]:
    return sorted({start for start, _ in (*old, *new)})


def _compare_parameters(old: Parameter, new: Parameter) -> Direction:
    """On each day on which a value begins."""
    if old.prorate != new.prorate:
        return EITHER
    pairs = [(in_force(old.values, day), in_force(new.values, day)) for day in _list_days(old.values, new.values)]
    return _compare_values(pairs)


def _compare_values(pairs: Sequence[tuple[Any, Any]]) -> Direction:
    """Numbers that rise or fall from one to the other; anything else that differs goes either way."""
    direction = STILL
    for before, after in pairs:
        if before == after:
            continue
        if not _is_number(before) or not _is_number(after):
            return EITHER
        direction |= RISES if after > before else FALLS
    return direction


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal | Ratio) and not isinstance(value, bool)


def _compare_tables(old: BandTable, new: BandTable, key: Type) -> Direction:
    if old.versions == new.versions and (old.kind, old.edge) == (new.kind, new.edge):
        return STILL
    if old.text or new.text or old.kind != new.kind:
        return EITHER
    direction = STILL
    for day in _list_days(old.versions, new.versions):
        sides = [(table, in_force(table.versions, day)) for table in (old, new)]
        direction |= _compare_bands(sides, key)
    return direction


Bands = tuple[BandTable, Sequence[Band]]


def _compare_bands(sides: Sequence[Bands], key: Type) -> Direction:
    """At each edge of both, and between them; in a table between whose edges the values lie on lines this is enough."""
    if sides[0][0].kind == "exact":
        rows = [{band.start: band.value for band in bands} for _, bands in sides]
        return _compare_values([(rows[0][text], value) for text, value in rows[1].items() if text in rows[0]])
    if sides[0][0].edge != sides[1][0].edge and sides[0][0].kind == "whole":
        return EITHER
    edges = {end for _, bands in sides for band in bands for end in (band.start, band.end) if isinstance(end, Decimal)}
    inside = {key.low, key.high} | {units for end in edges if key.low <= (units := to_units(end)) <= key.high}
    points = [Fraction(units) for units in sorted(inside)]
    points += [(low + high) / 2 for low, high in pairwise(points)]
    pairs = []
    for point in points:
        number = from_units(point.numerator) / point.denominator
        values = [_look_up(table, bands, number) for table, bands in sides]
        if None not in values:
            pairs.append((values[0], values[1]))
    return _compare_values(pairs)


def _look_up(table: BandTable, bands: Sequence[Band], key: Decimal) -> Any:  # noqa: ANN401  a number, or None
    if find_band(table, bands, key) is None:
        return None
    try:
        return compile_band_lookup(table.kind, table.edge, bands, cuts=False)(key)
    except UndefinedResult:
        return None
