"""Text with positions: what a problem can point at."""

from bisect import bisect_right
from collections.abc import Sequence

from attrs import field, frozen


@frozen(order=True)
class Location:
    """A place in a text; line and column count from 1, the column in characters.

    Column 0 means the whole line, such as a row of facts; line 0 means the whole text.
    """

    source: str
    line: int
    column: int
    in_sheet: bool = False
    """Whether the text is a sheet of a workbook, whose columns people know by letters."""

    @property
    def cell(self) -> str:
        """The cell of a sheet, such as `C5`; empty where none is meant."""
        return f"{_letters(self.column)}{self.line}" if self.in_sheet and self.column else ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.source}!{self.cell}"
        return ":".join((self.source, *(str(part) for part in (self.line, self.column) if part)))


def _letters(column: int) -> str:
    """The name of a column of a sheet: A, …, Z, AA and so on."""
    before, last = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


@frozen
class Source:
    """A text and the name under which a reader knows it: a path, or `galaxy.broker@2024.1`."""

    name: str
    text: str = field(converter=_lines)
    _starts: tuple[int, ...] = field(init=False, repr=False, eq=False)

    @_starts.default
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(at + 1 for at, character in enumerate(self.text) if character == "\n"))

    def locate(self, offset: int) -> Location:
        """Where the character at `offset` (from 0) stands."""
        line = bisect_right(self._starts, offset)
        return Location(self.name, line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its end; empty past the end."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end]


@frozen
class Snippet:
    """A piece of text that was written in a file: an expression, an identifier, a label.

    `offsets` says for each character of `text`, and for its end, where in the file it stands. Escapes and
    line folding make the two differ, so a place inside an expression is found through it.
    """

    text: str
    source: Source = field(repr=False)
    offsets: Sequence[int] = field(repr=False, eq=False)

    def locate(self, offset: int) -> Location:
        """Where in the file the character at `offset` (from 0) of this snippet stands."""
        return self.source.locate(self.offsets[min(offset, len(self.text))])
