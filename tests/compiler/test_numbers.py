"""Numbers and tables that a policy cannot have are problems with their place, never a traceback and never taken."""

import pytest

from laws import HEAD
from strategies.cases import compiled

SCORE = """
[facts.person]
x = { type = "decimal", min = 0, max = 10 }

[[items]]
id = "x"
scorer = "formula"
points = 10
is = "x"
"""


def codes(text: str) -> list[tuple[str, int]]:
    """Of each problem its code, and its line below the header."""
    program, diagnostics = compiled(HEAD + text)
    problems = [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]
    assert (program is None) == bool(problems)
    return [(problem.kind.code, problem.location.line - HEAD.count("\n")) for problem in problems]


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_each_version_of_a_table_has_bands(empty: int) -> None:
    """Without them the bands of the version before would stay in force without a word."""
    versions = [f"{{ from = 202{year}-01-01, bands = [ {{ from = 0, is = 1 }} ] }}," for year in range(3)]
    versions[empty] = versions[empty].replace("{ from = 0, is = 1 }", "")
    table = ["[tables.rate]", 'kind = "whole"', 'edge = "lower"', "versions = [", *versions, "]"]
    assert codes("\n".join([*table, SCORE])) == [("SC316", 5 + empty)]


@pytest.mark.parametrize("number", ["99999999999999999999", "-99999999999999999999"])
def test_a_total_of_many_digits_has_no_more_places_than_its_rounding(number: str) -> None:
    key = "min" if number.startswith("-") else "max"
    assert codes(f"{SCORE}\n[score]\nround = 10\n{key} = {number}\n") == []
    assert [code for code, _ in codes(f"{SCORE}\n[score]\nround = 1\n{key} = {number}.25\n")] == ["SC324"]


@pytest.mark.parametrize(("type_", "largest"), [("int", 2**63 - 1), ("decimal", 10**26 - 1)])
def test_whole_numbers_of_parameters_have_a_limit_as_others_do(type_: str, largest: int) -> None:
    def parameter(number: int) -> str:
        header = f'[parameters.p]\ntype = "{type_}"\nbounds = {{ min = 1 }}\n'
        return f"{header}values = [ {{ from = 2020-01-01, is = {number} }} ]\n"

    assert codes(parameter(largest) + SCORE) == []
    assert codes(parameter(largest + 1) + SCORE) == [("SC207", 4)]
    assert codes(parameter(10**40) + SCORE) == [("SC207", 4)]
