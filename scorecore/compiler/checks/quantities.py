"""Unlike quantities are not added, compared or mixed up: kinds follow from units, expression by expression."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import define, field

from scorecore.compiler.checks.marks import mark_call
from scorecore.compiler.declarations import Declarations
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind, Diagnostics
from scorecore.language.bands import BandTable
from scorecore.language.expressions import (
    HISTORY,
    AccountSoFar,
    AppliesIf,
    Apply,
    ByText,
    Choice,
    Count,
    DependencyValue,
    Expression,
    Field,
    GroupValue,
    Guarded,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    ParameterOn,
    Rate,
    Read,
    Streak,
    SumOver,
    Widened,
    subexpressions,
)
from scorecore.language.printer import print_formula
from scorecore.language.quantities import (
    BY_FIGURE,
    COUNTED,
    DAYS,
    IN_POINTS,
    PLAIN,
    POINTS,
    Kind,
    Kinds,
    divide,
    is_money,
    multiply,
    read_unit,
    unite,
)
from scorecore.language.rows import GreatestOver, KeyedField, LeastOver, Neighbour, SumTo
from scorecore.policy import model as policy
from scorecore.policy.load import Document
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn, Schema
from scorecore.program.steps import Account, AnyStep, Step
from scorecore.values.step_id import StepId

_ALIKE: Final = frozenset({"+", "-", "==", "!=", "<", "<=", ">", ">=", "in", "least", "greatest"})
_CHOOSING: Final = {
    "if": slice(1, None),
    "require": slice(1, None),
    **dict.fromkeys(("negate", "abs", "decimal", "int", "not_negative", "within", "round"), slice(0, 1)),
}
"""Which operands an operator gives one of."""
_PRODUCTS: Final = {
    "*": multiply,
    "round_product": multiply,
    **dict.fromkeys(("/", "quotient", "round_quotient"), divide),
}
_NUMBER_OF_DAYS: Final[Kinds] = frozenset({DAYS, PLAIN})
_SHOWN: Final = 60
"""Characters of a formula that a sentence shows."""


def check_quantities(
    declared: policy.Policy,
    declarations: Declarations,
    dependencies: Mapping[str, Mapping[str, Program]],
    steps: Mapping[StepId, AnyStep],
    documents: Sequence[Document],
    diagnostics: Diagnostics,
) -> None:
    """Refuse what mixes units that are declared; what has no unit takes the other's kind, as a figure does."""
    units = _Units.of(declared, declarations.schema, dependencies)
    check = _Quantities(units, declarations.tables, documents, diagnostics)
    for name, step in steps.items():
        match step:
            case Step(expression=expression):
                written = units.of_result(name)
                check.require(expression, written, str(name))
                units.steps[name] = check.infer(expression) if written is None else written
            case Account():
                units.steps[name] = check.infer_account(step)


@define
class _Units:
    """What names are quantities of."""

    currency: str
    facts: Mapping[str, Kinds]
    fields: Mapping[tuple[str, str], Kinds]
    """Of events, by table and name."""
    written: Mapping[str, Kinds]
    """Of parameters, tables, balances and values, by section and name."""
    dependencies: Mapping[str, Program]
    steps: dict[StepId, Kinds] = field(factory=dict)

    @classmethod
    def of(cls, declared: policy.Policy, schema: Schema, dependencies: Mapping[str, Mapping[str, Program]]) -> "_Units":
        currency = declared.policy.currency
        tables = [(table.name, table.columns) for table in schema.events if not table.use]
        unstated = _of_facts_without_unit(
            [*schema.columns, *(column for _, columns in tables for column in columns)], currency
        )
        return cls(
            currency,
            {column.name: read_unit(column.unit, currency) or unstated for column in schema.columns},
            {
                (name, column.name): read_unit(column.unit, currency) or unstated
                for name, columns in tables
                for column in columns
            },
            {
                f"{section}.{name}": read_unit(part.unit, currency)
                for section in ("parameters", "tables", "carry", "values")
                for name, part in getattr(declared, section).items()
            },
            {f"uses.{name}": next(iter(programs.values())) for name, programs in dependencies.items()},
        )

    def of_result(self, step: StepId) -> Kinds:
        """What the policy says of a step; None where it says nothing."""
        return self.written.get(str(step.owner), _kinds_of_result(step, self.currency))

    def of_name(self, name: str) -> Kinds:
        if name == "period.days":
            return _NUMBER_OF_DAYS
        if name in self.facts:
            return self.facts[name]
        step = StepId.parse(name)
        return self.steps[step] if step in self.steps else self.of_result(step)

    def of_field(self, table: str, name: str) -> Kinds:
        program = self.dependencies.get(table)
        if table == HISTORY:
            return self.of_name(name)
        if program is None:
            return self.fields.get((table, name))
        facts = program.schema.columns
        units = {column.name: read_unit(column.unit, program.currency) for column in facts}
        if name in units:
            return units[name] or _of_facts_without_unit(facts, program.currency)
        return _kinds_of_result(StepId.parse(name), program.currency)


def _of_facts_without_unit(facts: Sequence[FactColumn], currency: str) -> Kinds:
    """Anything but money where another fact says that it is money; anything at all where none says so."""
    stated = (read_unit(column.unit, currency) or () for column in facts)
    return COUNTED if any(is_money(kind) for kinds in stated for kind in kinds) else None


def _kinds_of_result(step: StepId, currency: str) -> Kinds:
    """What points and pay are; a total can be one of amounts."""
    paid = read_unit(currency, currency)
    if step.role or step.section not in {"items", "score", "pay"}:
        return None
    return paid if step.section == "pay" or paid is None else paid | IN_POINTS


@define
class _Quantities:
    """Finds what each expression is a quantity of, and reports what cannot be any."""

    units: _Units
    tables: Mapping[str, BandTable]
    documents: Sequence[Document]
    diagnostics: Diagnostics
    _kinds: dict[int, Kinds] = field(factory=dict)
    """By the identity of nodes, all of which their steps keep."""

    def infer_all(self, expressions: Iterable[Expression]) -> None:
        for expression in expressions:
            self.infer(expression)

    def infer(self, node: Expression) -> Kinds:
        """What a number can be; None where it can be anything, and of what is no number."""
        if id(node) not in self._kinds:
            self.infer_all(subexpressions(node))
            self._kinds[id(node)] = self._infer(node) if node.type.is_number or isinstance(node, Apply) else None
        return self._kinds[id(node)]

    def require(self, node: Expression, expected: Kinds, name: str) -> None:
        """Report a formula that cannot be what the step that it belongs to is; plain numbers can be anything."""
        kinds = self.infer(node)
        if kinds is None or expected is None or PLAIN in kinds or POINTS in kinds or kinds & expected:
            return
        unit = _show(expected)
        params = {"kind": _show(kinds), "name": name, **({"expected": unit} if unit else {})}
        kind = catalogue.OTHER_QUANTITY if unit else catalogue.OTHER_THAN_PLAIN
        self.diagnostics.add(kind, *mark_call(node.place, self.documents), **params)

    def infer_account(self, account: Account) -> Kinds:
        """What an item or the total is: points, or money where it is made of money alone."""
        self.infer_all(
            part for rule in account.entries for part in (rule.when, rule.quantity, rule.to) if part is not None
        )
        parts = (account.opening, *(rule.points for rule in account.entries if rule.points is not None))
        known = [kinds for part in parts if (kinds := self.infer(part)) is not None]
        amounts = [kinds for kinds in known if all(map(is_money, kinds))]
        return self._unite(parts) if amounts and len(amounts) == len(known) else IN_POINTS

    def _infer(self, node: Expression) -> Kinds:
        match node:
            case Apply():
                return self._infer_operator(node)
            case Count() | Streak() | GroupValue(function="rank" | "count_in"):
                return COUNTED
            case SumTo(body=part) | SumOver(body=part) | GreatestOver(body=part) | LeastOver(body=part):
                return self.infer(part)
            case (
                Widened(operand=part) | AppliesIf(value=part) | Guarded(operand=part) | GroupValue(operands=(part, *_))
            ):
                return self.infer(part)
            case ByText(values=parts):
                return self._unite(parts)
            case Choice(exceptions=rows, otherwise=otherwise):
                return self._unite([*(row.value for row in rows), *([otherwise] if otherwise is not None else [])])
        return self._infer_read(node)

    def _infer_read(self, node: Expression) -> Kinds:
        """What is read by a name."""
        match node:
            case Read(name=name):
                return self.units.of_name(name)
            case Field(table=table, name=name) | KeyedField(table=table, name=name) | Neighbour(table=table, name=name):
                return self.units.of_field(table, name)
            case HistoryAt(field=read) | Latest(field=read) | DependencyValue(field=read):
                return self.infer(read)
            case Lookup(table=table, key=key):
                return self._look_up(table, key)
            case Rate(lookup=lookup):
                return self.units.written.get(f"tables.{lookup.table}")
            case ParameterOn(name=name):
                return self.units.written.get(f"parameters.{name}")
            case AccountSoFar():
                return IN_POINTS
        return COUNTED if isinstance(node, Nth) else None

    def _infer_operator(self, node: Apply) -> Kinds:
        operands = node.operands
        if node.operator in _ALIKE:
            return self._unite(operands)
        if node.operator in _CHOOSING:
            return self._unite(operands[_CHOOSING[node.operator]])
        if node.operator in _PRODUCTS:
            return self._combine(node, _PRODUCTS[node.operator](*map(self.infer, operands)))
        if node.operator in {"days", "workdays"}:
            return _NUMBER_OF_DAYS
        return COUNTED if node.type.is_number else None

    def _combine(self, node: Apply, kinds: Kinds) -> Kinds:
        """A product or quotient, unless it has no meaning."""
        if kinds is None or kinds:
            return kinds
        self._report(catalogue.MONEY_BY_MONEY, node, *node.operands)
        return None

    def _unite(self, parts: Sequence[Expression]) -> Kinds:
        """What parts are that are added, compared or chosen from: all of a kind."""
        first, common = None, None
        for part in parts:
            united = unite(common, self.infer(part))
            if first is not None and united is not None and not united:
                self._report(catalogue.UNLIKE_QUANTITIES, part, first, part)
                return None
            if first is None and united is not None:
                first = part
            common = united
        return common

    def _look_up(self, table: str, key: Expression) -> Kinds:
        """What a table gives; a marginal one adds up slices of its key by their rates."""
        values = self.units.written.get(f"tables.{table}")
        if table not in self.tables or self.tables[table].kind != "marginal":
            return values
        product = multiply(self.infer(key), values)
        return values if product is not None and not product else product

    def _report(self, kind: DiagnosticKind, node: Expression, left: Expression, right: Expression) -> None:
        """Of a plain number the sentence says so: it is the second one, wherever it is written."""
        units = {part: _show(self.infer(part) or COUNTED) for part in (left, right)}
        if not units[left]:
            left, right = right, left
        if kind is catalogue.UNLIKE_QUANTITIES and not units[right]:
            kind = catalogue.UNLIKE_PLAIN
        params = {"first": _cut(left), "second": _cut(right), "first_unit": units[left], "second_unit": units[right]}
        self.diagnostics.add(kind, *mark_call(node.place, self.documents), **params)


def _cut(node: Expression) -> str:
    text = print_formula(node)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _show(kinds: frozenset[Kind]) -> str:
    """A kind by its unit; empty for a plain number."""
    return "" if PLAIN in kinds else min(str(kind) for kind in kinds if kind != BY_FIGURE)
