"""Scorers at work: what an item's own keys mean, as entries."""

from collections.abc import Mapping
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.macros import MacroError, check_size
from scorecore.language.cel.syntax import Place
from scorecore.plugins import Entry, ItemContext, Scorer
from scorecore.policy import model as policy
from scorecore.policy.model import ITEM_KEYS
from scorecore.policy.structure import structure

MAX_ENTRIES: Final = 10_000
"""Entries that a scorer may make of one item; the longest catalogue of the domain has some hundreds."""


def expand_scorer(
    item: policy.ItemDeclaration,
    declared: policy.Policy,
    scorers: Mapping[str, Scorer],
    diagnostics: Diagnostics,
) -> list[Entry] | None:
    """What the item's scorer makes of the item's own keys; None with diagnostics."""
    scorer = scorers.get(item.scorer)
    if scorer is None:
        names = ", ".join(sorted(scorers))
        nearest = suggest(item.scorer, scorers)
        diagnostics.add(catalogue.UNKNOWN_SCORER, *item.at("scorer"), name=item.scorer, known=names, **nearest)
        return None
    parameters = structure(item.rest, scorer.parameters, diagnostics, also=ITEM_KEYS)
    if parameters is None:
        return None
    points = None if item.points == "open" else item.points
    if points is not None and points < 0:
        diagnostics.add(catalogue.NEGATIVE_POINTS, *item.at("points"), points=points)
        return None
    context = ItemContext(item.id, points, Place(*item.at("scorer")), declared.subject, declared.events)
    before = diagnostics.error_count
    entries: list[Entry] = []
    try:
        for contribution in parameters.entries(context):
            if len(entries) == MAX_ENTRIES:
                diagnostics.add(catalogue.SCORER_ENDLESS, *item.at("scorer"), name=scorer.name, limit=MAX_ENTRIES)
                break
            _accept(contribution, entries, item, diagnostics)
    except MacroError as fault:
        diagnostics.add(fault.kind, fault.place.location, fault.place.length, **fault.params)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign scorer raises, it has a name and a place
        reason = f"{type(error).__name__}: {error}"
        diagnostics.add(catalogue.SCORER_FAILED, *item.at("scorer"), name=scorer.name, error=reason)
    return entries if diagnostics.error_count == before else None


def _accept(contribution: object, entries: list[Entry], item: policy.ItemDeclaration, diagnostics: Diagnostics) -> None:
    """What a scorer gives is an entry, or a diagnostic; raises MacroError where an expression is too large."""
    if isinstance(contribution, Entry):
        for part in (contribution.points, contribution.when, contribution.quantity):
            if part is not None:
                check_size(part, part.place)
        entries.append(contribution)
    elif isinstance(contribution, Diagnostic):
        diagnostics.take(contribution)
    else:
        shown = f"{contribution!r:.80}"
        diagnostics.add(catalogue.SCORER_UNFIT, *item.at("scorer"), name=item.scorer, found=shown)
