"""Decides cases, and says what came out otherwise than expected."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import frozen

from scorecore.analysis.cases.model import Case, Expected, ExpectedEntry
from scorecore.analysis.cases.names import NET, SCORE
from scorecore.analysis.cases.read import PreparedCase, prepare_cases
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.reference.environment import format_value
from scorecore.facts.model import SubjectFacts
from scorecore.program.model import Program, result_name
from scorecore.values.step_id import CLOSES, GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import Value
from scorecore.values.unknown import Maybe, Unknown

NO_VALUE = "—"


@frozen
class CaseDifference:
    """A result that is not what the case expects, both as text."""

    what: str
    expected: str
    got: str
    held: tuple[Diagnostic, ...] = ()
    """Why there is no value, which `got` says in English."""


@frozen
class CaseVerdict:
    case: Case
    differences: tuple[CaseDifference, ...]


_NET: Final = StepId("pay", NET)
"""How net pay is named, unless a line is."""


@frozen
class ComparedEntry:
    """An entry as far as cases say anything about it."""

    item: str
    reason: str
    points: Decimal
    quantity: Decimal | int | None
    event: str
    """The key of the event that it rests on; empty if it rests on none."""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.item, self.reason, format_value(self.points), self.event)))


def run_cases(source: Source, program: Program, diagnostics: Diagnostics) -> list[CaseVerdict]:
    """Every case of a file against a program. Cases that cannot be read become diagnostics."""
    return [judge_case(prepared, program) for prepared in prepare_cases(source, program, diagnostics)]


def judge_case(prepared: PreparedCase, program: Program, outcome: Outcome | None = None) -> CaseVerdict:
    """How the outcome of a case differs from what it expects; the outcome is the program's own if none is passed."""
    decided = prepared.evaluator.decide(prepared.facts) if outcome is None else outcome
    differences = _find_differences(prepared.case.expect, program, decided, prepared.facts)
    return CaseVerdict(prepared.case, tuple(differences))


def _find_differences(
    expected: Expected, program: Program, outcome: Outcome, facts: SubjectFacts
) -> Iterator[CaseDifference]:
    if outcome.is_excluded or not expected.assessed:
        yield from _compare("assessed", expected.assessed, not outcome.is_excluded)
        return
    values = outcome.by_name
    for step_id, value in list_expected_values(expected):
        got = outcome.net if step_id == _NET and step_id not in values else values.get(step_id)
        yield from _compare(result_name(step_id), value, got)
    if expected.net is not None:
        yield from _compare(_NET, expected.net, outcome.net)
    if expected.actions is not None:
        names = [program.step(action.step).name.name for action in program.actions if values[action.step] is True]
        yield from _compare("actions", ", ".join(expected.actions), ", ".join(names))
    yield from _compare_held(expected, program, values)
    if expected.entries is not None:
        yield from _compare_entries(expected.entries, program, outcome, facts)


def list_expected_values(expected: Expected) -> Iterator[tuple[StepId, Value]]:
    """The value that a case expects of each step that it names."""
    yield from ((StepId("items", name), points) for name, points in expected.items.items())
    if expected.total is not None:
        yield SCORE_TOTAL, expected.total
    if expected.grade is not None:
        yield GRADE, expected.grade
    yield from ((StepId("pay", name), amount) for name, amount in expected.pay.items())
    yield from ((StepId("carry", name, role=CLOSES), balance) for name, balance in expected.carry.items())
    yield from ((StepId("values", name), value) for name, value in expected.values.items())


def _compare(what: str, expected: Value, got: Maybe | None) -> Iterator[CaseDifference]:
    """The difference between two values; `got` is None where the program has no such step."""
    if got == expected:
        return
    if isinstance(got, Unknown):
        yield CaseDifference(what, format_value(expected), ", ".join(map(str, got.causes)), got.causes)
    else:
        yield CaseDifference(what, format_value(expected), NO_VALUE if got is None else format_value(got))


def _compare_held(expected: Expected, program: Program, values: Mapping[str, Maybe]) -> Iterator[CaseDifference]:
    """Exactly the results that a case names are held, and for the reasons that it names."""
    held = {name: value for name in program.results() if isinstance(value := values[name], Unknown)}
    names = set(map(result_name, held))
    if names != set(expected.held):
        yield CaseDifference("held", ", ".join(sorted(expected.held)), ", ".join(sorted(names)))
    if expected.because is not None:
        codes = {cause.kind.code for unknown in held.values() for cause in unknown.causes}
        yield from _compare("because", ", ".join(sorted(expected.because)), ", ".join(sorted(codes)))


def _compare_entries(
    expected: Sequence[ExpectedEntry], program: Program, outcome: Outcome, facts: SubjectFacts
) -> Iterator[CaseDifference]:
    """All entries of the items that a case names, in their order; a quantity or an event only where it says one."""
    items: dict[str, str] = {
        SCORE_TOTAL if entry.item == SCORE else StepId("items", entry.item): entry.item for entry in expected
    }
    actual = list(_entries_of(items, program, outcome, facts))
    asked = [ComparedEntry(entry.item, entry.reason, entry.points, entry.quantity, entry.event) for entry in expected]
    comparable = [
        ComparedEntry(
            entry.item,
            entry.reason,
            entry.points,
            None if counterpart.quantity is None else entry.quantity,
            entry.event if counterpart.event else "",
        )
        for entry, counterpart in zip(actual, asked, strict=False)
    ]
    if comparable != asked or len(actual) > len(asked):
        yield CaseDifference("entries", "; ".join(map(str, asked)), "; ".join(map(str, actual)))


def _entries_of(
    items: Mapping[str, str], program: Program, outcome: Outcome, facts: SubjectFacts
) -> Iterator[ComparedEntry]:
    """The entries of some accounts, which are called as cases call them."""
    keys = {table.name: table.key for table in program.schema.events}
    for number, quantity, points, position in outcome.entries:
        rule = program.ledger[number]
        if rule.account not in items:
            continue
        rows = facts.rows.get(rule.each, ())
        event = rows[position] if rule.each and not isinstance(rows, Unknown) else {}
        event_key = " ".join(str(event[column]) for column in keys.get(rule.each, ())) if event else ""
        yield ComparedEntry(items[rule.account], rule.reason, points, quantity, event_key)
