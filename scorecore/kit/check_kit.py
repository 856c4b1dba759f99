"""Tests of one house rule: what a class inherits to have a check of policies checked."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar, cast

from attrs import evolve

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.failures import describe_failure
from scorecore.kit.documentation import find_kinds
from scorecore.kit.examples import UsingPolicy, choose, list_missing_words, load_plugins, load_policies
from scorecore.kit.faults import fail_on
from scorecore.kit.purity import sources_of, touches
from scorecore.plugins import Check, Plugins
from scorecore.plugins.reserved import has_reserved_code
from scorecore.program.digest import program_digest


class CheckKit:
    """Tests of one check. What a test finds is in its message, a line for each fault."""

    check: ClassVar[str | Check]
    """The name of an installed check, or one that is not installed yet."""
    followed: ClassVar[Path]
    """A policy that follows the rule, or a folder of such policies; they need not name the check."""
    broken: ClassVar[Path]
    """A policy that breaks it, or a folder of such policies, which are right in all else."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    @cached_property
    def plugins(self) -> Plugins:
        return load_plugins()

    @cached_property
    def examined(self) -> Check:
        return choose("check", self.check, self.plugins.checks)

    def test_policies_that_follow_it_have_no_problem(self) -> None:
        """There are policies that follow the rule, each compiles, and the check finds nothing in it."""
        fail_on(self._find_false_alarms())

    def test_policies_that_break_it_have_a_problem_with_a_place(self) -> None:
        """There are policies that break the rule, and in each of them something is found, at a place in its text."""
        fail_on(self._find_unnoticed())

    def test_it_touches_nothing_outside(self) -> None:
        """Its source uses no file, network, clock or chance."""
        sources = sources_of(cast("type", self.examined.diagnostics))
        fail_on(f"{name} uses `{effect}`" for name, tree in sources.items() for effect in touches(tree))

    def test_it_always_gives_the_same_and_changes_nothing(self) -> None:
        """Asked twice, it finds the same; the program is the same afterwards."""
        fail_on(self._find_differences())

    def test_it_is_documented_in_both_languages(self) -> None:
        """Its summary and its problems are said in English and in Chinese, and no code of its own begins with SC."""
        fail_on(self._find_undocumented())

    def _load(self, folder: Path) -> tuple[UsingPolicy, ...]:
        """Policies as they are without the check, which may be named in them."""
        name = self.examined.name
        silent = evolve(self.plugins, checks={**self.plugins.checks, name: Check(name, lambda _policy, _program: ())})
        return load_policies(folder, silent)

    def _run(self, policy: UsingPolicy) -> tuple[list[Diagnostic], str]:
        """What the check finds in a policy; and what keeps it from looking."""
        example = policy.example
        if example.policy is None or example.program is None:
            return [], f"{example.path} has problems of its own: {'; '.join(map(str, example.diagnostics))}"
        try:
            findings = list(self.examined.diagnostics(example.policy, example.program))
        except Exception as error:  # noqa: BLE001  whatever a foreign check raises
            code = self.examined.diagnostics
            return [], f"{example.path}: the check failed: {describe_failure(error, code.__module__, code)}"
        strange = next((finding for finding in findings if not isinstance(finding, Diagnostic)), None)
        return findings, f"{example.path}: {strange!r:.80} is not a problem" if strange is not None else ""

    def _find_false_alarms(self) -> Iterator[str]:
        policies = self._load(self.followed)
        if not policies:
            yield f"there is no policy in {self.followed}"
        for policy in policies:
            findings, fault = self._run(policy)
            yield from [fault] if fault else map(str, findings)

    def _find_unnoticed(self) -> Iterator[str]:
        policies = self._load(self.broken)
        if not policies:
            yield f"there is no policy in {self.broken}"
        for policy in policies:
            findings, fault = self._run(policy)
            if fault or not findings:
                yield fault or f"{policy.example.path}: nothing is found in it"
                continue
            texts = {policy.example.source.name, *(parent.name for parent in policy.example.parents.values())}
            for finding in findings:
                if finding.location.source not in texts or not finding.location.line:
                    yield f"{policy.example.path}: {finding.kind.code} has no place in the text"

    def _find_differences(self) -> Iterator[str]:
        for policy in (*self._load(self.followed), *self._load(self.broken)):
            program = policy.example.program
            before = program_digest(program) if program else ""
            first, second = self._run(policy), self._run(policy)
            if first != second:
                yield f"{policy.example.path}: asked twice, it finds different problems"
            if program and program_digest(program) != before:
                yield f"{policy.example.path}: it changes the program"

    def _find_undocumented(self) -> Iterator[str]:
        check = self.examined
        if not check.summary.endswith("."):
            yield f"the first line of its docstring is not a sentence: {check.summary!r}"
        sentences = {check.summary: "the summary"}
        for kind in find_kinds(cast("type", check.diagnostics)):
            sentences |= dict.fromkeys(kind.sentences, f"the problem {kind.code}")
            if has_reserved_code(kind, check.diagnostics.__module__):
                yield f"the code {kind.code} begins with SC, as those of scorecore do"
        yield from list_missing_words(sentences, {**self.plugins.words.get("zh", {}), **self.words})
