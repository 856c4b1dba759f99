"""A catalogue of codes, each with its points: shared by the scorers that sort events by a code."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, ItemContext, Select, Snippet, Syntax, key, suggest
from scorecore_scorers.occurrences import Occasion

UNKNOWN_CODE: Final = DiagnosticKind(
    "SC706", "`{code}` is not a code in the facts", ("did you mean `{nearest}`?", "the codes are {codes}")
)
UNBOUND_CODE: Final = DiagnosticKind(
    "SC707", "the code `{code}` in the facts has no points here", ("add it to `codes`, or to `ignore`",)
)


@frozen(kw_only=True)
class Code:
    """One line of a catalogue."""

    code: Snippet = key("the code")
    take: Syntax = key("points to take")
    quantity: Syntax | None = key("how many units of it; default: one", default=None)
    label: str = key("reason for display", default="")
    authority: str = key("the clause that it rests on", default="")


def find_code_mistakes(
    code: Syntax, codes: Sequence[Code], ignored: Sequence[Snippet], each: Snippet, item: ItemContext
) -> Iterator[Diagnostic]:
    """Codes that the facts do not have, and codes of the facts that the item does not mention."""
    events = item.events.get(each.text)
    field = events.fields.get(code.member) if events and isinstance(code, Select) else None
    if field is None or field.among is None:
        return
    mentioned = [*(line.code for line in codes), *ignored]
    for snippet in mentioned:
        if snippet.text not in field.among:
            params = {"code": snippet.text, "codes": ", ".join(field.among), **suggest(snippet.text, field.among)}
            yield Diagnostic(UNKNOWN_CODE, snippet.locate(0), params, len(snippet.text))
    for missing in field.among:
        if missing not in {snippet.text for snippet in mentioned}:
            yield Diagnostic(UNBOUND_CODE, item.place.location, {"code": missing}, item.place.length)


def make_code_entries(occasion: Occasion, code: Syntax, codes: Sequence[Code]) -> Iterator[Entry]:
    """For each code, an entry for each event that has it."""
    for line in codes:
        matches = code.equals(line.code.text)
        where = matches if occasion.where is None else matches & occasion.where
        coded = evolve(occasion, where=where, quantity=line.quantity)
        yield from coded.make_entries(-line.take, line.code.text, label=line.label, authority=line.authority)
