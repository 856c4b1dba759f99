"""Every request has to pass session, permission, form token, host and size; and nothing is a 500."""

import re
from pathlib import Path

import pytest

from scorecore_web.application import SIGN_IN, build_application, list_routes
from scorecore_web.entrance import Entrance
from scorecore_web.guard import MAX_BODY, SECURITY_HEADERS
from scorecore_web.permissions import EVERYTHING, READ_ONLY, Permission
from scorecore_web.requests import FORM_TOKEN, TOKEN_HEADER
from scorecore_web.routes import GuardedRoute, UnprotectedRoute
from scorecore_web.sessions import COOKIE, MAX_IDLE, Sessions
from scorecore_web.workbench import Workbench
from workbench_site import HOST, PERIOD, Site, make_branch

ROUTES = [route for route in list_routes(Entrance(Sessions(EVERYTHING))) if not route.is_door]
PARTS = {"policy": "policy", "period": PERIOD, "name": "workbench.css", "entry": "3", "job": "x"}


def address_of(route: GuardedRoute) -> str:
    return re.sub(r"{(\w+)}", lambda part: PARTS[part[1]], route.path)


def ask(site: Site, route: GuardedRoute, **headers: str) -> int:
    """The status of a request without a body, or with an empty form."""
    body = {} if route.method == "GET" else {"data": {"nothing": ""}}
    response = site.client.request(route.method, address_of(route), headers=headers, follow_redirects=False, **body)
    return int(response.status_code)


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_branch(tmp_path_factory.mktemp("branch"))


def test_every_route_asks_for_a_session(branch: Path) -> None:
    site = Site.of(branch)
    for route in ROUTES:
        expected = {200} if route.permission is Permission.PUBLIC else {401}
        assert ask(site, route) in expected, route


def test_every_route_asks_for_its_permission(branch: Path) -> None:
    site = Site.of(branch, READ_ONLY).sign_in()
    for route in ROUTES:
        status = ask(site, route, **{"Sec-Fetch-Site": "same-origin"})
        if route.permission not in READ_ONLY or route.method != "GET":
            assert status == 403, route  # forbidden, or without the token of a form
        else:
            assert status in {200, 303, 404}, (route, status)


def test_a_reader_with_the_token_of_a_form_changes_nothing(branch: Path) -> None:
    site = Site.of(branch, READ_ONLY).sign_in()
    before = {path: path.read_bytes() for path in branch.rglob("*") if path.is_file()}
    token = site.sessions.find(site.client.cookies[COOKIE])
    assert token
    for route in ROUTES:
        if route.method == "POST" and route.permission not in READ_ONLY:
            response = site.client.post(address_of(route), data={FORM_TOKEN: token.form_token})
            assert response.status_code == 403, route
    assert {path: path.read_bytes() for path in branch.rglob("*") if path.is_file()} == before


def test_no_form_is_taken_without_its_token(branch: Path) -> None:
    site = Site.of(branch).sign_in()
    other_site = Site.of(branch).sign_in()
    foreign = other_site.sessions.find(other_site.client.cookies[COOKIE])
    assert foreign
    for route in (route for route in ROUTES if route.method == "POST"):
        for token in ("", "x", foreign.form_token):
            status = site.client.post(address_of(route), data={FORM_TOKEN: token}).status_code
            assert status == 403, (route, token)
            status = site.client.post(address_of(route), json={}, headers={TOKEN_HEADER: token}).status_code
            assert status == 403, (route, token)


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_form_of_another_site_is_taken(branch: Path, headers: dict[str, str]) -> None:
    site = Site.of(branch).sign_in()
    token = site.form_token()
    response = site.client.post("/policies/policy/facts/2024-05", data={FORM_TOKEN: token}, headers=headers)
    assert response.status_code == 403


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", ["..%2f..%2fetc%2fpasswd", "%00", "%ff", "🙂", "'\"<script>", "a" * 300])
def test_no_odd_address_is_a_mistake_of_ours(branch: Path, text: str) -> None:
    site = Site.of(branch).sign_in()
    for route in ROUTES:
        address = re.sub(r"{(\w+)}", text, route.path)
        status = site.client.request(route.method, f"{address}?person={text}&period={text}&seed={text}").status_code
        assert status < 500, route


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "body", [b"[1]", b"", b"[", b"{}", b'{"text": 1}', b'{"text": "\\ud800"}', b"1e9999", b"[" * 100_000, b"NaN"]
)
def test_no_odd_body_is_a_mistake_of_ours(branch: Path, body: bytes) -> None:
    site = Site.of(branch).sign_in()
    headers = {"Content-Type": "application/json", TOKEN_HEADER: site.form_token()}
    for route in (route for route in ROUTES if route.method == "POST"):
        assert site.client.post(address_of(route), content=body, headers=headers).status_code < 500, route


def test_a_route_without_a_permission_keeps_the_workbench_from_starting(branch: Path) -> None:
    workbench, entrance = Workbench.open(branch), Entrance(Sessions(EVERYTHING))
    unsafe = (
        GuardedRoute(method="GET", path="/new", permission=None, handler=ROUTES[0].handler),
        GuardedRoute(method="POST", path="/new", permission=Permission.PUBLIC, handler=ROUTES[0].handler),
    )
    for route in unsafe:
        with pytest.raises(UnprotectedRoute):
            build_application(workbench, entrance, [HOST], [*ROUTES, route])


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", "127.0.0.1:8765.elsewhere.example", ""])
def test_only_its_own_host_is_served(branch: Path, host: str) -> None:
    site = Site.of(branch).sign_in()
    assert site.client.get("/", headers={"Host": host}).status_code == 400


def test_every_answer_has_the_headers_that_keep_pages_safe(branch: Path) -> None:
    site = Site.of(branch).sign_in()
    for address in ("/", "/record", "/nowhere", "/api/months", "/static/look.css", "/static/..%2fguard.py"):
        headers = site.client.get(address).headers
        assert {name: headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    assert "unsafe" not in SECURITY_HEADERS["Content-Security-Policy"]


def test_no_page_has_code_or_styles_of_its_own(branch: Path) -> None:
    site = Site.of(branch).sign_in()
    for address in ("/", "/policies/policy", f"/policies/policy/runs/{PERIOD}", "/record"):
        text = site.get(address).text
        assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?![^>]*src=)|javascript:", text), address
        assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", text), address


def test_a_body_that_is_too_large_is_refused(branch: Path) -> None:
    site = Site.of(branch).sign_in()
    content = b"x" * (MAX_BODY + 1)
    assert site.client.post("/record", content=content).status_code == 413
    pieces = (b"x" * 2**20 for _ in range(MAX_BODY // 2**20 + 1))  # which do not say how many they are
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert site.client.post("/record", content=pieces, headers=headers).status_code == 413


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "1e3", "\u00b2"])
def test_a_length_that_cannot_be_read_is_refused(branch: Path, length: str) -> None:
    headers = {"content-length": length.encode()}
    assert Site.of(branch).sign_in().client.post("/record", content=b"", headers=headers).status_code == 413


def test_a_wrong_token_in_the_address_opens_nothing(branch: Path) -> None:
    site = Site.of(branch)
    for token in ("", "x", site.sessions.token[:-1]):
        response = site.client.get(SIGN_IN, params={"token": token})
        assert response.status_code == 401
        assert COOKIE not in response.cookies


def test_a_session_is_new_and_its_cookie_is_for_this_site_alone(branch: Path) -> None:
    site = Site.of(branch)
    site.client.cookies.set(COOKIE, "chosen-by-somebody-else")
    response = site.client.get(SIGN_IN, params={"token": site.sessions.token}, follow_redirects=False)
    cookie = response.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert "chosen-by-somebody-else" not in cookie
    assert site.sessions.find("chosen-by-somebody-else") is None


def test_a_session_that_nobody_uses_ends() -> None:
    moments = iter([0.0, 1.0, MAX_IDLE + 2])
    sessions = Sessions(EVERYTHING, clock=lambda: next(moments))
    session = sessions.open()
    assert sessions.find(session.id) == session
    assert sessions.find(session.id) is None


def test_programs_bring_the_token_as_a_bearer(branch: Path) -> None:
    site = Site.of(branch)
    good = {"Authorization": f"Bearer {site.sessions.token}"}
    assert site.client.get("/api/months", headers=good).status_code == 200
    assert site.client.post("/api/check", json={"text": ""}, headers=good).status_code == 200
    for bad in ("Bearer ", "Bearer x", f"Basic {site.sessions.token}"):
        assert site.client.get("/api/months", headers={"Authorization": bad}).status_code == 401


def test_a_page_speaks_the_language_of_its_reader(branch: Path) -> None:
    site = Site.of(branch).sign_in()
    assert 'lang="zh-CN"' in site.get("/", headers={"Accept-Language": "fr, zh-CN;q=0.9, en;q=0.8"}).text
    assert 'html lang="en"' in site.get("/", headers={"Accept-Language": "en, zh;q=0.5"}).text
    site.get("/?lang=zh")
    assert 'html lang="zh-CN"' in site.get("/", headers={"Accept-Language": "en"}).text
