"""The runs of a record, read once, and what is in force: of each subject and period the last decision.

Nothing is built on a run that is not approved: `runs` has only those that are, and so has everything that reads them.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import Program, result_name
from scorecore.program.serialize import FORMAT
from scorecore.record.log import store
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.log import Log
from scorecore.record.people.adoptions import is_adopted
from scorecore.record.people.approval_rules import CORRECTION, find_reached
from scorecore.record.people.people import People
from scorecore.record.runs.manifest import DECISION, PROPOSAL, RUN, TRIAL, Pins, Run, program_of
from scorecore.record.runs.payload import Payload, upgrade_payload
from scorecore.record.runs.runs import (
    WITHDRAWAL,
    Draft,
    Pseudonyms,
    read_decisions,
    read_payloads,
    refuse_payload,
)


@frozen
class Standing:
    """What is in force for one subject in one period."""

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
    """Those that are in force."""
    people: People = field(repr=False, eq=False)
    _programs: dict[str, Program] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def read(cls, log: Log) -> "Recorded":
        """Raises RecordRejected, also where somebody has done what they may not."""
        return cls._of(log, People.read(log))

    @classmethod
    def _of(cls, log: Log, people: People) -> "Recorded":
        return cls(log, people.size, tuple(people.in_force), people)

    def of(self, policy: str, period: str | None = None) -> list[Run]:
        """The runs of a policy by its id, or those of one period, in their order."""
        return [run for run in self.runs if run.id == policy and period in {None, run.period}]

    def by(self, day: date) -> "Recorded":
        """What there was at the end of a day, in UTC, by the clock of the machine that recorded."""
        return evolve(self, runs=tuple(run for run in self.runs if run.in_force_at.date() <= day))

    def until(self, size: int) -> "Recorded":
        """What there was when the log had so many entries."""
        return self._of(self.log, People.read(self.log, size))

    def before(self, run: Run) -> "Recorded":
        """What was in force when a run was decided."""
        return evolve(self, runs=tuple(earlier for earlier in self.runs if earlier.settled < run.start))

    def run(self, number: int) -> Run:
        """A run that is in force; raises StopIteration where there is none of this number."""
        return next(run for run in self.runs if run.number == number)

    @property
    def all_runs(self) -> list[Run]:
        """Every run in the order of the record, whether in force or not: proposals and trials as well."""
        proposed = (run for proposal in self.people.proposals for run in proposal.runs)
        runs = {run.start: run for run in (*self.people.in_force, *self.people.trials, *proposed, *self.runs)}
        return [runs[start] for start in sorted(runs)]

    def check_open(self, policy: str, replaced: int | None = None) -> None:
        """Raises RecordRejected where another proposal of a policy waits than the one that is replaced."""
        for proposal in self.people.waiting:
            head = proposal.head
            if head.id == policy and head.number != replaced:
                params = {"number": head.number, "policy": policy, "period": head.period}
                raise store.refuse(catalogue.PROPOSAL_WAITS, self.log.path, **params)

    def check_confirmed(self) -> None:
        """Raises RecordRejected where something was signed with a stolen key, and nobody has confirmed it."""
        for theft in self.people.unconfirmed:
            params = {"first": theft.signed[0][0], "last": theft.signed[-1][1], "name": theft.name}
            raise store.refuse(catalogue.NOT_CONFIRMED, self.log.path, **params)

    def check_adopted(self, pins: Pins, period: str) -> None:
        """Raises RecordRejected where a policy was adopted for a period, but not by the program that is pinned."""
        adoptions, policy = self.people.adoptions.values(), str(pins.data["id"])
        if not is_adopted(adoptions, self.runs, policy, period, pins.data["program"]):
            params = {"policy": policy, "period": period}
            raise store.refuse(catalogue.NOT_ADOPTED, self.log.path, **params)

    def check_new_run(
        self, pins: Pins, period: str, replaced: int | None = None, *, is_correction: bool = False
    ) -> None:
        """Raises RecordRejected where a policy waits for approval, or another program of it was adopted.

        What a stolen key signed can be corrected; nothing else is recorded until somebody has confirmed it.
        """
        if not is_correction:
            self.check_confirmed()
        self.check_open(str(pins.data["id"]), replaced)
        self.check_adopted(pins, period)

    def find_waiting(self, policy: str) -> int | None:
        """The number of the proposal of a policy that waits for approval."""
        return next((proposal.head.number for proposal in self.people.waiting if proposal.head.id == policy), None)

    def with_rules(self, drafts: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts, each of which names the rules of approval with amounts that apply to it."""
        return [self._with_rules(draft) for draft in drafts]

    def _with_rules(self, draft: Draft) -> Draft:
        rules, policy = self.people.rules, str(draft.pins.data["id"])
        what = CORRECTION if draft.about.get("corrects") else RUN
        if draft.kind == TRIAL or not any(rule.has_amount and rule.is_about(what, policy) for rule in rules):
            return draft
        is_read_once = isinstance(draft.decisions, Iterator)
        decisions = list(draft.decisions) if is_read_once else draft.decisions
        reached = find_reached(rules, what, policy, (json.loads(payload)["result"] for _subject, payload in decisions))
        return evolve(draft, decisions=decisions, about={**draft.about, "rules": list(reached)})

    @property
    def kind_of_new_runs(self) -> str:
        """Whether a run that is recorded now is in force (`run`) or must be approved (`proposal`)."""
        return RUN if self.people.is_single else PROPOSAL

    @property
    def next_number(self) -> int:
        """Of the run that is recorded next."""
        return self.people.count_runs() + 1

    def periods(self, policy: str) -> list[str]:
        """The periods that a policy has decided, ascending."""
        return sorted({run.period for run in self.of(policy)})

    def program(self, run: Run) -> Program:
        """The program of a run; raises RecordRejected."""
        name = str(run.manifest["packed"])
        if name not in self._programs:
            self._programs[name] = program_of(self.log, run)
        return self._programs[name]

    @staticmethod
    def is_pinned(run: Run, pins: Pins) -> bool:
        """Whether a run was decided by the program that is pinned; of format 1, by the same texts of policies."""
        pinned = "program" if run.format == FORMAT else "documents"
        return bool(run.manifest[pinned] == pins.data[pinned])

    def decisions(
        self, run: Run, subject: str | None = None, among: Pseudonyms | None = None
    ) -> Iterator[tuple[LogEntry, Payload | None]]:
        """The decisions of a run, or those of one subject, or of some by their pseudonyms; raises RecordRejected."""
        return read_decisions(self.log, run, self.program(run), subject, among)

    def standing(
        self, policy: str, period: str, subject: str | None = None, among: Pseudonyms | None = None
    ) -> dict[str, Standing]:
        """By pseudonym what is in force in a period for everybody, one subject, or some; raises RecordRejected."""
        standing: dict[str, Standing] = {}
        for run in self.of(policy, period):
            for entry in self.withdrawals(run):
                standing.pop(str(entry.subject), None)
            for entry, payload in self.decisions(run, subject, among):
                standing[str(entry.subject)] = Standing(run, entry, payload)
        return standing

    def withdrawals(self, run: Run) -> Iterator[LogEntry]:
        """The entries of a run that take a decision back: only corrections have any."""
        if run.corrects is not None:
            entries = self.log.entries(run.entries.start, run.entries.stop)
            yield from (entry for entry in entries if entry.kind == WITHDRAWAL)

    def about(self, run: Run, subject: str) -> Iterator[LogEntry]:
        """The entries of a run about a subject."""
        return self.log.about(subject, run.entries.start, run.entries.stop)

    def payload_for(self, reader: Program, standing: Standing) -> bytes:
        """The bytes of a decision as `reader` would have written it; empty where it was erased.

        Raises RecordRejected.
        """
        payload = self.log.payload(standing.entry.index)
        if not isinstance(payload, bytes):
            return b""
        if standing.run.format == FORMAT:
            return payload
        try:
            return upgrade_payload(self.program(standing.run), payload, reader)
        except (ValueError, LookupError, TypeError) as error:
            raise refuse_payload(self.log, standing.entry, error) from None

    def history(self, program: Program, before: str) -> pl.DataFrame | None:
        """What is in force of a policy before a period, as the table that its program reads; None if nothing does.

        A decision has read all periods before it, those before the record included; so of each subject the last
        decision is opened, and earlier ones only where it does not have all. Erased subjects are left out.
        """
        labels = [label for label in self.periods(program.id) if label < before]
        columns = {column.name for column in program.schema.history}
        rows, complete = self._earlier_results(program.id, labels, columns)
        if not labels and not complete:
            return None
        order = sorted(rows)
        table: dict[str, list[str | None]] = {program.schema.subject: [subject for _, subject in order]}
        table["period"] = [period for period, _ in order]
        for name in sorted(columns):
            table[name] = [None if name not in rows[key] else _cell_text(rows[key][name]) for key in order]
        return pl.DataFrame(table, schema=dict.fromkeys(table, pl.String))

    def _earlier_results(
        self, policy: str, labels: list[str], columns: set[str]
    ) -> tuple[Mapping[tuple[str, str], Mapping[str, Any]], Collection[str]]:
        """By period and subject the results of some periods, and of those that their decisions read.

        With them the pseudonyms of the subjects whose decisions had read all `columns` of their history.
        """
        results: dict[tuple[str, str], Mapping[str, Any]] = {}
        complete: set[str] = set()
        for label in reversed(labels or self.periods(policy)[:1]):
            earlier: dict[int, str] = {}
            for pseudonym, run, data in self.standing_payloads(policy, label, complete):
                subject, program = data["subject"], self.program(run)
                if labels:
                    values = data["result"]["values"]
                    results[label, subject] = _select({result_name(name): values[name] for name in values}, columns)
                rows = data["facts"]["tables"].get(HISTORY)
                if isinstance(rows, list) and {column.name for column in program.schema.history} >= columns:
                    complete.add(pseudonym)
                    for row in rows:
                        ago = int(row[AGO])
                        if ago not in earlier:
                            earlier[ago] = _earlier_label(program, label, ago)
                        results.setdefault((earlier[ago], subject), _select(row, columns))
        return results, complete

    def standing_payloads(
        self, policy: str, period: str, without: Collection[str] = ()
    ) -> Iterator[tuple[str, Run, Any]]:
        """The payloads in force in a period as they were written, each with its pseudonym; without some of them."""
        runs = self.of(policy, period)
        if len(runs) == 1 and not without:  # as most are: nothing replaces anything
            for entry, payload in read_payloads(self.log, runs[0], DECISION):
                if payload is not None:
                    yield str(entry.subject), runs[0], json.loads(payload)
            return
        last: dict[str, int] = {}
        for run in runs:
            for entry in self.log.entries(run.entries.start, run.entries.stop):
                if entry.kind in {DECISION, WITHDRAWAL}:
                    last[str(entry.subject)] = entry.index if entry.kind == DECISION else -1
        for run in runs:
            among = {name for name, index in last.items() if index in run.entries and name not in without}
            for entry, payload in read_payloads(self.log, run, DECISION, among=among) if among else ():
                if payload is not None:
                    yield str(entry.subject), run, json.loads(payload)


def _select(row: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """What the history has of a row; of everybody, the rest would be kept in memory for nothing."""
    return {name: row[name] for name in columns if name in row}


def _earlier_label(program: Program, label: str, ago: int) -> str:
    """The label of the period so many before another one; empty before the calendar begins."""
    period = program.period.period(label)
    earlier = program.period.ago(period, ago) if period else None
    return earlier.label if earlier else ""


def _cell_text(value: Any) -> str:  # noqa: ANN401  plain data
    return str(value).lower() if isinstance(value, bool) else str(value)
