"""Numbers that a band table can be asked for and has no band for: below the first band, at its edge, above the last.

Between two bands there is no gap, for a band ends where the next one begins.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.compiler.checks.guarded_walk import Guard, Steps, open_guards, walk_step
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.abstract import AbstractInterpreter
from scorecore.language.expressions import Apply, Constant, Expression, Lookup, constant_value, walk
from scorecore.language.printer import print_formula
from scorecore.policy import model as policy
from scorecore.program.steps import AnyStep, step_expressions
from scorecore.values.types import PLACES, Type, from_units, to_units

_FREE: Final = AbstractInterpreter(lambda _: None)
_UNBOUNDED: Final = 10**9
"""From here on a bound is that of the type, which nobody wrote."""


_MAX_SHOWN: Final = 60


@frozen
class _Key:
    """A number that a table is asked for, and between what it lies, in units; empty where `low` exceeds `high`."""

    expression: Expression
    low: int
    high: int
    step: int
    """The distance of two numbers of its type."""


def note_band_gaps(declared: policy.Policy, steps: Steps, diagnostics: Diagnostics) -> None:
    """Note the numbers without a band of every table that is asked for any."""
    keys: dict[str, list[_Key]] = {}
    for step in steps.values():
        for guarded in walk_step(step) if _asks_tables(step) else ():
            if isinstance(guarded.part, Lookup) and guarded.part.key.type.is_number:
                key = _narrow(guarded.part.key, open_guards(guarded.guards, steps))
                if key.low <= key.high:
                    keys.setdefault(guarded.part.table, []).append(key)
    for name, asked in keys.items():
        table = declared.tables[name]
        for bands in [version.bands for version in table.versions] or [table.bands]:
            if bands:
                _note_gaps(name, table, bands, asked, diagnostics)


def _asks_tables(step: AnyStep) -> bool:
    return any(isinstance(part, Lookup) for expression in step_expressions(step) for part in walk(expression))


def _narrow(key: Expression, guards: Iterator[Guard]) -> _Key:
    """The bounds of a key where some conditions hold."""
    key = _without_widening(key)
    possible: Type = _FREE.find_range(key)
    step = 10 ** (PLACES - key.type.places)
    low, high = possible.low, possible.high
    for guard in guards:
        for operator, bound in _compare_with(key, guard):
            exact = to_units(bound)
            is_on_grid = exact % step == 0
            floor = exact // step * step
            match operator:
                case "<":
                    high = min(high, floor - step if is_on_grid else floor)
                case "<=":
                    high = min(high, floor)
                case ">":
                    low = max(low, floor + step)
                case ">=":
                    low = max(low, floor if is_on_grid else floor + step)
                case "!=" if exact == low:
                    low += step
                case "!=" if exact == high:
                    high -= step
    return _Key(key, low, high, step)


_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _compare_with(key: Expression, guard: Guard) -> Iterator[tuple[str, Decimal]]:
    """The comparisons of the key with a number that a guard amounts to."""
    match guard.condition:
        case Apply(operator=operator, operands=(left, right)) if operator in _NEGATED:
            pass
        case _:
            return
    operator = operator if guard.is_true else _NEGATED[operator]
    left, right = _without_widening(left), _without_widening(right)
    for value, bound, sign in ((left, right, operator), (right, left, _MIRRORED[operator])):
        if value == key and isinstance(bound, Constant) and bound.type.is_number:
            number: Any = constant_value(bound)
            yield from (("<=", number), (">=", number)) if sign == "==" else ((sign, number),)
    match key:
        case Apply(operator="-", operands=(minuend, subtrahend)) if {left, right} == {minuend, subtrahend}:
            yield operator if left == minuend else _MIRRORED[operator], Decimal(0)


def _without_widening(value: Expression) -> Expression:
    return value.operands[0] if isinstance(value, Apply) and value.operator == "decimal" else value


def _note_gaps(
    name: str,
    table: policy.BandTableDeclaration,
    bands: Sequence[policy.BandDeclaration],
    asked: Sequence[_Key],
    diagnostics: Diagnostics,
) -> None:
    """Note what lies below the first band of a version, and above its last."""
    first, last = bands[0], bands[-1]
    if first.from_ is None or last.from_ is None:
        return  # a mistake of its own
    start = to_units(first.from_)
    is_upper = table.kind == "whole" and table.edge == "upper"
    lowest = min(asked, key=lambda key: key.low)
    if lowest.low < start or (lowest.low == start and is_upper):
        below = evolve(lowest, high=min(lowest.high, start if is_upper else start - 1))
        edge = {"edge": _print(start)} if is_upper and lowest.low == start else {}
        gap = _print_gap(below, start, is_edge_inside=is_upper, is_below=True)
        diagnostics.add(catalogue.BAND_GAP, *first.at("from"), table=name, gap=gap, **edge)
    end = last.up_to if table.kind != "interpolated" or last.up_to is not None else last.from_
    if end is None:
        return
    covers_end = table.kind != "whole" or is_upper
    highest = max(asked, key=lambda key: key.high)
    if highest.high > to_units(end) or (highest.high == to_units(end) and not covers_end):
        above = evolve(highest, low=max(highest.low, to_units(end) + covers_end))
        gap = _print_gap(above, to_units(end), is_edge_inside=not covers_end, is_below=False)
        diagnostics.add(
            catalogue.BAND_GAP, *last.at("up_to" if last.up_to is not None else "from"), table=name, gap=gap
        )


def _print_gap(key: _Key, edge: int, *, is_edge_inside: bool, is_below: bool) -> str:
    """A range of numbers as mathematics writes it: `300 < v ≤ 1000`, `v = 0`."""
    name = print_formula(key.expression)
    name = name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}…"
    far = key.low if is_below else key.high
    if far == edge:
        return f"{name} = {_print(edge)}"
    near_sign, far_sign = "≤" if is_edge_inside else "<", "≤"
    is_open = abs(far) >= to_units(_UNBOUNDED)
    if is_below:
        return (f"{name}" if is_open else f"{_print(far)} {far_sign} {name}") + f" {near_sign} {_print(edge)}"
    if is_open:
        return f"{name} {'≥' if is_edge_inside else '>'} {_print(edge)}"
    return f"{_print(edge)} {near_sign} {name} {far_sign} {_print(far)}"


def _print(units: int) -> str:
    return f"{from_units(units).normalize():f}"
