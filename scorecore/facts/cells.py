"""One cell of a fact: the only definition of which values a fact can have.

Files have cells of text, columns have cells of their own types, and programs hand over Python values. What all of them
mean is defined here, cell by cell. `convert` reads whole columns faster, and `compile_cell_check` accepts common values
faster; whatever these do not accept at once is decided here.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Final, NamedTuple, cast

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.error_cells import ERROR_TEXTS, find_error
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

_WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Unicode calls white space, which Polars strips from a text. Python would strip four control characters more."""
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?( 00:00(:00(\.0+)?)?)?")
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[T ]\s*([0-9]{1,2})[:：]([0-9]{2})([:：]([0-9]{2})(\.0+)?)?"
)
TRUE_TEXTS: Final = frozenset({"true", "1", "yes", "y", "是", "√"})
FALSE_TEXTS: Final = frozenset({"false", "0", "no", "n", "否", "×"})
_MAX_SHOWN: Final = 40
_EXACT: Final = Context(prec=90)
"""Wide enough for every number that a type can hold."""


class CellFault(NamedTuple):
    """Why a cell does not fit, and what fills the placeholders of the message."""

    kind: DiagnosticKind
    params: dict[str, str]


CellCheck = Callable[[object], Value | CellFault | None]
"""From a cell to its value, or to what is wrong with it; None for an empty cell."""


def check_cell(cell: object, fact_type: Type, years: range = FACT_YEARS) -> Value | CellFault | None:
    """The value of a cell as a type holds it, or what is wrong with it; None for an empty cell.

    A cell is a text as people write it, or a Python value. `years` are those that a date or timestamp may have.
    """
    if isinstance(cell, str):
        text = cell.strip(_WHITE_SPACE)
        if not text:
            return None
        error = find_error(text)
        if error is not None:
            return CellFault(*error)
        value: object = parse_text(text, fact_type)
    elif cell is None:
        return None
    else:
        value = _adapt(cell, fact_type)
    return find_misfit(value, fact_type, years) or hold(cast("Value", value), fact_type)


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
    return CellFault(catalogue.FACT_UNFIT, {"value": shorten(text), "type": str(fact_type)})


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


def parse_text(text: str, fact_type: Type) -> Value:
    """What a text says, as a value of a type; the text itself if it cannot be one."""
    match fact_type.kind:
        case TypeKind.BOOL:
            lower = text.lower()
            return lower in TRUE_TEXTS if lower in TRUE_TEXTS | FALSE_TEXTS else text
        case TypeKind.DATE | TypeKind.TIMESTAMP:
            return _parse_moment(text, fact_type)
        case TypeKind.INT | TypeKind.DECIMAL:
            number = Decimal(text) if _NUMBER.fullmatch(text) else None
            if number is None:
                return text
            is_integer = fact_type.kind is TypeKind.INT and not (find_number_fault(number) or count_places(number))
            return int(number) if is_integer else number
        case _:
            return text


def _parse_moment(text: str, fact_type: Type) -> Value:
    """A date or timestamp; the text itself if it cannot be one."""
    matched = (_DATE if fact_type.kind is TypeKind.DATE else _TIMESTAMP).fullmatch(text)
    if matched is None:
        return text
    year, month, day = (int(matched[number]) for number in (1, 2, 3))
    try:
        if fact_type.kind is TypeKind.DATE:
            return date(year, month, day)
        hour, minute, second = (int(matched[number] or 0) for number in (4, 5, 7))
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return text


def _adapt(cell: object, fact_type: Type) -> object:
    """A Python value that is not text, where another type of value says the same; else as it is."""
    match fact_type.kind, cell:
        case TypeKind.STRING, bool():
            return str(cell).lower()
        case TypeKind.STRING, int() | Decimal():
            return f"{Decimal(cell):f}"
        case TypeKind.STRING, date():
            return str(cell)
        case TypeKind.BOOL, int() if cell in {0, 1}:
            return bool(cell)
        case TypeKind.DATE, datetime() if cell.time() == time():
            return cell.date()
        case _:
            return cell


def shorten(text: str) -> str:
    """A text as a diagnostic shows it."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def compile_cell_check(fact_type: Type, years: range = FACT_YEARS) -> CellCheck:
    """`check_cell` for one type and its years, which accepts values that are of the type already at once."""
    return _COMPILE_CHECKS[fact_type.kind](fact_type, years)


def _compile_bool_check(fact_type: Type, years: range) -> CellCheck:
    def check_bool(cell: object) -> Value | CellFault | None:
        return cell if cell is True or cell is False else check_cell(cell, fact_type, years)

    return check_bool


def _compile_text_check(fact_type: Type, years: range) -> CellCheck:
    if fact_type.among is not None:
        choices = {text for text in fact_type.among if text and text == text.strip(_WHITE_SPACE)} - ERROR_TEXTS

        def check_choice(cell: object) -> Value | CellFault | None:
            return cell if type(cell) is str and cell in choices else check_cell(cell, fact_type, years)

        return check_choice

    def check_text(cell: object) -> Value | CellFault | None:
        if (
            type(cell) is str
            and 0 < len(cell) <= MAX_TEXT_LENGTH
            and not (cell[0] in _WHITE_SPACE or cell[-1] in _WHITE_SPACE)
            and cell not in ERROR_TEXTS
        ):
            return cell
        return check_cell(cell, fact_type, years)

    return check_text


def _compile_int_check(fact_type: Type, years: range) -> CellCheck:
    low, high = -(-fact_type.low // UNIT), fact_type.high // UNIT

    def check_int(cell: object) -> Value | CellFault | None:
        return cell if type(cell) is int and low <= cell <= high else check_cell(cell, fact_type, years)

    return check_int


def _compile_decimal_check(fact_type: Type, years: range) -> CellCheck:
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
        return check_cell(cell, fact_type, years)

    return check_decimal


def _compile_date_check(fact_type: Type, years: range) -> CellCheck:
    low, high = date(years[0], 1, 1), date(years[-1], 12, 31)

    def check_date(cell: object) -> Value | CellFault | None:
        return cell if type(cell) is date and low <= cell <= high else check_cell(cell, fact_type, years)

    return check_date


def _compile_timestamp_check(fact_type: Type, years: range) -> CellCheck:
    low, high = years[0], years[-1]

    def check_timestamp(cell: object) -> Value | CellFault | None:
        if type(cell) is datetime and not cell.microsecond and cell.tzinfo is None and low <= cell.year <= high:
            return cell
        return check_cell(cell, fact_type, years)

    return check_timestamp


_COMPILE_CHECKS: Final = {
    TypeKind.BOOL: _compile_bool_check,
    TypeKind.INT: _compile_int_check,
    TypeKind.DECIMAL: _compile_decimal_check,
    TypeKind.STRING: _compile_text_check,
    TypeKind.DATE: _compile_date_check,
    TypeKind.TIMESTAMP: _compile_timestamp_check,
}
