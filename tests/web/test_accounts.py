"""Accounts: every route with every role and none, passwords, invitations, sessions, and the firm's proxy."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import apsw
import pytest
from attrs import evolve
from starlette.responses import Response
from starlette.testclient import TestClient

from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, AUDITOR, AUTHOR, RUNNER
from scorecore_web.accounts import INVITED_FOR, MAX_FAILURES, WINDOW, AccountProblem, AccountRefusal, Accounts
from scorecore_web.application import build_application, list_routes
from scorecore_web.database import DATABASE_FILE, WorkbenchDatabase
from scorecore_web.entrance import INVITATION, SIGN_IN, Entrance
from scorecore_web.passwords import PasswordHasher
from scorecore_web.permissions import EMPLOYEE, ROLE_PERMISSIONS, Permission
from scorecore_web.requests import FORM_TOKEN
from scorecore_web.routes import GuardedRoute
from scorecore_web.server import invite_administrator
from scorecore_web.sessions import COOKIE, MAX_AGE_OF_ACCOUNT, MAX_IDLE_OF_ACCOUNT, Sessions
from scorecore_web.sign_on import FIRST_ADMINISTRATOR, ProxySignOn, SignOn, SignOnMistake, read_sign_on
from scorecore_web.workbench import Workbench
from workbench_site import HOST, PERIOD, Site, make_branch

RUN = f"/policies/policy/runs/{PERIOD}"
STATEMENT = {"policy": "chengnan.manager", "period": PERIOD}
PASSWORD = "correct horse battery"  # noqa: S105  of nobody
SECRET = "s" * 40
ANYWHERE = "0.0.0.0"  # noqa: S104  is read, not bound
CHEAP = PasswordHasher(memory=64, passes=1, lanes=1)
PARTS = {"policy": "policy", "period": PERIOD, "name": "workbench.css", "entry": "3", "job": "0"}
ALLOWED = {
    AUTHOR: {Permission.READ, Permission.WRITE},
    RUNNER: {Permission.READ, Permission.RECORD},
    APPROVER: {Permission.READ, Permission.APPROVE},
    AUDITOR: {Permission.READ},
    ADMINISTRATOR: {Permission.ADMINISTER},
    EMPLOYEE: {Permission.OWN},
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.of_many(make_branch(tmp_path))


def routes_of(site: Site) -> Iterator[tuple[GuardedRoute, str]]:
    assert site.entrance
    for route in list_routes(site.entrance):
        if not route.is_door:
            yield route, re.sub(r"{(\w+)}", lambda part: PARTS[part[1]], route.path)


def record_month(site: Site) -> None:
    """Begun by the administrator, handed in by the runner, approved by another."""
    assert (
        site.sign_in_as(ADMINISTRATOR).client.post("/record", data={FORM_TOKEN: site.form_token()}).status_code == 200
    )
    site.sign_in_as(RUNNER)
    match = re.search(r'name="seen" value="([^"]*)"', site.get(RUN).text)
    assert match
    assert site.post(RUN, {"seen": match[1]}).status_code == 200
    settled = {"number": "1", "deed": "approve"}
    assert site.post(f"{RUN}/settle", settled).status_code == 403
    assert site.sign_in_as(APPROVER).post(f"{RUN}/settle", settled).status_code == 200


@pytest.mark.slow
def test_every_route_with_every_role_and_none(site: Site) -> None:
    """Nobody gets further than their roles say; the roles stand here once more, so that no table is its own judge.

    Behind the permissions an answer is in the place of each page: what pages do is for other tests.
    """
    assert site.entrance
    answered = [
        route if route.is_door else evolve(route, handler=lambda _request: Response("reached"))
        for route in list_routes(site.entrance)
    ]
    workbench = Workbench.open(site.folder, has_accounts=True)
    application = build_application(workbench, site.entrance, [HOST], answered)
    site = evolve(site, client=TestClient(application, base_url=f"http://{HOST}", follow_redirects=False))
    routes = list(routes_of(site))
    assert len(routes) > 50
    for route, address in routes:
        is_public = route.permission is Permission.PUBLIC
        assert site.client.request(route.method, address).status_code in ({200} if is_public else {303, 401}), route
    for role, allowed in ALLOWED.items():
        token = site.sign_in_as(role).form_token()
        for route, address in routes:
            options = {"data": {FORM_TOKEN: token}} if route.method == "POST" else {}
            response = site.client.request(route.method, address, **options)
            is_reached = route.permission in allowed | {Permission.PUBLIC, Permission.SELF}
            assert (
                (response.status_code, response.text == "reached") == (200, True)
                if is_reached
                else (response.status_code == 403)
            ), (role, route)


@pytest.mark.slow
def test_an_employee_sees_their_own_statement_and_nobody_elses(site: Site) -> None:
    record_month(site)
    site.sign_in_as(EMPLOYEE)
    assert site.client.get("/", follow_redirects=False).headers["location"] == "/my"
    assert PERIOD in site.get("/my").text
    for person in ("", "B1002", "B1001"):
        text = site.get("/my/statement", params={**STATEMENT, "person": person}).text
        assert "1,200.00" in text
        assert "B1002" not in text.partition("<main")[2]
    decision = re.search(r'name="decision" value="(\d+)"', site.get("/my/statement", params=STATEMENT).text)
    assert decision
    form = {**STATEMENT, "person": "B1002", "decision": decision[1], "contested": "1", "reason": "not mine"}
    assert "not mine" in site.post("/my/statement", form).text
    site.sign_in_as(RUNNER)
    rows = site.get("/api/objections").json()["objections"]
    assert [row["person"] for row in rows] == ["B1001"]
    assert rows[0]["by"].startswith(f"{EMPLOYEE},")  # whose account is in no entry, which could not be erased


@pytest.mark.slow
def test_nobody_answers_what_they_have_objected_to(site: Site) -> None:
    record_month(site)
    assert site.entrance
    assert site.entrance.accounts
    site.entrance.accounts.add("both", [APPROVER, EMPLOYEE], "B1001", by="")
    site.sign_in_as("both")
    text = site.get("/my/statement", params=STATEMENT).text
    decision = re.search(r'name="decision" value="(\d+)"', text)
    assert decision
    site.post("/my/statement", {**STATEMENT, "decision": decision[1], "contested": "whole", "reason": "not mine"})
    entry = site.get("/api/objections").json()["objections"][0]["entry"]
    answer = {"verdict": "refused", "reason": "no"}
    assert site.post(f"/objections/{entry}", answer).status_code == 403
    assert site.sign_in_as(APPROVER).post(f"/objections/{entry}", answer).status_code == 200


@pytest.mark.slow
def test_what_an_account_did_is_signed_for_it(site: Site) -> None:
    record_month(site)
    text = site.sign_in_as(AUDITOR).get("/record").text
    assert "runner, signed for by workbench" in text
    assert "approver, signed for by workbench" in text


@pytest.mark.slow
def test_a_record_of_a_single_operator_can_only_be_read(tmp_path: Path) -> None:
    alone = Site.of(make_branch(tmp_path)).sign_in()
    alone.post("/record")
    site = Site.of_many(tmp_path).sign_in_as(RUNNER)
    match = re.search(r'name="seen" value="([^"]*)"', site.get(RUN).text)
    assert match
    assert site.post(RUN, {"seen": match[1]}).status_code == 409


# signing in


def invited(site: Site, name: str) -> str:
    """Where an administrator's invitation of somebody leads."""
    site.sign_in_as(ADMINISTRATOR)
    form = {"name": name, "deed": "invite"}
    address = re.search(rf"http://{HOST}({INVITATION}\?token=[\w-]+)", site.post("/accounts", form).text)
    assert address
    site.client.cookies.clear()
    return address[1]


def choose_password(site: Site, address: str, password: str = PASSWORD, repeated: str = PASSWORD) -> int:
    token = parse_qs(urlsplit(address).query)["token"][0]
    form = {"token": token, "password": password, "repeated": repeated}
    return int(site.client.post(INVITATION, data=form, follow_redirects=False).status_code)


def try_password(site: Site, name: str, password: str) -> int:
    form = {"name": name, "password": password}
    return int(site.client.post(SIGN_IN, data=form, follow_redirects=False).status_code)


def test_an_invitation_is_taken_once_and_then_the_password_opens(site: Site) -> None:
    address = invited(site, RUNNER)
    assert RUNNER in site.get(address).text
    for password, repeated in (("short", "short"), (PASSWORD, "another"), ("runner runner runner",) * 2):
        assert choose_password(site, address, password, repeated) == 400
    assert choose_password(site, address) == 303
    assert choose_password(site, address) == 401
    assert site.client.get(address).status_code == 401
    site.client.cookies.clear()
    assert try_password(site, RUNNER, f"{PASSWORD}!") == 401
    assert try_password(site, "nobody", PASSWORD) == 401
    assert try_password(site, RUNNER, PASSWORD) == 303
    content = (site.folder / DATABASE_FILE).read_bytes()
    assert PASSWORD.encode() not in content
    assert b"$argon2id$" in content


def test_after_some_wrong_passwords_none_is_tried_for_a_while(site: Site) -> None:
    choose_password(site, invited(site, RUNNER))
    for _time in range(MAX_FAILURES):
        assert try_password(site, RUNNER, "wrong") == 401
    assert try_password(site, RUNNER, PASSWORD) == 429
    assert site.entrance
    assert site.entrance.accounts
    later = evolve(site.entrance.accounts, clock=lambda: 2e12 + WINDOW)
    assert later.sign_in(RUNNER, PASSWORD, "testclient") is not None


def test_a_session_is_new_after_each_sign_in_and_ends_when_it_is_asked(site: Site) -> None:
    choose_password(site, invited(site, RUNNER))
    before = site.client.cookies[COOKIE]
    assert try_password(site, RUNNER, PASSWORD) == 303
    after = site.client.cookies[COOKIE]
    assert before != after
    assert site.sessions.find(before) is None
    site.client.cookies.clear()
    site.client.cookies.set(COOKIE, "planted")
    response = site.client.post(SIGN_IN, data={"name": RUNNER, "password": PASSWORD}, follow_redirects=False)
    assert "planted" not in response.headers["set-cookie"]
    assert "samesite=strict" in response.headers["set-cookie"].lower()
    site.sign_in_as(RUNNER)
    mine = site.client.cookies[COOKIE]
    assert site.post("/sign-out").status_code == 200
    assert site.sessions.find(mine) is None


def test_another_password_or_role_ends_what_was_open(site: Site) -> None:
    choose_password(site, invited(site, RUNNER))
    elsewhere = site.client.cookies[COOKIE]
    site.sign_in_as(RUNNER)
    changed = {"old": "wrong", "password": f"{PASSWORD} two", "repeated": f"{PASSWORD} two"}
    assert site.post("/account", changed).status_code == 400
    assert site.post("/account", changed | {"old": PASSWORD}).status_code == 200
    assert site.sessions.find(elsewhere) is None
    mine = site.sign_in_as(RUNNER).client.cookies[COOKIE]
    site.sign_in_as(ADMINISTRATOR)
    closed = {"name": RUNNER, "deed": "change", f"role-{RUNNER}": "1"}
    assert site.post("/accounts", closed).status_code == 200
    assert site.sessions.find(mine) is None
    assert try_password(site, RUNNER, f"{PASSWORD} two") == 401


@pytest.mark.parametrize("moments", [(0.0, 1.0, MAX_IDLE_OF_ACCOUNT + 2), (0.0, 0.0, MAX_AGE_OF_ACCOUNT + 2)])
def test_a_session_ends_by_itself(site: Site, moments: tuple[float, ...]) -> None:
    assert site.entrance
    assert site.entrance.accounts
    account = site.entrance.accounts.find_active(RUNNER)
    clock = iter(moments)
    sessions = Sessions(frozenset(), token="", clock=lambda: next(clock))
    session = sessions.open(account)
    assert sessions.find(session.id) == session
    assert sessions.find(session.id) is None


# accounts


def test_what_an_account_cannot_be(tmp_path: Path) -> None:
    accounts = Accounts(WorkbenchDatabase(tmp_path / DATABASE_FILE), CHEAP)
    accounts.add("ann", [ADMINISTRATOR], "", by="")
    refused = {
        AccountProblem.NAME_TAKEN: lambda: accounts.add("ann", [], "", by=""),
        AccountProblem.BAD_NAME: lambda: accounts.add("<ann>", [], "", by=""),
        AccountProblem.PERSON_NEEDED: lambda: accounts.add("bo", [EMPLOYEE], "", by=""),
        AccountProblem.LAST_ADMINISTRATOR: lambda: accounts.change("ann", [RUNNER], "", by="", is_active=True),
        AccountProblem.NO_ACCOUNT: lambda: accounts.change("bo", [], "", by="", is_active=True),
        AccountProblem.NO_INVITATION: lambda: accounts.accept("x", PASSWORD),
    }
    for problem, action in refused.items():
        with pytest.raises(AccountRefusal) as refusal:
            action()
        assert refusal.value.problem is problem
    token = accounts.invite("ann", by="")
    assert evolve(accounts, clock=lambda: 2e12 + INVITED_FOR).find_invited(token) is None
    assert [account.name for account in accounts.list_all()] == ["ann"]


def test_the_first_administrator_is_invited_until_the_invitation_is_taken(tmp_path: Path) -> None:
    accounts = Accounts(WorkbenchDatabase(tmp_path / DATABASE_FILE), CHEAP)
    first = invite_administrator(accounts, FIRST_ADMINISTRATOR)
    second = invite_administrator(accounts, FIRST_ADMINISTRATOR)
    with pytest.raises(AccountRefusal):
        accounts.accept(first, PASSWORD)
    accounts.accept(second, PASSWORD)
    assert invite_administrator(accounts, FIRST_ADMINISTRATOR) == ""
    assert [account.name for account in accounts.list_all()] == [FIRST_ADMINISTRATOR]


@pytest.mark.slow
def test_nothing_of_the_record_is_in_the_database(site: Site) -> None:
    record_month(site)
    with apsw.Connection(str(site.folder / DATABASE_FILE)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {
        "uploads",
        "sources",
        "documents",
        "drafts",
        "saved_texts",
        "accounts",
        "failed_attempts",
        "account_changes",
        "program_tokens",
        "sqlite_sequence",
    }


def test_roles_are_those_of_the_record_and_the_employee() -> None:
    assert {role: frozenset(allowed) for role, allowed in ALLOWED.items()} == ROLE_PERMISSIONS


# the firm's proxy


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("10.0.0.1", {"X-User": RUNNER, "X-Scorecore-Proxy-Secret": SECRET}, 200),
        ("10.0.0.2", {"X-User": RUNNER, "X-Scorecore-Proxy-Secret": SECRET}, 401),
        ("10.0.0.1", {"X-User": RUNNER, "X-Scorecore-Proxy-Secret": "x"}, 401),
        ("10.0.0.1", {"X-User": RUNNER}, 401),
        ("10.0.0.1", {"X-Scorecore-Proxy-Secret": SECRET}, 401),
        ("10.0.0.1", {"X-User": "nobody", "X-Scorecore-Proxy-Secret": SECRET}, 401),
        ("10.0.0.2", {"X-User": RUNNER, "X-Scorecore-Proxy-Secret": SECRET, "X-Forwarded-For": "10.0.0.1"}, 401),
    ],
)
def test_only_the_firms_proxy_says_who_somebody_is(
    tmp_path: Path, client: str, headers: dict[str, str], status: int
) -> None:
    proxy = ProxySignOn(frozenset({"10.0.0.1"}), "X-User", SECRET)
    site = Site.of_many(make_branch(tmp_path), SignOn(proxy=proxy))
    site.client._transport.client = (client, 1)  # type: ignore[attr-defined]  # noqa: SLF001  who connects
    assert site.client.get("/api/months", headers=headers).status_code == status
    assert site.client.post(SIGN_IN, data={"name": RUNNER, "password": PASSWORD}).status_code == 405
    posted = site.client.post(RUN, data={"seen": "x"}, headers=headers, follow_redirects=False)
    assert posted.status_code == (403 if status == 200 else 401)  # a form brings its token all the same


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("listen = 8080", "listen"),
        ('listen = "0.0.0.0:80"', "public"),
        ('listen = "0.0.0.0:80"\npublic = "http://x.example"', "public"),
        ('public = "https://x.example/path"', "public"),
        ("other = 1", "other"),
        ("proxy = 1", "proxy"),
        ('[proxy]\naddresses = []\nuser_header = "X"\nsecret_file = "secret"', "proxy.addresses"),
        ('[proxy]\naddresses = ["x"]\nuser_header = "X"\nsecret_file = "secret"', "proxy.addresses"),
        ('[proxy]\naddresses = ["10.0.0.1"]\nuser_header = "X"\nsecret_file = "short"', "proxy.secret_file"),
        ('[proxy]\naddresses = ["10.0.0.1"]\nuser_header = "X"\nsecret_file = "none"', "proxy.secret_file"),
        ('[oidc]\nissuer = "http://id.example"\nclient_id = "s"\nsecret_file = "secret"', "oidc.issuer"),
        ("[", "sign_on.toml"),
    ],
)
def test_a_sign_on_that_cannot_be_is_refused(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "secret").write_text(SECRET, encoding="ascii")
    (tmp_path / "short").write_text("short", encoding="ascii")
    path = tmp_path / "sign_on.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SignOnMistake) as mistake:
        read_sign_on(path)
    assert mistake.value.key == key


def test_a_sign_on_says_where_and_for_whom(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="ascii")
    path = tmp_path / "sign_on.toml"
    text = 'listen = "0.0.0.0:8080"\npublic = "https://Score.example"\n[oidc]\nissuer = "https://id.example/"\n'
    path.write_text(f'{text}client_id = "s"\nsecret_file = "secret"', encoding="utf-8")
    read = read_sign_on(path)
    assert (read.host, read.port, read.list_hosts(8080), read.is_secure) == (ANYWHERE, 8080, ["score.example"], True)
    assert read.oidc
    assert (read.oidc.issuer, read.oidc.client_secret) == ("https://id.example", SECRET)
    assert Entrance(Sessions(frozenset(), token=""), None, read).has_passwords is False


# two people at one text


def test_two_people_at_one_text_lose_nothing(site: Site) -> None:
    path = site.folder / "policy.toml"
    text = path.read_text(encoding="utf-8")
    assert site.entrance
    assert site.entrance.accounts
    site.entrance.accounts.add("other", [AUTHOR], "", by="")
    digest = re.search(r'name="digest" value="([^"]*)"', site.sign_in_as(AUTHOR).get("/policies/policy").text)
    assert digest
    form = {"part": "policy", "digest": digest[1]}
    first, second = text.replace("城南营业部", "城北营业部"), text.replace("0.001", "0.002")
    assert site.post("/policies/policy", form | {"text": first}).status_code == 200
    merged = site.sign_in_as("other").post("/policies/policy", form | {"text": second})
    assert "merged=1" in str(merged.url)
    both_edits = first.replace("0.001", "0.002")
    assert path.read_text(encoding="utf-8") == both_edits
    third = site.post("/policies/policy", form | {"text": text.replace("0.001", "0.003")})
    assert third.status_code == 409
    assert "other: not saved" in third.text
    assert '+amount = "volume * 0.003"' in third.text.replace("&#34;", '"')
    assert path.read_text(encoding="utf-8") == both_edits
    seen = re.search(r'name="digest" value="([^"]*)"', third.text)
    assert seen
    stale_form = {"part": "policy", "digest": seen[1], "text": text.replace("0.001", "0.003")}
    assert site.post("/policies/policy", stale_form).status_code == 200
    assert Workbench.open(site.folder).saved_texts.find("policy/policy", seen[1]) == both_edits
