"""A catalogue of codes, each with its points: shared by the scorers that sort events by a code."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.diagnostics.source import Snippet
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.syntax import Select, Syntax
from scorecore.plugins import Entry, ItemContext
from scorecore.policy.model import key
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
    quantity: Syntax | None = key("how many units of it; left out: one", default=None)
    label: str = key("reason for people", default="")
    authority: str = key("the clause that it rests on", default="")


def mistakes(
    code: Syntax, codes: Sequence[Code], ignore: Sequence[Snippet], each: Snippet, item: ItemContext
) -> Iterator[Diagnostic]:
    """Codes that the facts do not have, and codes of the facts that nobody thought of."""
    events = item.events.get(each.text)
    field = events.fields.get(code.member) if events and isinstance(code, Select) else None
    if field is None or field.among is None:
        return
    named = [*(one.code for one in codes), *ignore]
    for one in named:
        if one.text not in field.among:
            params = {"code": one.text, "codes": ", ".join(field.among), **suggest(one.text, field.among)}
            yield Diagnostic(UNKNOWN_CODE, one.locate(0), params, len(one.text))
    for missing in field.among:
        if missing not in {one.text for one in named}:
            yield Diagnostic(UNBOUND_CODE, item.place.location, {"code": missing}, item.place.length)


def entries(occasion: Occasion, code: Syntax, codes: Sequence[Code]) -> Iterator[Entry]:
    """For each code, an entry for each event that has it."""
    for one in codes:
        matches = code.equals(one.code.text)
        where = matches if occasion.where is None else matches & occasion.where
        due = evolve(
            occasion,
            where=where,
            quantity=one.quantity,
            label=one.label,
            authority=one.authority or occasion.authority,
        )
        yield from due.give(-one.take, one.code.text)
