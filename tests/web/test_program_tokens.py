"""Programs that use accounts: what their tokens open, for how long, who may issue and revoke them, and who did what."""

import re
from pathlib import Path
from typing import Any

import apsw
import pytest
from attrs import evolve
from starlette.responses import Response
from starlette.testclient import TestClient

from scorecore.record.log.log import Log
from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, AUDITOR, AUTHOR, RUNNER
from scorecore.record.runs.recorded import Recorded
from scorecore_web import program_tokens
from scorecore_web.accounts import WINDOW
from scorecore_web.application import build_application, list_routes
from scorecore_web.database import DATABASE_FILE
from scorecore_web.month_api import list_api_routes
from scorecore_web.open_api import describe_api
from scorecore_web.permissions import EMPLOYEE, ROLE_PERMISSIONS, Permission
from scorecore_web.program_tokens import PREFIX, ProgramTokens
from workbench_site import HOST, PERIOD, ROLE_ACCOUNTS, Site, make_branch

RUN = f"/policies/policy/runs/{PERIOD}"
MONTHS = "/api/months"
PARTS = {"policy": "policy", "period": PERIOD, "name": "workbench.css", "entry": "3", "job": "0"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.of_many(make_branch(tmp_path))


def issue(site: Site, account: str, *roles: str, **form: str) -> str:
    """By the page, as whoever is signed in; empty where it is refused."""
    fields = {"deed": "issue", "name": "payroll", "days": "7", "account": account, **form}
    response = site.post("/tokens", fields | {f"role-{role}": "1" for role in roles})
    match = re.search(rf"<code>({PREFIX}[\w-]+)</code>", response.text)
    return match[1] if match else ""


def ask(site: Site, address: str, token: str, method: str = "GET", **options: Any) -> int:
    """As a program without a cookie."""
    site.client.cookies.clear()
    headers = {"Authorization": f"Bearer {token}"}
    return int(site.client.request(method, address, headers=headers, **options).status_code)


def list_changes(site: Site) -> list[tuple[str, str]]:
    assert site.workbench.accounts
    return [(by, deed) for _at, by, deed in site.workbench.accounts.list_changes()]


@pytest.mark.slow
def test_every_route_with_the_token_of_every_role(site: Site) -> None:
    """No page, no door, nothing of an administrator, and of the API what the role allows."""
    assert site.entrance
    answered = [
        route if route.is_door else evolve(route, handler=lambda _request: Response("reached"))
        for route in list_routes(site.entrance)
    ]
    for role in (role for role in ROLE_PERMISSIONS if role != ADMINISTRATOR):
        token = issue(site.sign_in_as(role), role, role)
        application = build_application(site.workbench, site.entrance, [HOST], answered)
        programs = evolve(site, client=TestClient(application, base_url=f"http://{HOST}", follow_redirects=False))
        for route in (route for route in list_routes(site.entrance) if not route.is_door):
            address = re.sub(r"{(\w+)}", lambda part: PARTS[part[1]], route.path)
            options = {"json": {}} if route.method == "POST" else {}
            is_allowed = address.startswith("/api/") and route.permission in ROLE_PERMISSIONS[role]
            assert ask(programs, address, token, route.method, **options) == (200 if is_allowed else 403), (role, route)


def test_a_token_is_shown_once_and_kept_as_a_digest(site: Site) -> None:
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    assert token not in site.get("/tokens").text
    assert token.encode() not in (site.folder / DATABASE_FILE).read_bytes()
    assert ask(site, MONTHS, token) == 200
    assert "payroll" in site.sign_in_as(AUDITOR).get("/tokens").text
    assert (AUDITOR, "+ auditor/payroll: auditor") in list_changes(site)
    site.client.cookies.clear()
    for address in (f"{MONTHS}?token={token}", f"/sign-in?token={token}", f"/sign-in/invitation?token={token}"):
        response = site.client.get(address, follow_redirects=False)
        assert response.status_code in {200, 401}
        assert "set-cookie" not in response.headers
    assert site.client.get(f"{MONTHS}?token={token}").status_code == 401


def test_a_token_ends_by_its_day_by_who_revokes_it_and_with_its_account(site: Site) -> None:
    accounts = site.workbench.accounts
    assert accounts
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    tokens = ProgramTokens(accounts.database)
    issued = tokens.list_all(AUDITOR)[0]
    assert ProgramTokens(accounts.database, lambda: issued.expires_at).find(token, "") is None
    revoke = {"deed": "revoke", "token": str(issued.id)}
    site.sign_in_as(RUNNER).post("/tokens", revoke)  # who sees it not
    assert ask(site, MONTHS, token) == 200
    site.sign_in_as(ADMINISTRATOR).post("/tokens", revoke)
    assert ask(site, MONTHS, token) == 401
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    accounts.change(AUDITOR, [AUDITOR], "", by="", is_active=False)
    accounts.change(AUDITOR, [AUDITOR], "", by="", is_active=True)
    assert ask(site, MONTHS, token) == 401
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    accounts.invite(AUDITOR, by="")
    assert ask(site, MONTHS, token) == 401


def test_no_token_allows_more_than_its_account_may_now(site: Site) -> None:
    accounts = site.workbench.accounts
    assert accounts
    accounts.change(RUNNER, [RUNNER, APPROVER], "", by="", is_active=True)
    assert issue(site.sign_in_as(AUTHOR), AUTHOR, APPROVER) == ""
    assert issue(site.sign_in_as(AUTHOR), RUNNER, RUNNER) == ""  # of somebody else
    token = issue(site.sign_in_as(RUNNER), RUNNER, RUNNER, APPROVER)
    objections = "/api/objections/3/answer"
    assert ask(site, objections, token, "POST", json={}) != 403
    accounts.change(RUNNER, [RUNNER], "", by="", is_active=True)
    assert ask(site, objections, token, "POST", json={}) == 403
    assert ask(site, MONTHS, token) == 200
    assert issue(site.sign_in_as(ADMINISTRATOR), ADMINISTRATOR, ADMINISTRATOR) == ""


def test_an_administrator_issues_for_accounts_to_which_nobody_signs_in(site: Site) -> None:
    accounts = site.workbench.accounts
    assert accounts
    accounts.add("export", [AUDITOR], "", by="")
    invitation = accounts.invite(AUDITOR, by="")
    accounts.accept(invitation, "correct horse battery")
    assert issue(site.sign_in_as(ADMINISTRATOR), AUDITOR, AUDITOR) == ""
    token = issue(site.sign_in_as(ADMINISTRATOR), "export", AUDITOR)
    assert ask(site, MONTHS, token) == 200
    accounts.accept(accounts.invite("export", by=""), "correct horse battery")  # from now on it is somebody's
    assert ask(site, MONTHS, token) == 401


@pytest.mark.parametrize("form", [{"name": " "}, {"name": "x" * 65}, {"days": "8"}, {"days": "9999"}, {"deed": "?"}])
def test_what_a_token_cannot_be(site: Site, form: dict[str, str]) -> None:
    assert issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR, **form) == ""


def test_there_are_so_many_tokens_and_no_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_tokens, "MAX_TOKENS", 2)
    site.sign_in_as(AUDITOR)
    issued = [issue(site, AUDITOR, AUDITOR, name=str(number)) for number in range(3)]
    assert [bool(token) for token in issued] == [True, True, False]


def test_wrong_tokens_are_counted_and_hold_up_no_right_one_and_no_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_tokens, "MAX_FAILURES_OF_ADDRESS", 3)
    accounts = site.workbench.accounts
    assert accounts
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    statuses = [ask(site, MONTHS, f"{PREFIX}{number}") for number in range(5)]
    assert statuses == [401, 401, 429, 429, 429]
    assert ask(site, MONTHS, token) == 200
    assert not accounts.is_limited(AUDITOR, "testclient")
    with apsw.Connection(str(site.folder / DATABASE_FILE)) as connection:
        connection.execute("UPDATE failed_attempts SET at = at - ?", (WINDOW,))
    assert ask(site, MONTHS, "wrong") == 401


@pytest.mark.slow
def test_the_record_names_the_account_and_the_log_of_accounts_the_program(site: Site) -> None:
    site.sign_in_as(ADMINISTRATOR).post("/record")
    site.sign_in_as(RUNNER)
    match = re.search(r'name="seen" value="([^"]*)"', site.get(RUN).text)
    assert match
    site.post(RUN, {"seen": match[1]})
    site.sign_in_as(APPROVER).post(f"{RUN}/settle", {"number": "1", "deed": "approve"})
    token = issue(site.sign_in_as(RUNNER), RUNNER, RUNNER)
    person = {"policy": "chengnan.manager", "period": PERIOD, "person": ROLE_ACCOUNTS[EMPLOYEE]}
    headers = {"Authorization": f"Bearer {token}"}
    decision = site.get("/api/record/contestable", params=person, headers=headers).json()["decision"]
    body = {**person, "decision": decision, "contested": "whole", "reason": "the volume is wrong"}
    assert ask(site, "/api/objections", token, "POST", json=body) == 200
    with Log.open(site.folder / "record.scorecore") as log:
        (objection,) = Recorded.read(log).people.objections.values()
        assert objection.maker
        assert objection.maker.account == RUNNER
    assert (f"{RUNNER}/payroll", "POST /api/objections") in list_changes(site)
    own = issue(site.sign_in_as(EMPLOYEE), EMPLOYEE, EMPLOYEE)
    headers = {"Authorization": f"Bearer {own}"}
    (month,) = site.get("/api/my", headers=headers).json()["statements"]
    assert month["objections"][0]["is_waiting"] is True
    statement = site.get("/api/my/statement", params={**person, "person": "B1002"}, headers=headers).json()
    assert statement["subject"] == ROLE_ACCOUNTS[EMPLOYEE]
    assert ask(site, MONTHS, own) == 403


def test_the_openapi_document_says_how_programs_come_in(site: Site) -> None:
    document = describe_api(list_api_routes())
    schemes = document["components"]["securitySchemes"]
    assert {name for need in document["security"] for name in need} == schemes.keys()
    assert all(scheme["scheme"] == "bearer" for scheme in schemes.values())
    assert Permission.OWN in document["paths"]["/api/my"]["get"]["description"]
    token = issue(site.sign_in_as(AUDITOR), AUDITOR, AUDITOR)
    assert ask(site, "/api/openapi.json", token) == 200
