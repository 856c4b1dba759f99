"""Rows and exceptions of a value: as many as there may be, what counts of those that hold, and keys that do not fit."""

from decimal import Decimal

import pytest

from laws import HEAD
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.reference.evaluator import decide
from scorecore.facts.model import SubjectFacts
from scorecore.values.unknown import Unknown
from strategies.cases import compiled, period_of

_FACTS = '[facts.person]\na = { type = "int", min = 0, max = 100 }\nb = { type = "int", min = 0, max = 100 }\n'
_PAY = '[[pay]]\nid = "p"\nkind = "earning"\namount = "v"\n'


def _policy(value: str) -> str:
    return f"{HEAD}{_FACTS}[values.v]\n{value}\n{_PAY}"


def _rows(key: str, count: int) -> str:
    rows = (f'{{ when = "a == {n} || b == {n}", is = {n // 2}, label = "r{n}" }}' for n in range(count))
    return f"{key} = [ {', '.join(rows)} ]"


@pytest.mark.parametrize(
    ("value", "alike", "apart", "neither"),
    [
        ("is = 99\n" + _rows("exceptions", 64), None, None, 99),
        pytest.param(*('is = 99\nhit = "unique"\n' + _rows("rows", 64), None, None, 99), marks=pytest.mark.slow),
        pytest.param(*('hit = "unique"\n' + _rows("rows", 64), None, None, None), marks=pytest.mark.slow),
        pytest.param(*('is = 99\nhit = "any"\n' + _rows("rows", 64), 30, None, 99), marks=pytest.mark.slow),
        pytest.param(*('is = 99\nhit = "first"\n' + _rows("rows", 64), 30, 30, 99), marks=pytest.mark.slow),
        ('hit = "sum"\n' + _rows("rows", 64), 60, 61, 0),
        pytest.param(*('is = 99\nhit = "sum"\n' + _rows("rows", 64), 60, 61, 99), marks=pytest.mark.slow),
    ],
)
def test_as_many_rows_as_there_may_be_are_decided(
    value: str, alike: int | None, apart: int | None, neither: int | None
) -> None:
    program, problems = compiled(_policy(value))
    assert program, list(map(str, problems))
    context = period_context(program, period_of(program))
    for (a, b), expected in zip(((60, 61), (60, 63), (70, 70)), (alike, apart, neither), strict=True):
        outcome = decide(program, context, SubjectFacts("x", {"a": a, "b": b}, {}, {}))
        paid = outcome.by_name["pay.p"]
        assert isinstance(paid, Unknown) if expected is None else paid == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("is = 1\n" + _rows("exceptions", 65), "SC396"),
        ('hit = "sum"\n' + _rows("rows", 65), "SC396"),
        ("is = 1\n" + _rows("rows", 2), "SC387"),
        ('is = 1\nhit = "first"', "SC387"),
        ('is = 1\nhit = "first"\n' + _rows("rows", 2) + "\n" + _rows("exceptions", 2), "SC386"),
        ('label = "x"', "SC102"),
        ('hit = "most"\n' + _rows("rows", 2), "SC111"),
        ('hit = "sum"\nrows = [ { when = "a == 1", is = \'"x"\' } ]', "SC220"),
        ('is = 1\nhit = "first"\nrows = [ { when = "a >= 1", is = 2 }, { when = "a >= 2", is = 3 } ]', "SC389"),
        ('is = 1\nhit = "unique"\nrows = [ { when = "a < 0", is = 2 } ]', "SC389"),
    ],
)
def test_keys_and_rows_that_do_not_fit_are_named(value: str, code: str) -> None:
    _, problems = compiled(_policy(value))
    assert code in {problem.kind.code for problem in problems}, list(map(str, problems))
