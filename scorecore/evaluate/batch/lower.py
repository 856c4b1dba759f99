"""Typed expressions as Polars expressions. The law: right, or null."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count, pairwise

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.period_context import PeriodContext
from scorecore.facts.model import PRESENT
from scorecore.language.bands import Band, band_numbers
from scorecore.language.expressions import (
    HISTORY,
    Apply,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    PrecedingRun,
    Read,
    constant_value,
    rows_table,
)
from scorecore.language.operators import OPERATORS, ColumnExpression
from scorecore.language.operators.scaled import (
    MAX_128,
    divide_to_integer,
    get_integer_dtype,
    get_physical_dtype,
    make_constant_column,
    make_literal,
    narrow,
    rescale,
    scale_magnitude,
)
from scorecore.program.model import Program
from scorecore.values.types import (
    PLACES,
    Type,
    TypeKind,
    to_units,
    type_of_constant,
)

OUTER = "@"
"""Before the name of a value of the subject, where it stands beside an event."""


def _repeats_operands(expression: Apply) -> bool:
    if expression.operator == "*":  # the product is mentioned again where it is rounded to 12 places
        return sum(operand.type.places for operand in expression.operands) > PLACES
    return OPERATORS[expression.operator].repeats


@frozen
class ColumnRequest:
    """A column to be computed: null while one of the columns `held_by` is true or null."""

    name: str
    expression: Expression
    held_by: tuple[str, ...] = ()


def compute_columns(frame: pl.DataFrame, requests: Sequence[ColumnRequest], lowering: "ColumnCompiler") -> pl.DataFrame:
    """The requested columns, each of which may read those before it, in one lazy query."""
    query = plan_columns(frame.lazy(), frame.columns, requests, lowering, ())
    return query.select(request.name for request in requests).collect()


def plan_columns(
    query: pl.LazyFrame,
    columns: Iterable[str],
    requests: Sequence[ColumnRequest],
    lowering: "ColumnCompiler",
    kept: Iterable[str],
) -> pl.LazyFrame:
    """The requested columns, each of which may read those before it, and those of `columns` that are to be `kept`.

    Large operands that an operator mentions more than once become columns of their own, so that no expression grows
    with the depth of the policy; a column lives until it was read for the last time.
    """
    depths: dict[str, int] = {}
    layers: list[list[tuple[str, pl.Expr, set[str]]]] = []
    for name, expr, reads in _split(requests, lowering):
        depth = max((depths[read] + 1 for read in reads if read in depths), default=0)
        depths[name] = depth
        if depth == len(layers):
            layers.append([])
        layers[depth].append((name, expr, reads))
    alive = [{*kept, *(request.name for request in requests)}]
    for layer in reversed(layers):
        alive.append(alive[-1].union(*(reads for _, _, reads in layer)))
    present = set(columns)
    for layer, live in zip(layers, reversed(alive[:-1]), strict=True):
        stay = sorted(present & live)
        # a constant alone would make a frame of one row, beside other columns it does not
        query = query.with_columns(expr.alias(name) for name, expr, _ in layer)
        query = query.select(*stay, *(name for name, _, _ in layer))
        present = {*stay, *(name for name, _, _ in layer)}
    return query


def _split(requests: Sequence[ColumnRequest], lowering: "ColumnCompiler") -> Iterator[tuple[str, pl.Expr, set[str]]]:
    """Columns, large operands first, each with the columns that it reads."""
    remainders: dict[Expression, Expression] = {}
    numbers = count()

    def hoist(expression: Expression) -> Iterator[tuple[str, pl.Expr, set[str]]]:
        """Columns for what an expression mentions more than once; `remainders` then has what reads them."""
        if expression in remainders or not isinstance(expression, Apply | Lookup):
            remainders.setdefault(expression, expression)
            return
        operands = expression.operands if isinstance(expression, Apply) else (expression.key,)
        for operand in operands:
            yield from hoist(operand)
        repeats = isinstance(expression, Lookup) or _repeats_operands(expression)
        small: list[Expression] = []
        for operand in operands:
            remainder = remainders[operand]
            if repeats and isinstance(remainder, Apply | Lookup):
                name = f"~{next(numbers)}"
                yield name, *lowering.column_and_reads(remainder)
                remainder = remainders[operand] = Local(operand.type, operand.place, name)
            small.append(remainder)
        if isinstance(expression, Apply):
            remainders[expression] = evolve(expression, operands=tuple(small))
        else:
            remainders[expression] = evolve(expression, key=small[0])

    for request in requests:
        yield from hoist(request.expression)
        expr, reads = lowering.column_and_reads(remainders[request.expression])
        if request.held_by:
            expr = pl.when(~pl.any_horizontal(*request.held_by)).then(expr)
        yield request.name, expr, {*reads, *request.held_by}


@frozen
class Local(Expression):
    """A column that stands for a part of an expression."""

    name: str


@frozen
class ColumnCompiler:
    """Turns expressions into Polars expressions over the columns of one frame."""

    program: Program
    context: PeriodContext
    folds: Mapping[Expression, str]
    """The columns in which folds over events, and the numbers of events, are found."""
    beside: bool = False
    """Whether the frame has a row for each event, with the subject's values beside it."""

    @property
    def dependency_tables(self) -> set[str]:
        """The tables with decisions of other policies; what does not fit in them was not decided, as in history."""
        return {table.name for table in self.program.schema.events if table.use}

    def column(self, expression: Expression) -> ColumnExpression:
        return ColumnExpression(self.expr(expression), expression.type)

    def expr(self, expression: Expression) -> pl.Expr:
        match expression:
            case Constant():
                return make_constant_column(constant_value(expression), expression.type).expr
            case Read(name=name):
                return self.read(name, expression.type)
            case Field(name=name):
                return pl.col(name)
            case Local(name=name):
                return pl.col(name)
            case Has():
                return self.has(expression)
            case Lookup(table=name, key=key):
                return self.lookup(name, self.column(key), expression.type)
            case Apply(operator=name, operands=operands, options=options):
                columns = [self.column(operand) for operand in operands]
                return OPERATORS[name].column(expression.type, *columns, *options)
            case EventFold() | HistoryAt() | Latest() | PrecedingRun() | DependencyValue() | Nth():
                return pl.col(self.folds[expression])
        raise TypeError(expression)

    def column_and_reads(self, expression: Expression) -> tuple[pl.Expr, set[str]]:
        """An expression, and the columns that it reads."""
        expr = self.expr(expression)
        return expr, set(expr.meta.root_names())

    def read(self, name: str, value_type: Type) -> pl.Expr:
        if name in self.context.values:
            return make_constant_column(self.context.values[name], value_type).expr
        return pl.col(f"{OUTER}{name}" if self.beside else name)

    def has(self, expression: Has) -> pl.Expr:
        match expression.operand:
            case HistoryAt() | DependencyValue() as value:
                is_given = pl.col(f"{PRESENT}{rows_table(value)}")
                return pl.when(is_given).then(pl.col(self.folds[value]).is_not_null())
            case Field(table=table, name=name) if table == HISTORY or table in self.dependency_tables:
                return pl.col(name).is_not_null()
            case Field(name=name):
                return pl.col(f"{PRESENT}{name}")
            case Read(name=name):
                return pl.col(f"{OUTER}{PRESENT}{name}" if self.beside else f"{PRESENT}{name}")
        raise TypeError(expression)

    def lookup(self, name: str, key: ColumnExpression, result: Type) -> pl.Expr:
        table = next(table for table in self.program.tables if table.name == name)
        bands = self.context.bands[name]
        if table.kind == "exact":
            return _exact(bands, key, result)
        if table.kind == "whole":
            return _whole(bands, key, result, table.edge)
        if table.kind == "interpolated":
            return _interpolated(bands, key, result)
        return _marginal(bands, key, result)


def _constant(value: Decimal | str, result: Type) -> pl.Expr:
    return make_constant_column(value, result).expr


def _exact(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    equal = OPERATORS["=="].column
    lookup = pl.lit(None, dtype=get_physical_dtype(result))
    for band in reversed(bands):
        text = make_constant_column(str(band.start))
        lookup = pl.when(equal(result, key, text)).then(_constant(band.value, result)).otherwise(lookup)
    return lookup


def _from(key: ColumnExpression, start: Decimal | str, edge: str) -> pl.Expr:
    """Whether a key lies in or above the band that begins at `start`."""
    operator = ">" if edge == "upper" else ">="
    return OPERATORS[operator].column(key.type, key, make_constant_column(Decimal(start)))


def _covered(bands: Sequence[Band], key: ColumnExpression, *, first: str, last: str, end: Decimal | None) -> pl.Expr:
    """Whether some band covers a key; `first` and `last` say to which side the outer edges belong."""
    inside = _from(key, bands[0].start, first)
    if end is None:
        return inside
    return inside & ~_from(key, end, last)


def _whole(bands: Sequence[Band], key: ColumnExpression, result: Type, edge: str) -> pl.Expr:
    lookup = _constant(bands[0].value, result)
    for band in bands[1:]:
        lookup = pl.when(_from(key, band.start, edge)).then(_constant(band.value, result)).otherwise(lookup)
    return pl.when(_covered(bands, key, first=edge, last=edge, end=bands[-1].end)).then(lookup)


def _interpolated(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    lookup = _constant(bands[-1].value, result)
    for band, after in reversed(list(pairwise(bands))):
        lookup = pl.when(_from(key, after.start, "lower")).then(lookup).otherwise(_line(key, band, after, result))
    end = bands[-1].end if bands[-1].end is not None else Decimal(bands[-1].start)
    return pl.when(_covered(bands, key, first="lower", last="upper", end=end)).then(lookup)


def _line(key: ColumnExpression, band: Band, after: Band, result: Type) -> pl.Expr:
    """Between two points: the value of the first and an exact share of the rise, rounded once."""
    start, end = Decimal(band.start), Decimal(after.start)
    first, last = band_numbers((band, after))
    run, rise = type_of_constant(end - start), type_of_constant(last - first)
    slice_ = _slice(key, start, end)
    shift = PLACES + run.places - slice_.type.places - rise.places
    whole_rise = to_units(last - first) // 10 ** (PLACES - rise.places) * 10 ** max(0, shift)
    whole_run = scale_magnitude(run.magnitude, run.places) * 10 ** max(0, -shift)
    largest = 2 * scale_magnitude(slice_.type.magnitude, slice_.type.places) * abs(whole_rise) + 2 * whole_run
    if max(largest, result.magnitude) > MAX_128:
        return pl.lit(None, dtype=get_physical_dtype(result))  # rows decide: exact where 128 bits are not
    wide = pl.Int128()
    over = slice_.expr.cast(wide) * make_literal(whole_rise, wide)
    share = divide_to_integer(over, make_literal(whole_run, wide), "half_even", wide)
    return narrow(share + make_literal(to_units(first), wide), wide, result)


def _apply(operator: str, *columns: ColumnExpression) -> ColumnExpression:
    result = OPERATORS[operator].type(*(column.type for column in columns))
    if not result.fits:  # rows decide: exact where 128 bits are not
        return ColumnExpression(pl.lit(None, dtype=get_physical_dtype(result)), result)
    return ColumnExpression(OPERATORS[operator].column(result, *columns), result)


def _same(column: ColumnExpression, result: Type) -> pl.Expr:
    """A value that is known to lie within the bounds of `result`, held as those are."""
    return rescale(column, result.places, get_physical_dtype(result))


def _marginal(bands: Sequence[Band], key: ColumnExpression, result: Type) -> pl.Expr:
    """The sum over the bands of the slice of the key in each, times its rate."""
    total: pl.Expr | None = None
    ends = [Decimal(band.start) for band in bands[1:]]
    for band, end in zip(bands, [*ends, bands[-1].end], strict=True):
        slice_ = _slice(key, Decimal(band.start), end)
        product = _apply("*", slice_, make_constant_column(Decimal(band.value)))
        part = _same(product, result)
        total = part if total is None else total + part
    assert total is not None  # noqa: S101  a table has bands
    covered = _covered(bands, key, first="lower", last="upper", end=bands[-1].end)
    return pl.when(covered).then(total)


def _slice(key: ColumnExpression, start: Decimal, end: Decimal | None) -> ColumnExpression:
    """How much of a key lies between two edges."""
    places = max(key.type.places, type_of_constant(start).places, 0 if end is None else type_of_constant(end).places)
    high = key.type.high if end is None else min(key.type.high, to_units(end))
    low_units = to_units(start)
    largest = scale_magnitude(key.type.magnitude + abs(low_units), places)
    dtype = get_integer_dtype(largest)
    value = rescale(key, places, dtype)
    if end is not None and to_units(end) < key.type.high:
        value = pl.min_horizontal(value, make_literal(to_units(end) // 10 ** (PLACES - places), dtype))
    inside = value - make_literal(low_units // 10 ** (PLACES - places), dtype)
    held = pl.when(inside >= 0).then(inside).when(inside < 0).then(make_literal(0, dtype))
    slice_type = Type(TypeKind.DECIMAL, 0, max(0, high - low_units), places)
    return ColumnExpression(narrow(held, dtype, slice_type), slice_type)
