"""Places as editors and browsers count them: lines from 0, and in a line the units of an encoding, mostly of UTF-16."""

import re
from bisect import bisect_right
from typing import Final, NamedTuple

from attrs import field, frozen

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_ENCODINGS: Final = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
"""How each is encoded, and the bytes of a unit."""


class Position(NamedTuple):
    line: int
    character: int
    """Units before it in its line."""


@frozen
class TextPositions:
    """From offsets of characters in a text to positions, and back; what is outside is moved to the nearest place."""

    text: str = field(repr=False)
    encoding: str = "utf-16"
    _starts: tuple[int, ...] = field(init=False, repr=False, eq=False)

    @_starts.default
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(match.end() for match in _LINE_END.finditer(self.text)))

    def locate(self, offset: int) -> Position:
        """The position of the character at an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, count_units(self.text[self._starts[line] : offset], self.encoding))

    def find_offset(self, position: Position) -> int:
        """The offset of a position; between the two units of a character it is that of the character."""
        if position.line < 0:
            return 0
        if position.line >= len(self._starts):
            return len(self.text)
        start, units = self._starts[position.line], 0
        end = _LINE_END.search(self.text, start)
        for offset in range(start, end.start() if end else len(self.text)):
            units += count_units(self.text[offset], self.encoding)
            if units > position.character:
                return offset
        return end.start() if end else len(self.text)


def count_units(text: str, encoding: str = "utf-16") -> int:
    """How many units of an encoding a text has."""
    name, width = _ENCODINGS[encoding]
    return len(text) if text.isascii() else len(text.encode(name, "surrogatepass")) // width
