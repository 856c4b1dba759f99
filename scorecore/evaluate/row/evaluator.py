"""Decides one subject at a time, fast: by generated source where everything is known, else by the reference."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final

from attrs import define, field

from scorecore.evaluate.groups import add_group_values
from scorecore.evaluate.outcome import Outcome, Posting
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.evaluate.reference.evaluator import ReferenceEvaluator
from scorecore.evaluate.row.codegen import PythonCodegen
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import AGO, Expression, subexpressions
from scorecore.language.operators import EXACT, UndefinedResult
from scorecore.language.operators.arithmetic import check_not_negative, check_within, cut, divide, truncate_quotient
from scorecore.language.operators.clock import convert_seconds, count_seconds, set_clock
from scorecore.language.operators.dates import add_days, count_months
from scorecore.language.operators.logic import require
from scorecore.language.operators.rounding import MODES, divide_sticky
from scorecore.language.operators.text import join_texts
from scorecore.language.operators.worktime import (
    add_workdays,
    count_workdays,
    is_workday,
    measure_worktime,
)
from scorecore.program.model import Program
from scorecore.program.steps import step_expressions
from scorecore.values.period import Period
from scorecore.values.ratio import ROUNDING
from scorecore.values.unknown import Unknown


class FallBackToReference(Exception):  # noqa: N818  not an error: the reference evaluator takes over
    """Something is unknown or held."""


def _need(value: Any) -> Any:  # noqa: ANN401  a value of any type
    if value is None:
        raise FallBackToReference
    return value


def _at(rows: Sequence[Mapping[str, Any]], ago: int, name: str) -> Any:  # noqa: ANN401  a value of any type
    for row in rows:
        if row[AGO] == ago:
            return _need(row[name])
    raise FallBackToReference


def _decided(rows: Sequence[Mapping[str, Any]], ago: int, name: str) -> bool:
    return any(row[AGO] == ago and row[name] is not None for row in rows)


def _only(rows: Sequence[Mapping[str, Any]], name: str) -> Any:  # noqa: ANN401  a value of any type
    return _need(rows[0][name] if rows else None)


def _last(rows: Sequence[Mapping[str, Any]], name: str, default: Any) -> Any:  # noqa: ANN401  a value of any type
    return _need(rows[0][name]) if rows else default


def _run(rows: Sequence[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]) -> int:
    count = 0
    for row in rows:
        if row[AGO] != count + 1 or not holds(row):
            break
        count += 1
    return count


def _numbered(
    rows: Sequence[Mapping[str, Any]], asked: Callable[[Mapping[str, Any]], tuple[bool, Any, Any]]
) -> dict[int, int | None]:
    """For each event, by the identity of its row, which one of its kind it is; None where another is its equal."""
    asked_rows = [(id(row), *asked(row)) for row in rows]
    ranks_by_kind: dict[Any, list[Any]] = {}
    for _, counts, kind, place in asked_rows:
        if counts:
            ranks_by_kind.setdefault(kind, []).append(place)
    for ranks in ranks_by_kind.values():
        ranks.sort()
    numbers: dict[int, int | None] = {}
    for row, counts, kind, place in asked_rows:
        before = bisect_left(ranks_by_kind.get(kind, ()), place)
        alone = bisect_right(ranks_by_kind.get(kind, ()), place) - before == bool(counts)
        numbers[row] = before + 1 if alone else None
    return numbers


def _summed_to(
    rows: Sequence[Mapping[str, Any]],
    asked: Callable[[Mapping[str, Any]], tuple[bool, Any, Any, Any]],
    zero: Any,  # noqa: ANN401  a number
) -> dict[int, Any]:
    """For each event, by the identity of its row, the sum up to it; None where another is its equal."""
    asked_rows = [(id(row), *asked(row)) for row in rows]
    alike: dict[Any, list[tuple[Any, Any]]] = {}
    for _, counts, kind, place, amount in asked_rows:
        if counts:
            alike.setdefault(kind, []).append((place, amount))
    places: dict[Any, list[Any]] = {}
    totals: dict[Any, list[Any]] = {}
    for kind, amounts in alike.items():
        amounts.sort(key=itemgetter(0))
        places[kind] = [place for place, _ in amounts]
        totals[kind] = list(accumulate((amount for _, amount in amounts), initial=zero))
    sums: dict[int, Any] = {}
    for row, counts, kind, place, _ in asked_rows:
        end = bisect_right(places.get(kind, ()), place)
        alone = end - bisect_left(places.get(kind, ()), place) == bool(counts)
        sums[row] = totals.get(kind, [zero])[end] if alone else None
    return sums


def _neighbours(
    rows: Sequence[Mapping[str, Any]],
    asked: Callable[[Mapping[str, Any]], tuple[bool, Any, Any]],
    is_next: bool,  # noqa: FBT001  generated code passes it
) -> dict[int, Mapping[str, Any] | None]:
    """For each event, by the identity of its row, the one before or after it; empty where there is none.

    None where another is its equal, or the equal of that one.
    """
    asked_rows = [(row, *asked(row)) for row in rows]
    alike: dict[Any, list[tuple[Any, Mapping[str, Any]]]] = {}
    for row, counts, kind, place in asked_rows:
        if counts:
            alike.setdefault(kind, []).append((place, row))
    for placed in alike.values():
        placed.sort(key=itemgetter(0))
    neighbours: dict[int, Mapping[str, Any] | None] = {}
    for row, counts, kind, place in asked_rows:
        placed = alike.get(kind, [])
        start = bisect_left(placed, place, key=itemgetter(0))
        end = bisect_right(placed, place, key=itemgetter(0))
        near = placed[end : end + 2] if is_next else placed[max(start - 2, 0) : start][::-1]
        is_clear = end - start == bool(counts) and not (len(near) > 1 and near[0][0] == near[1][0])
        neighbours[id(row)] = (near[0][1] if near else {}) if is_clear else None
    return neighbours


def _keyed(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    key: Sequence[Any],
    otherwise: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """The row that has a key."""
    for row in rows:
        if all(row[name] == part for name, part in zip(names, key, strict=True)):
            return row
    return _need(otherwise)  # type: ignore[no-any-return]


def _latest(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    key: Sequence[Any],
    otherwise: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """The last row up to a key."""
    *alike, last = names
    pairs = list(zip(alike, key, strict=False))
    before = (row for row in rows if row[last] <= key[-1] and all(row[name] == part for name, part in pairs))
    return _need(max(before, key=itemgetter(last), default=otherwise))  # type: ignore[no-any-return]


GIVEN_UP: Final = (FallBackToReference, UndefinedResult, ArithmeticError)
_GLOBALS: Final = {
    "GIVEN_UP": GIVEN_UP,
    "Decimal": Decimal,
    "FallBackToReference": FallBackToReference,
    "add_days": add_days,
    "add_workdays": add_workdays,
    "at": _at,
    "ROUNDING": ROUNDING,
    "at_clock": set_clock,
    "cut": cut,
    "decided": _decided,
    "divide": divide_sticky,
    "elapsed": convert_seconds,
    "is_workday": is_workday,
    "join_texts": join_texts,
    "keyed": _keyed,
    "last": _last,
    "latest": _latest,
    "months_between": count_months,
    "need": _need,
    "neighbours": _neighbours,
    "only": _only,
    "quotient": divide,
    "ratio": divide,
    "not_negative": check_not_negative,
    "numbered": _numbered,
    "require": require,
    "rule_of": itemgetter(0),
    "run": _run,
    "seconds_between": count_seconds,
    "summed_to": _summed_to,
    "truncated": truncate_quotient,
    "within": check_within,
    "workdays": count_workdays,
    "worktime": measure_worktime,
    **{f"E{places}": Decimal(1).scaleb(-places) for places in range(13)},
    **{rounding: rounding for rounding in MODES.values()},
}


_MAX_DEPTH: Final = 60
"""Expressions inside each other; deeper ones are left to the reference evaluator: Python nests at most 200 brackets."""


def _nesting_depth(expression: Expression) -> int:
    """How deeply expressions are nested."""
    return 1 + max(map(_nesting_depth, subexpressions(expression)), default=0)


@define
class SubjectEvaluator:
    """Decides subjects of one period: by generated source where everything is known, else step by step."""

    program: Program
    context: PeriodContext
    _reference: ReferenceEvaluator = field(init=False, repr=False)
    _decide: Callable[..., tuple[tuple[Any, ...], list[Posting]]] | None = field(init=False, repr=False)
    _take_steps: Callable[..., None] | None = field(default=None, init=False, repr=False)
    """Generated when it is first needed."""

    @classmethod
    def of(cls, program: Program, period: Period) -> "SubjectEvaluator":
        return cls(program, period_context(program, period))

    def __attrs_post_init__(self) -> None:
        self._reference = ReferenceEvaluator(self.program, self.context)
        depths = (_nesting_depth(part) for step in self.program.core.steps for part in step_expressions(step))
        is_shallow = max(depths, default=0) <= _MAX_DEPTH
        self._decide = self._generate(PythonCodegen.fast_text) if is_shallow else None

    def _generate(self, text: Callable[[PythonCodegen], str]) -> Callable[..., Any]:
        codegen = PythonCodegen(self.program.core)
        scope: dict[str, Any] = dict(_GLOBALS)
        exec(compile(text(codegen), f"<{self.program.id}@{self.program.version}>", "exec"), scope)  # noqa: S102  our own text
        return scope["make"](self.context.values, self.context.tables, tuple(codegen.constants))  # type: ignore[no-any-return]

    def decide(self, facts: SubjectFacts) -> Outcome:
        """The outcome for one subject."""
        with localcontext(EXACT):
            return self._outcome(facts)

    def add_group_values(self, subjects: Iterable[SubjectFacts]) -> list[SubjectFacts]:
        """The facts of everybody, with the group values that the program reads."""
        everybody = list(subjects)
        if not self.program.grouped:
            return everybody
        return add_group_values(
            self.program, everybody, lambda part, members: SubjectEvaluator(part, self.context).decide_all(members)
        )

    def decide_all(self, subjects: Iterable[SubjectFacts]) -> list[Outcome]:
        """The outcomes for many subjects, in their order; what depends on others is among their facts."""
        with localcontext(EXACT):
            return [self._outcome(facts) for facts in subjects]

    def _outcome(self, facts: SubjectFacts) -> Outcome:
        if not self._decide:
            return self._reference.decide(facts)
        if not facts.unknown:
            try:
                values, entries = self._decide(facts.values, facts.rows)
            except GIVEN_UP:
                pass
            else:
                return Outcome(values, tuple(entries), self.program)
        return self._step_by_step(facts)

    def _step_by_step(self, facts: SubjectFacts) -> Outcome:
        reference, unknown, entries = self._reference, set(facts.unknown), list[Posting]()
        environment = reference.environment(facts)

        def walk(number: int) -> Any:  # noqa: ANN401  a value of any type
            value = reference.take_step(number, environment, entries)
            if isinstance(value, Unknown):
                unknown.add(reference.steps[number][0].name)
            return value

        if self._take_steps is None:
            self._take_steps = self._generate(PythonCodegen.careful_text)
        self._take_steps(environment.values, environment.rows, entries, unknown, walk)
        return reference.outcome(environment, entries)
