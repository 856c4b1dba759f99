"""The last stage: declarations and steps become a program."""

from collections.abc import Iterator, Mapping

from attrs import evolve

from scorecore.compiler.accounts import item_applies
from scorecore.compiler.checks.whole import Claims
from scorecore.compiler.declarations import Declarations
from scorecore.language.cel.scope import Scope
from scorecore.language.expressions import HISTORY, Field, walk
from scorecore.policy import model as policy
from scorecore.policy.load import Document
from scorecore.program.model import Action, Carry, Grade, Hold, Item, PayLine, Program
from scorecore.program.schema import FactColumn
from scorecore.program.steps import AnyStep, step_expressions
from scorecore.values.period import PeriodKind
from scorecore.values.step_id import APPLIES, CLOSES, StepId


def assemble(
    declared: policy.Policy,
    declarations: Declarations,
    scope: Scope,
    steps: Mapping[StepId, AnyStep],
    claims: Claims,
    documents: tuple[Document, ...],
) -> Program:
    """The program of a policy that has no fault."""
    header = declared.policy
    return Program(
        id=header.id,
        version=header.version,
        title=header.title,
        authority=header.authority,
        status=header.status,
        currency=header.currency,
        period=PeriodKind(header.period.every, header.period.closes),
        effective_from=header.effective.from_,
        effective_to=header.effective.to,
        assumptions=header.assumptions,
        documents=tuple((document.id, document.digest) for document in documents),
        schema=evolve(declarations.schema, history=tuple(_history_columns(scope, steps))),
        groups=tuple(declarations.groups.values()),
        parameters=tuple(declarations.parameters.values()),
        tables=tuple(declarations.tables.values()),
        calendars=tuple(declarations.calendars.values()),
        steps=tuple(steps.values()),
        items=tuple(map(_item, declared.items)),
        grades=tuple(Grade(grade.id, grade.label, grade.authority) for grade in declared.grades),
        pay=tuple(map(_pay_line, declared.pay)),
        carries=tuple(Carry(name, StepId("carry", name, role=CLOSES)) for name in declared.carry),
        holds=tuple(Hold(StepId("holds", hold.id), hold.reason, hold.refer, hold.of) for hold in declared.holds),
        actions=tuple(Action(StepId("actions", action.id), action.reason) for action in declared.actions),
        named_values=tuple(StepId("values", name) for name in declarations.named_results),
        **claims._asdict(),
    )


def _item(item: policy.ItemDeclaration) -> Item:
    points = None if item.points == "open" else item.points
    return Item(StepId("items", item.id), points, item_applies(item) or "")


def _pay_line(line: policy.PayDeclaration) -> PayLine:
    step = StepId("pay", line.id)
    return PayLine(step, line.kind, policy.SIGNS[line.kind], step.with_role(APPLIES) if line.when is not None else "")


def _history_columns(scope: Scope, steps: Mapping[StepId, AnyStep]) -> Iterator[FactColumn]:
    """The values of earlier periods that some step reads."""
    expressions = (expression for step in steps.values() for expression in step_expressions(step))
    parts = (part for expression in expressions for part in walk(expression))
    read = {part.name for part in parts if isinstance(part, Field) and part.table == HISTORY}
    yield from (FactColumn(name, type_) for name, type_ in scope.history.items() if name in read)
