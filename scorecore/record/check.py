"""What the log itself cannot know: whether runs have what they say, and programs are what their manifests name."""

from collections.abc import Iterator

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, RecordRejected
from scorecore.diagnostics.source import Location
from scorecore.record.people.acts import check_reached
from scorecore.record.runs.manifest import Run, program_of, used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import RESUMPTION, format_time, read_between, read_outside_runs


def check_runs(recorded: Recorded) -> Iterator[Diagnostic]:
    """What is wrong with the runs of a record whose log was verified."""
    yield from check_programs(recorded)
    yield from check_counts(recorded)
    yield from check_clock(recorded)
    yield from check_approval_rules(recorded)
    yield from check_keys(recorded)
    for entry in read_between(recorded.log, RESUMPTION):
        figures = {name: str(entry.fields[name]) for name in ("signed", "reason")}
        figures = {"entry": str(entry.index), **figures}
        yield Diagnostic(catalogue.RESUMED, Location(str(recorded.log.path), 0, 0), figures)


def check_keys(recorded: Recorded) -> Iterator[Diagnostic]:
    """Keys that were lost or stolen, and what was signed with a stolen one and confirmed by nobody."""
    place = Location(str(recorded.log.path), 0, 0)
    for lost in recorded.people.lost_keys:
        yield Diagnostic(
            catalogue.KEY_LOST, place, {"entry": str(lost.entry), "name": lost.name, "reason": lost.reason}
        )
    for theft in recorded.people.thefts:
        figures = {"entry": str(theft.entry), "name": theft.name, "size": str(theft.size), "reason": theft.reason}
        yield Diagnostic(catalogue.KEY_STOLEN, place, figures)
    for theft in recorded.people.unconfirmed:
        for first, last in theft.signed:
            figures = {"first": str(first), "last": str(last), "name": theft.name}
            yield Diagnostic(catalogue.NOT_CONFIRMED, place, figures)


def check_clock(recorded: Recorded) -> Iterator[Diagnostic]:
    """What was recorded after something that has a later time: the clock was set back, or was wrong before."""
    moments = {run.start: run.at for run in recorded.all_runs}
    moments |= {entry.index: entry.at for entry in read_outside_runs(recorded.log)}
    latest = recorded.log.entry(0).at
    for index, moment in sorted(moments.items()):
        if moment < latest:
            figures = {"entry": str(index), "at": format_time(moment), "last": format_time(latest)}
            yield Diagnostic(catalogue.CLOCK_SET_BACK, Location(str(recorded.log.path), 0, 0), figures)
        latest = max(latest, moment)


def check_approval_rules(recorded: Recorded) -> Iterator[Diagnostic]:
    """Runs that pay as much as a rule of approval says, as far as nothing was erased, and do not name the rule."""
    for proposal in recorded.people.proposals:
        try:
            check_reached(recorded, proposal)
        except RecordRejected as rejected:
            yield from rejected.diagnostics


def check_programs(recorded: Recorded) -> Iterator[Diagnostic]:
    """Programs that do not have the digests that their manifests name: of what they mean, or of what they say.

    Both are computed again from what was packed. A program that many runs share is read once.
    """
    checked = set[tuple[str, ...]]()
    for run in recorded.all_runs:
        pinned = _pinned_digests(run)
        if not pinned <= checked:
            checked |= pinned
            try:
                program_of(recorded.log, run)
                used_by(recorded.log, run)
            except RecordRejected as rejected:
                yield from rejected.diagnostics


def _pinned_digests(run: Run) -> set[tuple[str, ...]]:
    programs = [run.manifest, *run.manifest["used"].values()]
    return {(pinned["packed"], pinned["program"], pinned.get("texts", "")) for pinned in programs}


def check_counts(recorded: Recorded) -> Iterator[Diagnostic]:
    """Runs that do not have as many decisions as they say, or leave out some of their subjects."""
    for run in recorded.all_runs:
        entries = recorded.log.entries(run.entries.start, run.entries.stop)
        count = sum(entry.kind == run.decision_kind for entry in entries)
        promised = [run.close["decisions"], *([] if run.corrects else [run.close["subjects"]])]
        if differing := [number for number in promised if number != count]:
            figures = {"number": str(run.number), "said": str(differing[0]), "found": str(count)}
            yield Diagnostic(catalogue.COUNT_DIFFERS, Location(str(recorded.log.path), 0, 0), figures)
