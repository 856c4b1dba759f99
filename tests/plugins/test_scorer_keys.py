"""The keys of the scorers that come with scorecore: what is misspelt or of a wrong type is a problem at its place."""

from typing import Final

import pytest

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Source
from scorer_items import GOOD, HEAD, built_in, place

WRONG_TYPES: Final = {
    "each": "5",
    "as": "5",
    "label": "5",
    "codes": "5",
    "kinds": '"a"',
    "parts": '"a"',
    "ignore": '"b"',
}


def diagnostics_of(scorer: str, keys: str) -> list[Diagnostic]:
    text = f'{HEAD}scorer = "{scorer}"\n{keys}\n'
    program, diagnostics = check_policy(Source("policy.toml", text), {}, built_in())
    wrong = [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]
    assert (program is None) is bool(wrong)
    return wrong


def test_scorers_that_come_with_scorecore() -> None:
    """These scorers are installed, each with a line that says what it does."""
    assert built_in().keys() == GOOD.keys()
    assert all(value.summary.endswith(".") for value in built_in().values())


@pytest.mark.parametrize("scorer", GOOD)
def test_right_keys(scorer: str) -> None:
    """An item with the keys of its scorer has no problems."""
    assert diagnostics_of(scorer, GOOD[scorer]) == []


WRONG: Final = [
    (scorer, number, name)
    for scorer, keys in GOOD.items()
    for number, line in enumerate(keys.splitlines())
    for name in [line.partition(" ")[0]]
]


@pytest.mark.parametrize(("scorer", "number", "name"), WRONG)
def test_wrong_type(scorer: str, number: int, name: str) -> None:
    """A key of a wrong type is one problem, at its value or its name."""
    lines = GOOD[scorer].splitlines()
    lines[number] = f"{name} = {WRONG_TYPES.get(name, '[1979-05-27]')}"
    diagnostics = diagnostics_of(scorer, "\n".join(lines))
    assert [diagnostic.kind.code[:3] for diagnostic in diagnostics] == ["SC1"]
    assert place(diagnostics[0])[0] == number + 1
    assert place(diagnostics[0])[1] in {1, len(name) + 4}


@pytest.mark.parametrize(("scorer", "number", "name"), WRONG)
def test_misspelt_key(scorer: str, number: int, name: str) -> None:
    """A misspelt key is a problem at its place, with the right one as advice where there is one near."""
    lines = GOOD[scorer].splitlines()
    lines[number] = f"x{lines[number]}"
    diagnostics = {diagnostic.kind.code: diagnostic for diagnostic in diagnostics_of(scorer, "\n".join(lines))}
    assert place(diagnostics["SC101"]) == (number + 1, 1)
    assert diagnostics["SC101"].params["key"] == f"x{name}"


NO_EXPRESSIONS: Final = {
    "by",
    "each",
    "as",
    "codes",
    "kinds",
    "ignore",
    "parts",
    "scale",
    "out_of",
    "missing",
    "at_least",
    "mean",
    "round",
}


@pytest.mark.parametrize(
    ("scorer", "number", "name"), [wrong_key for wrong_key in WRONG if wrong_key[2] not in NO_EXPRESSIONS]
)
def test_bad_expression_in_a_key(scorer: str, number: int, name: str) -> None:
    """An expression that reads what is not there is a problem inside the text of its key."""
    lines = GOOD[scorer].splitlines()
    lines[number] = f'{name} = "nonsense + 1"'
    diagnostics = diagnostics_of(scorer, "\n".join(lines))
    assert ("SC230", (number + 1, len(name) + 5)) in {
        (diagnostic.kind.code, place(diagnostic)) for diagnostic in diagnostics
    }


def test_a_truth_value_in_place_of_a_word() -> None:
    """What is no word where one of several is expected is a problem, also where the key may be left out."""
    diagnostics = diagnostics_of("formula", f"{GOOD['formula']}\npartial = true")
    assert [(diagnostic.kind.code, place(diagnostic)) for diagnostic in diagnostics] == [("SC111", (2, 11))]
