"""Mutants of Python source: small changes of meaning, each of which some test should notice."""

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, ...]]] = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}
"""The bound moves by one, and the opposite."""
ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "+",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "//",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}
OPPOSITES: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "reversed": "list"}
_SKIPPED: Final = (ast.JoinedStr, ast.Raise, ast.Import, ast.ImportFrom, ast.Assert)
"""Without a place of their own in Python 3.11, or for people only."""
_TYPES: Final = ("annotation", "returns", "decorator_list", "bases")
"""Fields that say of what type something is; they mean nothing when the code runs."""


class Mutant(NamedTuple):
    """A change of one place of a module."""

    line: int
    """From 1."""
    column: int
    """In characters, from 1."""
    start: int
    """Where the replaced text begins in the module, in characters."""
    end: int
    replacement: str

    def apply(self, source: str) -> str:
        return source[: self.start] + self.replacement + source[self.end :]


def find_mutants(source: str) -> list[Mutant]:
    """All mutants of a module, in the order of their places."""
    return sorted(set(_Finder(source).visit_tree()))


class _Finder:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        lines = source.splitlines(keepends=True)
        self.lines = [line.encode() for line in lines]
        self.starts = [0]
        for line in lines:
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, byte_column: int) -> int:
        """A place of the tree, which counts bytes, as a place of the text."""
        return self.starts[line - 1] + len(self.lines[line - 1][:byte_column].decode())

    def span(self, node: ast.expr) -> tuple[int, int]:
        last_line, last_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.offset(node.lineno, node.col_offset), self.offset(last_line, last_column)

    def replace(self, start: int, end: int, replacement: str) -> Mutant:
        line = self.source.count("\n", 0, start) + 1
        column = start - self.starts[line - 1] + 1
        return Mutant(line, column, start, end, replacement)

    def between(self, left: ast.expr, right: ast.expr, operator: str, instead: str) -> Iterator[Mutant]:
        """Another operator between two operands, which may stand in brackets and on lines of their own."""
        start, end = self.span(left)[1], self.span(right)[0]
        position = self.source.find(operator, start, end)
        if position >= 0 and "#" not in self.source[start:position]:
            yield self.replace(position, position + len(operator), instead)

    def visit_tree(self) -> Iterator[Mutant]:
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            yield from self.visit(node)
            for name, value in ast.iter_fields(node):
                if name not in _TYPES:
                    parts = value if isinstance(value, list) else [value]
                    pending += [part for part in parts if isinstance(part, ast.AST) and not isinstance(part, _SKIPPED)]

    def visit(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Compare():
                yield from self.compare(node)
            case ast.BoolOp():
                pair = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                for left, right in zip(node.values, node.values[1:], strict=False):
                    yield from self.between(left, right, *pair)
            case ast.BinOp() if type(node.op) in ARITHMETIC and not self.is_type(node):
                yield from self.between(node.left, node.right, _SIGNS[type(node.op)], ARITHMETIC[type(node.op)])
            case ast.UnaryOp(op=ast.Not() | ast.USub() as operator):
                start = self.span(node)[0]
                yield self.replace(start, start + len(_SIGNS[type(operator)]), "")
            case ast.Constant(value=bool() as truth):
                yield self.replace(*self.span(node), str(not truth))
            case ast.Constant(value=int() as number):
                yield from (self.replace(*self.span(node), str(number + step)) for step in (1, -1))
            case ast.Call(func=ast.Name(id=name) as function) if name in OPPOSITES:
                yield self.replace(*self.span(function), OPPOSITES[name])
            case ast.Return(value=ast.expr() as returned) if not _is_none(returned):
                yield self.replace(*self.span(returned), "None")
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield from self.negate(test)
            case ast.comprehension(ifs=conditions):
                for condition in conditions:
                    yield self.replace(*self.span(condition), "True")

    def compare(self, node: ast.Compare) -> Iterator[Mutant]:
        for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            for instead in COMPARISONS[type(operator)]:
                yield from self.between(left, right, _SIGNS[type(operator)], instead)

    def negate(self, test: ast.expr) -> Iterator[Mutant]:
        """The other branch; a comparison has its opposite already."""
        if not isinstance(test, ast.Compare | ast.NamedExpr) and not isinstance(getattr(test, "op", None), ast.Not):
            start, end = self.span(test)
            yield self.replace(start, end, f"not ({self.source[start:end]})")

    def is_type(self, node: ast.BinOp) -> bool:
        """Whether `a | b` is more likely a type than a union of sets: `int | None`, `Value | Unknown`."""
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        return isinstance(node.op, ast.BitOr) and all(name[0].isupper() or name in _BUILT_IN for name in names)


_BUILT_IN: Final = frozenset({"int", "str", "bool", "date", "datetime", "list", "dict", "tuple"})
_SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Not: "not",
    ast.USub: "-",
}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
