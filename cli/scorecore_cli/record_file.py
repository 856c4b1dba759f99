"""A record as the commands open it: its file, its key beside it, the clock and chance of this machine."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NoReturn, ParamSpec, TypeVar

import rich_click as click

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Rejected
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.verify import verify
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import Assessment, stop
from scorecore_cli.language import _

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

KEY_SUFFIX: Final = ".key"
"""How the name of the key's file ends; it is beside the record, unless --key names another."""
LOCK_TIMEOUT: Final = 5.0
"""How many seconds a command waits while another program writes."""

record_argument: Final = options.argument(
    "record_path", metavar="RECORD", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
key_option: Final = options.option(
    "--key", "key", type=click.Path(dir_okay=False, path_type=Path), help="The key that signs; else it is FILE.key."
)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def open_record(path: Path) -> Log:
    """Open a record for reading; ends the command with its diagnostics."""
    try:
        return Log.open(path)
    except Rejected as error:
        _stop_opening(error, path)


def open_record_to_write(path: Path, key: Path | None) -> Log:
    """Open a record for writing; creates it, with a new key beside it, if there is none."""
    key_path = key or path.with_name(path.name + KEY_SUFFIX)
    try:
        if path.exists():
            return Log.open(path, key=_read_key(key_path), chance=os.urandom, wait=LOCK_TIMEOUT)
        return Log.create(
            path, key=_read_key(key_path) if key_path.exists() else _create_key(key_path), now=now(), chance=os.urandom
        )
    except Rejected as error:
        _stop_opening(error, path)


def _stop_opening(error: Rejected, path: Path) -> NoReturn:
    """End with why a record cannot be opened; of one that is not what was signed, with what verify names."""
    is_broken = any(diagnostic.kind is catalogue.RECORD_BROKEN for diagnostic in error.diagnostics)
    named = verify(path, payloads=False).diagnostics if is_broken else ()
    stop((*error.diagnostics, *(diagnostic for diagnostic in named if not diagnostic.kind.warning)), {})


def _read_key(path: Path) -> SigningKey:
    try:
        return SigningKey.parse(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    except ValueError:
        raise click.UsageError(
            _("{path} is not a key: a key is one line, PRIVATE+KEY+name+fingerprint+base64", path=path)
        ) from None


def _create_key(path: Path) -> SigningKey:
    """A new key, in a file that only its owner can read."""
    signing_key = SigningKey(f"scorecore.{os.urandom(4).hex()}", os.urandom(32))
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{signing_key.text()}\n")
    except OSError as error:
        raise click.FileError(str(path), error.strerror or str(error)) from None
    return signing_key


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
    if history is not None:
        raise click.UsageError(_("--history only begins a record: this one has what was decided before"))
    past = stop_if_rejected(recorded.history, assessment.program, assessment.period.label)
    if past is not None:
        assessment.raw[HISTORY] = RawTable(past, HISTORY)


def find_changed_texts(recorded: Recorded, assessment: Assessment) -> Iterator[Diagnostic]:
    """Policies whose text differs from that of the last run, under the same version."""
    earlier_runs = recorded.of(assessment.program.id)
    kept = earlier_runs[-1].manifest["documents"] if earlier_runs else {}
    for name, text in policy_documents(assessment).items():
        if kept.get(name, blob_digest(text)) != blob_digest(text):
            params = {"name": name, "number": str(earlier_runs[-1].number)}
            yield Diagnostic(catalogue.TEXT_CHANGED, Location(name, 0, 0), params)
