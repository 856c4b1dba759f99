"""Typed expressions as Polars expressions. The law: right, or null."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

import polars as pl
from attrs import evolve, frozen

from scorecore.evaluate.batch.tables import apply_column, look_up
from scorecore.evaluate.period_context import PeriodContext
from scorecore.facts.model import PRESENT
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
from scorecore.language.operators.ratio_columns import find_ratio_column
from scorecore.language.operators.scaled import get_physical_dtype, make_constant_column
from scorecore.language.rows import KeyedField, Neighbour
from scorecore.program.model import Program
from scorecore.values.types import (
    PLACES,
    Type,
)

OUTER = "@"
"""Before the name of a value of the subject, where it accompanies an event."""


def _repeats_operands(expression: Apply) -> bool:
    columns = [ColumnExpression(pl.col(""), operand.type) for operand in expression.operands]
    if find_ratio_column(expression.operator, expression.type, columns) is not None:
        return True
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
            case KeyedField() if expression not in self.folds:  # beside no event: rows decide
                return pl.lit(None, dtype=get_physical_dtype(expression.type))
            case Has(operand=KeyedField() | Neighbour()):
                return pl.col(self.folds[expression]) if expression in self.folds else pl.lit(None, dtype=pl.Boolean)
            case Has():
                return self.has(expression)
            case Lookup(table=name, key=key):
                return self.lookup(name, self.column(key), expression.type)
            case Apply(operator=name, operands=operands, options=options):
                columns = [self.column(operand) for operand in operands]
                return apply_column(name, expression.type, *columns, options=options)
            case EventFold() | HistoryAt() | Latest() | PrecedingRun() | DependencyValue() | Nth() | KeyedField():
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
        return look_up(table, self.context.bands[name], key, result, level=self.program.level)
