"""Claims as people and programs read them: proved, broken by facts, or neither."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from rich.text import Text

from scorecore.analysis.claims import BoundResult, ClaimResult, ClaimResults, Counterexample, PaidOnceResult
from scorecore.analysis.direction_rules import EITHER, FALLS, RISES
from scorecore.analysis.proofs import Proof
from scorecore.analysis.samples import FactSample, describe_sample
from scorecore.analysis.suggestions.case_text import write_sample
from scorecore.program.model import BoundClaim, Program, result_name
from scorecore_cli.language import _, ngettext
from scorecore_cli.terminal import console, table


def show_claims(program: Program, results: ClaimResults, *, explains_proofs: bool) -> None:
    """Every claim with its answer, and what breaks it."""
    for claim in results.directions:
        _show_claim(program, claim, explains_proofs=explains_proofs)
    for bound in results.bounds:
        _show_bound(program, bound)
    for payment in results.payments:
        _show_payment(program, payment)
    if explains_proofs:
        for text in _write_cases(program, results):
            console().print(Text(f"\n{text}"), soft_wrap=True)


def _write_cases(program: Program, results: ClaimResults) -> Iterator[str]:
    """What breaks claims, as cases that expect what is decided now."""
    for counterexample in (result.counterexample for result in results.directions if result.counterexample):
        result, less, more = counterexample.result, counterexample.less, counterexample.more
        yield write_sample(program, _("{result}, less", result=result), less, result, counterexample.before)
        yield write_sample(program, _("{result}, more", result=result), more, result, counterexample.after)
    for excess in (result.excess for result in results.bounds if result.excess):
        name = _("{result} beyond its bounds", result=excess.result)
        yield write_sample(program, name, excess.facts, excess.result, excess.value)
    for second in (result.second for result in results.payments if result.second):
        for sample, amount in ((second.facts, second.first), (second.again, second.second)):
            name = _("{result} in {period}", result=second.line, period=sample.period)
            yield write_sample(program, name, sample, second.line, amount)


def show_mark(*, is_passed: bool) -> Text:
    """Whether something is as it should be."""
    return Text("✓", "green") if is_passed else Text("✗", "red")


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


def _show_claim(program: Program, claim_result: ClaimResult, *, explains_proofs: bool) -> None:
    screen = console()
    mark = show_mark(is_passed=claim_result.counterexample is None)
    screen.print(Text.assemble("  ", mark, " ", _claim_sentence(claim_result), "  ", (_answer(claim_result), "dim")))
    if claim_result.counterexample:
        _show_counterexample(program, claim_result.counterexample)
    if explains_proofs:
        for proof in claim_result.proofs:
            _show_proof(program, proof)


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
        answer = count_samples(bound.tries)
    mark = show_mark(is_passed=excess is None)
    screen.print(Text.assemble("  ", mark, " ", _bound_sentence(bound.claim), "  ", (answer, "dim")))
    if excess:
        screen.print(f"      {excess.result} = {excess.value}")
        show_facts(program, excess.facts)


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


def _show_payment(program: Program, result: PaidOnceResult) -> None:
    screen, second = console(), result.second
    if second:
        answer = _("broken")
    elif result.is_proved:
        answer = _("proved")
    else:
        answer = count_samples(result.tries)
    sentence = _("{results} paid once for the same facts", results=", ".join(result.claim.of))
    screen.print(Text.assemble("  ", show_mark(is_passed=second is None), " ", sentence, "  ", (answer, "dim")))
    if second:
        amounts = _(
            "{result}: {first} in {period}, and {second} again in {following}",
            result=second.line,
            first=second.first,
            period=second.facts.period,
            second=second.second,
            following=second.again.period,
        )
        screen.print(f"      {amounts}")
        show_facts(program, second.facts)


def show_facts(program: Program, facts: FactSample) -> None:
    """Facts that were drawn, one a line."""
    shown = table(_("facts"))
    for fact in map(": ".join, describe_sample(facts, program)):
        shown.add_row(f"      {fact}")
    console().print(shown)


def count_samples(count: int) -> str:
    """That so many did not break a claim."""
    return ngettext("not broken by {count} sample of facts", "not broken by {count} samples of facts", count)


def _bound_data(program: Program, bound: BoundResult) -> dict[str, object]:
    """A claim of bounds as plain data, with the facts that break it."""
    claim, excess = bound.claim, bound.excess
    broken_by: dict[str, object] = {}
    if excess:
        facts = [": ".join(fact) for fact in describe_sample(excess.facts, program)]
        broken_by = {"result": excess.result, "value": str(excess.value), "facts": facts}
    return {
        "of": list(claim.of),
        "min": None if claim.min is None else str(claim.min),
        "max": None if claim.max is None else str(claim.max),
        "proved": bound.is_proved,
        "tries": bound.tries,
        **broken_by,
    }


def _claim_data(program: Program, claim_result: ClaimResult) -> dict[str, object]:
    """A claim as plain data, with the facts that break it."""
    counterexample = claim_result.counterexample
    broken_by: dict[str, object] = {}
    if counterexample:
        sides = {"less": counterexample.less, "more": counterexample.more}
        broken_by = {name: [": ".join(fact) for fact in describe_sample(side, program)] for name, side in sides.items()}
        broken_by |= {
            "result": counterexample.result,
            "before": str(counterexample.before),
            "after": str(counterexample.after),
        }
    return {
        "more": claim_result.claim.more,
        "never": claim_result.claim.never,
        "of": list(claim_result.claim.of),
        "proved": claim_result.is_proved,
        "pairs": claim_result.pairs,
        **broken_by,
    }


def _payment_data(program: Program, result: PaidOnceResult) -> dict[str, object]:
    """A claim that lines are paid once as plain data, with the facts that break it."""
    second = result.second
    broken_by: dict[str, object] = {}
    if second:
        broken_by = {
            "result": second.line,
            "amounts": {second.facts.period.label: str(second.first), second.again.period.label: str(second.second)},
            "facts": [": ".join(fact) for fact in describe_sample(second.facts, program)],
        }
    return {"of": list(result.claim.of), "proved": result.is_proved, "tries": result.tries, **broken_by}


def list_claim_data(policy: Path, program: Program, results: ClaimResults) -> dict[str, list[dict[str, object]]]:
    """All claims of a policy as plain data, by their kinds."""
    kinds: dict[str, list[dict[str, object]]] = {
        "claims": [_claim_data(program, result) for result in results.directions],
        "bounds": [_bound_data(program, result) for result in results.bounds],
        "paid_once": [_payment_data(program, result) for result in results.payments],
    }
    return {kind: [{"policy": str(policy), **each} for each in data] for kind, data in kinds.items()}
