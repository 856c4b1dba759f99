"""TOML text as a tree that knows the place of everything.

`tomli` is the judge of what is TOML and of every value. It keeps no positions, so these come from the tokens of the
text, which is known to be valid by then.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

import tomli
from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.policy.tokens import tokenize_meaning
from scorecore.policy.toml_mistakes import UNREADABLE, describe_mistake, leave_out_statement

MAX_CHARACTERS: Final = 2_000_000
"""Characters of a policy file; ten times the longest measure of the domain with all its tables."""

Value = str | int | Decimal | bool | date | datetime | time


@frozen(eq=False)
class TomlScalar:
    """A single value; a string also knows the place of each of its characters."""

    value: Value
    location: Location
    snippet: Snippet
    length: int
    """How many characters it has in the file, quotes included."""


@define(eq=False)
class TomlArray:
    location: Location
    items: list["Node"] = field(factory=list)


@define(eq=False)
class TomlTable:
    """Keys in the order of the file, each with the place of the key."""

    location: Location
    entries: dict[str, "Node"] = field(factory=dict)
    keys: dict[str, Location] = field(factory=dict)
    name: tuple[Location, int] | None = None
    """Where the key that names it is, and how long it is; None in a list."""
    lost: frozenset[str] = frozenset()
    """Of a whole text: the words of statements that were left out."""
    is_whole: bool = True
    """Of a whole text: whether all headings are there."""

    @property
    def span(self) -> tuple[Location, int]:
        """What to mark when the whole table is meant."""
        return self.name or (self.location, 1)

    def get(self, *path: str) -> "Node | None":
        """The node at the end of a path of keys, if there is one."""
        node: Node | None = self
        for key in path:
            node = node.entries.get(key) if isinstance(node, TomlTable) else None
        return node


Node = TomlScalar | TomlArray | TomlTable


def is_unreadable(node: Node) -> bool:
    """Whether a node stands for the value of a statement that was left out."""
    return isinstance(node, TomlScalar) and node.value == UNREADABLE


def read_toml(source: Source, diagnostics: Diagnostics, *, leaves_out: bool = False) -> TomlTable | None:
    """Read TOML; None if it is not TOML, with the problem.

    With `leaves_out` every mistake is reported, and the tree is of the text without the statements that have one.
    """
    if len(source.text) > MAX_CHARACTERS:
        diagnostics.add(catalogue.TOO_LONG, Location(source.name, 0, 0), length=len(source.text), limit=MAX_CHARACTERS)
        return None
    try:
        return _read_tree(source, diagnostics, leaves_out=leaves_out)
    except _TooLarge as error:
        diagnostics.add(catalogue.NUMBER_TOO_LARGE, error.location, len(error.number), number=_abbreviate(error.number))
    except ValueError:  # Python's own limit for the digits of an integer
        match = _TOO_MANY_DIGITS.search(source.text)
        start, end = match.span() if match else (0, 1)
        diagnostics.add(
            catalogue.NUMBER_TOO_LARGE, source.locate(start), end - start, number=_abbreviate(source.text[start:end])
        )
    except RecursionError:
        diagnostics.add(catalogue.TOO_DEEP, Location(source.name, 0, 0))
    return None


def _read_tree(source: Source, diagnostics: Diagnostics, *, leaves_out: bool) -> TomlTable | None:
    text, lost, is_whole, start = source.text, frozenset[str](), True, -1
    while True:
        try:
            plain = tomli.loads(text, parse_float=Decimal)
        except tomli.TOMLDecodeError as error:
            diagnostics.take(describe_mistake(source.name, text, error))
            kept = leave_out_statement(text, error) if leaves_out else None
            if kept is None or kept.line <= start:  # the mistake is elsewhere than where it shows
                return None
            text, start = kept.text, kept.line
            lost, is_whole = lost | kept.lost, is_whole and kept.is_pair
        else:
            tree = _TreeReader(Source(source.name, text)).read_document(plain)
            tree.lost, tree.is_whole = lost, is_whole
            return tree


def _abbreviate(number: str) -> str:
    return number if len(number) <= _MAX_SHOWN else f"{number[:_MAX_SHOWN]}…"


class _TooLarge(Exception):  # noqa: N818  becomes a diagnostic
    def __init__(self, location: Location, number: str) -> None:
        super().__init__(number)
        self.location, self.number = location, number


_END: Final = ("", -1)
"""After the last token of a text."""
_MAX_BITS: Final = 1024
"""Of an integer; nothing that a policy can hold comes near, and Python does not print much longer ones."""
_MAX_SHOWN: Final = 25
_TOO_MANY_DIGITS: Final = re.compile(r"[0-9][0-9_]{4000,}")
_ESCAPE: Final = re.compile(
    r"\\(?:[ \t]*\n[ \t\n]*|x([0-9A-Fa-f]{2})|u((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})"
    r"|U((?!0000[Dd][89A-Fa-f])00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})|([btnfre\"\\]))"
)
"""What stands for another character, or at the end of a line for nothing."""
_SHORT_ESCAPES: Final = {
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    '"': '"',
    "\\": "\\",
}
KeyPart = tuple[str, Location]
"""One part of a key, without its quotes, and where it begins."""


class _TreeReader:
    """Builds the tree of a text that tomli has read without complaint. `values` are always what tomli read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = [*tokenize_meaning(source.text), _END]
        self.position = 0

    def take(self) -> tuple[str, int]:
        """The text of the next token, and its offset."""
        token = self.tokens[self.position]
        self.position += 1
        return token

    def skip_sign(self, sign: str) -> bool:
        """Whether the next token is a sign, which is then passed over; no other token has the text of a sign."""
        is_next = self.tokens[self.position][0] == sign
        self.position += is_next
        return is_next

    def read_document(self, values: dict[str, Any]) -> TomlTable:
        root = TomlTable(self.source.locate(0), name=(Location(self.source.name, 0, 0), 1))
        table, table_values = root, values
        while self.tokens[self.position] is not _END:
            if self.skip_sign("[["):
                table, table_values = self.read_list_header(root, values)
            elif self.skip_sign("["):
                table, table_values = self.descend(root, values, self.read_key())
                self.skip_sign("]")
            else:
                self.read_pair(table, table_values)
        return root

    def read_list_header(self, root: TomlTable, values: dict[str, Any]) -> tuple[TomlTable, dict[str, Any]]:
        *path, (key, location) = self.read_key()
        self.skip_sign("]]")
        parent, values = self.descend(root, values, path)
        array = parent.entries.setdefault(key, TomlArray(location))
        parent.keys.setdefault(key, location)
        assert isinstance(array, TomlArray)  # noqa: S101  tomli has refused anything else
        table = TomlTable(location, name=(location, len(key)))
        array.items.append(table)
        return table, values[key][len(array.items) - 1]

    def descend(
        self, table: TomlTable, values: dict[str, Any], path: list[KeyPart]
    ) -> tuple[TomlTable, dict[str, Any]]:
        """The table at the end of a path of keys, made where it is not there yet."""
        for key, location in path:
            node = table.entries.setdefault(key, TomlTable(location, name=(location, len(key))))
            table.keys.setdefault(key, location)
            values = values[key]
            if isinstance(node, TomlArray):
                values = values[len(node.items) - 1]  # type: ignore[index]
                node = node.items[-1]
            assert isinstance(node, TomlTable)  # noqa: S101  tomli has refused anything else
            table = node
        return table, values

    def read_key(self) -> list[KeyPart]:
        parts = [self.read_key_part()]
        while self.skip_sign("."):
            parts.append(self.read_key_part())
        return parts

    def read_key_part(self) -> KeyPart:
        text, start = self.take()
        if text[0] in "\"'":
            name = self.read_string(text, start)
            return name.text, name.locate(0)
        return text, self.source.locate(start)

    def read_pair(self, table: TomlTable, values: dict[str, Any]) -> None:
        *path, (key, location) = self.read_key()
        self.skip_sign("=")
        table, values = self.descend(table, values, path)
        node = self.read_value(values[key])
        if isinstance(node, TomlTable):
            node.name = (location, len(key))
        table.entries[key] = node
        table.keys[key] = location

    def read_value(self, value: Any) -> Node:  # noqa: ANN401  a value of TOML, a list or a dict
        text, start = self.take()
        location = self.source.locate(start)
        if text == "[":
            return self.read_array(TomlArray(location), value)
        if text == "{":
            return self.read_inline_table(TomlTable(location), value)
        if text[0] in "\"'":
            return TomlScalar(value, location, self.read_string(text, start), len(text))
        if isinstance(value, int) and value.bit_length() > _MAX_BITS:
            raise _TooLarge(location, text)
        snippet = Snippet(text, self.source, range(start, start + len(text) + 1))
        return TomlScalar(value, location, snippet, len(text))

    def read_array(self, array: TomlArray, values: list[Any]) -> TomlArray:
        while not self.skip_sign("]"):
            array.items.append(self.read_value(values[len(array.items)]))
            self.skip_sign(",")
        return array

    def read_inline_table(self, table: TomlTable, values: dict[str, Any]) -> TomlTable:
        while not self.skip_sign("}"):
            self.read_pair(table, values)
            self.skip_sign(",")
        return table

    def read_string(self, text: str, start: int) -> Snippet:
        """What a string says, its token being given, and the place in the file of each of its characters."""
        quote = text[0]
        width = 3 if len(text) >= 6 and text.startswith(quote * 3) else 1  # noqa: PLR2004  `""` is empty
        content = text[width:-width]
        end = start + len(text) - width
        start += width
        if width > 1 and content.startswith("\n"):  # right after three quotes it does not count
            content, start = content[1:], start + 1
        if quote == "'" or "\\" not in content:
            return Snippet(content, self.source, range(start, start + len(content) + 1))
        pairs = list(unescape(content))
        offsets = [*(start + offset for offset, _ in pairs), end]
        return Snippet("".join(character for _, character in pairs), self.source, offsets)


def unescape(content: str) -> Iterator[tuple[int, str]]:
    """Each character that the inside of a string stands for, with the offset of what stands for it.

    What is no escape, as in a text that is being written, stands for itself.
    """
    offset = 0
    for match in _ESCAPE.finditer(content):
        yield from enumerate(content[offset : match.start()], offset)
        code = match[1] or match[2] or match[3]
        if code:
            yield match.start(), chr(int(code, 16))
        elif match[4]:
            yield match.start(), _SHORT_ESCAPES[match[4]]
        offset = match.end()
    yield from enumerate(content[offset:], offset)
