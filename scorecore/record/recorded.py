"""The runs of a record, read once, and what stands by them: of each subject and period the last decision."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from attrs import field, frozen

from scorecore.expressions import AGO, HISTORY
from scorecore.facts.records import Record
from scorecore.program import Program, result_name
from scorecore.record.entries import Entry
from scorecore.record.log import Log
from scorecore.record.payloads import Payload
from scorecore.record.runs import WITHDRAWAL, Names, Run, decided, program_of, runs
from scorecore.unknown import Unknown


@frozen
class Standing:
    """What stands of one subject in one period."""

    run: Run
    entry: Entry
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
    ) -> Iterator[tuple[Entry, Payload | None]]:
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

    def history(self, policy: str, before: str | None = None) -> pl.DataFrame | None:
        """What stands of a policy in its periods, or those before one, as a table of facts; None if nothing is known.

        Periods before the first are there as far as its decisions read them. Who was erased is left out.
        """
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        names: dict[str, None] = {}
        subject, known = "", False
        labels = self.periods(policy)
        for label in labels:
            if label != labels[0] and before is not None and label >= before:
                break
            for one in self.standing(policy, label).values():
                if one.payload is None:
                    continue
                schema, record = self.program(one.run).schema, one.payload.record
                subject, who = schema.subject, record.subject
                names |= dict.fromkeys(column.name for column in schema.history)
                if label == labels[0]:
                    known |= not isinstance(record.rows.get(HISTORY), Unknown)
                    found |= {(earlier, who): values for earlier, values in self._read_then(label, one.run, record)}
                if before is None or label < before:
                    known = True
                    found[label, who] = {result_name(name): each for name, each in one.payload.result["values"].items()}
        if not known:
            return None
        names |= dict.fromkeys(name for values in found.values() for name in values)
        rows = [
            {subject: who, "period": period, **{name: _text(one) for name, one in values.items()}}
            for (period, who), values in sorted(found.items(), key=lambda one: one[0])
        ]
        return pl.DataFrame(rows, schema=dict.fromkeys((subject, "period", *names), pl.String))

    def _read_then(self, label: str, run: Run, record: Record) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The earlier periods that a decision has read, with what was decided in them."""
        program, rows = self.program(run), record.rows.get(HISTORY, ())
        period = program.period.period(label)
        if period is None or isinstance(rows, Unknown):
            return
        for row in rows:
            earlier = program.period.ago(period, row[AGO])
            if earlier is not None:
                yield earlier.label, {name: one for name, one in row.items() if name != AGO and one is not None}


def _text(value: Any) -> str:  # noqa: ANN401  a value of any type
    return str(value).lower() if isinstance(value, bool) else str(value)
