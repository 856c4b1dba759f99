"""What cases touch: the band that the reader reads, at an edge, above it and below it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import pytest

from laws import HEAD
from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.coverage import measure_coverage
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.program.model import Program
from strategies.cases import compiled

POLICY: Final = (
    HEAD
    + """
[facts.person]
sales = { type = "decimal", places = 2, min = 0, max = 1000 }

[tables.steps]
kind = "KIND"
edge = "EDGE"
bands = [ { from = 10, is = 1 }, { from = 20, is = 2 }, { from = 30, is = 3, up_to = 40 } ]

[[pay]]
id = "bonus"
kind = "reward"
amount = "tables.steps(sales) * 1.0"
"""
)


def program_with(kind: str, edge: str) -> Program:
    text = POLICY.replace("KIND", kind).replace("EDGE", edge)
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    return program


def untouched_bands(program: Program, keys: Sequence[str]) -> set[str]:
    """The bands that cases with these sales do not touch, as they are printed."""
    cases = "".join(f'[[case]]\nname = "{key}"\nperson = {{ sales = {key} }}\nexpect = {{ }}\n' for key in keys)
    diagnostics = Diagnostics()
    prepared = prepare_cases(Source("p.cases.toml", f'[defaults]\nperiod = "2024-05"\n{cases}'), program, diagnostics)
    assert not len(diagnostics), list(map(str, diagnostics))
    missed = measure_coverage(program, prepared).missed
    return {missing.params["band"] for missing in missed if missing.kind is catalogue.NO_CASE_BAND}


BANDS: Final = ("from = 10", "from = 20", "from = 30")


@pytest.mark.parametrize(
    ("kind", "edge", "key", "touched"),
    [
        ("whole", "lower", "9.99", None),
        ("whole", "lower", "10", 0),
        ("whole", "lower", "19.99", 0),
        ("whole", "lower", "20", 1),
        ("whole", "lower", "39.99", 2),
        ("whole", "lower", "40", None),
        ("whole", "upper", "10", None),
        ("whole", "upper", "10.01", 0),
        ("whole", "upper", "20", 0),
        ("whole", "upper", "20.01", 1),
        ("whole", "upper", "40", 2),
        ("whole", "upper", "40.01", None),
        ("marginal", "lower", "20", 1),
        ("marginal", "lower", "40", 2),
        ("marginal", "lower", "40.01", None),
    ],
)
def test_a_key_touches_the_band_that_is_read(kind: str, edge: str, key: str, touched: int | None) -> None:
    """Of an upper edge the band below it; beyond `up_to`, and before the first band, none."""
    expected = {band for position, band in enumerate(BANDS) if position != touched}
    assert untouched_bands(program_with(kind, edge), [key]) == expected


def test_all_bands_can_be_touched() -> None:
    program = program_with("whole", "upper")
    assert untouched_bands(program, ["10.01", "20.01", "30.01"]) == set()
    assert Decimal(1) == program.tables[0].versions[0][1][0].value


TWO_RULES: Final = (
    HEAD
    + """
[facts.person]
name = { type = "string" }

[facts.fines]
key = ["id"]
fields = { id = { type = "string" }, weight = { type = "int", min = 0, max = 9 } }

[[items]]
id = "fines"
label = "Fines"
scorer = "deduction"
points = 10

[[items.rules]]
each = "fines"
as = "f"
where = "f.weight < 5"
take = "1"
reason = "fine"

[[items.rules]]
each = "fines"
as = "f"
where = "f.weight >= 5"
take = "2"
reason = "fine"
"""
)


@pytest.mark.parametrize(("weights", "missed"), [("4", [1]), ("5", [0]), ("45", []), ("", [0, 1])])
def test_of_two_like_entries_the_one_that_is_posted_is_touched(weights: str, missed: list[int]) -> None:
    """Two rules may have one reason: a case of the first says nothing of the second."""
    program, _ = compiled(TWO_RULES)
    assert program is not None
    events = ", ".join(f'{{ id = "{weight}", weight = {weight} }}' for weight in weights)
    case = (
        f'[[case]]\nname = "n"\nperiod = "2024-05"\nperson = {{ name = "n" }}\nfines = [ {events} ]\nexpect = {{ }}\n'
    )
    diagnostics = Diagnostics()
    prepared = prepare_cases(Source("p.cases.toml", case), program, diagnostics)
    assert not len(diagnostics), list(map(str, diagnostics))
    places = [line for line, text in enumerate(TWO_RULES.splitlines(), 1) if text == "[[items.rules]]"]
    lines = [
        missing.location.line
        for missing in measure_coverage(program, prepared).missed
        if missing.kind is catalogue.NO_CASE_ENTRY
    ]
    assert [sum(place <= line for place in places) - 1 for line in sorted(lines) if line >= places[0]] == missed


def test_nothing_is_asked_for_that_cannot_happen() -> None:
    """Neither by the bounds of facts nor by the time in which the policy is in force."""
    text = """
[facts.person]
x = { type = "int", min = 0, max = 10 }
role = { type = "string", among = ["a", "b"] }
[tables.whole]
kind = "whole"
edge = "lower"
versions = [
    { from = 2010-01-01, bands = [ { from = 0, is = 9 } ] },
    { from = 2015-01-01, bands = [ { from = 0, is = 1 }, { from = 5, is = 2 }, { from = 11, is = 3 } ] },
]
[tables.exact]
kind = "exact"
bands = [ { of = "a", is = 1 }, { of = "b", is = 2 }, { of = "c", is = 3 } ]
[[items]]
id = "i"
points = 10
scorer = "formula"
is = "x >= 0 ? decimal(x) : 0.0"
[[grades]]
id = "A"
from = 11
[[grades]]
id = "B"
from = 0
[[grades]]
id = "C"
from = "lowest"
[[pay]]
id = "p"
kind = "adjustment"
amount = "tables.whole(x) + tables.exact(role)"
[[pay]]
id = "q"
kind = "adjustment"
when = "x > 10"
amount = "1"
[[holds]]
id = "h"
when = "x < 0"
reason = "r"
[[actions]]
id = "a"
when = "x > 3 && x <= 10"
reason = "r"
"""
    program, diagnostics = compiled(HEAD + text)
    assert program is not None, diagnostics
    asked = {(missed.kind.code, *missed.params.values()) for missed in measure_coverage(program, []).missed}
    assert asked == {
        ("SC900", "formula", "items.i"),
        ("SC901", "x >= 0", "true"),
        ("SC901", "x > 3", "true"),
        ("SC901", "x > 3", "false"),
        ("SC901", "x <= 10", "true"),
        ("SC902", "from = 0", "whole"),
        ("SC902", "from = 5", "whole"),
        ("SC902", 'of = "a"', "exact"),
        ("SC902", 'of = "b"', "exact"),
        ("SC903", "B"),
        ("SC905", "pay.p"),
        ("SC906", "r"),
    }
