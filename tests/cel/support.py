"""One expression outside of a policy: read, checked, and evaluated by the walker, which is what an expression means."""

from collections.abc import Mapping, Sequence
from decimal import localcontext
from typing import Any

from attrs import frozen

from scorecore.cel.check import Checker
from scorecore.cel.parser import parse
from scorecore.cel.scope import FactName, Scope
from scorecore.expressions import Expression
from scorecore.operators import EXACT
from scorecore.problems import Problem, Problems
from scorecore.rows.walker import Row, Walker
from scorecore.source import Snippet, Source
from scorecore.unknown import Unknown

Names = Mapping[str, FactName]


@frozen
class Refusal:
    """Why a text is no expression of a policy that has these facts."""

    problems: tuple[Problem, ...]

    @property
    def codes(self) -> set[str]:
        return {problem.kind.code for problem in self.problems}

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


def compiled(text: str, facts: Names | None = None, events: Mapping[str, Names] | None = None) -> Expression | Refusal:
    """The typed expression that a text is, where facts and event tables have these names."""
    problems = Problems()
    snippet = Snippet(text, Source("expression", text), range(len(text) + 1))
    syntax = parse(snippet, problems)
    scope = Scope(
        facts=facts or {},
        values=frozenset(),
        events=events or {},
        parameters={},
        tables={},
        history={},
        defined=frozenset(),
        documents={},
    )
    found = None if syntax is None else Checker(scope, problems).check(syntax)
    return Refusal(tuple(problems)) if found is None else found


def evaluated(
    of: Expression,
    values: Mapping[str, Any] | None = None,
    rows: Mapping[str, Sequence[Row] | Unknown] | None = None,
) -> Any:
    """What an expression gives on facts (None for an absent optional one) and rows of events."""
    with localcontext(EXACT):
        return Walker(values or {}, rows or {}).value(of)
