"""In which ways conditions can hold together, against trying every value."""

from hypothesis import given
from hypothesis import strategies as st

from scorecore import Diagnostics, Source, check_policy, installed, load_scorers
from scorecore.compiler.checks.condition_cases import can_hold, condition_cases
from scorecore.language.expressions import Expression
from scorecore.program.steps import Step
from scorecore.values.step_id import StepId

HEAD = """
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
[facts.person]
x = { type = "int", min = 0, max = 9 }
s = { type = "string" }
"""
TEXTS = ("a", "b", "c")


def conditions_of(texts: list[str]) -> list[Expression]:
    actions = [f'[[actions]]\nid = "a{n}"\nwhen = "{text}"\nreason = "r"\n' for n, text in enumerate(texts)]
    program, diagnostics = check_policy(
        Source("p.toml", HEAD + "".join(actions)), {}, load_scorers(installed(), Diagnostics())
    )
    assert program is not None, list(map(str, diagnostics))
    steps = [program.step(StepId("actions", f"a{n}")) for n in range(len(texts))]
    return [step.expression for step in steps if isinstance(step, Step)]


comparisons = st.one_of(
    st.builds("x {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-1, 10)),
    st.builds("{} {} x".format, st.integers(0, 9), st.sampled_from(["<", "<=", ">", ">="])),
    st.builds("decimal(x) > {}.5".format, st.integers(0, 9)),
    st.builds("x in [{}, {}]".format, st.integers(0, 9), st.integers(0, 9)),
    st.builds("s == '{}'".format, st.sampled_from(TEXTS)),
    st.builds("s in ['{}', '{}']".format, st.sampled_from(TEXTS), st.sampled_from(TEXTS)),
)
conditions = st.recursive(
    comparisons,
    lambda inside: st.builds("({} {} {})".format, inside, st.sampled_from(["&&", "||"]), inside),
    max_leaves=4,
)


def holds(text: str, x: int, s: str) -> bool:
    python = text.replace("&&", "and").replace("||", "or").replace("decimal", "float")
    return bool(eval(python, {}, {"x": x, "s": s}))  # noqa: S307  our own text


@given(st.lists(conditions, min_size=1, max_size=3))
def test_exactly_the_ways_that_some_value_shows_are_found(texts: list[str]) -> None:
    """Comparisons of one value with constants hold together as they do somewhere on the line, and not otherwise."""
    tried = {tuple(holds(text, x, s) for text in texts) for x in range(10) for s in (*TEXTS, "d")}
    assert {tuple(held) for _, held in condition_cases(conditions_of(texts), {})} == tried


@given(st.lists(conditions, min_size=1, max_size=3))
def test_conditions_can_hold_at_once_where_some_value_shows_it(texts: list[str]) -> None:
    """The search that stops at the first contradiction misses none and invents none."""
    together = any(all(holds(text, x, s) for text in texts) for x in range(10) for s in (*TEXTS, "d"))
    assert can_hold(conditions_of(texts), {}) == together


def test_many_thresholds_of_one_number_are_checked() -> None:
    """Thirteen conditions over one number hold in fourteen ways; the points are counted in each."""
    items = "".join(
        f'[[items]]\nid = "i{n}"\npoints = 1\nwhen = "x >= 0 || x > {n}"\nscorer = "formula"\nis = "1"\n'
        for n in range(13)
    )
    scorers = load_scorers(installed(), Diagnostics())
    text = HEAD.replace("max = 9", "max = 1000").replace('s = { type = "string" }\n', "") + items
    _, diagnostics = check_policy(Source("p.toml", f"{text}[score]\nout_of = 13\n"), {}, scorers)
    assert list(map(str, diagnostics)) == []
    text = text.replace("x >= 0 || ", "")
    _, diagnostics = check_policy(Source("p.toml", f"{text}[score]\nout_of = 13\n"), {}, scorers)
    assert [(problem.kind.code, problem.params["case"], problem.params["total"]) for problem in diagnostics] == [
        ("SC331", "x = 1", "1")
    ]
