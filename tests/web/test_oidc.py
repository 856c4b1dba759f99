"""Signing on at an identity provider of the tests' own, on loopback: who is let in, and whom it must not let in."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import define, field
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import JWSRegistry

from scorecore.record.people.operators import RUNNER
from scorecore_web.entrance import OIDC, OIDC_BACK
from scorecore_web.oidc import OidcClient
from scorecore_web.sessions import COOKIE
from scorecore_web.sign_on import MAX_FLOW, OidcSignOn, SignOn
from workbench_site import HOST, Site, make_branch

CLIENT: Final = "scorecore"
SECRET: Final = "c" * 40
ALGORITHM: Final = "ES256"


@define
class Provider:
    """Says that whoever is sent to it is `user`, in a token that a test may spoil."""

    user: str = RUNNER
    key: Any = field(factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    signing_key: Any = None
    algorithm: str = ALGORITHM
    spoil: Callable[[dict[str, Any]], dict[str, Any]] = field(default=lambda claims: claims)
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(factory=dict)
    asked: list[dict[str, list[str]]] = field(factory=list)

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back from where it was sent."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"http://{HOST}{OIDC_BACK}"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, body: bytes) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": [ALGORITHM, "none", "HS256"],
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        form = parse_qs(body.decode())
        self.asked.append(form)
        asked = self.codes.pop(form["code"][0])
        moment = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "1",
            "aud": CLIENT,
            "exp": moment + 300,
            "iat": moment,
            "nonce": asked["nonce"],
            "preferred_username": self.user,
        }
        registry = JWSRegistry(algorithms=[self.algorithm])
        header = {"alg": self.algorithm, "kid": "1"}
        token = jwt.encode(header, self.spoil(claims), self.signing_key or self.key, registry=registry)
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token}


@pytest.fixture
def provider() -> Iterator[Provider]:
    served = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.respond(b"")

        def do_POST(self) -> None:
            self.respond(self.rfile.read(int(self.headers["Content-Length"])))

        def respond(self, body: bytes) -> None:
            content = json.dumps(served.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.issuer = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield served
        server.shutdown()


@pytest.fixture
def site(tmp_path: Path, provider: Provider) -> Site:
    sign_on = OidcSignOn(provider.issuer, CLIENT, SECRET)
    client = OidcClient(sign_on, f"http://{HOST}{OIDC_BACK}")
    return Site.of_many(make_branch(tmp_path), SignOn(public=f"http://{HOST}", oidc=sign_on), client)


def send(site: Site) -> str:
    response = site.client.get(OIDC, follow_redirects=False)
    assert response.status_code == 303, response.text
    assert "samesite=lax" in response.headers["set-cookie"].lower()
    return response.headers["location"]


def test_who_signs_on_at_the_firm_is_let_in(site: Site, provider: Provider) -> None:
    assert OIDC in site.get("/sign-in").text
    answer = provider.authorize(send(site))
    response = site.client.get(OIDC_BACK, params=answer)
    assert response.status_code == 200
    assert 'http-equiv="refresh"' in response.text  # a strict cookie does not follow a redirect from another site
    session = site.sessions.find(site.client.cookies[COOKIE])
    assert session
    assert session.account == RUNNER
    assert provider.asked[0]["code_verifier"]
    assert site.client.get(OIDC_BACK, params=answer).status_code == 401  # once
    assert site.client.post("/sign-in", data={"name": RUNNER}).status_code == 405  # nobody needs a password


@pytest.mark.slow
def test_who_has_no_account_is_not_let_in(site: Site, provider: Provider) -> None:
    provider.user = "<nobody>"
    response = site.client.get(OIDC_BACK, params=provider.authorize(send(site)))
    assert response.status_code == 403
    assert "<nobody>" not in response.text
    assert COOKIE not in site.client.cookies


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"iat": 4_000_000_000},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"preferred_username": None},
        {"preferred_username": ["runner"]},
        {"at_hash": "another"},
    ],
)
@pytest.mark.slow
def test_no_spoiled_token_lets_anybody_in(site: Site, provider: Provider, changed: dict[str, Any]) -> None:
    provider.spoil = lambda claims: claims | changed
    assert site.client.get(OIDC_BACK, params=provider.authorize(send(site))).status_code == 401
    assert COOKIE not in site.client.cookies


@pytest.mark.slow
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(site: Site, provider: Provider) -> None:
    forgeries = {
        ALGORITHM: ECKey.generate_key("P-256", {"kid": "1"}),
        "HS256": OctKey.import_key(json.dumps(provider.key.as_dict(private=False)).encode()),
        "none": OctKey.import_key("x" * 32),
    }
    for algorithm, key in forgeries.items():
        provider.algorithm, provider.signing_key = algorithm, key
        assert site.client.get(OIDC_BACK, params=provider.authorize(send(site))).status_code == 401, algorithm
        assert COOKIE not in site.client.cookies


@pytest.mark.slow
def test_an_answer_belongs_to_the_browser_that_has_asked(site: Site, provider: Provider) -> None:
    address = send(site)
    for spoiled in ({"state": "another"}, {"state": ""}, {"code": ""}):
        address = send(site)
        answer = provider.authorize(address) | spoiled
        assert site.client.get(OIDC_BACK, params=answer).status_code == 401, spoiled
    answer = provider.authorize(send(site))
    site.client.cookies.clear()  # another browser was given the address
    assert site.client.get(OIDC_BACK, params=answer).status_code == 401
    assert site.entrance
    client = site.entrance.oidc
    assert isinstance(client, OidcClient)
    address, flow_id = client.begin()
    client.clock = lambda: time.monotonic() + MAX_FLOW + 1
    answer = provider.authorize(address)
    site.client.cookies.set("scorecore-sign-on", flow_id, path="/sign-in")
    assert site.client.get(OIDC_BACK, params=answer).status_code == 401


@pytest.mark.slow
def test_a_provider_that_is_another_or_away_is_a_page(tmp_path: Path, provider: Provider) -> None:
    for issuer in (provider.issuer.replace("127.0.0.1", "localhost"), "http://127.0.0.1:9"):
        sign_on = OidcSignOn(issuer, CLIENT, SECRET)
        client = OidcClient(sign_on, f"http://{HOST}{OIDC_BACK}")
        site = Site.of_many(make_branch(tmp_path), SignOn(public=f"http://{HOST}", oidc=sign_on), client)
        assert site.client.get(OIDC, follow_redirects=False).status_code == 401
