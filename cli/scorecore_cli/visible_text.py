"""Characters that act instead of showing are made visible wherever people read.

A name from the facts or a reason in a record may hold colours of a terminal, a line feed that begins a sentence of
ours, marks that turn the order of writing round, or nothing that can be seen. They are data, and stay as they are in
files for programs; on a screen and on a page they show as what they are.
"""

import re
from typing import Final

_ACTING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1, but tabs and line feeds
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f\ud800-\udfff]"
)
"""Control characters, marks of direction, what has no width, and halves of characters."""
_BREAKING: Final = re.compile(r"[\n\t]")


def make_visible(text: str) -> str:
    r"""A text of many lines in which active characters are shown as escapes.

    >>> print(make_visible("B1001\x1b[2J\u202e"))
    B1001\x1b[2J\u202e
    """
    return _ACTING.sub(_escape, text)


def make_line(text: str) -> str:
    r"""A text that stays in its line.

    >>> print(make_line("late\nthe record is sound"))
    late\nthe record is sound
    """
    return _BREAKING.sub(_escape, make_visible(text))


def make_json_visible(text: str) -> str:
    r"""JSON with what acts in its texts escaped as JSON has it, so that a program reads the same.

    >>> print(make_json_visible('"a\u202eb"'))
    "a\u202eb"
    """
    return _ACTING.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _utf16(found[0])), text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _utf16(character: str) -> list[int]:
    units = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(units[place : place + 2], "big") for place in range(0, len(units), 2)]
