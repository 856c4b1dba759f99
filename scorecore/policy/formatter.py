"""How a policy is laid out: blank lines, aligned signs and comments, keys in their usual order; no comment is lost.

Only blanks, line ends and the order of keys are ours; every word, number and comment stays as its author wrote it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final
from unicodedata import east_asian_width

from attrs import define, evolve, field, frozen

from scorecore.policy.key_order import Shape, in_usual_order, shape_of_key, shape_of_path
from scorecore.policy.model import Policy
from scorecore.policy.statements import (
    Bracket,
    Break,
    Comment,
    Node,
    Pair,
    Piece,
    Scalar,
    Statement,
    TableHeader,
    read_pieces,
)

INDENT: Final = "    "
_MAX_ALIGNED: Final = 110
"""Columns beyond which a comment is not aligned with those beside it."""


def format_toml(text: str, *, cases: bool = False) -> str:
    """A text of valid TOML in the usual layout; `cases` keep the order of their keys."""
    return "".join(f"{line}\n" for line in _Page(None if cases else Policy).write_lines(read_pieces(text)))


@frozen
class Line:
    text: str
    comment: str = ""
    indent: str = ""

    @property
    def width(self) -> int:
        return _measure_width(self.indent + self.text)


@define
class _Page:
    root: type | None
    """The class of the whole file; None: keys stay in their order."""
    shape: Shape = field(init=False)
    """The shape of the table that is being written."""
    path: tuple[str, ...] = ()
    """The parts of its header."""
    lines: list[Line] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.shape = self.root

    def write_lines(self, pieces: Iterable[Piece]) -> Iterator[str]:
        block: list[Statement | Comment] = []
        for piece in pieces:
            if isinstance(piece, Statement | Comment):
                block.append(piece)
                continue
            self.add_block(block)
            block = []
            if isinstance(piece, Break):
                self.add_blank()
            else:
                self.add_header(piece)
        self.add_block(block)
        while self.lines and not self.lines[-1].text:
            self.lines.pop()
        yield from _align_comments(self.lines)

    def add_blank(self) -> None:
        """A blank line, but not two, and none where the page or a table begins."""
        last = self.lines[-1] if self.lines else None
        if last and (last.text or last.comment) and not last.text.startswith("["):
            self.lines.append(Line(""))

    def add_header(self, header: TableHeader) -> None:
        """A header with a blank line before it, and before the comment right above it."""
        first = len(self.lines)
        while first and self.lines[first - 1].text.startswith("#"):
            first -= 1
        is_nested = self.path and header.path[: len(self.path)] == self.path and len(header.path) > len(self.path)
        if first and self.lines[first - 1].text and not is_nested:
            self.lines.insert(first, Line(""))
        closing = header.opening.replace("[", "]")
        self.path, self.shape = header.path, shape_of_path(self.root, header.path)
        self.lines.append(Line(header.opening + ".".join(header.path) + closing, header.comment))

    def add_block(self, pieces: Sequence[Statement | Comment]) -> None:
        """Statements and comments without a blank line among them: one column of signs."""
        keys = [piece.pair.key for piece in pieces if isinstance(piece, Statement)]
        widest = max(map(_measure_width, keys), default=0)
        for piece in self.order(pieces):
            if isinstance(piece, Comment):
                self.lines.append(Line(piece.text))
                continue
            key = piece.pair.key
            lead = f"{key}{' ' * (widest - _measure_width(key))} = "
            *before, last = _write_value(piece.pair.value, shape_of_key(self.shape, key), "", lead)
            self.lines += [*before, evolve(last, comment=piece.comment)]

    def order(self, pieces: Sequence[Statement | Comment]) -> Iterator[Statement | Comment]:
        """The statements between two comments in their usual order."""
        run: list[Statement] = []
        for piece in pieces:
            if isinstance(piece, Statement):
                run.append(piece)
                continue
            yield from in_usual_order(run, [statement.pair.key for statement in run], self.shape)
            yield piece
            run = []
        yield from in_usual_order(run, [statement.pair.key for statement in run], self.shape)


def _write_value(node: Node, shape: Shape, indent: str, lead: str) -> list[Line]:
    """A value as lines, the first after its `lead`, the text before it."""
    if isinstance(node, Scalar):
        return [Line(lead + node.text, indent=indent)]
    if not node.is_long:
        return [Line(lead + _write_flat(node, shape), indent=indent)]
    if not node.is_broken:
        return _write_hanging(node, shape, indent, lead)
    return _write_broken(node, shape, indent, lead)


def _write_broken(bracket: Bracket, shape: Shape, indent: str, lead: str) -> list[Line]:
    """A list or an inline table whose author wrote it on more than one line, with the line ends where they were."""
    lines = [Line(lead + bracket.opening, indent=indent)]
    inner_indent, on_new_line = indent + INDENT, False
    last = bracket.elements[-1] if bracket.elements else None
    for part in bracket.parts:
        if isinstance(part, Break):
            on_new_line = True
        elif isinstance(part, Comment):
            if on_new_line or lines[-1].comment:
                lines.append(Line(part.text, indent=inner_indent))
            else:
                lines[-1] = evolve(lines[-1], comment=part.text)
            on_new_line = True
        else:
            continues_line = not on_new_line and len(lines) > 1 and not lines[-1].comment
            part_lead = f"{lines.pop().text} " if continues_line else ""
            comma = "," if part is not last or bracket.closing == "]" else ""
            lines += _append(_write_element(part, shape, inner_indent, part_lead), comma)
            on_new_line = False
    return [*lines, Line(bracket.closing, indent=indent)]


def _write_hanging(bracket: Bracket, shape: Shape, indent: str, lead: str) -> list[Line]:
    """A list or an inline table in one line, except for what is written on more than one line in it."""
    lines = [Line(f"{lead}{bracket.opening}", indent=indent)]
    for number, element in enumerate(bracket.elements):
        element_lead = f"{lines.pop().text}{',' if number else ''} "
        lines += _write_element(element, shape, indent, element_lead)
    return _append(lines, f" {bracket.closing}")


def _append(lines: Sequence[Line], text: str) -> list[Line]:
    """The lines with a text after the last."""
    *before, last = lines
    return [*before, evolve(last, text=last.text + text)]


def _write_element(element: Pair | Node, shape: Shape, indent: str, lead: str) -> list[Line]:
    if isinstance(element, Pair):
        return _write_value(element.value, shape_of_key(shape, element.key), indent, f"{lead}{element.key} = ")
    return _write_value(element, shape, indent, lead)


def _write_flat(element: Pair | Node, shape: Shape) -> str:
    """A value in one line."""
    if isinstance(element, Scalar):
        return element.text
    if isinstance(element, Pair):
        return f"{element.key} = {_write_flat(element.value, shape_of_key(shape, element.key))}"
    elements = element.elements
    if element.opening == "{":
        elements = in_usual_order(elements, [pair.key for pair in elements if isinstance(pair, Pair)], shape)
    inside = ", ".join(_write_flat(inner, shape) for inner in elements)
    if element.opening == "{":
        return f"{{ {inside} }}" if inside else "{}"
    is_wide = any(isinstance(inner, Bracket) for inner in elements)
    return f"[ {inside} ]" if is_wide else f"[{inside}]"


def _align_comments(lines: Sequence[Line]) -> Iterator[str]:
    """The lines with their comments; those of neighbours are aligned."""
    for (has_comment, _), group in groupby(lines, lambda line: (bool(line.comment), line.indent)):
        run = list(group)
        widest = max((line.width for line in run if line.width <= _MAX_ALIGNED), default=0)
        for line in run:
            gap = " " * max(2, widest + 2 - line.width) if has_comment else ""
            yield f"{line.indent}{line.text}{gap}{line.comment}" if line.text or line.comment else ""


def _measure_width(text: str) -> int:
    """How many cells wide the last line of a text is; a Chinese character is two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text.rpartition("\n")[2])
