"""What happened to a record outside of its runs, a line each: what was erased, lost, and converted."""

from collections.abc import Iterable

from scorecore.record.log.entries import LogEntry
from scorecore.record.people.retention import Retention
from scorecore_cli.language import _, ngettext
from scorecore_cli.terminal import console, format_instant


def show_erasures(erasures: Iterable[LogEntry]) -> None:
    """When payloads were erased, and why."""
    for entry in erasures:
        message = ngettext(
            "erased at {at}: {count} payload ({reason})",
            "erased at {at}: {count} payloads ({reason})",
            entry.fields["payloads"],
            at=format_instant(entry.at),
            reason=entry.fields["reason"],
        )
        console().print(message)


def show_resumptions(resumptions: Iterable[LogEntry]) -> None:
    """After what loss a record was resumed."""
    for entry in resumptions:
        params = {name: entry.fields[name] for name in ("signed", "reason")}
        at = format_instant(entry.at)
        message = _(
            "resumed at {at}: what was signed after entry {last}, up to {signed} entries, is lost ({reason})",
            at=at,
            last=entry.index - 1,
            **params,
        )
        console().print(message)


def show_conversions(conversions: Iterable[LogEntry], *, is_single: bool) -> None:
    """When a record got its vault, and who counts as having approved what was there before."""
    for entry in conversions:
        at, count = format_instant(entry.at), entry.index
        console().print(
            _("converted at {at} from format 1: the first {count} entries are as signed", at=at, count=count)
        )
        if is_single:
            console().print(_("their runs count as approved by a single operator"))


def describe_retention(declared: Retention) -> str:
    """For how long people are kept."""
    if declared.unit == "years":
        kept_for = ngettext("{count} year", "{count} years", declared.count)
    else:
        kept_for = ngettext("{count} month", "{count} months", declared.count)
    return _("people are kept for {time} after the end of their last period", time=kept_for)
