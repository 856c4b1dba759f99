"""The first page: policies by periods, what each month has, and what waits."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from attrs import asdict, frozen
from starlette.responses import RedirectResponse, Response

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.record.runs.recorded import Recorded
from scorecore.services.recorded_periods import PeriodSummary, as_approved, list_periods, summarize_period
from scorecore_cli.assessment_input import Stopped, read_tables
from scorecore_cli.language import _, current, ngettext
from scorecore_web.month import Month, describe_returned, list_fact_periods, sign_facts
from scorecore_web.permissions import Permission
from scorecore_web.progress import report_progress
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, render
from scorecore_web.requests import PageRequest
from scorecore_web.work import Work
from scorecore_web.workbench import PolicyFile, Workbench

MAX_PERIODS: Final = 6
"""Periods of a policy on the page; a field leads to any other."""
RECORDED, PROPOSED, HAS_FACTS, EMPTY = "recorded", "proposed", "facts", "empty"


@frozen
class MonthCell:
    """One month of one policy."""

    period: str
    state: str
    people: int | None = None
    held: int | None = None
    net: Any = None
    runs: int = 0
    returned: str = ""
    """By whom and why the last proposal of the month was sent back."""


@frozen
class PolicyMonths:
    """A policy, and the months that are shown of it."""

    key: str
    address: str
    name: str
    title: str
    currency: str
    example: str
    errors: int
    notes: int
    months: tuple[MonthCell, ...]


def list_months(workbench: Workbench, today: date) -> list[PolicyMonths]:
    """Each policy of the folder with its last months, the present one among them."""
    policies = workbench.list_policies().values()
    programs = [program for policy in policies if (program := workbench.check(policy).program) is not None]
    summaries = ask_summaries(workbench)
    folder = _Folder(workbench, summaries.recorded, summaries.proposed, summaries.returned, programs, today)
    return [folder.list_policy(policy) for policy in policies]


@frozen
class _Summaries:
    """By policy and period what the record has, and what waits for approval."""

    recorded: dict[tuple[str, str], PeriodSummary]
    proposed: dict[tuple[str, str], PeriodSummary]
    returned: dict[tuple[str, str], str]
    """By whom and why the last proposal was sent back."""


def ask_summaries(workbench: Workbench) -> _Summaries:
    if not workbench.has_record:
        return _Summaries({}, {}, {})
    key = ("summaries", current(), workbench.sign_record())
    summaries: _Summaries = workbench.keep_long(key, Work(_("Reading the record"), summarize_record))
    return summaries


def summarize_record(workbench: Workbench) -> _Summaries:
    with workbench.open_record() as log:
        recorded = Recorded.read(log)
        of_record = {}
        decided = list_periods(recorded)
        for number, key in enumerate(decided):
            report_progress(key[1], number, len(decided))
            of_record[key] = summarize_period(recorded, *key)
        proposed = {
            (run.id, run.period): summarize_period(as_approved(recorded, proposal), run.id, run.period)
            for proposal in recorded.people.waiting
            for run in proposal.runs
        }
        return _Summaries(of_record, proposed, describe_returned(recorded))


@frozen
class _Folder:
    """What the months of each policy are told apart by."""

    workbench: Workbench
    summaries: dict[tuple[str, str], PeriodSummary]
    proposed: dict[tuple[str, str], PeriodSummary]
    returned: dict[tuple[str, str], str]
    programs: list[Program]
    """All that compile, versions of one policy among them."""
    today: date

    def list_policy(self, policy: PolicyFile) -> PolicyMonths:
        checked = self.workbench.check(policy)
        program = checked.program
        errors = sum(not diagnostic.kind.warning for diagnostic in checked.diagnostics)
        about = (policy.key, policy.address)
        notes = len(checked.diagnostics) - errors
        if program is None:
            name = policy.key.replace("~", "/")
            return PolicyMonths(*about, name, name, "", "", errors, notes, ())
        months = tuple(self.list_cells(policy, program))
        name, example = f"{program.id}@{program.version}", program.period.example
        return PolicyMonths(*about, name, program.title, program.currency, example, errors, notes, months)

    def list_cells(self, policy: PolicyFile, program: Program) -> Iterator[MonthCell]:
        recorded = {period for policy_id, period in self.summaries if policy_id == program.id}
        dated = set(_list_dated(self.workbench, policy, program))
        with_facts = dated | set(self.workbench.uploads.list_periods(policy.key))
        waiting = {*self.proposed, *self.returned}
        labels = recorded | with_facts | {period for policy_id, period in waiting if policy_id == program.id}
        present = program.period.containing(self.today)
        if not labels and present is not None:
            labels.add(present.label)
        last = program.period.period(max(labels)) if labels else None
        following = program.period.ago(last, -1) if last and last.label in recorded else None
        labels |= {following.label} if following else set()
        is_undated = self.workbench.find_facts(policy) is not None and not dated
        decided = [label for label in sorted(labels) if self.is_decided_by(program, label)]
        for label in decided[-MAX_PERIODS:]:
            proposed, summary = self.proposed.get((program.id, label)), self.summaries.get((program.id, label))
            if proposed is not None:
                yield MonthCell(label, PROPOSED, proposed.people, proposed.held, proposed.net, len(proposed.runs))
            elif summary is not None:
                yield MonthCell(label, RECORDED, summary.people, summary.held, summary.net, len(summary.runs))
            else:
                state = HAS_FACTS if label in with_facts or is_undated else EMPTY
                yield MonthCell(label, state, returned=self.returned.get((program.id, label), ""))

    def is_decided_by(self, program: Program, label: str) -> bool:
        """Whether a period is this version's: of those in force then, the one that came into force last."""
        period = program.period.period(label)
        if period is None or not program.in_force(period):
            return False
        others = (other for other in self.programs if other.id == program.id and other.in_force(period))
        return all(other.effective_from <= program.effective_from for other in others)


def _list_dated(workbench: Workbench, policy: PolicyFile, program: Program) -> list[str]:
    """The periods that the facts beside a policy have rows for."""
    path = workbench.find_facts(policy)
    if path is None:
        return []

    def compute() -> list[str]:
        checked = workbench.check(policy)
        try:
            tables = (program, path, None, Diagnostics(), "utf-8", checked.plugins, checked.used.values())
            raw = read_tables(*tables)
        except Stopped:
            return []
        return list_fact_periods({name: table for name, table in raw.items() if name != HISTORY}, program)

    labels: list[str] = workbench.keep(
        ("dated", policy.key, sign_facts(path), workbench.check(policy).program), compute
    )
    return [label for label in labels if (period := program.period.period(label)) and program.in_force(period)]


def list_waiting(policies: list[PolicyMonths]) -> Iterator[dict[str, str]]:
    """What somebody has to do, most pressing first, with where."""
    for policy in policies:
        if policy.errors:
            sentence = ngettext(
                "{title}: {count} problem in the policy",
                "{title}: {count} problems in the policy",
                policy.errors,
                title=policy.title,
            )
            yield {"text": sentence, "href": policy.address}
    for policy in policies:
        for month in policy.months:
            href = f"{policy.address}/runs/{month.period}"
            params = {"title": policy.title, "period": month.period}
            if month.returned:
                yield {"text": _("{title}: {period}, {returned}", **params, returned=month.returned), "href": href}
                continue
            if month.state == PROPOSED:
                yield {"text": _("{title}: {period} waits for approval", **params), "href": f"{href}?from=proposal"}
            elif month.state == HAS_FACTS:
                yield {"text": _("{title}: {period} has facts and is not recorded", **params), "href": href}
            elif month.held:
                sentence = ngettext(
                    "{title}: in {period}, {count} person is recorded with something held",
                    "{title}: in {period}, {count} people are recorded with something held",
                    month.held,
                    **params,
                )
                yield {"text": sentence, "href": href}


def list_unanswered(workbench: Workbench) -> list[dict[str, str]]:
    """That objections wait for an answer."""
    if not workbench.has_record:
        return []

    def count() -> int:
        with workbench.open_record() as log:
            return sum(objection.answer is None for objection in Recorded.read(log).people.objections.values())

    waiting = workbench.keep(("unanswered", workbench.sign_record()), count)
    if not waiting:
        return []
    sentence = ngettext("{count} objection waits for an answer", "{count} objections wait for an answer", waiting)
    return [{"text": sentence, "href": "/objections"}]


def home_page(request: PageRequest) -> Response:
    """Where somebody begins: the months, their own statements, or the accounts."""
    if request.may(Permission.READ):
        return months_page(request)
    if request.may(Permission.OWN):
        return RedirectResponse("/my", 303)
    if request.may(Permission.ADMINISTER):
        return RedirectResponse("/accounts", 303)
    raise Refusal(403, _("this account has no roles yet: ask an administrator"))


def months_page(request: PageRequest) -> Response:
    policies = list_months(request.workbench, date.today())  # noqa: DTZ011  the month of who sits there
    waiting = [*list_waiting(policies), *list_unanswered(request.workbench)]
    params = {"policies": policies, "waiting": waiting, "has_record": request.workbench.has_record}
    return render(request, "months.html.jinja", params)


def months_data(request: PageRequest) -> Response:
    policies = list_months(request.workbench, date.today())  # noqa: DTZ011  the same
    waiting = [*list_waiting(policies), *list_unanswered(request.workbench)]
    return as_json({"policies": [asdict(policy) for policy in policies], "waiting": waiting})


def go_to_month(request: PageRequest) -> Response:
    """Lead to a month that the page does not show."""
    policy = request.workbench.list_policies().get(request.query.get("policy", ""))
    if policy is None:
        raise Refusal(404, _("this folder has no such policy"))
    month = Month.of(request.workbench, policy, request.query.get("period", "").strip())
    return RedirectResponse(f"{policy.address}/facts/{month.period.label}", 303)
