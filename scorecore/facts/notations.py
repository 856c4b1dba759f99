"""How people write values: what a text of a file means for a type, beyond the plain way of writing it."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.diagnostics.visible import remove_invisible
from scorecore.values.types import Type, TypeKind, Value, count_places, find_number_fault

WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Unicode calls white space, which Polars strips from a text. Python would strip four control characters more."""
TRUE_TEXTS: Final = frozenset({"true", "1", "yes", "y", "是", "√"})
FALSE_TEXTS: Final = frozenset({"false", "0", "no", "n", "否", "×"})
PERCENT: Final = "%"

_WIDE: Final[Mapping[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    0x3000: " ",
    0xA0: " ",
    0xFFE5: "¥",
    0x2212: "-",
}
"""Signs of a Chinese keyboard, and the minus of a typesetter. Not all that NFKC maps: ½, ² and ① are not digits."""
_PLAIN_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<before>[^0-9.,%\s+-]*)\s*(?P<inner>-?)"
    r"(?P<digits>[0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)(?P<fraction>\.[0-9]+)?\s*"
    r"(?P<power>[万亿]?)\s*(?P<after>[^0-9.,+-]*)"
)
_POWERS: Final = {"": 0, "万": 4, "亿": 8}
_CURRENCIES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("¥", "元", "圆"), frozenset({"CNY", "RMB", "元", "人民币", "圆"})),
    **dict.fromkeys(("CNY", "RMB", "人民币"), frozenset({"CNY", "RMB", "元", "人民币", "圆"})),
    **dict.fromkeys(("$", "US$", "USD", "美元"), frozenset({"USD", "$", "美元"})),
    **dict.fromkeys(("HK$", "HKD", "港元", "港币"), frozenset({"HKD", "港元", "港币"})),
    **dict.fromkeys(("€", "EUR", "欧元"), frozenset({"EUR", "€", "欧元"})),
    **dict.fromkeys(("£", "GBP", "英镑"), frozenset({"GBP", "£", "英镑"})),
}
"""What a sign of a currency says, as units of facts name it."""
_DASHES: Final = frozenset("-‐‑‒–—―")
MEANS_NOTHING: Final = _DASHES | frozenset(
    ("--", "---", "——", "/", "\\", "无", "暂无", "没有", "空", "n/a", "na", "none", "null", "nil")
)
"""What people write into a cell that has no value, in small letters."""
_DAY: Final = r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
_PLAIN_DATE: Final = re.compile(rf"{_DAY}(?:[T ]00:00:00(?:\.0+)?)?")
"""Programs write a date as the instant at which it begins, which says no more."""
_DATE: Final = re.compile(r"(?:([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?|([0-9]{4})([0-9]{2})([0-9]{2}))")
_CLOCK: Final = r"([0-9]{1,2})[:：]([0-9]{2})(?:[:：]([0-9]{2})(?:\.([0-9]+))?)?"
_PLAIN_TIMESTAMP: Final = re.compile(rf"{_DAY}[T ]\s*{_CLOCK}")
_MOMENT: Final = re.compile(rf"{_DATE.pattern}(?:[T\s]\s*{_CLOCK})?")
EXAMPLES: Final = {
    "int": "1234",
    "decimal": "1234.50",
    "date": "2024-05-06",
    "timestamp": "2024-05-06 17:30",
    "bool": "yes, no, 是, 否",
}
"""How values are written, by type."""
_PLAIN_RANGES: Final = (
    *((0x20, 0x7E), (0xC0, 0x24F), (0x410, 0x44F), (0x3000, 0x3020), (0x3041, 0x3096), (0x30A1, 0x30FF)),
    *((0x4E00, 0x9FFF), (0xFF01, 0xFF9F)),
)
"""Letters that stand for themselves, alone and beside each other."""
PLAIN_TEXT: Final = "^[" + "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in _PLAIN_RANGES) + "]*$"
"""As Polars writes it: a text of such letters."""
QUESTIONABLE: Final = r"^#|^Err:|^-?[0-9](\.[0-9]+[eE]|[eE]\+)|^=\""
"""How errors, numbers without their digits, and texts as formulas begin."""
_PLAIN_LETTERS: Final = re.compile(f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in _PLAIN_RANGES)}]*")
_QUESTIONABLE: Final = re.compile(QUESTIONABLE)
_TEXT_FORMULA: Final = re.compile(r'="((?:[^"]|"")*)"')
"""How programs write a text into a CSV file of which a spreadsheet would make a number."""
_LOST_DIGITS: Final = re.compile(r"-?[0-9](\.[0-9]+[eE]\+?|[eE]\+)[0-9]{2,3}")
"""How a spreadsheet writes a number with more digits than it has kept."""


class CellFault(NamedTuple):
    """Why a cell does not fit, and what fills the placeholders of the message."""

    kind: DiagnosticKind
    params: dict[str, str]


class Notation(NamedTuple):
    """What a text says."""

    value: Value | CellFault
    """The text itself if it is not a value of the type."""
    is_noted: bool = False
    """Whether people should know how it was read."""


def is_plain(text: str) -> bool:
    """Whether a text stands for itself as text."""
    return bool(_PLAIN_LETTERS.fullmatch(text)) and not _QUESTIONABLE.match(text)


def unwrap_formula(text: str) -> str:
    """The text that a formula consists of, as `="00042"` does; every other text as it is."""
    matched = _TEXT_FORMULA.fullmatch(text)
    return matched[1].replace('""', '"').strip(WHITE_SPACE) if matched else text


def read_text(text: str, fact_type: Type, unit: str = "") -> Notation:
    """What a text without blanks around it says, as a value of a type."""
    if fact_type.among is not None and text in fact_type.among:
        return Notation(text)
    if fact_type.kind is TypeKind.STRING:
        return _read_string(text, fact_type.among)
    plain = remove_invisible(text).translate(_WIDE).strip()
    read = _READ[fact_type.kind](plain, fact_type, unit)
    if read.value == plain and isinstance(read.value, str):
        return Notation(text)
    return Notation(read.value, is_noted=read.is_noted or plain != text)


def _read_string(text: str, choices: tuple[str, ...] | None) -> Notation:
    if _LOST_DIGITS.fullmatch(text):
        return Notation(CellFault(catalogue.DIGITS_LOST, {"value": text}))
    visible = unicodedata.normalize("NFC", remove_invisible(text)).strip(WHITE_SPACE)
    if choices is not None and visible not in choices:
        same = [choice for choice in choices if compose(choice) == compose(text)]
        visible = same[0] if len(same) == 1 else visible
    if not visible:
        return Notation(CellFault(catalogue.FACT_UNFIT, {"value": text, "type": TypeKind.STRING.value}))
    return Notation(visible, is_noted=visible != text)


def compose(text: str) -> str:
    """A text as it is compared with what should be the same: NFKC, without invisible characters and blanks around."""
    return unicodedata.normalize("NFKC", remove_invisible(text)).strip(WHITE_SPACE)


def _read_bool(text: str, _type: Type, _unit: str) -> Notation:
    lower = text.lower()
    return Notation(lower in TRUE_TEXTS if lower in TRUE_TEXTS | FALSE_TEXTS else text)


def _read_number(text: str, fact_type: Type, unit: str) -> Notation:
    if _PLAIN_NUMBER.fullmatch(text):
        return Notation(_as_number(Decimal(text), fact_type))
    if text.casefold() in MEANS_NOTHING:
        return Notation(CellFault(catalogue.LONE_DASH, {"value": text}))
    matched = _NUMBER.fullmatch(text)
    if matched is None or (matched["sign"] and matched["inner"]):
        return Notation(text)
    measure, after = unit.translate(_WIDE).split("/")[0].strip(), matched["after"].strip()
    if measure and matched["power"] + after == measure and not matched["before"]:
        return Notation(_as_number(_exact(matched, power=0), fact_type), is_noted=True)
    if PERCENT in after:
        return _refuse_percent(matched, text) if after == PERCENT and not matched["power"] else Notation(text)
    if matched["power"] and any(power in measure for power in "万亿%"):
        return Notation(text)  # ten thousand of tens of thousands is not what anybody means
    foreign = next((sign for sign in (matched["before"], after) if sign and not _suits(sign, measure)), None)
    if foreign is not None:
        is_currency = foreign in _CURRENCIES
        fault = CellFault(catalogue.OTHER_UNIT, {"value": text, "sign": foreign, "unit": measure})
        return Notation(fault if is_currency and measure else text)
    return Notation(_as_number(_exact(matched, _POWERS[matched["power"]]), fact_type), is_noted=True)


def _exact(matched: re.Match[str], power: int) -> Decimal:
    """The number of a match times a power of ten, exactly."""
    digits = matched["digits"].replace(",", "") + (matched["fraction"] or "")
    minus = "-" if "-" in {matched["sign"], matched["inner"]} else ""
    return Decimal(f"{Decimal(f'{minus}{digits}e{power}'):f}")


def _suits(sign: str, measure: str) -> bool:
    """Whether a sign before or after a number says no more than the unit of the fact does."""
    return sign == measure or (sign in _CURRENCIES and (not measure or measure in _CURRENCIES[sign]))


def list_unit_signs(unit: str) -> set[str]:
    """How people write a unit: as the policy does, or by a sign of its currency."""
    measure = unit.translate(_WIDE).strip()
    return {measure, *(sign for sign, units in _CURRENCIES.items() if measure in units)}


def _refuse_percent(matched: re.Match[str], text: str) -> Notation:
    share, percent = (f"{_exact(matched, power):f}" for power in (-2, 0))
    return Notation(CellFault(catalogue.PERCENT_UNCLEAR, {"value": text, "share": share, "percent": percent}))


def _as_number(number: Decimal, fact_type: Type) -> int | Decimal:
    is_integer = fact_type.kind is TypeKind.INT and not (find_number_fault(number) or count_places(number))
    return int(number) if is_integer else number


def _read_date(text: str, _type: Type, _unit: str) -> Notation:
    return _read_moment(text, _PLAIN_DATE, has_time=False)


def _read_timestamp(text: str, _type: Type, _unit: str) -> Notation:
    return _read_moment(text, _PLAIN_TIMESTAMP, has_time=True)


def _read_moment(text: str, plain: re.Pattern[str], *, has_time: bool) -> Notation:
    matched = _MOMENT.fullmatch(text)
    if matched is None or (has_time and matched[7] is None):
        return Notation(text)
    year, month, day = (int(matched[number] or matched[number + 3]) for number in (1, 2, 3))
    hour, minute, second = (int(matched[number] or 0) for number in (7, 8, 9))
    fraction = (matched[10] or "").strip("0")
    try:  # a time that is none makes the date doubtful too
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return Notation(text)
    is_noted = bool(fraction) or not plain.fullmatch(text)
    return Notation(moment if has_time else date(year, month, day), is_noted=is_noted)


_READ: Final = {
    TypeKind.BOOL: _read_bool,
    TypeKind.INT: _read_number,
    TypeKind.DECIMAL: _read_number,
    TypeKind.DATE: _read_date,
    TypeKind.TIMESTAMP: _read_timestamp,
}
