"""The page of a run: everybody of a month, what is odd, what has moved, and the button that records it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from attrs import frozen
from starlette.responses import RedirectResponse, Response

from scorecore.record.people.acts import Waiting, approve, send_back
from scorecore.record.record_run import Signed, record_run
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.assessment_input import require_history
from scorecore_cli.labels import labelling
from scorecore_cli.language import _
from scorecore_cli.proposal_view import describe_actor, describe_runs
from scorecore_cli.record_file import engine_name, now, policy_documents
from scorecore_cli.report_page import format_cell, list_cells, plot_table
from scorecore_cli.terminal import diagnostic_data
from scorecore_web.month import DecidedMonth, Month, has_history
from scorecore_web.people_table import HELD_FIRST, PeopleQuery, build_people_table
from scorecore_web.permissions import Permission
from scorecore_web.policy_page import find_policy_file
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, problem_row, render
from scorecore_web.requests import PageRequest, read_number
from scorecore_web.workbench import Workbench

FACTS, RECORD, PROPOSAL = "facts", "record", "proposal"


@frozen(eq=False)
class OpenedMonth:
    """A month as a page shows it."""

    month: Month
    decided: DecidedMonth
    origin: str
    seen: str
    """What it rested on before it was decided: by it the button knows whether what it records is what was shown."""


def open_month(request: PageRequest) -> OpenedMonth:
    """The month that an address names, decided from the record where it has it, unless the facts are asked for."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    wanted = request.query.get("from", RECORD if month.is_recorded else FACTS)
    begins = request.query.get("begins") == "1"
    seen = sign_decided(month, begins=begins)
    if wanted == PROPOSAL:
        return OpenedMonth(month, month.read_proposed(), PROPOSAL, seen)
    if wanted == RECORD and month.is_recorded:
        return OpenedMonth(month, month.read_recorded(), RECORD, seen)
    return OpenedMonth(month, month.decide(begins=begins), FACTS, seen)


def run_page(request: PageRequest) -> Response:
    return render_run(request, open_month(request))


def render_run(request: PageRequest, opened: OpenedMonth, notice: str = "", status: int = 200) -> Response:
    month, decided, report = opened.month, opened.decided, opened.decided.report
    query = PeopleQuery.of(request.query)
    notes = list(list_notes(decided))
    params = {
        "month": month,
        "policy": month.policy,
        "title": decided.program.title,
        "period": month.period.label,
        "origin": opened.origin,
        "decided": decided,
        "is_recorded": month.is_recorded,
        "has_record": request.workbench.has_record,
        "lacks_history": decided.assessment is not None and not has_history(decided.assessment),
        "begins": request.query.get("begins") == "1",
        "figures": [(format_cell(value, kind), name) for name, value, kind in report.figures],
        "currency": report.currency,
        "tables": [(table, plot_table(table), list(list_cells(table))) for table in report.tables],
        "people": build_people_table(report, decided, query),
        "query": query,
        "link": lambda **changes: link_people(request.query, changes),
        "held_first": HELD_FIRST,
        "errors": [note for note in notes if note["is_error"]],
        "notes": [note for note in notes if not note["is_error"]],
        "seen": opened.seen,
        "waiting": describe_waiting(month),
        "returned": "" if month.is_recorded else month.find_returned(),
        "notice": notice,
        "saved": request.query.get("recorded") == "1",
    }
    return render(request, "run.html.jinja", params, status)


def describe_waiting(month: Month) -> dict[str, Any] | None:
    """What waits for approval in the month: which run, by whom, and who may approve it."""
    waiting = month.find_proposal()
    if waiting is None:
        return None
    proposal, approvers = waiting.proposal, list_approvers(month.workbench, waiting)
    return {
        "number": proposal.head.number,
        "runs": describe_runs(proposal),
        "maker": describe_actor(proposal.maker),
        "reason": proposal.head.reason,
        "may_approve": ", ".join(approvers) or _("nobody: no other operator may approve it"),
    }


def list_approvers(workbench: Workbench, waiting: Waiting) -> Sequence[str]:
    """The operators who may approve; where people have accounts, the accounts that may and did not hand it in."""
    if workbench.accounts is None:
        return waiting.may_approve
    maker = waiting.proposal.maker.account
    accounts = workbench.accounts.list_all()
    return [
        account.name
        for account in accounts
        if account.is_active and Permission.APPROVE in account.permissions and account.name != maker
    ]


def list_notes(decided: DecidedMonth) -> Iterator[dict[str, Any]]:
    """What is wrong with the facts, and what is odd about the results."""
    for diagnostic in decided.moved:
        yield problem_row(diagnostic)
    if decided.assessment is not None and decided.review is not None:
        with_labels = labelling(decided.program)
        for diagnostic in (*map(with_labels, decided.assessment.diagnostics), *decided.review.notes):
            yield problem_row(diagnostic)


def link_people(query: Mapping[str, str], changes: Mapping[str, object]) -> str:
    """The query of the same table with something else."""
    kept = {name: value for name, value in query.items() if name not in {"lang", "recorded"}}
    together = kept | {name: str(value) for name, value in changes.items()}
    return "?" + urlencode({name: value for name, value in together.items() if value})


def sign_decided(month: Month, *, begins: bool) -> str:
    """By it the button knows whether what it records is what the page has shown."""
    return sha256(repr(month.sign(begins=begins)).encode()).hexdigest()


def record_month(request: PageRequest) -> Response:
    """Record what the page has shown; if anything has changed since, it is shown first."""
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    begins = request.form.get("begins") == "1"
    if not request.workbench.has_record:
        raise Refusal(409, _("this folder has no record yet: begin one on the page of the record"))
    seen = sign_decided(month, begins=begins)
    decided = month.decide(begins=begins)  # before anybody else has to wait
    with request.workbench.writing:
        if request.form.get("seen") != seen or seen != sign_decided(month, begins=begins):
            message = _("not recorded: something has changed since the page was loaded. Look at it, then record.")
            return render_run(request, OpenedMonth(month, decided, FACTS, seen), message, 409)
        _record(request, month, decided, request.form.get("reason", "").strip(), begins=begins)
    return RedirectResponse(f"{month.policy.address}/runs/{month.period.label}?recorded=1", 303)


def _record(request: PageRequest, month: Month, decided: DecidedMonth, reason: str, *, begins: bool) -> Signed:
    """As `scorecore run --record` does, of what was decided of the same facts, policy and record."""
    assessment = decided.assessment
    assert assessment is not None  # noqa: S101  it was decided from facts
    with request.open_record_to_write() as log:
        recorded = Recorded.read(log)
        if not begins:
            require_history(assessment, month.workbench.record_path)
        return record_run(
            log,
            decided.decisions,
            policy_documents(assessment),
            now=now(),
            engine=engine_name(),
            used=assessment.used,
            reason=reason,
            plugins=assessment.plugin_versions,
            about={"known_at": assessment.known_at},
            recorded=recorded,
        )


def settle_proposal(request: PageRequest) -> Response:
    """Approve what waits in the month, or send it back; the record itself says who may."""
    if request.form.get("deed") != "return":
        return _settle(request, lambda recorded, number: approve(recorded, number, now=now()))
    return withdraw_proposal(request)


def withdraw_proposal(request: PageRequest) -> Response:
    """Send back what waits in the month, or take it back oneself."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Refusal(400, _("say which run is sent back, and for what reason"))
    return _settle(request, lambda recorded, number: send_back(recorded, number, reason, now=now()))


def _settle(request: PageRequest, deed: Callable[[Recorded, int], object]) -> Response:
    month = Month.of(request.workbench, find_policy_file(request), request.path["period"])
    number = read_number(request.form.get("number", ""))
    if number is None:
        raise Refusal(400, _("say which run is sent back, and for what reason"))
    with request.workbench.writing, request.open_record_to_write() as log:
        deed(Recorded.read(log), number)
    return RedirectResponse(f"{month.policy.address}/runs/{month.period.label}?settled=1", 303)


def run_data(request: PageRequest) -> Response:
    """Everybody of a month as plain data."""
    opened = open_month(request)
    decided, decisions = opened.decided, opened.decided.decisions
    ids = decisions.facts.ids
    people = []
    for number, row in enumerate(decisions.frame.iter_rows(named=True)):
        held = decisions.held.get(number, {})
        people.append(
            {
                "id": ids[number],
                "results": {name: value for name, value in row.items() if name != "subject" and value is not None},
                "held": {step: list(map(diagnostic_data, causes)) for step, causes in held.items()},
            }
        )
    name = f"{decided.program.id}@{decided.program.version}"
    return as_json({"policy": name, "period": opened.month.period.label, "from": opened.origin, "people": people})
