"""`scorecore record adopt`: from when on a policy decides, who wrote it, and who approved it."""

from pathlib import Path

import rich_click as click

from scorecore.record.log.entries import blob_digest
from scorecore.record.people import acts
from scorecore.record.runs.recorded import Recorded
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, parse_period
from scorecore_cli.language import _
from scorecore_cli.operator_key import as_option
from scorecore_cli.record_file import (
    anchor_option,
    key_option,
    now,
    open_record_to_write,
    record_argument,
    stop_if_rejected,
)
from scorecore_cli.terminal import console


@click.command(cls=options.Command)
@record_argument
@options.policy
@options.option("--from", "first", required=True, help="The first period that it decides.")
@options.option("--reason", default="", help="The reason, which everyone can read.")
@options.parents
@as_option
@key_option
@anchor_option
@options.lang
def adopt(  # noqa: PLR0913, PLR0917  what the command line names
    record_path: Path,
    policy: Path,
    first: str,
    reason: str,
    parents: tuple[Path, ...],
    operator: Path | None,
    key: Path | None,
    anchor: Path | None,
) -> None:
    """Adopt a policy. Once that is approved, its periods from --from on are decided by it alone, unchanged."""
    program, checked = compile_or_stop(policy, parents)
    parse_period(program, first)
    kept = {blob_digest(source.text.encode()): source.text.encode() for source in checked.sources.values()}
    texts = {name: kept[digest] for name, digest in program.documents}
    with open_record_to_write(record_path, key, anchor, operator) as log:
        recorded = stop_if_rejected(Recorded.read, log)
        stop_if_rejected(acts.adopt, recorded, program, texts, first, now=now(), reason=reason)
        people = stop_if_rejected(Recorded.read, log).people
    entry = max(people.adoptions)
    params = {"policy": people.adoptions[entry].policy, "entry": entry, "period": first}
    if people.adoptions[entry].is_in_force:
        console().print(_("{policy} is adopted from {period} on", **params))
    else:
        console().print(
            _("the adoption of {policy} is entry {entry}, and must be approved by another operator", **params)
        )
