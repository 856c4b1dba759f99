"""Questions that conditions ask, grouped so that those about one value are answered together.

Thirteen thresholds of one number have fourteen answers, not 8192: which of them hold follows from where it lies.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from scorecore.language.abstract import AbstractInterpreter
from scorecore.language.expressions import Apply, Constant, Expression, Lookup, Read, constant_value, walk
from scorecore.language.printer import print_constant, print_formula
from scorecore.values.types import PLACES, Type, TypeKind, Value, to_units

Answer = tuple[str, Mapping[int, Value]]
"""An example such as `role = "manager"`, and the value of each question then, by its number."""
_FREE: Final = AbstractInterpreter(lambda _: None)
"""Knows nothing but the types of facts."""


def list_axes(questions: Iterable[Expression]) -> list[list[Answer]]:
    """What can be answered independently of each other, each with all its answers."""
    by_value: dict[Expression, list[_ConstantComparison]] = {}
    axes: list[list[Answer]] = []
    for number, question in enumerate(questions):
        comparison = _read_comparison(number, question)
        if comparison is None:
            axes.append([(_name_answer(question, value), {number: value}) for value in _list_values(question)])
        else:
            by_value.setdefault(comparison.value, []).append(comparison)
    return [*axes, *(_place(value, comparisons) for value, comparisons in by_value.items())]


def _list_values(question: Expression) -> Sequence[Value]:
    """What a question can be; where the bounds of facts decide a comparison, nothing else is possible."""
    values: Sequence[Value] = question.type.among if question.type.among is not None else (True, False)
    possible = _FREE.interpret(question)
    if _is_set_by_branches(question) or isinstance(possible, Type):
        return values
    return [value for value in values if value in possible]


def _name_answer(question: Expression, value: Value) -> str:
    if isinstance(question, Read):
        return f"{question.name} = {print_constant(value)}"
    return f"({question.place.line}:{question.place.column}) = {print_constant(value)}"


def _is_set_by_branches(expression: Expression) -> bool:
    """Whether a part can be another figure in a branch, or is yet to be set."""
    return any(isinstance(part, Lookup) or (isinstance(part, Read) and "." in part.name) for part in walk(expression))


# comparisons of one value with constants


@frozen
class _ConstantComparison:
    """A question whether a value lies below, above or at constants."""

    number: int
    """Of the question."""
    value: Expression
    operator: str
    """`<`, `>` (the constant is on the left of `<`), or `in`."""
    constants: tuple[Any, ...]

    def holds(self, position: int, places: Mapping[object, int]) -> bool:
        """Whether it holds at a position, of which each constant has one."""
        marks = [places[constant] for constant in self.constants]
        if self.operator == "in":
            return position in marks
        return position < marks[0] if self.operator == "<" else position > marks[0]


def _read_comparison(number: int, question: Expression) -> _ConstantComparison | None:
    """The comparison that a question is, where one side is a constant."""
    match question:
        case Apply(operator="<", operands=(value, Constant() as constant)) if not isinstance(value, Constant):
            return _ConstantComparison(number, _without_widening(value), "<", (constant_value(constant),))
        case Apply(operator="<", operands=(Constant() as constant, value)):
            return _ConstantComparison(number, _without_widening(value), ">", (constant_value(constant),))
        case Apply(operator="==", operands=(Constant() as constant, value) | (value, Constant() as constant)):
            return _ConstantComparison(number, _without_widening(value), "in", (constant_value(constant),))
        case Apply(operator="in", operands=(value,), options=constants):
            return _ConstantComparison(number, value, "in", constants)
    return None


def _without_widening(value: Expression) -> Expression:
    """An integer that is compared as a decimal is the same number."""
    return value.operands[0] if isinstance(value, Apply) and value.operator == "decimal" else value


def _place(value: Expression, comparisons: Sequence[_ConstantComparison]) -> list[Answer]:
    """The answers to all comparisons of a value: one for each place among the constants where they differ.

    Positions count the constants and what lies between: the first constant is at 1, what is above it and below the
    next at 2. Texts have no order: the position 0 stands for all other texts.
    """
    constants = list(dict.fromkeys(constant for comparison in comparisons for constant in comparison.constants))
    is_ordered = value.type.kind is not TypeKind.STRING
    if is_ordered:
        constants.sort()
    positions = {constant: 2 * number + 1 for number, constant in enumerate(constants)}
    count = 2 * len(constants) + 1
    answers: dict[tuple[bool, ...], Answer] = {}
    for position in range(count) if is_ordered else (0, *range(1, count, 2)):
        if is_ordered and not _is_reached(value, constants, position):
            continue
        held = tuple(comparison.holds(position, positions) for comparison in comparisons)
        example = _name_position(value, constants, position, is_ordered=is_ordered)
        known = {comparison.number: is_true for comparison, is_true in zip(comparisons, held, strict=True)}
        answers.setdefault(held, (example, known))
    return list(answers.values())


def _is_reached(value: Expression, constants: Sequence[Any], position: int) -> bool:
    """Whether the bounds of a number, and its decimal places, let it lie at a position."""
    if not value.type.is_number or _is_set_by_branches(value):
        return True
    possible = _FREE.find_range(value)
    step = 10 ** (PLACES - value.type.places)
    index, is_between = divmod(position, 2)[0], position % 2 == 0
    if not is_between:
        mark = to_units(constants[index])
        return possible.low <= mark <= possible.high and mark % step == 0
    least = possible.low if index == 0 else max(possible.low, (to_units(constants[index - 1]) // step + 1) * step)
    return least <= possible.high and (index == len(constants) or least < to_units(constants[index]))


def _name_position(value: Expression, constants: Sequence[Any], position: int, *, is_ordered: bool) -> str:
    name = print_formula(value)
    index = position // 2
    if position % 2:
        return f"{name} = {print_constant(constants[index])}"
    if not is_ordered:
        return f"{name} not in [{', '.join(map(print_constant, constants))}]"
    parts = [print_constant(constants[index - 1])] if index else []
    if not parts:
        return f"{name} < {print_constant(constants[0])}"
    if index == len(constants):
        return f"{name} > {parts[0]}"
    return f"{parts[0]} < {name} < {print_constant(constants[index])}"


def combine(axes: Sequence[Sequence[Answer]]) -> Iterator[tuple[str, dict[int, Value]]]:
    """Every way of answering all questions, each with its example."""
    if not axes:
        yield "", {}
        return
    *before, last = axes
    for example, known in combine(before):
        for answer, values in last:
            yield ", ".join(filter(None, (example, answer))), {**known, **values}
