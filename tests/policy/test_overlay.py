"""A branch file over its parent: it changes what is open, keeps to bounds, and takes nothing away."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from branch_files import CHILD, PARENT, policy, refused
from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import installed, load_scorers
from scorecore.policy.load import load
from scorecore.program.model import Program

SECTIONS: Final = (
    *("parameters", "tables", "calendars", "facts", "values", "items", "grades", "pay", "carry", "holds", "actions"),
)
NEW_PARTS: Final = {
    "parameters": '[parameters.new]\ntype = "int"\nvalues = [ { from = 2024-01-01, is = 1 } ]',
    "tables": '[tables.new]\nkind = "whole"\nedge = "lower"\nbands = [ { from = 0, is = 1 } ]',
    "calendars": "[calendars.new]\ncovers = { from = 2024-01-01, to = 2024-12-31 }",
    "facts": '[facts.new]\nkey = ["id"]\nfields = { id = { type = "string" } }',
    "facts.person": '[facts.person.new]\ntype = "int"',
    "values": '[values.new]\nis = "x"',
    "items": '[[items]]\nid = "new"\nscorer = "formula"\npoints = 1\nis = "1"',
    "grades": '[[grades]]\nid = "new"\nfrom = "lowest"',
    "pay": '[[pay]]\nid = "new"\nkind = "earning"\namount = "1"',
    "carry": '[carry.new]\nopens = 0\ncloses = "0"',
    "holds": '[[holds]]\nid = "new"\nwhen = "x > 1"\nreason = "r"',
    "actions": '[[actions]]\nid = "new"\nwhen = "x > 1"\nreason = "r"',
}
"""A part of each kind that the parent does not have."""


def checked(child: str) -> tuple[Program | None, list[tuple[str, str]]]:
    scorers = load_scorers(installed(), Diagnostics())
    program, diagnostics = check_policy(
        Source("branch.toml", CHILD + child), {"head@1": Source("head.toml", PARENT)}, scorers
    )
    return program, [(diagnostic.kind.code, diagnostic.advice()) for diagnostic in diagnostics]


def line_of(text: str) -> int:
    """The line of the branch file that begins with a text added to it."""
    return (CHILD + text).splitlines().index(text.splitlines()[0]) + 1


def test_nothing_is_changed_by_a_branch_that_says_nothing() -> None:
    """What a branch does not mention is as the parent says; only its own name, title and time are its own."""
    plain, _ = Diagnostics(), policy("")
    head = load(Source("head.toml", PARENT), {}, plain)
    assert head is not None
    for section in ("parameters", "tables", "subject", "events", "values", "items", "grades", "pay", "carry", "holds"):
        assert getattr(policy(""), section) == getattr(head.policy, section)
    assert (policy("").policy.id, policy("").policy.title) == ("branch", "营业部")
    for section in ("authority", "status", "assumptions", "subject", "period", "currency"):
        assert getattr(policy("").policy, section) == getattr(head.policy.policy, section)


def test_assumptions_are_added() -> None:
    """What a branch assumes stands beside what its parent assumes."""
    child = 'assumptions = ["按自然日"]'
    branch = policy(child)
    assert branch.policy.assumptions == ("先算后舍入", "按自然日")


CHANGES: Final = {
    "table": (
        "[tables.open_rate]\nbands = [ { from = 0, is = 9 } ]",
        lambda policy: policy.tables["open_rate"].bands[0].is_,
        9,
    ),
    "value": (
        '[values.open_value]\nis = "x + 1"',
        lambda policy: getattr(policy.values["open_value"].is_, "operator", ""),
        "+",
    ),
    "calendar": (
        "[calendars.work]\ncovers = { from = 2024-01-01, to = 2024-12-31 }\nholidays = [2024-05-01]",
        lambda policy: policy.calendars["work"].holidays,
        (date(2024, 5, 1),),
    ),
    "pay line": ('[[pay]]\nid = "open_line"\nlabel = "乙"', lambda policy: policy.pay[0].label, "乙"),
    "fact": ("[facts.person.x]\nmax = 5", lambda policy: policy.subject["x"].max, 5),
    "parameter": (
        "[parameters]\nbase.values = [ { from = 2024-01-01, is = 600 } ]",
        lambda policy: policy.parameters["base"].values[0].is_,
        600,
    ),
    "clause of a parameter": (
        '[parameters.advised]\nauthority = "决议"',
        lambda policy: policy.parameters["advised"].authority,
        "决议",
    ),
}


@given(chosen=st.lists(st.sampled_from([*CHANGES]), unique=True))
def test_what_is_open_changes_and_all_else_stays(chosen: list[str]) -> None:
    """Open parts change key by key, in any order; every other part, key and place in a list stays as it was."""
    changed, before = policy("\n".join(CHANGES[name][0] for name in chosen)), policy("")
    for name, (_, value, expected) in CHANGES.items():
        assert value(changed) == (expected if name in chosen else value(before))
    assert [pay_line.id for pay_line in changed.pay] == [pay_line.id for pay_line in before.pay]
    assert (changed.pay[0].kind, changed.pay[0].amount) == (before.pay[0].kind, before.pay[0].amount)
    assert changed.pay[1] == before.pay[1]
    for section in ("parameters", "tables", "subject", "events", "values"):
        assert getattr(changed, section).keys() == getattr(before, section).keys()
    assert changed.tables["open_rate"].kind == "whole"


@pytest.mark.parametrize(
    ("change", "path", "clause"),
    [
        ("[tables.closed_rate]\nbands = []", "tables.closed_rate.bands", "第三十条"),
        ('[tables.closed_rate]\nauthority = "决议"', "tables.closed_rate.authority", "第三十条"),
        ('[values.closed_value]\nauthority = "决议"', "values.closed_value.authority", "第四条"),
        ('[[pay]]\nid = "closed_line"\nauthority = "决议"', "pay.closed_line.authority", "第五条"),
        ('[facts.person.y]\nauthority = "决议"', "facts.person.y.authority", "第三条"),
        ('[facts.sales]\nauthority = "决议"', "facts.sales.authority", "办法"),
        ('[values.closed_value]\nis = "1"', "values.closed_value.is", "第四条"),
        ('[[pay]]\nid = "closed_line"\namount = "1"', "pay.closed_line.amount", "第五条"),
        ('[[pay]]\nid = "closed_line"\nopen = true', "pay.closed_line.open", "第五条"),
        ("[facts.person.y]\nmin = 0", "facts.person.y.min", "第三条"),
        ("[facts.sales]\nfields = {}", "facts.sales.fields", "办法"),
        ("[parameters.base]\nbounds = { max = 900 }", "parameters.base.bounds", "第二十五条"),
        ('[parameters.advised]\ntype = "int"', "parameters.advised.type", "办法"),
        ("[open]\npay = true", "open.pay", "办法"),
        ("[score]\nmax = 5", "score.max", "办法"),
    ],
)
def test_what_is_closed_is_refused_with_its_clause(change: str, path: str, clause: str) -> None:
    """A change of what is not open is a problem at its key, and shows the parent's clause."""
    diagnostic = refused(change)
    assert diagnostic.kind.code == "SC122"
    assert diagnostic.params == {"path": path, "authority": clause}
    assert diagnostic.advice() == f"it is set by: {clause}"
    key = path.rpartition(".")[2]
    line, column = diagnostic.location.line, diagnostic.location.column
    assert (CHILD + change).splitlines()[line - 1][column - 1 :].startswith(key)
    assert diagnostic.length == len(key)


@pytest.mark.parametrize("key", ["subject", "period", "currency", "subject_label"])
def test_header_belongs_to_the_parent(key: str) -> None:
    """A branch does not say anew who is assessed, how often and in which currency."""
    diagnostic = refused(f'{key} = "year"')
    assert (diagnostic.kind.code, diagnostic.params["path"]) == ("SC122", f"policy.{key}")


@pytest.mark.parametrize("section", NEW_PARTS)
def test_new_parts_need_an_open_parent(section: str) -> None:
    """A part that the parent does not have is refused, but where the parent says that new ones may come."""
    section_name = section.partition(".")[0]
    new = NEW_PARTS[section]
    diagnostic = refused(new)
    assert (diagnostic.kind.code, diagnostic.params["path"]) == ("SC123", f"{section}.new")
    assert diagnostic.advice() == f"the parent would need [open] {section_name} = true"
    assert diagnostic.location.line == line_of(new)
    other_sections = "".join(f"{section_key} = true\n" for section_key in SECTIONS if section_key != section_name)
    assert refused(new, f"{PARENT}[open]\n{other_sections}").kind.code == "SC123"
    branch = policy(new, f"{PARENT}[open]\n{section_name} = true\n")
    parts: Any = (
        branch.subject
        if section == "facts.person"
        else branch.events
        if section_name == "facts"
        else getattr(branch, section_name)
    )
    assert (list(parts) if isinstance(parts, dict) else [part.id for part in parts])[-1] == "new"


def test_a_misspelt_part_gets_the_nearest_suggestion() -> None:
    """A part that is not in the parent is told which one could have been meant."""
    assert refused('[[pay]]\nid = "open_lime"\nlabel = "乙"').advice() == "did you mean `open_line`?"
    assert refused('[values.open_valeu]\nis = "1"').advice() == "did you mean `open_value`?"
    assert refused("[facts.person.xx]\nmax = 1").kind.code == "SC123"


def test_a_part_is_changed_once() -> None:
    """Two changes of one part of a list are a problem, lest the first be lost."""
    diagnostic = refused('[[pay]]\nid = "open_line"\nlabel = "乙"\n[[pay]]\nid = "open_line"\namount = "2"')
    assert (diagnostic.kind.code, diagnostic.params["name"]) == ("SC115", "open_line")


@given(value=st.decimals(0, 2000, places=2))
@example(value=Decimal("299.99"))
@example(value=Decimal(300))
@example(value=Decimal(800))
@example(value=Decimal("800.01"))
def test_bounds_are_kept(value: Decimal) -> None:
    """A binding bound refuses exactly what lies beyond it, with its clause; an advisory one warns, and decides."""
    for name, code in (("base", "SC340"), ("advised", "SC341")):
        program, diagnostics = checked(f"[parameters]\n{name}.values = [ {{ from = 2024-01-01, is = {value} }} ]")
        beyond = not 300 <= value <= 800
        diagnostics = [
            problem for problem in diagnostics if problem[0] != "SC350"
        ]  # this small parent has parts that nothing reads
        assert [problem for problem, _ in diagnostics] == ([code] if beyond else [])
        assert all("第二十七条" in advice for _, advice in diagnostics)
        assert (program is None) is (beyond and name == "base")


@pytest.mark.parametrize("key", ["bounds", "edges"])
@pytest.mark.parametrize(
    ("number", "end"), [("1.99", "min"), ("2", ""), ("3.5", ""), ("5", ""), ("5.01", "max"), ("5.00", ""), ("2.0", "")]
)
def test_bounds_of_a_table_are_kept(key: str, number: str, end: str) -> None:
    """The value of a band, or where it begins, may be the bound itself, but nothing beyond it."""
    bounded = f"open = true\n{key} = {{ min = 2, max = 5 }}\nbands"
    parent = PARENT.replace("open = true\nbands", bounded).replace(
        "from = 0, is = 1 }, { from = 10, is", "from = 3, is"
    )
    band = f"from = 3, is = {number}" if key == "bounds" else f"from = {number}, is = 3"
    child = f"{CHILD}[tables.open_rate]\nbands = [ {{ {band} }} ]\n"
    parents = {"head@1": Source("head.toml", parent)}
    _, diagnostics = check_policy(Source("branch.toml", child), parents, load_scorers(installed(), Diagnostics()))
    beyond = [diagnostic.params["key"] for diagnostic in diagnostics if diagnostic.kind.code == "SC340"]
    assert beyond == ([end] if end else [])
    assert all(diagnostic.kind.warning for diagnostic in diagnostics if diagnostic.kind.code != "SC340")


@pytest.mark.parametrize(("number", "is_kept"), [("549.99", True), ("550", True), ("550.01", False)])
def test_a_bound_may_read_the_value_before(number: str, is_kept: bool) -> None:  # noqa: FBT001  a parameter of the test
    """A value may grow by exactly as much as the bound says."""
    parent = PARENT.replace(
        'bounds = { min = 300, max = 800, authority = "第二十七条" }', 'bounds = { max = "previous * 1.1" }'
    )
    values = f"[ {{ from = 2024-01-01, is = 500 }}, {{ from = 2024-02-01, is = {number} }} ]"
    source = Source("branch.toml", f"{CHILD}[parameters]\nbase.values = {values}\n")
    program, _ = check_policy(source, {"head@1": Source("head.toml", parent)}, load_scorers(installed(), Diagnostics()))
    assert (program is not None) is is_kept


def test_a_branch_of_a_branch() -> None:
    """What the branch in the middle closes is closed, and what it changes is the basis."""
    middle = CHILD + '[[pay]]\nid = "open_line"\nlabel = "乙"\nopen = false\n'
    last = CHILD.replace('"branch"', '"desk"').replace("head@1", "branch@1")
    parents = {"head@1": Source("head.toml", PARENT), "branch@1": Source("branch.toml", middle)}
    diagnostics = Diagnostics()
    policy = load(Source("desk.toml", last), parents, diagnostics)
    assert policy is not None
    assert (policy.policy.pay[0].label, [loaded_document.id for loaded_document in policy.documents]) == (
        "乙",
        ["desk@1", "branch@1", "head@1"],
    )
    assert load(Source("desk.toml", f'{last}[[pay]]\nid = "open_line"\nlabel = "丙"'), parents, diagnostics)
    assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC122"]


@pytest.mark.parametrize(
    ("extends", "code"), [("head@2", "SC120"), ("branch@1", "SC121"), ("", "SC102"), ("head", "SC120")]
)
def test_parents_that_are_not_there(extends: str, code: str) -> None:
    """A parent that is not there, or is the branch itself, is a problem."""
    text = CHILD.replace("head@1", extends)
    source = Source("branch.toml", text)
    diagnostics = Diagnostics()
    assert load(source, {"head@1": Source("head.toml", PARENT), "branch@1": source}, diagnostics) is None
    assert code in {diagnostic.kind.code for diagnostic in diagnostics}


GRADES: Final = """
[[grades]]
id = "A"
when = "x > 5"
from = 90
open = true

[[grades]]
id = "A"
when = "x <= 5"
from = 80
open = true
"""


def test_of_two_grades_with_one_id_a_branch_says_which() -> None:
    """Grades for different people may share an id: without its condition a change could go to either."""
    assert refused('[[grades]]\nid = "A"\nfrom = 60', PARENT + GRADES).kind.code == "SC129"
    assert refused('[[grades]]\nid = "A"\nwhen = "x"\nfrom = 60', PARENT + GRADES).kind.code == "SC129"
    for condition, edges in (("x > 5", [60, 80]), ("x <= 5", [90, 60])):
        changed = policy(f'[[grades]]\nid = "A"\nwhen = "{condition}"\nfrom = 60', PARENT + GRADES)
        assert [grade.from_ for grade in changed.grades] == edges
    twice = "".join(f'[[grades]]\nid = "A"\nwhen = "x > 5"\nfrom = {edge}\n' for edge in (60, 70))
    assert refused(twice, PARENT + GRADES).kind.code == "SC115"
