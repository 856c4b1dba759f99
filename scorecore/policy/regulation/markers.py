"""The numbers before clauses: 第十四条, (三), 三、, 2, 11.2, ③, and headings with a number, such as 计划3.

A chain of them, such as 第二十七条(四)1, leads from an outer clause to an inner one.
"""

import re
from typing import Final

from attrs import frozen

from scorecore.policy.regulation.numerals import CIRCLED, COUNTING, read_han

ARTICLE: Final = "条"
PARAGRAPH: Final = "款"
NAMED: Final = "named"
DOTTED: Final = "11.2"
DIVISIONS: Final = ("编", "部分", "章", "节", ARTICLE)
"""Units whose number must be cited with its unit, from the largest to the smallest."""
_UNITS: Final = "编|章|节|部分|条|款|项|目"
_PATTERN: Final = re.compile(
    rf"第\s*\(?(?P<ordinal>{COUNTING}|\d{{1,3}})\)?\s*(?P<unit>{_UNITS})?(?P<after>(?:之{COUNTING})?)"
    rf"|\(\s*(?:(?P<bracketed_han>{COUNTING})|(?P<bracketed>\d{{1,2}}))\s*\)"
    rf"|(?P<circled>[{CIRCLED}])"
    r"|(?P<dotted>\d{1,3}(?:\.\d{1,3})+)"
    r"|(?P<arabic>\d{1,3})(?![\d.]*\d)"
    rf"|(?P<han>{COUNTING})"
)


@frozen
class ClauseMarker:
    """One number of a clause; two are the same if their forms and numbers are."""

    form: str
    number: tuple[int, ...] = ()
    name: str = ""
    """Of a heading without a number."""
    after: str = ""
    """之一 of 第十四条之一."""

    def __str__(self) -> str:
        number = ".".join(map(str, self.number))
        return self.name or _WRITTEN.get(self.form, "第{}" + self.form).format(_write(self.form, number)) + self.after

    @property
    def is_item(self) -> bool:
        """Whether it counts within an article."""
        return self.form not in DIVISIONS and self.form not in {NAMED, PARAGRAPH}

    def matches(self, cited: "ClauseMarker", *, loosely: bool = False) -> bool:
        """Whether a clause with this number is cited; `loosely`, also in another form, such as 第三项."""
        if self == cited:
            return True
        if not loosely or not (self.is_item and cited.is_item):
            return False
        if self.form == DOTTED and len(self.number) > len(cited.number):
            return self.number[: len(cited.number)] == cited.number
        return self.number == cited.number


_WRITTEN: Final = {"一": "{}", "(一)": "({})", "1": "{}", "(1)": "({})", "①": "{}", DOTTED: "{}", "": "第{}"}
_HAN_FORMS: Final = frozenset({"一", "(一)", "", *DIVISIONS, PARAGRAPH, "项", "目"})


def _write(form: str, number: str) -> str:
    if form == "①":
        return CIRCLED[int(number) - 1]
    return write_han(int(number)) if form in _HAN_FORMS else number


def write_han(number: int) -> str:
    """A number from 1 to 999 in Chinese digits."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    digits = "零一二三四五六七八九"
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


def read_marker(text: str, offset: int) -> tuple[ClauseMarker, int] | None:
    """The number that begins at `offset`, and where it ends."""
    match = _PATTERN.match(text, offset)
    if match is None:
        return None
    groups = {name: value for name, value in match.groupdict().items() if value}
    end = match.end()
    if "ordinal" in groups:
        ordinal = groups["ordinal"]
        number = int(ordinal) if ordinal.isdecimal() and ordinal.isascii() else read_han(ordinal) or 0
        return ClauseMarker(groups.get("unit", ""), (number,), after=groups.get("after", "")), end
    if "bracketed_han" in groups:
        return ClauseMarker("(一)", (read_han(groups["bracketed_han"]) or 0,)), end
    if "bracketed" in groups:
        return ClauseMarker("(1)", (int(groups["bracketed"]),)), end
    if "circled" in groups:
        return ClauseMarker("①", (CIRCLED.index(groups["circled"]) + 1,)), end
    if "dotted" in groups:
        return ClauseMarker(DOTTED, tuple(map(int, groups["dotted"].split(".")))), end
    if "arabic" in groups:
        return ClauseMarker("1", (int(groups["arabic"]),)), end
    return ClauseMarker("一", (read_han(groups["han"]) or 0,)), end


def expand_range(first: ClauseMarker, last: ClauseMarker) -> tuple[ClauseMarker, ...]:
    """The numbers from one to another; only the two where they do not count in the same way."""
    if first.form != last.form or first.number[:-1] != last.number[:-1] or first.number > last.number:
        return (first, last)
    numbers = range(first.number[-1], last.number[-1] + 1)
    return tuple(ClauseMarker(first.form, (*first.number[:-1], number)) for number in numbers)
