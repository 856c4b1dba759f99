"""The figures of a rule, in the words of its text (三个工作日, 5万元, 1至3‰) and in a policy."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from scorecore.policy.regulation.numerals import HAN_DIGITS, MULTIPLES, narrow, read_number
from scorecore.policy.toml import Node, TomlArray, TomlScalar, TomlTable

_ARABIC: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HAN: Final = f"[{HAN_DIGITS}十百千]+"
_RATES: Final = {"%": 100, "‰": 1000, "成": 10, "折": 10}
_UNITS: Final = (
    r"个?(?:工作日|交易日|自然日|小时|月|星期|季度|半年)|年度?|周岁?|岁|日|天|分钟?|秒"
    "|次|名|人|户|笔|份|起|元|倍|位|期|家|步|档|等|级"
)
_FIGURE: Final = re.compile(
    rf"(?P<clock>\d{{1,2}}:\d{{2}}(?![\d\d]))"
    rf"|(?P<parts>百分之|千分之)(?P<share>{_ARABIC}|{_HAN})"
    rf"|(?P<number>{_ARABIC}|{_HAN}|半)(?P<multiple>[百千万亿]*)(?P<rate>[%‰成折]?)(?P<unit>(?:{_UNITS})?)"
)
_BEFORE_LAST: Final = re.compile("[至到~\u2014\u2013-]+$")
_REFERENCE: Final = re.compile(
    rf"(?:第(?:{_ARABIC}|{_HAN})[条款项章节编目]?(?:\([^()]{{1,3}}\))*(?:[至到、]第?(?:{_HAN}|\d+)[条款项章节])*"
    rf"|\d+(?:\.\d+)+\(\d+\)|\((?:\d{{1,2}}|{_HAN})\))"
)
"""Numbers of clauses, and ordinal numbers, which are not figures."""
_PERIODS: Final = {
    "年": (12,),
    "年度": (12,),
    "周": (7,),
    "个星期": (7,),
    "星期": (7,),
    "小时": (60,),
    "个小时": (60,),
    "个月": (30,),
}
_ALWAYS_TIMES: Final = ("年", "月", "周", "日", "天", "小时", "星期")
_PROSE_KEYS: Final = frozenset(
    [
        "authority",
        "label",
        "reason",
        "refer",
        "title",
        "unit",
        "id",
        "version",
        "name",
        "subject_label",
        "shown",
        "text",
        "text_digest",
        "policy",
        "extends",
    ]
)
"""Keys whose numbers are words, not figures of the rule."""
_BOUND_KEYS: Final = frozenset(["round", "places", "covers", "holidays", "workdays", "effective", "from_day"])
_IN_FORMULA: Final = re.compile(
    r"\d{1,2}:\d{2}"
    r"|add_days\(period\.(?:start, *(?P<after>\d+)|end, *-(?P<before>\d+))\)"
    r"|(?<![A-Za-z_\d.])\d[\d_]*(?:\.\d+)?(?![A-Za-z_\d])"
)
_LAST_DAYS: Final = (Decimal(30), Decimal(31))
CONVERSIONS: Final[frozenset[Decimal | str]] = frozenset({Decimal(0), Decimal(1), Decimal(100), "00:00"})
"""Numbers that formulas need without any rule saying so."""


@frozen
class RuleFigure:
    """A number of a text, and the values that a policy may write for it: 10 % is 10, 0.1, or a factor of 0.9."""

    text: str
    values: frozenset[Decimal | str]
    is_one: bool = False
    """每次1分: a formula writes no factor of one."""


def find_figures(text: str) -> Iterator[RuleFigure]:
    """The figures of a text, in its order."""
    plain = _REFERENCE.sub(lambda match: " " * len(match[0]), narrow(text))
    matches = [match for match in _FIGURE.finditer(plain) if _is_figure(match, plain)]
    for position, match in enumerate(matches):
        after = matches[position + 1] if position + 1 < len(matches) else None
        shared = after if after and _BEFORE_LAST.search(plain[match.end() : after.start()]) else None
        figure = _read_figure(match, shared)
        if figure and not figure.is_one:
            yield figure


def _is_figure(match: re.Match[str], text: str) -> bool:
    """Whether a number counts: Chinese digits only before a unit, and 一 only before a time (统一, 一次付清)."""
    number = match["number"]
    if match["clock"] or match["parts"] or number is None or number.isascii():
        return True
    if text[: match.start()].endswith(("周", "星期", "统", "唯")):
        return False
    measured = match["unit"] or match["rate"] or (match["multiple"] and number != "半")
    if number == "半":
        return match["unit"].startswith(("年", "个月", "日", "天"))
    if number in {"一", "二", "十", "百", "千"}:  # 二次分配, but 两次
        return match["unit"].endswith(_ALWAYS_TIMES)
    return bool(measured) and match["unit"] not in {"级", "等", "档", "季度"}


def _read_figure(match: re.Match[str], shared: re.Match[str] | None) -> RuleFigure | None:
    """`shared` is the other end of a range, which says the unit of both: 1至3‰."""
    if match["clock"]:
        return RuleFigure(match[0], frozenset({match[0].rjust(5, "0")}))
    if match["parts"]:
        share = read_number(match["share"])
        return (
            share if share is None else RuleFigure(match[0], _rates(share, 100 if match["parts"] == "百分之" else 1000))
        )
    number = read_number(match["number"])
    if number is None:
        return None
    multiple, rate, unit = match["multiple"], match["rate"], match["unit"]
    if shared and shared["number"] and not (multiple or rate or unit):
        multiple, rate, unit = shared["multiple"], shared["rate"], shared["unit"]
    values: set[Decimal | str] = {number}
    is_one = number == 1 and not (multiple or rate)
    for character in multiple:
        number *= MULTIPLES[character]
        values.add(number)
    if rate:
        values |= _rates(number, _RATES[rate])
    values |= {number * factor for factor in _PERIODS.get(unit, ())}
    if unit == "个月" and number % 12 == 0:
        values.add(number / 12)
    return RuleFigure(match[0], frozenset(values), is_one)


def find_numbers(text: str) -> Iterator[Decimal | str]:
    """The values of all numbers of a text, whatever they count or order, and those of 万 and 千分之."""
    text = narrow(text)
    matches = list(_FIGURE.finditer(text))
    for position, match in enumerate(matches):
        after = matches[position + 1] if position + 1 < len(matches) else None
        shared = after if after and _BEFORE_LAST.search(text[match.end() : after.start()]) else None
        figure = _read_figure(match, shared)
        yield from figure.values if figure else ()
    yield from (Decimal(whole) for word, whole in (("万", 10_000), ("千分", 1000)) if word in text)


def _rates(number: Decimal, whole: int) -> frozenset[Decimal | str]:
    share = number / whole
    return frozenset({number, share, 1 - share, 1 + share, share * 100})


Alternatives = frozenset[Decimal | str]
"""The values that a figure of a policy can stand for in a text."""


def find_policy_figures(node: Node, key: str = "") -> Iterator[tuple[Alternatives, TomlScalar]]:
    """The figures in a part of a policy: its numbers, those in its formulas, and clock times."""
    if key in _PROSE_KEYS or key in _BOUND_KEYS:
        return
    match node:
        case TomlTable():
            for name, child in node.entries.items():
                yield from find_policy_figures(child, name)
        case TomlArray():
            for child in node.items:
                yield from find_policy_figures(child, key)
        case TomlScalar(value=bool()):
            return
        case TomlScalar(value=int() | Decimal() as number):
            yield frozenset({abs(Decimal(number))}), node
        case TomlScalar(value=str() as text):
            yield from ((figure, node) for figure in _figures_in_formula(text))
        case _:
            return


def find_date_parts(node: Node) -> Iterator[Decimal]:
    """Years, months and days of the dates in a part, which a text writes as figures."""
    match node:
        case TomlTable():
            for child in node.entries.values():
                yield from find_date_parts(child)
        case TomlArray():
            for child in node.items:
                yield from find_date_parts(child)
        case TomlScalar(value=datetime() | date() as day):
            yield from map(Decimal, (day.year, day.month, day.day))
        case _:
            return


def _figures_in_formula(text: str) -> Iterator[Alternatives]:
    for match in _IN_FORMULA.finditer(text):
        if ":" in match[0]:
            yield frozenset({match[0].rjust(5, "0")})
        elif match["after"]:  # 4 days after the first of a month are its 5th
            yield frozenset({Decimal(match["after"]), Decimal(match["after"]) + 1})
        elif match["before"]:  # 11 days before the last of December are its 20th
            before = Decimal(match["before"])
            yield frozenset({before, *(last - before for last in _LAST_DAYS)})
        elif not (text[: match.start()].rstrip().endswith(",") and _is_places(text, match)):
            yield frozenset({Decimal(match[0].replace("_", ""))})


def _is_places(text: str, match: re.Match[str]) -> bool:
    """Whether a number says to how many places something is rounded."""
    depth = 0
    for offset in range(match.start() - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[offset], 0)
        if depth < 0:
            return bool(re.search(r"(?:round|floor|ceil)\w*$", text[:offset]))
    return False
