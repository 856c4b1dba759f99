"""What is looked at: a scorer, and the policies that use it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

from scorecore.expand.compiler import check_policy
from scorecore.files.policies import cases_of, parents_near, policy_files, read_source
from scorecore.hooks import Plugins, Scorer, installed, load_scorers
from scorecore.load.policies import load
from scorecore.policy import Item, Policy
from scorecore.problems import Problem, Problems
from scorecore.program import Program
from scorecore.source import Source
from scorecore.testing import run_cases


@frozen
class Example:
    """A policy that may use the scorer."""

    path: Path
    source: Source
    parents: Mapping[str, Source]
    policy: Policy | None
    program: Program | None
    problems: tuple[Problem, ...]

    def items(self, scorer: str) -> Iterator[Item]:
        """The items that a scorer works for."""
        yield from (one for one in (self.policy.items if self.policy else ()) if one.scorer == scorer)


@frozen
class Subject:
    """A scorer, all scorers that there are, and examples of its use."""

    scorer: Scorer
    scorers: Plugins
    examples: tuple[Example, ...]

    @property
    def used(self) -> Iterator[tuple[Example, Item]]:
        """Every item that the scorer works for."""
        for example in self.examples:
            yield from ((example, item) for item in example.items(self.scorer.name))

    @property
    def programs(self) -> Iterator[tuple[Program, frozenset[str]]]:
        """Every program, with the accounts of the items that the scorer works for."""
        for example in self.examples:
            items = frozenset(f"items.{one.id}" for one in example.items(self.scorer.name))
            if example.program and items:
                yield example.program, items

    def problems(self) -> Iterator[str]:
        if not any(True for _ in self.used):
            paths = ", ".join(str(one.path) for one in self.examples) or "none"
            yield f"no item has the scorer `{self.scorer.name}`; the policies are {paths}"
        for example in self.examples:
            yield from (_told(one) for one in example.problems if not one.kind.warning)

    def failing_cases(self) -> Iterator[str]:
        run = 0
        for example in self.examples:
            path, problems = cases_of(example.path), Problems()
            if path.exists() and example.program is None:
                yield f"{path} cannot be run: its policy has problems"
                run += 1
            source = read_source(path, problems) if path.exists() and example.program else None
            if source is None or example.program is None:
                continue
            for verdict in run_cases(source, example.program, problems):
                run += 1
                for one in verdict.differences:
                    place = verdict.case.place
                    yield f"{place}: {verdict.case.name}: {one.what}: expected {one.expected}, got {one.got}"
            yield from map(_told, problems)
        if not run:
            yield "there are no cases: a policy `x.toml` has them in `x.cases.toml`"


def _told(problem: Problem) -> str:
    advice = problem.advice()
    return f"{problem}\n  help: {advice}" if advice else str(problem)


def subject_of(scorer: str | Scorer, policies: Path) -> Subject:
    """A scorer with the policies of a folder; raises LookupError where it is not installed, or a plugin is broken."""
    problems = Problems()
    scorers = load_scorers(installed(), problems)
    if len(problems):
        raise LookupError("\n".join(map(str, problems)))
    if isinstance(scorer, Scorer):
        scorers = evolve(scorers, scorers={**scorers, scorer.name: scorer})
    elif scorer not in scorers:
        raise LookupError(f"no scorer `{scorer}` is installed; installed are {', '.join(scorers)}")
    found = scorer if isinstance(scorer, Scorer) else scorers[scorer]
    if not policies.exists():
        raise LookupError(f"there is no {policies}")
    return Subject(found, scorers, tuple(_example(path, scorers) for path in policy_files([policies])))


def _example(path: Path, scorers: Mapping[str, Scorer]) -> Example:
    problems = Problems()
    source = read_source(path, problems)
    if source is None:
        return Example(path, Source(str(path), ""), {}, None, None, tuple(problems))
    parents = parents_near(source, (path.parent,))
    loaded = load(source, parents, Problems())
    program, found = check_policy(source, parents, scorers)
    return Example(path, source, parents, loaded.policy if loaded else None, program, found)
