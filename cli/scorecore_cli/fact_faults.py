"""What is wrong with the facts that were decided on, also where no result has needed them."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Iterable, Iterator, Mapping

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore_cli.labels import labelling


def find_faults(runner: PeriodRunner, decisions: Decisions, raw: Mapping[str, RawTable]) -> list[Diagnostic]:
    """The faults of every cell, and not only of those that a result has needed."""
    faults = Diagnostics()
    runner.report_faults(decisions.facts, raw, faults)
    refused = {cause.params["place"] for cause in _hold_causes(decisions) if cause.kind is catalogue.TABLE_REFUSED}
    # a used policy may have nobody in one of its periods; where it has nobody in any, its table is refused
    return [fault for fault in faults if fault.kind is not catalogue.NOBODY or str(fault.location) in refused]


def find_unnoticed(
    faults: Iterable[Diagnostic], decisions: Decisions, reported: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """The faults that are no reason for a hold, and were not reported."""
    with_labels = labelling(decisions.program)
    noticed = {_row(cause) for cause in _hold_causes(decisions)} | {_row(diagnostic) for diagnostic in reported}
    unnoticed = Diagnostics()
    for fault in faults:
        if _row(fault) not in noticed:
            unnoticed.take(with_labels(fault))
    yield from unnoticed


def _hold_causes(decisions: Decisions) -> Iterator[Diagnostic]:
    for causes in decisions.held.values():
        for step_causes in causes.values():
            yield from step_causes


def _row(diagnostic: Diagnostic) -> tuple[str, str, int]:
    """The code and the row: a hold may name the row where the fault names the cell."""
    return diagnostic.kind.code, diagnostic.location.source, diagnostic.location.line
