"""Google's CEL (cel-expr-python) as a live oracle: what scorecore and CEL both accept means the same in both.

Hypothesis writes well-typed expressions and facts, and both sides evaluate them. An error of CEL is an unknown value of
ours: both come from facts that are not there, from fields that an event does not have, and from a divisor of zero.

Where the two languages have different words for one meaning, an expression is written twice: `quotient(a, b)` is CEL's
`a / b` of integers, an integer meets a decimal through CEL's `dyn`, and `sum`, which CEL has not, is given to it as a
function. Decimals are multiples of one half, few and small, so that CEL's binary doubles are exact as well.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, product
from typing import Any, Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from cel.facts import ABSENT, COLUMNS, Given, facts
from cel.sides import NONE, accepted, by_cel, by_us, environment, typed
from cel.support import Refusal
from cel.texts import Text
from cel.writer import expressions
from scorecore.diagnostics import catalogue

REFUSED: Final = {catalogue.TOO_LARGE.code, catalogue.ALWAYS_ZERO.code, catalogue.NOT_AMONG.code}
"""Why a well-typed expression may be refused: what CEL meets in a run as an error, and a text that never comes."""


MANY: Final = settings(max_examples=10 * settings.default.max_examples)  # an expression is quickly tried


@MANY
@given(st.lists(expressions(), min_size=1, max_size=8), st.lists(facts(), min_size=1, max_size=3))
def test_an_expression_means_the_same(texts: list[Text], records: list[Given]) -> None:
    """A well-typed expression gives CEL's value, and is unknown exactly where CEL has an error."""
    for text in texts:
        theirs = by_cel(text.cel, *records)
        ours = by_us(text.ours, *records)
        if isinstance(ours, Refusal):
            event("refused: " + ", ".join(sorted(ours.codes)))
            assert ours.codes <= REFUSED, str(ours)
        else:
            assert typed(ours) == typed(theirs), text.ours


@pytest.mark.slow
def test_most_expressions_are_accepted() -> None:
    """The law above is not empty: it accepts nearly all that it looks at, and most has a value."""
    seen: Counter[str] = Counter()

    @settings(max_examples=300)
    @given(expressions(), facts())
    def look(text: Text, record: Given) -> None:
        answer = by_us(text.ours, record)
        seen["all"] += 1
        seen["accepted"] += not isinstance(answer, Refusal)
        seen["known"] += not isinstance(answer, Refusal) and answer[0] is not NONE

    look()
    assert seen["accepted"] >= 0.8 * seen["all"]
    assert seen["known"] >= 0.3 * seen["all"]


_TOKENS: Final = re.compile(r"'[^']*'|[\w.]+|[&|=]{2}|[<>!]=?|\S")


_OTHERS: Final = ("+", "-", "<", "==", "&&", "||", "!", "?", ":", "in", "(", ")", ".", ",", "b", "n", "true")


def changed(tokens: list[str], position: int, replacement: str | None) -> str:
    """The expression with another token at a place; None: without the token, or without the brackets that it opens."""
    changed_tokens = list(tokens)
    if replacement is None and changed_tokens[position] == "(":
        depths = accumulate({"(": 1, ")": -1}.get(token, 0) for token in changed_tokens[position:])
        end = next((place for place, depth in enumerate(depths, position) if not depth), position)
        del changed_tokens[end]
    changed_tokens[position : position + 1] = [] if replacement is None else [replacement]
    return " ".join(changed_tokens)


def is_cel(text: str) -> bool:
    """Whether CEL's checker takes a text; it knows the types of facts only, so they stand in for fields of events."""
    stated = re.sub(r"\b(v|one)\.", "", re.sub(r"\bhas \( (v|one)\.\w+ \)", "true", text))
    try:
        environment().compile(stated)
        environment().compile(text)
    except RuntimeError:
        return False
    return True


@MANY
@given(expressions(), facts(), st.lists(st.sampled_from(_OTHERS), max_size=4, unique=True))
def test_what_both_accept_means_the_same(text: Text, record: Given, replacements: list[str]) -> None:
    """An expression that lost or changed a part is refused by one of the two, or means the same in both."""
    # a divisor must stay what it is, or doubles are not exact
    tokens = _TOKENS.findall(text.ours.replace("// a note", "").replace("/", "-"))
    for number, replacement in product(range(len(tokens)), (None, *replacements)):
        written = changed(tokens, number, replacement)
        if not is_cel(written):
            continue
        ours = by_us(written, record)
        if isinstance(ours, Refusal):
            event("refused by us")
        else:
            event("accepted by both")
            assert typed(ours) == typed(by_cel(written, record)), written


_EDGES: Final[Mapping[str, Sequence[Any]]] = {
    "n": (-7, -2, -1, 0, 1, 2, 7, None),
    "d": (*map(Decimal, ("-2.5", "-2", "-1.5", "-0.5", "0", "0.5", "1", "1.5", "2.5")), None),
    "s": ("", "a", "b", "ab", "A", "é", "😀", "\uffff", None),
    "b": (True, False, None),
}


_EACH: Final = {
    "nds": [f"x {sign} y" for sign in ("==", "!=", "<", "<=", ">", ">=")],
    "nd": [
        *(f"x {left_operator} y {right_operator} x" for left_operator in "+-*" for right_operator in "+-*"),
        *("-x - -y", "x--y", "- x*y", "x > y ? x : y", "!(x > y) || x == y", "x < y == (x > y)"),
    ],
    "n": ["x-1 < y == true", "x -1", "x in []", "x in [1]", "x in [-1, 1, 1 + 1]"],
    "d": ["x-1.0", "x in [1.0, -0.5]", "int(x)", "x / 2.0 / -0.5 * y"],
    "s": [
        *(f"x.{ask}(y)" for ask in ("contains", "startsWith", "endsWith")),
        *("size(x)", "x.size() - size(y)", "x in []", "x in ['', 'b', 'é']", "(x < y ? x : y).size()"),
    ],
    "b": [
        *(f"x {sign} y" for sign in ("==", "!=", "&&", "||")),
        *("!x", "!x == y", "!(x == y)", "!!x != y", "x == y != x", "x || y && x", "x && y || !x && !y"),
        *("x ? y : !y", "x ? x : y ? y : x", "(x ? x : y) ? y : x", "x || y ? x : y"),
    ],
}
"""What each kind of value can be asked; `x` is a fact, `y` an optional one."""


_EACH_IN_OTHER_WORDS: Final = (
    ("n", "quotient(x, y)", "x / y"),
    ("n", "x - y * quotient(x, y)", "x % y"),
    ("n", "x == 1.0 || x < -1.5 || 2.5 <= x", "dyn(x) == 1.0 || dyn(x) < -1.5 || 2.5 <= dyn(x)"),
    ("n", "x in [1.0, 2.5]", "dyn(x) in [1.0, 2.5]"),
    ("d", "x in [1, 2]", "dyn(x) in [1, 2]"),
    ("d", "x != 1 && x > -2", "dyn(x) != 1 && dyn(x) > -2"),
)


@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        *((name, text, text) for names, texts in _EACH.items() for name in names for text in texts),
        *_EACH_IN_OTHER_WORDS,
    ],
)
def test_each_operator(name: str, ours: str, theirs: str) -> None:
    """Every operator, and every two of them beside each other, gives CEL's values at the edges of what it takes."""
    records = [{**ABSENT, name: x, f"{name}_maybe": y} for x, y in product(_EDGES[name], repeat=2)]
    ours, theirs = (re.sub(r"\bx\b", name, re.sub(r"\by\b", f"{name}_maybe", text)) for text in (ours, theirs))
    assert typed(accepted(ours, *records)) == typed(by_cel(theirs, *records))


_TRUTHS: Final = (True, False, None)


@pytest.mark.parametrize("connective", ["b {} b_maybe", "!(b {} b_maybe)", "!b {} !b_maybe", "b {} b_maybe {} b"])
@pytest.mark.parametrize("sign", ["&&", "||"])
def test_connectives_absorb(connective: str, sign: str) -> None:
    """`&&` and `||` absorb an unknown operand exactly where CEL absorbs an error, from either side."""
    text = connective.replace("{}", sign)
    records = [{**ABSENT, "b": left, "b_maybe": right} for left, right in product(_TRUTHS, repeat=2)]
    theirs = by_cel(text, *records)
    assert accepted(text, *records) == theirs
    assert {True, False, NONE} == set(theirs)


@pytest.mark.parametrize(
    "question",
    [
        "rows.exists(v, v.b_maybe)",
        "rows.all(v, v.b_maybe)",
        "rows.exists_one(v, v.b_maybe)",
        "rows.filter(v, v.b_maybe).size()",
        "rows.filter(v, v.b_maybe).exists(v, v.b)",
        "rows.filter(v, v.b).all(v, v.b_maybe)",
        "rows.filter(v, has(v.b_maybe)).filter(v, v.b_maybe).size()",
        "rows.exists(v, v.b_maybe) || !rows.all(v, v.b)",
        "rows.exists(v, v.b_maybe && v.b)",
    ],
)
def test_questions_absorb(question: str) -> None:
    """What one event lacks makes the answer unknown only where it could change it: as CEL, for every short table."""
    pairs = [(True, True), (True, False), (None, True), (None, False), (False, None)]
    events = [{**dict.fromkeys(COLUMNS), "b_maybe": maybe, "b": b} for maybe, b in pairs]
    records = [{**ABSENT, "rows": rows} for length in range(4) for rows in product(events, repeat=length)]
    theirs = by_cel(question, *records)
    assert typed(accepted(question, *records)) == typed(theirs)
    assert len(set(theirs)) > 1


@pytest.mark.parametrize(
    "text",
    ["rows.map(v, v.n_maybe).size()", "size(rows.map(v, v.n_maybe))", "rows.map(v, v.b, v.n_maybe).size()"],
)
def test_size_of_a_map_is_refused(text: str) -> None:
    """A map does not change how many there are, so asking for its size is a slip, and refused."""
    assert isinstance(by_us(text, ABSENT), Refusal)


@pytest.mark.parametrize("text", ["s.contains()", "'a'.startsWith()", "s.startsWith('a', 'b')", "s.endsWith('a', s)"])
def test_text_is_asked_about_one_text(text: str) -> None:
    """A question about a text with too few or too many arguments is refused, as by CEL."""
    with pytest.raises(RuntimeError):
        by_cel(text, ABSENT)
    assert isinstance(by_us(text, {**ABSENT, "s": "a"}), Refusal)
