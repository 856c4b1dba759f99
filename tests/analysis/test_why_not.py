"""Why not: what is found would have been enough, and nothing nearer would; what is missed does not hold."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from hypothesis import event, given
from hypothesis import strategies as st

from laws import HEAD, facts_of
from scorecore.analysis.counterfactuals import FactChange
from scorecore.analysis.goals import Goal, find_goal, list_goals
from scorecore.analysis.number_lines import MAX_EXHAUSTIVE
from scorecore.analysis.why_not import WhyNot, explain_why_not
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import SubjectFacts
from scorecore.facts.subject_facts import subject_facts
from scorecore.program.model import Program
from scorecore.values.types import PLACES, from_units, to_units
from scorecore.values.unknown import Unknown
from scorecore_cli.main import scorecore
from scorecore_cli.why_not_view import why_not_blocks
from strategies.cases import Case, cases, compiled, period_of
from strategies.facts import Situation, situations

POLICIES: Final = Path(__file__).parents[2] / "policies"
GALAXY: Final = (
    *("explain", str(POLICIES / "galaxy" / "branch.toml"), "--facts", str(POLICIES / "galaxy" / "facts")),
    *("--period", "2024-05"),
)


def changed(facts: SubjectFacts, change: FactChange, program: Program) -> SubjectFacts:
    """The facts with one change, made without the code that found it."""
    if not change.table:
        return evolve(facts, values=facts.values | {change.name: change.after})
    rows = facts.rows[change.table]
    assert not isinstance(rows, Unknown)
    table = next(event for event in program.schema.events if event.name == change.table)
    kept = [row for row in rows if change.before is None or row is not change.event]
    if change.name:
        kept.append({**change.event, change.name: change.after})
    elif change.after is not None:
        kept.append(change.after)
    assert len(kept) == len(rows) + (change.after is not None and not change.name) - (change.after is None)
    assert len({tuple(row[name] for name in table.key) for row in kept}) == len(kept)
    return evolve(facts, rows=facts.rows | {change.table: kept})


def has(decider: SubjectEvaluator, facts: SubjectFacts, goal: Goal) -> bool:
    got = decider.decide(facts).value(goal.step)
    return not isinstance(got, Unknown) and goal.has(got)


def asked(
    case: Case, situation: Situation, which: int
) -> Iterator[tuple[SubjectEvaluator, SubjectFacts, Goal, WhyNot]]:
    """Two people of a situation, each asked for a goal."""
    facts = facts_of(case, situation)
    decider = SubjectEvaluator.of(case.program, case.period)
    goals = list_goals(case.program)
    if not goals or case.program.grouped:
        return
    for person_facts in extract_subject_facts(case.program, facts, range(min(2, len(facts)))):
        goal = goals[which % len(goals)]
        yield decider, person_facts, goal, explain_why_not(case.program, decider, person_facts, goal)


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_every_change_that_is_found_is_enough(case: Case, situation: Situation, which: int) -> None:
    """With the change, and nothing else, the decision has what was asked for; without it, it had not."""
    for decider, facts, goal, answer in asked(case, situation, which):
        event("held" if answer.held else "reached" if answer.is_reached else f"{len(answer.changes)} changes")
        assert answer.is_reached == has(decider, facts, goal)
        assert not (answer.changes and (answer.is_reached or answer.held))
        for change in answer.changes:
            assert has(decider, changed(facts, change, case.program), goal), change


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_no_step_less_would_do(case: Case, situation: Situation, which: int) -> None:
    """Of a number that is found, one last place less is not enough; nor is any of the nearest that are tried."""
    for decider, facts, goal, answer in asked(case, situation, which):
        for change in answer.changes:
            before, after = change.before, change.after
            if change.table or isinstance(after, bool) or not isinstance(after, int | Decimal) or before is None:
                continue
            column = next(each for each in case.program.schema.columns if each.name == change.name)
            step = 10 ** (PLACES - column.type.places)
            distance = (to_units(after) - to_units(before)) // step
            for steps in {abs(distance) - 1, *range(1, min(abs(distance), 40))} - {0}:
                for sign in (1, -1) if steps < abs(distance) - 1 else ((1 if distance > 0 else -1),):
                    number = to_units(before) + sign * steps * step
                    if column.type.low <= number <= column.type.high:
                        nearer = from_units(number) if column.type.is_decimal else number // 10**PLACES
                        closer = evolve(facts, values=facts.values | {change.name: nearer})
                        assert not has(decider, closer, goal), (change, nearer)


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_what_is_missed_does_not_hold(case: Case, situation: Situation, which: int) -> None:
    """Each threshold that is told is not met by the value beside it, and the distance lies between the two."""
    sides = {
        ">=": lambda left_side, right_side: left_side >= right_side,
        ">": lambda left_side, right_side: left_side > right_side,
        "<=": lambda left_side, right_side: left_side <= right_side,
        "<": lambda left_side, right_side: left_side < right_side,
        "==": lambda left_side, right_side: left_side == right_side,
        "!=": lambda left_side, right_side: left_side != right_side,
    }
    for *_, answer in asked(case, situation, which):
        for missed_fact in answer.missed:
            if missed_fact.operator and missed_fact.value is not None and missed_fact.needed is not None:
                assert not sides[missed_fact.operator](missed_fact.value, missed_fact.needed), missed_fact
                if isinstance(missed_fact.value, int | Decimal) and not isinstance(missed_fact.value, bool):
                    assert missed_fact.distance == abs(missed_fact.needed - missed_fact.value)
            elif not missed_fact.operator:
                assert missed_fact.value is not missed_fact.needed


SMALL: Final = (
    HEAD
    + """
[facts.person]
x = { type = "int", min = -60, max = 60 }
y = { type = "int", min = 0, max = 60 }
z = { type = "bool" }
fix = { type = "int", min = 0, max = 60, fixed = true }
late = { type = "string", among = ["no", "once", "often"], optional = true }

[facts.visits]
key = ["day"]
dated_by = "day"
fields = { day = { type = "date" }, counted = { type = "bool" }, hours = { type = "int", min = 0, max = 60 } }

[facts.records]
key = ["id"]
fixed = true
fields = { id = { type = "string" }, good = { type = "bool" } }

[values.reached]
is = "quotient(x * x + 2 * y, 7) > 30 || visits.filter(v, v.counted).map(v, v.hours).sum() >= 30"

[values.allowed]
is = "(z || fix > 30) && !(has(late) && late == 'often')"

[[actions]]
id = "promote"
label = "升级"
when = "reached && allowed && records.all(r, r.good)"
reason = "r"

[[pay]]
id = "bonus"
kind = "reward"
when = "x > 3"
amount = "y > 10 ? y * 2.5 : 0"
"""
)


def small() -> tuple[Program, SubjectEvaluator]:
    program, diagnostics = compiled(SMALL)
    assert program is not None, list(map(str, diagnostics))
    return program, SubjectEvaluator.of(program, period_of(program))


def person(program: Program, rows: Sequence[dict[str, Any]] = (), **values: Any) -> SubjectFacts:
    return subject_facts(
        program,
        period_of(program),
        "B1",
        {"x": 0, "y": 0, "z": True, "fix": 0} | values,
        {"visits": rows, "records": [{"id": "R", "good": True}]},
    )


def named(program: Program, text: str) -> Goal:
    goal = find_goal(program, text)
    assert isinstance(goal, Goal)
    return goal


@given(x=st.integers(-60, 60), y=st.integers(0, 60))
def test_the_nearest_of_all_values_is_found(x: int, y: int) -> None:
    """Among all values of a fact, whatever it does to the result, the nearest that is enough is found."""
    program, decider = small()
    goal, facts = named(program, "promote"), person(program, x=x, y=y)
    answer = explain_why_not(program, decider, facts, goal)
    for name, low in (("x", -60), ("y", 0)):
        enough = [
            value for value in range(low, 61) if has(decider, evolve(facts, values=facts.values | {name: value}), goal)
        ]
        nearest = min((abs(value - facts.values[name]) for value in enough), default=None)
        told = [abs(change.after - change.before) for change in answer.changes if change.name == name]
        assert told == ([] if nearest is None or answer.is_reached else [nearest])
    assert MAX_EXHAUSTIVE > 120


def test_what_a_person_cannot_change_is_left_as_it_is() -> None:
    """Facts and tables that are fixed are never among the changes, though they would be enough."""
    program, decider = small()
    answer = explain_why_not(program, decider, person(program, x=60, z=False), named(program, "升级"))
    assert {change.name for change in answer.changes} == {"z"}
    spoilt = evolve(person(program, x=60), rows=person(program).rows | {"records": [{"id": "R", "good": False}]})
    assert explain_why_not(program, decider, spoilt, named(program, "promote")).changes == ()


def test_events_are_added_changed_and_left_out() -> None:
    """One more visit, a visit of more hours, and a visit that counts would each have been enough."""
    from datetime import date  # noqa: PLC0415  of this test only

    program, decider = small()
    rows = [
        {"day": date(2024, 5, 6), "counted": False, "hours": 30},
        {"day": date(2024, 5, 7), "counted": True, "hours": 5},
    ]
    answer = explain_why_not(program, decider, person(program, rows), named(program, "actions.promote"))
    events = {
        (change.name, str(change.before), str(change.after))
        for change in answer.changes
        if change.table and change.name
    }
    assert events == {("counted", "False", "True"), ("hours", "5", "30")}
    (added,) = (change for change in answer.changes if change.table and not change.name)
    assert added.after == {"day": date(2024, 5, 1), "counted": True, "hours": 25}


def test_an_optional_fact_can_be_taken_away_or_given() -> None:
    program, decider = small()
    facts = person(program, x=60, late="often")
    assert [
        (each.name, each.after) for each in explain_why_not(program, decider, facts, named(program, "promote")).changes
    ] == [("late", None)]


def test_a_line_of_pay_is_a_goal() -> None:
    """Both what keeps a line from applying and what keeps its amount at zero are told."""
    program, decider = small()
    answer = explain_why_not(program, decider, person(program, x=0, y=4), named(program, "pay.bonus"))
    assert [
        (missed.text, missed.value, missed.operator, missed.needed, missed.distance) for missed in answer.missed
    ] == [
        ("x", 0, ">", 3, 3),
        ("y", 4, ">", 10, 6),
    ]
    assert answer.changes == ()
    assert [
        (change.name, change.before, change.after)
        for change in explain_why_not(program, decider, person(program, x=9, y=4), named(program, "bonus")).changes
    ] == [("y", 4, 11)]


def test_what_is_asked_of_past_periods_is_not_missed_now() -> None:
    """Of a streak only its condition in this period can be missed."""
    text = SMALL.replace("y > 10 ? y * 2.5 : 0", "streak(actions.promote ? true : false) > 0 ? 2.5 : 0")
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    facts = subject_facts(
        program,
        period_of(program),
        "B1",
        {"x": 9, "y": 4, "z": True, "fix": 0},
        {"visits": [], "records": []},
    )
    evaluator = SubjectEvaluator.of(program, period_of(program))
    why_not = explain_why_not(program, evaluator, facts, named(program, "pay.bonus"))
    assert [missed.text for missed in why_not.missed] == [
        "streak(actions.promote ? true : false)",
        "actions.promote ? true : false",
    ]


def scorecore_(*arguments: str) -> Result:
    return CliRunner().invoke(scorecore, list(arguments), catch_exceptions=False)


ENGLISH: Final = """\
why not 优秀: B1008, 2024-05
actual result: 良好

what was missed
condition             is  would have to be  short by  clause
score.total (total)  87.41              ≥ 90      2.59

the smallest changes
each line alone would have been enough, with everything else unchanged
fact                                                              is  enough would be     change
客户交易量 C552428 2024-05-08: 交易量                     1688617.71       1850351.21  +161733.5
客户交易量: one more (日期 2024-05-01; 交易量 161733.5; 客户归属 effective)                  +1
"""


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def test_a_branch_officer_reads_why_not() -> None:
    shown = scorecore_(*GALAXY, "--person", "B1008", "--why-not", "A", "--lang", "en")
    assert shown.exit_code == 0
    assert words(shown.stdout) == words(ENGLISH)
    chinese = scorecore_(*GALAXY, "--person", "B1008", "--why-not", "优秀", "--lang", "zh").stdout
    assert "为何不是“优秀”：B1008，2024-05" in chinese
    assert "客户交易量：增加一项（日期 2024-05-01；交易量 161733.5；客户归属 effective）" in chinese
    markdown = scorecore_(*GALAXY, "--person", "B1008", "--why-not", "A", "--format", "markdown").stdout
    assert "| score.total" in markdown


def test_json_of_why_not() -> None:
    """Programs are told names, values as text, and both sides of each change."""
    text = scorecore_(*GALAXY, "--person", "B1008", "--why-not", "grade.A", "--format", "json").stdout
    answer = json.loads(text)
    assert (answer["goal"], answer["got"], answer["reached"]) == ("grade.A", "B", False)
    assert answer["missed"] == [
        {
            "condition": "score.total",
            "value": "87.41",
            "operator": ">=",
            "needed": 90 if isinstance(answer["missed"][0]["needed"], int) else "90",
            "distance": "2.59",
            "authority": "",
        }
    ]
    assert [(change["table"], change["name"]) for change in answer["changes"]] == [
        ("volumes", "amount"),
        ("volumes", ""),
    ]


@pytest.mark.parametrize(
    ("who", "goal", "code", "said"),
    [
        ("B1001", "A", 0, "it has been reached: 优秀"),
        ("B1022", "A", 1, "it is held: in `客户投诉`, T2405004 has no `属实(认定)`"),
        ("B1003", "A", 0, "no change of one fact alone would have been enough"),
        ("B1008", "pay.base", 0, "= manager"),
        ("B1008", "gradeA", 2, "there is no grade, pay or action gradeA"),
    ],
)
def test_other_answers(who: str, goal: str, code: int, said: str) -> None:
    result = scorecore_(*GALAXY, "--person", who, "--why-not", goal, "--lang", "en")
    assert result.exit_code == code
    assert said in " ".join(result.output.replace("│", " ").split())


def test_comparisons_with_others_are_computed_again() -> None:
    """A change is judged by what the others of the group are, not by the place that there was before it."""
    text = (
        HEAD
        + """
[facts.person]
sales = { type = "int", min = 0, max = 1000 }
[groups.all]
held = "wait"
ties = "first"
[[actions]]
id = "best"
when = 'rank(sales, "all") <= 2'
reason = "r"
"""
    )
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    decider = SubjectEvaluator.of(program, period_of(program))
    company = [
        subject_facts(program, decider.context.period, f"P{sales}", {"sales": sales}, {}) for sales in (500, 400, 30)
    ]
    mine = next(subject for subject in decider.add_group_values(company) if subject.subject == "P30")
    answer = explain_why_not(program, decider, mine, named(program, "best"), company)
    assert [(change.before, change.after) for change in answer.changes] == [(30, 400)]
    assert not answer.as_they_are
    assert explain_why_not(program, decider, mine, named(program, "best")).as_they_are


def test_a_formula_is_shown_whole_and_with_the_labels_of_what_it_reads() -> None:
    """A label is the policy's own or none: no piece of a formula, and no part of a name, is one."""
    text = """
[facts.person]
mark = { type = "decimal", min = 0, max = 100, label = "Mark" }
[groups.all]
held = "wait"
ties = "last"
[[items]]
id = "m"
points = 100
scorer = "formula"
is = "mark"
[[actions]]
id = "x"
when = "mark * 2 > 190 && items.m > 90 && rank(score.total + 0.5, 'all') <= 0"
reason = "r"
"""
    program, diagnostics = compiled(HEAD + text)
    assert program is not None, diagnostics
    evaluator = SubjectEvaluator.of(program, period_of(program))
    facts = subject_facts(program, evaluator.context.period, "E1", {"mark": Decimal(80)}, {})
    (facts_in_group,) = evaluator.add_group_values([facts])
    goal = find_goal(program, "x")
    assert isinstance(goal, Goal)
    answer = explain_why_not(program, evaluator, facts_in_group, goal, [facts])
    blocks = list(why_not_blocks(answer, program))
    assert [row[0] for row in blocks[1].rows] == ["mark * 2 (Mark)", "items.m", 'rank(score.total + 0.5, "all")']
