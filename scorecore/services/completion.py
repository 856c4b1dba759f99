"""What can be written at a place: keys with what they mean, words, and the names that an expression can read."""

from collections.abc import Iterator
from pathlib import Path

from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Translate
from scorecore.diagnostics.source import Source
from scorecore.language.operators.rounding import MODES
from scorecore.policy.model import EventsDeclaration, Policy
from scorecore.services.cursor import KeyCursor, find_cursor
from scorecore.services.expression_completion import list_expression_names
from scorecore.services.hover import describe_key
from scorecore.services.mentions import find_variables
from scorecore.services.names import MAPS, RESULTS, Symbol
from scorecore.services.open_texts import OpenTexts
from scorecore.services.parts import find_part, list_among
from scorecore.services.shapes import find_shape, is_cases, is_expression, list_choices, list_keys
from scorecore.services.suggestion import Suggestion
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import KeyPath, Span
from scorecore.values.period import EXAMPLES


@frozen
class Completion:
    """What can be written in the place of a piece of a text."""

    span: Span
    suggestions: list[Suggestion]


def complete(texts: OpenTexts, source: Source, offset: int, translate: Translate = str) -> Completion:
    """What can be written at a place; nothing where nobody can know."""
    family = TextFamily.of(texts, source)
    cursor = find_cursor(family.document, offset)
    completer = _Completer(family, translate)
    if isinstance(cursor, KeyCursor):
        return Completion(cursor.span, _once(completer.keys(cursor)))
    if cursor is None:
        return Completion(Span(offset, offset), [])
    shape = completer.find_shape(cursor.path)
    if cursor.text is not None and is_expression(shape):
        variables = find_variables(family.document, cursor.path)
        length, names = list_expression_names(family, cursor.text, cursor.offset, variables, translate)
        start = cursor.text.offsets[cursor.offset - length]
        return Completion(Span(start, offset), _once(names))
    suggestions = _once(completer.values(cursor.path))
    if cursor.text is not None:
        start, end = cursor.text.offsets[0], cursor.text.offsets[-1]
        return Completion(Span(min(start, offset), max(end, offset)), suggestions)
    return Completion(cursor.span, [_quoted(suggestion) for suggestion in suggestions])


def _once(suggestions: "Iterator[Suggestion] | list[Suggestion]") -> list[Suggestion]:
    by_label: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        by_label.setdefault(suggestion.label, suggestion)
    return list(by_label.values())


def _quoted(suggestion: Suggestion) -> Suggestion:
    """A suggestion for where no quotation mark is yet."""
    is_bare = suggestion.label in {"true", "false"}
    return suggestion if is_bare else evolve(suggestion, label=f'"{suggestion.label}"')


class _Completer:
    def __init__(self, family: TextFamily, translate: Translate) -> None:
        self.family, self.translate = family, translate
        self.document, self.names, self.plugins = family.document, family.names, family.texts.plugins

    def scorer_at(self, path: KeyPath) -> str:
        """The scorer of the item at a path, which may be that of the policy that is extended."""
        if path[:1] != ("items",) or is_cases(self.document):
            return ""
        item = self.document.texts.get((*path[:2], "id"), "")
        return self.document.texts.get((*path[:2], "scorer")) or self.names.scorers.get(item, "")

    def find_shape(self, path: KeyPath) -> object:
        return find_shape(self.document, path, self.plugins, self.scorer_at(path))

    def declared(self, kind: str, owner: str = "") -> Iterator[Suggestion]:
        for name in self.names.list_names(kind, owner):
            yield Suggestion(name, kind, find_part(self.family, Symbol(kind, name, owner)).read("label"))

    def stages(self, table: str) -> Iterator[Suggestion]:
        """The fields that are stages of a table."""
        stages = {
            key.path[3] for key in self.document.keys if key.path[:3] == ("matters", table, "stages") and key.path[3:]
        }
        yield from (suggestion for suggestion in self.declared("field", table) if suggestion.label in stages)

    def results(self) -> Iterator[Suggestion]:
        """Names of results with their sections."""
        for section, kind in RESULTS.items():
            for name in self.names.list_names(kind):
                label = find_part(self.family, Symbol(kind, name)).read("label")
                yield Suggestion(f"{section}.{name}", kind, label)
        if self.names.list_names("item"):
            yield Suggestion("score.total", "result")
        if self.names.list_names("grade"):
            yield Suggestion("grade", "result")

    def keys(self, cursor: KeyCursor) -> Iterator[Suggestion]:
        """The keys that a table does not have yet."""
        taken = {
            key.path[-1]
            for key in self.document.keys
            if key.path[:-1] == cursor.table and not key.span.touches(cursor.span.start)
        }
        listed = self.case_keys(cursor.table) if is_cases(self.document) else self.policy_keys(cursor.table)
        for suggestion in listed:
            if cursor.in_heading or suggestion.label not in taken:
                yield suggestion

    def policy_keys(self, table: KeyPath) -> Iterator[Suggestion]:
        subject = self.names.subject
        if table == ():
            yield from self.described("section", Policy)
            yield Suggestion("facts", "section")
        elif table == ("facts",):
            yield from (*self.declared("subject"), *self.declared("events"))
        elif table == ("facts", subject):
            yield from self.declared("fact")
        elif table[:1] == ("facts",) and len(table) == 2:  # noqa: PLR2004  a table of events
            yield from self.described("key", EventsDeclaration)
        elif len(table) == 3 and table[2] == "fields":  # noqa: PLR2004  its fields
            yield from self.declared("field", str(table[1]))
        elif table == ("matters",):
            yield from self.declared("events")
        elif table[:1] == ("matters",) and table[2:] == ("stages",):
            yield from self.declared("field", str(table[1]))
        elif len(table) == 1 and str(table[0]) in MAPS:
            yield from self.declared(MAPS[str(table[0])])
        else:
            yield from self.described("key", self.find_shape(table), self.scorer_at(table))

    def described(self, kind: str, shape: object, scorer: str = "") -> Iterator[Suggestion]:
        """The keys of the class of a part, with what they mean."""
        for name, attribute in list_keys(shape, self.plugins, scorer).items():
            about = self.translate(attribute.metadata["about"])
            documentation = "\n\n".join(describe_key(name, attribute, self.translate))
            yield Suggestion(name, kind, about, documentation)

    def case_keys(self, table: KeyPath) -> Iterator[Suggestion]:
        below = table[2:] if table[:1] == ("case",) else table[1:]
        match below:
            case () if table:
                yield from self.described("key", self.find_shape(table), self.scorer_at(table))
                yield from (*self.declared("subject"), *self.declared("events"))
                yield from (Suggestion(name, "section") for name in ("history", "uses"))
            case ("expect", "items" | "pay" | "carry" | "values" as section):
                yield from self.declared(RESULTS[section])
            case ("history", int()):
                yield from (evolve(each, label=f'"{each.label}"') for each in self.results())
                yield Suggestion("ago", "key")
            case ("uses",):
                yield from self.declared("use")
            case (str() as name,) if name == self.names.subject:
                yield from self.declared("fact")
            case (str() as name, int()) if name in self.names.list_names("events"):
                yield from self.declared("field", name)
            case _:
                yield from self.described("key", self.find_shape(table), self.scorer_at(table))

    def values(self, path: KeyPath) -> Iterator[Suggestion]:
        """The words and names that a value may be."""
        listed = self.case_values(path) if is_cases(self.document) else self.policy_values(path)
        yield from (*listed, *self.matter_values(path))
        for word in list_choices(self.find_shape(path)):
            yield Suggestion(word, "word")

    def policy_values(self, path: KeyPath) -> Iterator[Suggestion]:
        match path:
            case ("policy", "subject"):
                yield from (*self.declared("subject"), *self.declared("events"))
            case (
                ("policy", "extends") | ("calendars", _, "same_as") | ("uses", _, "policy") | ("uses", _, "policies", _)
            ):
                own = self.document.source
                yield from (
                    Suggestion(name, "policy", Path(file).name)
                    for file, name, source in self.family.list_policies()
                    if source is not own
                )
            case ("policy", "checks", int()):
                yield from (Suggestion(name, "word", check.summary) for name, check in self.plugins.checks.items())
            case ("policy", "period"):
                yield from (Suggestion(word, "word", example) for word, example in EXAMPLES.items())
            case ("facts", str() as table, "dated_by") | ("facts", str() as table, "key" | "shown", int()):
                yield from self.declared("field", table)
            case ("groups", _, "by") | ("uses", _, "match"):
                yield from self.declared("fact")
            case ("holds" | "monotone" | "bounded", int(), "of", int()):
                yield from self.results()
            case ("monotone", int(), "more"):
                yield from (*self.declared("events"), *self.declared("fact"))
            case ("items", int(), "scorer"):
                for name, scorer in sorted(self.plugins.items()):
                    yield Suggestion(name, "scorer", self.translate(scorer.summary))
            case ("items", int(), *_, "each"):
                yield from self.declared("events")
            case (_, "mode") | (_, int(), "mode"):
                yield from (Suggestion(word, "word") for word in MODES)

    def matter_values(self, path: KeyPath) -> Iterator[Suggestion]:
        match path:
            case ("matters", str() as table, "stages", _, "evidence", int()):
                yield from self.declared("field", table)
            case ("matters", str() as table, _, _, "next" | "to", int()) | ("matters", str() as table, _, _, "since"):
                yield from self.stages(table)
            case ("matters", _, "clocks", _, "calendar"):
                yield from self.declared("calendar")

    def case_values(self, path: KeyPath) -> Iterator[Suggestion]:
        below = path[2:] if path[:1] == ("case",) else path[1:]
        match below:
            case ("period",):
                yield from self.periods()
            case ("expect", "grade"):
                yield from self.declared("grade")
            case ("expect", "actions", int()):
                yield from self.declared("action")
            case ("expect", "held", int()):
                yield from self.results()
            case ("expect", "entries", int(), "item"):
                yield from self.declared("item")
            case ("missing", int()):
                yield from self.declared("events")
            case (str() as table, str() as fact) if table == self.names.subject:
                yield from self.facts(Symbol("fact", fact))
            case (str() as table, int(), str() as name):
                yield from self.facts(Symbol("field", name, table))

    def facts(self, symbol: Symbol) -> Iterator[Suggestion]:
        """What a fact may be."""
        yield from (Suggestion(text, "word") for text in list_among(self.family, symbol))
        if find_part(self.family, symbol).read("type") == "bool":
            yield from (Suggestion(word, "word") for word in ("true", "false"))

    def periods(self) -> Iterator[Suggestion]:
        """The periods that other cases name, and how one is written."""
        for path, text in self.document.texts.items():
            if path[-1] == "period" and text:
                yield Suggestion(text, "word")
        every = next((document.texts.get(("policy", "period"), "") for document in reversed(self.family.chain)), "")
        if every in EXAMPLES:
            yield Suggestion(EXAMPLES[every], "word")
