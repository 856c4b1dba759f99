"""The decisions of a record as an auditor samples them: on the screen, or as a workbook."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from scorecore.record.audit import SINGLE_OPERATOR, SUPERSEDED, VALID, Audit
from scorecore_cli.entry_label import entry_label
from scorecore_cli.labels import pay_kind_label, reason_label
from scorecore_cli.language import _, ngettext
from scorecore_cli.table_output import Output
from scorecore_cli.terminal import console, show_json, table
from scorecore_cli.visible_text import make_line


def write_audit(audit: Audit, output: Output) -> None:
    """All tables of an audit; ends the command where the disk refuses."""
    frames = audit.tables()
    output.write_frames(frames, lambda: _readable(frames), _heading)


def show_audit(audit: Audit) -> None:
    """Each decision in a line."""
    headings = (_("entry"), _("run"), _("recorded at"), _("period"), _("policy"), _("person"), _("state"))
    shown = table(*headings, _("total"), _("grade"), _("net pay"), _("held"), right=(0, 1, 7, 9, 10))
    for row in audit.decisions_table().iter_rows(named=True):
        texts = ("recorded_at", "period", "policy", "person")
        shown.add_row(
            str(row["entry"]),
            str(row["run"]),
            *(row[name] for name in texts),
            _state(row),
            "" if row["total"] is None else f"{row['total'].normalize():f}",
            row["grade"] or "",
            "" if row["net"] is None else f"{row['net']:,.2f}{' *' if row['partial'] else ''}",
            str(row["held"] or ""),
        )
    console().print(shown)
    if any(decision.payload and decision.payload.result["values"].get("partial") for decision in audit.decisions):
        console().print(_("* a pay line is held: net pay is the sum of the other lines"))
    console().print(count_decisions(audit))


def count_decisions(audit: Audit) -> str:
    """How many decisions there are, or were drawn from how many."""
    if audit.selection.sample is None:
        return ngettext("{count} decision", "{count} decisions", audit.count)
    return ngettext(
        "{drawn} of {count} decision, drawn with the seed {seed}",
        "{drawn} of {count} decisions, drawn with the seed {seed}",
        audit.count,
        drawn=len(audit.decisions),
        seed=audit.selection.seed,
    )


def show_audit_json(audit: Audit) -> None:
    """The decisions as plain data."""
    rows = audit.decisions_table().iter_rows(named=True)
    decisions = [{name: cell for name, cell in row.items() if cell is not None} for row in rows]
    show_json({"count": audit.count, "seed": audit.selection.seed, "decisions": decisions})


def _state(row: Mapping[str, Any]) -> str:
    if row["status"] == SUPERSEDED:
        return _("superseded by entry {entry}", entry=row["superseded_by"])
    return _status_label(row["status"])


def _status_label(status: str) -> str:
    labels = {VALID: _("valid"), SUPERSEDED: _("superseded"), "withdrawn": _("withdrawn"), "erased": _("erased")}
    return labels[status]


def _who(name: str) -> str:
    return _("a single operator") if name == SINGLE_OPERATOR else make_line(name)


def _run_state(state: str) -> str:
    labels = {
        "run": _("valid"),
        "trial": _("trial"),
        "waiting": _("waiting for approval"),
        "approved": _("approved"),
        "returned": _("returned"),
        "replaced": _("replaced"),
    }
    return labels[state]


def _heading(name: str) -> str:
    """What a sheet or a column is called."""
    return (_sheets() | _columns_of_decisions() | _columns_of_rows())[name]


def _sheets() -> dict[str, str]:
    return {
        "runs": _("runs"),
        "decisions": _("decisions"),
        "entries": _("points ledger"),
        "pay": _("pay ledger"),
        "adjustments": _("paid or taken back"),
        "holds": _("held results"),
        "others": _("other entries"),
    }


def _columns_of_decisions() -> dict[str, str]:
    """The columns of runs and decisions."""
    return {
        "entry": _("entry"),
        "run": _("run"),
        "recorded_at": _("recorded at"),
        "period": _("period"),
        "policy": _("policy"),
        "program": _("program"),
        "engine": _("decided by"),
        "plugins": _("plugins"),
        "subjects": _("subjects"),
        "decided": _("decided"),
        "held": _("held"),
        "corrects": _("corrects"),
        "pays": _("pays"),
        "known_at": _("known at"),
        "reason": _("reason"),
        "apart": _("paid apart"),
        "recorded_by": _("recorded by"),
        "state": _("state"),
        "approved_by": _("approved by"),
        "first_entry": _("first entry"),
        "last_entry": _("last entry"),
        "person": _("person"),
        "status": _("state"),
        "superseded_by": _("superseded by"),
        "total": _("total"),
        "grade": _("grade"),
        "net": _("net pay"),
        "partial": _("in part"),
        "pseudonym": _("pseudonym"),
        "commitment": _("commitment"),
    }


def _columns_of_rows() -> dict[str, str]:
    """The columns of ledgers, adjustments, holds and other entries."""
    return {
        "item": _("item"),
        "label": _("label"),
        "rule": _("rule"),
        "rule_label": _("rule in the policy's words"),
        "quantity": _("quantity"),
        "points": _("points"),
        "event": _("event"),
        "authority": _("clause"),
        "line": _("line"),
        "kind": _("kind"),
        "amount": _("amount"),
        "effect": _("effect on net pay"),
        "from_run": _("from run"),
        "result": _("result"),
        "code": _("code"),
        "why": _("why"),
        "what": _("what"),
        "who": _("who"),
    }


def _readable(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with the words of people in place of codes, and nothing that would act in a cell."""
    words: dict[tuple[str, str], Callable[[str], str]] = {
        ("decisions", "status"): _status_label,
        ("others", "what"): entry_label,
        ("others", "who"): _who,
        ("runs", "recorded_by"): _who,
        ("runs", "state"): _run_state,
        ("entries", "rule"): lambda code: reason_label(code, ""),
        ("pay", "kind"): pay_kind_label,
    }
    return {
        name: frame.with_columns(
            _replace(frame[column], words.get((name, column), make_line))
            for column in frame.columns
            if frame.schema[column] == pl.String
        )
        for name, frame in frames.items()
    }


def _replace(cells: pl.Series, word: Callable[[str], str]) -> pl.Series:
    distinct = {cell: word(cell) for cell in cells.unique().drop_nulls().to_list()}
    return cells.replace(distinct)
