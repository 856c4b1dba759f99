"""TOML with positions: every key and every value is found where it stands, with the value that tomli reads."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from string import ascii_letters
from typing import Any, Final

import pytest
import tomli
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Source
from scorecore.policy.tokens import TokenKind, tokenize
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    read_toml,
)

NAME: Final = "policy.toml"
Path = tuple[str | int, ...]

draw_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\n\t\"'\\#=[]{}"), max_size=6
)
LITERALS: Final = [
    *("0", "-17", "+1_000", "0xDEAD_beef", "0o17", "0b1", "true", "false", "inf", "-nan"),
    *("3.14", "-0.01", "1e6", "6.626e-34", "9_224_617.445_991"),
    *("2024-05-31", "2024-05-31 07:32:00", "1979-05-27T00:32:00.999-07:00", "07:32:00"),
]
ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


@define
class Writer:
    """Writes a TOML text, and notes where everything in it begins."""

    draw: Callable[..., Any]
    text: str = ""
    keys: dict[Path, int] = field(factory=dict)
    """Where the names of keys begin, behind a quote; of a key that stands several times, the first."""
    values: dict[Path, int] = field(factory=dict)
    """Where values begin, or the headings of tables that are written with headings."""
    letters: dict[Path, list[int]] = field(factory=dict)
    """Where each letter of a text stands, and where it ends."""
    names: int = 0

    def write(self, text: str) -> None:
        self.text += text

    def one_of(self, *alternatives: str) -> str:
        choice: str = self.draw(st.sampled_from(alternatives))
        return choice

    def count(self, most: int) -> range:
        return range(self.draw(st.integers(0, most)))

    def space(self) -> None:
        self.write(self.one_of("", "", " ", "\t", "  "))

    def end(self) -> None:
        self.write(self.one_of("", "", " # 注 = [x]") + "\n" + self.one_of("", "", "\n", "  # a = 1\n"))

    def name(self) -> str:
        """A name that no other key has."""
        self.names += 1
        return f"{self.names}{self.one_of('', '中', 'a-b', ' ', '.')}"

    def key(self, path: Path) -> int:
        """The last name of a path, as a bare key where it can be one; and where it begins."""
        name = str(path[-1])
        bare = all(letter in ascii_letters + "0123456789_-" for letter in name)
        quote = self.one_of("", '"', "'") if bare else self.one_of('"', "'")
        self.write(quote)
        start = len(self.text)
        self.keys.setdefault(path, start)
        self.write(name + quote)
        return start

    def dotted(self, path: Path, names: list[str]) -> Path:
        """Several names with dots between them."""
        for number, name in enumerate(names):
            if number:
                self.space()
                self.write(".")
                self.space()
            path = (*path, name)
            self.key(path)
        return path

    def pair(self, table: Path, depth: int) -> None:
        path = self.dotted(table, [self.name() for _ in range(1 + len(self.count(2)))])
        for number in range(len(table) + 1, len(path)):
            self.values[path[:number]] = self.keys[path[:number]]
        self.space()
        self.write("=")
        self.space()
        self.value(path, depth)

    def value(self, path: Path, depth: int) -> None:
        self.values[path] = len(self.text)
        kind = self.one_of("literal", "text", "text", *(("list", "table") if depth else ()))
        if kind == "literal":
            self.write(self.one_of(*LITERALS))
        elif kind == "text":
            self.letters[path] = []
            self.string(self.letters[path], self.draw(draw_text))
        elif kind == "list":
            self.several("[", "]", lambda number: self.value((*path, number), depth - 1), lines=True)
        else:
            self.several("{", "}", lambda _: self.pair(path, depth - 1), lines=False)

    def several(self, start: str, end: str, write_member: Callable[[int], None], *, lines: bool) -> None:
        gap = self.end if lines and self.draw(st.booleans()) else self.space
        self.write(start)
        gap()
        for number in self.count(3):
            if number:
                self.write(",")
                gap()
            write_member(number)
            gap()
        self.write(end)

    def string(self, letters: list[int], text: str) -> None:
        kind = self.one_of('"', "'", '"""', "'''")
        raw = kind[0] == "'"
        if raw and (kind[0] in text or (len(kind) == 1 and "\n" in text)):
            kind, raw = '"""', False
        self.write(kind)
        if len(kind) > 1 and (text.startswith("\n") or self.draw(st.booleans())):
            self.write("\n")
        folded = False
        for letter in text:
            letters.append(len(self.text))
            needed = letter in {'"', "\\"} or (letter == "\n" and len(kind) == 1) or (letter in " \t\n" and folded)
            if not raw and (needed or self.draw(st.integers(0, 3)) == 0):
                self.write(ESCAPES.get(letter) or f"\\U{ord(letter):08X}")
            else:
                self.write(letter)
            folded = kind == '"""' and self.draw(st.integers(0, 4)) == 0
            if folded:
                self.write("\\  \n \t\n ")  # is no letter, and swallows blanks behind it
        letters.append(len(self.text))
        self.write(kind)


@st.composite
def documents(draw: Callable[..., Any]) -> Writer:
    """Pairs, and below them tables, lists of tables, and tables in the last of a list."""
    writer = Writer(draw)
    for _ in writer.count(3):
        writer.space()
        writer.pair((), 2)
        writer.end()
    tables: list[Path] = [()]
    lists: dict[Path, int] = {}
    for _ in writer.count(5):
        above = [str(name) for name in draw(st.sampled_from(tables)) if isinstance(name, str)]
        names = [*above, *(writer.name() for _ in range(1 + len(writer.count(1))))]
        if lists and draw(st.booleans()):
            names = [str(name) for name in draw(st.sampled_from(sorted(lists, key=str))) if isinstance(name, str)]
            tables.append(heading(writer, names, "[[", lists))
        else:
            tables.append(heading(writer, names, writer.one_of("[", "[["), lists))
        for _ in writer.count(3):
            writer.pair(tables[-1], 2)
            writer.end()
    return writer


def heading(writer: Writer, names: list[str], bracket: str, lists: dict[Path, int]) -> Path:
    """A heading of a table, or of the next one in a list; `lists` has the number of the last table of each."""
    writer.space()
    writer.write(bracket)
    writer.space()
    path: Path = ()
    for number, name in enumerate(names):
        if number:
            writer.write(".")
        path = (*path, name)
        start = writer.key(path)
        writer.values.setdefault(path, start)
        if number == len(names) - 1 and bracket == "[[":
            lists[path] = lists.get(path, -1) + 1
            path = (*path, lists[path])
            writer.values[path] = start
        elif path in lists:
            path = (*path, lists[path])
    writer.space()
    writer.write(bracket.replace("[", "]"))
    writer.end()
    return path


def found(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node of a tree with its path."""
    if path:
        yield path, node
    children = (
        node.entries.items()
        if isinstance(node, TomlTable)
        else enumerate(node.items)
        if isinstance(node, TomlArray)
        else ()
    )
    for name, child in children:
        yield from found(child, (*path, name))


def places(text: str, offsets: dict[Path, int]) -> dict[Path, tuple[int, int]]:
    """Lines and columns, counted from the text itself."""
    return {
        path: (text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1)
        for path, offset in offsets.items()
    }


def place(location: Location) -> tuple[int, int]:
    assert location.source == NAME
    return location.line, location.column


def plain(node: Node) -> object:
    if isinstance(node, TomlScalar):
        return node.value
    if isinstance(node, TomlArray):
        return [plain(member) for member in node.items]
    return {name: plain(member) for name, member in node.entries.items()}


def tree_of(text: str) -> TomlTable:
    diagnostics = Diagnostics()
    tree = read_toml(Source(NAME, text), diagnostics)
    assert tree is not None, list(map(str, diagnostics))
    return tree


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(writer=documents())
def test_values_are_those_of_tomli(end: str, writer: Writer) -> None:
    """The values are those that tomli reads."""
    text = writer.text.replace("\n", end)
    assert repr(plain(tree_of(text))) == repr(tomli.loads(text, parse_float=Decimal))  # nan equals nothing


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(writer=documents())
def test_everything_is_found_at_its_place(end: str, writer: Writer) -> None:
    """Every key and every value has the line and the column in which it begins, whatever the ends of lines."""
    nodes = dict(found(tree_of(writer.text.replace("\n", end))))
    assert {path: place(node.location) for path, node in nodes.items()} == places(writer.text, writer.values)
    tables = [
        ((), tree_of(writer.text)),
        *((path, node) for path, node in nodes.items() if isinstance(node, TomlTable)),
    ]
    keys = {(*path, name): place(offset) for path, table in tables for name, offset in table.keys.items()}
    assert keys == places(writer.text, writer.keys)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(writer=documents())
def test_letters_of_a_text_are_found(end: str, writer: Writer) -> None:
    """Each letter of a text, and its end, is found where it is written, behind escapes and folded lines too."""
    nodes = dict(found(tree_of(writer.text.replace("\n", end))))
    for path, letters in writer.letters.items():
        node = nodes[path]
        assert isinstance(node, TomlScalar)
        offsets = {(number,): offset for number, offset in enumerate(letters)}
        assert {(number,): place(node.snippet.locate(number)) for number in range(len(letters))} == places(
            writer.text, offsets
        )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(writer=documents())
def test_tokens_are_the_text(end: str, writer: Writer) -> None:
    """The tokens follow each other without gaps, and joined they are the text."""
    text = writer.text.replace("\n", end)
    tokens = list(tokenize(text))
    assert "".join(token.text for token in tokens) == text
    assert all(left.end == right.start for left, right in pairwise(tokens))


@given(writer=documents())
def test_tokens_at_the_places_of_values_are_the_values_of_tomli(writer: Writer) -> None:
    """Where a single value stands there is one token, which tomli reads as that value; no other token is a value."""
    values = {token.start: token.text for token in tokenize(writer.text) if token.kind is TokenKind.VALUE}
    scalars = {writer.values[path]: node for path, node in found(tree_of(writer.text)) if isinstance(node, TomlScalar)}
    assert values.keys() == scalars.keys()
    for start, node in scalars.items():
        alone = tomli.loads(f"alone = {values[start]}", parse_float=Decimal)["alone"]
        assert (repr(alone), len(values[start])) == (repr(node.value), node.length)


@given(writer=documents())
def test_keys_are_the_tokens_at_the_places_of_keys(writer: Writer) -> None:
    """Each part of a key is one token, quotes included."""
    starts = {token.start + (token.text[0] in "\"'") for token in tokenize(writer.text) if token.kind is TokenKind.KEY}
    assert starts >= set(writer.keys.values())


@given(writer=documents(), cut=st.floats(0, 1), noise=st.text("[]{}=.,\"'\n#a1 \\", max_size=3))
def test_what_is_not_toml_is_reported_at_its_place(writer: Writer, cut: float, noise: str) -> None:
    """A text that tomli refuses is refused in its line; in its column too, where no mistake has a name of its own."""
    text = writer.text[: int(cut * len(writer.text))] + noise
    diagnostics = Diagnostics()
    tree = read_toml(Source(NAME, text), diagnostics)
    places = [place(problem.location) for problem in diagnostics]
    if all(problem.kind is catalogue.NOT_TOML for problem in diagnostics):
        assert places == refusal(text)
    else:
        assert [line for line, _ in places] == [line for line, _ in refusal(text)]
    assert (tree is None) is bool(len(diagnostics))


def refusal(text: str) -> list[tuple[int, int]]:
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        return [(error.lineno, error.colno)]
    return []
