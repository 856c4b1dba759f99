"""Bodies that are made to keep a server busy: too slow, too short, too many parts, or long to decode."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import uvicorn

from scorecore_web import guard, requests
from scorecore_web.application import build_application
from scorecore_web.entrance import Entrance
from scorecore_web.permissions import EVERYTHING
from scorecore_web.requests import MAX_FIELDS, MAX_FILES, MAX_FORM, MAX_JSON, TOKEN_HEADER
from scorecore_web.sessions import Sessions
from scorecore_web.workbench import Workbench
from workbench_site import PERIOD, Site, make_branch

FACTS = f"/policies/policy/facts/{PERIOD}"
FORM = "application/x-www-form-urlencoded"
FIRST_LINE = "POST /record HTTP/1.1\r\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.of(make_branch(tmp_path)).sign_in()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A server that waits for half a second for the next piece of a body, and for one and a half for all of it."""
    sessions = Sessions(EVERYTHING, token="opens")  # noqa: S106  of a test
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        application = build_application(Workbench.open(make_branch(tmp_path)), Entrance(sessions), [host])
        served = guard.RequestGuard(application.application, application.hosts, max_silence=0.5, max_arrival=1.5)
        server = uvicorn.Server(uvicorn.Config(served, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def converse(address: tuple[str, int], headers: str, *pieces: bytes, pause: float = 0.0, close: bool = False) -> bytes:
    """What the server answers to a request that is sent piece by piece."""
    host = f"{address[0]}:{address[1]}"
    with closing(socket.create_connection(address, timeout=60)) as connection:
        text = f"{FIRST_LINE}Host: {host}\r\nAuthorization: Bearer opens\r\n{headers}\r\n"
        connection.sendall(text.encode())
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        return b"" if close else connection.recv(65536)


@pytest.mark.slow
def test_a_body_that_does_not_arrive_is_given_up(address: tuple[str, int]) -> None:
    urlencoded = f"Content-Type: {FORM}\r\n"
    assert b" 408 " in converse(address, f"{urlencoded}Content-Length: 9\r\n", b"a=1")
    trickle = [b"1\r\na\r\n"] * 12
    assert b" 408 " in converse(address, f"{urlencoded}Transfer-Encoding: chunked\r\n", *trickle, pause=0.2)
    assert b" 400 " in converse(address, f"{urlencoded}Transfer-Encoding: chunked\r\n", b"nonsense\r\n\r\n")
    assert b" 400 " in converse(address, f"{urlencoded}Content-Length: 1\r\nContent-Length: 2\r\n", b"a=")
    converse(address, f"{urlencoded}Content-Length: 9\r\n", b"a=1", close=True)
    assert b" 303 " in converse(address, f"{urlencoded}Content-Length: 0\r\n")  # and it goes on


def test_a_form_is_decoded_beside_other_requests(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of escaped letters take seconds, in which the thread of all connections must not stop."""
    threads = []

    def decode(*arguments: Any, **options: Any) -> list[tuple[str, str]]:
        threads.append(threading.current_thread().name)
        return parse_qsl(*arguments, **options)

    monkeypatch.setattr(requests, "parse_qsl", decode)
    for body, status in ((b"a=" + b"%00" * 1000, 403), (b"a&" * (MAX_FIELDS + 1), 400)):
        response = site.client.post("/record", content=body, headers={"Content-Type": FORM})
        assert response.status_code == status
    assert ["AnyIO worker" in name for name in threads] == [True, True]
    body = b"a" * (MAX_FORM + 1)
    assert site.client.post("/record", content=body, headers={"Content-Type": FORM}).status_code == 413
    assert len(threads) == 2


def test_too_many_files_are_refused_with_their_number(site: Site) -> None:
    files = [("files", (f"person{number}.csv", b"x")) for number in range(MAX_FILES + 1)]
    response = site.post(FACTS, files=files)
    assert response.status_code == 400
    assert f"at most {MAX_FILES} are taken" in response.text
    assert site.workbench.uploads.list_files("policy", PERIOD) == ()


def test_json_that_is_too_large_is_refused_before_it_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_read(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(json, "loads", refuse_to_read)
    headers = {"Content-Type": "application/json", TOKEN_HEADER: site.form_token()}
    assert site.client.post("/api/check", content=b"[" * (MAX_JSON + 1), headers=headers).status_code == 413
