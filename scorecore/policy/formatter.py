"""How a policy is laid out: blank lines, aligned signs and comments, keys in their usual order; no comment is lost.

TOML libraries that keep comments keep each where it stood in the text, and do not know which values belong together.
What is needed here is less than that: the text as statements, each with its words as they were written. Only blanks,
line ends and the order of keys are ours; every word, number and comment stays as its author wrote it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from types import NoneType
from typing import Any, Final, get_args, get_origin
from unicodedata import east_asian_width

import attrs
from attrs import define, evolve, field, frozen

from scorecore.policy.model import (
    HIDDEN,
    EventsDeclaration,
    FactDeclaration,
    Policy,
)

INDENT: Final = "    "
_WIDEST: Final = 110
"""Columns beyond which a comment is not aligned with those beside it."""
_USUAL: Final = {EventsDeclaration: ("label", "key", "dated_by", "shared", "fixed", "shown", "open", "fields")}
"""The order of keys where that of the class is not it: `key` stands last there, for it hides the function `key`."""
_BLANKS: Final = re.compile(r"[ \t]*")
_WORD: Final = re.compile(r"[^\s,\]}#=]+(?: [0-9][0-9:.]*(?:[+-][0-9:]+|Z)?)?")
"""A value without quotes; a timestamp may have a blank in it."""
_KEY: Final = re.compile(r"""[ \t]*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_COMMENT: Final = re.compile(r"#[^\n]*")


def format_toml(text: str, *, cases: bool = False) -> str:
    """A text of valid TOML in the usual layout; `cases` keep the order of their keys."""
    return "".join(f"{line}\n" for line in _Page(None if cases else Policy).lines(_LayoutReader(text).pieces()))


# the pieces of a text


@frozen
class Scalar:
    text: str


@frozen
class Pair:
    key: str
    value: "Node"


@frozen
class Comment:
    text: str


class Break:
    """The end of a line."""


@frozen
class Bracket:
    """A list or an inline table: pairs or values, and the comments and line ends among them."""

    opening: str
    parts: tuple["Pair | Node | Comment | Break", ...]

    @property
    def is_broken(self) -> bool:
        """Whether it goes over several lines itself."""
        kept = Comment | Break if self.elements else Comment
        return any(isinstance(one, kept) for one in self.parts)

    @property
    def is_long(self) -> bool:
        """Whether it, or something in it, does."""
        inside = (one.value if isinstance(one, Pair) else one for one in self.elements)
        return self.is_broken or any(isinstance(one, Bracket) and one.is_long for one in inside)

    @property
    def elements(self) -> list["Pair | Node"]:
        return [one for one in self.parts if not isinstance(one, Comment | Break)]


Node = Scalar | Bracket


@frozen
class Statement:
    pair: Pair
    comment: str = ""


@frozen
class TableHeader:
    opening: str
    path: tuple[str, ...]
    comment: str = ""


Piece = Statement | TableHeader | Comment | Break


@define
class _LayoutReader:
    text: str
    at: int = 0

    def pieces(self) -> Iterator[Piece]:
        """Statements, headers, comments on lines of their own, and blank lines."""
        while self.skip() < len(self.text):
            if self.text[self.at] == "\n":
                self.at += 1
                yield Break()
                continue
            if self.text[self.at] == "#":
                piece: Piece = Comment(self.comment())
            elif self.text[self.at] == "[":
                piece = self.header()
            else:
                piece = Statement(self.pair(), self.comment())
            yield piece
            self.at += 1  # the end of the line

    def skip(self) -> int:
        found = _BLANKS.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def comment(self) -> str:
        self.skip()
        found = _COMMENT.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[0].rstrip() if found else ""

    def header(self) -> TableHeader:
        opening = "[[" if self.text.startswith("[[", self.at) else "["
        self.at += len(opening)
        path = self.path()
        self.at += len(opening)
        return TableHeader(opening, path, self.comment())

    def path(self) -> tuple[str, ...]:
        """The parts of a key as they are written, quotes included."""
        parts = []
        while True:
            found = _KEY.match(self.text, self.at)
            assert found  # noqa: S101  the text is valid TOML
            parts.append(found[0].strip())
            self.at = found.end()
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def pair(self) -> Pair:
        key = ".".join(self.path())
        self.at += 1  # the equals sign
        self.skip()
        return Pair(key, self.value())

    def value(self) -> Node:
        first = self.text[self.at]
        if first in "[{":
            return self.bracket()
        if first in "\"'":
            return Scalar(self.quoted())
        found = _WORD.match(self.text, self.at)
        assert found  # noqa: S101  the text is valid TOML
        self.at = found.end()
        return Scalar(found[0])

    def bracket(self) -> Bracket:
        opening = self.text[self.at]
        self.at += 1
        parts: list[Pair | Node | Comment | Break] = []
        while self.text[self.skip()] not in "]}":
            letter = self.text[self.at]
            if letter == "\n":
                self.at += 1
                parts += [] if parts and isinstance(parts[-1], Break) else [Break()]
            elif letter == ",":
                self.at += 1
            elif letter == "#":
                parts.append(Comment(self.comment()))
            else:
                parts.append(self.value() if opening == "[" else self.pair())
        self.at += 1
        return Bracket(opening, tuple(parts))

    def quoted(self) -> str:
        start, quote = self.at, self.text[self.at]
        delimiter = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(delimiter)
        while not self.closes(delimiter):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(delimiter)
        return self.text[start : self.at]

    def closes(self, delimiter: str) -> bool:
        """Whether the string ends here; up to two quotes before a closing triple belong to it."""
        further = len(delimiter) == 3 and self.text.startswith(delimiter, self.at + 1)  # noqa: PLR2004  three quotes
        return self.text.startswith(delimiter, self.at) and not further


# the page


@frozen
class Line:
    text: str
    comment: str = ""
    indent: str = ""

    @property
    def width(self) -> int:
        return _width(self.indent + self.text)


@define
class _Page:
    root: type | None
    """The class of the whole file; None: keys stay in their order."""
    here: Any = field(init=False)
    """The class of the table that is being written, or the type of its values."""
    path: tuple[str, ...] = ()
    found: list[Line] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.here = self.root

    def lines(self, pieces: Iterable[Piece]) -> Iterator[str]:
        block: list[Piece] = []
        for piece in pieces:
            if isinstance(piece, Break | TableHeader):
                self.block(block)
                block = []
            if isinstance(piece, Break):
                self.blank()
            elif isinstance(piece, TableHeader):
                self.header(piece)
            else:
                block.append(piece)
        self.block(block)
        while self.found and not self.found[-1].text:
            self.found.pop()
        yield from _with_comments(self.found)

    def blank(self) -> None:
        """A blank line, but not two, and none where the page or a table begins."""
        last = self.found[-1] if self.found else None
        if last and (last.text or last.comment) and not last.text.startswith("["):
            self.found.append(Line(""))

    def header(self, of: TableHeader) -> None:
        """A header with a blank line before it, and before the comment that stands right above it."""
        at = len(self.found)
        while at and self.found[at - 1].text.startswith("#"):
            at -= 1
        below = self.path and of.path[: len(self.path)] == self.path and len(of.path) > len(self.path)
        if at and self.found[at - 1].text and not below:
            self.found.insert(at, Line(""))
        closing = of.opening.replace("[", "]")
        self.path, self.here = of.path, _of_path(self.root, of.path)
        self.found.append(Line(of.opening + ".".join(of.path) + closing, of.comment))

    def block(self, pieces: Sequence[Piece]) -> None:
        """Statements and comments without a blank line among them: one column of signs."""
        ordered = list(self.ordered(pieces))
        widest = max((_width(one.pair.key) for one in ordered if isinstance(one, Statement)), default=0)
        for one in ordered:
            if isinstance(one, Comment):
                self.found.append(Line(one.text))
            elif isinstance(one, Statement):
                key = one.pair.key
                of = _of_key(self.here, key)
                *before, last = _value(one.pair.value, of, "", f"{key}{' ' * (widest - _width(key))} = ")
                self.found += [*before, evolve(last, comment=one.comment)]

    def ordered(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """The statements between two comments in their usual order."""
        for is_statement, several in groupby(pieces, lambda one: isinstance(one, Statement)):
            run = list(several)
            yield from _in_order(run, [one.pair.key for one in run], self.here) if is_statement else run  # type: ignore[union-attr]


def _value(of: Node, kind: Any, indent: str, before: str) -> list[Line]:  # noqa: ANN401  a type or None
    """A value as lines, the first behind what stands before it."""
    if isinstance(of, Scalar):
        return [Line(before + of.text, indent=indent)]
    if not of.is_long:
        return [Line(before + _flat(of, kind), indent=indent)]
    if not of.is_broken:
        return _hanging(of, kind, indent, before)
    closing = "]" if of.opening == "[" else "}"
    lines = [Line(before + of.opening, indent=indent)]
    inner, fresh = indent + INDENT, False
    last = of.elements[-1] if of.elements else None
    for one in of.parts:
        if isinstance(one, Break):
            fresh = True
        elif isinstance(one, Comment):
            alone = fresh or lines[-1].comment
            lines = (
                [*lines, Line(one.text, indent=inner)] if alone else [*lines[:-1], evolve(lines[-1], comment=one.text)]
            )
            fresh = True
        else:
            shared = not fresh and len(lines) > 1 and not lines[-1].comment
            lead = f"{lines.pop().text} " if shared else ""
            made = _element(one, kind, inner, lead)
            comma = "," if one is not last or closing == "]" else ""
            lines += [*made[:-1], evolve(made[-1], text=made[-1].text + comma)]
            fresh = False
    return [*lines, Line(closing, indent=indent)]


def _hanging(of: Bracket, kind: Any, indent: str, before: str) -> list[Line]:  # noqa: ANN401  a type or None
    """A list or an inline table in one line, but for what goes over several lines in it."""
    closing = " ]" if of.opening == "[" else " }"
    lines = [Line(f"{before}{of.opening}", indent=indent)]
    for number, one in enumerate(of.elements):
        lead = f"{lines.pop().text}{',' if number else ''} "
        lines += _element(one, kind, indent, lead)
    return [*lines[:-1], evolve(lines[-1], text=lines[-1].text + closing)]


def _element(of: Pair | Node, kind: Any, indent: str, lead: str) -> list[Line]:  # noqa: ANN401  a type or None
    if isinstance(of, Pair):
        return _value(of.value, _of_key(kind, of.key), indent, f"{lead}{of.key} = ")
    return _value(of, kind, indent, lead)


def _flat(of: Pair | Node, kind: Any) -> str:  # noqa: ANN401  a type or None
    """A value in one line."""
    if isinstance(of, Scalar):
        return of.text
    if isinstance(of, Pair):
        return f"{of.key} = {_flat(of.value, _of_key(kind, of.key))}"
    elements = of.elements
    if of.opening == "{":
        elements = _in_order(elements, [one.key for one in elements if isinstance(one, Pair)], kind)
    inside = ", ".join(_flat(one, kind) for one in elements)
    if of.opening == "{":
        return f"{{ {inside} }}" if inside else "{}"
    wide = any(isinstance(one, Bracket) for one in elements)
    return f"[ {inside} ]" if wide else f"[{inside}]"


def _with_comments(lines: Sequence[Line]) -> Iterator[str]:
    """The lines with their comments; those of neighbours stand below each other."""
    for (has_comment, _), several in groupby(lines, lambda one: (bool(one.comment), one.indent)):
        run = list(several)
        widest = max((one.width for one in run if one.width <= _WIDEST), default=0)
        for one in run:
            gap = " " * max(2, widest + 2 - one.width) if has_comment else ""
            yield f"{one.indent}{one.text}{gap}{one.comment}" if one.text or one.comment else ""


def _width(text: str) -> int:
    """How many cells wide the last line of a text is; a Chinese character is two."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in text.rpartition("\n")[2])


# the usual order of keys


def _in_order(several: Sequence[Any], names: Sequence[str], of: Any) -> list[Any]:  # noqa: ANN401  pieces, and a type
    """Pieces in the order of the keys of a class, within the places that these have; what else stands there stays."""
    order = _order(of)
    places = [at for at, name in enumerate(names) if name in order]
    ranked = sorted(places, key=lambda at: order.index(names[at]))
    found = list(several)
    for place, at in zip(places, ranked, strict=True):
        found[place] = several[at]
    return found


def _order(of: Any) -> tuple[str, ...]:  # noqa: ANN401  a type or None
    if not _is_part(of) or of is Policy:
        return ()
    own = tuple(
        one.name.rstrip("_")
        for one in attrs.fields(of)
        if not one.metadata.get(HIDDEN) and one.name != "authority"  # it stands wherever its author put it
    )
    return _USUAL.get(of, own)


def _is_part(of: Any) -> bool:  # noqa: ANN401  a type or None
    return isinstance(of, type) and attrs.has(of)


def _of_path(root: Any, path: Sequence[str]) -> Any:  # noqa: ANN401  a type or None
    of = root
    for one in path:
        of = _of_key(of, one)
    return of


def _of_key(of: Any, key: str) -> Any:  # noqa: ANN401  a type or None
    """The class of what stands under a key; of a list that of its elements, of named parts a name's."""
    for one in key.split("."):
        of = _inside(of, one)
    return of


def _inside(of: Any, key: str) -> Any:  # noqa: ANN401  a type or None
    if of is Policy and key == "facts":
        return _FACTS
    if of is _FACTS:
        return _TABLE
    if of is _TABLE:  # the subject's facts, or a table of events
        return dict[str, FactDeclaration] if key == "fields" else FactDeclaration if key not in _EVENTS else None
    if get_origin(of) is dict:
        return _plain(get_args(of)[1])
    if not _is_part(of):
        return None
    found = {one.name.rstrip("_"): one.type for one in attrs.fields(of) if not one.metadata.get(HIDDEN)}
    return _plain(found.get(key))


def _plain(of: Any) -> Any:  # noqa: ANN401  a type or None
    """The class in a type: of what may be left out, and of the elements of a list."""
    if get_origin(of) is tuple:
        return _plain(get_args(of)[0])
    members = [one for one in get_args(of) if one is not NoneType] if get_origin(of) is not dict else []
    return next(filter(_is_part, members), of)


_FACTS: Final = object()
_TABLE: Final = object()
_EVENTS: Final = frozenset(_USUAL[EventsDeclaration]) - {"fields"}
