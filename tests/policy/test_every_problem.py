"""Every problem of a policy in one run, also beside mistakes that keep a part from being read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore import Diagnostics, Source, check_policy, installed, load_scorers
from scorecore.diagnostics.diagnostic import Diagnostic

ROOT = Path(__file__).parents[2]
HEAD = """\
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
"""
REST = """
[parameters.rate]
type = "decimal"
values = [ { from = 2020-01-01, is = 5 } ]
bounds = { max = 4 }
[facts.person]
x = { type = "int", label = "销售额" }
y = { type = "int" }
[facts.events]
key = ["id"]
dated_by = "day"
fields = { id = { type = "string" }, day = { type = "date" }, n = { type = "int", label = "数量" } }
[values.v]
is = "x + 1"
[groups.all]
held = "wait"
ties = "first"
[[items]]
id = "i"
points = 10
scorer = "formula"
is = "decimal(v) + y"
[[items]]
id = "j"
points = 10
scorer = "deduction"
each = "events"
as = "e"
where = "e.n > 3"
take = 1
[[grades]]
id = "A"
from = "lowest"
[[pay]]
id = "a"
kind = "earning"
amount = "decimal(y) + items.i + items.j + rank(x, 'all') + parameters.rate"
[[pay]]
id = "b"
kind = "earning"
when = "grade == 'A'"
amount = "pay.a + undefined"
"""
ALWAYS = [("SC340", ""), ("SC230", "undefined")]
"""What is wrong with the text as it is: a bound at its beginning, a name at its end."""


def problems_of(text: str) -> list[Diagnostic]:
    _, diagnostics = check_policy(Source("p.toml", text), {}, load_scorers(installed(), Diagnostics()))
    return [problem for problem in diagnostics if not problem.kind.warning]


def codes(text: str) -> list[tuple[str, str]]:
    return [(problem.kind.code, problem.params.get("name", "")) for problem in problems_of(text)]


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ('is = "x + 1"', 'is = "x +"', ["SC202"]),
        ('is = "x + 1"', 'is = "x + 1"\nlabel = 5', ["SC105"]),
        ('is = "x + 1"', 'iss = "x + 1"', ["SC101", "SC102"]),
        ('y = { type = "int" }', 'y = { type = "integer" }', ["SC111"]),
        ('y = { type = "int" }', "y = 5", ["SC103"]),
        ('y = { type = "int" }', 'y = { type = "int"， min = 0 }', ["SC005"]),
        ('y = { type = "int" }', "y = { type = int }", ["SC005"]),
        ('n = { type = "int",', 'n = { type = "i",', ["SC111"]),
        ('points = 10\nscorer = "formula"', 'scorer = "formula"', ["SC102"]),
        ('points = 10\nscorer = "deduction"', 'points = 1,000\nscorer = "deduction"', ["SC005"]),
        ('is = "decimal(v) + y"', 'is = "decimal(v) + y"\nis = "1"', ["SC115"]),
        ('where = "e.n > 3"', 'where = "e.n >"', ["SC202"]),
        ('where = "e.n > 3"', 'where = "e.m > 3"', ["SC230"]),
        ('from = "lowest"', 'from = "lowes"', ["SC111"]),
        ('held = "wait"\nties', "ties", ["SC102"]),
        ('kind = "earning"\namount = "dec', 'kind = "earnin"\namount = "dec', ["SC111"]),
        ('ties = "first"', "ties = first", ["SC005"]),
        ("effective = { from = 2020-01-01 }", "effective = { from = 2020-1-1 }", ["SC005"]),
        ('period = "month"', 'period = "mont"', ["SC111"]),
        ('title = "t"\n', "", ["SC102"]),
        (HEAD, "", ["SC102"]),
        ("[facts.events]\n", "[facts.events\n", ["SC003"]),
        ("[groups.all]", '[facts.person]\nz = { type = "int" }\n[groups.all]', ["SC115"]),
    ],
)
def test_the_other_problems_are_found_as_well(before: str, after: str, more: list[str]) -> None:
    """What is wrong in one place is reported beside what is wrong in others, and not what only follows from it."""
    text = HEAD + REST
    assert codes(text) == ALWAYS
    assert text.count(before) == 1
    codes_now = [code for code, _ in codes(text.replace(before, after))]
    assert sorted(codes_now) == sorted([*more, *(code for code, _ in ALWAYS)])


def test_what_a_part_says_that_is_left_out_is_checked_too() -> None:
    """A line of an unknown kind has an amount all the same."""
    text = HEAD + REST.replace('kind = "earning"\namount = "dec', 'kind = "earnin"\namount = "other + another + dec')
    assert [name for code, name in codes(text) if code == "SC230"] == ["other", "another", "undefined"]


def test_a_text_whose_parent_is_missing_is_read_all_the_same() -> None:
    text = HEAD.replace('title = "t"', 'title = "t"\nextends = "head@1"') + '[values.v]\nis = "x +"\n'
    assert [code for code, _ in codes(text)] == ["SC120", "SC202"]


@given(st.data())
def test_a_mistake_more_hides_none(data: st.DataObject) -> None:
    """Whatever character is put in at one place, a mistake of expressions on another line is still found."""
    lines = (HEAD + REST).splitlines()
    number = data.draw(st.integers(0, len(lines) - 2))
    column = data.draw(st.integers(0, len(lines[number])))
    sign = data.draw(
        st.sampled_from(["，", "“", "=", "]", "}", '"', ",", "x", "[", "{", "#", "'", "(", "１", "\u3000"])
    )
    lines[number] = lines[number][:column] + sign + lines[number][column:]
    diagnostics = problems_of("\n".join(lines))
    ends = [problem for problem in diagnostics if problem.kind.code in {"SC003", "SC005", "SC115"}]
    assert diagnostics
    if not ends:
        assert ("SC230", "undefined") in [(problem.kind.code, problem.params.get("name")) for problem in diagnostics]


@pytest.mark.parametrize(
    ("line", "marked", "advice"),
    [
        ('x = { type = "int"， min = 0 }', "，", "write `,`"),
        ("title = “t”", "“", 'write `"`'),
        ('title ＝ "t"', "＝", "write `=`"),
        ("［facts］", "［", "write `[`"),
        ("x = １２", "１２", "write `12`"),
        ("x　= 1", "　", "replace U+3000 with an ordinary space, or remove it"),
        ("x: 1", ":", "write `=`"),
        ("x = True", "True", "write `true`"),
        ("x = { type = int, min = 0 }", "int", 'write `"int"`'),
        ('x = a == "b"', 'a == "b', "write `'a == \"b'`"),
        ("x = 1,000", "1,000", "write `1_000`"),
        ("x = { min = 1,000 }", "1,000", "write `1_000`"),
        ("x = 60%", "60%", "write `0.6`"),
        ("x = { from = 2024-1-1, is = 2 }", "2024-1-1", "write `2024-01-01`"),
        ("x = 2024/02/03", "2024/02/03", "write `2024-02-03`"),
        ("x = .5", ".5", "write `0.5`"),
        (
            '名称 = "x"',
            "名称",
            "keys consist of ASCII letters, digits, _ and -; put `名称` in quotes, or make it a `label`",
        ),
        (
            "x = 'a == '导诊' ? 1 : 0'",
            "导诊",
            "the text has ended at the ' before this: begin and end it with \" instead",
        ),
        (
            """x = "a == 'b' && c == "d" ? 1 : 0" """,
            "d",
            """the text has ended at the " before this: begin and end it with \'\'\' instead""",
        ),
        ("x = [ {a=1} {b=2} ]", "{", "write a comma before this, or close what is open with ]"),
        ("// text", "//", "write `#`"),
    ],
)
def test_a_mistake_of_toml_is_marked_and_corrected(line: str, marked: str, advice: str) -> None:
    (problem,) = problems_of(f"{HEAD}[facts.person]\n{line}\n")
    text = (HEAD + f"[facts.person]\n{line}\n").splitlines()[problem.location.line - 1]
    assert text[problem.location.column - 1 :].startswith(marked[:1])
    assert problem.length in {1, len(marked)}
    assert problem.advice() == advice


@pytest.mark.parametrize(
    ("text", "code", "advice"),
    [
        ("x > 60%", "SC201", "write `0.6`"),
        ("60% * x", "SC201", "write `0.6`"),
        ("x % 60", "SC226", "write a - b * quotient(a, b)"),
        ("60 % x", "SC226", "write 0.6 if it is a percentage, or a - b * quotient(a, b)"),
        ("x > 1,000,000", "SC201", "write `1000000`"),
        ("if(x > 3, 1.0, 0.0)", "SC206", "write `condition ? a : b`"),
        ("if x > 3 then 1 else 0", "SC201", "write `condition ? a : b`"),
        ("IF(x > 3, 1, 0)", "SC231", "did you mean `condition ? a : b`?"),
        ("AND(x > 3, x < 5)", "SC231", "did you mean `a && b`?"),
        ("x > 3 AND x < 5", "SC201", "write `&&`"),
        ("x <> 3", "SC201", "write `!=`"),
        ("x in (1, 2)", "SC201", "write `in [1, 2]`"),
        ("1 < x < 3", "SC220", "write a < x && x < b"),
        ("销售额 > 3", "SC201", "write `x`, whose label this is"),
        ("数量 > 3", "SC201", "write `n` after the name of an event, as in e.n; this is its label"),
        ("奖金 > 3", "SC201", "put `奖金` in quotes if it is a text; names consist of ASCII letters, digits and _"),
    ],
)
def test_what_people_write_elsewhere_is_corrected(text: str, code: str, advice: str) -> None:
    """Advice is what can be done: a label is named by its name, a word that is none is not."""
    action = f'[[actions]]\nid = "a"\nwhen = """{text}"""\nreason = "r"\n'
    problems = [
        problem for problem in problems_of(HEAD + REST + action) if problem.location.line > len(REST.splitlines())
    ]
    assert [
        (problem.kind.code, problem.advice()) for problem in problems if problem.params.get("name") != "undefined"
    ] == [(code, advice)]


def test_the_number_that_a_max_can_bound_is_named() -> None:
    """Of a value that is too large the fact behind it, for a value has no `max`."""
    text = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal" }}
n = {{ type = "int", max = 5 }}
[values.due]
is = "sales * sales"
[[pay]]
id = "a"
kind = "adjustment"
amount = "due * due * n"
"""
    (problem,) = problems_of(text)
    assert (problem.kind.code, problem.params["name"]) == ("SC227", "sales")
    text = text.replace('is = "sales * sales"', 'is = "1000000000000 * 1000000000000 * 1000000.0"')
    (problem,) = problems_of(text)
    assert "name" not in problem.params
    assert "`" not in problem.advice(), "no fact is to blame"


def test_a_subject_that_cannot_be_read_does_not_hide_what_the_header_lacks() -> None:
    text = HEAD.replace('subject = "person"', 'subject = "person').replace('period = "month"\n', "")  # and no facts
    program, diagnostics = check_policy(Source("p.toml", text), {}, {})
    assert program is None
    assert {"SC003", "SC102"} <= {diagnostic.kind.code for diagnostic in diagnostics}
