"""Routes that say what one must be allowed to do, and what happens to every request before a page sees it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import click
from anyio import to_thread
from attrs import frozen
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from scorecore.diagnostics.diagnostic import Rejected
from scorecore_cli.assessment_input import Stopped
from scorecore_cli.language import _, speaking
from scorecore_cli.terminal import diagnostic_data
from scorecore_cli.third_party_messages import describe_os_error
from scorecore_cli.visible_text import make_visible
from scorecore_web.permissions import Permission
from scorecore_web.rendering import as_json, render_refusal
from scorecore_web.requests import (
    FORM_TOKEN,
    LANGUAGE_COOKIE,
    TOKEN_HEADER,
    PageRequest,
    Refusal,
    UploadedFile,
    choose_language,
    read_body,
)
from scorecore_web.sessions import COOKIE, Session, Sessions
from scorecore_web.workbench import Workbench

Handler = Callable[[PageRequest], Response]
TOKEN_PARAMETER: Final = "token"  # noqa: S105  the name of a parameter
_BEARER: Final = "bearer "
_YEAR: Final = 365 * 24 * 3600
_SAFE: Final = frozenset({"GET", "HEAD"})


class UnprotectedRoute(Exception):  # noqa: N818  keeps the workbench from starting
    """A route that names no permission, or that lets anybody change something."""


@frozen(kw_only=True)
class ApiDescription:
    """What the OpenAPI document says of a route."""

    summary: str
    answer: Mapping[str, Any]
    """The schema of the JSON that it gives."""
    query: Mapping[str, str] = {}
    """Parameters of the query, with what they are."""
    body: Mapping[str, Any] | None = None
    """The schema of the JSON that it takes."""


@frozen(kw_only=True)
class GuardedRoute:
    """One address and method, the permission that it needs, and the page."""

    method: str
    path: str
    permission: Permission | None
    handler: Handler
    api: ApiDescription | None = None


def make_routes(routes: Iterable[GuardedRoute], workbench: Workbench, sessions: Sessions) -> list[Route]:
    """Routes of Starlette; raises UnprotectedRoute."""
    made = []
    for route in routes:
        if route.permission is None or (route.permission is Permission.PUBLIC and route.method not in _SAFE):
            raise UnprotectedRoute(f"{route.method} {route.path}")
        endpoint = _Endpoint(route, route.permission, workbench, sessions)
        made.append(Route(route.path, endpoint.answer, methods=[route.method]))
    return made


@frozen(eq=False)
class _Endpoint:
    """What happens to a request: language, session, form token, permission, body, and then the page."""

    route: GuardedRoute
    permission: Permission
    workbench: Workbench
    sessions: Sessions

    async def answer(self, request: Request) -> Response:
        language = choose_language(request)
        with speaking(language):
            response = await self._answer_safely(request, language)
        if request.query_params.get("lang") == language:
            response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="strict")
        return response

    async def _answer_safely(self, request: Request, language: str) -> Response:
        try:
            session = self._find_session(request)
            page_request = await self._read(request, session, language)
            return await to_thread.run_sync(self._answer_in_thread, page_request)
        except Refusal as refusal:
            return self._refuse(refusal, request)

    def _find_session(self, request: Request) -> Session:
        """The session of a request; raises Refusal where there is none, or where it may not do this."""
        authorization = request.headers.get("authorization", "")
        is_bearer = authorization[: len(_BEARER)].lower() == _BEARER
        if is_bearer and self.sessions.is_token(authorization[len(_BEARER) :].strip()):
            session: Session | None = Session("", "", self.sessions.permissions)
        else:
            is_bearer = False
            session = self.sessions.find(request.cookies.get(COOKIE, ""))
        if session is None and self.permission is Permission.PUBLIC:
            session = Session("", "", frozenset({Permission.PUBLIC}))
        if session is None:
            raise Refusal(401, _("open the address that was shown when the workbench started: it lets you in"))
        if self.permission not in session.permissions:
            raise Refusal(403, _("this session may only read"))
        if request.method not in _SAFE and not is_bearer:
            self._check_origin(request)
        return session

    @staticmethod
    def _check_origin(request: Request) -> None:
        """What other sites send names them; a browser that says nothing brings the token of the form all the same."""
        origin = request.headers.get("origin")
        own_origins = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
        site = request.headers.get("sec-fetch-site", "same-origin")
        if (origin is not None and origin not in own_origins) or site not in {"same-origin", "none"}:
            raise Refusal(403, _("this page is too old: load it again"))

    async def _read(self, request: Request, session: Session, language: str) -> PageRequest:
        form: dict[str, str] = {}
        files: tuple[UploadedFile, ...] = ()
        document: Any = None
        if request.method not in _SAFE:
            form, files, document = await read_body(request)
            token = request.headers.get(TOKEN_HEADER, form.pop(FORM_TOKEN, ""))
            if session.id and not session.accepts(token):
                raise Refusal(403, _("this page is too old: load it again"))
        path = {name: str(value) for name, value in request.path_params.items()}
        address = request.url.path
        if request.url.query:
            address = f"{address}?{request.url.query}"
        return PageRequest(
            self.workbench, session, path, request.query_params, language, address, form, files, document
        )

    def _answer_in_thread(self, request: PageRequest) -> Response:
        """The page; what a command would have ended with becomes a page as well."""
        try:
            return self.route.handler(request)
        except (Rejected, Stopped) as rejected:
            raise Refusal(409, _("this cannot be done"), rejected.diagnostics) from rejected
        except click.ClickException as error:
            raise Refusal(409, error.format_message()) from error
        except OSError as error:
            raise Refusal(409, describe_os_error(error)) from error

    def _refuse(self, refusal: Refusal, request: Request) -> Response:
        if self.route.api is not None or "application/json" in request.headers.get("accept", ""):
            return as_json(refusal_data(refusal), refusal.status)
        return render_refusal(refusal, request.url.path)


def refusal_data(refusal: Refusal) -> dict[str, Any]:
    """A refusal as plain data."""
    return {
        "error": make_visible(refusal.message),
        "problems": [diagnostic_data(diagnostic) for diagnostic in refusal.diagnostics],
    }


def sign_in(sessions: Sessions) -> Callable[[Request], Awaitable[Response]]:
    """The page behind the address that is shown at the start: it opens a session, and leaves the token behind."""

    async def answer(request: Request) -> Response:
        with speaking(choose_language(request)):
            if not sessions.is_token(request.query_params.get(TOKEN_PARAMETER, "")):
                message = _("open the address that was shown when the workbench started: it lets you in")
                return render_refusal(Refusal(401, message), request.url.path)
        session = sessions.open()
        response = RedirectResponse("/", 303)
        response.set_cookie(COOKIE, session.id, httponly=True, samesite="strict", path="/")
        return response

    return answer
