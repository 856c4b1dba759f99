"""A formula as a rule in words, whatever the facts: `late > 3` as *late arrivals exceeds 3*."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from scorecore.language.expressions import (
    AccountSoFar,
    AppliesIf,
    Apply,
    ByText,
    Choice,
    Constant,
    DependencyValue,
    EventFold,
    Expression,
    Field,
    GroupValue,
    Guarded,
    Has,
    HistoryAt,
    Latest,
    Lookup,
    MatterState,
    Nth,
    ParameterOn,
    PrecedingRun,
    Rate,
    Read,
    Streak,
    Widened,
)
from scorecore.language.rows import KeyedField, LatestField, find_first
from scorecore.program.model import Program
from scorecore.values.calendar import Calendar
from scorecore.values.types import TypeKind, Value
from scorecore_cli.document.event_words import describe_fold, describe_numbering
from scorecore_cli.document.operator_words import ADD, COMPARE, CONDITIONAL, TIGHT, operator_words, rounding_words
from scorecore_cli.document.state_words import describe_state
from scorecore_cli.labels import grade_labels, list_labels
from scorecore_cli.language import _
from scorecore_cli.statements.formula_words import format_figure, spell

_TRANSPARENT: Final = frozenset({"within", "not_negative", "decimal"})
"""Operators that change no value that is known."""
_ROUNDED: Final = {"round_product": "*", "round_quotient": "/"}


@frozen
class RuleWords:
    """Writes the formulas of one program as rules."""

    program: Program
    labels: Mapping[str, str] = field(init=False)
    tables: Mapping[str, str] = field(init=False)
    """The words of tables of bands and of events."""
    fields: Mapping[tuple[str, str], str] = field(init=False)
    """The words of the columns of each table of events."""

    @labels.default
    def _list_labels(self) -> Mapping[str, str]:
        program = self.program
        labels = list_labels(program) | {step.name: step.label for step in program.steps if step.label}
        labels |= {f"parameters.{parameter.name}": parameter.label for parameter in program.parameters}
        return labels | {
            "period.start": _("the first day of the period"),
            "period.end": _("the last day of the period"),
            "period.days": _("the days of the period"),
        }

    @tables.default
    def _list_tables(self) -> Mapping[str, str]:
        tables = {table.name.partition("[")[0]: table.label for table in self.program.tables}  # one for each text
        tables |= {table.name: table.label for table in self.program.tables}
        return tables | {table.name: table.label for table in self.program.schema.events}

    @fields.default
    def _list_fields(self) -> Mapping[tuple[str, str], str]:
        return {
            (table.name, column.name): column.label
            for table in self.program.schema.events
            for column in table.columns
            if column.label
        }

    def describe(self, expression: Expression) -> str:
        """The rule in words."""
        return self.write(expression)[0]

    def inside(self, expression: Expression, least: int) -> str:
        """The words of a part, in brackets where it holds together less tightly than what is around it."""
        text, level = self.write(expression)
        return text if level >= least else f"({text})"

    def name_table(self, name: str) -> str:
        """The label of a table, or its name as words."""
        return self.tables.get(name) or spell(name)

    def name(self, name: str) -> str:
        """The label of a fact, a step or a parameter, or its name as words."""
        return self.labels.get(name) or self.labels.get(f"values.{name}") or spell(name)

    def name_column(self, table: str, name: str) -> str:
        """The label of a fact, or of a field of an event."""
        return self.fields.get((table, name)) or self.name(name)

    def name_field(self, column: Field) -> str:
        """The label of a field of an event, or of what was decided."""
        return self.name_column(column.table, column.name)

    def write(self, expression: Expression) -> tuple[str, int]:
        """The words, and how tightly they hold together."""
        match expression:
            case Widened(operand=operand) | Guarded(operand=operand) | AppliesIf(value=operand):
                return self.write(operand)
            case Constant(value=value):
                return write_constant(value), TIGHT
            case Read() | Field():
                return self._answer(expression, is_yes=True)
            case Has(operand=operand):
                return _("{name} is given", name=self._name_given(operand)), COMPARE
            case EventFold():
                return describe_fold(expression, self)
            case Nth():
                return describe_numbering(expression, self), TIGHT
            case Apply(operator=operator, operands=(operand, *_rest)) if operator in _TRANSPARENT:
                return self.write(operand)
            case Apply():
                return self._apply(expression)
            case Choice():
                return self._choose(expression), CONDITIONAL
        return self._refer(expression), TIGHT

    def _name_read(self, expression: Read | Field) -> str:
        return self.name(expression.name) if isinstance(expression, Read) else self.name_field(expression)

    def _answer(self, expression: Read | Field, *, is_yes: bool) -> tuple[str, int]:
        """What a name stands for; a fact that is yes or no as an answer, for its label seldom is a sentence."""
        name = self._name_read(expression)
        if expression.type.kind is not TypeKind.BOOL or self.program.has_step(expression.name):
            return name, TIGHT
        return _("{name} is {answer}", name=name, answer=f"“{_('yes') if is_yes else _('no')}”"), COMPARE

    def _refer(self, expression: Expression) -> str:
        """What is read from a table, or compared with others."""
        match expression:
            case Lookup(table=table, key=key):
                return self._look_up(table, key)
            case Rate(lookup=Lookup(table=table, key=key)):
                name = self.name_table(table)
                return _("the mean rate of {table} for {key}", table=name, key=self.inside(key, TIGHT))
            case ByText(table=table, values=(value, *_)):
                key = value.lookup.key if isinstance(value, Rate) else value.key  # type: ignore[attr-defined]  # a lookup
                return self._look_up(table, find_first(expression), key)
            case ParameterOn(name=name, day=day):
                return _("{label} as of {day}", label=self.name(f"parameters.{name}"), day=self.describe(day))
            case KeyedField(table=table, name=name, keys=keys):
                label = self.name_field(Field(expression.type, expression.place, table, name))
                listed = join_words(map(self.describe, keys))
                if isinstance(expression, LatestField):
                    return _("{label} of {table} as of {key}", label=label, table=self.name_table(table), key=listed)
                return _("{label} of {table} {key}", label=label, table=self.name_table(table), key=listed)
            case DependencyValue(field=column):
                return self.name_field(column)
            case GroupValue():
                return self._compare(expression)
            case AccountSoFar():
                return _("the points so far")
            case MatterState():
                return describe_state(expression)
        return self._recall(expression)

    def _recall(self, expression: Expression) -> str:
        """What is read from earlier periods."""
        match expression:
            case HistoryAt(field=Field(name=name), ago=ago):
                return _("{label}, {count} periods earlier", label=self.name(name), count=ago)
            case Latest(field=Field(name=name), default=default):
                initial = write_constant(default.value)
                return _("{label} after the last period (at first {value})", label=self.name(name), value=initial)
            case Streak(now=condition):
                rule = self.describe(condition)
                return _("the number of periods in a row, up to this one, in which {rule}", rule=rule)
            case PrecedingRun(condition=condition):
                rule = self.describe(condition)
                return _("the number of periods in a row before this one in which {rule}", rule=rule)
        raise TypeError(expression)

    def _look_up(self, table: str, *keys: Expression) -> str:
        words = join_words(self.inside(key, TIGHT) for key in keys)
        return _("the value of {table} for {key}", table=self.name_table(table), key=words)

    def _compare(self, value: GroupValue) -> str:
        group = next(group for group in self.program.groups if group.name == value.group)
        members = group.label or (self.name(group.by) if group.by else _("everybody"))
        operands = join_words(map(self.describe, value.operands))
        words = {
            "rank": _("the place by {operands} (the greatest is 1) within {group}", operands=operands, group=members),
            "sum_in": _("the sum of {operands} within {group}", operands=operands, group=members),
            "mean_in": _("the mean of {operands} within {group}", operands=operands, group=members),
            "count_in": _("the number of members of {group} for whom {operands}", operands=operands, group=members),
            "greatest_in": _("the greatest {operands} within {group}", operands=operands, group=members),
            "least_in": _("the least {operands} within {group}", operands=operands, group=members),
            "pool": _(
                "the share of an amount within {group} (amount and weight: {operands})",
                operands=operands,
                group=members,
            ),
        }
        return words[value.function]

    def _choose(self, choice: Choice) -> str:
        rows = join_clauses(
            [
                _("{value} if {condition}", value=self.describe(row.value), condition=self.describe(row.when))
                for row in choice.exceptions
            ]
        )
        listed = {
            "first": _("the first of these that holds: {rows}", rows=rows),
            "any": _("any of these that hold, which must agree: {rows}", rows=rows),
            "sum": _("the sum of those of these that hold: {rows}", rows=rows),
        }.get(choice.hit or "", _("the only one of these that holds: {rows}", rows=rows))
        if choice.otherwise is None:
            return listed
        return _("{cases}; otherwise {value}", cases=listed, value=self.describe(choice.otherwise))

    def _apply(self, applied: Apply) -> tuple[str, int]:
        name, operands, options = applied.operator, applied.operands, applied.options
        if name == "if":
            return self._decide(applied), CONDITIONAL
        if name in {"round", *_ROUNDED}:
            number = self.inside(operands[0], ADD)
            if name in _ROUNDED:
                number = self._combine(_ROUNDED[name], operands, ())[0]
            return rounding_words(number, *options), ADD - 1
        match name, operands:
            case "not", (Has(operand=operand),):
                return _("{name} is not given", name=self._name_given(operand)), COMPARE
            case "not", (Read() | Field() as fact,) if not self.program.has_step(fact.name):
                return self._answer(fact, is_yes=False)
            case "least" | "greatest", (value, Constant() as bound) if not isinstance(value, Constant):
                return self._bound(name, value, bound), ADD - 1
        if name == "require":
            condition, number = map(self.describe, operands)
            return _("{value}, known only if {condition}", value=number, condition=condition), CONDITIONAL
        return self._combine(name, operands, options)

    def _name_given(self, operand: Expression) -> str:
        return self._name_read(operand) if isinstance(operand, Read | Field) else self.describe(operand)

    def _bound(self, name: str, value: Expression, bound: Constant) -> str:
        words = {"value": self.inside(value, ADD), "bound": self.describe(bound)}
        is_least = name == "least"
        return _("{value}, but at most {bound}", **words) if is_least else _("{value}, but at least {bound}", **words)

    def _combine(self, name: str, operands: Sequence[Expression], options: Sequence[object]) -> tuple[str, int]:
        words = operator_words(name)
        texts = [self.inside(operand, words.inside + (number > 0)) for number, operand in enumerate(operands)]
        named = dict(zip("abc", texts, strict=False))
        if name == "in":
            named["options"] = join_words(self._code(option) for option in options)
        elif options:
            named["option"] = str(next(iter(_name_options(options))))
        if words.is_list:
            named = {"parts": join_words(self.inside(operand, ADD) for operand in operands)}
        return words.fill(**named), words.level

    @staticmethod
    def _code(option: object) -> str:
        return write_constant(option)  # type: ignore[arg-type]  # the options of `in` are constants

    def _decide(self, applied: Apply) -> str:
        condition, then, otherwise = applied.operands
        if isinstance(condition, Has) and condition.operand == then:
            return _("{name} (if it is not given: {value})", name=self.describe(then), value=self.describe(otherwise))
        last = self.describe(otherwise)
        case = _(
            "if {condition}: {value}", condition=self.describe(condition), value=self.inside(then, CONDITIONAL + 1)
        )
        is_chain = isinstance(otherwise, Apply) and otherwise.operator == "if"
        return join_clauses((case, last if is_chain else _("otherwise: {value}", value=last)))

    def describe_grade(self, grade: str) -> str:
        """A grade as people read it."""
        return grade_labels(self.program).get(grade, grade)


def write_constant(value: Value) -> str:
    """A constant as people write it; a text, which facts have as a code, in quotation marks."""
    return f"“{value}”" if isinstance(value, str) else format_figure(value)


def join_words(words: Iterable[str]) -> str:
    """Words one after the other."""
    return _(", ").join(words)


def join_clauses(clauses: Sequence[str]) -> str:
    return _("; ").join(clauses)


def _name_options(options: Sequence[object]) -> Sequence[object]:
    return [option.name if isinstance(option, Calendar) else option for option in options]
