"""What a name means: the names that policies declare, each with the places where it is declared."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics.source import Snippet, Source
from scorecore.services.tolerant_toml import KeyPath, Span, TolerantDocument

MAPS: Final = {
    "parameters": "parameter",
    "tables": "table",
    "calendars": "calendar",
    "groups": "group",
    "carry": "carry",
    "uses": "use",
    "values": "value",
}
"""Sections whose parts are named by their keys, and what such a name is."""
LISTS: Final = {"items": "item", "pay": "pay", "holds": "hold", "actions": "action", "grades": "grade"}
"""Sections whose parts are named by their `id`."""
RESULTS: Final = {"items": "item", "pay": "pay", "carry": "carry", "actions": "action", "values": "value"}
"""Sections whose names follow a prefix: `pay.bonus`."""
BARE: Final = frozenset({"fact", "events", "value"})
"""What expressions name without a prefix."""
RENAMABLE: Final = frozenset(
    {*MAPS.values(), *RESULTS.values(), "hold", "fact", "events", "field", "clock", "variable"}
)


@frozen
class Symbol:
    """What a name stands for."""

    kind: str
    """`fact`, `parameter` and the like; `variable` is the name of an event; `function`, `method`, `scorer`."""
    name: str
    owner: str = ""
    """Of a field its table; of a variable where it gets its name; of a result of another policy its `uses`."""


@frozen
class Mention:
    """A place in a text that names something."""

    symbol: Symbol
    source: Source = field(repr=False)
    span: Span
    """The name itself, without quotes and prefix."""
    declares: bool = False


def mention(symbol: Symbol, text: Snippet, start: int, end: int, *, declares: bool = False) -> Mention:
    """The mention by the characters from `start` to `end` of a piece of text."""
    return Mention(symbol, text.source, Span(text.offsets[start], text.offsets[end]), declares)


def find_subject(documents: Iterable[TolerantDocument]) -> str:
    """The table of the subject's facts, as the first text that says so names it."""
    subjects = (document.texts.get(("policy", "subject")) for document in documents)
    return next(filter(None, subjects), "")


def list_declarations(document: TolerantDocument, subject: str) -> Iterator[Mention]:
    """Where a policy declares its names."""
    for key in document.keys:
        symbol = _declared_by_key(key.path, subject)
        if symbol:
            yield mention(symbol, key.text, 0, len(key.text.text), declares=True)
    for value in document.values:
        if value.text is not None and len(value.path) == _ID_DEPTH and value.path[0] in LISTS and value.path[2] == "id":
            symbol = Symbol(LISTS[str(value.path[0])], value.text.text)
            yield mention(symbol, value.text, 0, len(value.text.text), declares=True)


_ID_DEPTH: Final = 3


def _declared_by_key(path: KeyPath, subject: str) -> Symbol | None:
    match path:
        case (str() as section, str() as name) if section in MAPS:
            return Symbol(MAPS[section], name)
        case ("facts", str() as table):
            return Symbol("subject" if table == subject else "events", table)
        case ("facts", str() as table, str() as name) if table == subject:
            return Symbol("fact", name)
        case ("facts", str() as table, "fields", str() as name) if table != subject:
            return Symbol("field", name, table)
        case ("matters", str() as table, "clocks", str() as name):
            return Symbol("clock", name, table)
    return None


@frozen(eq=False)
class Names:
    """The names of a policy and of those that it extends."""

    subject: str
    declared: dict[Symbol, list[Mention]]
    """Where each is declared: first in the policy that everything rests on, last in the text itself."""
    scorers: dict[str, str] = field(factory=dict)
    """By item the scorer that it has, or that the policy has which is extended."""

    @classmethod
    def of(cls, documents: list[TolerantDocument]) -> "Names":
        """The names of a text, which comes first, and of the policies that it extends."""
        subject = find_subject(documents)
        declared: dict[Symbol, list[Mention]] = {}
        for document in reversed(documents):
            for declaration in list_declarations(document, subject):
                declared.setdefault(declaration.symbol, []).append(declaration)
        scorers: dict[str, str] = {}
        for document in reversed(documents):
            for path, name in document.texts.items():
                if path[:1] == ("items",) and path[2:] == ("scorer",):
                    scorers[document.texts.get((*path[:2], "id"), "")] = name
        return cls(subject, declared, scorers)

    def list_names(self, kind: str, owner: str = "") -> list[str]:
        """The names of a kind, in the order of their declarations."""
        return [
            symbol.name for symbol in self.declared if symbol.kind == kind and symbol.owner == owner and symbol.name
        ]

    def find_bare(self, name: str) -> Symbol | None:
        """What a name without a prefix stands for in an expression."""
        symbols = (Symbol(kind, name) for kind in ("fact", "value", "events"))
        return next((symbol for symbol in symbols if symbol in self.declared), None)

    def find_result(self, dotted: str) -> Symbol | None:
        """What `pay.bonus`, `score.total` or `grade` stands for."""
        section, _, name = dotted.partition(".")
        if section in RESULTS and name:
            return Symbol(RESULTS[section], name)
        return Symbol("result", dotted) if dotted in {"grade", "score.total"} else None
