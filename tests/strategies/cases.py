"""Policies that the compiler accepts."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen
from hypothesis import event, reject
from hypothesis import strategies as st

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import Scorer, installed, load_scorers
from scorecore.program.model import Program
from scorecore.values.period import Period
from strategies.drafts import Draft
from strategies.policies import drafts


@cache
def scorers() -> Mapping[str, Scorer]:
    """The scorers that are installed."""
    return load_scorers(installed(), Diagnostics())


def compiled(text: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """What the compiler makes of a policy text."""
    return check_policy(Source("policy.toml", text), {}, scorers())


@frozen
class Case:
    """A policy that was accepted, its program, and a period."""

    draft: Draft
    program: Program
    period: Period

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  as Hypothesis calls it
        printer.text(f"a case of {self.period}:\n{self.draft.text}")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Policies that the compiler accepts."""
    draft = draw(drafts())
    program, _ = compiled(draft.text)
    event("accepted" if program else "refused")
    if program is None:
        reject()
    return Case(draft, program, period_of(program))


def period_of(program: Program) -> Period:
    """A period for a program; policies of the same kind of period always get the same one."""
    labels = {"month": "2024-05", "quarter": "2024-Q1", "half-year": "2024-H2", "year": "2024"}
    labels |= {"half-month": "2024-02-H2", "week": "2024-W01"}
    period = program.period.period(labels[program.period.every])
    assert period is not None
    return period
