"""A record as the commands open it: its file, its key beside it, the clock and chance of this machine."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import rich_click as click

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Rejected
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import Task, stop
from scorecore_cli.language import t

KEY: Final = ".key"
"""What the name of the key's file ends with; it stands beside the record, unless --key names another."""
WAIT: Final = 5.0
"""How many seconds a command waits until another program has written."""

ledger: Final = options.argument("ledger", type=click.Path(exists=True, dir_okay=False, path_type=Path))
key_file: Final = options.option(
    "--key", "key", type=click.Path(dir_okay=False, path_type=Path), help="The key that signs; else it is FILE.key."
)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def reading(path: Path) -> Log:
    """A record to be read; ends the command with its problems."""
    try:
        return Log.open(path)
    except Rejected as refused:
        stop(refused.diagnostics, {})


def writing(path: Path, key: Path | None) -> Log:
    """A record to be written to; a new one, with a new key beside it, where there is none."""
    place = key or path.with_name(path.name + KEY)
    try:
        if path.exists():
            return Log.open(path, key=_read(place), chance=os.urandom, wait=WAIT)
        return Log.create(path, key=_read(place) if place.exists() else _made(place), now=now(), chance=os.urandom)
    except Rejected as refused:
        stop(refused.diagnostics, {})


def _read(place: Path) -> SigningKey:
    try:
        return SigningKey.parse(place.read_text(encoding="ascii").strip())
    except OSError as error:
        raise click.FileError(str(place), error.strerror or str(error)) from None
    except ValueError:
        raise click.UsageError(
            t("{path} is no key: a key is one line, PRIVATE+KEY+name+fingerprint+base64", path=place)
        ) from None


def _made(place: Path) -> SigningKey:
    """A new key, in a file that only its owner can read."""
    made = SigningKey(f"scorecore.{os.urandom(4).hex()}", os.urandom(32))
    try:
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{made.text()}\n")
    except OSError as error:
        raise click.FileError(str(place), error.strerror or str(error)) from None
    return made


def engine() -> str:
    """Who decided, as a manifest says it."""
    return f"scorecore {version('scorecore')}"


def documents(task: Task) -> dict[str, bytes]:
    """The texts of the policies that went in, by `id@version`."""
    kept = {blob_digest(text.encode()): text.encode() for text in task.texts}
    names = [one for program in (task.program, *task.used.values()) for one in program.documents]
    return {name: kept[digest] for name, digest in names}


def refused(action: Any, *of: Any, **named: Any) -> Any:  # noqa: ANN401  whatever reads or writes a record
    """What an action on a record gives; ends the command with its problems where it is refused."""
    try:
        return action(*of, **named)
    except Rejected as found:
        stop(found.diagnostics, {})


def take_history(task: Task, recorded: Recorded, history: Path | None) -> None:
    """What was decided before stands in the record, and nowhere else."""
    if not task.program.schema.history or not recorded.of(task.program.id):
        return
    if history is not None:
        raise click.UsageError(t("--history only begins a record: this one has what was decided before"))
    past = refused(recorded.history, task.program, task.period.label)
    if past is not None:
        task.raw[HISTORY] = RawTable(past, HISTORY)


def changed_texts(recorded: Recorded, task: Task) -> Iterator[Diagnostic]:
    """The policies whose text is another one than in the last run, under the same version."""
    mine = recorded.of(task.program.id)
    kept = mine[-1].manifest["documents"] if mine else {}
    for name, text in documents(task).items():
        if kept.get(name, blob_digest(text)) != blob_digest(text):
            params = {"name": name, "number": str(mine[-1].number)}
            yield Diagnostic(catalogue.TEXT_CHANGED, Location(name, 0, 0), params)
