"""What to write instead of a cell that cannot be read: the value that is meant, where there can be only one."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.notations import EXAMPLES, MEANS_NOTHING, compose

_DIGITS: Final = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?"
_IN_BRACKETS: Final = re.compile(rf"\(\s*({_DIGITS})\s*(?:元)?\s*\)|({_DIGITS})\s*-")
"""How accountants write a negative number."""
_NEAR: Final = re.compile(
    rf"(?:约|大约|大概|近|共|计|[~≈<>≤≥])?\s*(-?{_DIGITS})\s*([百千万亿]?)\s*"
    r"[^0-9.,:/%‰+()十百千万亿kKwWmM-]{0,4}"
)
"""A number with words around it."""
_CHINESE: Final = re.compile(r"[零〇一二两三四五六七八九十百千万]+")
_CHINESE_DIGITS: Final = {letter: digit for digit, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_POWERS: Final = {"十": 10, "百": 100, "千": 1000}
_POWERS: Final = {"": 0, "百": 2, "千": 3, "万": 4, "亿": 8}
_IN_GROUPS: Final = re.compile(r"-?[0-9]{1,3}(?: [0-9]{3})+(?:\.[0-9]+)?")
_DURATION: Final = re.compile(r"([0-9]{1,3})[:：]([0-5][0-9])(?:[:：]00)?")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_CHINESE_DATE: Final = re.compile(
    r"([零〇一二三四五六七八九]{4})年([一二三四五六七八九十]+)月([一二三四五六七八九十]+)[日号]?"
)
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_FIRST_DAY: Final = date(1899, 12, 30)
"""From which a spreadsheet counts days."""
_MINUTES: Final = Decimal(60)


def add_advice(diagnostic: Diagnostic, unit: str = "") -> Diagnostic:
    """A problem of a cell with what to write instead; `unit` is what the fact counts in."""
    kind = diagnostic.params.get("type", "")
    if diagnostic.kind is not catalogue.FACT_UNFIT or kind not in EXAMPLES:
        return diagnostic
    text = compose(diagnostic.params["value"])
    params = {"example": EXAMPLES[kind]}
    proposal = _PROPOSE[kind](text, unit) if kind in _PROPOSE else ""
    if text.casefold() in MEANS_NOTHING:
        params["nothing"] = diagnostic.params["value"]
    elif proposal:
        params["proposal"] = proposal
    return evolve(diagnostic, params=diagnostic.params | params)


def _propose_number(text: str, unit: str) -> str:
    negative = _IN_BRACKETS.fullmatch(text)
    if negative:
        return "-" + (negative[1] or negative[2]).replace(",", "")
    duration = _DURATION.fullmatch(text)
    if duration:
        hours = Decimal(duration[1]) + Decimal(duration[2]) / _MINUTES
        return f"{hours.normalize():f}" if hours == round(hours, 4) else ""
    near = _NEAR.fullmatch(text)
    if near:
        return _write_near(near, unit)
    if _IN_GROUPS.fullmatch(text):
        return "".join(text.split())
    return str(_count_chinese(text)) if _CHINESE.fullmatch(text) else ""


def _write_near(near: re.Match[str], unit: str) -> str:
    """The number of a match; ten thousand of a unit that is ten thousand itself was meant as the unit."""
    digits, power = near[1].replace(",", ""), near[2]
    if power and any(letter in unit for letter in "十百千万亿%‰"):
        return digits if power in unit else ""
    return f"{Decimal(digits).scaleb(_POWERS[power]):f}"


def _count_chinese(text: str) -> int:
    """The number that Chinese numerals write."""
    before, _sign, after = text.rpartition("万")
    if before:
        return _count_chinese(before) * 10_000 + (_count_chinese(after) if after else 0)
    total = digit = 0
    for letter in after or text:
        if letter in _CHINESE_POWERS:
            total += (digit or 1) * _CHINESE_POWERS[letter]
            digit = 0
        else:
            digit = _CHINESE_DIGITS.get(letter, 0)
    return total + digit


def _propose_date(text: str, _unit: str) -> str:
    """The day that is meant; none where day and month may be exchanged."""
    if _SERIAL.fullmatch(text):
        return str(_FIRST_DAY + timedelta(days=int(Decimal(text))))
    written = _CHINESE_DATE.fullmatch(text)
    if written:
        year = int("".join(str(_CHINESE_DIGITS[letter]) for letter in written[1]))
        return str(_find_day(year, _count_chinese(written[2]), _count_chinese(written[3])) or "")
    matched = _YEAR_LAST.fullmatch(text)
    if not matched:
        return ""
    first, second, year = map(int, matched.groups())
    days = {day for month, number in ((first, second), (second, first)) if (day := _find_day(year, month, number))}
    return str(days.pop()) if len(days) == 1 else ""


def _find_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_PROPOSE: Final[dict[str, Callable[[str, str], str]]] = {
    "int": _propose_number,
    "decimal": _propose_number,
    "date": _propose_date,
}
