"""TOML text as a tree that knows where everything stands.

`tomli` is the judge of what is TOML and of every value; it keeps no positions, so a second pass over the text, which
is known to be valid by then, finds them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

import tomli
from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source

LONGEST: Final = 2_000_000
"""Characters of a policy file; ten times the longest measure of the domain with all its tables."""

Value = str | int | Decimal | bool | date | datetime | time


@frozen(eq=False)
class TomlScalar:
    """A single value; a string also knows where each of its characters stands."""

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
    """Where the key that names it stands, and how long it is; None in a list."""

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


def read_toml(source: Source, diagnostics: Diagnostics) -> TomlTable | None:
    """Read TOML; None if it is not TOML, with the problem."""
    if len(source.text) > LONGEST:
        diagnostics.add(catalogue.TOO_LONG, Location(source.name, 0, 0), length=len(source.text), limit=LONGEST)
        return None
    try:
        plain = tomli.loads(source.text, parse_float=Decimal)
        return _Scanner(source).document(plain)
    except tomli.TOMLDecodeError as error:
        diagnostics.add(catalogue.NOT_TOML, Location(source.name, error.lineno, error.colno), reason=_lower(error.msg))
    except _TooLarge as error:
        diagnostics.add(catalogue.NUMBER_TOO_LARGE, error.location, len(error.number), number=_begin(error.number))
    except ValueError:  # Python's own limit for the digits of an integer
        start, end = found.span() if (found := _ENDLESS.search(source.text)) else (0, 1)
        diagnostics.add(
            catalogue.NUMBER_TOO_LARGE, source.locate(start), end - start, number=_begin(source.text[start:end])
        )
    except RecursionError:
        diagnostics.add(catalogue.TOO_DEEP, Location(source.name, 0, 0))
    return None


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _begin(number: str) -> str:
    return number if len(number) <= _SHOWN else f"{number[:_SHOWN]}…"


class _TooLarge(Exception):  # noqa: N818  becomes a problem
    def __init__(self, location: Location, number: str) -> None:
        super().__init__(number)
        self.location, self.number = location, number


_MAX_BITS: Final = 1024
"""Of an integer; nothing that a policy can hold comes near, and Python does not print much longer ones."""
_SHOWN: Final = 25
_ENDLESS: Final = re.compile(r"[0-9][0-9_]{4000,}")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_OTHER = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:[ \t]*\n[ \t\n]*|x(..)|u(.{4})|U(.{8})|(.))")
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


class _Scanner:
    """Finds the places in a text that tomli has read without complaint."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def document(self, plain: dict[str, Any]) -> TomlTable:
        root = TomlTable(self.source.locate(0), name=(Location(self.source.name, 0, 0), 1))
        here, values = root, plain
        while self.skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                here, values = self.header(root, plain)
            else:
                self.pair(here, values)
        return root

    def skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def header(self, root: TomlTable, plain: dict[str, Any]) -> tuple[TomlTable, dict[str, Any]]:
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        *path, last = self.key_path()
        self.at += 2 if many else 1
        here, values = self.descend(root, plain, path)
        if not many:
            return self.descend(here, values, [last])
        key, location = last
        array = here.entries.setdefault(key, TomlArray(location))
        here.keys.setdefault(key, location)
        assert isinstance(array, TomlArray)  # noqa: S101  tomli has refused anything else
        table = TomlTable(location, name=(location, len(key)))
        array.items.append(table)
        return table, values[key][len(array.items) - 1]

    def descend(
        self, here: TomlTable, values: dict[str, Any], path: list[tuple[str, Location]]
    ) -> tuple[TomlTable, dict[str, Any]]:
        for key, location in path:
            node = here.entries.setdefault(key, TomlTable(location, name=(location, len(key))))
            here.keys.setdefault(key, location)
            values = values[key]
            if isinstance(node, TomlArray):
                values = values[len(node.items) - 1]  # type: ignore[index]
                node = node.items[-1]
            assert isinstance(node, TomlTable)  # noqa: S101  tomli has refused anything else
            here = node
        return here, values

    def key_path(self) -> list[tuple[str, Location]]:
        path = []
        while True:
            start = self.skip(_SPACE)
            location = self.source.locate(start)
            if self.text[start] in "\"'":
                name = self.string()
                path.append((name.text, name.locate(0)))
            else:
                path.append((self.text[start : self.skip(_BARE_KEY)], location))
            if self.text[self.skip(_SPACE)] != ".":
                return path
            self.at += 1

    def pair(self, here: TomlTable, values: dict[str, Any]) -> None:
        *path, (key, location) = self.key_path()
        self.at += 1  # the equals sign
        here, values = self.descend(here, values, path)
        self.skip(_SPACE)
        node = self.value(values[key])
        if isinstance(node, TomlTable):
            node.name = (location, len(key))
        here.entries[key] = node
        here.keys[key] = location

    def value(self, plain: Any) -> Node:  # noqa: ANN401  whatever tomli gives
        start = self.at
        location = self.source.locate(start)
        if self.text[start] == "[":
            array = TomlArray(location)
            self.elements("]", lambda: array.items.append(self.value(plain[len(array.items)])))
            return array
        if self.text[start] == "{":
            table = TomlTable(location)
            self.elements("}", lambda: self.pair(table, plain))
            return table
        if self.text[start] in "\"'":
            text = self.string()
            return TomlScalar(plain, location, text, self.at - start)
        raw = self.text[start : self.skip(_OTHER)].rstrip()
        if isinstance(plain, int) and plain.bit_length() > _MAX_BITS:
            raise _TooLarge(location, raw)
        self.at = start + len(raw)
        return TomlScalar(plain, location, Snippet(raw, self.source, range(start, self.at + 1)), len(raw))

    def elements(self, end: str, one: Callable[[], None]) -> None:
        self.at += 1
        while self.text[self.skip(_BLANK)] != end:
            one()
            if self.text[self.skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def string(self) -> Snippet:
        quote = self.text[self.at]
        delimiter = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(delimiter)
        if len(delimiter) == 3:  # noqa: PLR2004  three quotes; a newline right behind them does not count
            self.at += 1 if self.text.startswith("\n", self.at) else 0
        characters: list[str] = []
        offsets: list[int] = []
        while not self.closes(delimiter):
            offsets.append(self.at)
            if quote == '"' and self.text[self.at] == "\\":
                character = self.escape()
                if not character:
                    offsets.pop()
                    continue
            else:
                character = self.text[self.at]
                self.at += 1
            characters.append(character)
        offsets.append(self.at)
        self.at += len(delimiter)
        return Snippet("".join(characters), self.source, offsets)

    def closes(self, delimiter: str) -> bool:
        """Whether the string ends here: up to two quotes right before a closing triple belong to the text."""
        return self.text.startswith(delimiter, self.at) and (
            len(delimiter) == 1 or not self.text.startswith(delimiter, self.at + 1)
        )

    def escape(self) -> str:
        found = _ESCAPE.match(self.text, self.at)
        assert found  # noqa: S101  tomli has refused anything else
        self.at = found.end()
        code = found[1] or found[2] or found[3]
        if code:
            return chr(int(code, 16))
        return _SHORT[found[4]] if found[4] else ""
