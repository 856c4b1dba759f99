"""`scorecore log`: what a record has."""

from pathlib import Path
from typing import Any

import rich_click as click

from scorecore.record.entries import ERASURE
from scorecore.record.log import Log
from scorecore.record.runs import Run, runs
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.ledger import ledger, reading, refused
from scorecore_cli.terminal import console, show_json, table


@click.command(cls=options.Command)
@ledger
@options.option("--checkpoint", is_flag=True, help="Print the last signed checkpoint, to be kept elsewhere.")
@options.as_json
@options.lang
def log(ledger: Path, *, checkpoint: bool, as_json: bool) -> None:
    """List the runs of a record, and what was erased."""
    with reading(ledger) as found:
        if checkpoint:
            click.echo(refused(found.checkpoint).note, nl=False)
            return
        several: list[Run] = refused(lambda: list(runs(found)))
        erased = refused(lambda: list(found.find(kind=ERASURE)))
        if as_json:
            show_json(_data(found, several))
            return
        _show(found, several)
        for entry in erased:
            count, reason = entry.fields["payloads"], entry.fields["reason"]
            console().print(t("erased at {at}: {count} payloads ({reason})", at=entry.at, count=count, reason=reason))


def _show(found: Log, several: list[Run]) -> None:
    screen = console()
    shown = table(
        t("run"),
        t("recorded at"),
        t("period"),
        t("policy"),
        t("subjects"),
        t("held"),
        t("corrects"),
        t("pays"),
        t("reason"),
        right=(0, 4, 5, 6, 7),
    )
    for run in several:
        shown.add_row(
            str(run.number),
            f"{run.at:%Y-%m-%d %H:%M:%SZ}",
            run.period,
            run.policy,
            str(run.close["subjects"]),
            str(run.close["held"]),
            str(run.corrects or ""),
            ", ".join(map(str, run.pays)),
            run.reason,
        )
    screen.print(shown)
    screen.print(t("{count} entries, signed by {name}", count=found.size, name=found.verifier.name))


def _data(found: Log, several: list[Run]) -> dict[str, Any]:
    return {
        "entries": found.size,
        "key": str(found.verifier),
        "runs": [
            {"number": run.number, "at": run.at.isoformat(), "manifest": dict(run.manifest), "close": dict(run.close)}
            for run in several
        ],
    }
