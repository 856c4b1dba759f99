"""Every operator means one thing: to one value, as generated source, and in columns."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.evaluate.batch.tables import apply_column, look_up
from scorecore.evaluate.row.codegen import _cut_source
from scorecore.evaluate.row.evaluator import _GLOBALS
from scorecore.language.bands import Band, BandTable, compile_band_lookup, lookup_type
from scorecore.language.expressions import Apply, Read
from scorecore.language.operators import (
    EXACT,
    OPERATORS,
    ColumnExpression,
    OperandTypeError,
    UndefinedResult,
)
from scorecore.language.operators.arithmetic import cut
from scorecore.language.operators.rounding import MODES
from scorecore.language.operators.scaled import MAX_128, OVER, UNDER, get_physical_dtype, held_magnitude
from scorecore.values.ratio import Ratio
from scorecore.values.types import (
    BOOL,
    DATE,
    PLACES,
    TIMESTAMP,
    Type,
    TypeKind,
    from_units,
    to_units,
)
from scorecore.values.unknown import Unknown
from strategies.calendars import calendars
from strategies.values import (
    corners,
    exactly,
    fits,
    holds,
    means,
    number_types,
    ratio_types,
    seeded,
    text_types,
    values_of,
)

HERE = Location("test", 1, 1)
UNKNOWN = Unknown((Diagnostic(catalogue.ABSENT, HERE, {"name": "x"}),))
ROWS = 150
NARROW = 10**9
FEW_DIVISORS = 10**4
"""Numbers up to here, in their last place, are so small that no operator may give up on them in columns."""


@st.composite
def _numbers(draw: st.DrawFn, count: int) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return tuple(draw(st.one_of(number_types(), ratio_types())) for _ in range(count)), ()


@st.composite
def _integers(draw: st.DrawFn, count: int) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return tuple(draw(number_types(kinds=(TypeKind.INT,))) for _ in range(count)), ()


@st.composite
def _several(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return draw(_numbers(draw(st.integers(1, 4))))


@st.composite
def _ordered(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    """Numbers, dates or timestamps: what has a least and a greatest."""
    kind = draw(st.sampled_from([None, None, DATE, TIMESTAMP]))
    return draw(_several()) if kind is None else ((kind,) * draw(st.integers(1, 4)), ())


@st.composite
def _rounded(draw: st.DrawFn, count: int) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    types, _ = draw(_numbers(count))
    return types, (draw(st.integers(0, PLACES)), draw(st.sampled_from(list(MODES))))


@st.composite
def _like(draw: st.DrawFn, *, bools: bool = True) -> tuple[Type, Type]:
    """Two types that can stand in one place."""
    kind = draw(st.sampled_from(["number", "text", "date", "timestamp", *(["bool"] if bools else [])]))
    match kind:
        case "number":
            (left, right), _ = draw(_numbers(2))
            return left, right
        case "text":
            return draw(text_types()), draw(text_types())
        case "date":
            return DATE, DATE
        case "timestamp":
            return TIMESTAMP, TIMESTAMP
        case _:
            return BOOL, BOOL


@st.composite
def _compared(draw: st.DrawFn, *, bools: bool) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return draw(_like(bools=bools)), ()


@st.composite
def _chosen(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    then, otherwise = draw(_like())
    if then.kind is not otherwise.kind:  # the checker makes both decimals
        then, otherwise = (evolve(branch, kind=TypeKind.DECIMAL) for branch in (then, otherwise))
    return (BOOL, then, otherwise), ()


@st.composite
def _required(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return (BOOL, draw(_like())[0]), ("SC520", "reason")


@st.composite
def _listed(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    first_type, second_type = draw(_like(bools=False))
    random = seeded(draw(st.integers(0, 10**6)))
    items = [*values_of(first_type, random, 20), *values_of(second_type, random, 20)]
    items = [item for item in items if not isinstance(item, Ratio)]  # constants
    return (first_type,), tuple(random.sample(items, draw(st.integers(0, min(5, len(items))))))


@st.composite
def _between(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    ((number_type,), _), bounds = draw(_numbers(1)), draw(number_types())
    ends = draw(
        st.sampled_from(
            [
                (bounds.low, bounds.high),
                (number_type.low, number_type.high),
                (number_type.low, number_type.low),
                (0, bounds.magnitude),
            ]
        )
    )
    return (number_type,), tuple(from_units(end) for end in sorted(ends))


def _of(*types: Type) -> st.SearchStrategy[tuple[tuple[Type, ...], tuple[Any, ...]]]:
    return st.just((types, ()))


@st.composite
def _clocked(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return (DATE,), (draw(st.sampled_from(["00:00", "17:00", "23:59:59", "08:30"])),)


@st.composite
def _later(draw: st.DrawFn) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return (DATE, draw(number_types(kinds=(TypeKind.INT,)))), ()


@st.composite
def _calendared(draw: st.DrawFn, *operands: Type | TypeKind) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    types = tuple(
        draw(number_types(kinds=(operand,))) if isinstance(operand, TypeKind) else operand for operand in operands
    )
    return types, (draw(calendars()),)


@st.composite
def _texts(draw: st.DrawFn, count: int) -> tuple[tuple[Type, ...], tuple[Any, ...]]:
    return tuple(draw(text_types()) for _ in range(count)), ()


OPERANDS = {
    **{name: _numbers(2) for name in ("-", "*", "/")},
    "+": st.one_of(_numbers(2), _texts(2)),
    **{name: _numbers(1) for name in ("negate", "abs", "decimal", "int", "not_negative")},
    **{name: _ordered() for name in ("least", "greatest")},
    **{name: _compared(bools=True) for name in ("==", "!=")},
    **{name: _compared(bools=False) for name in ("<", "<=", ">", ">=")},
    **{name: _of(BOOL, BOOL) for name in ("and", "or")},
    **{name: _of(DATE, DATE) for name in ("days", "months_between")},
    **{name: _of(DATE) for name in ("year", "month", "day")},
    **{name: _of(TIMESTAMP, TIMESTAMP) for name in ("minutes_between", "hours_between")},
    "date": _of(TIMESTAMP),
    "at": _clocked(),
    "add_days": _later(),
    "is_workday": _calendared(DATE),
    "workdays": _calendared(DATE, DATE),
    "add_workdays": _calendared(DATE, TypeKind.INT),
    **{name: _calendared(TIMESTAMP, TIMESTAMP) for name in ("workminutes", "workhours")},
    **{name: _texts(2) for name in ("contains", "startsWith", "endsWith")},
    **{name: _rounded(2) for name in ("round_product", "round_quotient")},
    "round": _rounded(1),
    "quotient": _integers(2),
    "size": _texts(1),
    "not": _of(BOOL),
    "if": _chosen(),
    "require": _required(),
    "in": _listed(),
    "within": _between(),
}
"""What each operator can stand on: types, and options. An operator that is not here fails its test."""


def alike(types: Sequence[Type], *, result: Type) -> tuple[Type, ...]:
    """The checker makes integers decimals where an operator has to give one of several numbers."""
    if result.is_decimal and all(value_type.is_number for value_type in types):
        return tuple(evolve(value_type, kind=TypeKind.DECIMAL) for value_type in types)
    return tuple(types)


def rows_of(types: Sequence[Type], seed: int) -> list[tuple[Any, ...]]:
    """Values of operands: every corner beside every other, and some at random; None is unknown."""
    random = seeded(seed)
    rows: list[tuple[Any, ...]] = [()]
    for value_type in types:
        rows = [(*row, value) for row in rows for value in corners(value_type)]
    rows = random.sample(rows, min(len(rows), ROWS))
    rows += zip(*(values_of(kind_of_value, random, ROWS) for kind_of_value in types), strict=True)
    params = [tuple(None if random.random() < 1 / 3 else param for param in row) for row in rows[::7]]
    return rows + params


def held(value: Any, value_type: Type) -> Any:
    """A value as columns hold it."""
    if value is None or not value_type.is_number:
        return value
    if value_type.is_ratio:
        exact = exactly(value) * 10**value_type.places
        cells = {OVER: exact.numerator, UNDER: exact.denominator}
        scaled = exact * value_type.divisor
        if max(map(abs, (*cells.values(), scaled) if value_type.varying == 1 else cells.values())) > MAX_128:
            return None
        return int(scaled) if value_type.varying == 1 else cells
    scaled, remainder = divmod(to_units(value), 10 ** (PLACES - value_type.places))
    assert not remainder, f"{value} has more than {value_type.places} places"
    return scaled


def frame_of(types: Sequence[Type], rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(
                str(number), [held(row[number], value_type) for row in rows], dtype=get_physical_dtype(value_type)
            )
            for number, value_type in enumerate(types)
        ]
    )


def meant(name: str, row: Sequence[Any], options: Sequence[Any]) -> Any:
    """What the walker makes of an operator; None is unknown."""
    operator = OPERATORS[name]
    if operator.strict and None in row:
        return None
    try:
        value = operator.value(*(UNKNOWN if option is None else option for option in row), *options)
    except UndefinedResult:
        return None
    return None if isinstance(value, Unknown) else value


def written(name: str, types: Sequence[Type], row: Sequence[Any], options: Sequence[Any], result: Type) -> Any:
    """What the generated source makes of it; None where it gives up."""
    params = {keyword: keyword for keyword in ("options", "left", "right")}
    node = Apply(result, HERE, name, tuple(Read(value_type, HERE, "x") for value_type in types), tuple(options))
    text = _cut_source(node) or OPERATORS[name].source(*types, *options)
    text = text.format(*(f"a{number}" for number in range(len(row))), **params)
    scope = {**_GLOBALS, **{f"a{number}": cell for number, cell in enumerate(row)}, "options": options}
    try:
        return eval(text, scope)  # noqa: S307  our own text
    except (UndefinedResult, ArithmeticError):
        return None


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", OPERATORS)
@settings(max_examples=2 * settings.default.max_examples)
@given(data=st.data())
def test_value_source_and_column_agree(name: str, data: st.DataObject) -> None:
    """An operator gives the same value by walking, as source and in columns, which may be null, and within its type."""
    types, options = data.draw(OPERANDS[name], label="types and options")
    agree(name, types, options, data.draw(st.integers(0, 10**9), label="seed"))


def test_a_factor_beside_zeros_fits() -> None:
    """A dividend that is always zero takes no bits, but the factor that brings it to so many places does."""
    small = Type(TypeKind.DECIMAL, -184333, -1, PLACES)
    agree("round_quotient", (Type(TypeKind.INT, 0, 0), small), (8, "floor"), 510510)


def agree(name: str, types: Sequence[Type], options: Sequence[Any], seed: int) -> None:
    operator = OPERATORS[name]
    try:
        result = operator.type(*types, *options)
    except OperandTypeError:
        reject()
    if result.is_number and not result.fits:
        reject()
    if name in {"least", "greatest"}:
        types = alike(types, result=result)
    rows = rows_of(types, seed)
    columns = [ColumnExpression(pl.col(str(number)), value_type) for number, value_type in enumerate(types)]
    values = frame_of(types, rows).select(apply_column(name, result, *columns, options=tuple(options))).to_series()
    assert values.dtype == get_physical_dtype(result)
    assert len(values) in {1, len(rows)}  # a column of one row is broadcast
    values = values if len(values) == len(rows) else values.new_from_index(0, len(rows))
    narrow = all(
        held_magnitude(value_type) <= NARROW
        and value_type.divisor * value_type.varying < FEW_DIVISORS
        and value_type.places <= PLACES
        for value_type in (*types, result)
        if value_type.is_number
    )
    with localcontext(EXACT):
        for row, column in zip(rows, values, strict=True):
            value = meant(name, row, options)
            if value is not None and operator.cuts and result.ends:
                value = cut(value)
            if value is None:
                assert column is None, f"{name}{row} has no value, in columns it is {column}"
                continue
            assert holds(result, value), f"{name}{row} = {value} is outside {result!r}"
            if None not in row:
                source = written(name, types, row, options, result)
                assert source == value, f"{name}{row} = {value}, as source {source}"
                assert type(source) is type(value)
            if column is None:
                assert not narrow, f"{name}{row} = {value}, in columns it is null"
            else:
                assert means(column, result) == exactly(value), f"{name}{row} = {value}, in columns {column}"


def test_every_operator_is_tried() -> None:
    """The table of operators and the table of what they stand on have the same names."""
    assert set(OPERANDS) == set(OPERATORS)


@st.composite
def _band_tables(draw: st.DrawFn) -> tuple[BandTable, Type]:
    """A band table, and a type for its keys."""
    kind = draw(st.sampled_from(["whole", "marginal", "interpolated", "exact"]))
    edge = draw(st.sampled_from(["lower", "upper"]))
    seed = draw(st.integers(0, 10**9))
    random = seeded(seed)
    count = draw(st.integers(1, 6))
    value_type = draw(number_types(kinds=(TypeKind.DECIMAL,)))
    values = [Decimal(value) for value in values_of(value_type, random, count)]
    if kind == "exact":
        key = draw(text_types())
        starts = list(dict.fromkeys(values_of(key, random, count)))
        return _table(kind, edge, starts, values, None), key
    key = draw(st.one_of(number_types(kinds=(TypeKind.DECIMAL,)), ratio_types()))
    # edges are mostly of the keys' own size, at times far outside or finer
    plain = evolve(key, divisor=1, varying=1)
    key_type = draw(st.sampled_from([plain, plain, plain, draw(number_types(kinds=(TypeKind.DECIMAL,)))]))
    edges = sorted({Decimal(value) for value in values_of(key_type, random, count)})
    last = edges[-1] + random.choice([from_units(10 ** random.randrange(24)), Decimal(1), Decimal("0.001")])
    end = last if draw(st.booleans()) and fits(last) else None
    return _table(kind, edge, edges, values, end), key


def _table(kind: str, edge: str, starts: Sequence[Any], values: Sequence[Decimal], end: Decimal | None) -> BandTable:
    bands = [Band(start, value) for start, value in zip(starts, values, strict=False)]
    bands[-1] = Band(bands[-1].start, bands[-1].value, end)
    return BandTable("t", kind, edge, ((date.min, tuple(bands)),))


@given(table_and_key=_band_tables(), seed=st.integers(0, 10**9))
def test_band_tables_agree(table_and_key: tuple[BandTable, Type], seed: int) -> None:
    """A band table gives the same value by its reader and in columns, which may be null, and within its type."""
    table, key = table_and_key
    bands = table.versions[0][1]
    with localcontext(EXACT):
        result = lookup_type(table, key)
        assume(result.fits)
        rows = [row[0] for row in rows_of([key], seed)]
        edges = [bound for band in bands for bound in (band.start, band.end) if isinstance(bound, Decimal)]
        step = from_units(10 ** (PLACES - key.places))
        beside = [edge + by for edge in edges for by in (-step, Decimal(0), step)]
        rows += [number for number in [*beside, *(band.start for band in bands)] if holds(key, number)]
        read = compile_band_lookup(table.kind, table.edge, bands)
        column = look_up(table, bands, ColumnExpression(pl.col("0"), key), result, level=2)
        values = frame_of([key], [(key_value,) for key_value in rows]).select(column).to_series()
        assert values.dtype == get_physical_dtype(result)
        for drawn_key, got in zip(rows, values, strict=True):
            try:
                value = None if drawn_key is None else read(drawn_key)
            except UndefinedResult:
                value = None
            if value is None:
                assert got is None, f"no band covers {drawn_key}, in columns it is {got}"
                continue
            assert holds(result, value), f"the table gives {value} at {drawn_key}, outside {result!r}"
            assert got is None or means(got, result) == exactly(value), f"at {drawn_key} {value}, in columns {got}"
