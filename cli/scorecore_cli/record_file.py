"""A record as the commands open it: its file, its key beside it, the clock and chance of this machine."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

import rich_click as click
from attrs import define

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, RecordRejected, Rejected
from scorecore.diagnostics.source import Location
from scorecore.evaluate.decisions import Decisions
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.log import store
from scorecore.record.log.entries import NewLogEntry, blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.vault import vault_path
from scorecore.record.log.verify import verify
from scorecore.record.people.acts import check_entry
from scorecore.record.record_run import Signed, record_run, record_trial
from scorecore.record.runs.manifest import PROPOSAL, TRIAL
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import RunDecisions
from scorecore_cli import options
from scorecore_cli.assessment_input import Assessment, stop
from scorecore_cli.bounded_file import read_bounded_text
from scorecore_cli.language import _
from scorecore_cli.operator_key import find_signer
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.signing_key import LastSigned, install_next_key, next_key_path, read_key

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

VAULT_VARIABLE: Final = "SCORECORE_VAULT"
"""The variable that names the vault, where it is not beside its record."""
LOCK_TIMEOUT: Final = 5.0
"""How many seconds a command waits while another program writes."""

record_argument: Final = options.argument(
    "record_path", metavar="RECORD", type=PathParameter(exists=True, dir_okay=False)
)
anchor_option: Final = options.option(
    "--anchor",
    type=PathParameter(exists=True, dir_okay=False),
    help="A checkpoint that was kept elsewhere: the record must begin with it.",
)
key_option: Final = options.option(
    "--key", "key", type=PathParameter(dir_okay=False), help="The signing key; default: RECORD.key."
)


def find_vault(record_path: Path) -> Path:
    """Where the vault of a record is: beside it, unless the environment says otherwise."""
    named = os.environ.get(VAULT_VARIABLE)
    return Path(named) if named else vault_path(record_path)


def describe_absence(log: Log, subject: str) -> str:
    """That nothing is known about somebody, and whether that may be because it was erased."""
    if log.finds_erased or not log.erasures():
        return _("the record has no decision about {id}", id=subject)
    return _(
        "the record has no decision about {id}, or has erased them: it does not say whom it has erased", id=subject
    )


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def open_record(path: Path, anchor: Path | None = None, *, is_evidence: bool = False) -> Log:
    """Open a record for reading; ends the command with its diagnostics."""
    try:
        log = Log.open(path, vault=find_vault(path), is_evidence=is_evidence)
        _check_anchors(log, path.with_name(path.name + KEY_SUFFIX), anchor)
    except Rejected as error:
        _stop_opening(error, path)
    return log


def open_evidence(path: Path) -> Log:
    """Open any record, whichever its key signed last, and change nothing; ends the command with its diagnostics."""
    try:
        return Log.open(path, vault=find_vault(path), is_evidence=True)
    except Rejected as error:
        _stop_opening(error, path)


def open_record_to_write(
    path: Path,
    key: Path | None,
    anchor: Path | None = None,
    operator: Path | None = None,
    *,
    is_resumed: bool = False,
    recovery: Path | None = None,
) -> Log:
    """Open a record for writing; ends the command where there is none, or not what its key signed last.

    A record that is resumed lacks some of that. One with operators needs the key of the one who gives the command. With
    the `recovery` key only the next key can be named.
    """
    key_path = key or path.with_name(path.name + KEY_SUFFIX)
    try:
        if not path.exists():
            raise store.refuse(catalogue.NO_RECORD, path)
        if recovery is None and not key_path.exists() and not next_key_path(key_path).exists():
            raise store.refuse(catalogue.NO_SIGNING_KEY, path, key=click.format_filename(key_path))
        log = _open_with_key(path, recovery or key_path, is_recovery=recovery is not None)
        if not is_resumed:
            _check_anchors(log, key_path, anchor)
        log.signer = find_signer(log, operator)
    except Rejected as error:
        _stop_opening(error, path)
    log.after_signing = LastSigned.of(key_path).remember
    return log


def _open_with_key(path: Path, key_path: Path, *, is_recovery: bool) -> Log:
    """Open a record with its key, or with the next one where the record names that already."""
    rest: dict[str, Any] = {"chance": os.urandom, "wait": LOCK_TIMEOUT, "vault": find_vault(path)}
    try:
        return Log.open(path, key=read_key(key_path), is_recovery=is_recovery, **rest)
    except RecordRejected as rejected:
        is_replaced = rejected.diagnostics[0].kind is catalogue.KEY_REPLACED
        if not is_replaced or not next_key_path(key_path).exists():
            raise
    log = Log.open(path, key=read_key(next_key_path(key_path)), **rest)
    install_next_key(key_path)
    return log


def _check_anchors(log: Log, key_path: Path, anchor: Path | None) -> None:
    """Raises RecordRejected where a record has not what the key signed last, or does not begin with an anchor."""
    try:
        if anchor is not None:
            log.check_anchor(read_bounded_text(anchor))
        LastSigned.of(key_path).check(log)
    except BaseException:
        log.close()
        raise


def _stop_opening(error: Rejected, path: Path) -> NoReturn:
    """End with why a record cannot be opened; of one that is not what was signed, with what verify names."""
    is_broken = any(diagnostic.kind is catalogue.RECORD_BROKEN for diagnostic in error.diagnostics)
    named = verify(path, payloads=False).diagnostics if is_broken else ()
    stop((*error.diagnostics, *(diagnostic for diagnostic in named if not diagnostic.kind.warning)), {})


@define
class Recording:
    """Where a run is recorded, if it is: the record is opened before anything is decided, and written to at the end."""

    path: Path | None
    key: Path | None
    anchor: Path | None
    reason: str
    is_preview: bool
    """Whether only what would be recorded is shown."""
    operator: Path | None = None
    """The key of the operator who runs it, where the record has any."""
    is_replacement: bool = False
    """Whether it takes the place of the proposal of its policy that waits for approval."""
    is_trial: bool = False
    replaced: int | None = None
    """The number of that proposal."""
    recorded: Recorded | None = None
    """What the record has."""
    _log: Log | None = None

    @classmethod
    def of(
        cls,
        path: Path | None,
        key: Path | None,
        anchor: Path | None,
        reason: str,
        operator: Path | None,
        switches: Mapping[str, bool],
    ) -> "Recording":
        """As the command line says; ends the command where it shows a preview of nothing."""
        if switches["preview"] and path is None:
            raise click.UsageError(_("--preview shows what would be recorded: name the record with --record"))
        if path is None and (switches["trial"] or switches["replace"]):
            raise click.UsageError(_("--trial and --replace are about a record: name it with --record"))
        return cls(path, key, anchor, reason, switches["preview"], operator, switches["replace"], switches["trial"])

    @property
    def is_wanted(self) -> bool:
        return self.path is not None and not self.is_preview

    def open(self, stack: ExitStack, assessment: Assessment, history: Path | None) -> None:
        """Read a record that is there; the assessment gets its history, and its policies are compared with it."""
        self.read(stack)
        self.prepare(assessment, history)

    def read(self, stack: ExitStack) -> None:
        """Open a record that is there, until the stack is left."""
        if self.path is None:
            return
        log = (
            open_record(self.path, self.anchor)
            if self.is_preview
            else open_record_to_write(self.path, self.key, self.anchor, self.operator)
        )
        self._log = stack.enter_context(log)
        self.recorded = stop_if_rejected(Recorded.read, self._log)

    def prepare(self, assessment: Assessment, history: Path | None) -> None:
        """Take from the record what is decided on; ends the command where it would refuse the run."""
        if self.recorded is None:
            return
        stop_if_rejected(self._check_early, self.recorded, assessment.program.id)
        take_recorded_history(assessment, self.recorded, history)
        for diagnostic in find_changed_texts(self.recorded, assessment):
            assessment.diagnostics.take(diagnostic)

    def _check_early(self, recorded: Recorded, policy: str) -> None:
        """Raises RecordRejected for what would be refused when everything is decided."""
        if self.is_wanted and not recorded.people.is_single:
            check_entry(recorded, NewLogEntry(TRIAL if self.is_trial else PROPOSAL))
        if self.is_replacement:
            self.replaced = find_replaced(recorded, policy)
        if not self.is_trial:
            recorded.check_open(policy, self.replaced)

    def record(self, decisions: Decisions | RunDecisions, assessment: Assessment) -> Signed:
        """Append the run to the record; ends the command if the record refuses it."""
        texts = policy_documents(assessment)
        common: dict[str, Any] = {
            "now": now(),
            "engine": engine_name(),
            "used": assessment.used,
            "plugins": assessment.plugin_versions,
            "about": {"known_at": assessment.known_at},
        }
        if self.is_trial and self.recorded is not None:
            return stop_if_rejected(record_trial, self.recorded, decisions, texts, **common)
        return stop_if_rejected(
            record_run,
            self.log,
            decisions,
            texts,
            reason=self.reason,
            recorded=self.recorded,
            replaces=self.replaced,
            **common,
        )

    @property
    def log(self) -> Log:
        """The record, which was opened."""
        assert self._log is not None  # noqa: S101  asked for only if the run is recorded
        return self._log


def find_replaced(recorded: Recorded, policy: str) -> int:
    """The proposal whose place a run takes; ends the command where none waits."""
    number = recorded.find_waiting(policy)
    if number is None:
        raise click.UsageError(_("no run of {policy} is waiting for approval: leave --replace out", policy=policy))
    return number


def engine_name() -> str:
    """Who decided, as a manifest says it."""
    return f"scorecore {version('scorecore')}"


def policy_documents(assessment: Assessment) -> dict[str, bytes]:
    """The texts of the policies that went in, by `id@version`."""
    kept = {blob_digest(text.encode()): text.encode() for text in assessment.texts}
    names = [document for program in (assessment.program, *assessment.used.values()) for document in program.documents]
    return {name: kept[digest] for name, digest in names}


def stop_if_rejected(
    action: Callable[Parameters, Result], *arguments: Parameters.args, **named: Parameters.kwargs
) -> Result:
    """The result of an action on a record; ends the command with the diagnostics if the action is rejected."""
    try:
        return action(*arguments, **named)
    except Rejected as error:
        stop(error.diagnostics, {})


def take_recorded_history(assessment: Assessment, recorded: Recorded, history: Path | None) -> None:
    """Take the history from the record, which alone has it once it has begun."""
    if not assessment.program.schema.history or not recorded.of(assessment.program.id):
        return
    past = stop_if_rejected(recorded.history, assessment.program, assessment.period.label)
    if past is None:
        return
    if history is not None:
        raise click.UsageError(_("--history only begins a record: this one has what was decided before"))
    assessment.raw[HISTORY] = RawTable(past, HISTORY)


def find_changed_texts(recorded: Recorded, assessment: Assessment) -> Iterator[Diagnostic]:
    """Policies whose text differs from that of the last run, under the same version."""
    earlier_runs = recorded.of(assessment.program.id)
    kept = earlier_runs[-1].manifest["documents"] if earlier_runs else {}
    for name, text in policy_documents(assessment).items():
        if kept.get(name, blob_digest(text)) != blob_digest(text):
            params = {"name": name, "number": str(earlier_runs[-1].number)}
            yield Diagnostic(catalogue.TEXT_CHANGED, Location(name, 0, 0), params)
