"""Numbers of chapters and articles as regulations write them."""

from typing import Final

from scorecore_cli.language import _, current

_DIGITS: Final = "零一二三四五六七八九"
_HUNDRED: Final = 100
_TEN: Final = 10


def number_chapter(number: int) -> str:
    return _("Chapter {number}", number=write_ordinal(number))


def number_article(number: int) -> str:
    return _("Article {number}", number=write_ordinal(number))


def write_ordinal(number: int) -> str:
    """A number below 1,000 in the reader's digits: 21, 二十一."""
    return str(number) if current() != "zh" else _write_chinese(number)


def _write_chinese(number: int) -> str:
    hundreds, rest = divmod(number, _HUNDRED)
    tens, ones = divmod(rest, _TEN)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "") or _DIGITS[0]
