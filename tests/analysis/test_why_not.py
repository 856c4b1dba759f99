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


def changed(of: SubjectFacts, change: FactChange, program: Program) -> SubjectFacts:
    """The facts with one change, made without the code that found it."""
    if not change.table:
        return evolve(of, values=of.values | {change.name: change.after})
    rows = of.rows[change.table]
    assert not isinstance(rows, Unknown)
    table = next(one for one in program.schema.events if one.name == change.table)
    kept = [one for one in rows if change.before is None or one is not change.event]
    if change.name:
        kept.append({**change.event, change.name: change.after})
    elif change.after is not None:
        kept.append(change.after)
    assert len(kept) == len(rows) + (change.after is not None and not change.name) - (change.after is None)
    assert len({tuple(one[name] for name in table.key) for one in kept}) == len(kept)
    return evolve(of, rows=of.rows | {change.table: kept})


def has(decider: SubjectEvaluator, of: SubjectFacts, goal: Goal) -> bool:
    got = decider.decide(of).value(goal.step)
    return not isinstance(got, Unknown) and goal.has(got)


def asked(
    case: Case, situation: Situation, which: int
) -> Iterator[tuple[SubjectEvaluator, SubjectFacts, Goal, WhyNot]]:
    """Two people of a situation, each asked for a goal."""
    facts = facts_of(case, situation)
    decider = SubjectEvaluator.of(case.program, case.period)
    several = list_goals(case.program)
    if not several or case.program.grouped:
        return
    for one in extract_subject_facts(case.program, facts, range(min(2, len(facts)))):
        goal = several[which % len(several)]
        yield decider, one, goal, explain_why_not(case.program, decider, one, goal)


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_every_change_that_is_found_is_enough(case: Case, situation: Situation, which: int) -> None:
    """With the change, and nothing else, the decision has what was asked for; without it, it had not."""
    for decider, one, goal, found in asked(case, situation, which):
        event("held" if found.held else "reached" if found.is_reached else f"{len(found.changes)} changes")
        assert found.is_reached == has(decider, one, goal)
        assert not (found.changes and (found.is_reached or found.held))
        for change in found.changes:
            assert has(decider, changed(one, change, case.program), goal), change


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_no_step_less_would_do(case: Case, situation: Situation, which: int) -> None:
    """Of a number that is found, one last place less is not enough; nor is any of the nearest that are tried."""
    for decider, one, goal, found in asked(case, situation, which):
        for change in found.changes:
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
                        closer = evolve(one, values=one.values | {change.name: nearer})
                        assert not has(decider, closer, goal), (change, nearer)


@given(case=cases(), situation=situations(), which=st.integers(0, 30))
def test_what_is_missed_does_not_hold(case: Case, situation: Situation, which: int) -> None:
    """Each threshold that is told is not met by the value beside it, and the distance lies between the two."""
    sides = {
        ">=": lambda one, other: one >= other,
        ">": lambda one, other: one > other,
        "<=": lambda one, other: one <= other,
        "<": lambda one, other: one < other,
        "==": lambda one, other: one == other,
        "!=": lambda one, other: one != other,
    }
    for *_, found in asked(case, situation, which):
        for one in found.missed:
            if one.operator and one.value is not None and one.needed is not None:
                assert not sides[one.operator](one.value, one.needed), one
                if isinstance(one.value, int | Decimal) and not isinstance(one.value, bool):
                    assert one.distance == abs(one.needed - one.value)
            elif not one.operator:
                assert one.value is not one.needed


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
    found = find_goal(program, text)
    assert isinstance(found, Goal)
    return found


@given(x=st.integers(-60, 60), y=st.integers(0, 60))
def test_the_nearest_of_all_values_is_found(x: int, y: int) -> None:
    """Among all values of a fact, whatever it does to the result, the nearest that is enough is found."""
    program, decider = small()
    goal, one = named(program, "promote"), person(program, x=x, y=y)
    found = explain_why_not(program, decider, one, goal)
    for name, low in (("x", -60), ("y", 0)):
        enough = [
            value for value in range(low, 61) if has(decider, evolve(one, values=one.values | {name: value}), goal)
        ]
        nearest = min((abs(value - one.values[name]) for value in enough), default=None)
        told = [abs(change.after - change.before) for change in found.changes if change.name == name]
        assert told == ([] if nearest is None or found.is_reached else [nearest])
    assert MAX_EXHAUSTIVE > 120


def test_what_a_person_cannot_change_is_left_as_it_is() -> None:
    """Facts and tables that are fixed are never among the changes, though they would be enough."""
    program, decider = small()
    found = explain_why_not(program, decider, person(program, x=60, z=False), named(program, "升级"))
    assert {one.name for one in found.changes} == {"z"}
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
    found = explain_why_not(program, decider, person(program, rows), named(program, "actions.promote"))
    events = {(one.name, str(one.before), str(one.after)) for one in found.changes if one.table and one.name}
    assert events == {("counted", "False", "True"), ("hours", "5", "30")}
    (added,) = (one for one in found.changes if one.table and not one.name)
    assert added.after == {"day": date(2024, 5, 1), "counted": True, "hours": 25}


def test_an_optional_fact_can_be_taken_away_or_given() -> None:
    program, decider = small()
    one = person(program, x=60, late="often")
    assert [
        (each.name, each.after) for each in explain_why_not(program, decider, one, named(program, "promote")).changes
    ] == [("late", None)]


def test_a_line_of_pay_is_a_goal() -> None:
    """Both what keeps a line from applying and what keeps its amount at zero are told."""
    program, decider = small()
    found = explain_why_not(program, decider, person(program, x=0, y=4), named(program, "pay.bonus"))
    assert [(one.text, one.value, one.operator, one.needed, one.distance) for one in found.missed] == [
        ("x", 0, ">", 3, 3),
        ("y", 4, ">", 10, 6),
    ]
    assert found.changes == ()
    assert [
        (one.name, one.before, one.after)
        for one in explain_why_not(program, decider, person(program, x=9, y=4), named(program, "bonus")).changes
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
    found = json.loads(text)
    assert (found["goal"], found["got"], found["reached"]) == ("grade.A", "B", False)
    assert found["missed"] == [
        {
            "condition": "score.total",
            "value": "87.41",
            "operator": ">=",
            "needed": 90 if isinstance(found["missed"][0]["needed"], int) else "90",
            "distance": "2.59",
            "authority": "",
        }
    ]
    assert [(one["table"], one["name"]) for one in found["changes"]] == [("volumes", "amount"), ("volumes", "")]


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
    mine = next(one for one in decider.add_group_values(company) if one.subject == "P30")
    found = explain_why_not(program, decider, mine, named(program, "best"), company)
    assert [(one.before, one.after) for one in found.changes] == [(30, 400)]
    assert not found.as_they_are
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
    program, found = compiled(HEAD + text)
    assert program is not None, found
    evaluator = SubjectEvaluator.of(program, period_of(program))
    facts = subject_facts(program, evaluator.context.period, "E1", {"mark": Decimal(80)}, {})
    (own,) = evaluator.add_group_values([facts])
    goal = find_goal(program, "x")
    assert isinstance(goal, Goal)
    answer = explain_why_not(program, evaluator, own, goal, [facts])
    blocks = list(why_not_blocks(answer, program))
    assert [row[0] for row in blocks[1].rows] == ["mark * 2 (Mark)", "items.m", 'rank(score.total + 0.5, "all")']
