"""The first stage: everything that a policy declares, with its types; and the names that expressions can read."""

from collections.abc import Iterator, Mapping
from datetime import date

from attrs import frozen

from scorecore.compiler.calendars import declare_calendar, placeholder_calendar
from scorecore.compiler.declare import (
    MAX_MONEY,
    declare_band_table,
    declare_columns,
    declare_event_table,
    declare_group,
    declare_parameter,
    number_type,
    placeholder_table,
    placeholder_type,
    result_type,
)
from scorecore.compiler.dependencies import dependency_table
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.bands import BandTable
from scorecore.language.build import make_constant
from scorecore.language.cel.macros import Operator
from scorecore.language.cel.scope import FactName, Scope
from scorecore.language.expressions import Constant
from scorecore.language.groups import Group
from scorecore.policy import model as policy
from scorecore.policy.load import Document
from scorecore.program.model import Parameter, Program
from scorecore.program.schema import FactColumn, Schema
from scorecore.values.calendar import Calendar
from scorecore.values.period import HALF_MONTH, WEEK
from scorecore.values.step_id import GRADE, SCORE_TOTAL, StepId
from scorecore.values.types import BOOL, PLACES, Type, TypeKind, decimal_type, string_type

MAX_POINTS = 10**6
"""What a total of an earlier period can be, where the policy gives it no bounds."""


@frozen
class Declarations:
    """What a policy declares, typed."""

    schema: Schema
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, BandTable]
    calendars: Mapping[str, Calendar]
    groups: Mapping[str, Group]
    balances: Mapping[str, Type]
    """The types of carries."""
    named_results: Mapping[str, Type]
    """The types of the values that are results."""


def declare(
    declared: policy.Policy, dependencies: Mapping[str, Mapping[str, Program]], diagnostics: Diagnostics
) -> Declarations:
    """Everything but the steps; `dependencies` are the programs of used policies, as compiling them gave them."""
    header, currency = declared.policy, declared.policy.currency
    if header.effective.to and header.effective.to < header.effective.from_:
        span = {"to": header.effective.to, "start": header.effective.from_}
        diagnostics.add(catalogue.ENDS_BEFORE, *header.effective.at("to"), **span)
    if not 0 <= header.period.closes <= 28:  # noqa: PLR2004  every month has 28 days
        diagnostics.add(catalogue.BAD_CLOSING_DAY, *header.period.at("closes"), day=header.period.closes)
    if header.period.closes and header.period.every in {WEEK, HALF_MONTH}:
        diagnostics.add(catalogue.KEY_NOT_FOR, *header.period.at("closes"), key="closes", type=header.period.every)
    events = (declare_event_table(name, part, currency, diagnostics) for name, part in declared.events.items())
    columns = declare_columns(declared.subject, currency, diagnostics)
    used = (dependency_table(declared, name, programs, diagnostics) for name, programs in dependencies.items())
    schema = Schema(header.subject, columns, header.subject_label, (*events, *used))
    return Declarations(
        schema,
        dict(_parameters(declared, diagnostics)),
        dict(_tables(declared, diagnostics)),
        dict(_calendars(declared, diagnostics)),
        {name: declare_group(name, part, columns, diagnostics) for name, part in declared.groups.items()},
        {name: number_type(part, TypeKind.DECIMAL, currency, diagnostics) for name, part in declared.carry.items()},
        {
            name: kept
            for name, part in declared.values.items()
            if (kept := result_type(part, currency, diagnostics)) is not None
        },
    )


def _parameters(declared: policy.Policy, diagnostics: Diagnostics) -> Iterator[tuple[str, Parameter]]:
    for name, part in declared.parameters.items():
        parameter = declare_parameter(name, part, declared.policy.effective.from_, diagnostics)
        if parameter is None:
            if not part.values:
                diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"parameters.{name}")
            parameter = Parameter(name, placeholder_type(part), ())
        yield name, parameter


def _tables(declared: policy.Policy, diagnostics: Diagnostics) -> Iterator[tuple[str, BandTable]]:
    for name, part in declared.tables.items():
        table = declare_band_table(name, part, declared.policy.effective.from_, diagnostics)
        if table is None and part.open and not part.bands:
            diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"tables.{name}")
        yield name, table or placeholder_table(name, part)


def _calendars(declared: policy.Policy, diagnostics: Diagnostics) -> Iterator[tuple[str, Calendar]]:
    for name, part in declared.calendars.items():
        calendar = declare_calendar(name, part, diagnostics)
        if calendar is None and part.open and not part.covers:
            diagnostics.add(catalogue.LEFT_OPEN, *part.at(), name=f"calendars.{name}")
        yield name, calendar or placeholder_calendar(name, part)


def make_scope(
    declared: policy.Policy,
    declarations: Declarations,
    steps: Mapping[str, StepId],
    documents: tuple[Document, ...],
    operators: Mapping[str, Operator],
) -> Scope:
    """The names that expressions can read; `steps` are those that there will be."""
    schema = declarations.schema
    return Scope(
        facts=_fact_names(schema.columns),
        values=frozenset((*declared.values, *(step.name for step in steps.values() if step.section == "values"))),
        events={table.name: _fact_names(table.columns) for table in schema.events},
        uses=frozenset(declared.uses),
        single={table.name: table.use.policy for table in schema.events if table.use and not table.key},
        parameters={name: parameter.type for name, parameter in declarations.parameters.items()},
        tables=declarations.tables,
        calendars=declarations.calendars,
        dated_values={name: _dated_values(parameter) for name, parameter in declarations.parameters.items()},
        keys={table.name: table.key for table in schema.events if table.key and not table.use},
        history=dict(_history(declared, declarations)),
        groups=declarations.groups,
        defined=steps,
        documents={document.source.name: document.id for document in documents},
        operators=operators,
    )


def _dated_values(parameter: Parameter) -> list[tuple[date, Constant]]:
    """The values of a parameter as constants, each where it is written."""
    dated = zip(parameter.values, parameter.places, strict=True)
    return [(start, make_constant(value, place)) for (start, value), place in dated]


def _fact_names(columns: tuple[FactColumn, ...]) -> dict[str, FactName]:
    return {column.name: FactName(column.type, column.optional) for column in columns}


def _history(declared: policy.Policy, declarations: Declarations) -> Iterator[tuple[StepId, Type]]:
    """What is kept of a period, with bounds that do not depend on how it was computed."""
    score = declared.score or policy.ScoreDeclaration(place=declared.place)
    if declared.items:
        low = -MAX_POINTS if score.min is None else score.min
        high = MAX_POINTS if score.max is None else score.max
        yield SCORE_TOTAL, decimal_type(low, high, score.round)
    if declared.grades:
        yield GRADE, string_type(dict.fromkeys(grade.id for grade in declared.grades))
    for item in declared.items:
        low, high = (-MAX_POINTS, MAX_POINTS) if item.points == "open" else (0, item.points)
        yield StepId("items", item.id), decimal_type(low, high, PLACES)
    for line in declared.pay:
        yield StepId("pay", line.id), decimal_type(-MAX_MONEY, MAX_MONEY, line.round)
    yield from ((StepId("carry", name), balance) for name, balance in declarations.balances.items())
    yield from ((StepId("values", name), kept) for name, kept in declarations.named_results.items())
    yield from ((StepId("actions", action.id), BOOL) for action in declared.actions)
