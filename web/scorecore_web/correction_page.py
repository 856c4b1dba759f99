"""The page of a correction: a recorded month decided again, what changes, and the button that records it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
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
from scorecore_cli.language import _, current
from scorecore_cli.record_file import (
    engine_name,
    find_changed_texts,
    now,
    policy_documents,
    take_recorded_history,
)
from scorecore_web.month import Month
from scorecore_web.policy_page import find_policy_file
from scorecore_web.progress import report_progress
from scorecore_web.record_page import require_record
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.run_page import sign_decided

BY_FILE: Final = "file"
"""Decided again by the policy as it lies in the folder; otherwise by the one that is recorded."""
MAX_IDS: Final = 4000
_BETWEEN_IDS: Final = re.compile(r"[,;，；、\n]")


@frozen
class CorrectionRequest:
    """How a month is to be decided again."""

    by: str
    withdrawn: tuple[str, ...]
    """People about whom nothing should have been decided."""
    apart: bool
    """Whether no later run pays the difference."""

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "CorrectionRequest":
        """From a query or a form; raises Refusal."""
        text = fields.get("withdrawn", "")
        if len(text) > MAX_IDS:
            raise Refusal(400, _("the form is damaged"))
        ids = (part.strip() for part in _BETWEEN_IDS.split(text))
        by = BY_FILE if fields.get("by") == BY_FILE else ""
        return cls(by, tuple(dict.fromkeys(filter(None, ids))), fields.get("apart") == "1")

    @property
    def fields(self) -> dict[str, str]:
        """As a form has it, or the query of an address."""
        parts = {"by": self.by, "withdrawn": ", ".join(self.withdrawn), "apart": "1" if self.apart else ""}
        return {name: part for name, part in parts.items() if part}


@frozen(eq=False)
class MonthCorrection:
    """A month that is recorded, decided again by the facts that there are now."""

    assessment: Assessment
    correction: Correction

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


def ask_correction(month: Month, asked: CorrectionRequest, reason: str) -> MonthCorrection:
    """What a correction gives, as long as nothing that it rests on changes; raises Refusal."""
    require_record(month.workbench)
    key = ("correction", current(), asked, reason, *month.sign())
    work = month.begin_work(_("Deciding {period} again", period=month.period.label), correct_month, asked, reason)
    corrected: MonthCorrection = month.workbench.keep_long(key, work)
    return corrected


def correct_month(month: Month, asked: CorrectionRequest, reason: str) -> MonthCorrection:
    """Raises Refusal where the month is not recorded, or has no facts."""
    with month.workbench.open_record() as log:
        recorded = Recorded.read(log)
        assessment, pins = _find_basis(month, recorded, asked)
        report_progress(_("deciding"))
        take_recorded_history(assessment, recorded, None)
        runner = PeriodRunner(assessment.program, assessment.used)
        decisions = runner.decide(month.period, assessment.raw, assessment.diagnostics)
        if decisions is None:
            message = _("nobody can be decided about: the facts have problems")
            raise Refusal(409, message, tuple(assessment.diagnostics))
        report_progress(_("comparing with what is recorded"))
        about = {"known_at": assessment.known_at}
        correction = correct(
            recorded, decisions, pins, reason=reason, withdrawn=asked.withdrawn, apart=asked.apart, about=about
        )
        return MonthCorrection(assessment, correction)


def _find_basis(month: Month, recorded: Recorded, asked: CorrectionRequest) -> tuple[Assessment, Pins]:
    """The facts, and the policy that decides: the recorded one, or the one in the folder."""
    report_progress(_("reading the facts"))
    runs = recorded.of(month.program.id, month.period.label)
    if not runs:
        raise Refusal(409, _("{period} is not recorded: there is nothing to correct", period=month.period.label))
    if asked.by == BY_FILE:
        assessment = month.read()
        for diagnostic in find_changed_texts(recorded, assessment):
            assessment.diagnostics.take(diagnostic)
        documents, plugins = policy_documents(assessment), assessment.plugin_versions
        pinned = (assessment.program, month.period, documents, assessment.used, engine_name(), plugins)
        return assessment, Pins.of(*pinned)
    program, used = recorded.program(runs[-1]), used_by(recorded.log, runs[-1])
    assessment = evolve(month, program=program, checked=evolve(month.checked, program=program, used=used)).read()
    plugins = replace_readers(runs[-1].plugins, assessment.plugin_versions)
    return assessment, Pins.again(recorded.log, runs[-1], engine_name(), plugins)


def correction_page(request: PageRequest) -> Response:
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    return _render(request, month, CorrectionRequest.read(request.query))


def _render(
    request: PageRequest, month: Month, asked: CorrectionRequest, notice: str = "", status: int = 200
) -> Response:
    seen = sign_decided(month, begins=False)
    shown = ask_correction(month, asked, _("a preview"))
    program = shown.assessment.program
    with_labels = labelling(program)
    params: dict[str, Any] = {
        "month": month,
        "policy": month.policy,
        "title": program.title,
        "period": month.period.label,
        "asked": asked,
        "by_file": BY_FILE,
        "max_ids": MAX_IDS,
        "version": f"{month.program.id}@{month.program.version}",
        "blocks": list(shown.list_blocks()),
        "is_empty": not shown.correction.drafts,
        "later": [draft.period for draft in shown.correction.drafts[1:]],
        "problems": [problem_row(with_labels(problem)) for problem in shown.assessment.diagnostics],
        "seen": seen,
        "reason": request.form.get("reason", ""),
        "notice": notice,
    }
    return render(request, "correction.html.jinja", params, status)


def record_correction(request: PageRequest) -> Response:
    """As `scorecore record correct` does; what has changed since the page was loaded is shown first."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    asked, reason = CorrectionRequest.read(request.form), request.form.get("reason", "").strip()
    if not reason:
        raise Refusal(400, _("a correction needs a reason"))
    seen = sign_decided(month, begins=False)
    correction = ask_correction(month, asked, reason).correction  # before anybody else has to wait
    with request.workbench.writing:
        if request.form.get("seen") != seen or seen != sign_decided(month, begins=False):
            message = _("not recorded: something has changed since the page was loaded. Look at it, then record.")
            return _render(request, month, asked, message, 409)
        if not correction.drafts:
            raise Refusal(409, _("nothing changes; nothing was recorded"))
        with request.open_record_to_write() as log:
            append(log, correction.drafts, now=now(), after=Recorded.read(log).size)
    address = f"{month.policy.address}/runs/{quote(month.period.label)}"
    return RedirectResponse(f"{address}?recorded=1", 303)
