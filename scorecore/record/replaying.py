"""Recorded decisions are made again and compared: the same bytes, or where they differ."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from scorecore.canonical import decode, encode
from scorecore.record.log import Log
from scorecore.record.payloads import Data, result_of
from scorecore.record.runs import Run, decided, program_of
from scorecore.rows.compiled import Decider


@frozen
class Difference:
    """What a replay gives otherwise than was recorded."""

    entry: int
    subject: str
    what: str
    """A result by the name of its step, or `entries`, `pay`, `held`."""
    recorded: str
    replayed: str


@frozen
class Replayed:
    """A run that was made again."""

    run: Run
    same: int
    erased: int
    differences: tuple[Difference, ...]


def replay(log: Log, run: Run, subject: str | None = None) -> Replayed:
    """Decide a run's subjects again from the record alone, one by one; raises Refused where it cannot be read."""
    program = program_of(log, run)
    period = program.period.period(run.period)
    assert period is not None  # noqa: S101  the program of the run has decided it
    same, erased = 0, 0
    found: list[Difference] = []
    decider = Decider.of(program, period)
    for entry, payload in decided(log, run, program, subject):
        if payload is None:
            erased += 1
            continue
        again = encode(result_of(program, decider.decide(payload.record)))
        if again == encode(payload.result):
            same += 1
        else:
            found += differences(entry.index, payload.record.subject, payload.result, decode(again))
    return Replayed(run, same, erased, tuple(found))


def differences(entry: int, subject: str, recorded: Data, again: Data) -> Iterator[Difference]:
    """Where two results differ, by step."""
    for name in dict.fromkeys([*recorded["values"], *again["values"]]):
        one, other = recorded["values"].get(name), again["values"].get(name)
        if one != other:
            yield Difference(entry, subject, name, _shown(one), _shown(other))
    for part in ("entries", "pay", "held"):
        if recorded.get(part) != again.get(part):
            yield Difference(entry, subject, part, _shown(recorded.get(part)), _shown(again.get(part)))


def _shown(value: Any) -> str:  # noqa: ANN401  plain data
    return "—" if value is None else str(value)
