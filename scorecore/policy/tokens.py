"""TOML text as tokens with their places, for the reader of policies and for their layout.

Nothing is lost: the tokens of a text, joined, are the text. The text must be valid TOML, which `tomli` judges.
"""

import json
import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

from attrs import define, field


class TokenKind(Enum):
    SPACE = auto()
    """Blanks and tabs."""
    NEWLINE = auto()
    COMMENT = auto()
    """From `#` to the end of the line."""
    KEY = auto()
    """One part of a key, with its quotes if it has any."""
    VALUE = auto()
    """A string with its quotes, a number, a truth value, a date or a time."""
    SIGN = auto()
    """`=`, `.`, `,`, or a bracket: `[`, `]`, `{`, `}`; of the header of a table in a list `[[` and `]]`."""


class Token(NamedTuple):
    kind: TokenKind
    text: str
    start: int
    """The offset of its first character in the text, from 0."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_sign(self, *signs: str) -> bool:
        return self.kind is TokenKind.SIGN and self.text in signs


_STRING: Final = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3,5}'  # up to two quotes before the closing three belong to the string
    r"|'''[^']*(?:'(?!'')[^']*)*'{3,5}"
    r'|"[^"\\]*(?:\\.[^"\\]*)*"'
    r"|'[^']*'"
)
_SIGN_OR_KEY: Final = rf"(?P<SIGN>\[\[?|\]\]?|[{{}}=.,])|(?P<KEY>[A-Za-z0-9_-]+|{_STRING})"
"""Where a key may be: two brackets in a row are those of a header."""
_SIGN_OR_VALUE: Final = rf"(?P<SIGN>[\[\]{{}},])|(?P<VALUE>{_STRING}|(?:\d{{4}}-\d\d-\d\d (?=\d))?[^\s,\]}}#]+)"
"""Where a value may be; between the date and the time of a timestamp there may be a blank."""
_NEWLINE: Final = r"(?P<NEWLINE>\r?\n)"
_ALL: Final = tuple(
    re.compile(rf"(?P<SPACE>[ \t]+)|{_NEWLINE}|(?P<COMMENT>#[^\r\n]*)|{tokens}", re.DOTALL)
    for tokens in (_SIGN_OR_KEY, _SIGN_OR_VALUE)
)
"""Every token where a key may be, and where a value may be."""
_MEANINGFUL: Final = tuple(
    re.compile(rf"[ \t]*(?:#[^\r\n]*)?(?:{_NEWLINE}|{tokens})?", re.DOTALL) for tokens in (_SIGN_OR_KEY, _SIGN_OR_VALUE)
)
"""The same with the blanks and the comment before it; no group matches at the end of the text."""
_KINDS: Final = {kind.name: kind for kind in TokenKind}


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text that is valid TOML, in order and without gaps."""
    for name, match in _scan(text, _ALL):
        yield Token(_KINDS[name], match[0], match.start())


def tokenize_meaning(text: str) -> Iterator[tuple[str, int]]:
    """Text and offset of the tokens that mean something to TOML: blanks, line ends and comments are for people."""
    for name, match in _scan(text, _MEANINGFUL):
        if name and name != "NEWLINE":
            yield match[name], match.start(name)


def _scan(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[str, re.Match[str]]]:
    """Each match with the name of its group, empty if none matched."""
    context = _Context()
    start = 0
    while start < len(text):
        match = patterns[context.is_value].match(text, start)
        assert match  # noqa: S101  the text is valid TOML
        name = match.lastgroup or ""
        yield name, match
        if name == "SIGN" or name == "NEWLINE":  # noqa: PLR1714  the quickest way, for every token
            context.pass_over(match[name])
        start = match.end()


@define
class _Context:
    """What the tokens so far allow to follow."""

    is_value: bool = False
    """Whether a value comes next, and not a key."""
    brackets: list[bool] = field(factory=list)
    """Of each bracket that is open, whether it holds values: a list does, a header and a table hold keys."""

    def pass_over(self, text: str) -> None:
        """Pass over a sign or the end of a line."""
        if text == "=":
            self.is_value = True
        elif text in {"[", "[[", "{"}:
            self.brackets.append(self.is_value and text == "[")
            self.is_value = self.brackets[-1]
        elif text in {"]", "]]", "}"}:
            self.brackets.pop()
            self.is_value = bool(self.brackets) and self.brackets[-1]
        elif text == "," or not self.brackets:  # the end of an element, or of a line
            self.is_value = bool(self.brackets) and self.brackets[-1]


def quote_text(text: str) -> str:
    """A text as TOML writes it: as JSON does, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
