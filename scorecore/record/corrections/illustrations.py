"""Nothing in force builds on illustrations: neither a run on what is recorded, nor what is recorded on a correction."""

from collections.abc import Iterable
from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.program.model import Program
from scorecore.record.log import store
from scorecore.record.runs.manifest import Run
from scorecore.record.runs.recorded import Recorded

IN_FORCE: Final = "in force"
"""The status of a policy whose figures are neither invented nor a draft."""


def check_status(
    recorded: Recorded, program: Program, period: str, used: Iterable[Program], dependents: Iterable[Run] = ()
) -> None:
    """Raises RecordRejected where a policy in force builds on invented figures or a draft, or would from now on.

    `program` decides a period, with the decisions of the policies `used`; `dependents` are the runs of other policies
    that read its decisions.
    """
    runs = recorded.of(program.id)
    if program.status == IN_FORCE:
        earlier = [run for run in runs if run.period < period] if program.schema.history else []
        last = sorted(earlier, key=lambda run: (run.period, run.start))[-1:]  # those before it were compared with it
        for other in (*used, *map(recorded.program, last)):
            _check(recorded, program, other)
        return
    later = {run.period: run for run in runs if run.period > period}
    for builder in map(recorded.program, later.values()):
        if builder.schema.history:
            _check(recorded, builder, program)
    for run in dependents:
        _check(recorded, recorded.program(run), program)


def _check(recorded: Recorded, builder: Program, other: Program) -> None:
    """Raises RecordRejected where `builder`, which builds on `other`, is in force, and `other` is not."""
    if builder.status == IN_FORCE != other.status:
        names = {"policy": f"{builder.id}@{builder.version}", "other": f"{other.id}@{other.version}"}
        raise store.refuse(catalogue.BUILDS_ON_ILLUSTRATION, recorded.log.path, **names, status=other.status)
