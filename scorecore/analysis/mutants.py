"""The changes of a program that its cases should notice: one place of the policy at a time.

A change that cannot matter by the bounds of what it is about is left out. One place of a policy may have become more
than one step: they change together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.analysis.band_text import print_band
from scorecore.diagnostics.source import Location
from scorecore.language.bands import Band, BandTable
from scorecore.language.expressions import (
    AccountSoFar,
    AppliesIf,
    Apply,
    Constant,
    Expression,
    GroupValue,
    Has,
    Ladder,
    Latest,
    MatterState,
    Rate,
    Streak,
    Widened,
    constant_value,
    map_subexpressions,
    subexpressions,
    walk,
)
from scorecore.language.identity import expression_key
from scorecore.language.printer import print_constant, print_formula
from scorecore.language.sugar import expand
from scorecore.program.model import Parameter, Program
from scorecore.program.steps import Account, AnyStep, EntryRule, Step, looks_up, step_expressions, step_inputs
from scorecore.values.step_id import APPLIES, EXCLUDED, SCORE_TOTAL
from scorecore.values.types import MAX_DECIMAL, PLACES, TypeKind, Value, count_places, to_units

_MORE: Final = Decimal("1.1")
_LESS: Final = Decimal("0.9")
_SWAPPED: Final = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "and": "or", "or": "and", "+": "-", "-": "+", "least": "greatest", "greatest": "least",
}  # fmt: skip
_ORDERINGS: Final = frozenset({"<", "<=", ">", ">="})


@frozen
class Mutant:
    """A program with one place changed."""

    place: Location
    before: str
    after: str
    steps: Mapping[str, AnyStep] = {}
    table: BandTable | None = None
    parameter: Parameter | None = None


def iter_mutants(program: Program) -> Iterator[Mutant]:
    """Every change that is tried: operators, thresholds and other constants, parameters, bands of tables."""
    yield from _mutate_expressions(program)
    for parameter in program.parameters:
        yield from _mutate_parameter(program, parameter)
    for table in program.tables:
        yield from _mutate_table(program, table)


# expressions

Change = tuple[Expression, Expression]
"""A node, and what takes its place."""


def _mutate_expressions(program: Program) -> Iterator[Mutant]:
    sites: dict[tuple[Location, Change], dict[str, AnyStep]] = {}
    for step in (step for step in program.steps if step.name != EXCLUDED):
        # nobody wrote the sum of all items that the total opens with
        for expression in islice(step_expressions(step), step.name == SCORE_TOTAL, None):
            for node, replacement in _iter_changes(expression):
                if not _is_equal_at_zero(program, step, node, replacement) and not _is_higher_cap(
                    step, node, replacement
                ):
                    sites.setdefault((node.place, (node, replacement)), {})[step.name] = step
    for (_, (node, replacement)), steps in sites.items():
        change = partial(_replace_node, node=node, replacement=replacement)
        changed = {name: _map_step(step, change) for name, step in steps.items()}
        yield Mutant(node.place, print_formula(node), print_formula(replacement), changed)


def _is_equal_at_zero(program: Program, step: AnyStep, node: Expression, replacement: Expression) -> bool:
    """Whether it makes no difference that a line applies at its edge too, for there its amount is 0."""
    match node, replacement:
        case Apply(operator=">", operands=(left, right)), Apply(operator=">="):
            if step.name.role != APPLIES or not program.has_step(step.name.owner):
                return False
            zeros = {expression_key(Apply(left.type, left.place, "-", (left, right)))}
            zeros |= {expression_key(left)} if _is_zero(right) else set()
            amount = program.step(step.name.owner)
            nodes = (part for expression in step_expressions(amount) for part in walk(expression))
            return any(expression_key(part) in zeros for part in nodes)
    return False


def _is_higher_cap(step: AnyStep, node: Expression, replacement: Expression) -> bool:
    """Whether it is a higher cap of an account whose only points are a share that is never above the cap."""
    if not isinstance(step, Account) or not isinstance(node, Constant) or not isinstance(replacement, Constant):
        return False
    caps = [
        rule for rule in step.entries if isinstance(rule.to, Apply) and any(part is node for part in rule.to.operands)
    ]
    shares = [rule.points for rule in step.entries if rule.points is not None]
    if not caps or len(shares) != 1 or not _is_zero(step.opening) or isinstance(node.value, str | bool):
        return False
    return replacement.value > node.value and _is_share(shares[0], node)  # type: ignore[operator]  # numbers both


def _is_share(points: Expression, most: Constant) -> bool:
    """Whether points are `least(…, whole) * most / whole`, as the scorer of targets has them."""
    match points:
        case AppliesIf(value=value):
            return _is_share(value, most)
        case Apply(operator="round_quotient" | "/", operands=(Apply(operator="*", operands=(part, factor)), whole)):
            is_part = (
                isinstance(part, Apply) and part.operator == "least" and _strip(part.operands[-1]) == _strip(whole)
            )
            return is_part and isinstance(factor, Constant) and factor.value == most.value
    return False


def _strip(expression: Expression) -> Expression:
    """A number without what makes a decimal of it."""
    return expression.operand if isinstance(expression, Widened) else expression


def _is_zero(expression: Expression) -> bool:
    return isinstance(expression, Constant) and expression.value == 0


def _iter_changes(expression: Expression) -> Iterator[Change]:
    """Each part of an expression that is changed; only what its author wrote."""
    match expression:
        case AppliesIf(value=value):  # the condition is a step of its own
            yield from _iter_changes(value)
            return
        case Streak(now=now):  # the condition of earlier periods is the same, and has the same place
            yield from _iter_changes(now)
            return
        case Ladder():
            for comparison in _list_comparisons(expression):
                yield from _iter_changes(comparison)
            return
        case MatterState(operand=operand):
            for written in _list_written(operand, expression.place):
                yield from _iter_changes(written)
            return
        case Has() | Latest() | GroupValue():  # a balance at its beginning is a fact; members of groups are steps
            return
        case Constant():
            yield from ((expression, evolve(expression, value=value)) for value in _other_values(expression))
        case Apply(operator=operator, operands=(left, Constant() as edge)) if operator in _ORDERINGS:
            yield from ((expression, swapped) for swapped in _swap_operator(expression))
            if not isinstance(left, AccountSoFar):  # a cap or a floor
                yield from ((expression, moved) for moved in _move_threshold(expression, edge))
                yield from _iter_changes(left)
                return
        case Apply():
            yield from ((expression, changed) for changed in _change_operator(expression))
    for part in subexpressions(expression):
        yield from _iter_changes(part)


def _list_written(part: Expression, place: Location) -> Iterator[Expression]:
    """What an author wrote in a clock: not what the language adds, which is where the clock is read."""
    if part.place == place:
        for inner in subexpressions(part):
            yield from _list_written(inner, place)
    else:
        yield part


def _list_comparisons(ladder: Ladder) -> list[Expression]:
    """The comparisons of the total with the least totals of grades."""
    return [
        node
        for node in walk(expand(ladder))
        if isinstance(node, Apply) and node.operator == ">=" and node.operands[0] == ladder.total
    ]


def _swap_operator(node: Apply) -> Iterator[Expression]:
    joins_texts = node.operator == "+" and node.type.kind is TypeKind.STRING
    if node.operator in _SWAPPED and not joins_texts and _can_matter(node.operator, node.operands):
        yield evolve(node, operator=_SWAPPED[node.operator])


def _change_operator(node: Apply) -> Iterator[Expression]:
    """The same operands with another operator, without it, or with an option less."""
    yield from _swap_operator(node)
    if node.operator == "not":
        yield node.operands[0]
    if node.operator == "in" and len(node.options) > 1:
        for number in range(len(node.options)):
            yield evolve(node, options=(*node.options[:number], *node.options[number + 1 :]))


def _move_threshold(comparison: Apply, edge: Constant) -> Iterator[Apply]:
    """A comparison with a higher threshold, and with a lower one, where the value can lie on both sides of it."""
    left = comparison.operands[0]
    thresholds = list(_other_values(edge))
    if isinstance(edge.value, Decimal | int) and edge.value:
        thresholds.append(_scale(edge.value, _LESS))
    for threshold in thresholds:
        is_reached = not left.type.is_number or left.type.low <= to_units(threshold) <= left.type.high  # type: ignore[arg-type]
        if is_reached or left.type.low <= edge.type.low <= left.type.high:
            yield evolve(comparison, operands=(left, evolve(edge, value=threshold)))


def _scale(value: Decimal | int, factor: Decimal) -> Decimal | int:
    """A tenth more or less, with one place more than the number has; at least one."""
    if isinstance(value, int):
        scaled = int(value * factor)
        return scaled if scaled != value else value + (1 if factor > 1 else -1)
    return round(value * factor, min(count_places(value) + 1, PLACES)).normalize()


def _other_values(constant: Constant) -> Iterator[Value]:
    yield from _change_value(constant_value(constant))


def _change_value(value: Value) -> Iterator[Value]:
    """What is tried in place of a value: the opposite, a tenth more, a day later; nothing for a text."""
    match value:
        case bool():
            yield not value
        case int() | Decimal():
            yield _scale(value, _MORE) if value else value + 1
        case date():
            yield value + timedelta(days=1)


def _can_matter(operator: str, operands: tuple[Expression, ...]) -> bool:
    """Whether the bounds of the operands allow the other operator another result."""
    left, right = operands[0], operands[-1]
    if any(isinstance(operand, AccountSoFar) for operand in operands):
        return False  # a cap or a floor of the language; its constant is changed
    if operator in _ORDERINGS and left.type.is_number:
        return left.type.low <= right.type.high and right.type.low <= left.type.high
    if operator in {"+", "-"}:
        return not _is_zero(right) and not all(_is_zero(operand) for operand in operands)
    return True


def _map_step(step: AnyStep, change: Callable[[Expression], Expression]) -> AnyStep:
    """A step with its expressions changed."""
    if isinstance(step, Step):
        return evolve(step, expression=change(step.expression))
    if isinstance(step, Account):
        rules = tuple(_map_rule(rule, change) for rule in step.entries)
        return evolve(step, opening=change(step.opening), entries=rules)
    return step


def _map_rule(rule: EntryRule, change: Callable[[Expression], Expression]) -> EntryRule:
    return evolve(
        rule,
        points=rule.points and change(rule.points),
        to=rule.to and change(rule.to),
        when=rule.when and change(rule.when),
        quantity=rule.quantity and change(rule.quantity),
    )


def _replace_node(expression: Expression, node: Expression, replacement: Expression) -> Expression:
    """An expression with another one in a place, everywhere that the place has become."""
    if expression.place == node.place and expression == node:
        return replacement
    inside = expand(expression) if isinstance(expression, Ladder) else expression
    return map_subexpressions(inside, partial(_replace_node, node=node, replacement=replacement))


# parameters and tables


def _mutate_parameter(program: Program, parameter: Parameter) -> Iterator[Mutant]:
    if not any(f"parameters.{parameter.name}" in step_inputs(step) for step in program.steps):
        return  # it bounds others, and decides nothing
    for number, (start, value) in enumerate(parameter.values):
        if program.effective_to is not None and start > program.effective_to:
            continue
        for changed in _change_value(value):
            values = (*parameter.values[:number], (start, changed), *parameter.values[number + 1 :])
            place = parameter.places[number] if parameter.places else program.steps[0].place
            mutated = evolve(parameter, values=values)
            yield Mutant(place, print_constant(value), print_constant(changed), parameter=mutated)


def _mutate_table(program: Program, table: BandTable) -> Iterator[Mutant]:
    readers = [step for step in program.steps if looks_up(step, table.name)]
    if not readers:
        return
    steps: dict[str, AnyStep] = {}
    if table.kind == "marginal":
        steps = {step.name: _map_step(step, _widen_rates) for step in readers}
    for version, (start, bands) in enumerate(table.versions):
        for position, band in enumerate(bands):
            for changed in _change_band(bands, position):
                new_bands = (*bands[:position], changed, *bands[position + 1 :])
                versions = (*table.versions[:version], (start, new_bands), *table.versions[version + 1 :])
                place = band.place or readers[0].place
                mutated = evolve(table, versions=versions)
                yield Mutant(place, print_band(band), print_band(changed), steps, table=mutated)
    if table.kind == "whole":
        edge = "upper" if table.edge == "lower" else "lower"
        place = table.versions[0][1][0].place or readers[0].place
        yield Mutant(place, f'edge = "{table.edge}"', f'edge = "{edge}"', table=evolve(table, edge=edge))


def _widen_rates(expression: Expression) -> Expression:
    """An expression whose rates are not checked to lie within the values of their tables, which are about to change."""
    widened = map_subexpressions(expression, _widen_rates)
    if isinstance(widened, Rate):
        return evolve(widened, type=evolve(widened.type, low=-MAX_DECIMAL, high=MAX_DECIMAL))
    return widened


def _change_band(bands: Sequence[Band], position: int) -> Iterator[Band]:
    """A band with another value, and with another beginning that keeps the order of the bands."""
    band = bands[position]
    if isinstance(band.value, str):
        texts = [neighbour.value for neighbour in bands if neighbour.value != band.value]
        yield from (evolve(band, value=text) for text in texts[:1])
    else:
        is_whole = all(neighbour.value == int(neighbour.value) for neighbour in bands)
        value = int(band.value) if is_whole else band.value  # a step of a ladder is a whole one higher
        yield evolve(band, value=Decimal(_scale(value, _MORE)) if value else Decimal(1))
    if isinstance(band.start, str) or not (position or band.start):
        return  # the first band begins where everything does
    end: Any = band.end if position + 1 == len(bands) else bands[position + 1].start
    start = Decimal(_scale(Decimal(band.start), _MORE if band.start > 0 else _LESS))
    start = start if band.start else Decimal(1)
    if end is not None and start >= Decimal(end):
        start = (Decimal(band.start) + Decimal(end)) / 2
    yield evolve(band, start=start)
