"""The law of the printer: what an author can write resolves, printed, to the same expression again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from cel.support import Refusal
from cel.support import compiled as compiled_expression
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location, Snippet, Source
from scorecore.io.policy_files import find_policy_files
from scorecore.language.build import make_constant
from scorecore.language.cel.parser import parse
from scorecore.language.cel.resolve import Resolver
from scorecore.language.cel.scope import PREFIXES, DerivedMember, FactName, Scope
from scorecore.language.expressions import (
    AccountSoFar,
    AppliesIf,
    Apply,
    Choice,
    Expression,
    Guarded,
    Ladder,
    Latest,
    MatterState,
    PrecedingRun,
    Read,
    subexpressions,
    walk,
)
from scorecore.language.printer import event_variable, print_expression, print_formula
from scorecore.language.sugar import desugar
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.program.steps import Account, AnyStep, step_expressions
from scorecore.values.step_id import APPLIES, ASSESSED, StepId
from scorecore.values.types import TypeKind, decimal_type
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases

HERE: Final = Location("test", 1, 1)
POLICIES: Final = Path(__file__).parents[2] / "policies"


def scope_of(program: Program) -> Scope:
    """The names that expressions of a program can read."""
    schema = program.schema
    return Scope(
        facts=_names(schema.columns),
        values=frozenset(step.name.name for step in program.steps if step.name.section == "values"),
        events={table.name: _names(table.columns) for table in schema.events},
        parameters={parameter.name: parameter.type for parameter in program.parameters},
        tables={table.name: table for table in program.tables},
        history={column.name: column.type for column in schema.history},
        defined={step.name: step.name for step in program.steps},
        documents={},
        groups={group.name: group for group in program.groups},
        steps={step.name: step.type for step in program.steps},
        calendars={calendar.name: calendar for calendar in program.calendars},
        dated_values={
            parameter.name: [(start, make_constant(value, HERE)) for start, value in parameter.values]
            for parameter in program.parameters
        },
        keyed_tables=_keyed_tables(program),
        keys={table.name: table.key for table in schema.events if not table.use},
        single={table.name: table.use.policy for table in schema.events if table.use and not table.key},
        derived=_derived_members(program),
    )


def _derived_members(program: Program) -> dict[str, dict[str, DerivedMember]]:
    """What clocks and stages of matters say, each for what the program has in its place."""
    derived: dict[str, dict[str, DerivedMember]] = {}
    for step in program.steps:
        for expression, _table in located_expressions(step):
            for node in walk(expression):
                if isinstance(node, MatterState):
                    text = print_expression(node.operand)
                    syntax = parse(Snippet(text, Source("printed", text), range(len(text) + 1)), Diagnostics())
                    assert syntax is not None
                    member = DerivedMember(lambda _variable, _place, syntax=syntax: syntax, node.clause)
                    derived.setdefault(node.table, {})[node.name] = member
    return derived


def _keyed_tables(program: Program) -> dict[str, dict[str, str]]:
    """The tables by a text and a number, which are named `x[text]`."""
    keyed: dict[str, dict[str, str]] = {}
    for table in program.tables:
        name, bracket, text = table.name.partition("[")
        if bracket and text != "]":  # what the first of two numbers is looked up in
            keyed.setdefault(name, {})[text.removesuffix("]")] = table.name
    return keyed


def _names(columns: tuple[FactColumn, ...]) -> dict[str, FactName]:
    return {column.name: FactName(column.type, column.optional) for column in columns}


def is_compiled(node: Expression) -> bool:
    """Whether no author can write a node."""
    if isinstance(node, Read):
        return isinstance(node.name, StepId) and (node.name.role == APPLIES or node.name == ASSESSED)
    if isinstance(node, Apply):
        is_guard = node.operator == "require" and node.options[0] != catalogue.HELD.code
        return is_guard or node.operator in {"within", "not_negative"}
    return isinstance(node, AccountSoFar | AppliesIf | Choice | Guarded | Ladder | Latest | PrecedingRun)


def author_expressions(expression: Expression) -> Iterator[Expression]:
    """The largest parts of an expression that an author can have written."""
    if isinstance(expression, Latest):
        return  # nothing in it is written: it is what a balance opens with
    if any(map(is_compiled, walk(expression))):
        for part in subexpressions(expression):
            yield from author_expressions(part)
    else:
        yield expression


def resolve(text: str, expression: Expression, scope: Scope, table: str = "") -> Expression | None:
    """What a text resolves to where an expression stands; None where it is refused."""
    diagnostics = Diagnostics()
    syntax = parse(Snippet(text, Source("printed", text), range(len(text) + 1)), diagnostics)
    if syntax is None:
        return None
    variable = (event_variable(table, taken(scope)), table) if table else None
    expected = TypeKind.DECIMAL if expression.type.is_decimal else None
    return Resolver(scope, diagnostics, variable).resolve(syntax, expect=expected)


def taken(scope: Scope) -> frozenset[str]:
    return frozenset({*scope.bare(), *scope.events, *PREFIXES})


def located_expressions(step: AnyStep) -> Iterator[tuple[Expression, str]]:
    """Every expression of a step, with the table of the event that it is about."""
    if isinstance(step, Account):
        yield step.opening, ""
        for rule in step.entries:
            parts = (rule.when, rule.quantity, rule.points, rule.to)
            yield from ((part, rule.each) for part in parts if part is not None)
    else:
        yield from ((expression, "") for expression in step_expressions(step))


def check(program: Program) -> int:
    """How many expressions of a program print and resolve back; raises AssertionError for one that does not."""
    scope, count = scope_of(program), 0
    for step in program.steps:
        for expression, table in located_expressions(step):
            for written in author_expressions(expression):
                text = print_expression(written, taken(scope))
                assert resolve(text, written, scope, table) == written, text
                count += 1
            for node in walk(expression):
                if is_compiled(node):
                    text = print_expression(node, taken(scope))
                    assert resolve(text, node, scope, table) is None, text
    return count


@pytest.mark.sampled(8, 2)
@pytest.mark.parametrize("path", [str(path.relative_to(POLICIES)) for path in find_policy_files([POLICIES])])
def test_expressions_of_policies_print_and_resolve(path: str) -> None:
    """Every expression of our policies; what the compiler makes is refused when it is printed and read."""
    program = Workspace.open().check(POLICIES / path).program
    if program is not None:
        assert check(program)


@given(case=cases())
def test_expressions_of_generated_policies_print_and_resolve(case: Case) -> None:
    check(case.program)


NUMBERS: Final = {name: FactName(decimal_type(-9, 9, 2)) for name in "abc"}


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a - b - c",
        "a / (b * c)",
        "a / b * c",
        "-(-a)",
        "a - -5.0",
        "a < -5",
        "(a < b) == (b < c)",
        "!(a < b && (b < c || c < a))",
        "a < b ? (b < c ? a : b) : b < c ? b : c",
        "(a < b ? a : b) * c",
        "a * 5.0 + 5",
        "decimal(2) / 3",
        'round(a * b, 1, "up")',
        "least(a, 1, 2.50)",
    ],
)
def test_brackets_are_printed_where_they_mean_something(text: str) -> None:
    """Printing and resolving is the identity, whatever is inside what."""
    expression = compiled_expression(text, NUMBERS)
    assert not isinstance(expression, Refusal)
    assert compiled_expression(print_expression(expression), NUMBERS) == expression


@pytest.mark.parametrize(
    "text",
    [
        "a - b - c",
        "a - (b - c)",
        "a / b * c",
        "a / (b * c)",
        "a * b + c",
        "a * (b + c)",
        "-a * b",
        "a < b && b < c || c < a",
        "a < b && (b < c || c < a)",
        "!(a < b)",
        "(a < b ? a : b) * c",
    ],
)
def test_no_bracket_is_printed_that_means_nothing(text: str) -> None:
    expression = compiled_expression(text, NUMBERS)
    assert not isinstance(expression, Refusal)
    assert print_formula(expression) == text


def test_texts_are_escaped() -> None:
    """Quotes, backslashes, line ends and control characters come back as they were."""
    facts = {"name": FactName(decimal_type(0, 1, 0))}
    for character in ('"', "\\", "\n", "\t", "\r", "\x01", "是", "'"):
        expression = compiled_expression(print_text(f"a{character}b"), facts)
        assert not isinstance(expression, Refusal)
        assert print_expression(expression) == print_text(f"a{character}b")


def print_text(text: str) -> str:
    from scorecore.language.printer import print_constant  # noqa: PLC0415

    return print_constant(text)


def test_people_read_numbers_as_usual() -> None:
    """A formula for people has no `.0`; one that is read again has."""
    expression = compiled_expression("a * 5.0", NUMBERS)
    assert not isinstance(expression, Refusal)
    assert (print_formula(expression), print_expression(expression)) == ("a * 5", "a * 5.0")


def test_sugar_is_gone_after_desugaring() -> None:
    """Nothing that stands for something else is left."""
    expression = compiled_expression("a < b ? 1 : c", NUMBERS)
    assert not isinstance(expression, Refusal)
    assert not [node for node in walk(desugar(expression)) if type(node).__mro__[1].__name__ == "Sugar"]
