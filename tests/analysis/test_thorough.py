"""How good cases are: what they touch, and which changes of the program they notice."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve
from click.testing import CliRunner
from hypothesis import given

from laws import HEAD, company, facts_of
from scorecore.analysis.cases.read import PreparedCase, prepare_cases
from scorecore.analysis.cases.verdict import judge_case
from scorecore.analysis.coverage import measure_coverage
from scorecore.analysis.mutants import Mutant, iter_mutants
from scorecore.analysis.mutation import MutationTrial, change_program, run_mutation
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.groups import add_group_values
from scorecore.evaluate.incremental import IncrementalEvaluator, decide_changed, with_steps
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator, decide
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.io.policy_files import read_source
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.steps import Account
from scorecore.values.period import Period
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases, compiled, period_of
from strategies.facts import Situation, situations

POLICIES: Final = Path(__file__).parents[2] / "policies"
SHOWN: Final = (
    "galaxy/branch.toml",
    "credit_union/points.toml",
    "cofco/promotion.toml",
    "performance_salary/branch.toml",
)


@cache
def ready(name: str) -> tuple[Program, Sequence[PreparedCase]]:
    """A policy of ours and its cases."""
    path = POLICIES / name
    program = Workspace.open().check(path).program
    source = read_source(path.with_name(f"{path.stem}.cases.toml"), Diagnostics())
    assert program is not None
    assert source is not None
    return program, prepare_cases(source, program, Diagnostics())


def mutated(program: Program, mutant: Mutant) -> Program:
    """The program with a change in place, as if it had been compiled so."""
    changed = with_steps(program, mutant.steps)
    if mutant.parameter is not None:
        parameters = (
            mutant.parameter if parameter.name == mutant.parameter.name else parameter
            for parameter in changed.parameters
        )
        changed = evolve(changed, parameters=tuple(parameters))
    if mutant.table is not None:
        tables = (mutant.table if table.name == mutant.table.name else table for table in changed.tables)
        changed = evolve(changed, tables=tuple(tables))
    return changed


def afresh(program: Program, case: PreparedCase) -> Outcome:
    """A case decided from the beginning, everybody that it is about too."""
    context = period_context(program, case.evaluator.context.period)
    record = case.facts
    if case.population:
        record = add_group_values(
            program,
            case.population,
            lambda part, subjects: [ReferenceEvaluator(part, context).decide(facts) for facts in subjects],
        )[0]
    return ReferenceEvaluator(program, context).decide(record)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["performance_salary/branch.toml", "cofco/promotion.toml", "galaxy/branch.toml"])
def test_a_mutant_survives_if_and_only_if_no_case_notices(name: str) -> None:
    """Killed: an expectation fails. Not expected: something differs, but none fails. Not noticed: nothing differs."""
    program, cases = ready(name)
    trial = MutationTrial.of(program, cases)
    base = [afresh(program, case) for case in cases]
    mutants = list(iter_mutants(program))
    assert mutants
    for mutant in mutants:
        changed = mutated(program, mutant)
        survivor = trial.find_survival(mutant)
        try:
            outcomes = [afresh(changed, case) for case in cases]
        except ArithmeticError:
            assert survivor is None
            continue
        differing = [
            outcome
            for outcome, was, case in zip(outcomes, base, cases, strict=True)
            if (outcome.values, outcome.entries) != (was.values, was.entries)
        ]
        failing = [
            case
            for case, outcome in zip(cases, outcomes, strict=True)
            if judge_case(case, program, outcome).differences
        ]
        where = f"{mutant.place} {mutant.before} -> {mutant.after}"
        if failing:
            assert survivor is None, where
        elif differing:
            assert survivor is not None, where
            assert survivor.kind is catalogue.NOT_EXPECTED, where
        else:
            assert survivor is not None, where
            assert survivor.kind is catalogue.NOT_NOTICED, where


SHAPES: Final = (
    HEAD
    + """
[facts.person]
level = { type = "int", min = 0, max = 9 }
[facts.visits]
key = ["id"]
fields = { id = { type = "string" } }
[[pay]]
id = "base"
kind = "earning"
amount = "level * 1.0"
[[pay]]
id = "p"
kind = "reward"
amount = "AMOUNT"
"""
)


def mutations_of(amount: str) -> list[tuple[str, str]]:
    program, diagnostics = compiled(SHAPES.replace("AMOUNT", amount))
    assert program is not None, list(map(str, diagnostics))
    return [(mutant.before, mutant.after) for mutant in iter_mutants(program)]


def test_what_only_looks_like_a_streak_is_changed_everywhere() -> None:
    """A condition, a constant that is added to, the sum, and the other branch: each is tried."""
    mutations = mutations_of("(level == 4 ? 5 + visits.size() : 7) * 1.0")
    assert ("level == 4", "level != 4") in mutations
    assert {("5", "6"), ("7", "8"), ("5 + visits.size()", "5 - visits.size()")} <= {*mutations}


def test_of_a_streak_only_what_its_author_wrote_is_changed() -> None:
    """The sums, the 1 and the 0 that a streak means are nobody's mistake."""
    mutations = mutations_of("streak(pay.base >= 6) * 2.5")
    of_the_streak = [(before, after) for before, after in mutations if "pay.base" in before]
    assert [after for _, after in of_the_streak] == ["pay.base > 6", "pay.base >= 7", "pay.base >= 5"]
    assert {before for before, _ in mutations} == {"pay.base >= 6", "2.5", "1"}  # the 1 is that of the base


CAPPED: Final = (
    SHAPES.partition("[[pay]]")[0]
    + """
[[items]]
id = "share"
points = 30
round = 2
"""
)


@pytest.mark.parametrize(
    ("scorer", "is_cap_tried"),
    [
        ('scorer = "target"\nactual = "level"\ntarget = "level + 1"', False),  # a share is never more than all of it
        ('scorer = "formula"\nis = "level * 10"', True),
    ],
)
def test_a_higher_cap_is_tried_where_it_can_be_reached(scorer: str, *, is_cap_tried: bool) -> None:
    program, diagnostics = compiled(CAPPED + scorer)
    assert program is not None, list(map(str, diagnostics))
    account = program.step("items.share")
    assert isinstance(account, Account)
    cap = next(rule.to for rule in account.entries if rule.reason == "cap")
    changed = [mutant.steps["items.share"] for mutant in iter_mutants(program) if mutant.before == "30"]
    caps = [rule.to for step in changed if isinstance(step, Account) for rule in step.entries if rule.reason == "cap"]
    assert any(changed_cap != cap for changed_cap in caps) is is_cap_tried


def test_the_edge_of_a_grade_is_changed() -> None:
    """A grade that begins a tenth higher or lower, or above its edge."""
    program, _ = ready("galaxy/branch.toml")
    edges = {(mutant.before, mutant.after) for mutant in iter_mutants(program)}
    assert {
        ("score.total >= 90", after) for after in ("score.total > 90", "score.total >= 99", "score.total >= 81")
    } <= edges


@given(case=cases(), situation=situations())
def test_deciding_again_is_deciding_afresh(case: Case, situation: Situation) -> None:
    """Taking only the steps that read what changed gives what the changed program gives from the beginning."""
    program, facts = case.program, facts_of(case, situation)
    context = period_context(program, case.period)
    evaluator = IncrementalEvaluator.of(program, context)
    subjects = list(extract_subject_facts(program, facts, range(min(3, len(facts)))))
    baselines = list(map(evaluator.decide, subjects))
    for mutant in list(iter_mutants(program))[:25]:
        changed = mutated(program, mutant)
        change = change_program(evaluator, mutant)
        for baseline, record in zip(baselines, subjects, strict=True):
            try:
                fresh = ReferenceEvaluator(changed, period_context(changed, case.period)).decide(record)
            except ArithmeticError:
                continue
            decided_again = baseline.decide_again(change)
            assert decided_again == fresh, f"{mutant.place} {mutant.before} -> {mutant.after}"


def test_who_is_not_assessed_any_more_is_so_by_the_changed_condition() -> None:
    """The reason names the condition as it is now, also of somebody who was not assessed before."""
    head = HEAD.replace("[policy]", '[policy]\napplies = "x > 5"')
    program, diagnostics = compiled(
        f'{head}[facts.person]\nx = {{ type = "int", min = 0 }}\n[[pay]]\nid = "p"\nkind = "earning"\namount = "x"\n'
    )
    assert program is not None, list(map(str, diagnostics))
    period = period_of(program)
    evaluator = IncrementalEvaluator.of(program, period_context(program, period))
    facts = subject_facts(program, period, "P1", {"x": 1}, {})
    baseline = evaluator.decide(facts)
    assert baseline.outcome.is_excluded
    changes = [mutant for mutant in iter_mutants(program) if "policy.applies" in mutant.steps]
    assert changes
    for mutant in changes:
        changed = mutated(program, mutant)
        again = baseline.decide_again(change_program(evaluator, mutant))
        assert again == ReferenceEvaluator(changed, period_context(changed, period)).decide(facts), str(mutant)


@given(case=cases(), situation=situations())
def test_deciding_again_by_other_facts_is_deciding_by_them(case: Case, situation: Situation) -> None:
    """Whatever a subject was decided by, other facts give what they give from the beginning."""
    program, context = case.program, period_context(case.program, case.period)
    subjects = company(program, facts_of(case, situation))[:4]
    evaluator = IncrementalEvaluator.of(program, context)
    for before in subjects:
        baseline = evaluator.decide(before)
        for facts in subjects:
            decided_again = baseline.decide_again(facts=facts)
            assert decided_again == decide(program, context, facts)
            assert (decided_again is baseline.outcome) == (decided_again == baseline.outcome)
            assert list(map(type, decided_again.values)) == list(map(type, decide(program, context, facts).values))


LEAST: Final = f"""{HEAD}
[parameters.least]
label = "What counts as a sale"
values = [{{ from = 2020-01-01, is = 5 }}]
type = "int"

[facts.person]
name = {{ type = "string" }}

[facts.sale]
key = ["id"]

[facts.sale.fields]
id   = {{ type = "string" }}
day  = {{ type = "date" }}
size = {{ type = "int", min = 0, max = 100 }}

[[items]]
id = "it"
points = "open"
scorer = "formula"
each = "sale"
as = "s"
is = "nth(true, s.day, s.size >= parameters.least)"

[score]
"""


def decide_all(program: Program, period: Period, facts: Sequence[SubjectFacts]) -> list[Outcome]:
    return [decide(program, period_context(program, period), facts_row) for facts_row in facts]


def test_events_are_numbered_again_after_a_change() -> None:
    """Which events count, and so which number each has, may depend on the parameter that is changed."""
    program, diagnostics = compiled(LEAST)
    assert program is not None, list(map(str, diagnostics))
    period = period_of(program)
    sales = [
        {"id": "a", "day": period.start, "size": 5},
        {"id": "b", "day": period.end, "size": 9},
    ]
    facts = subject_facts(program, period, "P1", {"name": "n"}, {"sale": sales})
    (least,) = program.parameters
    higher = evolve(least, values=tuple((day, 7) for day, _ in least.values))
    evaluator = IncrementalEvaluator.of(program, period_context(program, period))
    baseline = evaluator.decide(facts)
    (fresh,) = decide_all(evolve(program, parameters=(higher,)), period, [facts])
    assert (baseline.outcome.value("items.it"), fresh.value("items.it")) == (3, 2)
    assert baseline.decide_again(evaluator.change(parameter=higher)) == fresh


@given(case=cases(), situation=situations())
def test_whose_facts_changed_is_decided(case: Case, situation: Situation) -> None:
    """Whoever has the facts that were recorded is left out, unless everybody depends on everybody."""
    program, taken_in = case.program, facts_of(case, situation)
    facts = list(extract_subject_facts(program, taken_in, range(min(2, len(taken_in)))))
    pairs = [
        (facts[0], evolve(facts[-1], subject=facts[0].subject)),
        *((facts_row, facts_row) for facts_row in facts[1:]),
    ]
    changed_outcomes = list(decide_changed(program, case.period, pairs))
    everybody = SubjectEvaluator.of(program, case.period).add_group_values([now for _, now in pairs])
    differ = {before.subject for before, now in pairs if before != now}
    expected = [subject for subject in everybody if differ and (program.grouped or subject.subject in differ)]
    assert [now for now, _ in changed_outcomes] == expected
    assert [outcome for _, outcome in changed_outcomes] == decide_all(program, case.period, expected)


@pytest.mark.parametrize("name", SHOWN)
def test_every_part_is_touched_or_reported(name: str) -> None:
    """What is missed and what is touched make up the whole, and more cases never touch less."""
    program, cases = ready(name)
    none, half, all_ = (measure_coverage(program, cases[:count]) for count in (0, len(cases) // 2, len(cases)))
    assert none.touched == 0
    assert none.total == half.total == all_.total
    missed = [{*map(str, measured.missed)} for measured in (all_, half, none)]
    assert missed[0] <= missed[1] <= missed[2]
    for one in (none, half, all_):
        assert one.touched + len(one.missed) == one.total


def test_a_case_touches_its_entry() -> None:
    """The entry that a case expects is seen; without the case it is told where it is written."""
    program, cases = ready("galaxy/branch.toml")
    waived = [case for case in cases if any(entry.reason == "waived" for entry in case.case.expect.entries or ())]
    assert waived
    unwaived = [case for case in cases if case not in waived]
    said = [note for note in measure_coverage(program, unwaived).missed if note.kind is catalogue.NO_CASE_ENTRY]
    missed = {note.location for note in said} - {note.location for note in measure_coverage(program, cases).missed}
    assert {place.source for place in missed} == {"galaxy.broker@2024.1"}


def test_our_policies_are_proven() -> None:
    """The share of changes that our own cases notice does not fall."""
    for name, least in (("galaxy/branch.toml", 90), ("credit_union/points.toml", 80)):
        report = run_mutation(*ready(name))
        assert 100 * report.killed >= least * report.tried, [str(survivor) for survivor in report.survivors]


def test_places_are_no_part_of_a_program() -> None:
    """Where a band and a value are written does not change the digest."""
    program, _ = ready("galaxy/branch.toml")
    assert all(band.place for table in program.tables for _, bands in table.versions for band in bands)

    bare = tuple(evolve(parameter, places=()) for parameter in program.parameters)
    assert program_digest(evolve(program, parameters=bare)) == program_digest(program)


def test_the_page_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that docs/impact.md shows with its output prints just that."""
    root = POLICIES.parent
    page = (root / "docs" / "impact.md").read_text("utf-8")
    shown = re.findall(r"^```console\n\$ scorecore ([^\n]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    monkeypatch.chdir(root)
    monkeypatch.setenv("SCORECORE_LANG", "en")
    for arguments, output in shown:
        assert CliRunner().invoke(scorecore, arguments.split()).output == output
