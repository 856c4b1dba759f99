"""CEL text to syntax: the only module that knows cel-python, whose parser gives the grammar and the places."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Final

from lark import Lark, Token, Tree
from lark import __version__ as lark_version
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedToken

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.grammar import MADE_WITH, RULES, SHARED
from scorecore.language.cel.misreadings import CHOICE, find_misreading
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Listing,
    LiteralSyntax,
    Method,
    Name,
    Operation,
    Place,
    Select,
    Syntax,
)
from scorecore.values.types import MAX_INT, PLACES, find_number_fault

LONGEST: Final = 10_000
"""Characters of one expression."""
DEEPEST: Final = 100
"""Parts inside parts; a longer formula reads better as separate values."""
RESERVED: Final = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "package",
        "namespace",
        "null",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
"""Words that CEL reserves; nothing can be named so."""

_OPERATORS: Final = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}


class _Misread(Exception):  # noqa: N818  becomes a problem
    def __init__(self, kind: DiagnosticKind, start: int, length: int = 1, /, **params: object) -> None:
        super().__init__(kind.code)
        self.kind, self.start, self.length, self.params = kind, start, length, params


def parse(snippet: Snippet, diagnostics: Diagnostics) -> Syntax | None:
    """Read an expression; None if it is not one, with the problem at its place in the file."""
    try:
        return _Reader(snippet).read(_tree(_join_digits(snippet.text)), 0)
    except _Misread as misread:
        diagnostics.add(misread.kind, snippet.locate(misread.start), misread.length, **misread.params)
        return None


@cache
def parser() -> Callable[[str], Tree[Token]]:
    """cel-python's parser, out of tables where they are of the installed lark."""
    if lark_version == MADE_WITH["lark"]:
        load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001  what lark's own standalone parsers call
        return load(RULES, SHARED, lexer_callbacks={"IDENT": _identifier}).parse
    from celpy.celparser import CELParser  # noqa: PLC0415  not needed else, and slow

    class Parser(CELParser):
        @staticmethod
        def ambiguous_literals(t: Token) -> Token:
            return _identifier(t)

    shared_parser, CELParser.CEL_PARSER = CELParser.CEL_PARSER, None  # there is one for all that use celpy
    Parser()
    own_parser, CELParser.CEL_PARSER = CELParser.CEL_PARSER, shared_parser
    assert own_parser is not None  # noqa: S101  it has just been built
    return own_parser.parse


def _identifier(token: Token) -> Token:
    """As cel-python distinguishes `true` and `false` from names, but with their place."""
    return Token.new_borrow_pos("BOOL_LIT", token.value, token) if token.value in {"true", "false"} else token


_GROUPED: Final = re.compile(
    r"""([rR]'[^']*'|[rR]"[^"]*"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?<![\w.])[0-9]+(?:_[0-9]+)+(?!\w)""", re.DOTALL
)
"""A text, which stays as it is, or a number with its digits in groups, such as 1_000_000."""


def _join_digits(text: str) -> str:
    """The same text with zeros before a number in place of the underscores in it, so that all places stay."""
    return _GROUPED.sub(lambda found: found[1] or found[0].replace("_", "").zfill(len(found[0])), text)


def _tree(text: str) -> Tree[Token]:
    if len(text) > LONGEST:
        raise _Misread(catalogue.EXPRESSION_TOO_LONG, 0, length=len(text), limit=LONGEST)
    try:
        return parser()(text)
    except UnexpectedToken as error:
        is_end = error.token.type == "$END"  # the parser points at the last token that it liked
        offset, token = (len(text.rstrip()), "") if is_end else (error.token.start_pos or 0, str(error.token))
    except UnexpectedCharacters as error:
        offset = error.pos_in_stream or 0
        token = text[offset]
    except (LarkError, RecursionError):
        raise _Misread(catalogue.UNEXPECTED, 0, text=text[:1]) from None
    misreading = find_misreading(text, offset, token)
    if not misreading.text:
        raise _Misread(catalogue.EXPRESSION_ENDS, offset)
    raise _Misread(catalogue.UNEXPECTED, misreading.start, len(misreading.text), **misreading.params)


class _Reader:
    def __init__(self, snippet: Snippet) -> None:
        self.snippet = snippet
        self.near = 0  # the parser gives `true` and `false` no place; they follow what was read last

    def span(self, node: Tree[Token] | Token) -> tuple[int, int]:
        """Where in the text a node begins, and how long it is."""
        where = node if isinstance(node, Token) else node.meta
        start, end = getattr(where, "start_pos", None), getattr(where, "end_pos", None)
        if start is None or end is None:
            start, end = self.near, self.near + 1
        self.near = start
        return start, max(1, end - start)

    def place(self, node: Tree[Token] | Token) -> Place:
        start, length = self.span(node)
        return Place(self.snippet.locate(start), length)

    def fail(self, kind: DiagnosticKind, node: Tree[Token] | Token, **params: object) -> _Misread:
        return _Misread(kind, *self.span(node), **params)

    def read(self, node: Tree[Token], depth: int) -> Syntax:
        while len(node.children) == 1 and isinstance(node.children[0], Tree) and node.data in _PASSING:
            node = node.children[0]
        if depth > DEEPEST:
            raise self.fail(catalogue.EXPRESSION_TOO_DEEP, node, limit=DEEPEST)
        place = self.place(node)
        children = [child for child in node.children if isinstance(child, Tree)]
        name = str(node.data)
        if name in {"relation", "addition", "multiplication"}:
            left, right = children
            operands = [self.read(_tree_child(left), depth + 1), self.read(right, depth + 1)]
            return Operation(_OPERATORS[str(left.data)], tuple(operands), place)
        if name in _SIMPLE:
            return Operation(_SIMPLE[name], tuple(self.read(child, depth + 1) for child in children), place)
        if name == "unary":
            operator = "not" if children[0].data == "unary_not" else "negate"
            return Operation(operator, (self.read(children[1], depth + 1),), place)
        return self.primary(name, node, place, depth)

    def primary(self, name: str, node: Tree[Token], place: Place, depth: int) -> Syntax:
        tokens = [child for child in node.children if isinstance(child, Token)]
        trees = [child for child in node.children if isinstance(child, Tree)]
        match name:
            case "literal":
                return self.literal(tokens[0])
            case "ident":
                return Name(self.identifier(tokens[0]), place)
            case "ident_arg":
                function = self.identifier(tokens[0])
                return Call(function, self.arguments(trees, depth), place)
            case "member_dot":
                base = self.read(trees[0], depth + 1)
                return Select(base, str(tokens[0]), place)
            case "member_dot_arg":
                base = self.read(trees[0], depth + 1)
                return Method(base, str(tokens[0]), self.arguments(trees[1:], depth), place)
            case "member_index":
                return Index(self.read(trees[0], depth + 1), self.read(trees[1], depth + 1), place)
            case "list_lit":
                return Listing(self.arguments(trees, depth), place)
            case _:
                raise self.fail(catalogue.NOT_IN_POLICIES, node, what=_FOREIGN.get(name, name))

    def arguments(self, trees: list[Tree[Token]], depth: int) -> tuple[Syntax, ...]:
        listed = trees[0].children if trees else []
        return tuple(self.read(child, depth + 1) for child in listed if isinstance(child, Tree))

    def identifier(self, token: Token) -> str:
        if token in RESERVED:
            instead = {"instead": CHOICE} if token == "if" else {}  # noqa: S105  a word of the language
            raise self.fail(catalogue.RESERVED_WORD, token, word=token, **instead)
        return str(token)

    def literal(self, token: Token) -> Syntax:
        place = self.place(token)
        match token.type:
            case "BOOL_LIT":
                return LiteralSyntax(str(token) == "true", place)
            case "INT_LIT":
                negative, digits = token.startswith("-"), token.removeprefix("-")
                base = 16 if digits.startswith("0x") else 10
                number = int(digits, base) if len(digits.lstrip("0x")) < _LONG else _HUGE
                number = -number if negative else number
                if not -MAX_INT - 1 <= number <= MAX_INT:
                    raise self.fail(catalogue.NUMBER_TOO_LARGE, token, number=_short(token))
                return LiteralSyntax(number, place)
            case "FLOAT_LIT":
                return LiteralSyntax(self.decimal(token), place)
            case "STRING_LIT" | "MLSTRING_LIT":
                return LiteralSyntax(self.string(token), place)
            case _:
                absent = {"instead": "!has(…)"} if token.type == "NULL_LIT" else {}
                raise self.fail(catalogue.NOT_IN_POLICIES, token, what=_FOREIGN[token.type], **absent)

    def decimal(self, token: Token) -> Decimal:
        if re.search(r"\.(?!\d)", token):
            raise self.fail(catalogue.UNEXPECTED, token, text=token)
        value = Decimal(str(token))
        kind = find_number_fault(value)
        if kind:
            raise self.fail(kind, token, number=_short(token), places=PLACES)
        return value

    def string(self, token: Token) -> str:
        text, start = str(token), self.span(token)[0]
        raw = text[0] in "rR"
        offset = 1 if raw else 0
        fence = 3 if text[offset : offset + 3] in {'"""', "'''"} else 1
        offset += fence
        end = len(text) - fence
        if (
            raw and text.index(text[offset - fence : offset], offset) != end
        ):  # a backslash protects nothing in a raw text
            raise _Misread(
                catalogue.BAD_ESCAPE,
                start + text.index(text[offset - 1], offset) - 1,
                2,
                escape=f"\\{text[offset - 1]}",
            )
        characters = []
        while offset < end:
            escape = None if raw else _ESCAPE.match(text, offset, end)
            if escape:
                characters.append(_unescape(escape, start))
                offset = escape.end()
            elif text[offset] == "\\" and not raw:
                raise _Misread(catalogue.BAD_ESCAPE, start + offset, 2, escape=text[offset : offset + 2])
            else:
                characters.append(text[offset])
                offset += 1
        return "".join(characters)


def _tree_child(node: Tree[Token]) -> Tree[Token]:
    child = node.children[0]
    assert isinstance(child, Tree)  # noqa: S101  the grammar has nothing else there
    return child


_PASSING: Final = frozenset(
    [
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    ]
)
_SIMPLE: Final = {"expr": "if", "conditionalor": "or", "conditionaland": "and"}
_FOREIGN: Final = {
    "map_lit": "{ }",
    "member_object": "{ }",
    "dot_ident": ".name",
    "dot_ident_arg": ".name()",
    "BYTES_LIT": "b''",
    "UINT_LIT": "1u",
    "NULL_LIT": "null",
}
_LONG: Final = 25
_HUGE: Final = MAX_INT * 10
_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))"
)
_SHORT_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SURROGATES: Final = range(0xD800, 0xE000)
_LAST_CODE_POINT: Final = 0x10FFFF


def _unescape(escape: re.Match[str], start: int) -> str:
    if escape[1]:
        return _SHORT_ESCAPES.get(escape[1], escape[1])
    code = int(escape[5], 8) if escape[5] else int(escape[2] or escape[3] or escape[4], 16)
    if code > _LAST_CODE_POINT or code in _SURROGATES:
        raise _Misread(catalogue.BAD_ESCAPE, start + escape.start(), len(escape[0]), escape=escape[0])
    return chr(code)


def _short(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
