"""What operators of a service see: log records and spans, with names of policies and counts, and no personal data.

Records go to the logger `scorecore`, with the event as the message and its fields as attributes of the record. Spans
are those of OpenTelemetry; where it is not installed there are none. No record and no span has an id, a fact, an
amount or the sentence of a diagnostic.
"""

import logging
from collections.abc import Iterable
from functools import cache
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from attrs import define, field

from scorecore.diagnostics.diagnostic import Diagnostic, Rejected

LOGGER: Final = logging.getLogger("scorecore")
LOGGER.addHandler(logging.NullHandler())


@cache
def _find_tracer() -> Any:  # noqa: ANN401  a tracer, whose package may not be installed
    """The tracer of OpenTelemetry; None where it is not installed."""
    try:
        from opentelemetry import trace  # noqa: PLC0415  only where a service has it
    except ImportError:
        return None
    return trace.get_tracer("scorecore")


@define
class Observation:
    """What is being done: a span around it, and a log record when it ends.

    Where it is rejected, the codes of the diagnostics are logged as a warning instead.
    """

    event: str
    level: int
    fields: dict[str, str | int | float]
    is_observed: bool = field(init=False, default=False)
    """Whether anybody looks: else nobody needs to add fields."""
    _started: float = field(init=False, default=0.0)
    _span: Any = field(init=False, default=None)

    def __enter__(self) -> Self:
        tracer = _find_tracer()
        if tracer is not None:
            self._span = tracer.start_span(f"scorecore.{self.event}", record_exception=False)
        self.is_observed = LOGGER.isEnabledFor(self.level) or (self._span is not None and self._span.is_recording())
        self._started = perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, Rejected):
            self.fields["codes"] = join_codes(error.diagnostics)
            self._end(f"{self.event}.rejected", logging.WARNING)
        elif error is None and self.is_observed:
            self._end(self.event, self.level)
        if self._span is not None:
            self._span.end()

    def _end(self, message: str, level: int) -> None:
        self.fields["milliseconds"] = round((perf_counter() - self._started) * 1000, 3)
        LOGGER.log(level, message, extra={"event": message, **self.fields})
        if self._span is not None:
            self._span.set_attributes({f"scorecore.{name}": value for name, value in self.fields.items()})


def join_codes(diagnostics: Iterable[Diagnostic]) -> str:
    """The codes of diagnostics, each once."""
    return " ".join(sorted({diagnostic.kind.code for diagnostic in diagnostics}))
