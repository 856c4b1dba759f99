"""The text of a number as its cell shows it: dates, percentages, leading zeros, and no digits that are not there.

A spreadsheet keeps numbers in binary, of which 15 decimal digits count; a date is a number of days.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

Render = Callable[[str], str]
"""From a number as the file has it to the text that its cell stands for."""

EXACT_DIGITS: Final = 15
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BUILT_IN: Final = {
    **dict.fromkeys((9, 10), "0%"),
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
}
"""Formats that a workbook names by number only; from 27 on they are those of East Asia."""
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|!.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
"""Text that is shown as it is, space of some width, colours, currencies and conditions."""
_SCALED: Final = re.compile(r'[#0,]*0(?:\.[0#]+)?\s*(?:"\s*([万亿千])[元人件户笔]?"|\\?([万亿千])[元人件户笔]?)')
_LAST_DAY: Final = 2_958_465
"""9999-12-31."""
_FALSE_LEAP_DAY: Final = 60
"""1900-02-29, which spreadsheets have and calendars have not."""
_DAY_SECONDS: Final = 86_400
_INACCURACY: Final = Decimal("0.0001")
"""Seconds: what the binary fraction of a day may be away from the second that somebody entered."""
_MAX_REMEMBERED: Final = 100_000


def render_plain(text: str) -> str:
    """A number without digits that the spreadsheet does not keep; more than 15 before the point show as an exponent."""
    if text.isdigit() and text[0] != "0" and len(text) <= EXACT_DIGITS:
        return text
    try:
        rounded = f"{float(text):.{EXACT_DIGITS}g}"
    except ValueError:
        return text
    return text if "n" in rounded or "_" in text else rounded  # an infinity, or what Python alone takes for a number


def compile_render(format_id: int, code: str | None, *, is_1904: bool) -> Render | None:
    """How to show the numbers of a format; None if as they are. `code` is None for a format that has a number only."""
    pattern = (_BUILT_IN.get(format_id, "") if code is None else code).split(";")[0]
    scale = _SCALED.fullmatch(pattern)
    bare = _LITERAL.sub("", pattern)
    if scale:
        unit = scale[1] or scale[2]
        return _remember(lambda number: f"{_show(number)}{unit}")
    if "%" in bare:
        return _remember(lambda number: f"{_show(number.scaleb(2))}%")
    if len(bare) > 1 and not bare.strip("0"):
        return _remember(lambda number: _pad(number, len(bare)))
    letters = set(re.sub(r"general|[eE][+-]|[ap]m?/[ap]m?|上午/下午", "", bare.lower()))
    has_day, has_time = bool(letters & set("ydeb")), bool(letters & set("hs"))
    if not has_day and not has_time and "m" not in letters:
        return None
    epoch = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
    is_duration = bool(re.search(r"\[[hms]+\]", bare.lower()))
    return _remember(
        lambda number: (
            _show_moment(number, epoch, has_day=has_day or not has_time, has_time=has_time)
            if not is_duration
            else _show_duration(number)
        )
    )


def _remember(show: Callable[[Decimal], str]) -> Render:
    """Renders each text once: days and percentages repeat."""
    known: dict[str, str] = {}

    def render(text: str) -> str:
        shown = known.get(text)
        if shown is None:
            plain = render_plain(text)
            shown = show(Decimal(plain)) if _NUMBER.fullmatch(plain) else plain
            if len(known) < _MAX_REMEMBERED:
                known[text] = shown
        return shown

    return render


def _show(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _pad(number: Decimal, width: int) -> str:
    text = _show(number)
    return text.zfill(width) if text.isdigit() else render_plain(text)


def _seconds(number: Decimal) -> int:
    """Whole seconds of a number of days: fractions of a second are cut, so that none moves a time to the next day."""
    seconds = number * _DAY_SECONDS
    nearest = round(seconds)
    return nearest if abs(seconds - nearest) <= _INACCURACY else int(seconds)


def _show_moment(number: Decimal, epoch: datetime, *, has_day: bool, has_time: bool) -> str:
    if not 0 <= number <= _LAST_DAY:
        return render_plain(str(number))
    seconds = _seconds(number)
    days, rest = divmod(seconds, _DAY_SECONDS)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    if not has_day and not days:
        return clock
    day = _show_day(days, epoch)
    return f"{day} {clock}" if has_time or rest else day


def _show_day(days: int, epoch: datetime) -> str:
    if epoch.year == 1904:  # noqa: PLR2004  the other of the two
        return _date_text(epoch, days)
    if days == _FALSE_LEAP_DAY:
        return "1900-02-29"
    if not days:
        return "1900-01-00"
    return _date_text(epoch, days + (days < _FALSE_LEAP_DAY))


def _date_text(epoch: datetime, days: int) -> str:
    try:
        return date.isoformat((epoch + timedelta(days=days)).date())
    except OverflowError:
        return str(days)


def _show_duration(number: Decimal) -> str:
    seconds = _seconds(abs(number))
    sign = "-" if number < 0 else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
