"""Tests of one operator: what a class inherits to have a function for expressions checked."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from attrs import evolve

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.source import Location
from scorecore.kit.compile_process import full_digest
from scorecore.kit.examples import UsingPolicy, choose, list_missing_words, load_plugins, load_policies
from scorecore.kit.faults import fail_on
from scorecore.kit.purity import sources_of, touches
from scorecore.kit.subject import Subject
from scorecore.language.cel.macros import MacroError, Operator, expand_macros
from scorecore.language.cel.syntax import Call, LiteralSyntax, Name, Place, Syntax
from scorecore.plugins import Plugins

_PLACE: Final = Place(Location("policy.toml", 1, 1))
_OPERANDS: Final[tuple[Syntax, ...]] = (
    Name("x", _PLACE),
    *(LiteralSyntax(value, _PLACE) for value in (0, Decimal("0.5"), "text", True, date(2024, 2, 29))),
)
"""What an author may write, right or wrong."""
_FAILURES: Final = (catalogue.OPERATOR_FAILED, catalogue.OPERATOR_UNFIT, catalogue.PLUGIN_VARIES)


class OperatorKit:
    """Tests of one operator. What a test finds is in its message, a line for each fault."""

    operator: ClassVar[str | Operator]
    """The name of an installed operator, or one that is not installed yet."""
    policies: ClassVar[Path]
    """A policy that calls it, or a folder of such policies, with cases beside them."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    @cached_property
    def examined(self) -> Operator:
        return choose("operator", self.operator, load_plugins().operators)

    @cached_property
    def plugins(self) -> Plugins:
        plugins = load_plugins()
        return evolve(plugins, operators={**plugins.operators, self.examined.name: self.examined})

    @cached_property
    def using(self) -> tuple[UsingPolicy, ...]:
        return load_policies(self.policies, self.plugins)

    def test_policies_compile_and_use_it(self) -> None:
        """Every policy compiles, and one of them calls the operator."""
        fail_on(self._find_problems())

    def test_cases_hold(self) -> None:
        """There are cases, and every one comes out as it says."""
        examples = tuple(policy.example for policy in self.using)
        fail_on(Subject(cast("Any", None), self.plugins, examples).find_failing_cases())

    def test_it_touches_nothing_outside(self) -> None:
        """Its source uses no file, network, clock or chance."""
        sources = sources_of(cast("type", self.examined.expand))
        fail_on(f"{name} uses `{effect}`" for name, tree in sources.items() for effect in touches(tree))

    def test_it_always_gives_the_same(self) -> None:
        """A policy that is compiled twice is the same program."""
        fail_on(self._find_differences())

    def test_operands_of_any_kind_are_composed(self) -> None:
        """Of whatever is written for its operands it makes an expression, which the compiler judges; it never fails."""
        fail_on(self._find_failures())

    def test_it_is_documented_in_both_languages(self) -> None:
        """What it gives is said in a sentence, in English and in Chinese."""
        fail_on(self._find_undocumented())

    def _find_problems(self) -> Iterator[str]:
        if not any(("operators", self.examined.name) in policy.participants for policy in self.using):
            yield f"no policy in {self.policies} calls `{self.examined.name}`"
        for policy in self.using:
            yield from (str(problem) for problem in policy.example.diagnostics if not problem.kind.warning)

    def _find_differences(self) -> Iterator[str]:
        for policy in self.using:
            example = policy.example
            yield from (str(problem) for problem in example.diagnostics if problem.kind is catalogue.PLUGIN_VARIES)
            recompiled, _ = check_policy(example.source, example.parents, self.plugins)
            if example.program and (recompiled is None or full_digest(recompiled) != full_digest(example.program)):
                yield f"{example.path}: compiled twice, it gives two programs"

    def _find_failures(self) -> Iterator[str]:
        name, count = self.examined.name, len(self.examined.operands)
        for operands in product(_OPERANDS, repeat=min(count, 3)):
            written = (*operands, *_OPERANDS[: count - len(operands)])
            try:
                expand_macros(Call(name, written, _PLACE), {name: self.examined})
            except MacroError as fault:
                if fault.kind in _FAILURES:
                    yield f"{name}({', '.join(map(str, written))}): {fault.kind.code} {fault.params}"

    def _find_undocumented(self) -> Iterator[str]:
        summary = self.examined.summary
        if not summary.endswith("."):
            yield f"the first line of its docstring is not a sentence: {summary!r}"
        chinese = {**self.plugins.words.get("zh", {}), **self.words}
        yield from list_missing_words({summary: "the summary"}, chinese)
