"""Scorers at work: what an item's own keys mean, as entries."""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.failures import describe_failure, locate_code
from scorecore.diagnostics.source import Location
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.macros import MacroError, check_size
from scorecore.language.cel.syntax import Syntax
from scorecore.plugins import Entry, ItemContext, NamedValue, Parameters, Scorer
from scorecore.plugins.reserved import has_reserved_code
from scorecore.policy import model as policy
from scorecore.policy.model import ITEM_KEYS
from scorecore.policy.salvage import Salvage
from scorecore.policy.structure import structure

MAX_ENTRIES: Final = 10_000
"""Entries that a scorer may make of one item; the longest catalogue of the domain has some hundreds."""


def expand_scorer(
    item: policy.ItemDeclaration,
    declared: policy.Policy,
    scorers: Mapping[str, Scorer],
    diagnostics: Diagnostics,
) -> list[Entry | NamedValue] | None:
    """What the item's scorer makes of the item's own keys; None with diagnostics."""
    scorer = scorers.get(item.scorer)
    if scorer is None:
        names = ", ".join(sorted(scorers))
        nearest = suggest(item.scorer, scorers)
        diagnostics.add(catalogue.UNKNOWN_SCORER, *item.at("scorer"), name=item.scorer, known=names, **nearest)
        return None
    parameters = _read_keys(item, scorer, diagnostics)
    if parameters is None:
        return None
    points = None if item.points == "open" else item.points
    if points is not None and points < 0:
        diagnostics.add(catalogue.NEGATIVE_POINTS, *item.at("points"), points=points)
        return None
    context = ItemContext.of(item, declared, points)
    contributions = _ScorerRun(scorer, item, diagnostics)
    before = diagnostics.error_count
    entries = contributions.collect(parameters, context)
    if diagnostics.error_count > before:
        return None
    if contributions.collect(parameters, context) != entries:
        contributions.report(catalogue.PLUGIN_VARIES)
    return entries if diagnostics.error_count == before else None


def _read_keys(item: policy.ItemDeclaration, scorer: Scorer, diagnostics: Diagnostics) -> Parameters | None:
    """The keys of an item as its scorer declares them; None with diagnostics."""
    salvage = Salvage()
    try:
        parameters = structure(item.rest, scorer.parameters, diagnostics, also=ITEM_KEYS, salvage=salvage)
    except (Exception, SystemExit) as error:  # noqa: BLE001  validators, converters and factories are the plugin's
        _ScorerRun(scorer, item, diagnostics).report_failure(catalogue.SCORER_KEYS, error)
        return None
    is_misspelt = any(problem.kind is catalogue.UNKNOWN_KEY for problem in salvage.diagnostics)
    return parameters if salvage.is_complete and not is_misspelt else None  # a misspelt key is missing elsewhere


@frozen
class _ScorerRun:
    """A scorer at work on an item; whatever it gives or raises has its name and a place."""

    scorer: Scorer
    item: policy.ItemDeclaration
    diagnostics: Diagnostics

    def collect(self, parameters: Parameters, context: ItemContext) -> list[Entry | NamedValue]:
        """The entries that it gives, and the values that these read."""
        entries: list[Entry | NamedValue] = []
        try:
            for contribution in _check_iterable(parameters.entries(context)):
                if len(entries) == MAX_ENTRIES:
                    self.report(catalogue.SCORER_ENDLESS, limit=MAX_ENTRIES)
                    break
                self.accept(contribution, entries)
        except MacroError as fault:
            self.diagnostics.add(fault.kind, fault.place.location, fault.place.length, **fault.params)
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign scorer raises
            self.report_failure(catalogue.SCORER_FAILED, error)
        return entries

    def accept(self, contribution: object, entries: list[Entry | NamedValue]) -> None:
        """What a scorer gives is an entry, a value or a diagnostic; raises MacroError for too large an expression."""
        if isinstance(contribution, Entry | NamedValue):
            for part in list_expressions(contribution):
                check_size(part, part.place)
            entries.append(contribution)
        elif not isinstance(contribution, Diagnostic) or not isinstance(contribution.location, Location):
            self.report(catalogue.SCORER_UNFIT, found=f"{contribution!r:.80}")
        elif has_reserved_code(contribution.kind, self.scorer.parameters.__module__):
            self.report(catalogue.CODE_RESERVED, code=contribution.kind.code)
        else:
            self.diagnostics.take(contribution)

    def report(self, kind: DiagnosticKind, **params: object) -> None:
        """Report a fault of the scorer, with the line of its class."""
        where = locate_code(self.scorer.parameters)
        params |= {"name": self.scorer.name, **({"where": where} if where else {})}
        self.diagnostics.add(kind, *self.item.at("scorer"), **params)

    def report_failure(self, kind: DiagnosticKind, error: BaseException) -> None:
        """Report what the scorer raised, with the line in which it did."""
        parameters = self.scorer.parameters
        params = {"name": self.scorer.name, **describe_failure(error, parameters.__module__, parameters)}
        place, length = self.item.at("scorer")
        self.diagnostics.take(Diagnostic(kind, place, params, length, cause=error))


def list_expressions(contribution: Entry | NamedValue) -> list[Syntax]:
    """The expressions of what a scorer gives."""
    if isinstance(contribution, NamedValue):
        return [contribution.is_]
    return [part for part in (contribution.when, contribution.points, contribution.quantity) if part is not None]


def _check_iterable(entries: object) -> Iterable[object]:
    if not isinstance(entries, Iterable):
        raise TypeError(f"`entries` returned {entries!r:.80}; it must `yield` entries, or return a list of them")
    return entries
