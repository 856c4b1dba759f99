"""Rows and columns decide what a file decides that shares no code with them and computes with fractions."""

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given

from laws import columns_agree, facts_of, walked
from scorecore.evaluate.assessed import find_assessed
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import Facts
from scorecore.language.identity import NODE_NAMES
from scorecore.language.operators import OPERATORS
from scorecore.program.model import Program
from scorecore.program.serialize import serialize
from scorecore.record import decide
from scorecore.record.log import standalone_verifier
from scorecore.record.runs.payload import ResultWriter, encode_payload
from scorecore.values.canonical_json import decode, encode
from scorecore.values.step_id import ASSESSED
from scorecore.values.unknown import Unknown
from strategies.cases import Case, cases
from strategies.facts import Situation, situations
from strategies.values import exactly


def judged(case: Case, packed: Any, payload: bytes) -> decide.Decider:
    """What the file makes of a payload."""
    judge = decide.Decider(packed, str(case.period), decode(payload)["facts"])
    judge.decide()
    return judge


def agree(case: Case, judge: decide.Decider, outcome: Outcome) -> None:
    for step, value in zip(case.program.steps, outcome.values, strict=True):
        meant = judge.values[step.name]
        if isinstance(meant, decide.NoValue) or meant is None:
            assert isinstance(value, Unknown), f"{step.name} is {value}, by the file it has no value"
        else:
            assert exactly(value) == meant, f"{step.name} is {value}, by the file {meant}"
    ledger, first = case.program.ledger, dict[str, int]()
    for number, rule in enumerate(ledger):
        first.setdefault(rule.account, number)
    opened = {
        rule.account: not rule.reason.startswith("opening") for rule in (ledger[place] for place in first.values())
    }
    decided_counts = Counter(
        (
            str(ledger[number].account),
            number - first[ledger[number].account] + opened[ledger[number].account],
            Fraction(points),
            None if quantity is None else Fraction(quantity),
            event,
        )
        for number, quantity, points, event in outcome.entries
    )
    assert decided_counts == Counter(judge.entries)


@given(case=cases(), situation=situations())
def test_rows_decide_what_the_file_decides(case: Case, situation: Situation) -> None:
    """Every step, and every entry, of everybody; columns agree with rows by a law of their own."""
    facts = facts_of(case, situation)
    evaluator = SubjectEvaluator.of(case.program, case.period)
    everybody = evaluator.add_group_values(extract_subject_facts(case.program, facts, range(len(facts))))
    packed = decode(encode(serialize(case.program)))
    writer = ResultWriter(case.program)
    for subject, outcome in zip(everybody, walked(case.program, facts), strict=True):
        agree(case, judged(case, packed, encode_payload(subject, {})), outcome)
        payload = decode(encode_payload(subject, writer.write(outcome)))
        assert decide.compare(packed, str(case.period), payload) == []


TRIED: Final = Counter[str]()


@pytest.fixture(scope="module", autouse=True)
def _counted() -> Iterator[None]:
    """How much a run by hand has tried: pytest -s shows it."""
    yield
    if TRIED:
        print(dict(TRIED))  # noqa: T201  nothing else counts people


def _decide_part(
    evaluate: Callable[..., Decisions], program: Program, facts: Facts, steps: tuple[str, ...]
) -> Decisions:
    return evaluate(program, facts, steps=steps)


@pytest.mark.deep
@given(case=cases(), situation=situations())
def test_rows_columns_and_the_file_decide_alike(case: Case, situation: Situation) -> None:
    """The three of them, for the same people; both evaluators leave out the same ones."""
    everybody = facts_of(case, situation)
    assessed = {}
    for name, evaluate in (("rows", evaluate_each), ("columns", evaluate_batch)):
        decide_part = partial(_decide_part, evaluate)
        assessed[name] = find_assessed(case.program, everybody, decide_part)
    assert assessed["rows"].facts.ids.to_list() == assessed["columns"].facts.ids.to_list()
    assert assessed["rows"].excluded == assessed["columns"].excluded
    facts = assessed["columns"].facts
    outcomes = walked(case.program, facts)
    columns_agree(evaluate_batch(case.program, facts), outcomes)
    evaluator = SubjectEvaluator.of(case.program, case.period)
    people = evaluator.add_group_values(extract_subject_facts(case.program, facts, range(len(facts))))
    packed = decode(encode(serialize(case.program)))
    for subject, outcome in zip(people, outcomes, strict=True):
        decided = evaluator.decide(subject)
        assert (decided.values, decided.entries) == (outcome.values, outcome.entries)
        agree(case, judged(case, packed, encode_payload(subject, {})), outcome)
    TRIED.update(policies=1, people=len(facts), assessed_by_rule=case.program.has_step(ASSESSED))


def test_every_operator_and_node_has_a_line() -> None:
    """What the language gains, the file has to learn."""
    assert {*decide.OPERATORS, "and", "or", "if", "require"} == {*OPERATORS}
    nodes = {name for name in NODE_NAMES.values() if name not in {"exception", "rung"}}
    assert {name.removeprefix("of_") for name in dir(decide.Decider) if name.startswith("of_")} == nodes


def test_the_file_shares_no_code() -> None:
    """It is at most 1,000 lines of 100 columns, and imports nothing but Python's own library."""
    text = Path(decide.__file__).read_text(encoding="utf-8")
    assert text.count("\n") <= 1000
    assert max(map(len, text.splitlines())) <= 100
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
    assert {str(name).partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_verifier_of_proofs_runs_this_file_and_no_other() -> None:
    """After a change of the file: python tools/pin_decider.py."""
    assert sha256(Path(decide.__file__).read_bytes()).hexdigest() == standalone_verifier.DECIDER


@pytest.mark.parametrize("number", ["1e9", "1e999999999", "nan", "inf", "", "1" * 200, "١"])
def test_a_number_that_would_take_for_ever_is_none(number: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        decide.to_number(number)


@pytest.mark.parametrize(("mode", "up"), [("half_up", -13), ("half_even", -12), ("up", -13), ("down", -12)])
def test_the_file_rounds_ties_by_their_names(mode: str, up: int) -> None:
    assert decide.round_to(Fraction(-125, 100), 1, mode) == Fraction(up, 10)


@pytest.mark.parametrize("count", [-1, 1])
def test_the_file_knows_that_days_end(count: int) -> None:
    """A calendar may cover every day that there is: no day is beside it, and what lies beyond is unknown."""
    table = {"first": date.min, "last": date.max, "days": decide.WEEK, "is_bordered": True}
    assert decide.add_workdays(date(2024, 5, 15), count, table) == date(2024, 5, 15 + count)
    with pytest.raises(decide.NoValue):
        decide.add_workdays(date.min if count < 0 else date.max, count, table)
