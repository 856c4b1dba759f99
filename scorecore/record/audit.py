"""What a record has, as flat tables from which an auditor samples: runs, decisions, entries, pay, adjustments, holds.

Every row names the entry of the record that it comes from, so that it can be explained, proved and decided again.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import polars as pl
from attrs import field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.program.model import Program
from scorecore.record.corrections.adjustments import read_adjustments
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.signatures import SIGNATURE
from scorecore.record.people.people import People
from scorecore.record.runs.manifest import DECISION, Run
from scorecore.record.runs.payload import Payload, read_causes
from scorecore.record.runs.payload_order import number_rules
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import WITHDRAWAL, format_time, read_outside_runs

VALID: Final = "valid"
SUPERSEDED: Final = "superseded"
WITHDRAWN: Final = "withdrawn"
ERASED: Final = "erased"
SINGLE_OPERATOR: Final = "single operator"
Localizer = Callable[[Program], Callable[[Diagnostic], str]]
"""For a program what says, in the reader's language, why something is held."""
Row = Mapping[str, Any]
_DECIMAL: Final = "decimal"

COLUMNS: Final[Mapping[str, Mapping[str, Any]]] = {
    "runs": {
        **dict.fromkeys(("run", "first_entry", "last_entry"), int),
        **dict.fromkeys(("recorded_at", "period", "policy", "program", "engine", "plugins"), str),
        **dict.fromkeys(("subjects", "decided", "held", "corrects"), int),
        **dict.fromkeys(("pays", "known_at", "reason"), str),
        "apart": bool,
        **dict.fromkeys(("recorded_by", "state", "approved_by"), str),
    },
    "decisions": {
        **dict.fromkeys(("entry", "run"), int),
        **dict.fromkeys(("recorded_at", "period", "policy", "person", "status"), str),
        "superseded_by": int,
        "total": _DECIMAL,
        "grade": str,
        "net": _DECIMAL,
        "partial": bool,
        "held": int,
        **dict.fromkeys(("pseudonym", "commitment"), str),
    },
    "entries": {
        **dict.fromkeys(("entry", "run"), int),
        **dict.fromkeys(("period", "person", "item", "label", "rule", "rule_label"), str),
        **dict.fromkeys(("quantity", "points"), _DECIMAL),
        "event": str,
        "authority": str,
    },
    "pay": {
        **dict.fromkeys(("entry", "run"), int),
        **dict.fromkeys(("period", "person", "line", "label", "kind"), str),
        **dict.fromkeys(("amount", "effect"), _DECIMAL),
        "authority": str,
    },
    "adjustments": {
        "run": int,
        **dict.fromkeys(("person", "period", "line", "label"), str),
        **dict.fromkeys(("amount", "effect"), _DECIMAL),
        "from_run": int,
    },
    "holds": {
        **dict.fromkeys(("entry", "run"), int),
        **dict.fromkeys(("period", "person", "result", "label", "code", "why"), str),
    },
    "others": {"entry": int, **dict.fromkeys(("recorded_at", "what", "who", "reason", "pseudonym"), str)},
}
"""The tables with their columns."""


@frozen
class AuditedDecision:
    """One recorded decision, and what became of it."""

    run: Run
    entry: LogEntry
    payload: Payload | None
    """None where it was erased."""
    status: str
    superseded_by: int | None

    @property
    def person(self) -> str:
        return self.payload.facts.subject if self.payload else ""


@frozen(kw_only=True)
class AuditSelection:
    """Which decisions are looked at."""

    period: str | None = None
    subject: str | None = None
    only_valid: bool = False
    sample: int | None = None
    seed: str = ""
    """The same seed draws the same decisions from the same record, and nobody can tell before which."""


@frozen
class Audit:
    """The decisions that are looked at, with all that was said in them."""

    recorded: Recorded
    decisions: tuple[AuditedDecision, ...]
    count: int
    """How many there were before a sample was drawn."""
    selection: AuditSelection
    _say: Localizer = field(repr=False)

    @classmethod
    def of(cls, recorded: Recorded, selection: AuditSelection, say: Localizer) -> Audit:
        """Raises RecordRejected."""
        found = [decision for decision in _read(recorded, selection) if _is_selected(decision, selection)]
        return cls(recorded, tuple(_draw(found, selection)), len(found), selection, say)

    def tables(self) -> dict[str, pl.DataFrame]:
        """By name the tables of COLUMNS."""
        rows: dict[str, Iterable[Row]] = {
            "runs": (_run_row(self.recorded.people, run) for run in self._runs()),
            "decisions": map(self._decision_row, self.decisions),
            "entries": (row for decision in self.decisions for row in self._entry_rows(decision)),
            "pay": (row for decision in self.decisions for row in self._pay_rows(decision)),
            "adjustments": self._adjustment_rows(),
            "holds": (row for decision in self.decisions for row in self._hold_rows(decision)),
            "others": _other_rows(self.recorded),
        }
        return {name: _frame(COLUMNS[name], list(rows[name])) for name in COLUMNS}

    def decisions_table(self) -> pl.DataFrame:
        """The table of decisions alone."""
        return _frame(COLUMNS["decisions"], list(map(self._decision_row, self.decisions)))

    def _runs(self) -> list[Run]:
        return [run for run in self.recorded.all_runs if self.selection.period in {None, run.period}]

    @staticmethod
    def _about(decision: AuditedDecision) -> dict[str, Any]:
        run = decision.run
        return {
            "entry": decision.entry.index,
            "run": run.number,
            "period": run.period,
            "person": decision.person,
        }

    def _decision_row(self, decision: AuditedDecision) -> Row:
        result = decision.payload.result if decision.payload else {"values": {}}
        values = result["values"]
        grades = {grade.id: grade.label or grade.id for grade in self.recorded.program(decision.run).grades}
        return {
            **self._about(decision),
            "recorded_at": format_time(decision.run.at),
            "policy": decision.run.policy,
            "status": decision.status,
            "superseded_by": decision.superseded_by,
            "total": values.get("score.total"),
            "grade": grades.get(values.get("grade")),
            "net": values.get(NET),
            "partial": values.get(PARTIAL),
            "held": len(result.get("held", ())),
            "pseudonym": decision.entry.subject,
            "commitment": decision.entry.fields.get("payload"),
        }

    def _entry_rows(self, decision: AuditedDecision) -> Iterator[Row]:
        if decision.payload is None:
            return
        program = self.recorded.program(decision.run)
        rules = _rules_of(program)
        for account, number, points, event, *quantity in decision.payload.result["entries"]:
            rule = rules[account, number]
            yield {
                **self._about(decision),
                "item": account,
                "label": program.step(account).label or account,
                "rule": rule.reason,
                "rule_label": rule.label,
                "quantity": quantity[0] if quantity else None,
                "points": points,
                "event": _describe_event(decision.payload, rule.each, event),
                "authority": rule.authority,
            }

    def _pay_rows(self, decision: AuditedDecision) -> Iterator[Row]:
        if decision.payload is None:
            return
        program, pay = self.recorded.program(decision.run), decision.payload.result["pay"]
        for line in program.pay:
            if line.step in pay:
                step = program.step(line.step)
                yield {
                    **self._about(decision),
                    "line": line.step,
                    "label": step.label or line.step,
                    "kind": line.kind,
                    "amount": pay[line.step],
                    "effect": line.sign * Decimal(pay[line.step]),
                    "authority": step.authority,
                }

    def _adjustment_rows(self) -> Iterator[Row]:
        people = None if self.selection.sample is None else {decision.person for decision in self.decisions}
        for run in self._runs():
            program = self.recorded.program(run)
            for adjustment in read_adjustments(self.recorded, run, self.selection.subject):
                if people is None or adjustment.subject in people:
                    line = adjustment.line
                    yield {
                        "run": run.number,
                        "person": adjustment.subject,
                        "period": adjustment.period,
                        "line": line,
                        "label": (program.step(line).label if program.has_step(line) else "") or line,
                        "amount": adjustment.amount,
                        "effect": adjustment.effect,
                        "from_run": adjustment.run,
                    }

    def _hold_rows(self, decision: AuditedDecision) -> Iterator[Row]:
        if decision.payload is None:
            return
        program = self.recorded.program(decision.run)
        say = self._say(program)
        for name, causes in decision.payload.result.get("held", {}).items():
            for cause in read_causes(causes):
                label = program.step(name).label or name
                held = {"result": name, "label": label, "code": cause.kind.code, "why": say(cause)}
                yield {**self._about(decision), **held}


# which decisions


def _read(recorded: Recorded, selection: AuditSelection) -> Iterator[AuditedDecision]:
    runs = [run for run in recorded.runs if selection.period in {None, run.period}]
    last = _find_last(recorded, runs)
    for run in runs:
        for entry, payload in recorded.decisions(run, selection.subject):
            latest = last[run.id, run.period, str(entry.subject)]
            is_last = latest.index == entry.index
            status = VALID if is_last else WITHDRAWN if latest.kind == WITHDRAWAL else SUPERSEDED
            status = ERASED if payload is None and is_last else status
            yield AuditedDecision(run, entry, payload, status, None if is_last else latest.index)


def _find_last(recorded: Recorded, runs: Iterable[Run]) -> dict[tuple[str, str, str], LogEntry]:
    """By policy, period and pseudonym the last entry that decides or withdraws."""
    last: dict[tuple[str, str, str], LogEntry] = {}
    for run in runs:
        for entry in recorded.log.entries(run.entries.start, run.entries.stop):
            if entry.kind in {DECISION, WITHDRAWAL}:
                last[run.id, run.period, str(entry.subject)] = entry
    return last


def _is_selected(decision: AuditedDecision, selection: AuditSelection) -> bool:
    return not selection.only_valid or decision.superseded_by is None


def _draw(decisions: Sequence[AuditedDecision], selection: AuditSelection) -> Sequence[AuditedDecision]:
    """A sample: those with the smallest hashes of the seed and their commitments, in the order of the record."""
    if selection.sample is None:
        return decisions

    def draw(decision: AuditedDecision) -> bytes:
        return sha256(f"{selection.seed}\n{decision.entry.fields.get('payload')}".encode()).digest()

    drawn = sorted(decisions, key=draw)[: selection.sample]
    return sorted(drawn, key=lambda decision: decision.entry.index)


# rows


def _run_row(people: People, run: Run) -> Row:
    manifest, proposal = run.manifest, people.proposal(run.number)
    return {
        "run": run.number,
        "first_entry": run.start,
        "last_entry": run.stop - 1,
        "recorded_at": format_time(run.at),
        "period": run.period,
        "policy": run.policy,
        "program": manifest["program"],
        "engine": manifest["engine"],
        "plugins": ", ".join(sorted(set(run.plugins.values()))),
        **{name: run.close[name] for name in ("subjects", "decided", "held")},
        "corrects": run.corrects,
        "pays": ", ".join(map(str, run.pays)),
        "known_at": str(manifest.get("known_at", "")),
        "reason": run.reason,
        "apart": run.apart,
        "recorded_by": str(people.maker(run.start) or SINGLE_OPERATOR),
        "state": run.kind if proposal is None else proposal.state.value,
        "approved_by": ", ".join(str(approval.actor) for approval in run.approvals),
    }


def _other_rows(recorded: Recorded) -> Iterator[Row]:
    """The entries outside of runs: how the record began, what was erased, after what loss it was resumed."""
    for entry in read_outside_runs(recorded.log):
        if entry.index < recorded.size and entry.kind != SIGNATURE:
            fields = entry.fields
            yield {
                "entry": entry.index,
                "recorded_at": format_time(entry.at),
                "what": entry.kind,
                "who": str(recorded.people.maker(entry.index) or fields.get("operator", SINGLE_OPERATOR)),
                "reason": fields.get("reason", ""),
                "pseudonym": entry.subject or "",
            }


def _rules_of(program: Program) -> dict[tuple[str, int], Any]:
    """By its account and number there each rule of a program, as entries of payloads name it."""
    return dict(zip(number_rules(program), program.ledger, strict=True))


def _describe_event(payload: Payload, table: str, number: int) -> str:
    """The event that an entry is for, as it was read."""
    rows: Any = payload.facts.rows.get(table, ()) if table else ()
    if number < 0 or number >= len(rows):
        return ""
    return "; ".join(f"{name} {value}" for name, value in rows[number].items() if value is not None)


def _frame(columns: Mapping[str, Any], rows: Collection[Row]) -> pl.DataFrame:
    """Rows as a table; decimals in as many places as all of a column need."""
    series = []
    for name, kind in columns.items():
        cells = [row.get(name) for row in rows]
        if kind == _DECIMAL:
            numbers = [None if cell is None else Decimal(cell) for cell in cells]
            places = max((-int(number.as_tuple().exponent) for number in numbers if number is not None), default=0)
            series.append(pl.Series(name, numbers, dtype=pl.Decimal(38, max(places, 0))))
        else:
            series.append(pl.Series(name, cells, dtype={int: pl.Int64, str: pl.String, bool: pl.Boolean}[kind]))
    return pl.DataFrame(series)
