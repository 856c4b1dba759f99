"""`scorecore test`: the cases beside policies."""

import sys
from pathlib import Path

import rich_click as click
from attrs import field, frozen

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.cases.verdict import judge_case
from scorecore.analysis.claim_search import sample_cases
from scorecore.analysis.claims import try_all_claims
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import locate_cases, read_source
from scorecore_cli import options
from scorecore_cli.case_quality import CaseQuality
from scorecore_cli.claims_view import list_claim_data
from scorecore_cli.language import _, ngettext
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.terminal import console, diagnostic_data, show_diagnostics, show_json
from scorecore_cli.verdict_view import TestedPolicy, case_data, show_tested
from scorecore_cli.version_claims_view import compare_with_head_office
from scorecore_cli.workspace import CheckedPolicy, Workspace, find_policies


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=PathParameter(exists=True))
@options.parents
@options.option("--coverage", is_flag=True, help="Show which parts of a policy no case touches.")
@options.option("--mutate", is_flag=True, help="Change a policy in one place at a time, and show what no case notices.")
@options.option("--why", is_flag=True, help="Show through which steps a claim is proved, or where its proof stops.")
@options.as_json
@options.lang
def test(
    paths: tuple[Path, ...], parents: tuple[Path, ...], *, coverage: bool, mutate: bool, why: bool, as_json: bool
) -> None:
    """Run the cases of policies, prove or test their claims, and show what differs."""
    workspace = Workspace.open(parents)
    session = _Session(workspace, coverage, mutate, why)
    for path in find_policies(paths):
        session.test(workspace.check(path))
    failed = session.is_failed or bool(workspace.diagnostics)
    if as_json:
        show_json(session.data())
    else:
        show_diagnostics([*workspace.diagnostics, *session.diagnostics], session.sources, console())
        session.show()
    sys.exit(failed)


@frozen
class _Session:
    """Policies that were tested."""

    workspace: Workspace
    coverage: bool
    mutate: bool
    why: bool
    tested: list[TestedPolicy] = field(factory=list)
    diagnostics: Diagnostics = field(factory=Diagnostics)
    """Of policies and cases."""
    sources: dict[str, Source] = field(factory=dict)

    def test(self, policy: CheckedPolicy) -> None:
        """Run the cases of a policy, and try its claims; one that has neither is left alone."""
        path = locate_cases(policy.path)
        program = policy.program
        has_claims = program and (program.monotone or program.bounded or program.paid_once)
        overlay = compare_with_head_office(self.workspace, policy)
        if not path.exists() and not has_claims and not overlay:
            return
        self.sources.update(policy.sources)
        for diagnostic in policy.diagnostics:
            if not diagnostic.kind.warning or policy.program is None:
                self.diagnostics.take(diagnostic)
        if policy.program is None:
            return
        source = read_source(path, self.diagnostics) if path.exists() else None
        if source:
            self.sources[source.name] = source
        cases = prepare_cases(source, policy.program, self.diagnostics) if source else []
        verdicts = [judge_case(case, policy.program) for case in cases]
        quality = None
        if cases and (self.coverage or self.mutate):
            quality = CaseQuality.of(
                str(policy.path), policy.program, cases, policy.sources, coverage=self.coverage, mutate=self.mutate
            )
        claims = try_all_claims(policy.program, sample_cases(cases, policy.program))
        parts = (policy.path, policy.program, tuple(verdicts), claims, quality)
        self.tested.append(TestedPolicy(*parts, explains_proofs=self.why, overlay=overlay))

    @property
    def failed_cases(self) -> int:
        return sum(bool(verdict.differences) for policy in self.tested for verdict in policy.verdicts)

    @property
    def broken_claims(self) -> int:
        broken = sum(policy.claims.broken for policy in self.tested)
        return broken + sum(policy.overlay.is_broken for policy in self.tested if policy.overlay)

    @property
    def proved_claims(self) -> int:
        return sum(policy.claims.proved for policy in self.tested)

    @property
    def is_failed(self) -> bool:
        return bool(self.failed_cases or self.broken_claims or len(self.diagnostics))

    def show(self) -> None:
        for policy in self.tested:
            show_tested(policy, self.sources)
        run = sum(len(policy.verdicts) for policy in self.tested)
        claims = sum(policy.claims.count for policy in self.tested)
        screen = console()
        if not run and not claims and not len(self.diagnostics):
            screen.print(_("there are no cases: a policy `x.toml` has them in `x.cases.toml`"))
        screen.print(
            ngettext(
                "{count} case run, {failed} failed", "{count} cases run, {failed} failed", run, failed=self.failed_cases
            )
        )
        if claims:
            screen.print(
                ngettext(
                    "{count} claim: {proved} proved, {broken} broken",
                    "{count} claims: {proved} proved, {broken} broken",
                    claims,
                    proved=self.proved_claims,
                    broken=self.broken_claims,
                )
            )

    def data(self) -> dict[str, object]:
        claims = [list_claim_data(policy.path, policy.program, policy.claims) for policy in self.tested]
        qualities = [policy.quality.data() for policy in self.tested if policy.quality]
        return {
            "run": sum(len(policy.verdicts) for policy in self.tested),
            "failed": self.failed_cases,
            "cases": [case_data(policy, verdict) for policy in self.tested for verdict in policy.verdicts],
            **{kind: [each for data in claims for each in data[kind]] for kind in ("claims", "bounds", "paid_once")},
            "branches": [each.overlay.data(each.path, each.program) for each in self.tested if each.overlay],
            **({"thorough": qualities} if qualities else {}),
            "problems": list(map(diagnostic_data, self.diagnostics)),
        }
