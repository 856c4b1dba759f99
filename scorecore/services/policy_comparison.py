"""Two policies over the same facts: what the newer one does to everyone, period by period."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

import polars as pl
from attrs import evolve, field, frozen

from scorecore.analysis.impact import ImpactAnalysis, ImpactTables
from scorecore.analysis.thresholds import Thresholds, concat_thresholds
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner, SharedFacts
from scorecore.facts.raw import RawTable, remember_readings
from scorecore.program.model import Program
from scorecore.values.period import Period


@frozen
class ComparedPolicy:
    """The old or the new policy."""

    program: Program
    used: Mapping[str, Program] = field(factory=dict)
    """By `id@version` the policies that it uses."""


@frozen
class PolicyComparison:
    """Both policies over all periods."""

    old: ComparedPolicy
    new: ComparedPolicy
    periods: Sequence[Period]
    by: tuple[str, ...]
    near: Decimal

    def compare(
        self,
        raw: dict[str, RawTable],
        diagnostics: Diagnostics,
        report: Callable[[Period], None] = lambda _period: None,
    ) -> tuple[ImpactTables | None, pl.DataFrame]:
        """What the new policy does, and who is close to an edge of it; None where nobody is decided by both.

        What was before the first period is the same for both: as the old policy decides it.
        """
        before, after, periods = self.old.program, self.new.program, list(self.periods)
        analysis = ImpactAnalysis(before, after, self.by)
        watched = analysis.watched(periods)
        edges = Thresholds.of(after, periods)
        shared, raw = SharedFacts(), remember_readings(raw)
        old = PeriodRunner(before, self.old.used, report=report, steps=watched[0], shared=shared)
        steps = (*watched[1], *edges.steps)
        new = PeriodRunner(edges.program, self.new.used, report=report, steps=steps, shared=shared)
        past = evolve(old, steps=(), shared=None).with_past(periods[0], raw) if before.schema.history else raw
        pairs = zip(
            _decide_each(old, periods, past, diagnostics), _decide_each(new, periods, past, diagnostics), strict=True
        )
        comparisons, near_edges = [], []
        for decided_before, decided_now in pairs:
            if decided_before is not None and decided_now is not None:
                comparisons.append(analysis.compare(decided_before, decided_now))
                near_edges.append(edges.near(decided_now, self.near))
        return (ImpactTables.of(comparisons) if comparisons else None), concat_thresholds(near_edges)


def _decide_each(
    runner: PeriodRunner, periods: list[Period], raw: Mapping[str, RawTable], diagnostics: Diagnostics
) -> Iterator[Decisions | None]:
    """The decisions of each period; None where there is nobody."""
    decided = runner.decide_each(periods, raw, diagnostics)
    decisions = next(decided, None)
    for period in periods:
        if decisions is not None and decisions.facts.period == period:
            yield decisions
            decisions = next(decided, None)
        else:
            yield None
