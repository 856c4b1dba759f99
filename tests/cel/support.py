"""One expression outside of a policy: read, checked, and evaluated by the walker, which is what an expression means."""

from collections.abc import Mapping, Sequence
from decimal import localcontext
from typing import Any

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Snippet, Source
from scorecore.evaluate.reference.closures import evaluate_expression
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Row
from scorecore.language.cel.parser import parse
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import FactName, Scope
from scorecore.language.expressions import Expression
from scorecore.language.operators import EXACT
from scorecore.values.unknown import Unknown

Names = Mapping[str, FactName]


@frozen
class Refusal:
    """Why a text is no expression of a policy that has these facts."""

    diagnostics: tuple[Diagnostic, ...]

    @property
    def codes(self) -> set[str]:
        return {diagnostic.kind.code for diagnostic in self.diagnostics}

    def __str__(self) -> str:
        return "; ".join(map(str, self.diagnostics))


def compiled(text: str, facts: Names | None = None, events: Mapping[str, Names] | None = None) -> Expression | Refusal:
    """The typed expression that a text is, where facts and event tables have these names."""
    diagnostics = Diagnostics()
    snippet = Snippet(text, Source("expression", text), range(len(text) + 1))
    syntax = parse(snippet, diagnostics)
    scope = Scope(
        facts=facts or {},
        values=frozenset(),
        events=events or {},
        parameters={},
        tables={},
        history={},
        defined={},
        documents={},
    )
    expression = None if syntax is None else Resolver(scope, diagnostics).resolve(syntax)
    return Refusal(tuple(diagnostics)) if expression is None else expression


def evaluated(
    expression: Expression,
    values: Mapping[str, Any] | None = None,
    rows: Mapping[str, Sequence[Row] | Unknown] | None = None,
) -> Any:
    """What an expression gives on facts (None for an absent optional one) and rows of events."""
    with localcontext(EXACT):
        return evaluate_expression(Environment(values or {}, rows or {}), expression)
