"""TOML text as tokens with their places, for the reader of policies and for their layout.

Nothing is lost: the tokens of a text, joined, are the text. The text must be valid TOML, which `tomli` judges.
"""

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

    @property
    def is_written_for_people(self) -> bool:
        """Whether TOML gives it no meaning: blanks, line ends and comments."""
        return self.kind is TokenKind.SPACE or self.kind is TokenKind.NEWLINE or self.kind is TokenKind.COMMENT

    def is_sign(self, *signs: str) -> bool:
        return self.kind is TokenKind.SIGN and self.text in signs


_STRING: Final = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3,5}'  # up to two quotes before the closing three belong to the string
    r"|'''[^']*(?:'(?!'')[^']*)*'{3,5}"
    r'|"[^"\\]*(?:\\.[^"\\]*)*"'
    r"|'[^']*'"
)
_ANYWHERE: Final = r"(?P<SPACE>[ \t]+)|(?P<NEWLINE>\r?\n)|(?P<COMMENT>#[^\r\n]*)"
_KEYS: Final = re.compile(rf"{_ANYWHERE}|(?P<SIGN>\[\[?|\]\]?|[{{}}=.,])|(?P<KEY>[A-Za-z0-9_-]+|{_STRING})", re.DOTALL)
"""Tokens where a key may stand: two brackets in a row are those of a header."""
_VALUES: Final = re.compile(
    rf"{_ANYWHERE}|(?P<SIGN>[\[\]{{}},])|(?P<VALUE>{_STRING}|(?:\d{{4}}-\d\d-\d\d (?=\d))?[^\s,\]}}#]+)", re.DOTALL
)
"""Tokens where a value may stand; between the date and the time of a timestamp there may be a blank."""
_KINDS: Final = {kind.name: kind for kind in TokenKind}


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text that is valid TOML, in order and without gaps."""
    context = _Context()
    start = 0
    while start < len(text):
        match = (_VALUES if context.is_value else _KEYS).match(text, start)
        assert match  # noqa: S101  the text is valid TOML
        token = Token(_KINDS[match.lastgroup or ""], match[0], start)
        yield token
        if token.kind is TokenKind.SIGN or token.kind is TokenKind.NEWLINE:
            context.pass_over(token)
        start = match.end()


@define
class _Context:
    """What the tokens so far allow to follow."""

    is_value: bool = False
    """Whether a value comes next, and not a key."""
    brackets: list[bool] = field(factory=list)
    """Of each bracket that is open, whether it holds values: a list does, a header and a table hold keys."""

    def pass_over(self, token: Token) -> None:
        if token.text == "=":
            self.is_value = True
        elif token.text in {"[", "[[", "{"}:
            self.brackets.append(self.is_value and token.text == "[")
            self.is_value = self.brackets[-1]
        elif token.text in {"]", "]]", "}"}:
            self.brackets.pop()
            self.is_value = bool(self.brackets) and self.brackets[-1]
        elif token.text == "," or not self.brackets:  # the end of an element, or of a line
            self.is_value = bool(self.brackets) and self.brackets[-1]
