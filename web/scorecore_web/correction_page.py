"""The page of a correction: a recorded month decided again by the facts of now, what changes, and the button."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from attrs import evolve, frozen
from starlette.responses import RedirectResponse, Response

from scorecore.evaluate.runner import PeriodRunner
from scorecore.io.formats import Block
from scorecore.plugins.provenance import replace_readers
from scorecore.record.corrections.correct import Correction, correct
from scorecore.record.runs.manifest import Pins, used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.correction_view import change_block
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.record_file import engine_name, now, take_recorded_history
from scorecore_web.month import Month
from scorecore_web.policy_page import find_policy_file
from scorecore_web.record_page import require_record
from scorecore_web.rendering import problem_row, render
from scorecore_web.requests import PageRequest, Refusal
from scorecore_web.run_page import sign_decided


@frozen(eq=False)
class MonthCorrection:
    """A month that is recorded, decided again by its recorded policy and the facts that there are now."""

    assessment: Assessment
    correction: Correction

    @classmethod
    def of(cls, month: Month, recorded: Recorded, reason: str) -> "MonthCorrection":
        """Raises Refusal where the month is not recorded, or has no facts."""
        runs = recorded.of(month.program.id, month.period.label)
        if not runs:
            raise Refusal(409, _("{period} is not recorded: there is nothing to correct", period=month.period.label))
        program, used = recorded.program(runs[-1]), used_by(recorded.log, runs[-1])
        as_recorded = evolve(month, program=program, checked=evolve(month.checked, program=program, used=used))
        assessment = as_recorded.read()
        take_recorded_history(assessment, recorded, None)
        decisions = PeriodRunner(program, used).decide(month.period, assessment.raw, assessment.diagnostics)
        if decisions is None:
            message = _("nobody can be decided about: the facts have problems")
            raise Refusal(409, message, tuple(assessment.diagnostics))
        plugins = replace_readers(runs[-1].plugins, assessment.plugin_versions)
        pins = Pins.again(recorded.log, runs[-1], engine_name(), plugins)
        about = {"known_at": assessment.known_at}
        return cls(assessment, correct(recorded, decisions, pins, reason=reason, about=about))

    def list_blocks(self) -> Iterator[Block]:
        """Of each month who is decided differently."""
        changes = self.correction.changes
        for label in dict.fromkeys(change.period for change in changes):
            changed = [
                change
                for change in changes
                if change.period == label and (any(change.values()) or change.after is None or change.held())
            ]
            if changed:
                yield change_block(changed, is_held=any(change.held() for change in changed))


def correction_page(request: PageRequest) -> Response:
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    return _render(request, month)


def _render(request: PageRequest, month: Month, notice: str = "", status: int = 200) -> Response:
    require_record(request.workbench)
    with request.workbench.open_record() as log:
        shown = MonthCorrection.of(month, Recorded.read(log), _("a preview"))
        blocks = list(shown.list_blocks())
    program = shown.assessment.program
    with_labels = labelling(program)
    params: dict[str, Any] = {
        "month": month,
        "policy": month.policy,
        "title": program.title,
        "period": month.period.label,
        "blocks": blocks,
        "is_empty": not shown.correction.drafts,
        "later": [draft.period for draft in shown.correction.drafts[1:]],
        "problems": [problem_row(with_labels(problem)) for problem in shown.assessment.diagnostics],
        "seen": sign_decided(month, begins=False),
        "notice": notice,
    }
    return render(request, "correction.html.jinja", params, status)


def record_correction(request: PageRequest) -> Response:
    """As `scorecore record correct` does; what has changed since the page was loaded is shown first."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    reason = request.form.get("reason", "").strip()
    require_record(request.workbench)
    if not reason:
        raise Refusal(400, _("a correction needs a reason"))
    with request.workbench.writing:
        if request.form.get("seen") != sign_decided(month, begins=False):
            message = _("not recorded: something has changed since the page was loaded. Look at it, then record.")
            return _render(request, month, message, 409)
        with request.open_record_to_write() as log:
            recorded = Recorded.read(log)
            correction = MonthCorrection.of(month, recorded, reason).correction
            if not correction.drafts:
                raise Refusal(409, _("nothing changes; nothing was recorded"))
            append(log, correction.drafts, now=now(), after=recorded.size)
    address = f"{month.policy.address}/runs/{quote(month.period.label)}"
    return RedirectResponse(f"{address}?recorded=1", 303)
