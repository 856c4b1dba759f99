"""Text with positions: what a diagnostic can point at."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from attrs import field, frozen


@frozen(order=True)
class Location:
    """A place in a text; lines and columns count from 1, columns in characters.

    Column 0 means the entire line, such as a row of facts; line 0 means the entire text.
    """

    source: str
    """The name of the text: a path, or what a person knows it by."""
    line: int
    """From 1; 0 means the entire text."""
    column: int
    """From 1; 0 means the entire line."""
    in_sheet: bool = False
    """Whether the text is a sheet of a workbook, whose columns are named by letters."""

    @property
    def cell(self) -> str:
        """The cell of a sheet, such as `C5`; empty if the place is not a cell."""
        return f"{_column_letters(self.column)}{self.line}" if self.in_sheet and self.column else ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.source}!{self.cell}"
        return ":".join((self.source, *(str(part) for part in (self.line, self.column) if part)))


def _column_letters(column: int) -> str:
    """The name of a column of a sheet, counted from 1: A, …, Z, AA and so on."""
    prefix, letter = divmod(column - 1, 26)
    return (_column_letters(prefix) if prefix else "") + chr(ord("A") + letter)


def _normalize_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n")


@frozen
class Source:
    """A text and the name by which a reader knows it: a path, or `galaxy.broker@2024.1`."""

    name: str
    text: str = field(converter=_normalize_line_ends)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Where the lines begin; of facts, which can be long, nobody asks for it."""
        return (0, *(ended.end() for ended in re.finditer("\n", self.text)))

    def locate(self, offset: int) -> Location:
        """The place of the character at `offset` (from 0)."""
        line = bisect_right(self._starts, offset)
        return Location(self.name, line, offset - self._starts[line - 1] + 1)

    def find_offset(self, location: Location) -> int:
        """The offset (from 0) of a place in this text; of a line or the text as a whole, where it begins."""
        start = self._starts[min(max(location.line, 1), len(self._starts)) - 1]
        return min(start + max(location.column - 1, 0), len(self.text))

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its end; empty past the end."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end]


@frozen
class Snippet:
    """A piece of text from a file: an expression, an identifier, a label.

    `offsets` has the position in the file of each character of `text`, and of its end. Escapes and line folding make
    the two differ, so places inside an expression are found through it.
    """

    text: str
    source: Source = field(repr=False)
    offsets: Sequence[int] = field(repr=False, eq=False)

    def locate(self, offset: int) -> Location:
        """The place in the file of the character at `offset` (from 0) of this snippet."""
        return self.source.locate(self.offsets[min(offset, len(self.text))])
