"""What the kits of operators, checks and layouts share: plugins, and policies with their cases."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.explain import Explanation, explain
from scorecore.compiler.compile import check_policy_with
from scorecore.compiler.dependencies import Compilations
from scorecore.diagnostics.diagnostic import Diagnostics, PolicyRejected
from scorecore.io.policy_files import find_parents, find_policy_files, locate_cases, read_source
from scorecore.kit.subject import Example
from scorecore.plugins import Plugins, installed, load_scorers
from scorecore.plugins.provenance import Participant
from scorecore.policy.load import load

Contribution = TypeVar("Contribution")


def load_plugins() -> Plugins:
    """What is installed; raises LookupError where a plugin is broken."""
    diagnostics = Diagnostics()
    plugins = load_scorers(installed(), diagnostics)
    if len(diagnostics):
        raise LookupError("\n".join(map(str, diagnostics)))
    return plugins


def choose(kind: str, named: str | Contribution, there: Mapping[str, Contribution]) -> Contribution:
    """What a kit is about, by its name or itself; raises LookupError where it is not installed."""
    if not isinstance(named, str):
        return named
    if named not in there:
        raise LookupError(f"no {kind} `{named}` is installed; installed are {', '.join(there)}")
    return there[named]


@frozen
class UsingPolicy:
    """A policy, and what plugins brought to it."""

    example: Example
    participants: frozenset[Participant]


def load_policies(policies: Path, plugins: Plugins) -> tuple[UsingPolicy, ...]:
    """The policies of a folder, compiled."""
    if not policies.exists():
        raise LookupError(f"there is no {policies}")
    return tuple(_load(path, plugins) for path in find_policy_files([policies]))


def _load(path: Path, plugins: Plugins) -> UsingPolicy:
    diagnostics = Diagnostics()
    source = read_source(path, diagnostics)
    if source is None:
        raise PolicyRejected(tuple(diagnostics))
    parents = find_parents(source, (path.parent,))
    loaded = load(source, parents, Diagnostics())
    compilations = Compilations(parents, plugins)
    program, problems = check_policy_with(compilations, source)
    participants = frozenset[Participant]().union(*compilations.participants.values())
    return UsingPolicy(
        Example(path, source, parents, loaded.policy if loaded else None, program, problems), participants
    )


def list_explanations(policies: tuple[UsingPolicy, ...]) -> Iterator[Explanation]:
    """How the decision of each case came about."""
    for policy in policies:
        program, path = policy.example.program, locate_cases(policy.example.path)
        source = read_source(path, Diagnostics()) if program and path.exists() else None
        if program is None or source is None:
            continue
        for prepared in prepare_cases(source, program, Diagnostics()):
            yield explain(program, prepared.evaluator, prepared.facts)


def list_missing_words(sentences: Mapping[str, str], chinese: Mapping[str, str]) -> Iterator[str]:
    """The sentences that nobody says in Chinese; each with what it is of."""
    for sentence, what in sentences.items():
        if sentence and not chinese.get(sentence):
            yield f"no Chinese for {what}: {sentence!r}"
