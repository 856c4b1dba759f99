"""What sugar means: the one place that knows. Everything that evaluates asks here, and nothing guesses from a shape."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.language.bands import BandTable, lookup_type, rate_bounds
from scorecore.language.build import apply_operator, conjoin, make_constant
from scorecore.language.choices import expand_choice
from scorecore.language.expressions import (
    AppliesIf,
    Apply,
    ByText,
    Choice,
    ChoiceException,
    Constant,
    Expression,
    GroupValue,
    Guarded,
    Ladder,
    Lookup,
    MatterState,
    ParameterOn,
    PrecedingRun,
    Rate,
    Read,
    Rung,
    Streak,
    Sugar,
    Widened,
    constant_value,
    map_subexpressions,
    subexpressions,
)
from scorecore.values.types import (
    BOOL,
    MAX_HISTORY,
    PLACES,
    Type,
    TypeKind,
    from_units,
    integer_type,
    to_units,
)


def desugar(expression: Expression) -> Expression:
    """The same meaning without sugar, all the way down."""
    core = map_subexpressions(expand(expression), desugar)
    if isinstance(core, Constant):
        value = constant_value(core)
        return core if value is core.value else evolve(core, value=value)
    if isinstance(core, Apply) and core.operator == "round":  # it goes into what its operand turned out to be
        return apply_operator("round", core.operands, core.place, *core.options)
    return core


def expand(expression: Expression) -> Expression:
    """What sugar stands for, its parts as they are; anything else as it is."""
    while isinstance(expression, Sugar):
        expression = expression.operand if isinstance(expression, MatterState) else _expand(expression)
    return expression


def walk_core(expression: Expression) -> Iterator[Expression]:
    """What an expression without its sugar is made of, outside first; only what sugar stands for is built."""
    core = expand(expression)
    yield core
    for part in subexpressions(core):
        yield from walk_core(part)


def _expand(sugar: Sugar) -> Expression:
    place = sugar.place
    match sugar:
        case Widened(operand=operand):
            return apply_operator("decimal", (operand,), place)
        case Rate(lookup=lookup):
            return _expand_rate(lookup, sugar.type)
        case ByText():
            return _expand_by_text(sugar)
        case ParameterOn():
            return _expand_parameter(sugar)
        case Streak(now=now, then=then):
            before = PrecedingRun(integer_type(0, MAX_HISTORY), place, then)
            with_this = apply_operator("+", (make_constant(1, place), before), place)
            return apply_operator("if", (now, with_this, make_constant(0, place)), place)
        case Choice(exceptions=rows, otherwise=otherwise, hit=hit):
            return expand_choice(rows, otherwise, hit, place)
        case Ladder(total=total, rungs=rungs):
            return _expand_ladder(total, rungs)
        case AppliesIf(condition=condition, value=value):
            if value.type.kind is TypeKind.BOOL:
                return apply_operator("and", (condition, value), place)
            zero = make_constant(Decimal(0), place)
            return apply_operator("if", (condition, value, zero), place)
        case GroupValue(step=step):
            return Read(sugar.type, place, step)
        case Guarded(operand=operand, low=None):
            return apply_operator("not_negative", (operand,), place)
        case Guarded(operand=operand, low=low, high=high):
            return apply_operator("within", (operand,), place, low, high)
    raise TypeError(sugar)


# the rate of a marginal table


def make_rate(table: BandTable, key: Expression, place: Location) -> Rate:
    """The rate of a table at a key; raises OperandTypeError. A weighted mean of rates lies between these."""
    lookup = Lookup(lookup_type(table, key.type), place, table.name, key)
    share = apply_operator("/", (lookup, key), place).type
    low, high = map(to_units, rate_bounds(table) or (from_units(share.low), from_units(share.high)))
    rate = Rate(evolve(share, low=min(0, low), high=max(0, high)), place, lookup)
    return evolve(rate, type=expand(rate).type)


def _expand_rate(lookup: Lookup, rate: Type) -> Expression:
    place, key = lookup.place, lookup.key
    zero = make_constant(Decimal(0), place)
    share = apply_operator("/", (lookup, key), place)
    if rate.ends:  # in programs of level 1 it is rounded at the 12th place
        share = evolve(share, type=evolve(share.type, places=PLACES, divisor=1, varying=1))
    share = apply_operator("within", (share,), place, from_units(rate.low), from_units(rate.high))
    return apply_operator("if", (apply_operator("==", (key, zero), place), zero, share), place)


# a table by a text and a number


def make_by_text(table: str, text: Expression, values: Mapping[str, Expression], place: Location) -> ByText:
    """What the table gives that is for a text; raises OperandTypeError."""
    texts = tuple(sorted(values))
    parts = tuple(values[each] for each in texts)
    shell = ByText(parts[0].type, place, table, text, texts, parts)
    return evolve(shell, type=_expand_by_text(shell).type)


def _expand_by_text(table: ByText) -> Expression:
    """Halved again and again, so that many texts are not nested too deep."""
    place, text = table.place, table.text
    reason = (catalogue.NO_ROWS_FOR.code, f"tables.{table.table}", ", ".join(table.texts))

    def among(first: int, end: int) -> Expression:
        if end - first == 1:
            is_text = apply_operator("==", (text, make_constant(table.texts[first], place)), place)
            return apply_operator("require", (is_text, table.values[first]), place, *reason)
        middle = (first + end) // 2
        comes_later = apply_operator(">=", (text, make_constant(table.texts[middle], place)), place)
        return apply_operator("if", (comes_later, among(middle, end), among(first, middle)), place)

    return among(0, len(table.texts))


# a parameter on a day


def make_parameter_on(
    name: str, day: Expression, dated_values: Sequence[tuple[date, Constant]], place: Location
) -> ParameterOn:
    """A parameter as it is in force on a day; `dated_values` are ascending."""
    starts, values = zip(*dated_values, strict=True)
    shell = ParameterOn(values[0].type, place, name, day, starts, values)
    return evolve(shell, type=_expand_parameter(shell).type)


def _expand_parameter(parameter: ParameterOn) -> Expression:
    """Halved again and again, so that a value for each day of many years is not nested too deep."""
    place, day = parameter.place, parameter.day

    def on_day(first: int, end: int) -> Expression:
        if end - first == 1:
            return parameter.values[first]
        middle = (first + end) // 2
        is_later = apply_operator(">=", (day, make_constant(parameter.starts[middle], place)), place)
        return apply_operator("if", (is_later, on_day(middle, end), on_day(first, middle)), place)

    has_begun = apply_operator(">=", (day, make_constant(parameter.starts[0], place)), place)
    reason = (catalogue.BEFORE_FIRST.code, f"parameters.{parameter.name}", parameter.starts[0].isoformat())
    return apply_operator("require", (has_begun, on_day(0, len(parameter.values))), place, *reason)


# a value with exceptions, or by rows of conditions


def make_choice(rows: tuple[ChoiceException, ...], otherwise: Expression | None, hit: str | None = None) -> Expression:
    """A value with exceptions, or by rows; raises OperandTypeError where their types do not go together."""
    place = rows[0].when.place
    return Choice(expand_choice(rows, otherwise, hit, place).type, place, rows, otherwise, hit)


# grades


def make_ladder(total: Read, rungs: tuple[Rung, ...], place: Location) -> Ladder:
    """The grade of a total; `rungs` go from the highest to the lowest."""
    return Ladder(_expand_ladder(total, rungs).type, place, total, rungs)


def rung_condition(total: Expression, rung: Rung) -> Expression | None:
    """When a grade is reached by a subject that has not reached a higher one; None: always."""
    reached = apply_operator(">=", (total, rung.least), rung.place) if rung.least is not None else None
    return conjoin(rung.applies, reached)


def _expand_ladder(total: Read, rungs: tuple[Rung, ...]) -> Expression:
    grade: Expression = make_constant(rungs[-1].grade, rungs[0].place)
    for rung in reversed(rungs[:-1]):
        reached = rung_condition(total, rung) or make_constant(value=True, place=rung.place)
        grade = apply_operator("if", (reached, make_constant(rung.grade, rung.place), grade), rung.place)
    return grade


# what applies to some


def make_applies(condition: Read | None, value: Expression) -> Expression:
    """A value for whom a part of the policy applies; the value itself where it applies to all."""
    if condition is None:
        return value
    shell = AppliesIf(BOOL, value.place, condition, value)
    return evolve(shell, type=expand(shell).type)


def make_guarded(operand: Expression, low: Decimal | None, high: Decimal | None) -> Expression:
    """A number that is unknown outside of bounds, or below zero where `low` is None."""
    shell = Guarded(operand.type, operand.place, operand, low, high)
    return evolve(shell, type=expand(shell).type)
