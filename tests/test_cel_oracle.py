"""Google's CEL (cel-expr-python) as a live oracle: what scorecore and CEL both accept means the same in both.

Hypothesis writes well-typed expressions and facts, and both sides evaluate them. An error of CEL is an unknown value of
ours: both come from facts that are not there, from fields that an event does not have, and from a divisor of zero.

Where the two languages have different words for one meaning, an expression is written twice: `quotient(a, b)` is CEL's
`a / b` of integers, an integer meets a decimal through CEL's `dyn`, and `sum`, which CEL has not, is given to it as a
function. Decimals are multiples of one half, few and small, so that CEL's binary doubles are exact as well.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import accumulate, product
from typing import Any, Final, TypeVar

import pytest
from attrs import frozen
from cel_expr_python import cel
from hypothesis import event, given
from hypothesis import strategies as st

from cel.support import Refusal, compiled, evaluated
from scorecore import kinds
from scorecore.problems import Problem
from scorecore.scope import FactName
from scorecore.source import Location
from scorecore.types import BOOL, Kind, decimal, integer, string
from scorecore.unknown import Unknown

T = TypeVar("T")

LARGEST: Final = 20
TYPES: Final = {
    Kind.INT: integer(-LARGEST, LARGEST),
    Kind.DECIMAL: decimal(-8, 8, 1),
    Kind.STRING: string(),
    Kind.BOOL: BOOL,
}
CEL_TYPES: Final = {
    Kind.INT: cel.Type.INT,
    Kind.DECIMAL: cel.Type.DOUBLE,
    Kind.STRING: cel.Type.STRING,
    Kind.BOOL: cel.Type.BOOL,
}
NAMES: Final = {
    Kind.INT: ("n", "n_maybe"),
    Kind.DECIMAL: ("d", "d_maybe"),
    Kind.STRING: ("s", "s_maybe"),
    Kind.BOOL: ("b", "b_maybe"),
}
"""A required and an optional name of each kind: of a fact, and of a field of an event."""
COLUMNS: Final = {
    name: FactName(TYPES[kind], optional=optional)
    for kind, (required, maybe) in NAMES.items()
    for name, optional in ((required, False), (maybe, True))
}
TABLES: Final = ("rows", "more")
MISSING: Final = Unknown((Problem(kinds.FACT_MISSING, Location("facts", 1, 0), {"name": "?"}),))
NONE: Final = "no value"
"""Stands for an unknown value of ours, and for an error of CEL; no fact is such a text."""
REFUSED: Final = {kinds.TOO_LARGE.code, kinds.ALWAYS_ZERO.code, kinds.NOT_AMONG.code}
"""Why a well-typed expression may be refused: what CEL meets in a run as an error, and a text that never comes."""

Given = Mapping[str, Any]
"""Facts, fields and tables by name; None where one is not there."""


@frozen
class Text:
    """An expression in both languages; `level` says how tightly its outermost operator binds."""

    ours: str
    cel: str
    level: int

    def in_place_of(self, level: int) -> "Text":
        """The same, in brackets if it would fall apart where `level` is needed."""
        return self if self.level >= level else spelled(PRIMARY, "(", self, ")")


TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, PRIMARY = range(8)


def dyn(text: Text) -> Text:
    """CEL's checker wants `dyn` where an integer meets a decimal."""
    return Text(text.ours, f"dyn({text.cel})", text.level)


def spelled(level: int, *parts: "str | Text") -> Text:
    ours = (part if isinstance(part, str) else part.ours for part in parts)
    theirs = (part if isinstance(part, str) else part.cel for part in parts)
    return Text("".join(ours), "".join(theirs), level)


# the strategies: facts

WORDS: Final = st.text(alphabet="abé😀", max_size=3)
HALVES: Final = st.integers(-2 * 8, 2 * 8).map(lambda halves: Decimal(halves) / 2)
VALUES: Final[Mapping[Kind, st.SearchStrategy[Any]]] = {
    Kind.INT: st.integers(-3, 3) | st.integers(-LARGEST, LARGEST),
    Kind.DECIMAL: HALVES,
    Kind.STRING: WORDS,
    Kind.BOOL: st.booleans(),
}
COMPLETE: Final = st.fixed_dictionaries({name: VALUES[one.type.kind] for name, one in COLUMNS.items()})
GAPPY: Final = st.fixed_dictionaries({name: VALUES[one.type.kind] | st.none() for name, one in COLUMNS.items()})
RECORDS: Final = COMPLETE | GAPPY
ROWS: Final = st.lists(COMPLETE, max_size=3) | st.lists(RECORDS, max_size=3)


@st.composite
def facts(draw: st.DrawFn) -> Given:
    """The facts of one subject; now and then a whole table is not there."""
    found = dict(draw(RECORDS))
    for table in TABLES:
        found[table] = draw(ROWS) if draw(st.integers(0, 9)) else None
    return found


def ours_of(record: Given) -> dict[str, Any]:
    """A required fact that is not there is unknown, an optional one is absent."""
    return {name: value if value is not None or COLUMNS[name].optional else MISSING for name, value in record.items()}


def cel_of(record: Given) -> dict[str, Any]:
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in record.items()
        if value is not None
    }


# the strategies: expressions


@frozen
class Writer:
    """Writes expressions; with `variable`, about an event of a table."""

    draw: st.DrawFn
    variable: str = ""

    def one_of(self, *several: T) -> T:
        return self.draw(st.sampled_from(several))

    def write(self, kind: Kind, depth: int) -> Text:
        """An expression of a kind, with at most `depth` operators inside each other."""
        leaves = (Writer.name, Writer.name, Writer.constant)
        if not depth or not self.draw(st.integers(0, 4)):
            return self.one_of(*leaves)(self, kind)
        forms = FORMS[kind] if self.variable else FORMS[kind] + AGGREGATES[kind]
        return self.one_of(*forms)(self, depth - 1)

    # leaves

    def name(self, kind: Kind) -> Text:
        name = self.one_of(*NAMES[kind])
        # an event's expression sees its event and its subject
        return spelled(PRIMARY, f"{self.variable}.{name}" if self.variable and self.draw(st.booleans()) else name)

    def constant(self, kind: Kind) -> Text:
        value = self.draw(VALUES[kind])
        text = {Kind.STRING: f"'{value}'", Kind.BOOL: str(value).lower()}.get(kind, f"{value}")
        return spelled(PRIMARY, f"{value:.1f}" if kind is Kind.DECIMAL else text)

    # operators

    def gap(self) -> str:
        return self.one_of("", " ", " ", "\n", " // a note\n")

    def binary(self, sign: str, level: int, left: Text, right: Text) -> Text:
        """`left sign right`, with no more brackets than needed, so that both parsers have to know what binds."""
        before, after = (" ", " ") if sign == "in" else (self.gap(), self.gap())
        left, right = left.in_place_of(level), right.in_place_of(level + 1)
        return spelled(level, left, before, sign, after, right)

    def of_numbers(self, kind: Kind, depth: int) -> Text:
        sign = self.one_of("+", "-", "*")
        operands = (self.write(kind, depth), self.write(kind, depth))
        return self.binary(sign, PRODUCT if sign == "*" else SUM, *operands)

    def negative(self, kind: Kind, depth: int) -> Text:
        return spelled(UNARY, "-", self.write(kind, depth).in_place_of(UNARY))

    def quotient(self, depth: int) -> Text:
        left, right = self.write(Kind.INT, depth), self.write(Kind.INT, depth)
        theirs = self.binary("/", PRODUCT, left, right)
        return Text(f"quotient({left.ours}, {right.ours})", f"({theirs.cel})", PRIMARY)

    def half(self, depth: int) -> Text:
        # a divisor that keeps doubles exact
        return self.binary("/", PRODUCT, self.write(Kind.DECIMAL, depth), spelled(PRIMARY, self.one_of("2.0", "-0.5")))

    def truncated(self, depth: int) -> Text:
        return spelled(PRIMARY, "int(", self.write(Kind.DECIMAL, depth), ")")

    def length(self, depth: int) -> Text:
        of = self.write(Kind.STRING, depth)
        return self.one_of(spelled(PRIMARY, "size(", of, ")"), spelled(PRIMARY, of.in_place_of(PRIMARY), ".size()"))

    def choice(self, kind: Kind, depth: int) -> Text:
        condition, then, otherwise = (self.write(one, depth) for one in (Kind.BOOL, kind, kind))
        return spelled(TERNARY, condition.in_place_of(OR), " ? ", then.in_place_of(OR), " : ", otherwise)

    def connected(self, depth: int) -> Text:
        sign, level = self.one_of(("&&", AND), ("||", OR))
        return self.binary(sign, level, self.write(Kind.BOOL, depth), self.write(Kind.BOOL, depth))

    def negated(self, depth: int) -> Text:
        return spelled(UNARY, "!", self.write(Kind.BOOL, depth).in_place_of(UNARY))

    def compared(self, depth: int) -> Text:
        left, right = self.one_of(*product((Kind.INT, Kind.DECIMAL), repeat=2), *[(one, one) for one in TYPES])
        signs = ("==", "!=") if left is Kind.BOOL else ("==", "!=", "<", "<=", ">", ">=")
        one, other = self.write(left, depth), self.write(right, depth)
        return self.binary(self.one_of(*signs), RELATION, one if left is right else dyn(one), other)

    def listed(self, depth: int) -> Text:
        kind, among = self.one_of(
            (Kind.INT, Kind.INT), (Kind.DECIMAL, Kind.DECIMAL), (Kind.STRING, Kind.STRING), (Kind.INT, Kind.DECIMAL)
        )
        of = self.write(kind, depth)
        items = [self.constant(among).ours for _ in range(self.one_of(0, 1, 2, 3))]
        return self.binary("in", RELATION, of if kind is among else dyn(of), spelled(PRIMARY, f"[{', '.join(items)}]"))

    def asked(self, depth: int) -> Text:
        method = self.one_of("contains", "startsWith", "endsWith")
        of, part = self.write(Kind.STRING, depth), self.write(Kind.STRING, depth)
        return spelled(PRIMARY, of.in_place_of(PRIMARY), f".{method}(", part, ")")

    def there(self, depth: int) -> Text:
        if not self.variable:
            return self.connected(depth)  # CEL's `has` is about fields only
        return spelled(PRIMARY, f"has({self.variable}.{NAMES[self.one_of(*TYPES)][1]})")

    # tables of events

    def chosen(self, depth: int) -> Text:
        """A table, and perhaps filters."""
        found = spelled(PRIMARY, self.one_of(*TABLES))
        for _ in range(self.one_of(0, 0, 1, 1, 2)):
            found = self.macro(found, "filter", (Kind.BOOL,), depth)
        return found

    def macro(self, base: Text, name: str, bodies: Sequence[Kind], depth: int) -> Text:
        variable = self.one_of("v", "one")
        inside = Writer(self.draw, variable)
        written = [part for kind in bodies for part in (", ", inside.write(kind, depth))]
        return spelled(PRIMARY, base, f".{name}({variable}", *written, ")")

    def quantified(self, depth: int) -> Text:
        return self.macro(self.chosen(depth), self.one_of("exists", "all", "exists_one"), (Kind.BOOL,), depth)

    def counted(self, depth: int) -> Text:
        of = self.chosen(depth)
        return self.one_of(spelled(PRIMARY, "size(", of, ")"), spelled(PRIMARY, of, ".size()"))

    def summed(self, kind: Kind, depth: int) -> Text:
        bodies = self.one_of((kind,), (Kind.BOOL, kind))
        of = self.macro(self.chosen(depth), "map", bodies, depth)
        return Text(f"{of.ours}.sum()", f"{of.cel}.sum_of_{kind.value}()", PRIMARY)


def _of(kind: Kind, form: Callable[[Writer, Kind, int], Text]) -> Callable[[Writer, int], Text]:
    return lambda writer, depth: form(writer, kind, depth)


_NUMBERS: Final = (Writer.of_numbers, Writer.of_numbers, Writer.negative, Writer.choice)
FORMS: Final[Mapping[Kind, tuple[Callable[[Writer, int], Text], ...]]] = {
    Kind.INT: (*(_of(Kind.INT, form) for form in _NUMBERS), Writer.quotient, Writer.truncated, Writer.length),
    Kind.DECIMAL: (*(_of(Kind.DECIMAL, form) for form in _NUMBERS), Writer.half),
    Kind.STRING: (_of(Kind.STRING, Writer.choice),),
    Kind.BOOL: (
        *(Writer.connected, Writer.connected, Writer.connected, Writer.negated, Writer.compared, Writer.compared),
        *(Writer.listed, Writer.asked, Writer.there, _of(Kind.BOOL, Writer.choice)),
    ),
}
AGGREGATES: Final[Mapping[Kind, tuple[Callable[[Writer, int], Text], ...]]] = {
    Kind.INT: (Writer.counted, _of(Kind.INT, Writer.summed)),
    Kind.DECIMAL: (_of(Kind.DECIMAL, Writer.summed),),
    Kind.STRING: (),
    Kind.BOOL: (Writer.quantified, Writer.quantified, Writer.quantified),
}


@st.composite
def expressions(draw: st.DrawFn) -> Text:
    """A well-typed expression; more often than not a condition."""
    writer = Writer(draw)
    return writer.write(writer.one_of(Kind.BOOL, Kind.BOOL, Kind.BOOL, *TYPES), writer.one_of(1, 2, 3, 3))


# both sides


@cache
def environment() -> cel.Env:
    """CEL with the facts of the strategies, and the sums that it has not."""
    listed = cel.Type.List(cel.Type.DYN)

    def summing(kind: Kind, zero: float) -> cel.FunctionDecl:
        name = f"sum_of_{kind.value}"
        overload = cel.Overload(
            name, CEL_TYPES[kind], [listed], is_member=True, impl=lambda values: sum(values, start=zero)
        )
        return cel.FunctionDecl(name, [overload])

    events = cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))
    return cel.NewEnv(
        variables={
            **{name: CEL_TYPES[one.type.kind] for name, one in COLUMNS.items()},
            **dict.fromkeys(TABLES, events),
        },
        functions=[summing(Kind.INT, 0), summing(Kind.DECIMAL, 0.0)],
    )


def by_us(text: str, *several: Given) -> list[Any] | Refusal:
    """The value for each of several subjects, NONE where it is unknown."""
    found = compiled(text, COLUMNS, dict.fromkeys(TABLES, COLUMNS))
    if isinstance(found, Refusal):
        return found
    values = []
    for one in several:
        rows = {table: [ours_of(row) for row in one[table]] if one[table] is not None else MISSING for table in TABLES}
        value = evaluated(found, ours_of({name: one[name] for name in COLUMNS}), rows)
        values.append(NONE if isinstance(value, Unknown) else value)
    return values


def accepted(text: str, *several: Given) -> list[Any]:
    """The values of an expression that has to be one."""
    found = by_us(text, *several)
    assert not isinstance(found, Refusal), str(found)
    return found


def by_cel(text: str, *several: Given) -> list[Any]:
    """The value for each of several subjects, NONE where it is an error."""
    program = environment().compile(text)
    values = []
    for one in several:
        tables = {table: [cel_of(row) for row in one[table]] for table in TABLES if one[table] is not None}
        found = program.eval(data={**cel_of({name: one[name] for name in COLUMNS}), **tables})
        value = found.plain_value()
        value = Decimal(repr(value)) if isinstance(value, float) else value
        values.append(NONE if found.type() == cel.Type.ERROR else value)
    return values


def typed(values: Sequence[Any]) -> list[tuple[type, Any]]:
    """Values that differ where their types do: 1, true and 1.0 are three."""
    return [(type(value), value) for value in values]


# the laws


@given(st.lists(expressions(), min_size=1, max_size=8), st.lists(facts(), min_size=1, max_size=3))
def test_an_expression_means_the_same(texts: list[Text], several: list[Given]) -> None:
    """A well-typed expression gives CEL's value, and is unknown exactly where CEL has an error."""
    for text in texts:
        theirs = by_cel(text.cel, *several)
        ours = by_us(text.ours, *several)
        if isinstance(ours, Refusal):
            event("refused: " + ", ".join(sorted(ours.codes)))
            assert ours.codes <= REFUSED, str(ours)
        else:
            assert typed(ours) == typed(theirs), text.ours


def test_most_expressions_are_accepted() -> None:
    """The law above is not empty: it accepts nearly all that it looks at, and most has a value."""
    seen: Counter[str] = Counter()

    @given(expressions(), facts())
    def look(text: Text, one: Given) -> None:
        found = by_us(text.ours, one)
        seen["all"] += 1
        seen["accepted"] += not isinstance(found, Refusal)
        seen["known"] += not isinstance(found, Refusal) and found[0] is not NONE

    look()
    assert seen["accepted"] >= 0.8 * seen["all"]
    assert seen["known"] >= 0.3 * seen["all"]


_TOKENS: Final = re.compile(r"'[^']*'|[\w.]+|[&|=]{2}|[<>!]=?|\S")
_OTHERS: Final = ("+", "-", "<", "==", "&&", "||", "!", "?", ":", "in", "(", ")", ".", ",", "b", "n", "true")


def changed(tokens: list[str], at: int, other: str | None) -> str:
    """The expression with another token at a place; None: without the token, or without the brackets that it opens."""
    found = list(tokens)
    if other is None and found[at] == "(":
        depths = accumulate({"(": 1, ")": -1}.get(token, 0) for token in found[at:])
        end = next((place for place, depth in enumerate(depths, at) if not depth), at)
        del found[end]
    found[at : at + 1] = [] if other is None else [other]
    return " ".join(found)


def is_cel(text: str) -> bool:
    """Whether CEL's checker takes a text; it knows the types of facts only, so they stand in for fields of events."""
    stated = re.sub(r"\b(v|one)\.", "", re.sub(r"\bhas \( (v|one)\.\w+ \)", "true", text))
    try:
        environment().compile(stated)
        environment().compile(text)
    except RuntimeError:
        return False
    return True


@given(expressions(), facts(), st.lists(st.sampled_from(_OTHERS), max_size=4, unique=True))
def test_what_both_accept_means_the_same(text: Text, one: Given, others: list[str]) -> None:
    """An expression that lost or changed a part is refused by one of the two, or means the same in both."""
    # a divisor must stay what it is, or doubles are not exact
    tokens = _TOKENS.findall(text.ours.replace("// a note", "").replace("/", "-"))
    for at, other in product(range(len(tokens)), (None, *others)):
        written = changed(tokens, at, other)
        if not is_cel(written):
            continue
        ours = by_us(written, one)
        if isinstance(ours, Refusal):
            event("refused by us")
        else:
            event("accepted by both")
            assert typed(ours) == typed(by_cel(written, one)), written


_ABSENT: Final[Given] = dict.fromkeys((*COLUMNS, *TABLES))
_EDGES: Final[Mapping[str, Sequence[Any]]] = {
    "n": (-7, -2, -1, 0, 1, 2, 7, None),
    "d": (*map(Decimal, ("-2.5", "-2", "-1.5", "-0.5", "0", "0.5", "1", "1.5", "2.5")), None),
    "s": ("", "a", "b", "ab", "A", "é", "😀", "\uffff", None),
    "b": (True, False, None),
}
_EACH: Final = {
    "nds": [f"x {sign} y" for sign in ("==", "!=", "<", "<=", ">", ">=")],
    "nd": [
        *(f"x {one} y {other} x" for one in "+-*" for other in "+-*"),
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
    several = [{**_ABSENT, name: x, f"{name}_maybe": y} for x, y in product(_EDGES[name], repeat=2)]
    ours, theirs = (re.sub(r"\bx\b", name, re.sub(r"\by\b", f"{name}_maybe", text)) for text in (ours, theirs))
    assert typed(accepted(ours, *several)) == typed(by_cel(theirs, *several))


_TRUTHS: Final = (True, False, None)


@pytest.mark.parametrize("connective", ["b {} b_maybe", "!(b {} b_maybe)", "!b {} !b_maybe", "b {} b_maybe {} b"])
@pytest.mark.parametrize("sign", ["&&", "||"])
def test_connectives_absorb(connective: str, sign: str) -> None:
    """`&&` and `||` absorb an unknown operand exactly where CEL absorbs an error, from either side."""
    text = connective.replace("{}", sign)
    several = [{**_ABSENT, "b": left, "b_maybe": right} for left, right in product(_TRUTHS, repeat=2)]
    theirs = by_cel(text, *several)
    assert accepted(text, *several) == theirs
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
    several = [{**_ABSENT, "rows": rows} for length in range(4) for rows in product(events, repeat=length)]
    theirs = by_cel(question, *several)
    assert typed(accepted(question, *several)) == typed(theirs)
    assert len(set(theirs)) > 1


@pytest.mark.parametrize(
    "text",
    ["rows.map(v, v.n_maybe).size()", "size(rows.map(v, v.n_maybe))", "rows.map(v, v.b, v.n_maybe).size()"],
)
def test_size_of_a_map_is_refused(text: str) -> None:
    """A map does not change how many there are, so asking for its size is a slip, and refused."""
    assert isinstance(by_us(text, _ABSENT), Refusal)


@pytest.mark.parametrize("text", ["s.contains()", "'a'.startsWith()", "s.startsWith('a', 'b')", "s.endsWith('a', s)"])
def test_text_is_asked_about_one_text(text: str) -> None:
    """A question about a text with too few or too many arguments is refused, as by CEL."""
    with pytest.raises(RuntimeError):
        by_cel(text, _ABSENT)
    assert isinstance(by_us(text, {**_ABSENT, "s": "a"}), Refusal)


_NAMED: Final = {"\a": "a", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}


@st.composite
def text_literals(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and one of the many ways to write it down."""
    # CEL has no surrogates, and what ends a line is a matter of the file that an expression stands in
    value = draw(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\"'`?/ " + "".join(_NAMED))))
    fence = draw(st.sampled_from(["'", '"', "'''", '"""']))
    lines = set("\r") if len(fence) == 3 else set("\r\n")
    # whether a raw text can end with a backslash is disputed among implementations of CEL
    if draw(st.booleans()) and not set(value) & {*lines, fence[0]} and not value.endswith("\\"):
        return value, draw(st.sampled_from("rR")) + fence + value + fence

    def spell(character: str) -> str:
        code = ord(character)
        ways = [f"\\U{code:08x}"]
        ways += [f"\\u{code:04X}"] if code < 0x10000 else []
        ways += [f"\\x{code:02x}", f"\\X{code:02X}", f"\\{code:03o}"] if code < 0x100 else []
        ways += [f"\\{_NAMED[character]}"] if character in _NAMED else []
        ways += [f"\\{character}"] if character in "\\\"'`?" else []
        plain = character not in {*lines, "\\", fence[0]}
        return str(draw(st.sampled_from([character] * plain * 5 + ways)))

    return value, fence + "".join(map(spell, value)) + fence


@given(text_literals())
def test_text_literals(written: tuple[str, str]) -> None:
    """Every way to write a text is read as CEL reads it."""
    value, literal = written
    assert accepted(literal, _ABSENT) == by_cel(literal, _ABSENT) == [value]


@st.composite
def number_literals(draw: st.DrawFn) -> str:
    """A number with at most 15 digits, which a double shows as it was written, and not more than 12 places."""
    if draw(st.booleans()):
        number = draw(st.integers(-(2**63), 2**63 - 1) | st.integers(-100, 100))
        zeros = "0" * draw(st.integers(0, 3))
        digits = draw(st.sampled_from([f"{zeros}{abs(number)}", f"0x{abs(number):x}", f"0x{zeros}{abs(number):X}"]))
        return f"-{digits}" if number < 0 else digits
    whole, part = draw(st.integers(0, 10**7)), draw(st.text("0123456789", min_size=1, max_size=8))
    power = draw(st.integers(-4, 8))
    exponent = draw(st.sampled_from(["", f"{draw(st.sampled_from('eE'))}{draw(st.sampled_from(['', '+']))}{power}"]))
    exponent = exponent.replace("+-", "-")
    return draw(st.sampled_from(["", "-"])) + draw(st.sampled_from([f"{whole}.{part}", f".{part}"])) + exponent


@given(number_literals())
def test_number_literals(literal: str) -> None:
    """Every way to write a number is read as CEL reads it."""
    assert typed(accepted(literal, _ABSENT)) == typed(by_cel(literal, _ABSENT))
