"""Python source for a program: what the reference evaluator does, without walking.

The source never needs to know about unknown values. `decide` is for a subject whose facts are all known; wherever a
value turns out unknown it gives up. `take_steps` is for the others: it tries each step that reads nothing unknown, and
leaves all other steps to the reference evaluator, which is the specification, and says why.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from attrs import frozen

from scorecore.language.expressions import (
    HISTORY,
    AccountSoFar,
    Apply,
    Constant,
    Count,
    DependencyValue,
    EventFold,
    Exists,
    ExistsOne,
    Expression,
    Field,
    ForAll,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    Nth,
    PrecedingRun,
    Read,
    SumOver,
    constant_value,
)
from scorecore.language.operators import OPERATORS
from scorecore.language.operators.rounding import MODES
from scorecore.language.rows import GreatestOver, KeyedField, LatestField, LeastOver, Neighbour, SumTo
from scorecore.program.model import Program
from scorecore.program.steps import Account, AnyStep, EntryRule, GroupStep, Step, step_inputs
from scorecore.values.types import MAX_DIGITS_UNROUNDED, PLACES


@frozen
class Quotient:
    """The source of a quotient: of its dividend and its divisor, which is zero where it has no value; empty: 1."""

    over: str
    under: str
    digits: int
    """So many at most in both together."""


def _product(left: str, right: str) -> str:
    return f"({left} * {right})" if left and right else left or right


class PythonCodegen:
    """The texts of `make(V, T, K)`, which gives a function that decides. The program is without sugar.

    V are the values of the period by name, T the lookups of the tables, K the constants in `self.constants`.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.constants: list[Any] = []
        self.numbers = count()
        self.names: dict[str, str] = {}
        self.optional = {column.name for column in program.schema.columns if column.optional}
        self.optional_fields = {
            (table.name, column.name) for table in program.schema.events for column in table.columns if column.optional
        }
        tables = [table.name for table in program.schema.events]
        tables += [HISTORY] if program.schema.history else []
        self.tables = {name: f"r{number}_{name.rpartition('.')[2]}" for number, name in enumerate(tables)}
        """The name of each table in the source."""
        for number, step in enumerate(program.steps):
            self.names[step.name] = f"s{number}"
        self.lookups = {table.name: f"t{number}" for number, table in enumerate(program.tables)}
        """The name of each band table in the source."""
        self.checked_holds: set[str] = set()
        self.quotients: dict[str, Quotient] = {}
        """The steps whose values are quotients of two variables."""
        self.numbering: list[str] = []
        """Lines that number the events which the step under way asks about."""
        self.first_rules: dict[str, int] = {}
        """The number of each account's first rule, in the order of the ledger."""
        for number, rule in enumerate(program.ledger):
            self.first_rules.setdefault(rule.account, number)

    def fast_text(self) -> str:
        """`decide(values, rows)` for a subject of whom everything is known."""
        body = [line for step in self.program.steps for line in self.step(step, once=True)]
        values = "".join(f"{self.names[step.name]}, " for step in self.program.steps)
        accounts = [step.name for step in self.program.steps if step.name in self.first_rules]
        if accounts != list(
            self.first_rules
        ):  # an item that reads a later one is computed after it, but written before
            body += ["entries.sort(key=rule_of)"]
        body = ["entries = []", "post = entries.append", *body, f"return ({values}), entries"]
        return self.function("decide(values, rows)", body)

    def careful_text(self) -> str:
        """`take_steps(…)` for a subject of whom something is unknown."""
        body = ["post = entries.append"]
        for number, step in enumerate(self.program.steps):
            name = self.names[step.name]
            body += [
                f"if unknown.isdisjoint({self.constant(_needed_inputs(step))}):",
                "  done = len(entries)",
                "  try:",
            ]
            body += [f"    {line}" for line in self.step(step, once=False)]
            body += [f"    values[{str(step.name)!r}] = {name}", "  except GIVEN_UP:", "    del entries[done:]"]
            body += [f"    {name} = walk({number})", f"else: {name} = walk({number})"]
        return self.function("take_steps(values, rows, entries, unknown, walk)", body)

    def function(self, head: str, body: Sequence[str]) -> str:
        """`make(V, T, K)`, which gives the function."""
        shared = [name for name in self.names if name.startswith(("parameters.", "period."))]
        facts = [column.name for column in self.program.schema.columns if column.name in self.names]
        lines = ["def make(V, T, K):"]
        lines += [f"  {self.names[name]} = V[{name!r}]" for name in shared]
        lines += [f"  {short} = T[{name!r}]" for name, short in self.lookups.items()]
        if self.constants:
            lines += [f"  {''.join(f'k{number}, ' for number in range(len(self.constants)))}= K"]
        lines += [f"  def made_{head}:"]
        lines += [f"    {self.names[name]} = values[{name!r}]" for name in facts]
        lines += [f"    {short} = rows[{name!r}]" for name, short in self.tables.items()]
        lines += [f"    {line}" for line in body]
        return "\n".join([*lines, f"  return made_{head.partition('(')[0]}", ""])

    def step(self, step: AnyStep, *, once: bool) -> list[str]:
        """The lines of a step; what holds it need be asked only `once` where the first that holds ends it all."""
        lines = list(self.step_lines(step, once=once))
        numbering, self.numbering = self.numbering, []
        return numbering + lines

    def step_lines(self, step: AnyStep, *, once: bool) -> Iterator[str]:
        name = self.names[step.name]
        for hold in step.held_by:
            if not (once and hold in self.checked_holds):
                self.checked_holds.add(hold)
                yield f"if {self.names[hold]}: raise FallBackToReference"
        if isinstance(step, Step):
            quotient = self.quotient(step.expression) if once else None
            if quotient is None:
                yield f"{name} = {self.text(step.expression)}"
            else:  # what reads it in the same function rounds, or continues with, its parts
                yield f"{name}_over = {quotient.over}"
                yield f"{name}_under = {quotient.under}"
                yield f"{name} = quotient({name}_over, {name}_under)"
                self.quotients[step.name] = Quotient(f"{name}_over", f"{name}_under", quotient.digits)
        elif isinstance(step, GroupStep):
            yield f"{name} = values[{str(step.name)!r}]"
        else:
            yield from self.account(step, self.first_rules.get(step.name, 0), f"a_{name}")

    def account(self, account: Account, rule_number: int, so_far: str) -> Iterator[str]:
        yield f"{so_far} = {self.text(account.opening)}"
        if account.opens_with:
            yield f"if {so_far}: post(({rule_number}, None, {so_far}, -1))"
            rule_number += 1
        for number, rule in enumerate(account.entries, rule_number):
            lines = self.rule(rule, number, so_far)
            if rule.each:
                rows = self.tables[rule.each]
                yield f"if {rows}:"
                yield f"  for i, e in enumerate({rows}):"
                yield from (f"    {line}" for line in lines)
            else:
                yield from lines
        yield f"{self.names[account.name]} = {so_far}"

    def rule(self, rule: EntryRule, number: int, so_far: str) -> Iterator[str]:
        indent = ""
        if rule.when is not None:
            yield f"if {self.text(rule.when, so_far)}:"
            indent = "  "
        quantity = "None" if rule.quantity is None else self.text(rule.quantity, so_far)
        event = "i" if rule.each else "-1"
        if rule.points is not None:
            yield f"{indent}p = {self.text(rule.points, so_far)}"
            yield f"{indent}post(({number}, {quantity}, p, {event}))"
            yield f"{indent}{so_far} += p"
            return
        assert rule.to is not None  # noqa: S101  a rule adds or sets
        yield f"{indent}p = {self.text(rule.to, so_far)}"
        posting = f"post(({number}, {quantity}, p - {so_far}, {event}))"
        yield f"{indent}{posting}" if rule.when is not None else f"if p != {so_far}: {posting}"
        yield f"{indent}{so_far} = p"

    def constant(self, value: Any) -> str:  # noqa: ANN401  a constant, options of an operator, a set of names
        """A constant by its name in K."""
        if isinstance(value, bool | int):
            return f"({value})"
        for number, constant in enumerate(self.constants):
            if type(constant) is type(value) and constant == value:
                return f"k{number}"
        self.constants.append(value)
        return f"k{len(self.constants) - 1}"

    def read(self, name: str) -> str:
        if name not in self.names:
            self.names[name] = f"f_{name}" if "." not in name else f"v{len(self.names)}"
        return self.names[name]

    def text(self, expression: Expression, so_far: str = "") -> str:
        """The text of an expression; the event is `e`."""
        match expression:
            case Constant():
                return self.constant(constant_value(expression))
            case Read(name=name):
                text = self.read(name)
                return f"need({text})" if name in self.optional else text
            case Field(table=table, name=name):
                text = f"e[{str(name)!r}]"
                return f"need({text})" if (table, name) in self.optional_fields or table == HISTORY else text
            case AccountSoFar():
                return so_far
            case Has(operand=operand):
                return self.has(operand)
            case Lookup(table=table, key=key):
                return f"{self.lookups[table]}({self.text(key, so_far)})"
            case Apply():
                return self.operator(expression, so_far)
            case KeyedField(table=table, name=name):
                return f"need({self.row_with_key(expression)}[{str(name)!r}])"
            case Neighbour():
                return f"need({self.nth(expression)})"
            case Nth():
                return self.nth(expression)
        return self.rows_value(expression)

    def rows_value(self, expression: Expression) -> str:
        """What is made from rows: of events, of history, of decisions of other policies."""
        match expression:
            case HistoryAt(field=field, ago=ago):
                return f"at({self.tables[HISTORY]}, {ago}, {str(field.name)!r})"
            case Latest(field=field, default=default):
                return f"last({self.tables[HISTORY]}, {str(field.name)!r}, {self.text(default)})"
            case PrecedingRun(condition=condition):
                return f"run({self.tables[HISTORY]}, lambda e: {self.text(condition)})"
            case DependencyValue(field=field):
                return f"only({self.tables[field.table]}, {str(field.name)!r})"
            case EventFold():
                return self.fold(expression)
        raise TypeError(expression)

    def quotient(self, expression: Expression, so_far: str = "") -> "Quotient | None":
        """What a product or quotient is made of, where this is plain numbers; None otherwise."""
        match expression:
            case Read(name=name) if name in self.quotients:
                return self.quotients[name]
            case Apply(operator="*" | "/" as operator, operands=operands) if expression.type.is_ratio:
                left, right = (self.factor(operand, so_far) for operand in operands)
                if left is None or right is None or left.digits + right.digits > MAX_DIGITS_UNROUNDED:
                    return None
                if operator == "/":
                    if right.under and not isinstance(operands[1], Read):
                        return None  # turned over, a divisor that has no value for its own zero would be zero
                    right = Quotient(right.under, right.over, right.digits)
                over, under = _product(left.over, right.over), _product(left.under, right.under)
                return Quotient(over, under, left.digits + right.digits)
        return None

    def factor(self, expression: Expression, so_far: str) -> "Quotient | None":
        """A factor, or what it is made of."""
        number = expression.type
        if number.is_ratio:
            return self.quotient(expression, so_far)
        digits = len(str(number.magnitude)) + number.places
        return Quotient(self.text(expression, so_far), "", digits) if number.ends else None

    def rounded(self, applied: Apply, so_far: str) -> str | None:
        """The source of a rounding, or of a comparison with a decimal, of what is made of plain numbers."""
        operands = applied.operands
        match applied.operator:
            case "round":
                quotient = self.quotient(operands[0], so_far)
            case "round_product" | "round_quotient" as name:
                inside = "*" if name == "round_product" else "/"
                exact = OPERATORS[inside].type(*(operand.type for operand in operands))
                quotient = (
                    self.quotient(Apply(exact, applied.place, inside, operands), so_far) if exact.is_ratio else None
                )
            case "<" | "<=" | ">" | ">=" | "==" | "!=" as sign if operands[1].type.is_number and operands[1].type.ends:
                quotient = self.quotient(operands[0], so_far)
                if quotient is None:
                    return None
                return f"(divide({quotient.over}, {quotient.under}) {sign} {self.text(operands[1], so_far)})"
            case _:
                return None
        if quotient is None:
            return None
        places, mode = applied.options
        return f"(divide({quotient.over}, {quotient.under}).quantize(E{places}, {MODES[mode]}, ROUNDING))"

    def operator(self, applied: Apply, so_far: str) -> str:
        rounded = self.rounded(applied, so_far)
        if rounded is not None:
            return rounded
        name, operands, options = applied.operator, applied.operands, applied.options
        template = _cut_source(applied) or OPERATORS[name].source(*(operand.type for operand in operands), *options)
        texts = [self.text(operand, so_far) for operand in operands]
        fills = {"options": self.constant(options)} if "{options}" in template else {}
        if "{left}" in template:  # names for operands that are mentioned twice
            fills |= {side: f"{side}{next(self.numbers)}" for side in ("left", "right")}
        return f"({template.format(*texts, **fills)})"

    def nth(self, nth: Nth) -> str:
        name = f"n{next(self.numbers)}"
        by = "None" if nth.by is None else self.text(nth.by)
        where = "True" if nth.where is None else self.text(nth.where)
        place = f"({', '.join(map(self.text, nth.orders))})" if nth.further else self.text(nth.order)
        if isinstance(nth, SumTo):
            zero = self.constant(Decimal(0)) if nth.type.is_decimal else "0"
            asked = f"lambda e: ({where}, {by}, {place}, {self.text(nth.body)})"
            self.numbering.append(f"{name} = summed_to({self.tables[nth.table]}, {asked}, {zero})")
        else:
            asked = f"lambda e: ({where}, {by}, {place})"
            if isinstance(nth, Neighbour):
                self.numbering.append(f"{name} = neighbours({self.tables[nth.table]}, {asked}, {nth.is_next})")
                return f"need({name}[id(e)]).get({str(nth.name)!r})"
            self.numbering.append(f"{name} = numbered({self.tables[nth.table]}, {asked})")
        return f"need({name}[id(e)])"

    def row_with_key(self, node: KeyedField, otherwise: str = "") -> str:
        """The row of a table whose key is as it has to be."""
        names, keys = self.constant(node.key_names), "".join(f"{self.text(key)}, " for key in node.keys)
        find = "latest" if isinstance(node, LatestField) else "keyed"
        return f"{find}({self.tables[node.table]}, {names}, ({keys}){otherwise})"

    def has(self, operand: Read | Field | KeyedField | Neighbour | HistoryAt | DependencyValue) -> str:
        match operand:
            case Neighbour():
                return f"({self.nth(operand)} is not None)"
            case KeyedField(name=name):
                return f"({self.row_with_key(operand, ', {}')}.get({str(name)!r}) is not None)"
            case DependencyValue(field=field):
                rows = self.tables[field.table]
                return f"(bool({rows}) and {rows}[0][{str(field.name)!r}] is not None)"
            case HistoryAt(field=field, ago=ago):
                return f"decided({self.tables[HISTORY]}, {ago}, {str(field.name)!r})"
            case Field(name=name):
                return f"(e[{str(name)!r}] is not None)"
            case Read(name=name):
                return f"({self.read(name)} is not None)"

    def fold(self, fold: EventFold) -> str:
        rows = self.tables[fold.table]
        where = f" if {self.text(fold.where)}" if fold.where is not None else ""
        match fold:
            case Count():
                return f"(len([1 for e in {rows}{where}]) if {rows} else 0)" if where else f"len({rows})"
            case GreatestOver(body=body) | LeastOver(body=body):
                extreme = "max" if isinstance(fold, GreatestOver) else "min"
                return f"need({extreme}([{self.text(body)} for e in {rows}{where}] or [None]))"
            case SumOver(body=body):
                zero = self.constant(Decimal(0)) if fold.type.is_decimal else "0"
                return f"(sum([{self.text(body)} for e in {rows}{where}], {zero}) if {rows} else {zero})"
            case Exists(body=body):
                return f"(any([{self.text(body)} for e in {rows}{where}]) if {rows} else False)"
            case ForAll(body=body):
                return f"(all([{self.text(body)} for e in {rows}{where}]) if {rows} else True)"
            case ExistsOne(body=body):
                return f"([{self.text(body)} for e in {rows}{where}].count(True) == 1)"
        raise TypeError(fold)


def _cut_source(applied: Apply) -> str | None:
    """The source of an operator whose result is held to 12 places; None where it need not be."""
    types = [operand.type for operand in applied.operands]
    if not (OPERATORS[applied.operator].cuts and applied.type.ends):
        return None
    is_plain = not any(operand.is_ratio for operand in types)
    if applied.operator == "*" and is_plain and sum(operand.places for operand in types) <= PLACES:
        return None
    if applied.operator == "/" and is_plain:
        return "divide({0}, {1}).quantize(E12, ROUND_HALF_EVEN, ROUNDING)"
    return f"cut({OPERATORS[applied.operator].source(*types, *applied.options)})"


def _needed_inputs(step: AnyStep) -> frozenset[str]:
    """What must be known for a step; a group value is among the facts."""
    return frozenset([step.name]) if isinstance(step, GroupStep) else step_inputs(step)
