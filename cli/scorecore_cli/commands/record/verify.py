"""`scorecore record verify`: whether a record is what was signed."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click
from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import RecordRejected
from scorecore.record.check import check_runs
from scorecore.record.log.log import Log
from scorecore.record.log.note import VerifierKey
from scorecore.record.log.verify import VerificationReport
from scorecore.record.log.verify import verify as verify_record
from scorecore.record.log.witness import Cosignature, count_witnessed, find_cosignatures
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.bounded_file import read_bounded_text
from scorecore_cli.commands.record.timestamp import describe_stamp, read_tsa, tsa_option
from scorecore_cli.commands.record.witness import parse_witnesses, witness_option
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.payroll_view import PayrollComparison, PayrollRequest, check_payroll_file
from scorecore_cli.public_key import read_public_keys
from scorecore_cli.record_file import anchor_option, find_vault, open_record, record_argument, stop_if_rejected
from scorecore_cli.terminal import (
    console,
    diagnostic_data,
    format_instant,
    show_diagnostics,
    show_json,
)

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from scorecore.record.log.timestamps import Timestamp

_NOT_ANCHORED: Final = 3
"""The exit code for a record of which nobody can say whether its end was cut off."""


@click.command(cls=options.Command)
@record_argument
@anchor_option
@options.option(
    "--against",
    "payroll",
    type=PathParameter(exists=True),
    help="A payroll to compare: it must pay everyone what the record says, and nobody else.",
)
@options.option(
    "--key",
    "trusted",
    multiple=True,
    help="A public key of the record that you trust, or a file with such lines; repeatable. It or its "
    "successors must have signed.",
)
@witness_option
@options.option(
    "--require",
    type=click.IntRange(min=1),
    help="How many of the named witnesses must have signed; default: all of them.",
)
@tsa_option
@options.option("--period", default="", help="The period of the payroll, if no column has it.")
@options.option("--id", "policy_id", default="", help="The id of the policy, if more than one pays.")
@options.option("--amount", default="", help="The heading of the amounts, if it is not `to pay` or `net pay`.")
@options.option(
    "--run", "number", type=int, help="The run that is paid, such as a correction whose difference is paid separately."
)
@options.encoding
@options.as_json
@options.lang
def verify(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    anchor: Path | None,
    payroll: Path | None,
    trusted: tuple[str, ...],
    witnesses: tuple[str, ...],
    require: int | None,
    tsa_paths: tuple[Path, ...],
    period: str,
    policy_id: str,
    amount: str,
    number: int | None,
    encoding: str,
    *,
    as_json: bool,
) -> None:
    """Check that a record is what was signed: every entry, payload and part, and that it continues the anchor.

    Witnesses that you name count as an anchor of what they have signed. Exit code 3: it is consistent, but neither an
    anchor nor as many witnesses as you require show that nothing was cut off or replaced.
    """
    request = PayrollRequest(payroll, period, policy_id, amount, number, encoding) if payroll else None
    if require and require > len(witnesses):
        raise click.UsageError(_("--require asks for more witnesses than --witness names"))
    keys = parse_witnesses(witnesses)
    witnessing = _Witnessing(keys, require or len(keys), read_tsa(tsa_paths))
    verified = _verify(record_path, anchor, read_public_keys(trusted), request, witnessing)
    report = verified.report
    if as_json:
        show_json(_data(verified))
    else:
        _show(verified)
    is_anchored = report.anchored and not verified.witnessing.is_missing
    sys.exit(0 if report.sound and is_anchored else _NOT_ANCHORED if report.sound else 1)


@frozen
class _Witnessing:
    """The witnesses and authorities whom the verifier names, how many must have signed, and what they have."""

    keys: Sequence[VerifierKey]
    required: int
    certificates: "Sequence[Certificate]" = ()
    latest: Mapping[str, Cosignature] = field(factory=dict)
    stamps: "Sequence[Timestamp]" = ()

    def read(self, log: Log) -> "_Witnessing":
        """With what a record has of them; raises RecordRejected."""
        latest = find_cosignatures(log, self.keys) if self.keys else {}
        if not self.certificates:
            return evolve(self, latest=latest)
        from scorecore.record.log.timestamps import find_timestamps  # noqa: PLC0415  an extra

        return evolve(self, latest=latest, stamps=find_timestamps(log, self.certificates))

    @property
    def size(self) -> int:
        """How many entries as many witnesses have signed as are required."""
        return count_witnessed(self.latest.values(), self.required)

    @property
    def is_missing(self) -> bool:
        return bool(self.keys) and not self.size


@frozen
class _Verified:
    """What was found of a record, and of a payroll if there is one."""

    report: VerificationReport
    comparison: PayrollComparison | None = None
    keepers: tuple[str, ...] | None = None
    """The operators by their names; none of them for a single operator, and None where that is not known."""
    is_misused: bool = False
    """Whether it is what was signed, but somebody did what they may not."""
    witnessing: _Witnessing = _Witnessing((), 0)


def _verify(
    record_path: Path,
    anchor: Path | None,
    trusted: Sequence[VerifierKey],
    request: PayrollRequest | None,
    witnessing: _Witnessing,
) -> _Verified:
    """What is wrong with a record, and with the payroll if there is one and the record is sound."""
    checkpoint = None if anchor is None else read_bounded_text(anchor)
    report = verify_record(record_path, anchor=checkpoint, trusted=trusted, vault=find_vault(record_path))
    if not report.sound:
        return _Verified(report)
    with open_record(record_path, is_evidence=True) as log:
        try:
            recorded = Recorded.read(log)
        except RecordRejected as rejected:
            report = evolve(report, diagnostics=(*report.diagnostics, *rejected.diagnostics))
            return _Verified(report, is_misused=True)
        diagnostics = stop_if_rejected(lambda: tuple(check_runs(recorded)))
        comparison = check_payroll_file(recorded, request) if request else None
        witnessing = stop_if_rejected(witnessing.read, log)
    diagnostics += comparison.diagnostics if comparison else ()
    found = (*report.diagnostics, *diagnostics)
    if witnessing.size:  # they are an anchor of what they have signed
        found = tuple(diagnostic for diagnostic in found if diagnostic.kind is not catalogue.UNANCHORED)
    report = evolve(report, diagnostics=found)
    names = tuple(recorded.people.operators.by_name)
    return _Verified(report, comparison, names, witnessing=witnessing)


def _data(verified: _Verified) -> dict[str, object]:
    report, comparison = verified.report, verified.comparison
    keepers = {} if verified.keepers is None else {"operators": list(verified.keepers)}
    return {
        "entries": report.entries,
        "payloads": report.payloads,
        "erased": report.erased,
        "parts": report.parts,
        **({"paid": comparison.people} if comparison else {}),
        **keepers,
        "sound": report.sound,
        "anchored": report.anchored,
        **({"witnesses": _witness_data(verified.witnessing)} if verified.witnessing.keys else {}),
        **({"timestamps": _stamp_data(verified.witnessing)} if verified.witnessing.certificates else {}),
        "problems": list(map(diagnostic_data, report.diagnostics)),
    }


def _show(verified: _Verified) -> None:
    screen, report = console(), verified.report
    show_diagnostics(report.diagnostics, {}, screen)
    screen.print(
        _(
            "entries {entries}; payloads opened {payloads}, erased {erased}; parts {parts}",
            entries=report.entries,
            payloads=report.payloads,
            erased=report.erased,
            parts=report.parts,
        )
    )
    if verified.keepers is not None:
        screen.print(_name_keepers(verified.keepers))
    _show_witnesses(verified.witnessing)
    _show_stamps(verified.witnessing)
    screen.print(_conclusion(verified))


def _witness_data(witnessing: _Witnessing) -> dict[str, object]:
    signed = {name: {"entries": each.size, "at": each.at.isoformat()} for name, each in witnessing.latest.items()}
    return {"required": witnessing.required, "witnessed": witnessing.size, "signed": signed}


def _stamp_data(witnessing: _Witnessing) -> list[dict[str, object]]:
    return [{"entries": stamp.size, "at": stamp.at.isoformat()} for stamp in witnessing.stamps]


def _show_witnesses(witnessing: _Witnessing) -> None:
    """What each witness has signed, and whether they are enough."""
    for name in (key.name for key in witnessing.keys):
        each = witnessing.latest.get(name)
        if each is None:
            console().print(_("{name} has witnessed nothing", name=name))
        else:
            message = ngettext(
                "{name} has witnessed the first {count} entry, at {at}",
                "{name} has witnessed the first {count} entries, at {at}",
                each.size,
                name=name,
                at=format_instant(each.at),
            )
            console().print(message)
    params = {"count": len(witnessing.latest), "required": witnessing.required, "size": witnessing.size}
    if witnessing.size:
        console().print(_("the first {size} entries have the {required} witnesses that are required", **params))
    elif witnessing.keys:
        console().print(_("NOT enough witnesses: {count} of the {required} that are required", **params))


def _show_stamps(witnessing: _Witnessing) -> None:
    """The last time-stamp that counts."""
    if witnessing.stamps:
        last = witnessing.stamps[-1]
        console().print(describe_stamp(last))
    elif witnessing.certificates:
        console().print(_("no time-stamp counts under the certificates that are named"))


def _name_keepers(keepers: tuple[str, ...]) -> str:
    if not keepers:
        return _("kept by a single operator: every run is in force as soon as it is recorded")
    return _("kept by {names}: a run is in force once another of them has approved it", names=", ".join(keepers))


def _conclusion(verified: _Verified) -> str:
    """What is to be thought of a record and a payroll, and what to do."""
    report, comparison = verified.report, verified.comparison
    if verified.is_misused:
        return _("the record is what was signed, but somebody did what they may not: keep the file as evidence")
    if not report.verified:
        return _("the record was not verified")
    errors = {diagnostic.kind for diagnostic in report.diagnostics if not diagnostic.kind.warning}
    if errors == {catalogue.NOT_CONFIRMED}:
        return _("the record is what was signed, but nobody has confirmed what a stolen key has signed")
    if comparison is None:
        changed = _(
            "the record is NOT what was signed: keep the file as evidence, and continue with a copy that verifies"
        )
        return _soundness(verified) if report.sound else changed
    if not report.sound:
        return _("the payroll differs from the record: correct the payroll, or correct the record")
    paid = ngettext(
        "the payroll pays {count} person what the record says",
        "the payroll pays {count} people what the record says",
        comparison.people,
    )
    partial = ngettext(
        "{count} of them only in part, because a pay line is held",
        "{count} of them only in part, because pay lines are held",
        comparison.partial,
    )
    return join_sentences([paid, *([partial] if comparison.partial else []), _soundness(verified)])


def _soundness(verified: _Verified) -> str:
    is_anchored = verified.report.anchored and not verified.witnessing.is_missing
    return _("the record is sound") if is_anchored else _("the record is consistent, not anchored")
