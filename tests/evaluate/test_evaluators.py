"""The laws of what decides: rows and columns agree, sums are sums, order means nothing, bounds are sound."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import polars as pl
from attrs import evolve
from hypothesis import given

from laws import HEAD, by_subject, columns_agree, company, facts_of, taken, told, walked
from scorecore.analysis.mutants import iter_mutants
from scorecore.evaluate.batch import evaluator as columns
from scorecore.evaluate.batch.earlier_columns import ColumnsInTurn
from scorecore.evaluate.decisions import NET
from scorecore.evaluate.reference import closures
from scorecore.evaluate.reference import evaluator as rows
from scorecore.evaluate.reference.environment import Environment
from scorecore.evaluate.reference.observer import Row
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import Facts
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import AccountSoFar, Expression, walk
from scorecore.program.model import Program
from scorecore.program.steps import Account, Step
from scorecore.values.unknown import Unknown
from strategies.cases import Case, cases, compiled, period_of
from strategies.drafts import Draft
from strategies.facts import Situation, raw_tables, situations
from strategies.values import SEEDS, exactly, holds, means, seeded

# law 1


@given(case=cases(), situation=situations())
def test_source_agrees_with_walker(case: Case, situation: Situation) -> None:
    """The generated source gives for every subject what the walker gives: every step, every entry, every cause."""
    facts = facts_of(case, situation)
    decider = SubjectEvaluator.of(case.program, case.period)
    everybody = decider.add_group_values(extract_subject_facts(case.program, facts, range(len(facts))))
    for record, complete, outcome in zip(
        everybody, company(case.program, facts), walked(case.program, facts), strict=True
    ):
        assert record == complete
        decided = decider.decide(record)
        for step, value, meant in zip(case.program.steps, decided.values, outcome.values, strict=True):
            assert value == meant, f"{record.subject} {step.name}"
            assert type(value) is type(meant)
        assert decided.entries == outcome.entries, record.subject


@given(case=cases(), situation=situations())
def test_columns_agree_with_walker(case: Case, situation: Situation) -> None:
    """Columns give everyone what the walker gives: results, entries, pay lines, net, what is held and why."""
    facts = facts_of(case, situation)
    decisions = columns.evaluate_batch(case.program, facts)
    columns_agree(decisions, walked(case.program, facts))
    without = columns.evaluate_batch(case.program, facts, ledgers=False)
    assert without.frame.equals(decisions.frame)
    assert without.held == decisions.held


@given(case=cases(), situation=situations(), seed=SEEDS)
def test_columns_of_another_program_change_nothing(case: Case, situation: Situation, seed: int) -> None:
    """A program decides the same whether it takes the columns of one that differs in one place, or computes all."""
    facts = facts_of(case, situation)
    changed = _change_one_place(case.program, seed)
    in_turn = ColumnsInTurn()
    columns.evaluate_batch(case.program, facts, ledgers=False, in_turn=in_turn)
    taken_over = columns.evaluate_batch(changed, facts, in_turn=in_turn)
    computed = columns.evaluate_batch(changed, facts)
    assert told(taken_over) == told(computed)
    assert taken_over.frame.equals(computed.frame)


def _change_one_place(program: Program, seed: int) -> Program:
    """A program with another constant, operator, parameter or band; the same one where it has none."""
    mutants = list(iter_mutants(program))
    if not mutants:
        return program
    mutant = seeded(seed).choice(mutants)
    return evolve(
        program,
        steps=tuple(mutant.steps.get(step.name, step) for step in program.steps),
        parameters=tuple(
            mutant.parameter if mutant.parameter and mutant.parameter.name == parameter.name else parameter
            for parameter in program.parameters
        ),
        tables=tuple(
            mutant.table if mutant.table and mutant.table.name == table.name else table for table in program.tables
        ),
    )


@given(case=cases(), situation=situations())
def test_columns_are_right_or_null(case: Case, situation: Situation) -> None:
    """A step that is not null in columns is what the walker gives, even where the subject goes to rows for others."""
    facts = facts_of(case, situation)
    run = columns._BatchRun(case.program, facts)  # noqa: SLF001  the results alone would hide what rows repair
    run.compute(ledgers=True)
    outcomes = walked(case.program, facts)
    for position, step in enumerate(case.program.steps):
        if step.name not in run.subjects.columns:
            continue  # no result reads it
        for number, cell in enumerate(run.subjects[step.name]):
            value = outcomes[number].values[position]
            assert cell is None or means(cell, step.type) == exactly(value), f"{facts.ids[number]} {step.name}"


_FIXED_DEDUCTIONS = f"""{HEAD}
[facts.person]
x = {{ type = "bool" }}
[[items]]
id = "i"
points = 33.333333
scorer = "deduction"
rules = [{{ take = 3.333333, reason = "r" }}]
[score]
round = 2
"""


def test_columns_agree_on_accounts_of_constants() -> None:
    """An account whose entries are constants gives in columns what it gives in rows."""
    program, _ = compiled(_FIXED_DEDUCTIONS)
    assert program is not None
    facts = taken(
        Case(Draft(()), program, period_of(program)),
        {"person": RawTable(pl.DataFrame({"person": ["P000"], "x": ["true"]}), "person.csv")},
    )
    outcome = walked(program, facts)[0]
    values = dict(zip((step.name for step in program.steps), outcome.values, strict=True))
    row = columns.evaluate_batch(program, facts).frame.row(0, named=True)
    assert {name: row[name] for name in program.results()} == {name: values[name] for name in program.results()}


# law 2


@given(case=cases(), situation=situations())
def test_sums_are_sums(case: Case, situation: Situation) -> None:
    """Points are the sum of their entries, a total is the sum of all, and net pay is the signed sum of its lines."""
    decisions = columns.evaluate_batch(case.program, facts_of(case, situation))
    accounts = [rule.account for rule in case.program.ledger]
    entries, pay = by_subject(decisions.entries), by_subject(decisions.pay)
    names = {step.name for step in case.program.steps if isinstance(step, Account)}
    for number, row in enumerate(decisions.frame.iter_rows(named=True)):
        sums = dict.fromkeys(names, Fraction(0))
        for (rule, _, points, _), count in entries.get(number, Counter()).items():
            sums[accounts[rule]] += Fraction(points) * count
        for name in names - {"score.total"}:
            assert row[name] is None or row[name] == sums[name]
        if row.get("score.total") is not None:
            assert row["score.total"] == sum(sums.values())
        if NET in row:
            lines = [case.program.pay[index].sign * Fraction(amount) for index, amount in pay.get(number, Counter())]
            assert row[NET] == sum(lines)


# law 3


@given(case=cases(), situation=situations(), seed=SEEDS)
def test_order_means_nothing(case: Case, situation: Situation, seed: int) -> None:
    """The parts of a policy, people, events, tables and columns can stand in any order."""
    random = seeded(seed)
    raw = raw_tables(case.program, case.period, situation)
    meant = told(columns.evaluate_batch(case.program, taken(case, raw)))
    draft = case.draft.shuffled(random)
    program, diagnostics = compiled(draft.text)
    assert program is not None, list(map(str, diagnostics))
    shuffled = {}
    for name in random.sample(list(raw), len(raw)):
        frame = raw[name].frame.sample(fraction=1, shuffle=True, seed=random.randrange(2**32))
        shuffled[name] = RawTable(frame.select(random.sample(frame.columns, frame.width)), raw[name].source)
    shuffled_texts = told(columns.evaluate_batch(program, taken(Case(draft, program, case.period), shuffled)))
    assert shuffled_texts == meant


@given(case=cases(), situation=situations(), seed=SEEDS)
def test_batches_mean_nothing(case: Case, situation: Situation, seed: int) -> None:
    """People decided in batches are decided as all together."""
    random = seeded(seed)
    raw = raw_tables(case.program, case.period, situation)
    meant = told(columns.evaluate_batch(case.program, taken(case, raw)))
    name = case.program.schema.subject
    people = raw[name].frame[name].unique(maintain_order=True).to_list()
    count = random.randint(1, min(3, len(people)))
    batches: list[list[str]] = [[] for _ in range(count)]
    for people_together in together(case.program, taken(case, raw), people):
        random.choice(batches).extend(people_together)
    outcomes: dict[str, Any] = {}
    for batch in filter(None, batches):
        some = {
            key: RawTable(table.frame.filter(pl.col(name).is_in(batch)), table.source)
            if name in table.frame.columns
            else table  # its rows belong to nobody
            for key, table in raw.items()
        }
        evaluate = random.choice([columns.evaluate_batch, columns.evaluate_each])
        outcomes |= told(evaluate(case.program, taken(case, some)))
    assert outcomes == meant


def together(program: Program, facts: Facts, people: list[str]) -> list[list[str]]:
    """People in parts that depend on nobody outside: those with a group in common; a group is one batch."""
    parts = {person: {person} for person in people}
    for group in {program.group(step.group) for step in program.grouped}:
        keys: list[Any] = [""] * len(facts)
        if group.by:
            keys = facts.subjects[group.by].to_list()
        if None in keys:  # who may belong to any group
            keys = [""] * len(facts)
        heads: dict[Any, str] = {}
        for subject, key in zip(facts.ids, keys, strict=True):
            joined = parts[heads.setdefault(key, subject)] | parts[subject]
            parts |= dict.fromkeys(joined, joined)
    return [sorted(part) for part in {min(part): part for part in parts.values()}.values()]


# law 5


@contextmanager
def proved() -> Iterator[set[int]]:
    """Inside, every part of an expression must give a value of the type that was found for it before.

    Gives the ids of the expressions that were looked at, so that a walker of another build does not prove nothing.
    """
    looked: set[int] = set()
    outside: list[str] = []
    original, run = closures._compile_node, rows._AccountEvaluator.run  # noqa: SLF001  where every node passes

    def compile_checked(node: Expression, watch: Any) -> closures.Closure:
        closure = original(node, watch)
        reads_account = any(isinstance(part, AccountSoFar) for part in walk(node))

        def evaluate(environment: Environment, event_: Row | None, so_far: Any) -> Any:
            value = closure(environment, event_, so_far)
            looked.add(id(node))
            if not isinstance(value, Unknown) and not holds(node.type, value):
                assert reads_account, f"{value!r} is outside {node!r}"
                outside.append(f"{value!r} is outside {node!r}")
            return value

        return evaluate

    def known(self: rows._AccountEvaluator, environment: Environment) -> Any:
        outside.clear()
        total, entries = run(self, environment)
        # an account that is unknown goes on from 0, only to find all of its causes
        assert isinstance(total, Unknown) or not outside, outside
        return total, entries

    with (
        patch.object(closures, "_compile_node", compile_checked),
        patch.object(rows._AccountEvaluator, "run", known),  # noqa: SLF001
    ):
        yield looked


@given(case=cases(), situation=situations())
def test_bounds_are_sound(case: Case, situation: Situation) -> None:
    """Every value of every step, entry and part of an expression lies within its type, and what is accepted fits."""
    facts = facts_of(case, situation)
    with proved() as looked:
        outcomes = walked(case.program, facts)
    for step in case.program.steps:
        assert not isinstance(step, Step) or step.held_by or id(step.expression) in looked, (
            f"{step.name} is not looked at"
        )
    for outcome in outcomes:
        for step, value in zip(case.program.steps, outcome.values, strict=True):
            assert isinstance(value, Unknown) or holds(step.type, value), f"{step.name} {value} {step.type!r}"
        for rule, quantity, points, _ in outcome.entries:
            entry_rule = case.program.ledger[rule]
            assert holds(entry_rule.type, Decimal(points)), f"{entry_rule} {points}"
            assert quantity is None or (entry_rule.quantity and holds(entry_rule.quantity, quantity)), (
                f"{entry_rule} {quantity}"
            )
