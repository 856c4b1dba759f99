"""The names that can follow in an expression."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from scorecore.compiler.matters import CLOCK_STATES, MATTER_STATES, STAGE_STATES
from scorecore.diagnostics.diagnostic import Translate
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.scope import FUNCTIONS, PERIOD, PREFIXES
from scorecore.language.expressions import HISTORY
from scorecore.language.signatures import find_signatures
from scorecore.services.expression_scan import USES, ExpressionScan
from scorecore.services.names import RESULTS, Symbol
from scorecore.services.parts import find_part, list_among
from scorecore.services.suggestion import Suggestion
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import TolerantDocument, read_tolerantly

_OF_ROWS: Final = ("filter", "map", "exists", "all", "exists_one", "size")
_OF_NUMBERS: Final = ("sum", "max", "min", "mean")
_OF_TEXT: Final = ("contains", "startsWith", "endsWith", "size")
_COMPARED: Final = re.compile(r"""([A-Za-z_][\w.]*)\s*(?:[=!]=\s*|in\s*\[(?:[^\]"']|"[^"]*"|'[^']*')*)$""")
"""What a text is compared with, before its first quotation mark."""
Variables = Mapping[str, tuple[Symbol, str]]


def list_expression_names(
    family: TextFamily, text: Snippet, offset: int, variables: Variables, translate: Translate
) -> tuple[int, list[Suggestion]]:
    """What can be written at a place of an expression, and how many characters of it are there already."""
    before = Snippet(text.text[:offset], text.source, text.offsets[: offset + 1])
    scan = ExpressionScan(before, family.names, variables).run()
    completion = _ExpressionCompletion(family, scan, translate)
    if scan.in_text >= 0:
        return offset - scan.in_text, list(completion.in_text())
    written = scan.last_parts[-1].name if scan.last_parts else ""
    return len(written), list(completion.after([part.name for part in scan.last_parts[:-1]]))


class _ExpressionCompletion:
    def __init__(self, family: TextFamily, scan: ExpressionScan, translate: Translate) -> None:
        self.family, self.scan, self.translate = family, scan, translate
        self.names = family.names

    def suggest(self, kind: str, owner: str = "") -> Iterator[Suggestion]:
        """All names of a kind, with their labels."""
        for name in self.names.list_names(kind, owner):
            yield Suggestion(name, kind, find_part(self.family, Symbol(kind, name, owner)).read("label"))

    def in_text(self) -> Iterator[Suggestion]:
        """A text in quotation marks: the name of a group or calendar, or what a fact may be."""
        kind = self.scan.frames[-1].names_kind if self.scan.frames else ""
        if kind:
            yield from self.suggest(kind)
            return
        compared = _COMPARED.search(self.scan.text.text[: self.scan.in_text - 1])
        end = compared.end(1) if compared else -1
        mention = next((each for each in self.scan.mentions if each.span.end == self.scan.text.offsets[end]), None)
        for text in list_among(self.family, mention.symbol) if compared and mention else ():
            yield Suggestion(text, "word")

    def after(self, before: list[str]) -> Iterator[Suggestion]:
        """What can follow the names before a dot, or begin an expression."""
        base = self.scan.last_base
        if base is not None:
            yield from self.after_bracket(base.kind, base.table, before)
        elif not before:
            yield from self.beginning()
        else:
            yield from self.members(before)

    def after_bracket(self, kind: str, table: str, before: list[str]) -> Iterator[Suggestion]:
        if kind == "rows":
            yield from self.functions(*_OF_ROWS, *_OF_NUMBERS)
        elif kind == "row":
            yield from self.fields(table)
        elif kind == HISTORY:
            yield from self.results(before)
        elif not before:
            yield from self.functions(*_OF_TEXT)

    def beginning(self) -> Iterator[Suggestion]:
        """Names that need no prefix, prefixes and functions."""
        variables = {frame.variable.name for frame in self.scan.frames if frame.variable}
        for name in (*variables, *self.scan.variables):
            yield Suggestion(name, "variable")
        for kind in ("fact", "value", "events"):
            yield from self.suggest(kind)
        for name in sorted(PREFIXES):
            yield Suggestion(name, "section")
        yield from self.functions(*FUNCTIONS, *self.family.texts.plugins.operators)

    def functions(self, *names: str) -> Iterator[Suggestion]:
        for name in names:
            signatures = list(find_signatures(name, self.family.texts.plugins.operators))
            documentation = "\n\n".join(f"{written}\n\n{self.translate(gives)}" for written, gives in signatures)
            detail = signatures[0][0].strip("`") if signatures else ""
            yield Suggestion(name, "function", detail, documentation)

    def members(self, before: list[str]) -> Iterator[Suggestion]:
        """What follows a name and a dot."""
        head, *further = before
        variable = self.scan.find_variable(head)
        if variable:
            yield from self.fields(variable[1]) if not further else self.states(variable[1], further)
        elif head in {"parameters", "tables"}:
            yield from self.suggest(head[:-1]) if not further else self.functions("on" if head[0] == "p" else "rate")
        elif head == "period":
            yield from (Suggestion(name, "result") for name in PERIOD)
        elif head == USES:
            yield from self.used(further)
        elif head in RESULTS or head == "score":
            yield from self.results(before)
        else:
            bare = self.names.find_bare(head)
            yield from self.functions(*((*_OF_ROWS, "row", "on") if bare and bare.kind == "events" else _OF_TEXT))

    def results(self, before: list[str]) -> Iterator[Suggestion]:
        """What was decided: sections, and what is in them."""
        if not before:
            yield from (Suggestion(name, "section") for name in (*RESULTS, "score", "grade"))
        elif before == ["score"]:
            yield Suggestion("total", "result")
        elif len(before) == 1 and before[0] in RESULTS:
            yield from self.suggest(RESULTS[before[0]])

    def fields(self, table: str) -> Iterator[Suggestion]:
        if table.startswith(f"{USES}."):
            yield from self.used([table.removeprefix(f"{USES}.")])
            return
        yield from self.suggest("field", table)
        yield from self.suggest("clock", table)
        if self.list_stages(table):
            yield from (Suggestion(name, "result") for name in MATTER_STATES)

    def states(self, table: str, further: list[str]) -> Iterator[Suggestion]:
        """What can be read of a clock or a stage of a matter; of another field, functions of text."""
        if further[0] in self.names.list_names("clock", table):
            yield from (Suggestion(name, "result") for name in CLOCK_STATES)
        elif further[0] in self.list_stages(table):
            yield from (Suggestion(name, "result") for name in STAGE_STATES)
        else:
            yield from self.functions(*_OF_TEXT)

    def list_stages(self, table: str) -> list[str]:
        keys = self.family.document.keys
        return [str(key.path[3]) for key in keys if key.path[:3] == ("matters", table, "stages") and key.path[3:]]

    def used(self, before: list[str]) -> Iterator[Suggestion]:
        """The policies that are used, and what can be read of their decisions."""
        if not before:
            yield from self.suggest("use")
            return
        document = self.find_used(before[0])
        if document is None:
            return
        other = _ExpressionCompletion(TextFamily.of(self.family.texts, document.source), self.scan, self.translate)
        yield from other.results(before[1:])
        if len(before) == 1:
            yield from self.functions(*_OF_ROWS)

    def find_used(self, use: str) -> TolerantDocument | None:
        """The text of a policy that is used."""
        part = find_part(self.family, Symbol("use", use))
        named = part.read("policy")
        own = self.family.document.source
        for _, name, source in self.family.list_policies():
            if name == named and source is not own:
                return read_tolerantly(source)
        return None
