"""How people come in: by the token of the address, a password, the firm's proxy, or its identity provider."""

from collections.abc import Iterator
from logging import getLogger
from typing import Final

from attrs import field, frozen
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scorecore_cli.language import _
from scorecore_web.account_words import describe_problem
from scorecore_web.accounts import AccountRefusal, Accounts, UserAccount
from scorecore_web.passwords import MIN_PASSWORD
from scorecore_web.permissions import ROLE_PERMISSIONS, Permission
from scorecore_web.program_tokens import ProgramTokens
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import render
from scorecore_web.requests import PageRequest
from scorecore_web.routes import GuardedRoute, Handler
from scorecore_web.sessions import COOKIE, Session, Sessions
from scorecore_web.sign_on import FLOW_COOKIE, MAX_FLOW, IdentityProvider, SignOn, SignOnRefusal

SIGN_IN: Final = "/sign-in"
INVITATION: Final = f"{SIGN_IN}/invitation"
OIDC: Final = f"{SIGN_IN}/oidc"
OIDC_BACK: Final = f"{SIGN_IN}/oidc/back"
TOKEN_PARAMETER: Final = "token"  # noqa: S105  the name of a parameter
_LOG: Final = getLogger(__name__)


@frozen(eq=False)
class Entrance:
    """Who is let in, and by what."""

    sessions: Sessions
    accounts: Accounts | None = None
    """None where one person works alone, who has the token of the address."""
    sign_on: SignOn = field(factory=SignOn)
    oidc: IdentityProvider | None = None
    is_sample: bool = False
    """Whether who has the token may be anybody of an invented firm."""

    def list_doors(self) -> list[GuardedRoute]:
        """The only addresses at which somebody without a session may do something."""
        doors = list(self._list_doors())
        return [
            GuardedRoute(method=method, path=path, permission=Permission.PUBLIC, handler=handler, is_door=True)
            for method, path, handler in doors
        ]

    def _list_doors(self) -> Iterator[tuple[str, str, Handler]]:
        if self.accounts is None:
            yield "GET", SIGN_IN, self.enter_with_token
            return
        if self.is_sample:
            yield "GET", SIGN_IN, self.show_people
            yield "POST", SIGN_IN, self.enter_as
            return
        yield "GET", SIGN_IN, self.show_form
        if self.oidc is not None:
            yield "GET", OIDC, self.go_to_provider
            yield "GET", OIDC_BACK, self.come_from_provider
        if self.has_passwords:
            yield "POST", SIGN_IN, self.enter_with_password
            yield "GET", INVITATION, self.show_invitation
            yield "POST", INVITATION, self.accept_invitation

    @property
    def has_passwords(self) -> bool:
        """Where the firm says who people are, nobody needs a password of ours."""
        return self.accounts is not None and not self.is_sample and not (self.sign_on.proxy or self.oidc)

    @property
    def tokens(self) -> ProgramTokens | None:
        """Those with which programs use accounts; None where there are no accounts."""
        return None if self.accounts is None else ProgramTokens(self.accounts.database, self.accounts.clock)

    def find_program(self, text: str, address: str) -> Session:
        """The session of a request that brings a token; raises Refusal."""
        if self.accounts is None or self.tokens is None:
            self._require_token(text)
            return Session("", "", self.sessions.permissions)
        token = self.tokens.find(text, address)
        account = self.accounts.find_active(token.account) if token else None
        if token is None or account is None:
            if self.tokens.is_limited(address):
                raise Refusal(429, _("too many wrong tokens: try again in a quarter of an hour"))
            raise Refusal(401, _("this token is wrong, has expired, or was revoked"))
        permissions = token.list_permissions(account)
        person = account.person if Permission.OWN in permissions else ""
        return Session("", "", permissions, account.name, person, token)

    def find_session(self, request: Request) -> Session | None:
        """The session of a cookie, or of whom the firm's proxy names."""
        proxy = self.sign_on.proxy
        if proxy is None or self.accounts is None:
            return self.sessions.find(request.cookies.get(COOKIE, ""))
        user = proxy.find_user(request)
        account = self.accounts.find_active(user) if user else None
        return None if account is None else self.sessions.find_of_account(account)

    def enter(self, request: PageRequest, account: UserAccount | None = None) -> Response:
        """Open a session, in place of the one that the browser had."""
        self.sessions.end(request.session.id)
        session = self.sessions.open(account)
        response: Response = RedirectResponse("/", 303)
        if self.oidc is not None:  # who comes from another site sends a strict cookie only when a page of ours leads on
            response = render(request, "entered.html.jinja", {})
        response.set_cookie(
            COOKIE, session.id, httponly=True, samesite="strict", path="/", secure=self.sign_on.is_secure
        )
        return response

    # one person

    def enter_with_token(self, request: PageRequest) -> Response:
        self._require_token(request.query.get(TOKEN_PARAMETER, ""))
        return self.enter(request)

    def _require_token(self, token: str) -> None:
        if not self.sessions.is_token(token):
            raise Refusal(401, _("open the address that was shown when the workbench started: it lets you in"))

    # the sample

    def show_people(self, request: PageRequest) -> Response:
        """Everybody of the invented firm who has an account."""
        token = request.query.get(TOKEN_PARAMETER, "") or request.cookies.get(FLOW_COOKIE, "")
        self._require_token(token)
        response = render(request, "people.html.jinja", {"accounts": self._list_people()})
        response.set_cookie(FLOW_COOKIE, token, httponly=True, samesite="strict", path=SIGN_IN)
        return response

    def _list_people(self) -> list[UserAccount]:
        """Those who do most first: what one hands in, another approves."""
        everybody = self.accounts.list_all() if self.accounts else []
        order = list(ROLE_PERMISSIONS)
        return sorted(everybody, key=lambda account: [order.index(role) for role in account.roles])

    def enter_as(self, request: PageRequest) -> Response:
        self._require_token(request.cookies.get(FLOW_COOKIE, ""))
        account = self.accounts.find_active(request.form.get("name", "")) if self.accounts else None
        if account is None:
            raise Refusal(404, _("there is no such account"))
        return self.enter(request, account)

    # passwords

    def show_form(self, request: PageRequest) -> Response:
        return self._render_form(request)

    def _render_form(self, request: PageRequest, notice: str = "", name: str = "", status: int = 200) -> Response:
        params = {
            "has_passwords": self.has_passwords,
            "oidc": OIDC if self.oidc else "",
            "notice": notice,
            "name": name,
        }
        return render(request, "sign_in.html.jinja", params, status)

    def enter_with_password(self, request: PageRequest) -> Response:
        assert self.accounts is not None  # noqa: S101  the door is there for accounts alone
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        if self.accounts.is_limited(name, request.client):
            message = _("too many wrong passwords: try again in a quarter of an hour")
            return self._render_form(request, message, name, 429)
        account = self.accounts.sign_in(name, password, request.client)
        if account is None:
            message = _("the name or the password is wrong")
            return self._render_form(request, message, name, 401)
        return self.enter(request, account)

    def show_invitation(self, request: PageRequest) -> Response:
        """Where somebody who was invited chooses a password."""
        return self._render_invitation(request, request.query.get(TOKEN_PARAMETER, ""))

    def _render_invitation(self, request: PageRequest, token: str, notice: str = "", status: int = 200) -> Response:
        account = self.accounts.find_invited(token) if self.accounts else None
        if account is None:
            raise Refusal(401, _("this invitation is no longer valid: ask an administrator for another"))
        params = {"account": account, "token": token, "notice": notice, "min_password": MIN_PASSWORD}
        return render(request, "invitation.html.jinja", params, status)

    def accept_invitation(self, request: PageRequest) -> Response:
        assert self.accounts is not None  # noqa: S101  the door is there for accounts alone
        token, password = request.form.get("token", ""), request.form.get("password", "")
        if password != request.form.get("repeated"):
            return self._render_invitation(request, token, _("the two passwords differ"), 400)
        try:
            account = self.accounts.accept(token, password)
        except AccountRefusal as refusal:
            return self._render_invitation(request, token, describe_problem(refusal.problem), 400)
        self.sessions.end_all(account.name)
        return self.enter(request, account)

    # the firm's identity provider

    def go_to_provider(self, request: PageRequest) -> Response:
        assert self.oidc is not None  # noqa: S101  the door is there for a provider alone
        try:
            address, flow_id = self.oidc.begin()
        except SignOnRefusal as refusal:
            return self._refuse_oidc(request, refusal)
        response = RedirectResponse(address, 303)
        response.set_cookie(
            FLOW_COOKIE,
            flow_id,
            max_age=int(MAX_FLOW),
            path=SIGN_IN,
            secure=self.sign_on.is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    def come_from_provider(self, request: PageRequest) -> Response:
        assert self.oidc is not None  # noqa: S101  the door is there for a provider alone
        assert self.accounts is not None  # noqa: S101  likewise
        state, code = request.query.get("state", ""), request.query.get("code", "")
        try:
            name = self.oidc.finish(request.cookies.get(FLOW_COOKIE, ""), state, code)
        except SignOnRefusal as refusal:
            return self._refuse_oidc(request, refusal)
        account = self.accounts.find_active(name)
        if account is None:
            message = _("{name} has no account here: ask an administrator", name=name)
            return self._render_form(request, message, status=403)
        response = self.enter(request, account)
        response.delete_cookie(FLOW_COOKIE, path=SIGN_IN)
        return response

    def _refuse_oidc(self, request: PageRequest, refusal: SignOnRefusal) -> Response:
        _LOG.warning("sign-on refused: %s", refusal)
        return self._render_form(request, _("signing in with your firm's account failed: try again"), status=401)
