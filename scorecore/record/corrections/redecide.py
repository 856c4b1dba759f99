"""Later periods are decided again, for they read a period that was corrected."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.catalogue import HISTORY_MISSING
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.cells import EVERY_YEAR, find_misfit
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AGO, HISTORY
from scorecore.program.model import result_name
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.log import store
from scorecore.record.runs.manifest import Pins, Run
from scorecore.record.runs.payload import ResultWriter, columns_of, encode_payload, is_same_decision, read_value
from scorecore.record.runs.payload_order import PlainData
from scorecore.record.runs.recorded import Recorded, Standing
from scorecore.record.runs.runs import Draft
from scorecore.values.canonical_json import decode
from scorecore.values.types import Type
from scorecore.values.unknown import Maybe, Unknown

_Past = Mapping[str, Mapping[str, PlainData | None]]
"""By period and subject the results that differ from those that were read."""


def redecide_later(
    recorded: Recorded, first: Draft, changes: Sequence[DecisionChange], about: Mapping[str, Any]
) -> Iterator[tuple[Draft, list[DecisionChange]]]:
    """Runs of the later periods that read that of a draft, in order, with their changes; raises RecordRejected."""
    policy = str(first.pins.data["id"])
    past = {first.period: {change.subject: change.after for change in changes}}
    number = first.number
    for label in recorded.periods(policy):
        run = recorded.of(policy, label)[-1]
        if label <= first.period or not recorded.program(run).schema.history:
            continue
        redecision = _Redecision(recorded, run, number + 1)
        later_changes = redecision.decide(past)
        if not later_changes:
            continue
        number += 1
        past[label] = {change.subject: change.after for change in later_changes}
        draft = Draft(
            number=number,
            pins=Pins.again(recorded.log, run, str(first.pins.data["engine"])),
            period=label,
            about={**about, "corrects": run.number, "because": first.number},
            decisions=redecision.payloads,
            counts=redecision.counts(),
        )
        yield draft, later_changes


class _Redecision:
    """A recorded period with another past."""

    def __init__(self, recorded: Recorded, run: Run, number: int) -> None:
        self.recorded = recorded
        self.number = number
        self.program = recorded.program(run)
        period = self.program.period.period(run.period)
        assert period is not None  # noqa: S101  the program has decided it
        self.period = period
        self.standing = recorded.standing(run.id, run.period)
        self.payloads: list[tuple[str, bytes]] = []
        self._held: dict[str, bool] = {}

    def decide(self, past: _Past) -> list[DecisionChange]:
        """What changes; `payloads` has the decisions then."""
        kept = [standing for standing in self.standing.values() if standing.payload is not None]
        population = [self._with_past(past, standing) for standing in kept]
        differing = [
            facts for facts, standing in zip(population, kept, strict=True) if facts != _recorded_facts(standing)
        ]
        if not differing:
            return []
        evaluator = SubjectEvaluator.of(self.program, self.period)
        if self.program.grouped:
            if len(kept) < len(self.standing):
                path = self.recorded.log.path
                raise store.refuse(catalogue.GROUP_ERASED, path, policy=self.program.id, period=self.period)
            differing = evaluator.add_group_values(population)
        by_subject = {_recorded_facts(standing).subject: standing for standing in kept}
        writer = ResultWriter(self.program)
        payloads = (
            (facts.subject, encode_payload(facts, writer.write(evaluator.decide(facts))))
            for facts in map(self._without_other_groups, differing)
        )
        changes = (self._compare(by_subject[subject], subject, payload) for subject, payload in payloads)
        return [change for change in changes if change is not None]

    def _without_other_groups(self, facts: SubjectFacts) -> SubjectFacts:
        """Facts without the group values that another program has recorded under names of its own."""
        names = {column.name for column in columns_of(self.program)}
        others = facts.values.keys() - names
        values = {name: value for name, value in facts.values.items() if name in names}
        return evolve(facts, values=values, unknown=facts.unknown - others)

    def _compare(self, standing: Standing, subject: str, payload: bytes) -> DecisionChange | None:
        """What a decision changes; None where it is the one in force."""
        if is_same_decision(self.recorded.payload_for(self.program, standing), payload):
            return None
        after = decode(payload)["result"]
        self._held[subject] = "held" in after
        self.payloads.append((subject, payload))
        before = standing.payload.result if standing.payload else None
        program_before = self.recorded.program(standing.run)
        return DecisionChange(subject, self.period.label, self.number, self.program, program_before, before, after)

    def counts(self) -> dict[str, int]:
        """What the entry that closes the run counts."""
        held = sum(
            self._held.get(standing.payload.facts.subject, "held" in standing.payload.result)
            for standing in self.standing.values()
            if standing.payload
        )
        return {"subjects": len(self.standing), "decided": len(self.standing) - held, "held": held}

    def _with_past(self, past: _Past, standing: Standing) -> SubjectFacts:
        """What a subject was decided by, with the results that its earlier periods have now."""
        facts = _recorded_facts(standing)
        by_period = {label: results[facts.subject] for label, results in past.items() if facts.subject in results}
        history = facts.rows[HISTORY]
        is_bad = isinstance(history, Unknown) and any(cause.kind is not HISTORY_MISSING for cause in history.causes)
        if not by_period or is_bad:
            return facts
        rows = {} if isinstance(history, Unknown) else {cast("int", row[AGO]): row for row in history}
        for label, result in by_period.items():
            period = self.program.period.period(label)
            if period is None:
                continue
            ago = self.program.period.between(period, self.period)
            rows.pop(ago, None)
            if result is not None:
                rows[ago] = self._history_row(result, ago)
        ordered = [rows[ago] for ago in sorted(rows)]
        undecided = {HISTORY} if any(None in row.values() for row in ordered) else set()
        unknown = (facts.unknown - {HISTORY}) | undecided
        return evolve(facts, rows={**facts.rows, HISTORY: ordered}, unknown=unknown)

    def _history_row(self, result: PlainData, ago: int) -> dict[str, Any]:
        values = {result_name(name): value for name, value in result["values"].items()}
        row: dict[str, Any] = {AGO: ago}
        for column in self.program.schema.history:
            row[column.name] = _as_fact(column.type, values.get(column.name))
        return row


def _recorded_facts(standing: Standing) -> SubjectFacts:
    assert standing.payload is not None  # noqa: S101  erased subjects are not asked for
    return standing.payload.facts


def _as_fact(accepted: Type, data: Any) -> Maybe | None:  # noqa: ANN401  plain data of any shape
    """A recorded result as a fact of a type; None where it was held, or does not fit, as when facts are read."""
    if data is None:
        return None
    try:
        value = read_value(accepted, data)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return None if find_misfit(value, accepted, EVERY_YEAR) else value
