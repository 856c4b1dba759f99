"""Kinds of quantity: money by currency, points, days, people, plain numbers; and what products and quotients are."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Final

from attrs import frozen

POINTS: Final = "points"
DAYS: Final = "days"
PEOPLE: Final = "people"
PLAIN: Final = ""
"""Any other unit, too."""
BY_FIGURE: Final = "points by a figure"
"""Money times a figure, which can say how many points a yuan gives: it is like points, and like no other number."""
_COUNTED: Final = frozenset({PLAIN, POINTS, DAYS, PEOPLE})
_WORDS: Final = {
    **dict.fromkeys(("points", "point", "pts", "分", "积分"), POINTS),
    **dict.fromkeys(("days", "day", "d", "天", "日", "个工作日", "工作日"), DAYS),
    **dict.fromkeys(("people", "person", "persons", "headcount", "人", "人数", "名"), PEOPLE),
    **dict.fromkeys(("元", "人民币", "rmb", "¥", "￥"), "CNY"),
}
_CURRENCIES: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
_ISO_4217: Final = frozenset(_CURRENCIES.split())


@frozen
class Conversion:
    """What one unit of a currency is in another kind: `CNY/USD` makes yuan of dollars."""

    of: str
    per: str

    def __str__(self) -> str:
        return f"{self.of or 1}/{self.per}"


Kind = str | Conversion
"""A currency is its own name."""
Kinds = frozenset[Kind] | None
"""What a number can be a quantity of; None: whatever fits, as a figure that is written without a unit."""
IN_POINTS: Final[frozenset[Kind]] = frozenset[Kind]({POINTS, BY_FIGURE})
COUNTED: Final[frozenset[Kind]] = frozenset[Kind](_COUNTED)
"""What a count, a place or a number of months can be: anything but money."""


def is_money(kind: Kind) -> bool:
    return isinstance(kind, str) and kind not in _COUNTED and kind != BY_FIGURE


def read_unit(unit: str, currency: str) -> Kinds:
    """What a declared unit is: `CNY/month` counts as money, `CNY/USD` is a rate; None where there is none."""
    base, _, per = (part.strip() for part in unit.partition("/"))
    if not base:
        return None
    of, divisor = (_read_word(word, currency) for word in (base, per))
    if not is_money(divisor):
        return IN_POINTS if of == POINTS else frozenset({of})
    return frozenset({PLAIN if of == divisor else Conversion(of, divisor)})


def _read_word(word: str, currency: str) -> str:
    if word in _ISO_4217:
        return word
    return _WORDS.get(word.lower(), word if word == currency else PLAIN)


def multiply(left: Kinds, right: Kinds) -> Kinds:
    """What a product is; empty where no reading of its factors has one."""
    if left is None or right is None:
        known = right if left is None else left
        return None if known is None or known & COUNTED else frozenset(_by_figure(known))
    return _combine(_product, left, right)


def divide(left: Kinds, right: Kinds) -> Kinds:
    """What a quotient is; empty where no reading has one."""
    if right is None:
        if left is None:
            return None
        # so many yuan a point, so many days a point: a figure divides into counted things of any kind
        return left if all(isinstance(kind, Conversion) for kind in left) else left | COUNTED
    if left is None:
        return COUNTED if all(map(is_money, right)) else None
    return _combine(_quotient, left, right)


def _by_figure(known: Iterable[Kind]) -> Iterable[Kind]:
    """Money by a figure stays money, or is points where the figure says how many a yuan gives."""
    for kind in known:
        yield kind
        yield kind.of if isinstance(kind, Conversion) else BY_FIGURE


def unite(left: Kinds, right: Kinds) -> Kinds:
    """What two numbers are that are added or compared; empty where they are unlike."""
    if left is None or right is None:
        return right if left is None else left
    common = left & right
    if common == {BY_FIGURE}:
        return IN_POINTS if POINTS in left | right else frozenset()
    return common


def _combine(rule: Callable[[Kind, Kind], Iterable[Kind]], left: frozenset[Kind], right: frozenset[Kind]) -> Kinds:
    pairs = product(left - {BY_FIGURE}, right - {BY_FIGURE})
    kinds = frozenset(kind for pair in pairs for kind in rule(*pair))
    has_points = POINTS in kinds and (left >= IN_POINTS or right >= IN_POINTS)
    return kinds | IN_POINTS if has_points else kinds


def _product(left: Kind, right: Kind) -> Iterable[Kind]:
    match left, right:
        case Conversion(), Conversion():
            chains = ((left, right), (right, left))
            return [Conversion(first.of, second.per) for first, second in chains if first.per == second.of]
        case (Conversion() as rate, other) | (other, Conversion() as rate):
            return [rate.of] if other == rate.per else [] if is_money(other) else [rate]
    if is_money(left) or is_money(right):
        return [] if is_money(left) and is_money(right) else [left if is_money(left) else right]
    return [PLAIN, left, right]


def _quotient(left: Kind, right: Kind) -> Iterable[Kind]:
    if left == right:
        return [PLAIN]
    match left, right:
        case Conversion(), Conversion():
            return []
        case Conversion(), _:
            return [] if is_money(right) else [left]
        case _, Conversion(of=of, per=per):
            return [per] if left == of else []
    if is_money(right):
        return [] if is_money(left) else COUNTED
    return [left] if is_money(left) else [PLAIN, left]
