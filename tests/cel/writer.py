"""Draws well-typed expressions, each in both languages."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Final, TypeVar

from attrs import frozen
from hypothesis import strategies as st

from cel.facts import NAMES, TABLES, TYPES, VALUES
from cel.texts import AND, OR, PRIMARY, PRODUCT, RELATION, SUM, TERNARY, UNARY, Text, dyn, spelled
from scorecore.values.types import TypeKind

T = TypeVar("T")


@frozen
class Writer:
    """Writes expressions; with `variable`, about an event of a table."""

    draw: st.DrawFn
    variable: str = ""

    def one_of(self, *alternatives: T) -> T:
        return self.draw(st.sampled_from(alternatives))

    def write(self, kind: TypeKind, depth: int) -> Text:
        """An expression of a kind, with at most `depth` operators inside each other."""
        leaves = (Writer.name, Writer.name, Writer.constant)
        if not depth or not self.draw(st.integers(0, 4)):
            return self.one_of(*leaves)(self, kind)
        forms = FORMS[kind] if self.variable else FORMS[kind] + AGGREGATES[kind]
        return self.one_of(*forms)(self, depth - 1)

    # leaves

    def name(self, kind: TypeKind) -> Text:
        name = self.one_of(*NAMES[kind])
        # an event's expression sees its event and its subject
        return spelled(PRIMARY, f"{self.variable}.{name}" if self.variable and self.draw(st.booleans()) else name)

    def constant(self, kind: TypeKind) -> Text:
        value = self.draw(VALUES[kind])
        text = {TypeKind.STRING: f"'{value}'", TypeKind.BOOL: str(value).lower()}.get(kind, f"{value}")
        return spelled(PRIMARY, f"{value:.1f}" if kind is TypeKind.DECIMAL else text)

    # operators

    def gap(self) -> str:
        return self.one_of("", " ", " ", "\n", " // a note\n")

    def binary(self, sign: str, level: int, left: Text, right: Text) -> Text:
        """`left sign right`, with no more brackets than needed, so that both parsers have to know what binds."""
        before, after = (" ", " ") if sign == "in" else (self.gap(), self.gap())
        left, right = left.in_place_of(level), right.in_place_of(level + 1)
        return spelled(level, left, before, sign, after, right)

    def of_numbers(self, kind: TypeKind, depth: int) -> Text:
        sign = self.one_of("+", "-", "*")
        operands = (self.write(kind, depth), self.write(kind, depth))
        return self.binary(sign, PRODUCT if sign == "*" else SUM, *operands)

    def negative(self, kind: TypeKind, depth: int) -> Text:
        return spelled(UNARY, "-", self.write(kind, depth).in_place_of(UNARY))

    def quotient(self, depth: int) -> Text:
        left, right = self.write(TypeKind.INT, depth), self.write(TypeKind.INT, depth)
        theirs = self.binary("/", PRODUCT, left, right)
        return Text(f"quotient({left.ours}, {right.ours})", f"({theirs.cel})", PRIMARY)

    def half(self, depth: int) -> Text:
        # a divisor that keeps doubles exact
        return self.binary(
            "/", PRODUCT, self.write(TypeKind.DECIMAL, depth), spelled(PRIMARY, self.one_of("2.0", "-0.5"))
        )

    def truncated(self, depth: int) -> Text:
        return spelled(PRIMARY, "int(", self.write(TypeKind.DECIMAL, depth), ")")

    def length(self, depth: int) -> Text:
        operand = self.write(TypeKind.STRING, depth)
        return self.one_of(
            spelled(PRIMARY, "size(", operand, ")"), spelled(PRIMARY, operand.in_place_of(PRIMARY), ".size()")
        )

    def choice(self, kind: TypeKind, depth: int) -> Text:
        condition, then, otherwise = (self.write(operand_kind, depth) for operand_kind in (TypeKind.BOOL, kind, kind))
        return spelled(TERNARY, condition.in_place_of(OR), " ? ", then.in_place_of(OR), " : ", otherwise)

    def connected(self, depth: int) -> Text:
        sign, level = self.one_of(("&&", AND), ("||", OR))
        return self.binary(sign, level, self.write(TypeKind.BOOL, depth), self.write(TypeKind.BOOL, depth))

    def negated(self, depth: int) -> Text:
        return spelled(UNARY, "!", self.write(TypeKind.BOOL, depth).in_place_of(UNARY))

    def compared(self, depth: int) -> Text:
        left, right = self.one_of(
            *product((TypeKind.INT, TypeKind.DECIMAL), repeat=2), *[(kind, kind) for kind in TYPES]
        )
        signs = ("==", "!=") if left is TypeKind.BOOL else ("==", "!=", "<", "<=", ">", ">=")
        first, second = self.write(left, depth), self.write(right, depth)
        return self.binary(self.one_of(*signs), RELATION, first if left is right else dyn(first), second)

    def listed(self, depth: int) -> Text:
        kind, among = self.one_of(
            (TypeKind.INT, TypeKind.INT),
            (TypeKind.DECIMAL, TypeKind.DECIMAL),
            (TypeKind.STRING, TypeKind.STRING),
            (TypeKind.INT, TypeKind.DECIMAL),
        )
        operand = self.write(kind, depth)
        items = [self.constant(among).ours for _ in range(self.one_of(0, 1, 2, 3))]
        return self.binary(
            "in", RELATION, operand if kind is among else dyn(operand), spelled(PRIMARY, f"[{', '.join(items)}]")
        )

    def asked(self, depth: int) -> Text:
        method = self.one_of("contains", "startsWith", "endsWith")
        text, part = self.write(TypeKind.STRING, depth), self.write(TypeKind.STRING, depth)
        return spelled(PRIMARY, text.in_place_of(PRIMARY), f".{method}(", part, ")")

    def there(self, depth: int) -> Text:
        if not self.variable:
            return self.connected(depth)  # CEL's `has` is about fields only
        return spelled(PRIMARY, f"has({self.variable}.{NAMES[self.one_of(*TYPES)][1]})")

    # tables of events

    def chosen(self, depth: int) -> Text:
        """A table, and perhaps filters."""
        table = spelled(PRIMARY, self.one_of(*TABLES))
        for _ in range(self.one_of(0, 0, 1, 1, 2)):
            table = self.macro(table, "filter", (TypeKind.BOOL,), depth)
        return table

    def macro(self, base: Text, name: str, bodies: Sequence[TypeKind], depth: int) -> Text:
        variable = self.one_of("v", "one")
        inside = Writer(self.draw, variable)
        written = [part for kind in bodies for part in (", ", inside.write(kind, depth))]
        return spelled(PRIMARY, base, f".{name}({variable}", *written, ")")

    def quantified(self, depth: int) -> Text:
        return self.macro(self.chosen(depth), self.one_of("exists", "all", "exists_one"), (TypeKind.BOOL,), depth)

    def counted(self, depth: int) -> Text:
        operand = self.chosen(depth)
        return self.one_of(spelled(PRIMARY, "size(", operand, ")"), spelled(PRIMARY, operand, ".size()"))

    def summed(self, kind: TypeKind, depth: int) -> Text:
        bodies = self.one_of((kind,), (TypeKind.BOOL, kind))
        operand = self.macro(self.chosen(depth), "map", bodies, depth)
        return Text(f"{operand.ours}.sum()", f"{operand.cel}.sum_of_{kind.value}()", PRIMARY)


def _of(kind: TypeKind, form: Callable[[Writer, TypeKind, int], Text]) -> Callable[[Writer, int], Text]:
    return lambda writer, depth: form(writer, kind, depth)


_NUMBERS: Final = (Writer.of_numbers, Writer.of_numbers, Writer.negative, Writer.choice)
FORMS: Final[Mapping[TypeKind, tuple[Callable[[Writer, int], Text], ...]]] = {
    TypeKind.INT: (*(_of(TypeKind.INT, form) for form in _NUMBERS), Writer.quotient, Writer.truncated, Writer.length),
    TypeKind.DECIMAL: (*(_of(TypeKind.DECIMAL, form) for form in _NUMBERS), Writer.half),
    TypeKind.STRING: (_of(TypeKind.STRING, Writer.choice),),
    TypeKind.BOOL: (
        *(Writer.connected, Writer.connected, Writer.connected, Writer.negated, Writer.compared, Writer.compared),
        *(Writer.listed, Writer.asked, Writer.there, _of(TypeKind.BOOL, Writer.choice)),
    ),
}
AGGREGATES: Final[Mapping[TypeKind, tuple[Callable[[Writer, int], Text], ...]]] = {
    TypeKind.INT: (Writer.counted, _of(TypeKind.INT, Writer.summed)),
    TypeKind.DECIMAL: (_of(TypeKind.DECIMAL, Writer.summed),),
    TypeKind.STRING: (),
    TypeKind.BOOL: (Writer.quantified, Writer.quantified, Writer.quantified),
}


@st.composite
def expressions(draw: st.DrawFn) -> Text:
    """A well-typed expression; more often than not a condition."""
    writer = Writer(draw)
    return writer.write(writer.one_of(TypeKind.BOOL, TypeKind.BOOL, TypeKind.BOOL, *TYPES), writer.one_of(1, 2, 3, 3))
