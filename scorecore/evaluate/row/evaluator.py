"""The fast way to decide one subject at a time: generated source where everything is known, else the walker."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from operator import itemgetter
from typing import Any, Final

from attrs import define, field

from scorecore.evaluate.groups import with_groups
from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.evaluate.reference.evaluator import Outcome, Posting, ReferenceEvaluator
from scorecore.evaluate.row.codegen import PythonCodegen
from scorecore.facts.subject_facts import SubjectFacts
from scorecore.language.expressions import AGO, nesting_depth
from scorecore.language.operators import EXACT, STICKY, UndefinedResult
from scorecore.language.operators.arithmetic import not_negative, truncated, within
from scorecore.language.operators.clock import at_clock, elapsed, seconds_between
from scorecore.language.operators.dates import add_days, months_between
from scorecore.language.operators.logic import require
from scorecore.language.operators.rounding import MODES
from scorecore.language.operators.worktime import (
    add_workdays,
    is_workday,
    workdays,
    worktime,
)
from scorecore.program.model import Program, step_expressions
from scorecore.values.period import Period
from scorecore.values.unknown import Unknown


class FallBackToReference(Exception):  # noqa: N818  not an error: the walker takes over
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
    known = [(id(row), *asked(row)) for row in rows]
    places: dict[Any, list[Any]] = {}
    for _, counts, kind, place in known:
        if counts:
            places.setdefault(kind, []).append(place)
    for several in places.values():
        several.sort()
    found: dict[int, int | None] = {}
    for row, counts, kind, place in known:
        before = bisect_left(places.get(kind, ()), place)
        alone = bisect_right(places.get(kind, ()), place) - before == bool(counts)
        found[row] = before + 1 if alone else None
    return found


GIVEN_UP: Final = (FallBackToReference, UndefinedResult, ArithmeticError)
_GLOBALS: Final = {
    "GIVEN_UP": GIVEN_UP,
    "Decimal": Decimal,
    "FallBackToReference": FallBackToReference,
    "add_days": add_days,
    "add_workdays": add_workdays,
    "at": _at,
    "at_clock": at_clock,
    "decided": _decided,
    "divide": STICKY.divide,
    "elapsed": elapsed,
    "is_workday": is_workday,
    "last": _last,
    "months_between": months_between,
    "need": _need,
    "only": _only,
    "not_negative": not_negative,
    "numbered": _numbered,
    "require": require,
    "rule_of": itemgetter(0),
    "run": _run,
    "seconds_between": seconds_between,
    "truncated": truncated,
    "within": within,
    "workdays": workdays,
    "worktime": worktime,
    **{f"E{places}": Decimal(1).scaleb(-places) for places in range(13)},
    **{rounding: rounding for rounding in MODES.values()},
}


_DEEPEST: Final = 60
"""Expressions inside each other; deeper ones are left to the walker, for Python nests at most 200 brackets."""


@define
class SubjectEvaluator:
    """Decides subjects of one period."""

    program: Program
    setting: PeriodContext
    _plan: ReferenceEvaluator = field(init=False, repr=False)
    _decide: Callable[..., tuple[tuple[Any, ...], list[Posting]]] | None = field(init=False, repr=False)
    _careful: Callable[..., None] | None = field(default=None, init=False, repr=False)
    """Made when somebody needs it."""

    @classmethod
    def of(cls, program: Program, period: Period) -> "SubjectEvaluator":
        return cls(program, period_context(program, period))

    def __attrs_post_init__(self) -> None:
        self._plan = ReferenceEvaluator(self.program, self.setting)
        depths = (nesting_depth(one) for step in self.program.steps for one in step_expressions(step))
        self._decide = self._made(PythonCodegen.text) if max(depths, default=0) <= _DEEPEST else None

    def _made(self, text: Callable[[PythonCodegen], str]) -> Callable[..., Any]:
        source = PythonCodegen(self.program)
        scope: dict[str, Any] = dict(_GLOBALS)
        exec(compile(text(source), f"<{self.program.id}@{self.program.version}>", "exec"), scope)  # noqa: S102  our own text
        return scope["make"](self.setting.values, self.setting.tables, tuple(source.constants))  # type: ignore[no-any-return]

    def decide(self, record: SubjectFacts) -> Outcome:
        """The outcome for one subject."""
        with localcontext(EXACT):
            return self._outcome(record)

    def company(self, records: Iterable[SubjectFacts]) -> list[SubjectFacts]:
        """The records of everybody, with the group values that the program reads."""
        several = list(records)
        if not self.program.grouped:
            return several
        return with_groups(
            self.program, several, lambda part, some: SubjectEvaluator(part, self.setting).decide_all(some)
        )

    def decide_all(self, records: Iterable[SubjectFacts]) -> list[Outcome]:
        """The outcomes for several subjects, in their order; what depends on others is given in their records."""
        with localcontext(EXACT):
            return [self._outcome(record) for record in records]

    def _outcome(self, record: SubjectFacts) -> Outcome:
        if not self._decide:
            return self._plan.decide(record)
        if not record.unknown:
            try:
                values, entries = self._decide(record.values, record.rows)
            except GIVEN_UP:
                pass
            else:
                return Outcome(values, tuple(entries))
        return self._step_by_step(record)

    def _step_by_step(self, record: SubjectFacts) -> Outcome:
        plan, unknown, posted = self._plan, set(record.unknown), list[Posting]()
        walker = plan.walker(record)

        def walk(number: int) -> Any:  # noqa: ANN401  a value of any type
            value = plan.take(number, walker, posted)
            if isinstance(value, Unknown):
                unknown.add(plan.steps[number][0].name)
            return value

        if self._careful is None:
            self._careful = self._made(PythonCodegen.careful_text)
        self._careful(walker.values, walker.rows, posted, unknown, walk)
        return plan.outcome(walker, posted)
