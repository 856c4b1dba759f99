"""Which conditions can hold together: for grades without a gap, and items that add up."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from math import prod
from typing import Final

from attrs import evolve, frozen

from scorecore.compiler.checks.case_axes import Answer, combine, list_axes
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.abstract import AbstractInterpreter, Possible, Truths, exactly
from scorecore.language.expressions import Apply, Choice, Constant, Expression, Field, Read, walk
from scorecore.language.sugar import desugar
from scorecore.policy import model as policy
from scorecore.program.steps import AnyStep, Step
from scorecore.values.step_id import StepId
from scorecore.values.types import TypeKind

MAX_CASES: Final = 4096
_FEW: Final = 256
"""For what is only noted."""


class TooManyCases(Exception):  # noqa: N818  becomes a problem
    """The conditions can hold together in more ways than are worth trying."""


def condition_cases(
    conditions: Sequence[Expression], steps: Mapping[StepId, AnyStep], most: int = MAX_CASES
) -> Iterator[tuple[str, list[bool]]]:
    """All ways in which conditions can hold together, each with an example such as `role = "manager"`.

    Facts with few values (truth values, and texts from a closed list) are tried one by one, and so is each place that
    a value can have among the constants with which it is compared. Any other question is taken to be free, so that a
    way shown here may be impossible, but none is missed.
    """
    questions = _list_questions(conditions, steps)
    if prod(map(len, questions.axes)) > most:
        raise TooManyCases
    for example, values in combine(questions.axes):
        truths = questions.find_truths({number: exactly(value) for number, value in values.items()})
        if all(truths):  # who is held by a condition has nothing to add up
            yield example, [True in possible for possible in truths]


def can_hold(conditions: Sequence[Expression], steps: Mapping[StepId, AnyStep], most: int = MAX_CASES) -> bool:
    """Whether conditions can all hold at once.

    Questions are answered in turn, and no further where one condition cannot hold any more: of thousands of cases a
    few dozen are tried. Raises TooManyCases after `most` of them.
    """
    questions = _list_questions(conditions, steps)
    if not all(questions.axes):
        return False
    unanswered: dict[int, Possible] = {
        number: frozenset(values[number] for _, values in axis) for axis in questions.axes for number in axis[0][1]
    }
    untried = [(0, unanswered)]
    for _ in range(most):
        if not untried:
            return False
        depth, answers = untried.pop()
        if not all(True in truths for truths in questions.find_truths(answers)):
            continue
        if depth == len(questions.axes):
            return True
        for _, values in reversed(questions.axes[depth]):
            answered = {number: exactly(value) for number, value in values.items()}
            untried.append((depth + 1, answers | answered))
    raise TooManyCases


@frozen
class _Questions:
    """What conditions ask, and the answers that are independent of each other."""

    conditions: Sequence[Expression]
    axes: Sequence[Sequence[Answer]]
    numbers_of_nodes: Mapping[int, int]
    """Of each question, by the identity of its nodes: hashing an expression takes as long as walking it."""

    def find_truths(self, answers: Mapping[int, Possible]) -> list[Truths]:
        """What each condition can be when this is known of its questions; empty where it has no value."""

        def find_known(expression: Expression) -> Possible | None:
            number = self.numbers_of_nodes.get(id(expression))
            return None if number is None else answers[number]

        interpreter = AbstractInterpreter(find_known, skips_undefined=True)
        return [interpreter.find_truths(condition) for condition in self.conditions]


def _list_questions(conditions: Sequence[Expression], steps: Mapping[StepId, AnyStep]) -> _Questions:
    inlined = [_inline(desugar(condition), steps) for condition in conditions]
    atoms = {atom: None for condition in inlined for atom in _atoms(condition)}
    numbers = {atom: number for number, atom in enumerate(atoms)}
    numbers_of_nodes = {id(node): numbers[node] for condition in inlined for node in walk(condition) if node in numbers}
    return _Questions(inlined, list_axes(atoms), numbers_of_nodes)


def _inline(expression: Expression, steps: Mapping[StepId, AnyStep]) -> Expression:
    """Named conditions opened up, so that two names for one question are seen as one."""
    if isinstance(expression, Read):
        step = steps.get(expression.name) if isinstance(expression.name, StepId) else None
        small = isinstance(step, Step) and step.type.kind in {TypeKind.BOOL, TypeKind.STRING}
        return _inline(desugar(step.expression), steps) if isinstance(step, Step) and small else expression
    if isinstance(expression, Apply):
        operands = tuple(_inline(operand, steps) for operand in expression.operands)
        return _plain(Apply(expression.type, expression.place, expression.operator, operands, expression.options))
    return expression


def _plain(comparison: Apply) -> Apply:
    """Comparisons by `==` and `<` alone, so that a question and its opposite are seen as one."""
    match comparison:
        case Apply(operator=">", operands=(left, right)):
            return evolve(comparison, operator="<", operands=(right, left))
        case Apply(operator=">=" | "<=" | "!=", operands=(left, right)):
            less = {">=": ("<", (left, right)), "<=": ("<", (right, left)), "!=": ("==", (left, right))}
            operator, operands = less[comparison.operator]
            opposite = evolve(comparison, operator=operator, operands=operands)
            return evolve(comparison, operator="not", operands=(opposite,))
        case _:
            return comparison


def _finite(expression: Expression) -> bool:
    return isinstance(expression, Read | Field) and (
        expression.type.kind is TypeKind.BOOL or expression.type.among is not None
    )


def _transparent(expression: Expression) -> bool:
    """Whether all that an expression reads are facts with few values."""
    return all(isinstance(part, Apply | Constant) or _finite(part) for part in walk(expression))


def _atoms(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Apply) and (expression.operator in _LOGIC or _transparent(expression)):
        for operand in expression.operands:
            yield from _atoms(operand)
    elif not isinstance(expression, Constant):
        yield expression


_LOGIC: Final = frozenset({"and", "or", "not", "if"})


def check_exceptions(
    exceptions: Sequence[tuple[policy.ValueException | policy.ValueRow, Expression]],
    steps: Mapping[StepId, AnyStep],
    diagnostics: Diagnostics,
) -> None:
    """No exception holds only together with another one, which would leave it without a say."""
    for (first, when), (second, also) in permutations(exceptions, 2):
        try:
            # hardly any two collide always, and the first search shows it for all others
            always = not can_hold([when, _negate(also)], steps) and can_hold([when, also], steps)
        except TooManyCases:
            continue
        if always:
            diagnostics.add(catalogue.ALWAYS_COLLIDE, *first.at("when"), first=first.label, second=second.label)
            return


def _negate(condition: Expression) -> Expression:
    return Apply(condition.type, condition.place, "not", (condition,))


def is_row_never_reached(choice: Choice, number: int, steps: Mapping[StepId, AnyStep]) -> bool:
    """Whether a row never holds; of rows of which the first counts, while none before it does."""
    conditions = [choice.exceptions[number].when]
    if choice.hit == "first":
        conditions += [_negate(row.when) for row in choice.exceptions[:number]]
    try:
        return not can_hold(conditions, steps, _FEW)
    except TooManyCases:
        return False


def is_never_true(condition: Expression, steps: Mapping[StepId, AnyStep]) -> bool:
    """Whether a condition cannot hold: its parts contradict each other, or the bounds of what it compares do."""
    try:
        return not can_hold([condition], steps, _FEW)
    except TooManyCases:
        return False


def is_always_true(condition: Expression, steps: Mapping[StepId, AnyStep]) -> bool:
    """Whether a condition holds whatever the facts are."""
    return is_never_true(_negate(condition), steps)


def check_points(
    of: policy.Policy,
    conditions: Mapping[str, Expression],
    steps: Mapping[StepId, AnyStep],
    diagnostics: Diagnostics,
) -> None:
    """The points of the items that apply add up to what the score is out of, for everybody."""
    score = of.score
    if score is None or score.out_of is None:
        return
    whens = list(conditions)
    try:
        for example, held in condition_cases([conditions[name] for name in whens], steps):
            applies = dict(zip(whens, held, strict=True))
            points = [item.points for item in of.items if applies.get(item.id, True)]
            total = sum(figure for figure in points if figure != "open")
            if points and total != score.out_of:
                kind = catalogue.POINTS_DO_NOT_CLOSE_FOR if example else catalogue.POINTS_DO_NOT_CLOSE
                diagnostics.add(kind, *score.at("out_of"), total=total, out_of=score.out_of, case=example)
                return
    except TooManyCases:
        diagnostics.add(catalogue.TOO_MANY_CASES, *score.at("out_of"), most=MAX_CASES)


def check_grades(
    grades: Sequence[policy.GradeDeclaration],
    conditions: Mapping[int, Expression],
    steps: Mapping[StepId, AnyStep],
    diagnostics: Diagnostics,
) -> None:
    """For everybody, the grades that apply go down to the lowest without one being out of order."""
    if not grades:
        return
    at = list(conditions)
    try:
        for example, held in condition_cases([conditions[number] for number in at], steps):
            applies = dict(zip(at, held, strict=True))
            chosen = [grade for number, grade in enumerate(grades) if applies.get(number, True)]
            if not _ordered(chosen, grades, example, diagnostics):
                return
    except TooManyCases:
        diagnostics.add(catalogue.TOO_MANY_CASES, *grades[0].at("when"), most=MAX_CASES)


def _ordered(
    chosen: Sequence[policy.GradeDeclaration],
    grades: Sequence[policy.GradeDeclaration],
    example: str,
    diagnostics: Diagnostics,
) -> bool:
    if not chosen or chosen[-1].from_ != "lowest":
        last = (chosen or grades)[-1]
        kind = catalogue.NO_LOWEST_FOR if example else catalogue.NO_LOWEST
        diagnostics.add(kind, *last.at("from"), id=last.id, case=example)
        return False
    for higher, lower in pairwise(chosen):
        if higher.from_ == "lowest" or (lower.from_ != "lowest" and lower.from_ >= higher.from_):
            diagnostics.add(catalogue.GRADE_OUT_OF_ORDER, *lower.at("from"), id=lower.id, higher=higher.id)
            return False
    return True
