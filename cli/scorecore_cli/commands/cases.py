"""`scorecore test`: the cases beside policies."""

import sys
from pathlib import Path

import rich_click as click
from rich.text import Text

from scorecore.files.policies import cases_of, policy_files, read_source
from scorecore.problems import Problems
from scorecore.source import Source
from scorecore.testing import Difference, Verdict, run_cases
from scorecore_cli import options
from scorecore_cli.language import several, t
from scorecore_cli.terminal import console, problem_data, said, show_json, show_problems, table
from scorecore_cli.workspace import Checked, Workspace


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@options.parents
@options.as_json
@options.lang
def test(paths: tuple[Path, ...], parents: tuple[Path, ...], *, as_json: bool) -> None:
    """Run the cases of policies, and show what came out otherwise than expected."""
    workspace = Workspace.open(parents)
    checked = [one for path in policy_files(paths) if cases_of((one := workspace.check(path)).path).exists()]
    problems = Problems()
    sources: dict[str, Source] = {}
    verdicts: list[tuple[Checked, list[Verdict]]] = []
    for one in checked:
        for problem in one.problems:
            if not problem.kind.warning or one.program is None:
                problems.take(problem)
        sources |= one.sources
        source = read_source(cases_of(one.path), problems) if one.program else None
        if one.program and source:
            sources[source.name] = source
            verdicts.append((one, run_cases(source, one.program, problems)))
    run = [verdict for _, own in verdicts for verdict in own]
    failed = sum(bool(one.differences) for one in run)
    wrong = bool(failed) or bool(len(problems)) or bool(workspace.problems)
    if as_json:
        show_json({"run": len(run), "failed": failed, **_data(verdicts), "problems": list(map(problem_data, problems))})
        sys.exit(wrong)
    out = console()
    show_problems([*workspace.problems, *problems], sources, out)
    for one, own in verdicts:
        out.print(Text(str(cases_of(one.path)), "bold"))
        for verdict in own:
            _show(verdict)
    if not run and not len(problems):
        out.print(t("there are no cases: a policy `x.toml` has them in `x.cases.toml`"))
    out.print(t("{run} cases run, {failed} failed", run=len(run), failed=failed))
    sys.exit(wrong)


def _show(verdict: Verdict) -> None:
    out = console()
    mark = Text("✗", "red") if verdict.differences else Text("✓", "green")
    out.print(Text.assemble("  ", mark, " ", verdict.case.name))
    if verdict.differences:
        shown = table(t("what"), t("expected"), t("got"))
        for one in verdict.differences:
            shown.add_row(f"      {one.what}", one.expected, _got(one))
        out.print(shown)


def _got(of: Difference) -> str:
    return several(f"{one.location}: {one.kind.code} {said(one)}" for one in of.held) if of.held else of.got


def _data(verdicts: list[tuple[Checked, list[Verdict]]]) -> dict[str, list[dict[str, object]]]:
    return {
        "cases": [
            {
                "policy": str(one.path),
                "name": verdict.case.name,
                "line": verdict.case.place.line,
                "differences": [
                    {"what": each.what, "expected": each.expected, "got": _got(each)} for each in verdict.differences
                ],
            }
            for one, own in verdicts
            for verdict in own
        ]
    }
