"""`scorecore record compare`: where two records part."""

import sys
from itertools import islice
from pathlib import Path
from typing import Any, Final

import rich_click as click

from scorecore.record.log.log import Log
from scorecore.record.log.parting import count_common
from scorecore_cli import options
from scorecore_cli.entry_label import entry_label
from scorecore_cli.language import _, ngettext
from scorecore_cli.record_file import open_evidence, stop_if_rejected
from scorecore_cli.terminal import console, format_instant, show_json, table

_SHOWN: Final = 10
"""How many entries of each record are shown after the common ones."""


@click.command(cls=options.Command)
@options.argument("one_path", metavar="RECORD", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.argument("other_path", metavar="OTHER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.as_json
@options.lang
def compare(one_path: Path, other_path: Path, *, as_json: bool) -> None:
    """Show where two records diverge, and what follows in each. Exit code 1 if they do; neither file is changed."""
    with open_evidence(one_path) as one_log, open_evidence(other_path) as other_log:
        common = stop_if_rejected(count_common, one_log, other_log)
        if as_json:
            show_json(_data(one_log, other_log, common))
        else:
            console().print(_conclusion(one_log, other_log, common))
            for log in (one_log, other_log):
                if log.size > common:
                    _show_entries(log, common)
        sys.exit(common < min(one_log.size, other_log.size))


def _conclusion(one_log: Log, other_log: Log, common: int) -> str:
    names = {"one": one_log.path, "other": other_log.path}
    if common == one_log.size == other_log.size:
        return ngettext(
            "both records have the same {count} entry", "both records have the same {count} entries", common
        )
    if common == one_log.size:
        return _describe_continuation(other_log, one_log)
    if common == other_log.size:
        return _describe_continuation(one_log, other_log)
    if not common:
        return _("{one} and {other} have nothing in common: they were begun separately", **names)
    key = one_log.verifier
    if key == other_log.verifier:
        return ngettext(
            "{one} and {other} diverge after {count} entry, and {key} has signed both",
            "{one} and {other} diverge after {count} entries, and {key} has signed both",
            common,
            **names,
            key=key.name,
        )
    return ngettext(
        "{one} and {other} diverge after {count} entry",
        "{one} and {other} diverge after {count} entries",
        common,
        **names,
    )


def _describe_continuation(longer: Log, shorter: Log) -> str:
    return ngettext(
        "{longer} continues {shorter}, which has its first {count} entry",
        "{longer} continues {shorter}, which has its first {count} entries",
        shorter.size,
        longer=longer.path,
        shorter=shorter.path,
    )


def _show_entries(log: Log, start: int) -> None:
    """What a record has from an entry on."""
    title = ngettext("{path}: {count} more entry", "{path}: {count} more entries", log.size - start, path=log.path)
    shown = table(_("entry"), _("recorded at"), _("what"), _("period"), _("pseudonym"), title=title, right=(0,))
    for entry in stop_if_rejected(lambda: list(islice(log.entries(start), _SHOWN))):
        period, subject = entry.fields.get("period", ""), entry.subject or ""
        shown.add_row(str(entry.index), format_instant(entry.at), entry_label(entry.kind), period, subject)
    console().print(shown)
    if log.size - start > _SHOWN:
        console().print("…")


def _data(one_log: Log, other_log: Log, common: int) -> dict[str, Any]:
    return {
        "common": common,
        "parts": common < min(one_log.size, other_log.size),
        "records": [
            {
                "path": str(log.path),
                "entries": log.size,
                "key": str(log.verifier),
                "next": [dict(entry.fields) for entry in islice(log.entries(common), _SHOWN)],
            }
            for log in (one_log, other_log)
        ],
    }
