"""`scorecore test`: the cases beside policies."""

import sys
from pathlib import Path

import rich_click as click
from rich.text import Text

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.cases.verdict import CaseDifference, CaseVerdict, judge_case
from scorecore.analysis.claims import ClaimResult, try_claims
from scorecore.analysis.samples import describe_sample as facts
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import find_policy_files, locate_cases, read_source
from scorecore_cli import options
from scorecore_cli.case_quality import Thorough
from scorecore_cli.language import several, t
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    said,
    show_diagnostics,
    show_json,
    table,
)
from scorecore_cli.workspace import Checked, Workspace


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@options.parents
@options.option("--coverage", is_flag=True, help="Show which parts of a policy no case touches.")
@options.option("--mutate", is_flag=True, help="Change a policy in one place at a time, and show what no case notices.")
@options.as_json
@options.lang
def test(paths: tuple[Path, ...], parents: tuple[Path, ...], *, coverage: bool, mutate: bool, as_json: bool) -> None:
    """Run the cases of policies, try what they claim of themselves, and show what came out otherwise."""
    workspace = Workspace.open(parents)
    found = [workspace.check(path) for path in find_policy_files(paths)]
    checked = [one for one in found if locate_cases(one.path).exists() or (one.program and one.program.monotone)]
    diagnostics = Diagnostics()
    sources: dict[str, Source] = {}
    verdicts: list[tuple[Checked, list[CaseVerdict]]] = []
    claims: dict[Path, list[ClaimResult]] = {}
    thorough: dict[Path, Thorough] = {}
    for one in checked:
        for diagnostic in one.diagnostics:
            if not diagnostic.kind.warning or one.program is None:
                diagnostics.take(diagnostic)
        sources |= one.sources
        if one.program is None:
            continue
        source = read_source(locate_cases(one.path), diagnostics) if locate_cases(one.path).exists() else None
        if source:
            sources[source.name] = source
        cases = prepare_cases(source, one.program, diagnostics) if source else []
        verdicts.append((one, [judge_case(case, one.program) for case in cases]))
        if cases and (coverage or mutate):
            asked = {"coverage": coverage, "mutate": mutate}
            thorough[one.path] = Thorough.of(str(one.path), one.program, cases, one.sources, **asked)
        claims[one.path] = try_claims(one.program)
    run = [each for _, own in verdicts for each in own]
    failed = sum(bool(one.differences) for one in run)
    broken = sum(one.counterexample is not None for several in claims.values() for one in several)
    wrong = bool(failed or broken) or bool(len(diagnostics)) or bool(workspace.diagnostics)
    if as_json:
        show_json(
            {
                "run": len(run),
                "failed": failed,
                **_data(verdicts),
                "claims": [_claim_data(one, tried) for one, _ in verdicts for tried in claims[one.path]],
                **({"thorough": [each.data() for each in thorough.values()]} if thorough else {}),
                "problems": list(map(diagnostic_data, diagnostics)),
            }
        )
        sys.exit(wrong)
    out = console()
    show_diagnostics([*workspace.diagnostics, *diagnostics], sources, out)
    for one, own in verdicts:
        _tell(one, own, claims[one.path])
        if one.path in thorough:
            thorough[one.path].show(sources)
    if not run and not any(claims.values()) and not len(diagnostics):
        out.print(t("there are no cases: a policy `x.toml` has them in `x.cases.toml`"))
    out.print(t("{run} cases run, {failed} failed", run=len(run), failed=failed))
    if any(claims.values()):
        count = sum(map(len, claims.values()))
        out.print(t("{count} claims tried, {broken} broken", count=count, broken=broken))
    sys.exit(wrong)


def _tell(one: Checked, own: list[CaseVerdict], claims: list[ClaimResult]) -> None:
    """The cases and claims of a policy."""
    console().print(Text(str(locate_cases(one.path) if own else one.path), "bold"))
    for each in own:
        _show(each)
    for tried in claims:
        _show_claim(one, tried)


def _show(of: CaseVerdict) -> None:
    out = console()
    mark = Text("✗", "red") if of.differences else Text("✓", "green")
    out.print(Text.assemble("  ", mark, " ", of.case.name))
    if of.differences:
        shown = table(t("what"), t("expected"), t("got"))
        for one in of.differences:
            shown.add_row(f"      {one.what}", one.expected, _got(one))
        out.print(shown)


def _claim(of: ClaimResult) -> str:
    params = {"more": of.claim.more, "results": ", ".join(of.claim.of)}
    if of.claim.never == "raises":
        return t("more of `{more}` never raises {results}", **params)
    return t("more of `{more}` never lowers {results}", **params)


def _show_claim(one: Checked, of: ClaimResult) -> None:
    out, found = console(), of.counterexample
    mark = Text("✗", "red") if found else Text("✓", "green")
    out.print(Text.assemble("  ", mark, " ", _claim(of), "  ", (t("{pairs} pairs of facts", pairs=of.pairs), "dim")))
    if found is None or one.program is None:
        return
    moves = t("{result} goes from {before} to {after}", result=found.result, before=found.before, after=found.after)
    out.print(f"      {moves}")
    less, more = (list(map(": ".join, facts(side, one.program))) for side in (found.less, found.more))
    more = [fact for fact in more if fact not in less]
    shown = table(t("facts"), t("and more"))
    for number in range(max(len(less), len(more))):
        shown.add_row(*(f"      {side[number]}" if number < len(side) else "" for side in (less, more)))
    out.print(shown)


def _claim_data(one: Checked, of: ClaimResult) -> dict[str, object]:
    found = of.counterexample
    told: dict[str, object] = {}
    if found and one.program:
        sides = {"less": found.less, "more": found.more}
        told = {name: [": ".join(fact) for fact in facts(side, one.program)] for name, side in sides.items()}
        told |= {"result": found.result, "before": str(found.before), "after": str(found.after)}
    return {
        "policy": str(one.path),
        "more": of.claim.more,
        "never": of.claim.never,
        "of": list(of.claim.of),
        "pairs": of.pairs,
        **told,
    }


def _got(of: CaseDifference) -> str:
    return several(f"{one.location}: {one.kind.code} {said(one)}" for one in of.held) if of.held else of.got


def _data(verdicts: list[tuple[Checked, list[CaseVerdict]]]) -> dict[str, list[dict[str, object]]]:
    return {
        "cases": [
            {
                "policy": str(one.path),
                "name": told.case.name,
                "line": told.case.place.line,
                "differences": [
                    {"what": each.what, "expected": each.expected, "got": _got(each)} for each in told.differences
                ],
            }
            for one, own in verdicts
            for told in own
        ]
    }
