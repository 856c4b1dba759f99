"""What a branch file may say beside changing parts: opening, closing, objections, pins; and what bounds read."""

from typing import Final

import pytest

from branch_files import CHILD, PARENT, loaded, policy, refused
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import installed, load_scorers
from scorecore.policy.load import load

OBJECTIONS: Final = '[objections]\nwithin = 5\nanswered_within = 5\nunanswered = "accepted"\nauthority = "第九条"\n'


NEW_LINE: Final = '[[pay]]\nid = "new"\nkind = "earning"\namount = "1"'


def problems_of(child: str, parent: str) -> list[Diagnostic]:
    """What is wrong with a compiled branch file, without notes."""
    parents = {"head@1": Source("head.toml", parent)}
    source = Source("branch.toml", CHILD + child)
    _, diagnostics = check_policy(source, parents, load_scorers(installed(), Diagnostics()))
    return [diagnostic for diagnostic in diagnostics if not diagnostic.kind.warning]


def test_a_branch_may_close_what_is_closed_already() -> None:
    assert policy("[open]\npay = false").pay == policy("").pay


def test_a_branch_closes_a_section_for_the_branches_below() -> None:
    """What the parent leaves open, and the branch in the middle does not, is closed to the last."""
    parent = f"{PARENT}[open]\npay = true\n"
    for words, codes in (("[open]\npay = true\n", []), ("[open]\npay = false\n", ["SC123"])):
        middle, last = CHILD + words, CHILD.replace('"branch"', '"desk"').replace("head@1", "branch@1")
        parents = {"head@1": Source("head.toml", parent), "branch@1": Source("branch.toml", middle)}
        diagnostics = Diagnostics()
        load(Source("desk.toml", last + NEW_LINE), parents, diagnostics)
        assert [diagnostic.kind.code for diagnostic in diagnostics] == codes


def test_objections_belong_to_the_parent_if_it_has_them() -> None:
    refusal = refused(OBJECTIONS, PARENT + OBJECTIONS)
    assert (refusal.kind.code, refusal.params) == ("SC122", {"path": "objections", "authority": "第九条"})
    assert not [problem for problem in loaded(OBJECTIONS)[1] if problem.kind.code == "SC122"]


def test_a_key_that_means_nothing_is_reported_in_a_branch_file_too() -> None:
    """It must not get lost between the branch and its parent."""
    assert refused("[nonsense]\nx = 1").params["key"] == "nonsense"


@pytest.mark.parametrize(
    ("pins", "is_refused"),
    [('{ a = "1" }', False), ('{ a = "2" }', True), ('{ b = "2" }', False), ('{ a = "1", b = "2" }', False)],
)
def test_a_branch_pins_more_plugins_and_changes_no_pin(pins: str, *, is_refused: bool) -> None:
    parent = PARENT.replace("[parameters.base]", 'plugins = { a = "1" }\n\n[parameters.base]')
    _, problems = loaded(f"plugins = {pins}", parent)
    assert [problem.params["path"] for problem in problems] == (["policy.plugins.a"] if is_refused else [])


def test_claims_of_a_branch_stand_beside_those_of_its_parent() -> None:
    """A branch takes back nothing that its parent claims."""
    claim = '[[bounded]]\nof = ["pay.{}"]\nmin = 0\n'
    own, of_parent = claim.format("open_line"), claim.format("closed_line")
    assert len(policy(own, PARENT + of_parent).bounded) == len(policy("", PARENT + of_parent + own).bounded) == 2
    assert len(policy(own).bounded) == 1


@pytest.mark.parametrize("pins", ['"1"', "[1]"])
def test_pins_of_a_wrong_shape_are_reported(pins: str) -> None:
    parent = PARENT.replace("[parameters.base]", 'plugins = { a = "1" }\n\n[parameters.base]')
    for head in (PARENT, parent):
        assert loaded(f"plugins = {pins}", head)[1]


def test_a_bound_may_read_every_parameter_there_is() -> None:
    parent = PARENT.replace(
        'bounds = { min = 300, max = 800, authority = "第二十七条" }',
        'bounds = { max = "parameters.base + parameters.advised - 1" }',
    )
    for figure, codes in (("501", []), ("0", ["SC340"])):
        child = f"[parameters]\nadvised.values = [ {{ from = 2024-01-01, is = {figure} }} ]"
        problems = problems_of(child, parent.replace("binding = false, ", "").replace("min = 300, max = 800, ", ""))
        assert [problem.kind.code for problem in problems] == codes


def test_a_bound_names_the_file_that_sets_it() -> None:
    """Who reads the branch file must know where to look."""
    (problem,) = problems_of("[parameters]\nbase.values = [ { from = 2024-01-01, is = 900 } ]", PARENT)
    assert problem.params["parent"] == "head@1"
    own = PARENT.replace("is = 500", "is = 900", 1)
    _, diagnostics = check_policy(Source("head.toml", own), {}, load_scorers(installed(), Diagnostics()))
    assert [problem.params.get("parent") for problem in diagnostics if problem.kind.code == "SC340"] == [None]


def test_a_band_that_is_nothing_is_the_only_problem_of_its_table() -> None:
    """Its other bands no longer stand beside those that are written: a bound would name the wrong one."""
    parent = PARENT.replace("open = true\nbands", "open = true\nbounds = { max = 5 }\nbands")
    bands = '[tables.open_rate]\nbands = [ { from = 0, is = "x" }, { from = 10, is = 9 } ]'
    (problem,) = problems_of(bands, parent)
    assert problem.location.column == bands.splitlines()[1].index('"x"') + 1
