"""The application: every address of the workbench with what it needs."""

from collections.abc import Iterable, Iterator
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from scorecore_cli.language import _, add_catalogue, speaking
from scorecore_web import (
    correction_page,
    draft_page,
    facts_page,
    month_api,
    months_page,
    objection_page,
    own_page,
    person_page,
    policy_page,
    record_page,
    run_page,
    statement_page,
    statements_file,
    trial_page,
    work_page,
)
from scorecore_web.account_page import list_account_routes
from scorecore_web.entrance import SIGN_IN, Entrance
from scorecore_web.guard import RequestGuard
from scorecore_web.open_api import describe_api, openapi_data
from scorecore_web.permissions import Permission
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import PACKAGE, read_static, render_refusal
from scorecore_web.requests import PageRequest, choose_language
from scorecore_web.routes import GuardedRoute, Handler, make_routes
from scorecore_web.token_page import list_token_routes
from scorecore_web.workbench import Workbench

_MONTH: Final = "/policies/{policy}/%s/{period}"


def static_file(request: PageRequest) -> Response:
    """A style or a script of ours."""
    file = read_static(request.path["name"])
    if file is None:
        raise Refusal(404, _("there is no such page"))
    return Response(file[0], media_type=file[1])


def list_routes(entrance: Entrance) -> list[GuardedRoute]:
    """The doors, the pages, and what their buttons do."""
    pages = [
        GuardedRoute(method=method, path=path, permission=permission, handler=handler)
        for method, path, permission, handler in (*_list_month_pages(), *_list_record_pages(), *_list_own_pages())
    ]
    api = month_api.list_api_routes()
    return [
        *entrance.list_doors(),
        *list_account_routes(entrance),
        *list_token_routes(entrance),
        *pages,
        *api,
        openapi_data(api),
    ]


def _list_own_pages() -> Iterator[tuple[str, str, Permission, Handler]]:
    yield "GET", "/my", Permission.OWN, own_page.own_page
    yield "GET", "/my/statement", Permission.OWN, own_page.own_statement_page
    yield "POST", "/my/statement", Permission.OWN, own_page.object_to_own


def _list_month_pages() -> Iterator[tuple[str, str, Permission, Handler]]:
    read, write, record, approve = Permission.READ, Permission.WRITE, Permission.RECORD, Permission.APPROVE
    yield "GET", "/static/{name}", Permission.PUBLIC, static_file
    yield "GET", "/", Permission.SELF, months_page.home_page
    yield "GET", "/work/{job}", Permission.SELF, work_page.work_data
    yield "POST", "/work/{job}/stop", Permission.SELF, work_page.stop_work
    yield "GET", "/go", read, months_page.go_to_month
    yield "GET", "/policies/{policy}", read, policy_page.policy_page
    yield "POST", "/policies/{policy}", write, policy_page.save_text
    yield "POST", "/policies/{policy}/draft/discard", write, draft_page.discard_draft
    yield "POST", "/policies/{policy}/try", read, trial_page.trial_page
    yield "GET", _MONTH % "facts", read, facts_page.facts_page
    yield "POST", _MONTH % "facts", record, facts_page.bring_facts
    yield "POST", f"{_MONTH % 'facts'}/remove", record, facts_page.remove_facts
    yield "POST", f"{_MONTH % 'facts'}/connect", record, facts_page.connect_facts
    yield "GET", _MONTH % "runs", read, run_page.run_page
    yield "POST", _MONTH % "runs", record, run_page.record_month
    yield "POST", f"{_MONTH % 'runs'}/settle", approve, run_page.settle_proposal
    yield "POST", f"{_MONTH % 'runs'}/withdraw", record, run_page.withdraw_proposal
    yield "GET", _MONTH % "corrections", read, correction_page.correction_page
    yield "POST", _MONTH % "corrections", record, correction_page.record_correction
    yield "GET", _MONTH % "people", read, person_page.person_page


def _list_record_pages() -> Iterator[tuple[str, str, Permission, Handler]]:
    read, record, approve = Permission.READ, Permission.RECORD, Permission.APPROVE
    yield "GET", "/record", read, record_page.record_page
    yield "POST", "/record", Permission.ADMINISTER, record_page.begin_record
    yield "POST", "/record/verify", read, record_page.verify_page
    yield "POST", "/record/replay", read, record_page.replay_page
    yield "GET", "/record/proof", read, record_page.proof_file
    yield "GET", "/record/checkpoint", read, record_page.checkpoint_file
    yield "GET", "/record/statement", read, statement_page.statement_page
    yield "GET", "/record/statements", read, statements_file.statements_file
    yield "GET", "/record/object", record, objection_page.object_page
    yield "POST", "/record/object", record, objection_page.note_objection
    yield "GET", "/objections", read, objection_page.objections_page
    yield "GET", "/objections/{entry}", read, objection_page.objection_page
    yield "GET", "/objections/{entry}/evidence", read, objection_page.document_file
    yield "POST", "/objections/{entry}", approve, objection_page.answer_objection


def build_application(
    workbench: Workbench, entrance: Entrance, hosts: Iterable[str], routes: Iterable[GuardedRoute] | None = None
) -> RequestGuard:
    """What a server serves; raises UnprotectedRoute where a route does not say what it needs."""
    add_catalogue(PACKAGE)
    served = make_routes(list_routes(entrance) if routes is None else routes, workbench, entrance)
    handlers = {HTTPException: _answer_http_error, Exception: _answer_failure}
    return RequestGuard(Starlette(routes=served, exception_handlers=handlers), frozenset(hosts))


async def _answer_http_error(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an address or a method that there is not."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    with speaking(choose_language(request)):
        return render_refusal(Refusal(status, _("there is no such page")), request.url.path)


async def _answer_failure(request: Request, _error: Exception) -> Response:
    """A mistake of ours: what happened is in the terminal, and nothing of it on the page."""
    with speaking(choose_language(request)):
        return render_refusal(Refusal(500, _("this is a mistake in scorecore; nothing was changed")), request.url.path)


__all__ = ["SIGN_IN", "build_application", "describe_api", "list_routes"]
