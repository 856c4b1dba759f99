"""Characters that nobody sees: a message that quotes them has to show them, or it says nothing."""

import re
import unicodedata
from typing import Final

_BLANKS: Final = "\t\n\v\f\r\x85\u2028\u2029"
"""Controls that are blanks."""
_FILLERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters and marks that are drawn as nothing."""
_SUSPECT: Final = re.compile(r"[^ -~\u3000-\u3163\u4e00-\u9fff\uff01-\uff9f]")
"""Beyond what nearly every text consists of; only such characters are looked up."""


def is_invisible(character: str) -> bool:
    """Whether a character is drawn as nothing and is not a blank: a joiner, a mark of direction, a control."""
    is_control = unicodedata.category(character) in {"Cc", "Cf"} and character not in _BLANKS
    return is_control or character in _FILLERS


def remove_invisible(text: str) -> str:
    """A text without characters that are drawn as nothing."""
    return _SUSPECT.sub(lambda matched: "" if is_invisible(matched[0]) else matched[0], text)


def escape_invisible(text: str) -> str:
    r"""A text in which one sees every character.

    >>> escape_invisible("E001\u200b"), escape_invisible("cafe\u0301")
    ('E001\\u200b', 'cafe\\u0301')
    """
    if not _SUSPECT.search(text):
        return text
    is_composed = unicodedata.is_normalized("NFC", text)
    return _SUSPECT.sub(lambda matched: _show(matched[0], is_composed=is_composed), text)


def _show(character: str, *, is_composed: bool) -> str:
    category = unicodedata.category(character)
    is_hidden = category[0] in "CZ" or character in _FILLERS or (category == "Mn" and not is_composed)
    return character.encode("unicode_escape").decode() if is_hidden else character
