"""Two versions that are compared without facts: equal where a condition holds, or a branch beside its head office."""

from pathlib import Path
from typing import Any, Final

import rich_click as click
from attrs import evolve, frozen
from rich.text import Text

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.claim_search import sample_cases
from scorecore.analysis.samples import FactSample, describe_sample
from scorecore.analysis.version_claims import VersionResult, compare_versions, find_laxer
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.evaluate.reference.environment import format_value
from scorecore.io.policy_files import locate_cases, read_source
from scorecore.language.cel.parser import parse
from scorecore.policy.load import identify
from scorecore.policy.model import Policy
from scorecore.policy.regulation.cited import read_header
from scorecore.policy.toml import read_toml
from scorecore.policy.values import ValueDeclaration
from scorecore.program.model import Program, result_name
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind, Value
from scorecore_cli.assessment_input import stop
from scorecore_cli.claims_view import count_samples, show_facts, show_mark
from scorecore_cli.language import _
from scorecore_cli.terminal import console, show_json
from scorecore_cli.workspace import CheckedPolicy, Workspace, find_policy

_CONDITION: Final = StepId("values", "condition_of_the_claim")
_NAME: Final = "--claim"
"""Where a condition is said to stand."""


def check_version_claim(policies: tuple[str, ...], parents: tuple[Path, ...], text: str, *, as_json: bool) -> bool:
    """Show whether two versions are equal where a condition holds; True where they are not."""
    if len(policies) != 2:  # noqa: PLR2004  the old one and the new one
        raise click.UsageError(_("a claim is about two policies: name the old one and the new one"))
    workspace, source = Workspace.open(parents), Source(_NAME, text)
    old, new = (_compile_with(workspace, find_policy(name, parents), source) for name in policies)
    results = compare_versions(old[0], new[0], _CONDITION, read_cases(new[1].path, new[0]))
    names = [f"{program.id}@{program.version}" for program in (old[0], new[0])]
    if as_json:
        data = [_result_data(result, new[0]) for result in results]
        show_json({"old": names[0], "new": names[1], "claim": text, "results": data})
    else:
        title = _("{old} and {new} decide the same where {condition}", old=names[0], new=names[1], condition=text)
        console().print(Text(title, "bold"))
        for result in results:
            _show_result(result, new[0])
    return any(result.difference for result in results)


def _compile_with(workspace: Workspace, path: Path, source: Source) -> tuple[Program, CheckedPolicy]:
    """A policy with a condition as one of its values; ends the command with the problems of either."""
    diagnostics = Diagnostics()
    syntax = parse(Snippet(source.text, source, range(len(source.text) + 1)), diagnostics)
    if syntax is None:
        stop(tuple(diagnostics), {source.name: source})
    value = ValueDeclaration(place=Location(_NAME, 1, 1), is_=syntax)

    def add(policy: Policy) -> Policy:
        return evolve(policy, values={**policy.values, _CONDITION.name: value})

    checked = workspace.check(path, add)
    if checked.program is None:
        stop(checked.diagnostics, {**checked.sources, source.name: source})
    if checked.program.step(_CONDITION).type.kind is not TypeKind.BOOL:
        raise click.UsageError(_("{text} is not a condition", text=source.text))
    return checked.program, checked


def read_cases(path: Path, program: Program) -> list[FactSample]:
    """The facts of the cases beside a policy, as far as they can be read."""
    beside, diagnostics = locate_cases(path), Diagnostics()
    source = read_source(beside, diagnostics) if beside.exists() else None
    return sample_cases(prepare_cases(source, program, diagnostics), program) if source else []


def _show_result(result: VersionResult, program: Program) -> None:
    difference = result.difference
    answer = _("proved") if result.is_proved else _("broken") if difference else count_samples(result.tries)
    mark = show_mark(is_passed=difference is None)
    console().print(Text.assemble("  ", mark, " ", result_name(result.result), "  ", (answer, "dim")))
    if difference:
        console().print(f"      {_print(difference.before)} → {_print(difference.after)}")
        show_facts(program, difference.facts)


def _print(value: Value | Ratio) -> str:
    return str(value) if isinstance(value, Ratio) else format_value(value)


def _result_data(result: VersionResult, program: Program) -> dict[str, Any]:
    difference = result.difference
    data: dict[str, Any] = {
        "result": result_name(result.result),
        "proved": result.is_proved,
        "tries": result.tries,
    }
    if difference:
        facts = [": ".join(fact) for fact in describe_sample(difference.facts, program)]
        data |= {"before": _print(difference.before), "after": _print(difference.after), "facts": facts}
    return data


# a branch and its head office


@frozen
class OverlayComparison:
    """A branch beside its head office, whose figures may be left open; then there are no results."""

    head_office: str
    is_forbidden: bool
    """Whether the head office says that no branch may be laxer."""
    results: tuple[VersionResult, ...]

    @property
    def laxer(self) -> list[VersionResult]:
        return [result for result in self.results if result.difference]

    @property
    def is_broken(self) -> bool:
        return self.is_forbidden and bool(self.laxer)

    def show(self, program: Program) -> None:
        """Whether the branch is laxer, with an example of each result that is; a note, unless that is forbidden."""
        params = {"head_office": self.head_office}
        if not self.results:
            sentence = _("not compared with {head_office}, which leaves figures open or has no such results", **params)
            console().print(Text(f"  {sentence}", "dim"))
            return
        if not self.laxer:
            tries = max(result.tries for result in self.results)
            answer = count_samples(tries) if tries else _("proved")
            sentence = _("never laxer than {head_office}", **params)
            console().print(Text.assemble("  ", show_mark(is_passed=True), " ", sentence, "  ", (answer, "dim")))
            return
        mark = show_mark(is_passed=False) if self.is_forbidden else Text("!", "yellow")
        console().print(Text.assemble("  ", mark, " ", _("laxer than {head_office}:", **params)))
        for result in self.laxer:
            if result.difference:
                before, after = map(_print, (result.difference.before, result.difference.after))
                console().print(f"      {result_name(result.result)}: {before} → {after}")
                show_facts(program, result.difference.facts)

    def data(self, policy: Path, program: Program) -> dict[str, Any]:
        """The same as plain data."""
        results = [_result_data(result, program) for result in self.results]
        names = {"policy": str(policy), "head_office": self.head_office, "forbidden": self.is_forbidden}
        return {**names, "laxer": [result_name(result.result) for result in self.laxer], "results": results}


def compare_with_head_office(workspace: Workspace, policy: CheckedPolicy) -> OverlayComparison | None:
    """A branch beside the policy that it extends; None for one that extends none, or where being laxer is intended."""
    program = policy.program
    own = policy.sources.get(str(policy.path))
    tree = read_toml(own, Diagnostics()) if own else None
    head_office = read_header(tree, "extends") if tree else ""
    if program is None or not head_office:
        return None
    source = next((each for each in policy.sources.values() if identify(each) == head_office), None)
    if source is None:
        return None
    declared: list[Policy] = []

    def note(parent: Policy) -> Policy:
        declared.append(parent)
        return parent

    parent = workspace.check_source(source, (policy.path.parent, *workspace.parents), note)
    allowed = declared[0].open.laxer if declared and declared[0].open else None
    if allowed:
        return None
    results = find_laxer(parent.program, program, read_cases(policy.path, program)) if parent.program else []
    return OverlayComparison(head_office, allowed is False, tuple(results))
