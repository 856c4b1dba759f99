"""Places as editors and browsers count them: lines from 0, and in a line the units of UTF-16."""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from attrs import field, frozen

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_FIRST_OF_TWO: Final = 0x10000
"""The first character that takes two units."""


class Position(NamedTuple):
    line: int
    character: int
    """Units of UTF-16 before it in its line."""


@frozen
class TextPositions:
    """From offsets of characters in a text to positions, and back; what is outside is moved to the nearest place."""

    text: str = field(repr=False)
    _starts: tuple[int, ...] = field(init=False, repr=False, eq=False)

    @_starts.default
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(match.end() for match in _LINE_END.finditer(self.text)))

    def locate(self, offset: int) -> Position:
        """The position of the character at an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, count_units(self.text[self._starts[line] : offset]))

    def find_offset(self, position: Position) -> int:
        """The offset of a position; between the two units of a character it is that of the character."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self.text)
        start, units = self._starts[position.line], 0
        end = _LINE_END.search(self.text, start)
        for offset in range(start, end.start() if end else len(self.text)):
            units += 1 + (ord(self.text[offset]) >= _FIRST_OF_TWO)
            if units > position.character:
                return offset
        return end.start() if end else len(self.text)


def count_units(text: str) -> int:
    """How many units of UTF-16 a text has."""
    return len(text) + sum(ord(character) >= _FIRST_OF_TWO for character in text)
