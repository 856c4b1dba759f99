"""The pages of accounts: one's own, and those of everybody for an administrator."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from scorecore_cli.language import _
from scorecore_web.account_words import describe_problem, name_role
from scorecore_web.accounts import AccountRefusal, Accounts
from scorecore_web.entrance import INVITATION, SIGN_IN, TOKEN_PARAMETER, Entrance
from scorecore_web.passwords import MIN_PASSWORD
from scorecore_web.permissions import ROLE_PERMISSIONS, Permission
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import render
from scorecore_web.requests import PageRequest
from scorecore_web.routes import SIGN_OUT, GuardedRoute, Handler
from scorecore_web.sessions import COOKIE

ACCOUNTS: Final = "/accounts"
ACCOUNT: Final = "/account"
MAX_PERSON: Final = 200


def list_account_routes(entrance: Entrance) -> list[GuardedRoute]:
    """Their addresses; none of accounts where there are none."""
    declared: list[tuple[str, str, Permission, Callable[[Entrance, PageRequest], Response]]] = [
        ("POST", SIGN_OUT, Permission.SELF, sign_out)
    ]
    if entrance.has_passwords:
        declared += [
            ("GET", ACCOUNT, Permission.SELF, own_account_page),
            ("POST", ACCOUNT, Permission.SELF, change_password),
        ]
    if entrance.accounts is not None:
        declared += [
            ("GET", ACCOUNTS, Permission.ADMINISTER, accounts_page),
            ("POST", ACCOUNTS, Permission.ADMINISTER, change_accounts),
        ]
    return [
        GuardedRoute(method=method, path=path, permission=permission, handler=_bind(handler, entrance))
        for method, path, permission, handler in declared
    ]


def _bind(handler: Callable[[Entrance, PageRequest], Response], entrance: Entrance) -> Handler:
    return partial(handler, entrance)


def sign_out(entrance: Entrance, request: PageRequest) -> Response:
    entrance.sessions.end(request.session.id)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE, path="/")
    return response


# one's own


def own_account_page(entrance: Entrance, request: PageRequest) -> Response:
    return _render_own(entrance, request)


def _render_own(entrance: Entrance, request: PageRequest, notice: str = "", status: int = 200) -> Response:
    account = _accounts(entrance).find(request.session.account)
    roles = [name_role(role) for role in account.roles] if account else []
    params = {"roles": roles, "notice": notice, "min_password": MIN_PASSWORD}
    return render(request, "account.html.jinja", params, status)


def change_password(entrance: Entrance, request: PageRequest) -> Response:
    """Another password ends all sessions of the account but a new one."""
    accounts, name = _accounts(entrance), request.session.account
    old, new = request.form.get("old", ""), request.form.get("password", "")
    if new != request.form.get("repeated"):
        return _render_own(entrance, request, _("the two passwords differ"), 400)
    if accounts.sign_in(name, old, request.client) is None:
        return _render_own(entrance, request, _("the name or the password is wrong"), 400)
    try:
        accounts.set_password(name, new)
    except AccountRefusal as refusal:
        return _render_own(entrance, request, describe_problem(refusal.problem), 400)
    entrance.sessions.end_all(name)
    return entrance.enter(request, accounts.find_active(name))


# everybody's


def _accounts(entrance: Entrance) -> Accounts:
    assert entrance.accounts is not None  # noqa: S101  the page is there for accounts alone
    return entrance.accounts


def accounts_page(entrance: Entrance, request: PageRequest) -> Response:
    return _render_all(entrance, request)


def _render_all(
    entrance: Entrance, request: PageRequest, notice: str = "", invitation: str = "", status: int = 200
) -> Response:
    accounts = _accounts(entrance)
    params: dict[str, Any] = {
        "accounts": accounts.list_all(),
        "roles": [(role, name_role(role)) for role in ROLE_PERMISSIONS],
        "changes": [(datetime.fromtimestamp(at, UTC), by, deed) for at, by, deed in accounts.list_changes()],
        "has_passwords": entrance.has_passwords,
        "has_record": request.workbench.has_record,
        "notice": notice,
        "invitation": invitation,
    }
    return render(request, "accounts.html.jinja", params, status)


def change_accounts(entrance: Entrance, request: PageRequest) -> Response:
    """Add an account, change one, or invite somebody to choose a password."""
    name, deed = request.form.get("name", "").strip(), request.form.get("deed", "")
    try:
        invitation = _do(entrance, request, name, deed)
    except AccountRefusal as refusal:
        return _render_all(entrance, request, describe_problem(refusal.problem), status=400)
    if invitation:
        address = f"{entrance.sign_on.public or request.base}{INVITATION}?{TOKEN_PARAMETER}={quote(invitation)}"
        return _render_all(entrance, request, invitation=address)
    return RedirectResponse(f"{ACCOUNTS}?done=1", 303)


def _do(entrance: Entrance, request: PageRequest, name: str, deed: str) -> str:
    """The invitation of who has to choose a password, if that was asked."""
    accounts, by = _accounts(entrance), request.session.account
    roles = [role for role in ROLE_PERMISSIONS if request.form.get(f"role-{role}") == "1"]
    person = request.form.get("person", "").strip()
    if len(person) > MAX_PERSON:
        raise Refusal(400, _("the form is damaged"))
    if deed == "add":
        accounts.add(name, roles, person, by)
        return accounts.invite(name, by) if entrance.has_passwords else ""
    if deed == "invite" and entrance.has_passwords:
        invitation = accounts.invite(name, by)
    elif deed == "change":
        accounts.change(name, roles, person, by, is_active=request.form.get("is_active") == "1")
        invitation = ""
    else:
        raise Refusal(400, _("the form is damaged"))
    entrance.sessions.end_all(name)
    return invitation
