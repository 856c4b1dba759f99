"""Verdicts of cases and claims as people and programs read them."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from rich.text import Text

from scorecore.analysis.cases.verdict import CaseDifference, CaseVerdict
from scorecore.analysis.claims import ClaimResults
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import locate_cases
from scorecore.program.model import Program
from scorecore_cli.case_quality import CaseQuality
from scorecore_cli.claims_view import show_claims, show_mark
from scorecore_cli.language import _, join_sentences
from scorecore_cli.terminal import bold, console, localize, table
from scorecore_cli.version_claims_view import OverlayComparison


@frozen
class TestedPolicy:
    """A policy with the verdicts of its cases and claims."""

    path: Path
    program: Program
    verdicts: tuple[CaseVerdict, ...]
    claims: ClaimResults
    quality: CaseQuality | None
    """What the cases leave unproven, if that was asked for."""
    explains_proofs: bool = False
    overlay: OverlayComparison | None = None
    """A branch beside its head office."""


def show_tested(policy: TestedPolicy, sources: Mapping[str, Source]) -> None:
    """The cases and claims of a policy."""
    console().print(bold(str(locate_cases(policy.path) if policy.verdicts else policy.path)))
    for verdict in policy.verdicts:
        _show_verdict(verdict)
    show_claims(policy.program, policy.claims, explains_proofs=policy.explains_proofs)
    if policy.overlay and (policy.overlay.results or policy.explains_proofs):
        policy.overlay.show(policy.program)
    if policy.quality:
        policy.quality.show(sources)


def _show_verdict(verdict: CaseVerdict) -> None:
    screen = console()
    screen.print(Text.assemble("  ", show_mark(is_passed=not verdict.differences), " ", verdict.case.name))
    if verdict.differences:
        shown = table(_("what"), _("expected"), _("got"))
        for difference in verdict.differences:
            shown.add_row(f"      {difference.what}", difference.expected, _got(difference))
        screen.print(shown)


def _got(difference: CaseDifference) -> str:
    """What came out instead, with the causes if it is held."""
    if not difference.held:
        return difference.got
    return join_sentences(
        f"{diagnostic.location}: {diagnostic.kind.code} {localize(diagnostic)}" for diagnostic in difference.held
    )


def case_data(policy: TestedPolicy, verdict: CaseVerdict) -> dict[str, object]:
    """A verdict as plain data."""
    return {
        "policy": str(policy.path),
        "name": verdict.case.name,
        "line": verdict.case.place.line,
        "differences": [
            {"what": difference.what, "expected": difference.expected, "got": _got(difference)}
            for difference in verdict.differences
        ],
    }
