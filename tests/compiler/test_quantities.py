"""Kinds of quantity: what is consistent is accepted, and what mixes units that are declared is named with its place."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from laws import HEAD
from scorecore.language.quantities import read_unit
from strategies.cases import compiled

UNITS: Final = {
    "fee": "CNY",
    "wage": "CNY/month",
    "dollars": "USD",
    "rate": "CNY/USD",
    "worth": "points/CNY",
    "mark": "points",
    "leave": "days",
    "team": "people",
    "share": "%",
    "area": "m²",
    "number": "",
}
CODES: Final = {"SC260", "SC261", "SC262", "SC263", "SC264"}


def problems(expression: str, units: Mapping[str, str] = UNITS, more: str = "") -> list[str]:
    """The codes of what mixes quantities in a value."""
    facts = "\n".join(
        f'{name} = {{ type = "decimal", min = 1, max = 9, places = 0{f", unit = {unit!r}" if unit else ""} }}'
        for name, unit in units.items()
    )
    text = f"{HEAD}\n[facts.person]\n{facts}\n{more}\n[values.v]\nis = '{expression}'\n"
    _, diagnostics = compiled(text)
    if any(one.kind.code in {"SC223", "SC257"} for one in diagnostics):
        reject()  # a divisor that is always zero, too many digits
    others = [str(one) for one in diagnostics if one.kind.code not in CODES and not one.kind.warning]
    assert not others, others
    return [one.kind.code for one in diagnostics if one.kind.code in CODES]


@pytest.mark.parametrize(
    "expression",
    [
        "fee + wage * 0.5 + 100",
        "fee + dollars * rate",
        "dollars + fee / rate",
        "fee / wage * fee",
        "mark + share * mark + mark / team",
        "fee / 30 * leave + area * fee",
        "fee * worth + mark",
        "fee / 10000 + mark",
        "fee * 0.001 + mark",
        "mark * share + fee * 0.001",
        "mark + fee * 0.001 + dollars * 0.002",
        "leave / 2 >= 3 ? fee : wage",
        "fee * mark * team * share",
        "decimal(days(period.start, period.end)) + leave + period.days",
        "period.days - number",
        "least(fee, 5000) + greatest(wage, 0)",
        "mark * 100 + fee",
        "number * 100 + fee",
        "dollars * (fee / fee) + dollars",
    ],
)
def test_what_is_consistent_is_accepted(expression: str) -> None:
    assert problems(expression) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("fee + dollars", "SC260"),
        ("fee > dollars", "SC260"),
        ("fee - mark", "SC260"),
        ("leave + team", "SC260"),
        ("mark == leave", "SC260"),
        ("least(fee, leave)", "SC260"),
        ("number > 1 ? fee : mark", "SC260"),
        ("fee in [1, 2] ? fee : leave", "SC260"),
        ("dollars * 7.1 + fee", "SC260"),
        ("fee * rate + fee", "SC262"),
        ("fee + area", "SC261"),
        ("number <= fee", "SC261"),
        ("area + mark", "SC261"),
        ("fee * 0.1 + leave", "SC260"),
        ("fee / wage + fee", "SC261"),
        ("fee * 0.1 + dollars * 0.5", "SC260"),
        ("fee * 0.1 * share + number", "SC261"),
        ("number * share + fee * 0.1", "SC261"),
        ("fee * wage", "SC262"),
        ("round(fee * dollars, 2)", "SC262"),
        ("fee / dollars", "SC262"),
        ("round((fee + dollars) * 2, 2)", "SC260"),
    ],
)
def test_what_is_unlike_is_refused_once(expression: str, code: str) -> None:
    assert problems(expression) == [code]


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("[parameters.p]\ntype = 'decimal'\nunit = 'USD'\nvalues = [{ from = 2020-01-01, is = 1 }]", ["SC260"]),
        ("[parameters.p]\ntype = 'decimal'\nunit = 'CNY/d'\nvalues = [{ from = 2020-01-01, is = 1 }]", []),
        ("[parameters.p]\ntype = 'decimal'\nvalues = [{ from = 2020-01-01, is = 1 }]", []),
    ],
)
def test_a_parameter_without_a_unit_is_a_figure(more: str, codes: list[str]) -> None:
    assert problems("fee + parameters.p", more=more) == codes


@pytest.mark.parametrize(
    ("unit", "kind", "expression", "codes"),
    [
        ("", "marginal", "fee + tables.t(wage)", []),
        ("%", "marginal", "fee + tables.t(wage)", []),
        ("%", "marginal", "fee + tables.t(dollars)", ["SC260"]),
        ("CNY", "marginal", "fee + tables.t(number)", []),
        ("CNY", "whole", "fee + tables.t(mark)", []),
        ("points", "whole", "fee + tables.t(mark)", ["SC260"]),
        ("%", "marginal", "fee + tables.t.rate(wage)", ["SC261"]),
        ("%", "marginal", "fee + wage * tables.t.rate(wage)", []),
    ],
)
def test_a_table_gives_what_its_unit_says(unit: str, kind: str, expression: str, codes: list[str]) -> None:
    table = f"[tables.t]\nkind = '{kind}'\nedge = 'lower'\nunit = '{unit}'\nbands = [{{ from = 0, is = 0.5 }}]"
    assert problems(expression, more=table) == codes


RESULTS: Final = """
[facts.sales]
key = ["no"]
fields.no = { type = "int" }
fields.amount = { type = "decimal", unit = "CNY" }
fields.paid = { type = "decimal", unit = "USD" }
[groups.all]
held = "wait"
ties = "first"
[carry.debt]
unit = "CNY"
opens = 0
closes = "round(carry.debt + CLOSES, 2)"
[[items]]
id = "i"
points = 10
scorer = "formula"
is = "least(round(ITEM, 2), 10)"
[score]
[[pay]]
id = "p"
kind = "adjustment"
amount = "PAY"
[values.kept]
is = "round(KEPT, 2)"
result = "decimal"
unit = "days"
"""
FITTING: Final = {"CLOSES": "fee", "ITEM": "mark", "PAY": "wage", "KEPT": "leave"}


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"PAY": "dollars"}, ["SC263"]),
        ({"PAY": "leave"}, ["SC263"]),
        ({"PAY": "score.total"}, []),
        ({"CLOSES": "dollars"}, ["SC260"]),
        ({"KEPT": "fee"}, ["SC263"]),
        ({"KEPT": "number"}, []),
        ({"PAY": "sales.map(s, s.amount).sum()"}, []),
        ({"PAY": "sales.map(s, s.amount + s.paid).sum()"}, ["SC260"]),
        ({"PAY": "sales.map(s, s.paid).max()"}, ["SC263"]),
        ({"PAY": "sales.map(s, s.amount).mean()"}, []),
        ({"PAY": "sales.map(s, sum_to(s.paid, s.no)).sum()"}, ["SC263"]),
        ({"PAY": 'sum_in(dollars, \\"all\\")'}, ["SC263"]),
        ({"PAY": 'sum_in(fee, \\"all\\")'}, []),
        ({"PAY": 'pool(100, fee, \\"all\\", 2)'}, []),
        ({"PAY": "has(history[1].pay.p) ? history[1].pay.p : dollars"}, ["SC260"]),
        ({"PAY": "items.i + fee"}, ["SC260"]),
        ({"KEPT": "score.total + leave"}, ["SC260"]),
    ],
)
def test_results_count_in_what_they_are(changed: Mapping[str, str], codes: list[str]) -> None:
    text = RESULTS
    for name, expression in {**FITTING, **changed}.items():
        text = text.replace(name, expression)
    assert problems("number", more=text) == codes


# the law: kinds that are guessed for figures, one after the other, by rules for single kinds

COUNTED: Final = ("plain", "points", "days", "people")
MONEY: Final = ("CNY", "USD")
OF_UNIT: Final = {"": {*COUNTED}, **{kind: {kind} for kind in ("CNY", "USD", "points", "days", "people")}}
Tree = tuple["str | Tree", ...] | str


def readings(tree: Tree, units: Mapping[str, str], figures: Iterator[str]) -> set[str]:
    """What a tree can be when each figure is of one kind; empty if it cannot be anything."""
    if isinstance(tree, str):
        return {next(figures)} if tree == "2.5" else OF_UNIT[units[tree]]
    operator, *parts = tree
    left, right = (readings(part, units, figures) for part in parts)
    return {kind for pair in product(left, right) for kind in rule(str(operator), *pair)}


def rule(operator: str, left: str, right: str) -> set[str]:
    if operator in "+-":
        return {left} if left == right else set()
    if operator == "*":
        if left in MONEY and right in MONEY:
            return set()
        return {left, right} & set(MONEY) or {"plain", left, right}
    if right in MONEY:
        return {"plain"} if left == right else set() if left in MONEY else set(COUNTED)
    return {left} if left in MONEY else {"plain", left} if left != right else {"plain"}


def figures_of(tree: Tree) -> int:
    return tree == "2.5" if isinstance(tree, str) else sum(map(figures_of, tree[1:]))


def written(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({written(tree[1])} {tree[0]} {written(tree[2])})"


facts = st.sampled_from(["fee", "dollars", "mark", "leave", "team", "number"])
trees: st.SearchStrategy[Tree] = st.recursive(
    facts | st.just("2.5"), lambda part: st.tuples(st.sampled_from("+-*/"), part, part), max_leaves=6
)


@given(tree=trees, swapped=facts, unit=st.sampled_from(list(OF_UNIT)))
@example(tree=("+", ("*", "fee", "2.5"), "leave"), swapped="leave", unit="CNY")
@example(tree=("/", ("+", "fee", "dollars"), "2.5"), swapped="dollars", unit="CNY")
def test_a_swapped_unit_is_refused_or_harmless(tree: Tree, swapped: str, unit: str) -> None:
    """What has a consistent reading is accepted, and of two facts alone nothing else is."""
    units = {name: UNITS[name] for name in ("fee", "dollars", "mark", "leave", "team", "number")}
    for changed in (units, {**units, swapped: unit}):
        guesses = product((*COUNTED, *MONEY), repeat=figures_of(tree))
        is_consistent = any(readings(tree, changed, iter(guess)) for guess in guesses)
        found = problems(written(tree), changed)
        if is_consistent:
            assert found == [], written(tree)
        elif not figures_of(tree):
            assert found, written(tree)


def test_facts_without_units_are_anything_where_none_says_that_it_is_money() -> None:
    """An author who writes no units is not asked for them."""
    assert problems("fee + number", {"fee": "CNY", "number": ""}) == ["SC261"]
    assert problems("fee + number", {"fee": "", "number": ""}, RESULTS_WITHOUT_UNITS) == []


RESULTS_WITHOUT_UNITS: Final = """
[carry.debt]
opens = 0
closes = "round(carry.debt + number - pay.p, 2)"
[[pay]]
id = "p"
kind = "adjustment"
amount = "fee"
"""


@pytest.mark.parametrize(
    ("unit", "currency", "kinds"),
    [
        ("CNY", "", {"CNY"}),
        (" CNY / month ", "CNY", {"CNY"}),
        ("元", "CNY", {"CNY"}),
        ("CNY", "元", {"CNY"}),
        ("元", "元", {"CNY"}),
        ("Taler", "Taler", {"Taler"}),
        ("Taler", "CNY", {""}),
        ("万元", "CNY", {""}),
        ("PCS", "CNY", {""}),
        ("天", "CNY", {"days"}),
        ("CNY/CNY", "CNY", {""}),
        ("USD/CNY/d", "CNY", {"USD"}),
        ("/", "CNY", None),
        ("/CNY", "CNY", None),
        ("", "", None),
    ],
)
def test_a_unit_says_what_it_counts_in(unit: str, currency: str, kinds: set[str] | None) -> None:
    assert read_unit(unit, currency) == kinds
