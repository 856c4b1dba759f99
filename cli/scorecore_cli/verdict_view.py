"""Verdicts of cases and claims as people and programs read them."""

from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from attrs import frozen
from rich.text import Text

from scorecore.analysis.cases.verdict import CaseDifference, CaseVerdict
from scorecore.analysis.claims import BoundResult, ClaimResult, Counterexample
from scorecore.analysis.direction_rules import EITHER, FALLS, RISES
from scorecore.analysis.directions import Proof
from scorecore.analysis.samples import describe_sample
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import locate_cases
from scorecore.program.model import BoundClaim, Program, result_name
from scorecore_cli.case_quality import CaseQuality
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.terminal import bold, console, localize, table


@frozen
class TestedPolicy:
    """A policy with the verdicts of its cases and claims."""

    path: Path
    program: Program
    verdicts: tuple[CaseVerdict, ...]
    claims: tuple[ClaimResult, ...]
    bounds: tuple[BoundResult, ...]
    quality: CaseQuality | None
    """What the cases leave unproven, if that was asked for."""
    explains_proofs: bool = False


def show_tested(policy: TestedPolicy, sources: Mapping[str, Source]) -> None:
    """The cases and claims of a policy."""
    console().print(bold(str(locate_cases(policy.path) if policy.verdicts else policy.path)))
    for verdict in policy.verdicts:
        _show_verdict(verdict)
    for claim in policy.claims:
        _show_claim(policy, claim)
    for bound in policy.bounds:
        _show_bound(policy.program, bound)
    if policy.quality:
        policy.quality.show(sources)


def _mark(*, is_passed: bool) -> Text:
    return Text("✓", "green") if is_passed else Text("✗", "red")


def _show_verdict(verdict: CaseVerdict) -> None:
    screen = console()
    screen.print(Text.assemble("  ", _mark(is_passed=not verdict.differences), " ", verdict.case.name))
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


def _claim_sentence(claim_result: ClaimResult) -> str:
    claim = claim_result.claim
    params = {"more": claim.more, "results": ", ".join(claim.of)}
    if claim.never == "raises":
        return _("more of `{more}` never raises {results}", **params)
    return _("more of `{more}` never lowers {results}", **params)


def _answer(claim_result: ClaimResult) -> str:
    """Proved, broken, or how many pairs of facts did not break it."""
    if claim_result.is_proved:
        return _("proved")
    if claim_result.counterexample:
        return _("broken")
    return ngettext("not broken by {count} pair of facts", "not broken by {count} pairs of facts", claim_result.pairs)


def _show_claim(policy: TestedPolicy, claim_result: ClaimResult) -> None:
    screen = console()
    mark = _mark(is_passed=claim_result.counterexample is None)
    screen.print(Text.assemble("  ", mark, " ", _claim_sentence(claim_result), "  ", (_answer(claim_result), "dim")))
    if claim_result.counterexample:
        _show_counterexample(policy.program, claim_result.counterexample)
    if policy.explains_proofs:
        for proof in claim_result.proofs:
            _show_proof(policy.program, proof)


def _bound_sentence(claim: BoundClaim) -> str:
    results = ", ".join(claim.of)
    if claim.max is None:
        return _("{results} never below {low}", results=results, low=claim.min)
    if claim.min is None:
        return _("{results} never above {high}", results=results, high=claim.max)
    return _("{results} always from {low} to {high}", results=results, low=claim.min, high=claim.max)


def _show_bound(program: Program, bound: BoundResult) -> None:
    screen, excess = console(), bound.excess
    if excess:
        answer = _("broken")
    elif bound.is_proved:
        answer = _("proved")
    else:
        answer = ngettext(
            "not broken by {count} sample of facts", "not broken by {count} samples of facts", bound.tries
        )
    mark = _mark(is_passed=excess is None)
    screen.print(Text.assemble("  ", mark, " ", _bound_sentence(bound.claim), "  ", (answer, "dim")))
    if excess:
        screen.print(f"      {excess.result} = {excess.value}")
        shown = table(_("facts"))
        for fact in map(": ".join, describe_sample(excess.facts, program)):
            shown.add_row(f"      {fact}")
        screen.print(shown)


def _show_proof(program: Program, proof: Proof) -> None:
    """The steps through which a fact moves a result, and where the proof stops."""
    ways = {RISES: _("rises"), FALLS: _("falls"), EITHER: _("rises or falls")}
    steps = [f"{result_name(name)} {ways[direction]}" for name, direction in proof.path]
    screen = console()
    screen.print(f"      {proof.result}: {' → '.join(steps) or _('does not move')}", style="dim")
    if proof.stop:
        place = program.step(proof.stop).place
        screen.print(
            "      "
            + _("the proof stops at {step} ({place}), whose formula may do either", step=proof.stop, place=place),
            style="dim",
        )


def _show_counterexample(program: Program, counterexample: Counterexample) -> None:
    screen = console()
    moves = _(
        "{result} goes from {before} to {after}",
        result=counterexample.result,
        before=counterexample.before,
        after=counterexample.after,
    )
    screen.print(f"      {moves}")
    less, more = (
        list(map(": ".join, describe_sample(side, program))) for side in (counterexample.less, counterexample.more)
    )
    shown = table(_("facts"), _("and more"))
    for left, right in zip_longest(less, (fact for fact in more if fact not in less)):
        shown.add_row(*(f"      {fact}" if fact else "" for fact in (left, right)))
    screen.print(shown)


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


def bound_data(policy: TestedPolicy, bound: BoundResult) -> dict[str, object]:
    """A claim of bounds as plain data, with the facts that break it."""
    claim, excess = bound.claim, bound.excess
    broken_by: dict[str, object] = {}
    if excess:
        facts = [": ".join(fact) for fact in describe_sample(excess.facts, policy.program)]
        broken_by = {"result": excess.result, "value": str(excess.value), "facts": facts}
    return {
        "policy": str(policy.path),
        "of": list(claim.of),
        "min": None if claim.min is None else str(claim.min),
        "max": None if claim.max is None else str(claim.max),
        "proved": bound.is_proved,
        "tries": bound.tries,
        **broken_by,
    }


def claim_data(policy: TestedPolicy, claim_result: ClaimResult) -> dict[str, object]:
    """A claim as plain data, with the facts that break it."""
    counterexample = claim_result.counterexample
    broken_by: dict[str, object] = {}
    if counterexample:
        sides = {"less": counterexample.less, "more": counterexample.more}
        broken_by = {
            name: [": ".join(fact) for fact in describe_sample(side, policy.program)] for name, side in sides.items()
        }
        broken_by |= {
            "result": counterexample.result,
            "before": str(counterexample.before),
            "after": str(counterexample.after),
        }
    return {
        "policy": str(policy.path),
        "more": claim_result.claim.more,
        "never": claim_result.claim.never,
        "of": list(claim_result.claim.of),
        "proved": claim_result.is_proved,
        "pairs": claim_result.pairs,
        **broken_by,
    }
