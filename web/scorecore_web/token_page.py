"""The page of tokens for programs: one's own, and for an administrator those of everybody."""

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from scorecore_cli.language import _
from scorecore_web.account_words import name_role
from scorecore_web.accounts import UserAccount
from scorecore_web.entrance import Entrance
from scorecore_web.permissions import Permission
from scorecore_web.program_tokens import (
    LIFETIMES,
    MAX_NAME,
    MAX_TOKENS,
    PROGRAM_ROLES,
    ProgramToken,
    ProgramTokens,
    TokenProblem,
    TokenRefusal,
)
from scorecore_web.refusals import Refusal
from scorecore_web.rendering import render
from scorecore_web.requests import PageRequest, read_number
from scorecore_web.routes import GuardedRoute

TOKENS: Final = "/tokens"


def list_token_routes(entrance: Entrance) -> list[GuardedRoute]:
    """Their addresses; none where one person works alone, whose address has the only token."""
    if entrance.accounts is None:
        return []
    handlers = (("GET", tokens_page), ("POST", change_tokens))
    return [
        GuardedRoute(method=method, path=TOKENS, permission=Permission.SELF, handler=partial(handler, entrance))
        for method, handler in handlers
    ]


def tokens_page(entrance: Entrance, request: PageRequest) -> Response:
    return _render(entrance, request)


def _render(
    entrance: Entrance, request: PageRequest, notice: str = "", issued: str = "", status: int = 200
) -> Response:
    tokens = list_shown(entrance, request)
    params: dict[str, Any] = {
        "tokens": [(token, *map(_as_moment, (token.expires_at, token.used_at))) for token in tokens],
        "accounts": [account.name for account in list_issuable(entrance, request)],
        "roles": [(role, name_role(role)) for role in _list_roles(entrance, request)],
        "lifetimes": LIFETIMES,
        "max_name": MAX_NAME,
        "notice": notice,
        "issued": issued,
    }
    return render(request, "tokens.html.jinja", params, status)


def _as_moment(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _require_tokens(entrance: Entrance) -> ProgramTokens:
    assert entrance.tokens is not None  # noqa: S101  the page is there for accounts alone
    return entrance.tokens


def list_shown(entrance: Entrance, request: PageRequest) -> list[ProgramToken]:
    """One's own; an administrator sees, and revokes, those of everybody."""
    account = "" if request.may(Permission.ADMINISTER) else request.session.account
    return _require_tokens(entrance).list_all(account)


def list_issuable(entrance: Entrance, request: PageRequest) -> list[UserAccount]:
    """For which accounts somebody may issue one: their own; for an administrator those that no person signs in to."""
    assert entrance.accounts is not None  # noqa: S101  the page is there for accounts alone
    own, is_administrator = request.session.account, request.may(Permission.ADMINISTER)

    def is_issuable(account: UserAccount) -> bool:
        is_of_program = is_administrator and entrance.has_passwords and not account.has_password
        return account.is_active and (account.name == own or is_of_program)

    return [account for account in entrance.accounts.list_all() if is_issuable(account)]


def _list_roles(entrance: Entrance, request: PageRequest) -> list[str]:
    roles = {role for account in list_issuable(entrance, request) for role in account.roles}
    return [role for role in PROGRAM_ROLES if role in roles]


def change_tokens(entrance: Entrance, request: PageRequest) -> Response:
    """Issue a token, which this one page shows, or revoke one."""
    deed, tokens = request.form.get("deed", ""), _require_tokens(entrance)
    if deed == "revoke":
        number = read_number(request.form.get("token", ""))
        token = next((each for each in list_shown(entrance, request) if each.id == number), None)
        if token is not None:  # one that has ended meanwhile is what was wanted
            tokens.revoke(token, request.session.account)
        return RedirectResponse(f"{TOKENS}?done=1", 303)
    days, name = read_number(request.form.get("days", "")), request.form.get("account", request.session.account)
    account = next((each for each in list_issuable(entrance, request) if each.name == name), None)
    if deed != "issue" or days not in LIFETIMES or account is None:
        raise Refusal(400, _("the form is damaged"))
    roles = [role for role in PROGRAM_ROLES if request.form.get(f"role-{role}") == "1"]
    try:
        issued = tokens.issue(account, request.form.get("name", "").strip(), roles, days, request.session.account)
    except TokenRefusal as refusal:
        return _render(entrance, request, describe_token_problem(refusal.problem), status=400)
    return _render(entrance, request, issued=issued)


def describe_token_problem(problem: TokenProblem) -> str:
    sentences = {
        TokenProblem.NAME_NEEDED: _("say what the token is for, in at most {count} characters", count=MAX_NAME),
        TokenProblem.ROLE_NEEDED: _("choose a role that the account has"),
        TokenProblem.TOO_MANY: _("an account has at most {count} tokens: revoke one first", count=MAX_TOKENS),
    }
    return sentences[problem]
