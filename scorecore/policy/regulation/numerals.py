"""Numbers as Chinese texts write them."""

from decimal import Decimal
from typing import Final

HAN_DIGITS: Final = "〇零一二两三四五六七八九"
_VALUES: Final = dict(zip(HAN_DIGITS, (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
MULTIPLES: Final = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

_NARROW: Final = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    0x3000: 0x20,
    0xA0: 0x20,
}
"""Full-width signs and digits, and wide blanks, each with the one that it stands for."""


def narrow(text: str) -> str:
    """A text with the signs of a typewriter instead of full-width ones; every character keeps its place."""
    return text.translate(_NARROW)


_ONES: Final = "[一二三四五六七八九]"
COUNTING: Final = f"(?:{_ONES}百(?:零{_ONES}|{_ONES}?十{_ONES}?)?|{_ONES}?十{_ONES}?|{_ONES})"
"""A pattern of the numbers that clauses are counted with: well-formed, from 1 to 999."""


def read_han(text: str) -> int | None:
    """The number that Chinese digits write, in places (二十七) or one by one (二〇一二); None if they write none."""
    if not text or any(character not in _VALUES and character not in _PLACES for character in text):
        return None
    if not any(character in _PLACES for character in text):
        return int("".join(str(_VALUES[character]) for character in text))
    total, digit = 0, None
    for character in text:
        if character in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[character]
            digit = None
        else:
            digit = _VALUES[character]
    return total + (digit or 0)


def read_number(text: str) -> Decimal | None:
    """A number in Arabic or Chinese digits; 半 is a half."""
    if text == "半":
        return Decimal("0.5")
    plain = text.replace(",", "")
    if plain.replace(".", "", 1).isdecimal() and plain.isascii():
        return Decimal(plain)
    han = read_han(text)
    return None if han is None else Decimal(han)
