"""The law of the abstract interpretation: no value that an expression can have is left out, those at edges included."""

from operator import eq, ge, gt, le, lt, ne
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.source import Location
from scorecore.language.abstract import AbstractInterpreter
from scorecore.language.build import apply_operator
from scorecore.language.expressions import Read
from scorecore.values.types import decimal_type

PLACE: Final = Location("test", 1, 1)
COMPARISONS: Final = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}
ENDS: Final = st.integers(-2, 2)
"""So few numbers that bounds often touch."""


@pytest.mark.parametrize("operator", COMPARISONS)
@given(left=st.tuples(ENDS, ENDS).map(sorted), right=st.tuples(ENDS, ENDS).map(sorted))
def test_a_comparison_can_be_what_its_numbers_make_it(operator: str, left: list[int], right: list[int]) -> None:
    names = {"left": left, "right": right}
    operands = tuple(Read(decimal_type(low, high, 2), PLACE, name) for name, (low, high) in names.items())
    truths = {
        COMPARISONS[operator](first, second)
        for first in range(left[0], left[1] + 1)
        for second in range(right[0], right[1] + 1)
    }
    possible = AbstractInterpreter(lambda _: None).find_truths(apply_operator(operator, operands, PLACE))
    assert possible >= truths
    if operator not in {"==", "!="}:
        assert possible == truths, "the ends tell exactly"
