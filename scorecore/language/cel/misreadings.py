"""What people write on paper, in spreadsheets and in other languages, and how an expression says it."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from attrs import frozen


@frozen
class Misreading:
    """What is marked in the text of an expression that cannot be read, and what to write there instead."""

    start: int
    text: str
    instead: str = ""
    """Empty where it is not known what was meant."""
    is_word: bool = False
    """Whether it is a word of which no name can be made: a label, or a text without quotes."""

    @property
    def params(self) -> dict[str, str]:
        params = {"text": self.text}
        params |= {"instead": self.instead} if self.instead else {}
        return params | ({"word": self.text} if self.is_word and not self.instead else {})


CHOICE: Final = "condition ? a : b"
INSTEAD: Final = {
    "×": "*",
    "÷": "/",
    "−": "-",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "=": "==",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "&": "&&",
    "|": "||",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "、": ",",
    "and": "&&",
    "or": "||",
    "not": "!",
}
_PHRASES: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = (
    (re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])"), lambda text: text.replace(",", "")),
    (re.compile(r"(?<![\w.])\d+(?:\.\d+)?[ ]*[%％]"), lambda text: write_percentage(text[:-1])),
    (re.compile(r"\b[Ii][Ff]\b"), lambda _: CHOICE),
    (re.compile(r"\bin\s*\([^()]*\)"), lambda text: text.replace("(", "[").replace(")", "]")),
    (re.compile(r"(?<![\w.])\d{4}-\d\d-\d\d(?!\w)"), 'date("{}")'.format),
    (re.compile(r"<>|=>|=<"), INSTEAD.__getitem__),
)
"""What the parser notices only after it."""
_WORD: Final = re.compile(r"[\u3400-\u9fff][\u3400-\u9fff\w]*")
"""Chinese words, which names are not made of."""
_UNDERSCORED: Final = re.compile(r"_[0-9_]+")
"""What follows the `1` of `1_000`."""


def write_percentage(number: str) -> str:
    """`60` per cent as an expression has it: `0.6`."""
    return f"{(Decimal(number.strip()) / 100).normalize():f}"


def find_misreading(text: str, offset: int, token: str) -> Misreading:
    """What is marked where a text cannot be read; `token` is what was not expected at `offset`, empty at the end."""
    for pattern, write in _PHRASES:
        for match in pattern.finditer(text):
            is_before = match.end() <= offset and not text[match.end() : offset].strip(" (")
            if match.start() <= offset < match.end() or is_before:
                return Misreading(match.start(), match[0], write(match[0]))
    word = _WORD.match(text, offset)
    if word and text[offset] not in INSTEAD:
        return Misreading(offset, word[0], is_word=True)
    return Misreading(offset, token, _replace(token))


def _replace(token: str) -> str:
    if token.lower() in INSTEAD:
        return INSTEAD[token.lower()]
    if _UNDERSCORED.fullmatch(token):
        return token.replace("_", "")
    ascii_token = unicodedata.normalize("NFKC", token)  # full-width brackets, commas, digits
    return ascii_token if ascii_token != token and ascii_token.isascii() else ""
