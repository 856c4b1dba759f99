"""The runs of a record, read once, and what stands by them: of each subject and period the last decision."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from attrs import field, frozen

from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program, result_name
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.log import Log
from scorecore.record.runs.payload import Payload
from scorecore.record.runs.runs import (
    DECISION,
    WITHDRAWAL,
    Names,
    Run,
    decided,
    payloads_in,
    program_of,
    runs,
)


@frozen
class Standing:
    """What stands of one subject in one period."""

    run: Run
    entry: LogEntry
    payload: Payload | None
    """None where it was erased."""


@frozen
class Recorded:
    """The runs that a log had at one moment."""

    log: Log
    size: int
    """How many entries the log had then."""
    runs: tuple[Run, ...]
    _programs: dict[str, Program] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def read(cls, log: Log) -> "Recorded":
        """Raises Refused."""
        return cls(log, log.size, tuple(runs(log)))

    def of(self, policy: str, period: str | None = None) -> list[Run]:
        """The runs of a policy by its id, or those of one period, in their order."""
        return [one for one in self.runs if one.id == policy and period in {None, one.period}]

    def by(self, day: date) -> "Recorded":
        """What there was at the end of a day, in UTC, by the clock of the machine that recorded."""
        return Recorded(self.log, self.size, tuple(one for one in self.runs if one.at.date() <= day))

    def run(self, number: int) -> Run:
        return next(one for one in self.runs if one.number == number)

    def periods(self, policy: str) -> list[str]:
        """The periods that a policy has decided, ascending."""
        return sorted({one.period for one in self.of(policy)})

    def program(self, run: Run) -> Program:
        """The program of a run; raises Refused."""
        name = str(run.manifest["packed"])
        if name not in self._programs:
            self._programs[name] = program_of(self.log, run)
        return self._programs[name]

    def decided(
        self, run: Run, subject: str | None = None, among: Names | None = None
    ) -> Iterator[tuple[LogEntry, Payload | None]]:
        """The decisions of a run, or those of one subject, or of some by their pseudonyms; raises Refused."""
        return decided(self.log, run, self.program(run), subject, among)

    def standing(self, policy: str, period: str, subject: str | None = None) -> dict[str, Standing]:
        """By pseudonym what stands of everybody in a period, or of one subject; raises Refused."""
        found: dict[str, Standing] = {}
        withdrawn = list(self.log.find(kind=WITHDRAWAL, period=period))
        for run in self.of(policy, period):
            for entry in withdrawn:
                if entry.index in run.entries:
                    found.pop(str(entry.subject), None)
            for entry, payload in self.decided(run, subject):
                found[str(entry.subject)] = Standing(run, entry, payload)
        return found

    def history(self, program: Program, before: str) -> pl.DataFrame | None:
        """What stands of a policy before a period, as the table of facts that its program reads; None if nothing does.

        Whoever was decided in one period has read all before it, those before the record included; so of each subject
        the last decision is opened, and earlier ones only where it does not have all. Who was erased is left out.
        """
        labels = [one for one in self.periods(program.id) if one < before]
        columns = {one.name for one in program.schema.history}
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        complete: set[str] = set()
        for label in reversed(labels or self.periods(program.id)[:1]):
            earlier: dict[int, str] = {}
            for name, run, data in self._kept(program.id, label, complete):
                who, own = data["subject"], self.program(run)
                if labels:
                    found[label, who] = {result_name(key): one for key, one in data["result"]["values"].items()}
                rows = data["facts"]["tables"].get(HISTORY)
                if isinstance(rows, list) and {one.name for one in own.schema.history} >= columns:
                    complete.add(name)
                    for row in rows:
                        ago = int(row[AGO])
                        if ago not in earlier:
                            earlier[ago] = _label(own, label, ago)
                        found.setdefault((earlier[ago], who), row)
        if not labels and not complete:
            return None
        order = sorted(found)
        table: dict[str, list[str | None]] = {program.schema.subject: [who for _, who in order]}
        table["period"] = [period for period, _ in order]
        values = [found[key] for key in order]
        table |= {name: [None if name not in row else _text(row[name]) for row in values] for name in sorted(columns)}
        return pl.DataFrame(table, schema=dict.fromkeys(table, pl.String))

    def _kept(self, policy: str, period: str, without: Collection[str]) -> Iterator[tuple[str, Run, Any]]:
        """The payloads that stand in a period as they were written, each with its pseudonym; without some of them."""
        several = self.of(policy, period)
        if len(several) == 1 and not without:  # as most are: nothing stands in place of anything else
            for entry, data in payloads_in(self.log, several[0], DECISION):
                if data is not None:
                    yield str(entry.subject), several[0], json.loads(data)
            return
        last: dict[str, int] = {}
        for run in several:
            for entry in self.log.entries(run.entries.start, run.entries.stop):
                if entry.kind in {DECISION, WITHDRAWAL}:
                    last[str(entry.subject)] = entry.index if entry.kind == DECISION else -1
        for run in several:
            among = {name for name, index in last.items() if index in run.entries and name not in without}
            for entry, data in payloads_in(self.log, run, DECISION, among=among) if among else ():
                if data is not None:
                    yield str(entry.subject), run, json.loads(data)


def _label(program: Program, of: str, ago: int) -> str:
    """The label of the period so many before another one; empty before the calendar begins."""
    period = program.period.period(of)
    earlier = program.period.ago(period, ago) if period else None
    return earlier.label if earlier else ""


def _text(value: Any) -> str:  # noqa: ANN401  a value of any type
    return str(value).lower() if isinstance(value, bool) else str(value)
