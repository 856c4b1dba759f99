"""One cell of a fact: the only definition of which values a fact can have.

Files have cells of text, columns have cells of their own types, and programs hand over Python values. What all of them
mean is defined here, cell by cell. `convert` reads whole columns faster, and `compile_cell_check` accepts common values
faster; whatever these do not accept at once is decided here.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Final, NamedTuple, cast

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.error_cells import ERROR_TEXTS, find_error
from scorecore.facts.notations import WHITE_SPACE, CellFault, is_plain, read_text, unwrap_formula
from scorecore.language.operators.text import MAX_TEXT_LENGTH
from scorecore.values.types import (
    PLACES,
    UNIT,
    Type,
    TypeKind,
    Value,
    count_places,
    find_number_fault,
    from_units,
    to_units,
)

FACT_YEARS: Final = range(1900, 2201)
"""The years that a date in facts may have; one beyond them is a typing error, such as 0024 for 2024."""
EVERY_YEAR: Final = range(1, 10_000)
"""The years that a computed date may have: decisions of earlier periods and of other policies are read with these."""

_MAX_SHOWN: Final = 40
_EXACT: Final = Context(prec=90)
"""Wide enough for every number that a type can hold."""


class CellReading(NamedTuple):
    """What a cell says."""

    value: Value | CellFault | None
    """What is wrong with it where it fits no value of its type; None for an empty cell."""
    note: str = ""
    """How it was read, if people should know."""


CellCheck = Callable[[object], Value | CellFault | None]
"""From a cell to its value, or to what is wrong with it; None for an empty cell."""


def read_cell(cell: object, fact_type: Type, years: range = FACT_YEARS, unit: str = "") -> CellReading:
    """What a cell says as a value of a type.

    A cell is a text as people write it, or a Python value. `years` are those that a date or timestamp may have; `unit`
    is what the fact counts in, which a text may repeat.
    """
    value: object
    if isinstance(cell, str):
        text = cell.strip(WHITE_SPACE)
        if not text:
            return CellReading(None)
        plain = unwrap_formula(text)
        error = find_error(plain)
        if error is not None:
            return CellReading(CellFault(*error))
        if not plain:
            return CellReading(None)
        value, is_noted = read_text(plain, fact_type, unit)
        is_noted |= plain != text
    elif cell is None:
        return CellReading(None)
    else:
        value, is_noted = _adapt(cell, fact_type)
    if isinstance(value, CellFault):
        return CellReading(value._replace(params={name: shorten(param) for name, param in value.params.items()}))
    fault = find_misfit(value, fact_type, years)
    if fault is not None:
        return CellReading(fault)
    return CellReading(hold(cast("Value", value), fact_type), write_value(value) if is_noted else "")


def check_cell(cell: object, fact_type: Type, years: range = FACT_YEARS, unit: str = "") -> Value | CellFault | None:
    """The value of a cell as a type holds it, or what is wrong with it; None for an empty cell."""
    return read_cell(cell, fact_type, years, unit).value


def write_value(value: object) -> str:
    """A value as a note shows it."""
    match value:
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return f"{Decimal(value):f}"
        case _:
            return str(value)


def hold(value: Value, fact_type: Type) -> Value:
    """A value that fits, as its type holds it: integers as int, decimals with all places of the type, and no -0."""
    if fact_type.kind is TypeKind.INT:
        return int(cast("int | Decimal", value))
    if fact_type.is_decimal:
        number = Decimal(cast("int | Decimal", value))
        exact = number.quantize(Decimal(1).scaleb(-fact_type.places), context=_EXACT)
        return exact or abs(exact)
    return value


def to_scaled_integer(value: Value, fact_type: Type) -> Value:
    """A value that fits, as columns hold it: a number as a whole number of the last place of the type."""
    if not fact_type.is_number:
        return value
    step: int = 10 ** (PLACES - fact_type.places)
    return to_units(cast("int | Decimal", value)) // step


def find_misfit(value: object, fact_type: Type, years: range = FACT_YEARS) -> CellFault | None:
    """Why a Python value is not of a type, or is beyond its bounds; None if it fits.

    `years` are those that a date or timestamp may have.
    """
    match fact_type.kind:
        case TypeKind.BOOL if isinstance(value, bool):
            return None
        case TypeKind.DATE if type(value) is date:
            return None if value.year in years else report_year(str(value), fact_type, years)
        case TypeKind.TIMESTAMP if isinstance(value, datetime) and not value.microsecond and value.tzinfo is None:
            return None if value.year in years else report_year(str(value), fact_type, years)
        case TypeKind.STRING if isinstance(value, str):
            return _find_text_misfit(value, fact_type)
        case TypeKind.INT | TypeKind.DECIMAL if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return _find_number_misfit(Decimal(value), fact_type)
        case _:
            return report_unfit(value, fact_type)


def report_unfit(cell: object, fact_type: Type) -> CellFault:
    """That a cell is not of a type."""
    text = f"{Decimal(cell):f}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)
    params = {"value": shorten(text), "type": str(fact_type)}
    return CellFault(catalogue.FACT_UNFIT, params)


def report_year(text: str, fact_type: Type, years: range) -> CellFault:
    """That a date or timestamp is outside some years."""
    if fact_type.kind not in {TypeKind.DATE, TypeKind.TIMESTAMP}:
        return CellFault(catalogue.FACT_UNFIT, {"value": text, "type": str(fact_type)})
    bounds = {"low": f"{years[0]:04}-01-01", "high": f"{years[-1]:04}-12-31"}
    return CellFault(catalogue.FACT_OUTSIDE, {"value": text, **bounds})


def _find_text_misfit(text: str, fact_type: Type) -> CellFault | None:
    if len(text) > MAX_TEXT_LENGTH:
        return CellFault(catalogue.FACT_TOO_LONG, {"length": str(len(text)), "limit": str(MAX_TEXT_LENGTH)})
    if fact_type.among is not None and text not in fact_type.among:
        params = {"value": shorten(text), "among": ", ".join(fact_type.among), **suggest(text, fact_type.among)}
        return CellFault(catalogue.FACT_NOT_AMONG, params)
    return None


def _find_number_misfit(number: Decimal, fact_type: Type) -> CellFault | None:
    shown = {"value": shorten(f"{number:f}" if abs(number.adjusted()) < _MAX_SHOWN else str(number))}
    fault = find_number_fault(number)
    if fault is catalogue.NOT_FINITE:
        return CellFault(catalogue.FACT_UNFIT, shown | {"type": str(fact_type)})
    if fault is catalogue.TOO_MANY_PLACES or (not fault and count_places(number) > fact_type.places):
        return CellFault(catalogue.FACT_TOO_FINE, shown | {"places": str(fact_type.places)})
    if fault or not fact_type.low <= to_units(number) <= fact_type.high:
        bounds = {"low": f"{from_units(fact_type.low):f}", "high": f"{from_units(fact_type.high):f}"}
        return CellFault(catalogue.FACT_OUTSIDE, shown | bounds)
    return None


def _adapt(cell: object, fact_type: Type) -> tuple[object, bool]:
    """A Python value that is not text, where another type of value says the same; and whether it says less."""
    match fact_type.kind, cell:
        case TypeKind.STRING, bool() | int() | Decimal() | date():
            return write_value(cell), False
        case TypeKind.BOOL, int() if cell in {0, 1}:
            return bool(cell), False
        case TypeKind.DATE, datetime() if cell.tzinfo is None or cell.time() == time():
            return cell.date(), cell.time() != time()
        case TypeKind.TIMESTAMP, datetime() if cell.microsecond and cell.tzinfo is None:
            return cell.replace(microsecond=0), True
        case _:
            return cell, False


def shorten(text: str) -> str:
    """A text as a diagnostic shows it."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def compile_cell_check(fact_type: Type, years: range = FACT_YEARS, unit: str = "") -> CellCheck:
    """`check_cell` for one type, its years and its unit, which accepts values that are of the type already at once."""

    def check(cell: object) -> Value | CellFault | None:
        return check_cell(cell, fact_type, years, unit)

    match fact_type.kind:
        case TypeKind.BOOL:
            return _compile_bool_check(check)
        case TypeKind.INT:
            return _compile_int_check(fact_type, check)
        case TypeKind.DECIMAL:
            return _compile_decimal_check(fact_type, check)
        case TypeKind.STRING:
            return _compile_text_check(fact_type, check)
        case TypeKind.DATE:
            return _compile_date_check(years, check)
        case TypeKind.TIMESTAMP:
            return _compile_timestamp_check(years, check)


def _compile_bool_check(check: CellCheck) -> CellCheck:
    def check_bool(cell: object) -> Value | CellFault | None:
        return cell if cell is True or cell is False else check(cell)

    return check_bool


def _compile_text_check(fact_type: Type, check: CellCheck) -> CellCheck:
    if fact_type.among is not None:
        choices = {text for text in fact_type.among if text and text == text.strip(WHITE_SPACE)} - ERROR_TEXTS

        def check_choice(cell: object) -> Value | CellFault | None:
            return cell if type(cell) is str and cell in choices else check(cell)

        return check_choice

    def check_text(cell: object) -> Value | CellFault | None:
        if (
            type(cell) is str
            and 0 < len(cell) <= MAX_TEXT_LENGTH
            and not (cell[0] in WHITE_SPACE or cell[-1] in WHITE_SPACE)
            and is_plain(cell)
        ):
            return cell
        return check(cell)

    return check_text


def _compile_int_check(fact_type: Type, check: CellCheck) -> CellCheck:
    low, high = -(-fact_type.low // UNIT), fact_type.high // UNIT

    def check_int(cell: object) -> Value | CellFault | None:
        return cell if type(cell) is int and low <= cell <= high else check(cell)

    return check_int


def _compile_decimal_check(fact_type: Type, check: CellCheck) -> CellCheck:
    low, high = from_units(fact_type.low), from_units(fact_type.high)
    last_place = Decimal(1).scaleb(-fact_type.places)
    zero = Decimal(0).quantize(last_place)

    def check_decimal(cell: object) -> Value | CellFault | None:
        if type(cell) is Decimal and cell.same_quantum(last_place) and low <= cell <= high:
            return cell or zero
        if type(cell) is Decimal and cell.is_finite() and low <= cell <= high:
            exact = cell.quantize(last_place, context=_EXACT)
            if exact == cell:
                return exact or zero
        return check(cell)

    return check_decimal


def _compile_date_check(years: range, check: CellCheck) -> CellCheck:
    low, high = date(years[0], 1, 1), date(years[-1], 12, 31)

    def check_date(cell: object) -> Value | CellFault | None:
        return cell if type(cell) is date and low <= cell <= high else check(cell)

    return check_date


def _compile_timestamp_check(years: range, check: CellCheck) -> CellCheck:
    low, high = years[0], years[-1]

    def check_timestamp(cell: object) -> Value | CellFault | None:
        if type(cell) is datetime and not cell.microsecond and cell.tzinfo is None and low <= cell.year <= high:
            return cell
        return check(cell)

    return check_timestamp
