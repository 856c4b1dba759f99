"""What `check` notes, and when it is silent; the folders in `problems/` show what it says."""

from pathlib import Path

import pytest

from scorecore import (
    Diagnostics,
    Source,
    check_policy,
    installed,
    load_scorers,
)

FOLDERS = Path(__file__).parents[1] / "problems"
POLICIES = Path(__file__).parents[2] / "policies"


def notes(text: str) -> set[str]:
    program, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert program is not None, list(map(str, diagnostics))
    return {diagnostic.kind.code for diagnostic in diagnostics}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("SC351", {"points = 100": "points = 80"}),
        ("SC352", {"from = 90": "from = 80", 'from = 0\n\n[[grades]]\nid   = "D"\n': ""}),
        ("SC353", {'key      = ["id"]': 'key      = ["id"]\nshared   = true'}),
    ],
)
def test_what_is_corrected_is_not_noted(code: str, changes: dict[str, str]) -> None:
    """A note disappears with what it is about."""
    text = (FOLDERS / code / "policy.toml").read_text(encoding="utf-8")
    assert notes(text) == {code}
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after, 1)
    assert notes(text) == set()


def test_a_condition_that_has_no_value_leaves_the_others_to_be_checked() -> None:
    """Whom a condition holds has no points to add up; everybody else's are."""
    text = """
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
[facts.person]
temporary = { type = "bool" }
[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }
[score]
out_of = 10
[[items]]
id = "a"
points = 10
scorer = "formula"
is = "10.0"
when = 'temporary || is_workday(date("2030-01-01"), "work")'
[[items]]
id = "b"
points = 5
scorer = "formula"
is = "5.0"
when = "temporary"
"""
    program, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert program is None
    assert [(diagnostic.kind.code, diagnostic.params.get("case")) for diagnostic in diagnostics] == [
        ("SC331", "temporary = true")
    ]


def test_nothing_is_out_of_reach_while_a_branch_has_yet_to_set_figures() -> None:
    """Points and grades that a table left to the branch may give are not noted."""
    source = Source("month.toml", (POLICIES / "road_bridge" / "month.toml").read_text(encoding="utf-8"))
    program, diagnostics = check_policy(source, {}, load_scorers(installed(), Diagnostics()))
    assert program is None
    assert {diagnostic.kind.code for diagnostic in diagnostics} == {"SC342"}


HEAD = """
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
"""


def table_of(kind: str, edge: str, bands: str, fact: str, amount: str, when: str = "") -> str:
    """A policy that pays what a table gives for the fact `v`."""
    condition = f'when = "{when}"\n' if when else ""
    return f"""{HEAD}
[tables.t]
kind = "{kind}"
edge = "{edge}"
bands = [ {bands} ]
[facts.person]
v = {{ type = "decimal", unit = "CNY", {fact} }}
[[pay]]
id = "u"
kind = "adjustment"
{condition}amount = "{amount}"
"""


TWO_BANDS = "{ from = 0, is = 1 }, { from = 100, is = 2, up_to = 300 }"


@pytest.mark.parametrize(
    ("kind", "edge", "fact", "amount", "when", "gaps"),
    [
        ("whole", "upper", "min = 0, max = 1000", "tables.t(v)", "", ["v = 0", "300 < v ≤ 1000"]),
        ("whole", "lower", "min = 0, max = 300", "tables.t(v)", "", ["v = 300"]),
        ("whole", "lower", "min = -5, max = 299", "tables.t(v)", "", ["-5 ≤ v < 0"]),
        ("marginal", "upper", "min = 0, max = 300", "tables.t(v)", "", []),
        ("marginal", "lower", "min = -5", "tables.t.rate(v)", "", ["-5 ≤ v < 0", "v > 300"]),
        ("interpolated", "upper", "min = 0, max = 301", "tables.t(v)", "", ["300 < v ≤ 301"]),
        ("whole", "upper", "min = 0, max = 300", "tables.t(v)", "v > 0", []),
        ("whole", "upper", "min = 0, max = 300", "v > 0 ? tables.t(v) : 0", "", []),
        ("whole", "upper", "min = 0, max = 300", "v == 0 ? 0 : tables.t(v)", "", []),
        ("whole", "upper", "min = 0, max = 301", "v <= 0 || v > 300 ? 0 : tables.t(v)", "", []),
        ("whole", "upper", "min = 0, max = 300", "v >= 1 ? tables.t(v - 1) : 0", "", ["v - 1 = 0"]),
        ("whole", "upper", "min = 0, max = 300", "tables.t(greatest(v, 0.01))", "", []),
        ("whole", "upper", "min = 0, max = 300", "v > 20 ? tables.t(v - 20) : 0", "", []),
        ("whole", "upper", "min = 0, max = 300", "v > 10 ? tables.t(v - 20) : 0", "", ["-20 ≤ v - 20 ≤ 0"]),
    ],
)
def test_numbers_without_a_band_are_noted(
    kind: str, edge: str, fact: str, amount: str, when: str, gaps: list[str]
) -> None:
    """What is looked up may be all that its fact allows and the conditions around it do not exclude."""
    text = table_of(kind, edge, TWO_BANDS, fact, amount, when)
    _, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    assert [note.params["gap"] for note in diagnostics if note.kind.code == "SC392"] == gaps
    assert {note.kind.code for note in diagnostics} <= {"SC392"}


EVENTS = """
[facts.person]
name = { type = "string" }
[facts.jobs]
key = ["id"]
dated_by = "asked"
[facts.jobs.fields]
id = { type = "string" }
asked = { type = "date" }
due = { type = "date" }
told = { type = "date", optional = true }
done = { type = "date", optional = true }
"""


@pytest.mark.parametrize(
    ("condition", "passed"),
    [
        ("!has(j.done) || j.done > j.due", "j.due < period.end"),
        ("j.due < j.done || !has(j.done)", "j.due < period.end"),
        ("!(has(j.done) && j.done <= j.due)", ""),
        ("has(j.done) ? j.done > j.due : true", ""),
        ("!has(j.done) || days(j.asked, j.done) > 3", ""),
        ("has(j.told) && (!has(j.done) || j.done > add_days(j.told, 2))", "add_days(j.told, 2) < period.end"),
        ("!has(j.done) || j.done > j.due || j.due == j.asked", "j.due < period.end"),
    ],
)
def test_what_is_still_running_and_counts_as_missed_is_noted(condition: str, passed: str) -> None:
    text = f'{HEAD}{EVENTS}[[actions]]\nid = "a"\nwhen = "jobs.exists(j, {condition})"\nreason = "late"\n'
    _, diagnostics = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Diagnostics()))
    running = [note for note in diagnostics if note.kind.code == "SC393"]
    assert [(note.params["name"], note.params.get("passed", "")) for note in running] == [("j.done", passed)]
    place = running[0].location
    line = text.splitlines()[place.line - 1]
    assert line[place.column - 1 : place.column - 1 + running[0].length] == "has(j.done)"


@pytest.mark.parametrize(
    "condition",
    [
        "(!has(j.done) && j.due < period.end) || j.done > j.due",
        "j.due < period.end && (!has(j.done) || j.done > j.due)",
        "!has(j.done) || j.done > j.asked",
        "!has(j.done) || j.done > add_days(j.asked, -3)",
        "!has(j.done) || days(j.done, j.asked) < 14",
        "!has(j.done) || j.done > period.end",
        "!has(j.done) || j.done < j.due",
        "has(j.told) && (!has(j.done) || j.done > j.told)",
        "!has(j.done)",
    ],
)
def test_a_deadline_that_has_passed_is_not_noted(condition: str) -> None:
    """It is compared with the period, or lies in it; or nothing is late the later it is done."""
    text = f'{HEAD}{EVENTS}[[actions]]\nid = "a"\nwhen = "jobs.exists(j, {condition})"\nreason = "late"\n'
    assert "SC393" not in notes(text)


def test_a_named_condition_is_judged_where_it_is_used() -> None:
    """A value that is read only together with its deadline says nothing before it."""
    facts = '[facts.person]\ndue = { type = "date" }\ndone = { type = "date", optional = true }\n'
    value = '[values.late]\nis = "!has(done) || done > due"\n'
    action = '[[actions]]\nid = "a"\nwhen = "due < period.end && late"\nreason = "late"\n'
    assert "SC393" not in notes(HEAD + facts + value + action)
    assert "SC393" in notes(HEAD + facts + value + action.replace("due < period.end && ", ""))


FEE = """
[facts.person]
price = { type = "decimal", unit = "CNY", min = 0, max = 1000 }
due = { type = "date", kept = true }
[parameters.rate]
type = "decimal"
values = [ { from = 2020-01-01, is = 0.1 } ]
[[pay]]
id = "fee"
kind = "earning"
amount = "price * parameters.rate"
"""


def test_a_line_of_pay_that_nothing_ends_is_noted() -> None:
    assert notes(HEAD + FEE) == {"SC394"}
    assert notes(HEAD + FEE + 'when = "due >= period.start && due <= period.end"\n') == set()
    assert notes(HEAD + FEE + 'when = "true"\n') == set()
    assert notes(HEAD + FEE.replace('due = { type = "date", kept = true }\n', "")) == set(), "sales are of the month"
    assert notes(HEAD + FEE.replace("price * parameters.rate", "period.days * price * parameters.rate")) == set()


@pytest.mark.parametrize(
    ("ties", "condition", "is_noted"),
    [
        ("first", "rank(v, 'all') <= 3", True),
        ("dense", "3 >= rank(v, 'all')", True),
        ("mean", "rank(v, 'all') < 3", True),
        ("first", "rank(v, 'all') == 1", True),
        ("first", "place <= int(count_in(true, 'all') * 0.2)", True),
        ("last", "rank(v, 'all') <= 3", False),
        ("hold", "rank(v, 'all') <= 3", False),
        ("last", "rank(v, 'all') > count_in(true, 'all') - 2", True),
        ("first", "rank(v, 'all') > count_in(true, 'all') - 2", False),
    ],
)
def test_a_rank_with_ties_that_is_compared_with_places_is_noted(ties: str, condition: str, *, is_noted: bool) -> None:
    text = f"""{HEAD}
[facts.person]
v = {{ type = "int", min = 0, max = 9 }}
[groups.all]
held = "wait"
ties = "{ties}"
[values.place]
is = "rank(v, 'all')"
[[actions]]
id = "a"
when = "{condition}"
reason = "best"
"""
    assert ("SC395" in notes(text)) is is_noted


def test_a_rating_of_a_table_beyond_the_scale_is_noted() -> None:
    text = f"""{HEAD}
[facts.person]
name = {{ type = "string" }}
[facts.ratings]
key = ["id"]
[facts.ratings.fields]
id = {{ type = "string" }}
by = {{ type = "string", among = ["head", "peer"] }}
mark = {{ type = "decimal", min = 0, max = 10 }}
[[items]]
id = "i"
points = 10
scorer = "ratings"
scale = 5
each = "ratings"
as = "r"
rater = "r.by"
score = "r.mark"
mean = 2
missing = "zero"
parts = [ {{ of = "head", weight = 10 }} ]
"""
    assert notes(text) == {"SC716"}
    text = text.replace("scale = 5", "scale = 10")
    assert notes(text) == set()
    assert notes(text.replace(', among = ["head", "peer"]', "")) == {"SC720"}


HOLD = """
[facts.person]
points = { type = "decimal", min = 0, max = 100 }
approved_by = { type = "string", optional = true }
[parameters.year_end]
type = "int"
values = [ { from = 2020-01-01, is = 12 } ]
[values.late_in_year]
is = "month(period.end) >= parameters.year_end"
[[pay]]
id = "bonus"
kind = "earning"
amount = "points * 1.00"
when = "late_in_year"
[[holds]]
id = "approval"
reason = "decided by a person"
when = "CONDITION"
"""


@pytest.mark.parametrize(
    ("condition", "is_noted"),
    [
        ("late_in_year", True),
        ("period.days == 31", True),
        ("points >= 0", True),
        ("!has(approved_by) || has(approved_by) && points < 101", True),
        ("late_in_year && !has(approved_by)", False),
        ("points > 0", False),
        ("history[1].pay.bonus > 0", False),
        ("late_in_year && points > 10", False),
    ],
)
def test_a_hold_that_no_fact_can_release_is_noted(condition: str, *, is_noted: bool) -> None:
    assert ("SC354" in notes(HEAD + HOLD.replace("CONDITION", condition))) == is_noted


@pytest.mark.parametrize(
    ("condition", "is_noted"),
    [
        ("points > 90", True),
        ("late_in_year && points > 90", True),
        ("visits.map(v, v.sales).sum() > 90", True),
        ("visits.exists(v, v.on == period.end && v.sales > 90)", True),
        ("points > 90 && !has(approved_by)", False),
        ("visits.exists(v, v.sales > 90 && !v.settled)", False),
        ("visits.exists(v, v.sales > points)", False),
        ("visits.exists(v, v.on == period.end)", False),
        ("points > 90 && history[1].pay.bonus > 0", False),
    ],
)
def test_a_hold_on_what_was_counted_alone_is_noted(condition: str, *, is_noted: bool) -> None:
    """A text or a yes can be what somebody decided; two facts that disagree are corrected, and a day was mistyped."""
    assert ("SC356" in notes(HEAD + HOLD.replace("CONDITION", condition) + VISITS)) == is_noted


VISITS = """
[facts.visits]
key = ["id"]
dated_by = "on"
[facts.visits.fields]
id = { type = "string" }
on = { type = "date" }
sales = { type = "decimal", min = 0, max = 1000, kept = true }
settled = { type = "bool", kept = true }
"""


WAIVER = """
[facts.person]
name = { type = "string" }
[facts.violations]
key = ["id"]
dated_by = "date"
shown = [SHOWN]
[facts.violations.fields]
id = { type = "string" }
date = { type = "date", kept = true }
place = { type = "string", kept = true }
kind = { type = "string", among = ["minor", "major"], kept = true }
excused = { type = "bool", kept = true }
waived_by = { type = "string", optional = true, kept = true }
clause = { type = "string", optional = true, kept = true }
[[items]]
id = "rules"
points = 10
scorer = "deduction"
each = "violations"
as = "v"
take = 2
"""


@pytest.mark.parametrize(
    ("shown", "condition", "is_noted"),
    [
        ("", 'waived = "v.excused"', True),
        ("", 'where = "v.kind == \'minor\' && v.place != name"\nwaived = "v.excused"', True),
        ('"place", "kind"', 'waived = "v.excused"', True),
        ('"waived_by"', 'waived = "v.excused"', True),
        ('"waived_by"', 'waived = "has(v.waived_by)"', True),
        ('"waived_by", "clause"', 'waived = "v.excused"', False),
        ("", 'waived = "has(v.waived_by) && has(v.clause)"', False),
        ('"waived_by"', 'where = "v.kind == \'minor\'"\nwaived = "has(v.clause) && v.excused"', False),
        ("", "", False),
    ],
)
def test_a_waiver_says_who_decided_it_and_under_which_clause(shown: str, condition: str, *, is_noted: bool) -> None:
    """What `where` asks for, and what every event has, says nothing about the waiver."""
    assert ("SC355" in notes(f"{HEAD}{WAIVER.replace('SHOWN', shown)}{condition}\n")) == is_noted
