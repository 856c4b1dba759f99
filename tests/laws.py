"""What several laws need: facts taken in, what the walker makes of them, and decisions without numbering."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import polars as pl
from hypothesis import settings

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.evaluate.decisions import NET, PARTIAL, Decisions
from scorecore.evaluate.groups import add_group_values
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.evaluate.reference import evaluator as rows
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.ingest import ingest
from scorecore.facts.model import Facts, SubjectFacts
from scorecore.facts.raw import RawTable
from scorecore.program.model import Program
from scorecore.values.unknown import Unknown
from strategies.cases import Case
from strategies.facts import Situation, raw_tables

FEW: Final = settings(max_examples=max(2, settings.default.max_examples // 3))
"""For laws of which one example takes a second."""
HEAD: Final = """
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
"""
"""How a small policy begins."""


def facts_of(case: Case, situation: Situation) -> Facts:
    """The facts of a situation, taken in."""
    return taken(case, raw_tables(case.program, case.period, situation))


def taken(case: Case, raw: Mapping[str, RawTable]) -> Facts:
    diagnostics = Diagnostics()
    facts = ingest(case.program, case.period, raw, diagnostics)
    readable(diagnostics)
    assert facts is not None, list(map(str, diagnostics))
    return facts


def readable(diagnostics: Diagnostics | tuple[Diagnostic, ...]) -> None:
    """Every problem can be told."""
    for diagnostic in diagnostics:
        assert diagnostic.message()
        assert "{" not in diagnostic.kind.message or diagnostic.params
        diagnostic.advice()


def walked(program: Program, facts: Facts) -> list[Outcome]:
    """What the specification gives for everyone."""
    context = period_context(program, facts.period)
    return decided(program, context, company(program, facts))


def company(program: Program, facts: Facts) -> list[SubjectFacts]:
    """Everybody's record, with what depends on others as the specification has it."""
    context = period_context(program, facts.period)
    subjects = list(extract_subject_facts(program, facts, range(len(facts))))
    return add_group_values(program, subjects, lambda part, some: decided(part, context, some))


def decided(program: Program, context: PeriodContext, subjects: Sequence[SubjectFacts]) -> list[Outcome]:
    return [rows.decide(program, context, record) for record in subjects]


def starts_of(facts: Facts) -> dict[str, list[int]]:
    """Where the events of each subject begin, by table."""
    return {name: table.ends.shift(1, fill_value=0).to_list() for name, table in facts.rows.items()}


def by_subject(frame: pl.DataFrame) -> dict[int, Counter[tuple[Any, ...]]]:
    """The rows of a ledger, of each subject."""
    entries_by_subject: dict[int, Counter[tuple[Any, ...]]] = {}
    for subject, *row in frame.rows():
        entries_by_subject.setdefault(subject, Counter())[tuple(row)] += 1
    return entries_by_subject


def columns_agree(found: Decisions, outcomes: Sequence[Outcome]) -> None:
    """Columns give everyone what the walker gives: results, entries, pay lines, net, what is held and why."""
    facts, program = found.facts, found.program
    assert found.frame["subject"].to_list() == list(range(len(facts)))
    entries, pay, starts = by_subject(found.entries), by_subject(found.pay), starts_of(facts)
    for number, (row, outcome) in enumerate(zip(found.frame.iter_rows(named=True), outcomes, strict=True)):
        values = dict(zip((step.name for step in program.steps), outcome.values, strict=True))
        for name in program.results():
            meant = None if isinstance(values[name], Unknown) else values[name]
            assert row[name] == meant, f"{facts.ids[number]} {name}"
        causes = {name: values[name].causes for name in program.results() if isinstance(values[name], Unknown)}
        assert found.held.get(number, {}) == causes
        assert entries.get(number, Counter()) == _entries(program, outcome, starts, number)
        lines = _lines(program, values)
        assert pay.get(number, Counter()) == Counter({(at, amount): 1 for at, amount in lines if amount is not None})
        if program.pay:
            signed = [program.pay[at].sign * Fraction(amount) for at, amount in lines if amount is not None]
            assert row[NET] == sum(signed)
            assert row[PARTIAL] == (None in [amount for _, amount in lines])


def _entries(
    program: Program, outcome: Outcome, starts: Mapping[str, list[int]], number: int
) -> Counter[tuple[Any, ...]]:
    """The entries of an outcome as the table of entries has them."""
    found: Counter[tuple[Any, ...]] = Counter()
    for rule, quantity, points, at in outcome.entries:
        each = program.ledger[rule].each
        found[rule, quantity, points, starts[each][number] + at if each else None] += 1
    return found


def _lines(program: Program, values: Mapping[str, Any]) -> list[tuple[int, Decimal | None]]:
    """The pay lines that apply, or may apply; None where it is held."""
    found = []
    for at, line in enumerate(program.pay):
        applies = values[line.applies] if line.applies else True
        if applies is not False:
            found.append((at, None if isinstance(values[line.step], Unknown) else values[line.step]))
    return found


def _without_rows(params: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a reason says, but for the rows of the file that it names: these are where people wrote them."""
    yield from ((name, text) for name, text in params.items() if name != "rows")


def told(decisions: Decisions) -> dict[str, dict[str, Any]]:
    """Decisions by id and by name, so that nothing depends on how subjects, rules and rows are numbered."""
    program, facts = decisions.program, decisions.facts
    entries, pay, starts = by_subject(decisions.entries), by_subject(decisions.pay), starts_of(facts)
    outcome_texts = {}
    for number, row in enumerate(decisions.frame.iter_rows(named=True)):
        ledger: Counter[tuple[Any, ...]] = Counter()
        for (rule, quantity, points, place), count in entries.get(number, Counter()).items():
            entry_rule = program.ledger[rule]
            event_ = place - starts[entry_rule.each][number] if entry_rule.each else None
            ledger[entry_rule.account, entry_rule.reason, entry_rule.label, quantity, points, event_] += count
        lines = {program.pay[line].step: amount for line, amount in pay.get(number, Counter())}
        causes = {
            name: {(diagnostic.kind.code, *sorted(_without_rows(diagnostic.params))) for diagnostic in reasons}
            for name, reasons in decisions.held.get(number, {}).items()
        }
        results = {name: value for name, value in row.items() if name != "subject"}
        outcome_texts[facts.ids[number]] = {"results": results, "entries": ledger, "pay": lines, "held": causes}
    return outcome_texts


def rational(value: Fraction, places: int, mode: str) -> Fraction:
    """A rational number rounded by the words of the language reference."""
    scaled = value * 10**places
    integer = scaled.numerator // scaled.denominator
    remainder = scaled - integer
    half = Fraction(1, 2)
    up = {
        "half_up": remainder > half or (remainder == half and value > 0),
        "half_even": remainder > half or (remainder == half and integer % 2 == 1),
        "up": remainder > 0 and value > 0,
        "down": remainder > 0 and value < 0,
        "ceiling": remainder > 0,
        "floor": False,
    }[mode]
    return Fraction(integer + up, 10**places)
