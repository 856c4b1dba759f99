"""TOML text as tokens with their places, for the reader of policies and for their layout.

Nothing is lost: the tokens of a text, joined, are the text. The text must be valid TOML, which `tomli` judges.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from attrs import define, field, frozen


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


@frozen
class Token:
    kind: TokenKind
    text: str
    start: int
    """The offset of its first character in the text, from 0."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_sign(self, *signs: str) -> bool:
        return self.kind is TokenKind.SIGN and self.text in signs


_STRING: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"{3,5}'  # up to two quotes before the closing three belong to the string
    r"|'''[^']*(?:'(?!'')[^']*)*'{3,5}"
    r'|"[^"\\]*(?:\\.[^"\\]*)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE: Final = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2} (?=[0-9]))?[^\s,\]}#]+")
"""A value without quotes; between the date and the time of a timestamp there may be a blank."""
_BLANKS: Final = re.compile(r"[ \t]+")
_LINE_END: Final = re.compile(r"\r?\n")
_PATTERNS: Final = {
    " ": (TokenKind.SPACE, _BLANKS),
    "\t": (TokenKind.SPACE, _BLANKS),
    "\r": (TokenKind.NEWLINE, _LINE_END),
    "\n": (TokenKind.NEWLINE, _LINE_END),
    "#": (TokenKind.COMMENT, re.compile(r"#[^\r\n]*")),
}
"""Tokens that their first character tells, wherever they stand."""


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of a text that is valid TOML, in order and without gaps."""
    state = _State()
    start = 0
    while start < len(text):
        kind, end = _match_token(text, start, state)
        token = Token(kind, text[start:end], start)
        yield token
        state.pass_over(token)
        start = end


@define
class _State:
    """What the tokens so far allow to follow."""

    in_value: bool = False
    """Whether a value comes next, and not a key."""
    brackets: list[tuple[str, bool]] = field(factory=list)
    """The brackets that are open, and whether each holds values: a list does, a header and a table hold keys."""

    def pass_over(self, token: Token) -> None:
        if token.kind is TokenKind.NEWLINE and not self.brackets:
            self.in_value = False
        elif token.is_sign("="):
            self.in_value = True
        elif token.is_sign("[", "[[", "{"):
            self.brackets.append((token.text, self.in_value and token.text == "["))
            self.in_value = self.holds_values
        elif token.is_sign("]", "]]", "}"):
            self.brackets.pop()
            self.in_value = self.holds_values
        elif token.is_sign(","):
            self.in_value = self.holds_values

    @property
    def holds_values(self) -> bool:
        return bool(self.brackets) and self.brackets[-1][1]


def _match_token(text: str, start: int, state: _State) -> tuple[TokenKind, int]:
    """The kind and the end of the token that begins at an offset."""
    character = text[start]
    if character in _PATTERNS:
        kind, pattern = _PATTERNS[character]
        return kind, _find_end(pattern, text, start)
    if character in "{}=,":
        return TokenKind.SIGN, start + 1
    if character == "[":
        is_list_header = not state.in_value and text.startswith("[[", start)
        return TokenKind.SIGN, start + (2 if is_list_header else 1)
    if character == "]":
        opening, _ = state.brackets[-1]
        return TokenKind.SIGN, start + len(opening)
    if character == "." and not state.in_value:
        return TokenKind.SIGN, start + 1
    is_string = character in "\"'"
    if state.in_value:
        return TokenKind.VALUE, _find_end(_STRING if is_string else _BARE_VALUE, text, start)
    return TokenKind.KEY, _find_end(_STRING if is_string else _BARE_KEY, text, start)


def _find_end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    assert match  # noqa: S101  the text is valid TOML
    return match.end()
