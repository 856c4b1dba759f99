"""What an employee sees: their own statements, and what they have objected to. Nothing here names anybody else."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from scorecore.record.runs.recorded import Recorded
from scorecore.services.objections import list_decided_periods
from scorecore_cli.language import _
from scorecore_web.objection_page import object_params, record_objection
from scorecore_web.permissions import EMPLOYEE
from scorecore_web.record_page import require_record
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import as_json, render
from scorecore_web.requests import PageRequest
from scorecore_web.statement_page import DecisionAddress, describe_statement, list_own_objections, write_statement


def _require_person(request: PageRequest) -> str:
    if not request.session.person:
        raise Refusal(404, _("this account is not linked to an employee, so it has no statements of its own"))
    require_record(request.workbench)
    return request.session.person


def own_page(request: PageRequest) -> Response:
    return render(request, "own.html.jinja", {"periods": list_own_periods(request)})


def list_own_periods(request: PageRequest) -> list[dict[str, Any]]:
    """The months in which something is in force about the person, the last one first."""
    person = _require_person(request)
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        return [
            {
                "policy": policy,
                "period": period,
                "title": recorded.program(recorded.of(policy, period)[-1]).title,
                "objections": _list_states(recorded, DecisionAddress(policy, period, person)),
            }
            for policy, period in list_decided_periods(recorded, person)
        ]


def _list_states(recorded: Recorded, address: DecisionAddress) -> list[dict[str, Any]]:
    """What became of the person's objections to a month."""
    objections = list_own_objections(recorded, address)
    return [
        {"contested": row["contested"], "state": row["state"], "is_waiting": row["is_waiting"]} for row in objections
    ]


def own_statement_page(request: PageRequest) -> Response:
    """One's statement with the form to object; the person is that of the account, whatever an address says."""
    address = DecisionAddress.read(request.query, _require_person(request))
    with request.workbench.open_record() as log:
        recorded = Recorded.read(log)
        params = {
            "statement": write_statement(request.workbench, recorded, address),
            "objections": list_own_objections(recorded, address),
            **object_params(recorded, address),
        }
    return render(request, "own_statement.html.jinja", params)


def object_to_own(request: PageRequest) -> Response:
    """It is signed as an employee's: the entry has a pseudonym, and the name of an account could not be erased."""
    address = DecisionAddress.read(request.form, _require_person(request))
    record_objection(request, address, request.form, request.files, account=EMPLOYEE)
    return RedirectResponse(f"/my/statement?{address.query}&noted=1", 303)


def own_data(request: PageRequest) -> Response:
    return as_json({"statements": list_own_periods(request)})


def own_statement_data(request: PageRequest) -> Response:
    return as_json(describe_statement(request, DecisionAddress.read(request.query, _require_person(request))))
