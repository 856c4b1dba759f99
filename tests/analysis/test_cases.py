"""Cases: what differs from what they expect is said, and nothing else."""

from decimal import Decimal
from typing import Final

import pytest

from laws import HEAD
from scorecore.analysis.cases.verdict import CaseDifference, run_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.program.model import Program
from strategies.cases import compiled

POLICY: Final = (
    HEAD
    + """
[facts.person]
sales = { type = "int", min = 0, max = 1000 }
absent = { type = "bool" }

[facts.faults]
key = ["id"]
fields = { id = { type = "string" }, points = { type = "int", min = 0, max = 9 } }

[[items]]
id = "care"
points = 100
scorer = "deduction"
each = "faults"
as = "f"
take = "f.points"

[[holds]]
id = "leave"
when = "absent"
of = ["pay.bonus"]
reason = "on leave"

[[pay]]
id = "bonus"
kind = "reward"
amount = "sales * 1.0"

[[actions]]
id = "praise"
when = "sales > 500"
reason = "r"

[score]
out_of = 100

[[grades]]
id = "A"
from = 90
[[grades]]
id = "B"
from = "lowest"
"""
)
FACTS: Final = """
[defaults]
period = "2024-05"
person = { sales = 600, absent = false }
faults = [ { id = "F1", points = 4 } ]
"""


def program() -> Program:
    policy, diagnostics = compiled(POLICY)
    assert policy is not None, list(map(str, diagnostics))
    return policy


def differences(expect: str, facts: str = "") -> list[tuple[str, str, str]]:
    """What differs in the only case, which has the default facts unless it says otherwise."""
    diagnostics = Diagnostics()
    text = f'{FACTS}\n[[case]]\nname = "n"\n{facts}\nexpect = {{ {expect} }}\n'
    (verdict,) = run_cases(Source("p.cases.toml", text), program(), diagnostics)
    assert not len(diagnostics), list(map(str, diagnostics))
    return [(difference.what, difference.expected, difference.got) for difference in verdict.differences]


ABSENT: Final = "person = { absent = true }"


def test_what_is_expected_does_not_differ() -> None:
    expect = 'items = { care = 96 }, total = 96, grade = "A", pay = { bonus = 600 }, net = 600, actions = ["praise"]'
    assert differences(expect) == []
    assert differences('held = ["pay.bonus"], net = 0, total = 96', ABSENT) == []


def test_an_expected_hold_that_does_not_happen_differs() -> None:
    """A case that expects something to be held fails where it has a value, and the other way round."""
    assert differences('held = ["pay.bonus"]') == [("held", "pay.bonus", "")]
    assert differences("total = 96", ABSENT) == [("held", "", "pay.bonus")]
    assert differences('held = ["pay.bonus", "score.total"]', ABSENT) == [
        ("held", "pay.bonus, score.total", "pay.bonus")
    ]
    assert differences('held = ["pay.bonus"]', ABSENT) == []


def test_the_reasons_of_a_hold_are_all_expected() -> None:
    (code,) = {difference[2] for difference in differences('held = ["pay.bonus"], because = []', ABSENT)}
    assert differences(f'held = ["pay.bonus"], because = ["{code}"]', ABSENT) == []
    assert differences(f'held = ["pay.bonus"], because = ["{code}", "SC999"]', ABSENT) == [
        ("because", f"{code}, SC999", code)
    ]


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("items = { care = 95 }", ("items.care", "95", "96")),
        ("total = 95", ("score.total", "95", "96")),
        ('grade = "B"', ("grade", "B", "A")),
        ("pay = { bonus = 1 }", ("pay.bonus", "1", "600")),
        ("net = 1", ("pay.net", "1", "600")),
        ("pay = { net = 1 }", ("pay.net", "1", "600")),
        ("actions = []", ("actions", "", "praise")),
    ],
)
def test_each_result_that_differs_is_named(expect: str, difference: tuple[str, str, str]) -> None:
    assert differences(expect) == [difference]


@pytest.mark.parametrize(
    ("expect", "name", "nearest"),
    [
        ("items = { cares = 95 }", "cares", "care"),
        ('grade = "C"', "C", None),
        ("pay = { bonu = 1 }", "bonu", "bonus"),
        ("carry = { bonus = 1 }", "bonus", None),
        ("values = { care = 1 }", "care", None),
        ('actions = ["prais"]', "prais", "praise"),
        ('held = ["pay.bonu"]', "pay.bonu", "pay.bonus"),
        ('held = ["bonus"]', "bonus", "pay.bonus"),
        ('entries = [ { item = "car", reason = "opening", points = 100 } ]', "car", "care"),
        ('entries = [ { item = "care", reason = "openin", points = 100 } ]', "openin", "opening"),
    ],
)
def test_a_result_that_the_policy_does_not_have_is_named(expect: str, name: str, nearest: str | None) -> None:
    """With the nearest name, at its place; the case is not run."""
    diagnostics = Diagnostics()
    text = f'{FACTS}\n[[case]]\nname = "n"\nexpect = {{ {expect} }}\n'
    assert not run_cases(Source("p.cases.toml", text), program(), diagnostics)
    (problem,) = diagnostics
    assert problem.kind.code == "SC101"
    assert (problem.params["key"], problem.params.get("nearest")) == (name, nearest)
    assert text.splitlines()[problem.location.line - 1][problem.location.column - 1 :].lstrip('"').startswith(name)


def test_entries_of_a_named_item_are_all_expected() -> None:
    """One entry too many, one too few, other points, another event: each differs; what is left out may be anything."""
    opening = '{ item = "care", reason = "opening", points = 100 }'
    fault = '{ item = "care", reason = "deduction", points = -4'
    assert differences(f"entries = [ {opening}, {fault} }} ]") == []
    assert differences(f'entries = [ {opening}, {fault}, event = "F1" }} ]') == []
    for entries in (opening, f'{opening}, {fault}, event = "F2" }}', f"{opening}, {fault} }}, {fault} }}"):
        ((what, _, got),) = differences(f"entries = [ {entries} ]")
        assert what == "entries"
        assert got.startswith("care opening 100; care deduction -4 F1")


def test_a_held_result_says_why() -> None:
    (unheld, held) = run_cases(
        Source("p.cases.toml", f'{FACTS}\n[[case]]\nname = "n"\n{ABSENT}\nexpect = {{ pay = {{ bonus = 600 }} }}\n'),
        program(),
        Diagnostics(),
    )[0].differences
    assert isinstance(unheld, CaseDifference)
    assert [cause.params["reason"] for cause in unheld.held] == ["on leave"]
    assert held.what == "held"
    assert Decimal(unheld.expected) == 600
