"""What is looked at: a scorer, and the policies that use it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

from scorecore.analysis.cases.verdict import run_cases
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import (
    find_parents,
    find_policy_files,
    locate_cases,
    read_source,
)
from scorecore.plugins import (
    Plugins,
    Scorer,
    installed,
    load_scorers,
)
from scorecore.policy.load import load
from scorecore.policy.model import ItemDeclaration, Policy
from scorecore.program.model import Program
from scorecore.values.step_id import StepId


@frozen
class Example:
    """A policy that may use the scorer."""

    path: Path
    source: Source
    parents: Mapping[str, Source]
    policy: Policy | None
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]

    def items(self, scorer: str) -> Iterator[ItemDeclaration]:
        """The items that a scorer works for."""
        yield from (item for item in (self.policy.items if self.policy else ()) if item.scorer == scorer)


@frozen
class Subject:
    """A scorer, all scorers that there are, and examples of its use."""

    scorer: Scorer
    scorers: Plugins
    examples: tuple[Example, ...]

    @property
    def used(self) -> Iterator[tuple[Example, ItemDeclaration]]:
        """Every item that the scorer works for."""
        for example in self.examples:
            yield from ((example, item) for item in example.items(self.scorer.name))

    @property
    def programs(self) -> Iterator[tuple[Program, frozenset[str]]]:
        """Every program, with the accounts of the items that the scorer works for."""
        for example in self.examples:
            items = frozenset(StepId("items", item.id) for item in example.items(self.scorer.name))
            if example.program and items:
                yield example.program, items

    def find_problems(self) -> Iterator[str]:
        if not any(True for _ in self.used):
            paths = ", ".join(str(example.path) for example in self.examples) or "none"
            yield f"no item has the scorer `{self.scorer.name}`; the policies are {paths}"
        for example in self.examples:
            yield from (_print_problem(diagnostic) for diagnostic in example.diagnostics if not diagnostic.kind.warning)

    def find_failing_cases(self) -> Iterator[str]:
        count = 0
        for example in self.examples:
            path, diagnostics = locate_cases(example.path), Diagnostics()
            if path.exists() and example.program is None:
                yield f"{path} cannot be run: its policy has problems"
                count += 1
            source = read_source(path, diagnostics) if path.exists() and example.program else None
            if source is None or example.program is None:
                continue
            for verdict in run_cases(source, example.program, diagnostics):
                count += 1
                for difference in verdict.differences:
                    case = f"{verdict.case.place}: {verdict.case.name}"
                    yield f"{case}: {difference.what}: expected {difference.expected}, got {difference.got}"
            yield from map(_print_problem, diagnostics)
        if not count:
            yield "there are no cases: a policy `x.toml` has them in `x.cases.toml`"


def _print_problem(diagnostic: Diagnostic) -> str:
    advice = diagnostic.advice()
    return f"{diagnostic}\n  help: {advice}" if advice else str(diagnostic)


def load_subject(scorer: str | Scorer, policies: Path) -> Subject:
    """A scorer with the policies of a folder; raises LookupError where it is not installed, or a plugin is broken."""
    diagnostics = Diagnostics()
    scorers = load_scorers(installed(), diagnostics)
    if len(diagnostics):
        raise LookupError("\n".join(map(str, diagnostics)))
    if isinstance(scorer, Scorer):
        scorers = evolve(scorers, scorers={**scorers, scorer.name: scorer})
    elif scorer not in scorers:
        raise LookupError(f"no scorer `{scorer}` is installed; installed are {', '.join(scorers)}")
    examined = scorer if isinstance(scorer, Scorer) else scorers[scorer]
    if not policies.exists():
        raise LookupError(f"there is no {policies}")
    return Subject(examined, scorers, tuple(_load_example(path, scorers) for path in find_policy_files([policies])))


def _load_example(path: Path, scorers: Mapping[str, Scorer]) -> Example:
    diagnostics = Diagnostics()
    source = read_source(path, diagnostics)
    if source is None:
        return Example(path, Source(str(path), ""), {}, None, None, tuple(diagnostics))
    parents = find_parents(source, (path.parent,))
    loaded = load(source, parents, Diagnostics())
    program, problems = check_policy(source, parents, scorers)
    return Example(path, source, parents, loaded.policy if loaded else None, program, problems)
