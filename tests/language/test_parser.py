"""CEL text to syntax: what is read, in which order of precedence, and where each part of it stands."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Final

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from lark import Tree
from lark.exceptions import LarkError

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.language.cel import parser
from scorecore.language.cel.parser import parse
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Listing,
    LiteralSyntax,
    Method,
    Name,
    Operation,
    Select,
    Syntax,
    children,
)
from scorecore.policy import toml as document

Span = tuple[int, int]
TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, MEMBER = range(8)
LEVELS: Final = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), RELATION),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys("*/%", PRODUCT),
}
SIGNS: Final = {"or": "||", "and": "&&"}

names = st.sampled_from(["a", "b2", "_x", "volume", "in_stock", "e1", "trueish"])
words = st.text(st.sampled_from("a'\"\\ 中\n(]|"), max_size=3)
constants = st.one_of(
    st.booleans(),
    st.integers(0, 2**63 - 1),
    st.decimals(0, 10**6, places=3),
    words,
)


def operations(inner: st.SearchStrategy[Syntax]) -> st.SearchStrategy[Syntax]:
    arguments = st.lists(inner, max_size=2).map(tuple)
    return st.one_of(
        st.builds(lambda sign, *two: at(Operation, sign, two), st.sampled_from(list(LEVELS)), inner, inner),
        st.builds(lambda sign, operand: at(Operation, sign, (operand,)), st.sampled_from(["not", "negate"]), inner),
        st.builds(lambda *three: at(Operation, "if", three), inner, inner, inner),
        st.builds(lambda base, name: at(Select, base, name), inner, names),
        st.builds(lambda base, index: at(Index, base, index), inner, inner),
        st.builds(lambda base, name, call_arguments: at(Method, base, name, call_arguments), inner, names, arguments),
        st.builds(lambda name, passed: at(Call, name, passed), names, arguments),
        arguments.map(lambda items: at(Listing, items)),
    )


def at(build: Callable[..., Syntax], *values: Any) -> Syntax:
    return build(*values, None)  # a place counts for nothing where trees are compared


trees = st.recursive(
    names.map(lambda name: at(Name, name)) | constants.map(lambda value: at(LiteralSyntax, value)),
    operations,
    max_leaves=8,
)


@define
class Writer:
    """Writes a tree as CEL, with blanks and needless brackets here and there, and notes where each part stands."""

    draw: Callable[..., Any]
    text: str = ""
    spans: list[Span] = field(factory=list)
    """Of each part, in the order in which parts begin to be written."""
    ends: list[int] = field(factory=list)
    """Where a token ends, or blanks behind it."""

    def token(self, text: str) -> Span:
        start = len(self.text)
        self.text += text
        span = start, len(self.text)
        self.text += self.draw(st.sampled_from(["", "", " ", "\n", " \t "]))
        self.ends.append(len(self.text))
        return span

    def blank(self) -> None:
        """Between what would be one word."""
        self.text += "" if self.text[-1:].isspace() else " "

    def write(self, syntax: Syntax, least: int = TERNARY) -> Span:
        """A part, in brackets where it binds less than it has to."""
        if self.level(syntax) >= least and self.draw(st.integers(0, 9)) < 9:
            return self.plain(syntax)
        start, _ = self.token("(")
        self.plain(syntax)
        return start, self.token(")")[1]

    def plain(self, syntax: Syntax) -> Span:
        mine = len(self.spans)
        self.spans.append((0, 0))
        self.spans[mine] = self.bare(syntax)
        return self.spans[mine]

    def level(self, syntax: Syntax) -> int:
        if not isinstance(syntax, Operation):
            return MEMBER
        if syntax.operator in {"not", "negate"}:
            return UNARY
        return LEVELS.get(syntax.operator, TERNARY)

    def bare(self, syntax: Syntax) -> Span:
        match syntax:
            case LiteralSyntax(value):
                return self.token(self.constant(value))
            case Name(name):
                return self.token(name)
            case Operation("if", (when, then, otherwise)):
                start, _ = self.write(when, OR)
                self.token("?")
                self.write(then, OR)
                self.token(":")
                return start, self.write(otherwise)[1]
            case Operation("not" | "negate" as operator, (operand,)):
                return self.unary(operator, operand)
            case Operation(operator, (left, right)):
                level = LEVELS[operator]
                start, _ = self.write(left, level)
                self.blank()
                self.token(SIGNS.get(operator, operator))
                self.blank()
                return start, self.write(right, level + 1)[1]
            case Listing(items):
                start, _ = self.token("[")
                self.several(items)
                return start, self.token("]")[1]
            case Call(function, arguments):
                start, _ = self.token(function)
                return start, self.given(arguments)
            case _:
                return self.member(syntax)

    def unary(self, operator: str, operand: Syntax) -> Span:
        start, _ = self.token("!" if operator == "not" else "-")
        self.blank()  # a number right behind the sign would be a negative number
        repeated = isinstance(operand, Operation) and operand.operator == operator
        return start, self.write(operand, UNARY if repeated else MEMBER)[1]

    def member(self, syntax: Syntax) -> Span:
        base, *_ = children(syntax)
        start, _ = self.write(base, MEMBER)
        if isinstance(syntax, Index):
            self.token("[")
            self.write(syntax.index)
            return start, self.token("]")[1]
        self.blank()  # the point of a number would go on
        self.token(".")
        if isinstance(syntax, Method):
            self.token(syntax.method)
            return start, self.given(syntax.arguments)
        assert isinstance(syntax, Select)
        return start, self.token(syntax.member)[1]

    def given(self, arguments: tuple[Syntax, ...]) -> int:
        self.token("(")
        self.several(arguments)
        return self.token(")")[1]

    def several(self, items: tuple[Syntax, ...]) -> None:
        for number, argument in enumerate(items):
            if number:
                self.token(",")
            self.write(argument)

    def constant(self, value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
            return f'"{escaped}"'
        return f"{value:f}" if isinstance(value, Decimal) else str(value)


@st.composite
def expressions(draw: Callable[..., Any]) -> tuple[Syntax, Writer]:
    tree = draw(trees)
    written = Writer(draw)
    written.write(tree)
    return tree, written


def in_toml(expression: str, draw: Callable[..., Any]) -> tuple[Snippet, list[int]]:
    """The expression as a text of several lines in a TOML file, and where each of its letters stands."""
    text = '# 政策\n[values]\nx.is = """\n'
    offsets = []
    for letter in expression:
        if draw(st.integers(0, 9)) == 9 and not letter.isspace():
            text += "\\\n   "
        offsets.append(len(text))
        needed = letter in {'"', "\\"} or draw(st.integers(0, 9)) == 9
        text += f"\\u{ord(letter):04X}" if needed else letter
    offsets.append(len(text))
    diagnostics = Diagnostics()
    tree = document.read_toml(Source("policy.toml", text + '"""\n'), diagnostics)
    node = tree.get("values", "x", "is") if tree else None
    assert isinstance(node, document.TomlScalar), list(map(str, diagnostics))
    assert node.value == expression
    return node.snippet, offsets


def snippet_of(text: str) -> Snippet:
    return Snippet(text, Source("text", text), range(len(text) + 1))


def read(snippet: Snippet) -> Syntax:
    diagnostics = Diagnostics()
    syntax = parse(snippet, diagnostics)
    assert syntax is not None, list(map(str, diagnostics))
    return syntax


def refused(snippet: Snippet) -> Diagnostic:
    diagnostics = Diagnostics()
    assert parse(snippet, diagnostics) is None
    (diagnostic,) = diagnostics
    return diagnostic


def all_parts(syntax: Syntax) -> list[Syntax]:
    """A tree from the top, each part before its own parts, from left to right."""
    return [syntax, *(piece for part in children(syntax) for piece in all_parts(part))]


@given(example=expressions())
def test_what_is_written_is_read(example: tuple[Syntax, Writer]) -> None:
    """A tree that is written with no more brackets than precedence demands is read as the same tree."""
    tree, written = example
    assert read(snippet_of(written.text)) == tree


@given(example=expressions())
def test_each_part_has_the_place_of_its_own_text(example: tuple[Syntax, Writer]) -> None:
    """The place of each part is that of its own text, from its first letter to its last, without outer brackets."""
    tree, written = example
    source = Source("text", written.text)
    places = [piece.place for piece in all_parts(read(snippet_of(written.text)))]
    assert len(places) == len(all_parts(tree))
    assert [(place.location, place.length) for place in places] == [
        (source.locate(start), end - start) for start, end in written.spans
    ]


@given(
    text=st.text(st.sampled_from('ab1.()[]"\\+-*/?:!&|=<>, \n'), max_size=12)
    | expressions().map(lambda pair: pair[1].text)
)
def test_the_tables_are_those_of_the_grammar(text: str) -> None:
    """Any text is read alike with the tables that were made beforehand, and with cel-python's grammar itself."""
    from_tables, from_grammar = parser.parser(), grammar()
    assert result(from_tables, text) == result(from_grammar, text)


@cache
def grammar() -> Callable[[str], Any]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parser, "MADE_WITH", {"lark": "another version"})
        return parser.parser.__wrapped__()


def result(read: Callable[[str], Any], text: str) -> Any:
    try:
        return places(read(text))
    except LarkError as error:
        return type(error), getattr(error, "pos_in_stream", None)


def places(syntax: Any) -> Any:
    if isinstance(syntax, Tree):
        return str(syntax.data), getattr(syntax.meta, "start_pos", None), *map(places, syntax.children)
    return syntax, syntax.type, syntax.start_pos, syntax.end_pos


@given(example=expressions(), data=st.data())
def test_each_part_is_found_in_a_file(example: tuple[Syntax, Writer], data: st.DataObject) -> None:
    """The place of each part is right in a TOML text of several lines too, with escapes and folded lines."""
    _, written = example
    snippet, offsets = in_toml(written.text, data.draw)
    places = [piece.place.location for piece in all_parts(read(snippet))]
    assert places == [snippet.source.locate(offsets[start]) for start, _ in written.spans]


@pytest.mark.parametrize("text", ["true", "a == true", "f(false)", "[a, true]", "a ? false : b"])
def test_truth_values_have_their_place(text: str) -> None:
    """`true` and `false`, and what they are part of, have the place of their own text."""
    expression = read(snippet_of(text))
    assert (expression.place.location.column, expression.place.length) == (1, len(text))
    truth = next(piece for piece in all_parts(expression) if isinstance(piece, LiteralSyntax))
    word = "true" if truth.value else "false"
    assert (truth.place.location.column, truth.place.length) == (text.index(word) + 1, len(word))


@pytest.mark.parametrize(
    ("text", "equal_text"),
    [
        ("a || b && c", "a || (b && c)"),
        ("a && b == c", "a && (b == c)"),
        ("a < b + c", "a < (b + c)"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b / c", "(a / b) / c"),
        ("a / b * c", "(a / b) * c"),
        ("-a * b", "(-a) * b"),
        ("-a.b", "-(a.b)"),
        ("!a && b", "(!a) && b"),
        ("!a.b(c)[1]", "!((a.b(c))[1])"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("a || b ? c : d || e", "(a || b) ? c : (d || e)"),
        ("a + b in [c]", "(a + b) in [c]"),
        ("a -1", "a - 1"),
        ("a-1", "a - 1"),
    ],
)
def test_precedence(text: str, equal_text: str) -> None:
    """Operators bind as in CEL."""
    assert read(snippet_of(text)) == read(snippet_of(equal_text))


@given(example=expressions(), data=st.data(), wrong=st.sampled_from("§@#$~;\\×“≥、中"))
def test_a_foreign_letter_is_reported_at_its_place(
    example: tuple[Syntax, Writer], data: st.DataObject, wrong: str
) -> None:
    """A letter that means nothing is told at its own line and column, in a TOML text of several lines too."""
    _, written = example
    at_letter = data.draw(st.sampled_from([0, *written.ends]))
    text = written.text[:at_letter] + wrong + written.text[at_letter:]
    snippet, offsets = in_toml(text, data.draw)
    diagnostic = refused(snippet)
    assert diagnostic.kind.code == "SC201"
    assert diagnostic.location == snippet.source.locate(offsets[at_letter])


@given(example=expressions(), data=st.data(), operator=st.sampled_from(["+", "&&", "==", "in ", "?", ".", "["]))
def test_an_early_end_is_reported_after_the_last_letter(
    example: tuple[Syntax, Writer], data: st.DataObject, operator: str
) -> None:
    """An expression that ends where more is expected is told where it ends."""
    _, written = example
    text = f"{written.text} {operator}"
    snippet, offsets = in_toml(text, data.draw)
    diagnostic = refused(snippet)
    assert diagnostic.kind.code == "SC202"
    assert diagnostic.location == snippet.source.locate(offsets[len(text.rstrip())])


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "length"),
    [
        ("a +\n  null", "SC205", 2, 3, 4),
        ("a +\n  while", "SC206", 2, 3, 5),
        ("a +\n  99999999999999999999", "SC207", 2, 3, 20),
        ("a +\n  0.1234567890123", "SC208", 2, 3, 15),
        ('a ==\n  "b\\q"', "SC210", 2, 5, 2),
        ("a == {'b': 1}", "SC205", 1, 6, 8),
        ("a ==\n\n 1u", "SC205", 3, 2, 2),
        (f"a{' + a' * 5000}", "SC203", 1, 1, 1),
        (f"{'(' * 5}a{')' * 5} + {'!' * 120}a", "SC204", 1, 15 + 100, 21),
    ],
)
def test_what_is_not_for_policies_is_reported_at_its_place(
    text: str, code: str, line: int, column: int, length: int
) -> None:
    """What CEL has and policies have not is marked from its first letter to its last."""
    diagnostic = refused(snippet_of(text))
    assert (diagnostic.kind.code, diagnostic.location) == (code, Location("text", line, column))
    assert diagnostic.length == length


@given(text=st.text(st.characters(codec="utf-8") | st.sampled_from("ab1.()[]'\"\\+-*/?:!&|=<> \n"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text is an expression or one problem, which lies in it."""
    diagnostics = Diagnostics()
    syntax = parse(snippet_of(text), diagnostics)
    assert (syntax is None) is (len(diagnostics) == 1)
    for diagnostic in diagnostics:
        assert 1 <= diagnostic.location.line <= text.count("\n") + 1
        assert diagnostic.message()


@pytest.mark.parametrize(
    ("text", "read"),
    [("1_000", 1000), ("-1_0", -10), ("1_000.50", Decimal("1000.50")), ("'1_000'", "1_000"), ("r'1_0\\'", "1_0\\")],
)
def test_digits_are_grouped(text: str, read: Any) -> None:
    """As in TOML; what stands in quotes is a text."""
    literal = parse(snippet_of(text), Diagnostics())
    assert isinstance(literal, LiteralSyntax)
    assert literal.value == read


@pytest.mark.parametrize("text", ["1_", "1__0", "_1 + 1_", "0x1_0", "1_000_"])
def test_underscores_stand_between_digits(text: str) -> None:
    assert parse(snippet_of(text), Diagnostics()) is None
