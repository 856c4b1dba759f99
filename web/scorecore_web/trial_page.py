"""The page of a trial: what a text in the place of a policy would have done in months that are recorded."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from typing import Any, Final

from attrs import frozen
from markupsafe import Markup
from starlette.responses import Response

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.program.model import Program
from scorecore.record.runs.manifest import used_by
from scorecore.record.runs.recorded import Recorded
from scorecore.services.policy_comparison import ComparedPolicy, PolicyComparison
from scorecore.services.recorded_facts import restore_tables
from scorecore_cli.commands.diff import check_alike, impact_data
from scorecore_cli.impact_html import render_parts
from scorecore_cli.impact_view import ImpactView
from scorecore_cli.labels import labelling
from scorecore_cli.language import _, current
from scorecore_cli.visible_text import make_visible
from scorecore_web.policy_page import MAX_TEXT, find_policy_file
from scorecore_web.progress import report_progress
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest
from scorecore_web.saved_texts import digest_text
from scorecore_web.work import Work
from scorecore_web.workbench import PolicyFile, Workbench, sign_files

MAX_MONTHS: Final = 12
MAX_ROWS: Final = 200
NEAR: Final = Decimal(1)
"""How close to an edge counts: in points for a grade, in per cent for a band."""
_SVG: Final = re.compile(r"<svg ")
_HEADING: Final = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)


@frozen(eq=False)
class Trial:
    """What a text does in place of what decided some recorded months."""

    impact: ImpactView
    diagnostics: Diagnostics

    @classmethod
    def of(cls, workbench: Workbench, policy: PolicyFile, text: str, months: int) -> "Trial":
        """Raises Refusal where the text does not compile, or nothing of its policy is recorded."""
        checked = workbench.check_text(policy, text)
        if checked.program is None:
            raise Refusal(
                409, _("the text has problems: correct them first, then it can be tried"), checked.diagnostics
            )
        if not workbench.has_record:
            raise Refusal(409, _("nothing of this policy is recorded: there is nothing to try it on"))
        new = ComparedPolicy(checked.program, checked.used)
        report_progress(_("reading the facts of the months from the record"))
        with workbench.open_record() as log:
            recorded = Recorded.read(log)
            labels = _list_labels(recorded, checked.program, months)
            run = recorded.of(checked.program.id, labels[-1])[-1]
            old = ComparedPolicy(recorded.program(run), used_by(log, run))
            check_alike(old.program, new.program)
            tables = restore_tables(recorded, checked.program.id, labels)
        periods = [period for label in labels if (period := checked.program.period.period(label)) is not None]
        report_progress(_("deciding them by both texts"))
        diagnostics = Diagnostics()
        impact, near = PolicyComparison(old, new, periods, (), NEAR).compare(tables, diagnostics)
        if impact is None:
            raise Refusal(409, _("nobody is decided by both"), tuple(diagnostics))
        return cls(ImpactView(old.program, new.program, tuple(labels), impact, near, NEAR, rows=MAX_ROWS), diagnostics)


def ask_trial(workbench: Workbench, policy: PolicyFile, text: str, months: int) -> Trial:
    """What trying gives, as long as neither the text nor the record nor a policy beside it changes."""
    beside = sign_files(sorted(policy.path.parent.glob("*.toml")))
    key = ("tried", current(), policy.key, beside, digest_text(text), months, workbench.sign_record())
    trial: Trial = workbench.keep_long(key, Work(_("Trying the text"), try_text, (policy.key, text, months)))
    return trial


def try_text(workbench: Workbench, key: str, text: str, months: int) -> Trial:
    policy = workbench.list_policies().get(key)
    if policy is None:
        raise Refusal(404, _("this folder has no such policy"))
    return Trial.of(workbench, policy, text, months)


def _list_labels(recorded: Recorded, program: Program, months: int) -> Sequence[str]:
    """The last recorded months in which the program may decide; raises Refusal where there are none."""
    labels = [
        label
        for label in recorded.periods(program.id)
        if (period := program.period.period(label)) is not None and program.in_force(period)
    ]
    if not labels:
        raise Refusal(409, _("nothing of this policy is recorded: there is nothing to try it on"))
    return labels[-months:]


def _read_months(text: object) -> int:
    months = str(text)
    if not (months.isascii() and months.isdigit() and len(months) < 3 and 1 <= int(months) <= MAX_MONTHS):  # noqa: PLR2004
        raise Refusal(400, _("try from 1 to {count} months", count=MAX_MONTHS))
    return int(months)


def trial_page(request: PageRequest) -> Response:
    """The text of the editor, saved or not, on the last recorded months."""
    policy = find_policy_file(request)
    text = request.form.get("text", "").replace("\r\n", "\n")
    if len(text) > MAX_TEXT:
        raise Refusal(400, _("the form is damaged"))
    trial = ask_trial(request.workbench, policy, text, _read_months(request.form.get("months", "1")))
    with_labels = labelling(trial.impact.new)
    params = {
        "policy": policy,
        "title": trial.impact.new.title,
        "heading": trial.impact.title,
        "parts": Markup("\n").join(_name_plots(render_parts(trial.impact))),
        "problems": [problem_row(with_labels(diagnostic)) for diagnostic in trial.diagnostics],
    }
    return render(request, "trial.html.jinja", params)


def _name_plots(parts: Iterator[str]) -> Iterator[Markup]:
    """The parts of the page of `scorecore diff`, its plots and tables named by what is above them."""
    heading = ""
    for part in parts:
        found = _HEADING.search(part)
        heading = found[1] if found else heading
        named = _SVG.sub(f'<svg aria-label="{heading or escape(_("plot"))}" ', part)
        reachable = named.replace(
            '<div class="wide">', f'<div class="wide" tabindex="0" role="group" aria-label="{heading}">'
        )
        yield Markup(make_visible(reachable))  # noqa: S704  whose texts are escaped


def trial_data(request: PageRequest) -> Response:
    """What `scorecore diff --json` says of a text against the record."""
    document: dict[str, Any] = request.document if isinstance(request.document, dict) else {}
    text = document.get("text")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Refusal(400, _("the body is not what is described"))
    policy = find_policy_file(request)
    trial = ask_trial(request.workbench, policy, text.replace("\r\n", "\n"), _read_months(document.get("months", 1)))
    return as_json(impact_data(trial.impact, trial.diagnostics))
