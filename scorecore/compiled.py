"""The fast way to decide one subject at a time: generated source where everything is known, else the walker."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from operator import itemgetter
from typing import Any, Final

from attrs import define, field

from scorecore.expressions import AGO
from scorecore.facts import Record
from scorecore.generate import Source
from scorecore.operators import EXACT, STICKY, Undefined
from scorecore.operators.arithmetic import not_negative, truncated, within
from scorecore.operators.dates import months_between
from scorecore.operators.rounding import MODES
from scorecore.periods import Period
from scorecore.program import Program
from scorecore.rows import Outcome, Plan
from scorecore.setting import Setting, setting


class Held(Exception):  # noqa: N818  not an error: the walker takes over
    """Something is unknown or held."""


def _need(value: Any) -> Any:  # noqa: ANN401  a value of any type
    if value is None:
        raise Held
    return value


def _at(rows: Sequence[Mapping[str, Any]], ago: int, name: str) -> Any:  # noqa: ANN401  a value of any type
    for row in rows:
        if row[AGO] == ago:
            return _need(row[name])
    raise Held


def _decided(rows: Sequence[Mapping[str, Any]], ago: int, name: str) -> bool:
    return any(row[AGO] == ago and row[name] is not None for row in rows)


def _last(rows: Sequence[Mapping[str, Any]], name: str, default: Any) -> Any:  # noqa: ANN401  a value of any type
    return _need(rows[0][name]) if rows else default


def _run(rows: Sequence[Mapping[str, Any]], holds: Callable[[Mapping[str, Any]], bool]) -> int:
    count = 0
    for row in rows:
        if row[AGO] != count + 1 or not holds(row):
            break
        count += 1
    return count


_GLOBALS: Final = {
    "Decimal": Decimal,
    "Held": Held,
    "at": _at,
    "decided": _decided,
    "divide": STICKY.divide,
    "last": _last,
    "months_between": months_between,
    "need": _need,
    "not_negative": not_negative,
    "rule_of": itemgetter(0),
    "run": _run,
    "truncated": truncated,
    "within": within,
    **{f"E{places}": Decimal(1).scaleb(-places) for places in range(13)},
    **{rounding: rounding for rounding in MODES.values()},
}


@define
class Decider:
    """Decides subjects of one period."""

    program: Program
    setting: Setting
    _plan: Plan = field(init=False, repr=False)
    _fast: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[tuple[Any, ...], list[Any]]] = field(
        init=False, repr=False
    )

    @classmethod
    def of(cls, program: Program, period: Period) -> "Decider":
        return cls(program, setting(program, period))

    def __attrs_post_init__(self) -> None:
        self._plan = Plan(self.program, self.setting)
        source = Source(self.program)
        text = source.text()
        scope: dict[str, Any] = dict(_GLOBALS)
        exec(compile(text, f"<{self.program.id}@{self.program.version}>", "exec"), scope)  # noqa: S102  our own text
        self._fast = scope["make"](self.setting.values, self.setting.tables, tuple(source.constants))

    def decide(self, record: Record) -> Outcome:
        """The outcome for one subject."""
        with localcontext(EXACT):
            return self._decide(record)

    def decide_all(self, records: Iterable[Record]) -> list[Outcome]:
        """The outcomes for several subjects, in their order."""
        with localcontext(EXACT):
            return [self._decide(record) for record in records]

    def _decide(self, record: Record) -> Outcome:
        if record.complete:
            try:
                values, entries = self._fast(record.values, record.rows)
            except (Held, Undefined, ArithmeticError):
                pass
            else:
                return Outcome(values, tuple(entries))
        return self._plan.decide(record)
