"""`scorecore verify`: whether a record is what was signed."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.record.verify import verify as verified
from scorecore_cli import options
from scorecore_cli.language import t
from scorecore_cli.ledger import ledger
from scorecore_cli.terminal import console, problem_data, show_json, show_problems


@click.command(cls=options.Command)
@ledger
@options.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere, as scorecore log --checkpoint printed it.",
)
@options.as_json
@options.lang
def verify(ledger: Path, anchor: Path | None, *, as_json: bool) -> None:
    """Say whether a record is what was signed: every entry, payload and part, and that it continues the anchor."""
    text = None if anchor is None else anchor.read_text(encoding="utf-8", errors="replace")
    found = verified(ledger, anchor=text)
    if as_json:
        counts = {"entries": found.entries, "payloads": found.payloads, "erased": found.erased, "parts": found.parts}
        show_json({**counts, "sound": found.sound, "problems": list(map(problem_data, found.problems))})
    else:
        screen = console()
        show_problems(found.problems, {}, screen)
        screen.print(
            t(
                "entries {entries}; payloads opened {payloads}, erased {erased}; parts {parts}",
                entries=found.entries,
                payloads=found.payloads,
                erased=found.erased,
                parts=found.parts,
            )
        )
        screen.print(t("the record is sound") if found.sound else t("the record is NOT what was signed"))
    sys.exit(not found.sound)
