"""Python source for a program: what `rows` does, without walking.

The source never needs to know about unknown values. `decide` is for a subject whose facts are all known; wherever a
value turns out unknown it gives up. `take_steps` is for the others: it tries each step that reads nothing unknown, and
leaves all other steps to the walker, which is the specification, and says why.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from scorecore.language.expressions import (
    HISTORY,
    Aggregate,
    Apply,
    Constant,
    Expression,
    Field,
    Fold,
    Has,
    Lookup,
    Nth,
    Read,
    Running,
)
from scorecore.language.operators import OPERATORS
from scorecore.program.model import Account, AnyStep, EntryRule, GroupStep, Program, Step, step_inputs


class PythonCodegen:
    """The texts of `make(V, T, K)`, which gives a function that decides.

    V are the values of the setting by name, T the readers of the tables, K the constants in `self.constants`.
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
        self.asked: set[str] = set()
        self.numbered: list[str] = []
        """Lines that number the events which the step under way asks about."""
        self.first: dict[str, int] = {}
        """The number of each account's first rule, in the order of the ledger."""
        for number, rule in enumerate(program.ledger):
            self.first.setdefault(rule.account, number)

    def text(self) -> str:
        body = [line for step in self.program.steps for line in self.step(step, once=True)]
        values = "".join(f"{self.names[step.name]}, " for step in self.program.steps)
        steps = [step.name for step in self.program.steps if step.name in self.first]
        if steps != list(self.first):  # an item that reads a later one is computed after it, but written before
            body += ["entries.sort(key=rule_of)"]
        body = ["entries = []", "post = entries.append", *body, f"return ({values}), entries"]
        return self.function("decide(values, rows)", body)

    def careful_text(self) -> str:
        body = ["post = entries.append"]
        for number, step in enumerate(self.program.steps):
            name = self.names[step.name]
            body += [f"if unknown.isdisjoint({self.constant(_inputs(step))}):", "  done = len(entries)", "  try:"]
            body += [f"    {line}" for line in self.step(step, once=False)]
            body += [f"    values[{step.name!r}] = {name}", "  except GIVEN_UP:", "    del entries[done:]"]
            body += [f"    {name} = walk({number})", f"else: {name} = walk({number})"]
        return self.function("take_steps(values, rows, entries, unknown, walk)", body)

    def function(self, head: str, body: Sequence[str]) -> str:
        """`make(V, T, K)`, which gives the function."""
        shared = [name for name in self.names if name.startswith(("parameters.", "period."))]
        facts = [column.name for column in self.program.schema.columns if column.name in self.names]
        lines = ["def make(V, T, K):"]
        lines += [f"  {self.names[name]} = V[{name!r}]" for name in shared]
        lines += [f"  t_{table.name} = T[{table.name!r}]" for table in self.program.tables]
        if self.constants:
            lines += [f"  {''.join(f'k{number}, ' for number in range(len(self.constants)))}= K"]
        lines += [f"  def made_{head}:"]
        lines += [f"    {self.names[name]} = values[{name!r}]" for name in facts]
        lines += [f"    {short} = rows[{name!r}]" for name, short in self.tables.items()]
        lines += [f"    {line}" for line in body]
        return "\n".join([*lines, f"  return made_{head.partition('(')[0]}", ""])

    def step(self, step: AnyStep, *, once: bool) -> list[str]:
        """The lines of a step; what holds it need be asked only `once` where the first that holds ends it all."""
        lines = list(self.lines(step, once=once))
        numbered, self.numbered = self.numbered, []
        return numbered + lines

    def lines(self, step: AnyStep, *, once: bool) -> Iterator[str]:
        name = self.names[step.name]
        for hold in step.held_by:
            if not (once and hold in self.asked):
                self.asked.add(hold)
                yield f"if {self.names[hold]}: raise FallBackToReference"
        if isinstance(step, Step):
            yield f"{name} = {self.of(step.expression)}"
        elif isinstance(step, GroupStep):
            yield f"{name} = values[{step.name!r}]"
        else:
            yield from self.account(step, self.first.get(step.name, 0), f"a_{name}")

    def account(self, account: Account, rule_number: int, running: str) -> Iterator[str]:
        yield f"{running} = {self.of(account.opening)}"
        if account.opens_with:
            yield f"if {running}: post(({rule_number}, None, {running}, -1))"
            rule_number += 1
        for number, rule in enumerate(account.entries, rule_number):
            lines = self.rule(rule, number, running)
            if rule.each:
                rows = self.tables[rule.each]
                yield f"if {rows}:"
                yield f"  for i, e in enumerate({rows}):"
                yield from (f"    {line}" for line in lines)
            else:
                yield from lines
        yield f"{self.names[account.name]} = {running}"

    def rule(self, rule: EntryRule, number: int, running: str) -> Iterator[str]:
        indent = ""
        if rule.when is not None:
            yield f"if {self.of(rule.when, running)}:"
            indent = "  "
        quantity = "None" if rule.quantity is None else self.of(rule.quantity, running)
        event = "i" if rule.each else "-1"
        if rule.points is not None:
            yield f"{indent}p = {self.of(rule.points, running)}"
            yield f"{indent}post(({number}, {quantity}, p, {event}))"
            yield f"{indent}{running} += p"
            return
        assert rule.to is not None  # noqa: S101  a rule adds or sets
        yield f"{indent}p = {self.of(rule.to, running)}"
        posting = f"post(({number}, {quantity}, p - {running}, {event}))"
        yield f"{indent}{posting}" if rule.when is not None else f"if p != {running}: {posting}"
        yield f"{indent}{running} = p"

    def constant(self, value: Any) -> str:  # noqa: ANN401  a value of any type
        if isinstance(value, bool | int):
            return f"({value})"
        for number, known in enumerate(self.constants):
            if type(known) is type(value) and known == value:
                return f"k{number}"
        self.constants.append(value)
        return f"k{len(self.constants) - 1}"

    def read(self, name: str) -> str:
        if name not in self.names:
            self.names[name] = f"f_{name}" if "." not in name else f"v{len(self.names)}"
        return self.names[name]

    def of(self, of: Expression, running: str = "") -> str:
        """The text of an expression; the event is `e`."""
        match of:
            case Constant(value=value):
                return self.constant(value)
            case Read(name=name):
                text = self.read(name)
                return f"need({text})" if name in self.optional else text
            case Field(table=table, name=name):
                text = f"e[{name!r}]"
                return f"need({text})" if (table, name) in self.optional_fields or table == HISTORY else text
            case Running():
                return running
            case Has():
                return self.has(of)
            case Lookup(table=table, key=key):
                return f"t_{table}({self.of(key, running)})"
            case Apply(operator=name, operands=operands, options=options):
                template = OPERATORS[name].source(*(one.type for one in operands), *options)
                texts = [self.of(one, running) for one in operands]
                blanks = {"options": self.constant(options)} if "{options}" in template else {}
                if "{left}" in template:  # names for operands that are mentioned twice
                    blanks |= {side: f"{side}{next(self.numbers)}" for side in ("left", "right")}
                return f"({template.format(*texts, **blanks)})"
            case Nth():
                return self.nth(of)
            case Aggregate():
                return self.fold(of)
        raise TypeError(of)

    def nth(self, of: Nth) -> str:
        name = f"n{next(self.numbers)}"
        by, where = ("None" if of.by is None else self.of(of.by), "True" if of.where is None else self.of(of.where))
        asked = f"lambda e: ({where}, {by}, {self.of(of.order)})"
        self.numbered.append(f"{name} = numbered({self.tables[of.table]}, {asked})")
        return f"need({name}[id(e)])"

    def has(self, of: Has) -> str:
        match of.of:
            case Aggregate(fold=Fold.ONE, table=table, value=Field(name=name)):
                rows = self.tables[table]
                return f"(bool({rows}) and {rows}[0][{name!r}] is not None)"
            case Aggregate(ago=ago, table=table, value=Field(name=name)):
                return f"decided({self.tables[table]}, {ago}, {name!r})"
            case Field(name=name):
                return f"(e[{name!r}] is not None)"
            case Read(name=name):
                return f"({self.read(name)} is not None)"
        raise TypeError(of)

    def fold(self, of: Aggregate) -> str:
        rows = self.tables[of.table]
        where = f" if {self.of(of.where)}" if of.where is not None else ""
        match of.fold:
            case Fold.SIZE:
                return f"(len([1 for e in {rows}{where}]) if {rows} else 0)" if where else f"len({rows})"
            case Fold.ONE:
                assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
                return f"only({rows}, {of.value.name!r})"
            case Fold.AT | Fold.LAST:
                assert isinstance(of.value, Field)  # noqa: S101  so the checker builds it
                if of.fold is Fold.AT:
                    return f"at({rows}, {of.ago}, {of.value.name!r})"
                assert of.default is not None  # noqa: S101  so the checker builds it
                return f"last({rows}, {of.value.name!r}, {self.of(of.default)})"
        assert of.value is not None  # noqa: S101  so the checker builds it
        if of.fold is Fold.RUN:
            return f"run({rows}, lambda e: {self.of(of.value)})"
        listed = f"[{self.of(of.value)} for e in {rows}{where}]"
        match of.fold:
            case Fold.SUM:
                zero = self.constant(Decimal(0)) if of.type.is_decimal else "0"
                return f"(sum({listed}, {zero}) if {rows} else {zero})"
            case Fold.EXISTS:
                return f"(any({listed}) if {rows} else False)"
            case Fold.ALL:
                return f"(all({listed}) if {rows} else True)"
            case _:
                return f"(({listed}).count(True) == 1)"


def _inputs(of: AnyStep) -> frozenset[str]:
    """What must be known for a step; a group value is given."""
    return frozenset([of.name]) if isinstance(of, GroupStep) else step_inputs(of)
