"""What a correction changes, as people and programs read it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from scorecore.analysis.impact import TOTAL
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.io.formats import Block
from scorecore.program.model import Program, result_name
from scorecore.record.corrections.adjustments import Adjustment
from scorecore.record.corrections.changes import DecisionChange
from scorecore.record.corrections.correct import Correction
from scorecore.record.runs.manifest import PROPOSAL, RUN, TRIAL
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.labels import labeller, localizer
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.terminal import bold, console, diagnostic_data, table


def show_changes(changes: Sequence[DecisionChange], rows: int = 60) -> None:
    """Period by period, points, grade and pay before and after, what changes, and why something is held now."""
    for label in dict.fromkeys(change.period for change in changes):
        everybody = [change for change in changes if change.period == label]
        changed = [change for change in everybody if any(change.values()) or change.after is None or change.held()]
        console().print(bold(f"{everybody[0].program.title}  {label}"))
        if changed:
            _show_changed(changed, rows)
        _show_rest(len(changed) - rows, len(everybody) - len(changed))


def _show_changed(changed: Sequence[DecisionChange], rows: int) -> None:
    """The table of those who are decided differently in one period."""
    block = change_block(changed[:rows], is_held=any(change.held() for change in changed))
    shown = table(*block.headings, right=list(block.right))
    for row in block.rows:
        shown.add_row(*row)
    console().print(shown)


def change_block(changed: Sequence[DecisionChange], *, is_held: bool) -> Block:
    """Who is decided differently in one period: figures before and after, what changes, and where `is_held` why."""
    program = changed[0].program
    label, localize = labeller(program), localizer(program)
    figures = [label(TOTAL)] if program.has_step(TOTAL) else []
    figures += [label("grade")] if program.grades else []
    figures += [label(NET), _("difference")] if program.pay else []
    texts = [_("what changes"), *([_("held, and why")] if is_held else [])]
    right = tuple(column for column, heading in enumerate(figures, 1) if heading != label("grade"))
    rows = []
    for change in changed:
        causes = [localize(cause) for held_causes in change.held().values() for cause in held_causes]
        why = [join_sentences(causes) if causes else ""] if is_held else []
        rows.append((change.subject, *_figures(change), ", ".join(_parts(change)), *why))
    return Block(changed[0].period, (), (label(program.schema.subject), *figures, *texts), tuple(rows), right)


def _show_rest(hidden: int, unchanged: int) -> None:
    """How many rows the table leaves out, and how many are decided as before."""
    if hidden > 0:
        console().print(
            ngettext("… and {count} more person; --json has all", "… and {count} more people; --json has all", hidden)
        )
    if unchanged > 0:
        console().print(
            ngettext(
                "{count} person has different facts now, but the same decision",
                "{count} people have different facts now, but the same decisions",
                unchanged,
            )
        )


def show_paid(adjustments: Sequence[Adjustment], program: Program, heading: str, there: Collection[str]) -> None:
    """Lines that are paid of earlier periods, and their sum; `there` are those who are in the period that pays."""
    if not adjustments:
        return
    screen, label = console(), labeller(program)
    screen.print(bold(heading))
    headings = (_("period"), label(program.schema.subject), _("line"), _("amount"), _("effect on net pay"), _("run"))
    shown = table(*headings, right=(3, 4, 5))
    for adjustment in adjustments:
        who = (
            adjustment.subject if adjustment.subject in there else _("{id} (not in this period)", id=adjustment.subject)
        )
        shown.add_row(
            adjustment.period,
            who,
            label(adjustment.line),
            f"{adjustment.amount:+,.2f}",
            f"{adjustment.effect:+,.2f}",
            str(adjustment.run),
        )
    screen.print(shown)
    total = sum((adjustment.effect for adjustment in adjustments), Decimal(0))
    screen.print(_("total {amount}", amount=f"{total:+,.2f} {program.currency}".strip()))


def name_adjustments(adjustments: Sequence[Adjustment]) -> str:
    """What a run does about earlier periods: what is deducted is taken back, not paid."""
    signs = {adjustment.effect > 0 for adjustment in adjustments if adjustment.effect}
    if signs == {False}:
        return _("taken back of earlier periods")
    return _("paid and taken back of earlier periods") if len(signs) > 1 else _("paid of earlier periods")


def _name_next_adjustments(adjustments: Sequence[Adjustment]) -> str:
    signs = {adjustment.effect > 0 for adjustment in adjustments if adjustment.effect}
    if signs == {False}:
        return _("the next run takes back of earlier periods")
    if len(signs) > 1:
        return _("the next run pays and takes back of earlier periods")
    return _("the next run pays of earlier periods")


def adjustments_data(adjustments: Sequence[Adjustment]) -> list[dict[str, Any]]:
    """The same lines as plain data."""
    return [
        {
            "subject": adjustment.subject,
            "period": adjustment.period,
            "line": adjustment.line,
            "amount": format_decimal(adjustment.amount),
            "effect": format_decimal(adjustment.effect),
            "run": adjustment.run,
        }
        for adjustment in adjustments
    ]


def _figures(change: DecisionChange) -> Iterator[str]:
    program = change.program
    if program.has_step(TOTAL):
        yield _both_sides(*change.value(TOTAL), lambda points: format_decimal(Decimal(points)))
    if program.grades:
        names = {grade.id: grade.label or grade.id for grade in program.grades}
        yield _both_sides(*change.value("grade"), lambda grade_id: names.get(grade_id, grade_id))
    if program.pay:
        before, after = change.value(NET)
        yield _both_sides(before, after, lambda amount: f"{Decimal(amount):,.2f}")
        yield f"{Decimal(after or 0) - Decimal(before or 0):+,.2f}"


def _both_sides(before: str | None, after: str | None, text: Callable[[str], str]) -> str:
    """What was and what is, once where they are the same."""
    left, right = ("—" if each is None else text(each) for each in (before, after))
    return left if left == right else f"{left} → {right}"


def _parts(change: DecisionChange) -> Iterator[str]:
    """Items, pay lines and balances by how much they differ, and actions that are proposed or no longer."""
    if change.after is None:
        yield _("withdrawn")
        return
    label, label_before = labeller(change.program), labeller(change.program_before)
    lines = {line.step for program in (change.program, change.program_before) for line in program.pay}
    held = change.after.get("held", {})
    for name, before, after in change.values():
        if name in {TOTAL, "grade", NET, PARTIAL} or name in lines:
            continue
        if isinstance(before, bool) or isinstance(after, bool):
            yield f"{label(result_name(name))} {_('yes') if after else _('no')}"
        elif name in held:
            yield f"{label(result_name(name))} {_('held')}"
        elif after is not None:
            yield f"{label(result_name(name))} {_signed(Decimal(after) - Decimal(before or 0))}"
    for step, _sign, first, last in change.lines():
        line = label(step) if change.program.has_step(step) else label_before(step)
        yield f"{line} {_('held') if last is None else f'{last - (first or Decimal(0)):+,.2f}'}"


def _signed(number: Decimal) -> str:
    return f"{'+' if number > 0 else ''}{format_decimal(number)}"


def changes_data(changes: Sequence[DecisionChange]) -> list[dict[str, Any]]:
    """The same as plain data: every result that differs, and the pay lines by how much."""
    return [
        {
            "period": change.period,
            "subject": change.subject,
            "run": change.run,
            **({"withdrawn": True} if change.after is None else {}),
            "held": {name: [diagnostic_data(cause) for cause in causes] for name, causes in change.held().items()},
            "values": {name: _both(before, after) for name, before, after in change.values()},
            "lines": _lines_data(change),
        }
        for change in changes
    ]


def _lines_data(change: DecisionChange) -> dict[str, Any]:
    """The lines that differ; one that is deducted now and was paid, or the other way round, is there twice."""
    lines: dict[str, Any] = {}
    for step, sign, before, after in change.lines():
        difference = {} if after is None else {"difference": format_decimal(after - (before or Decimal(0)))}
        lines[f"{step} ({sign:+d})" if step in lines else step] = _both(before, after) | difference
    return lines


def _both(before: Any, after: Any) -> dict[str, Any]:  # noqa: ANN401  plain data
    sides = {"before": before, "after": after}
    return {
        name: format_decimal(side_value) if isinstance(side_value, Decimal) else side_value
        for name, side_value in sides.items()
        if side_value is not None
    }


def show_correction(
    correction: Correction, program: Program, record_path: Path | None, size: int, state: str = RUN
) -> None:
    """What a correction changes and pays, and what is to be corrected next; no path of the record for a preview."""
    screen = console()
    if not correction.drafts:
        screen.print(_("nothing changes; nothing was recorded"))
        return
    show_changes(correction.changes)
    first, *later = correction.drafts
    if later:
        labels = join_sentences(draft.period for draft in later)
        screen.print(_("decided again, because they read {period}: {labels}", period=first.period, labels=labels))
    _show_consequences(correction)
    apart = first.about.get("apart")
    heading = _("paid apart; no later run pays it") if apart else _name_next_adjustments(correction.pays)
    show_paid(correction.pays, program, heading, {adjustment.subject for adjustment in correction.pays})
    screen.print(_("a preview: nothing was recorded") if record_path is None else recorded_message(record_path, size))
    if record_path is not None:
        show_state(state, first.number)


def _show_consequences(correction: Correction) -> None:
    """Runs that rest on what was decided before the correction."""
    screen = console()
    for run in correction.dependents:
        screen.print(
            _("{policy} of {period} uses these decisions; correct it as well", policy=run.policy, period=run.period)
        )
    for run in correction.by_other_programs:
        screen.print(
            _(
                "{period} is still decided by the policy of run {number}; correct it as well",
                period=run.period,
                number=run.number,
            )
        )


def recorded_message(record_path: Path, size: int) -> str:
    """That something was recorded, and how many entries the record has now."""
    return ngettext(
        "recorded in {path}, which now has {count} entry",
        "recorded in {path}, which now has {count} entries",
        size,
        path=record_path,
    )


def show_state(state: str, number: int) -> None:
    """Say what must happen before a run is in force, if anything."""
    if state == PROPOSAL:
        message = _("run {number} is a proposal: nothing is paid by it until it is approved", number=number)
        console().print(message)
    elif state == TRIAL:
        console().print(_("run {number} is a trial: nothing is built on it or paid by it", number=number))


def correction_data(correction: Correction, size: int) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "runs": [{"number": draft.number, "period": draft.period, **draft.about} for draft in correction.drafts],
        "changes": changes_data(correction.changes),
        "pays": adjustments_data(correction.pays),
        "dependents": [
            {"number": run.number, "policy": run.policy, "period": run.period} for run in correction.dependents
        ],
        "entries": size,
    }
