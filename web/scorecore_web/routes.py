"""Routes that say what one must be allowed to do, and what happens to every request before a page sees it."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from anyio import sleep, to_thread
from attrs import frozen
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from scorecore_cli.language import _, speaking
from scorecore_cli.terminal import diagnostic_data
from scorecore_cli.visible_text import make_visible
from scorecore_web.permissions import Permission
from scorecore_web.program_tokens import ProgramTokens
from scorecore_web.refusals import EXPECTED, Refusal, SentForm, StaleForm, as_refusal
from scorecore_web.rendering import as_json, render_refusal
from scorecore_web.repeated_forms import RepeatedForms
from scorecore_web.requests import (
    FORM_TOKEN,
    LANGUAGE_COOKIE,
    TOKEN_HEADER,
    PageRequest,
    UploadedFile,
    choose_language,
    read_body,
    read_referrer,
)
from scorecore_web.sessions import Session
from scorecore_web.work_page import render_working
from scorecore_web.workbench import Workbench
from scorecore_web.worker_pool import StillWorking, asking

Handler = Callable[[PageRequest], Response]
_NOBODY: Final = 401
_BEARER: Final = "bearer"
_API: Final = "/api/"
_YEAR: Final = 365 * 24 * 3600
SIGN_OUT: Final = "/sign-out"
PATIENCE: Final = 2.0
"""Seconds that a reader looks at no page, before what goes on is shown."""
PATIENCE_OF_PROGRAMS: Final = 600.0
_MAX_PAUSE: Final = 0.2
_MAX_RESCUED: Final = 4 * 2**20
"""Bytes of a form that is read for somebody who is not signed in any more."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_RECORDING: Final = frozenset({Permission.RECORD, Permission.APPROVE})


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
    is_door: bool = False
    """Whether somebody comes in here, who brings the token of no session yet."""


class Doorkeeper(Protocol):
    """Who knows a session, and the token of the address."""

    @property
    def tokens(self) -> ProgramTokens | None: ...

    @property
    def has_passwords(self) -> bool: ...

    def find_session(self, request: Request) -> Session | None: ...

    def find_program(self, text: str, address: str) -> Session: ...


def make_routes(routes: Iterable[GuardedRoute], workbench: Workbench, doorkeeper: Doorkeeper) -> list[Route]:
    """Routes of Starlette; raises UnprotectedRoute."""
    made, repeated = [], RepeatedForms()
    for route in routes:
        is_open = route.permission is Permission.PUBLIC and route.method not in _SAFE and not route.is_door
        if route.permission is None or is_open:
            raise UnprotectedRoute(f"{route.method} {route.path}")
        endpoint = _Endpoint(route, route.permission, workbench, doorkeeper, repeated)
        made.append(Route(route.path, endpoint.answer, methods=[route.method]))
    return made


@frozen(eq=False)
class _Endpoint:
    """What happens to a request: language, session, form token, permission, body, and then the page."""

    route: GuardedRoute
    permission: Permission
    workbench: Workbench
    doorkeeper: Doorkeeper
    repeated: RepeatedForms

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
            if self._is_form and session.id:
                return await self.repeated.answer(page_request, lambda: self._answer_in_time(page_request))
            return await self._answer_in_time(page_request)
        except Refusal as refusal:
            return self._refuse(refusal, request, await self._rescue(refusal, request))

    @property
    def _is_form(self) -> bool:
        """Whether a page of ours sends it, to somebody who is signed in."""
        return self.route.method not in _SAFE and self.route.api is None and not self.route.is_door

    async def _rescue(self, refusal: Refusal, request: Request) -> SentForm | None:
        """What was typed into a form of ours whose session has ended; None where another site sent it."""
        if not self._is_form or self.permission is Permission.SELF or not _is_own(request):
            return None
        if isinstance(refusal, StaleForm):
            return refusal.form
        length = request.headers.get("content-length", "")
        if refusal.status != _NOBODY or not length or int(length) > _MAX_RESCUED:
            return None
        fields, files, _document = await read_body(request)
        fields.pop(FORM_TOKEN, None)
        return SentForm(fields, bool(files))

    def _find_session(self, request: Request) -> Session:
        """The session of a request; raises Refusal where there is none, or where it may not do this."""
        bearer = _read_bearer(request)
        client = request.client.host if request.client else ""
        session = self.doorkeeper.find_session(request) if bearer is None else None
        if bearer is not None:
            session = self.doorkeeper.find_program(bearer, client)
            if session.account and not self.route.path.startswith(_API):
                raise Refusal(403, _("a program asks under /api: pages are for people"))
        if session is None and self.permission is Permission.PUBLIC:
            session = Session("", "", frozenset({Permission.PUBLIC}))
        if session is None:
            raise Refusal(401, self._say_how_to_enter())
        if self.permission not in session.permissions:
            raise Refusal(403, _("this session may not do this"))
        if request.method not in _SAFE and bearer is None:
            self._check_origin(request)
        return session

    def _say_how_to_enter(self) -> str:
        if self.workbench.accounts is not None:
            return _("sign in first")
        return _("open the address that was shown when the workbench started: it lets you in")

    @staticmethod
    def _check_origin(request: Request) -> None:
        """What other sites send names them; a browser that says nothing brings the token of the form all the same."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        if ("origin" in request.headers and not _is_own(request)) or site not in {"same-origin", "none"}:
            raise Refusal(403, _("this page is too old: load it again"))

    async def _read(self, request: Request, session: Session, language: str) -> PageRequest:
        form: dict[str, str] = {}
        files: tuple[UploadedFile, ...] = ()
        document: Any = None
        if request.method not in _SAFE:
            form, files, document = await read_body(request)
            token = request.headers.get(TOKEN_HEADER, form.pop(FORM_TOKEN, ""))
            if session.id and not self.route.is_door and not session.accepts(token):
                sent = SentForm(form, bool(files), session.form_token)
                raise StaleForm(_("this page is too old: load it again"), sent)
        path = {name: str(value) for name, value in request.path_params.items()}
        address = request.url.path
        if request.url.query:
            address = f"{address}?{request.url.query}"
        client, base = request.client.host if request.client else "", str(request.base_url).rstrip("/")
        parts = (self.workbench, session, path, request.query_params, language, address, form, files, document)
        return PageRequest(
            *parts,
            client=client,
            cookies=request.cookies,
            base=base,
            referrer=read_referrer(request),
            has_passwords=self.doorkeeper.has_passwords,
        )

    async def _answer_in_time(self, request: PageRequest) -> Response:
        """The page, as soon as the long work behind it is done; how far that has come, if it takes too long."""
        asking.set(request.session.id)
        begin, pause = time.monotonic(), 0.01
        patience = PATIENCE if self.route.api is None else PATIENCE_OF_PROGRAMS
        while True:
            try:
                return await to_thread.run_sync(self._answer_in_thread, request)
            except StillWorking as still:  # no thread waits for it
                while not still.job.ended.is_set():
                    if time.monotonic() - begin > patience:
                        return self._show_work(request, still)
                    await sleep(pause)
                    pause = min(pause * 1.2, _MAX_PAUSE)

    def _show_work(self, request: PageRequest, still: StillWorking) -> Response:
        if self.route.api is not None:
            raise Refusal(503, _("this is not done yet: ask again in a minute"))
        return render_working(request, still.job, is_form=self.route.method not in _SAFE)

    def _answer_in_thread(self, request: PageRequest) -> Response:
        """The page; what a command would have ended with becomes a page as well."""
        try:
            response = self.route.handler(request)
        except EXPECTED as error:
            refusal = as_refusal(error)
            raise refusal from (None if refusal is error else error)
        self._note_program(request)
        return response

    def _note_program(self, request: PageRequest) -> None:
        """What a program has changed is in the log of accounts, with the name of its token."""
        tokens, program = self.doorkeeper.tokens, request.session.program
        if tokens is not None and program is not None and self.permission in _RECORDING:
            tokens.note_deed(program, f"{self.route.method} {request.address.partition('?')[0]}")

    def _refuse(self, refusal: Refusal, request: Request, sent: SentForm | None = None) -> Response:
        is_page = self.route.api is None and (request.method in _SAFE or self.route.path == SIGN_OUT)
        if refusal.status == _NOBODY and is_page and self.workbench.accounts and not self.route.is_door:
            return RedirectResponse("/sign-in", 303)
        if self.route.api is not None or "application/json" in request.headers.get("accept", ""):
            return as_json(refusal_data(refusal), refusal.status)
        return render_refusal(refusal, request.url.path, sent)


def _read_bearer(request: Request) -> str | None:
    """The token that a program brings; None where a browser asks."""
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == _BEARER else None


def _is_own(request: Request) -> bool:
    """Whether a browser says that a page of ours has sent the request."""
    own_origins = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
    return request.headers.get("origin") in own_origins


def refusal_data(refusal: Refusal) -> dict[str, Any]:
    """A refusal as plain data."""
    return {
        "error": make_visible(refusal.message),
        "problems": [diagnostic_data(diagnostic) for diagnostic in refusal.diagnostics],
    }
