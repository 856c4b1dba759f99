"""Every place of a policy, or of its cases, that names something."""

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import define

from scorecore.diagnostics.source import Snippet
from scorecore.plugins import Plugins
from scorecore.services.expression_scan import ExpressionScan
from scorecore.services.names import LISTS, RESULTS, Mention, Names, Symbol, list_declarations, mention
from scorecore.services.shapes import find_shape, is_cases, is_expression, is_snippet
from scorecore.services.tolerant_toml import KeyPath, TolerantDocument, WrittenKey, WrittenValue

OWN_CASE_KEYS: Final = frozenset({"name", "expect", "period", "source", "id", "others", "groups", "missing"})
HISTORY: Final = "history"


def list_mentions(document: TolerantDocument, names: Names, plugins: Plugins) -> list[Mention]:
    """All mentions, in the order of the text."""
    finder = _CaseMentions if is_cases(document) else _PolicyMentions
    mentions = finder(document, names, plugins).list_all()
    return sorted(mentions, key=lambda found: found.span)


def find_variables(document: TolerantDocument, path: KeyPath) -> dict[str, tuple[Symbol, str]]:
    """The names of events that an item's keys `each` and `as` give to the expressions beside and below them."""
    variables: dict[str, tuple[Symbol, str]] = {}
    if path[:1] == ("matters",) and len(path) > 2:  # noqa: PLR2004  below a matter
        named = next((value for value in document.values if value.path == (*path[:2], "as") and value.text), None)
        if named is None or named.text is None:
            return {}
        return {named.text.text: (Symbol("variable", named.text.text, str(named.span.start)), str(path[1]))}
    for length in range(2, len(path)):
        name, table = document.texts.get((*path[:length], "as")), document.texts.get((*path[:length], "each"))
        if name and table and path[0] == "items":
            place = next((value.span.start for value in document.values if value.path == (*path[:length], "as")), 0)
            variables[name] = Symbol("variable", name, str(place)), table
    return variables


@define
class _Mentions:
    document: TolerantDocument
    names: Names
    plugins: Plugins

    def name(self, kind: str, text: Snippet, owner: str = "") -> Mention:
        """A text that names something as a whole."""
        return mention(Symbol(kind, text.text, owner), text, 0, len(text.text))

    def result(self, text: Snippet) -> Iterator[Mention]:
        """A text such as `pay.bonus`."""
        symbol = self.names.find_result(text.text)
        if symbol:
            yield mention(symbol, text, text.text.rfind(".") + 1, len(text.text))

    def expression(self, text: Snippet, variables: Mapping[str, tuple[Symbol, str]]) -> list[Mention]:
        return ExpressionScan(text, self.names, variables).run().mentions


class _PolicyMentions(_Mentions):
    def list_all(self) -> Iterator[Mention]:
        yield from list_declarations(self.document, self.names.subject)
        for key in self.document.keys:
            yield from self.in_matter(key)
        for value in self.document.values:
            if value.text is not None:
                yield from self.in_value(value, value.text)

    def in_matter(self, key: WrittenKey) -> Iterator[Mention]:
        """The tables and fields that are named by keys of matters."""
        match key.path:
            case ("matters", str()):
                yield self.name("events", key.text)
            case ("matters", str() as table, "stages", str()):
                yield self.name("field", key.text, table)

    def in_value(self, value: WrittenValue, text: Snippet) -> Iterator[Mention]:
        path = value.path
        match path:
            case ("matters", _, "clocks", _, "calendar"):
                yield self.name("calendar", text)
            case ("matters", str() as table, "stages", _, "next" | "evidence", int()):
                yield self.name("field", text, table)
            case ("matters", str() as table, "clocks", _, "since") | (
                "matters", str() as table, "clocks", _, "to", int()
            ):  # fmt: skip
                yield self.name("field", text, table)
            case ("policy", "subject"):
                yield self.name("subject", text)
            case ("facts", str() as table, "dated_by") | ("facts", str() as table, "key" | "shown", int()):
                yield self.name("field", text, table)
            case ("groups", _, "by") | ("uses", _, "match"):
                yield self.name("fact", text)
            case ("holds" | "monotone" | "bounded", int(), "of", int()):
                yield from self.result(text)
            case ("monotone", int(), "more"):
                symbol = self.names.find_bare(text.text)
                if symbol:
                    yield mention(symbol, text, 0, len(text.text))
            case ("items", int(), "scorer"):
                yield self.name("scorer", text)
            case (str() as section, int(), "id") if section in LISTS:
                return
            case _:
                yield from self.in_other_value(path, value, text)

    def in_other_value(self, path: KeyPath, value: WrittenValue, text: Snippet) -> Iterator[Mention]:
        if path[:1] in {("items",), ("matters",)} and path[-1] == "as":
            symbol = Symbol("variable", text.text, str(value.span.start))
            yield mention(symbol, text, 0, len(text.text), declares=True)
            return
        shape = find_shape(self.document, path, self.plugins, self.find_scorer(path))
        if is_expression(shape):
            yield from self.expression(text, find_variables(self.document, path))
        elif is_snippet(shape) and path[-1] == "each":
            yield from self.expression(text, {})

    def find_scorer(self, path: KeyPath) -> str:
        """The scorer of an item that the policy which is extended has."""
        item = self.document.texts.get((*path[:2], "id"), "")
        return self.names.scorers.get(item, "")


class _CaseMentions(_Mentions):
    def list_all(self) -> Iterator[Mention]:
        for key in self.document.keys:
            path = _path_in_case(key.path)
            if path:
                yield from self.in_key(path, key)
        for value in self.document.values:
            path = _path_in_case(value.path)
            if path and value.text is not None:
                yield from self.in_value(path, value.text)

    def in_key(self, path: KeyPath, key: WrittenKey) -> Iterator[Mention]:
        subject = self.names.subject
        match path:
            case ("expect", "items" | "pay" | "carry" | "values" as section, str()):
                yield self.name(RESULTS[section], key.text)
            case ("groups", str()):
                yield from self.expression(key.text, {})
            case (str() as table,) if table not in OWN_CASE_KEYS | {HISTORY, "uses"}:
                yield self.name("subject" if table == subject else "events", key.text)
            case (str() as table, str()) if table == subject:
                yield self.name("fact", key.text)
            case ("uses", str()):
                yield self.name("use", key.text)
            case ("history", int(), *members):
                yield from self.in_dotted_key(list(map(str, members)), key)
            case ("uses", str() as use, *members):
                yield from self.in_used_key([member for member in members if isinstance(member, str)], use, key)
            case (str() as table, int(), str()) if table not in OWN_CASE_KEYS:
                yield self.name("field", key.text, table)

    def in_dotted_key(self, members: list[str], key: WrittenKey) -> Iterator[Mention]:
        """`"pay.bonus"`, or `bonus` below `pay`."""
        symbol = self.names.find_result(".".join(members))
        if symbol:
            yield mention(symbol, key.text, key.text.text.rfind(".") + 1, len(key.text.text))

    def in_used_key(self, members: list[str], use: str, key: WrittenKey) -> Iterator[Mention]:
        if members:
            yield mention(Symbol("used", ".".join(members), use), key.text, 0, len(key.text.text))

    def in_value(self, path: KeyPath, text: Snippet) -> Iterator[Mention]:
        match path:
            case ("expect", "actions", int()):
                yield self.name("action", text)
            case ("expect", "held", int()):
                yield from self.result(text)
            case ("expect", "entries", int(), "item") if text.text != "score":
                yield self.name("item", text)
            case ("expect", "grade"):
                yield self.name("grade", text)
            case ("missing", int()) if text.text != HISTORY:
                yield self.name("events", text)


def _path_in_case(path: KeyPath) -> KeyPath:
    """The path below a case, the defaults, or another subject; empty above them."""
    below = path[2:] if path[:1] == ("case",) else path[1:] if path[:1] == ("defaults",) else ()
    return below[2:] if below[:1] == ("others",) else below
