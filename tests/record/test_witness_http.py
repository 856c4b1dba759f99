"""A witness over HTTP, with real sockets: what it signs and refuses, and what its client believes."""

import json
import re
import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from click.testing import CliRunner, Result

from recording import KEY, NOW, decision, filled, reopen
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.witness import Witness, cosign, cosigner_line, find_cosignatures, read_answer, write_request
from scorecore_cli import witness_client
from scorecore_cli.main import scorecore
from scorecore_cli.witness_server import LONGEST_REQUEST, WitnessServer

AUDITOR: Final = SigningKey("witness.example", b"w" * 32)
STRANGER: Final = SigningKey("witness.example", b"s" * 32)
RECORD: Final = "record.scorecore"


def call(line: str, language: str = "en") -> Result:
    return CliRunner().invoke(scorecore, [*shlex.split(line), "--lang", language], catch_exceptions=False)


def ask(url: str, *, language: str = "en") -> Result:
    return call(f"record witness ask {RECORD} --url {url} --witness {cosigner_line(AUDITOR.verifier)}", language)


def read_text(result: Result) -> str:
    """What a command says, out of the frame that it is in."""
    return " ".join(result.output.replace("│", " ").split())


@contextmanager
def serving(server: HTTPServer) -> Iterator[None]:
    thread = Thread(target=partial(server.serve_forever, 0.01))
    with server:
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def server(tmp_path: Path, reports: list[str]) -> Iterator[WitnessServer]:
    witness = Witness(AUDITOR, [KEY.verifier], tmp_path / "memory")
    server = WitnessServer("127.0.0.1", 0, witness, reports.append)
    with serving(server):
        yield server


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert call(f"record begin {RECORD} --name {KEY.name} --single-operator").exit_code == 0
    return tmp_path / RECORD


def log_of(tmp_path: Path, *sizes: int) -> Log:
    return filled(tmp_path / "log.scorecore", sizes)


def post(server: WitnessServer, body: str | bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
    with closing(HTTPConnection("127.0.0.1", server.server_port, timeout=5)) as connection:
        connection.request("POST", path, body.encode() if isinstance(body, str) else body)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read().decode()


def send(server: WitnessServer, text: bytes) -> bytes:
    """What is answered to bytes that need not be HTTP."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(partial(connection.recv, 4096), b""))


def test_a_record_is_witnessed(path: Path, tmp_path: Path, reports: list[str]) -> None:
    """Once, again as it has grown, and by a copy that does not know what was signed; the witness knows one key."""
    key = SigningKey.parse(path.with_name(f"{RECORD}.key").read_text(encoding="ascii")).verifier
    server = WitnessServer("127.0.0.1", 0, Witness(AUDITOR, [key], tmp_path / "memory"), reports.append)
    with serving(server):
        for size in (1, 2):
            before = path.read_bytes()
            asked = ask(f"{server.url}/")
            assert asked.exit_code == 0, asked.output
            assert f"witness.example has witnessed the first {size} entr" in asked.stdout
        assert reports == ["127.0.0.1: signed"] * 2
        checked = call(f"record verify {RECORD} --witness {cosigner_line(AUDITOR.verifier)} --require 1")
        assert checked.exit_code == 0, checked.output
        # a copy that does not have the last cosignature asks from 1 on, hears 409, and asks once more
        path.write_bytes(before)
        path.with_name(f"{RECORD}.key.last").unlink()
        assert ask(server.url).exit_code == 0
        assert [report.partition(": ")[2][:31] for report in reports[2:]] == [
            "this witness has signed 2 entri",
            "signed",
        ]


def test_the_protocol(tmp_path: Path, server: WitnessServer, reports: list[str]) -> None:
    with log_of(tmp_path, 3, 30) as log:
        request = write_request(log, 0)
        status, _type, line = post(server, request)
        assert status == 200
        assert len(list(read_answer(log, line, [AUDITOR.verifier]))) == 1
        assert post(server, request) == (409, "text/x.tlog.size", f"{log.size}\n")  # a replay
        head, _, note = write_request(log, log.size).partition("\n\n")
        fork = Checkpoint(KEY.name, log.size, bytes(32)).signed(KEY).note
        assert post(server, f"{head}\n\n{fork}")[0] == 409  # as the protocol has it for the same size
        assert reports[-1] == f"{head}\n\n{fork}"  # the evidence
        longer = Checkpoint(KEY.name, log.size + 1, bytes(32)).signed(KEY).note
        assert post(server, f"{head}\n\n{longer}")[0] == 422
        unknown = SigningKey("example.com/other", b"o" * 32)
        assert post(server, f"{head}\n\n{Checkpoint(unknown.name, log.size, bytes(32)).signed(unknown).note}")[0] == 404
        assert post(server, f"{head}\n\n{note.replace(KEY.name + ' ', KEY.name + ' AAAA', 1)}")[0] in {400, 403}
        forged = Checkpoint(KEY.name, log.size, bytes(32)).signed(SigningKey(KEY.name, b"o" * 32)).note
        assert post(server, f"{head}\n\n{forged}")[0] == 403
        assert post(server, f"{head}\n\n{note}")[0] == 200
        assert post(server, f"{head}\n\n{note}", "/")[0] == 404


POST: Final = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (POST + b"Content-Length: 3\r\n\r\nold", b"400"),
        (POST + b"Content-Length: 3\r\n\r\n\xff\xfe\x00", b"400"),
        (POST + b"Content-Length: 9\r\n\r\nold", b"400"),
        (POST + b"Content-Length: -1\r\n\r\n", b"400"),
        (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nold", b"400"),
        (POST + b"Content-Length: %d\r\n\r\n" % (LONGEST_REQUEST + 1), b"413"),
        (POST + b"Content-Length: %d\r\n\r\n" % 10**17, b"413"),
        (POST + b"\r\n", b"411"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", b"501"),
        (b"\x16\x03\x01\r\n\r\n", b"request"),  # TLS: "Bad request syntax", without a status as before HTTP/1.0
        (b"", b""),
    ],
)
def test_garbage_is_refused(server: WitnessServer, text: bytes, status: bytes) -> None:
    answer = send(server, text)
    assert answer.split(b" ")[1:2] == ([status] if status else [])
    assert post(server, "old 0")[0] == 400  # it still answers


def test_a_slow_client_delays_nobody(tmp_path: Path, server: WitnessServer) -> None:
    """And is cut off when its time is over."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as slow, log_of(tmp_path, 3) as log:
        slow.sendall(POST + b"Content-Length: 900\r\n\r\nold")
        assert post(server, write_request(log, 0))[0] == 200
    server.seconds = 0.1
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as slow:
        slow.sendall(POST + b"Content-Length: 900\r\n\r\nold")
        assert slow.recv(100) == b""


def test_no_more_than_so_many_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecore_cli.witness_server._MOST_CONNECTIONS", 1)
    with serving(server := WitnessServer("127.0.0.1", 0, Witness(AUDITOR, [], tmp_path / "memory"), print)):
        address = ("127.0.0.1", server.server_port)
        with socket.create_connection(address, timeout=5), socket.create_connection(address, timeout=5) as second:
            assert second.recv(100) == b""


def test_nothing_is_signed_that_cannot_be_remembered(tmp_path: Path, server: WitnessServer, reports: list[str]) -> None:
    (tmp_path / "memory").write_bytes(b"no database" * 99)
    with log_of(tmp_path, 3) as log:
        assert post(server, write_request(log, 0))[0] == 500
    assert "cannot be remembered" in reports[-1]


def answering(status: int, answer: Callable[[str], str], *headers: tuple[str, str]) -> HTTPServer:
    """A server that gives one answer to everything, and keeps in `asked` what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"])).decode()
            requests.append(request)
            body = answer(request).encode()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    requests: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.requests = requests  # type: ignore[attr-defined]
    return server


def _by_stranger(request: str) -> str:
    return cosign(STRANGER, request.partition("\n\n")[2].rpartition("\n\n")[0] + "\n", int(NOW.timestamp()))


def _of_something_else(_request: str) -> str:
    return cosign(AUDITOR, Checkpoint(KEY.name, 1, bytes(32)).signed(KEY).note.rpartition("\n\n")[0] + "\n", 9)


@pytest.mark.parametrize(
    ("status", "answer", "says", "count"),
    [
        (200, _by_stranger, "no signature of this witness on the checkpoint", 1),
        (200, _of_something_else, "no signature of this witness on the checkpoint", 1),
        (200, lambda _: "", "no signature of this witness on the checkpoint", 1),
        (200, lambda _: "\n" * 20_000, "too long", 1),
        (409, lambda _: "1\n", "does not continue what it signed before", 2),
        (409, lambda _: "7\n", "signed 7 entries of this record, which has only 1", 1),
        (409, lambda _: "9" * 5_000, "does not continue what it signed before", 1),
        (302, lambda _: "", "another address, which is not followed", 1),
        (404, lambda _: "\x1b[2J", "does not know this record", 1),
        (403, lambda _: "", "another key of this record", 1),
        (422, lambda _: "", "does not continue what it signed before", 1),
        (503, lambda _: "", "status 503", 1),
    ],
)
def test_a_wrong_answer_is_not_kept(
    path: Path, status: int, answer: Callable[[str], str], says: str, count: int
) -> None:
    before = path.read_bytes()
    server = answering(status, answer, ("Location", "http://127.0.0.1:1/add-checkpoint"))
    with serving(server):
        asked = ask(f"http://127.0.0.1:{server.server_port}/prefix")
    assert asked.exit_code == 1
    assert says in read_text(asked)
    assert "\x1b" not in asked.output
    assert path.read_bytes() == before
    assert len(server.requests) == count  # type: ignore[attr-defined]


def test_an_older_cosignature_is_no_answer(path: Path) -> None:
    """A server that repeats what it has signed of an earlier checkpoint has not seen this one."""
    lines: list[str] = []

    def repeat(request: str) -> str:
        lines.append(cosign(AUDITOR, request.partition("\n\n")[2].rpartition("\n\n")[0] + "\n", 9))
        return lines[0]

    with serving(server := answering(200, repeat)):
        assert ask(f"http://127.0.0.1:{server.server_port}").exit_code == 0
        assert ask(f"http://127.0.0.1:{server.server_port}").exit_code == 1
    with Log.open(path) as log:
        assert find_cosignatures(log, [AUDITOR.verifier])[AUDITOR.name].size == 1


def test_nobody_waits_for_a_witness_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for one that says nothing nor for one that is not there; the record is free meanwhile."""
    assert path.exists()
    monkeypatch.setattr(witness_client.send_request, "__defaults__", (0.2,))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        asked = ask(f"http://127.0.0.1:{port}")
        assert asked.exit_code == 1
        assert "the witness does not answer" in asked.output
    assert ask(f"http://127.0.0.1:{port}").exit_code == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a",
        "file:///etc/passwd",
        "a",
        "http://",
        "http://u:p@a",
        "http://a?b",
        "http://a:x",
        "http://[",
        "http://é",
    ],
)
def test_only_addresses_of_http(path: Path, url: str) -> None:
    assert path.exists()
    assert ask(url).exit_code == 2
    assert "不是见证人的地址" in read_text(ask(url, language="zh"))


def test_the_command_listens_until_it_is_interrupted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_server: WitnessServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WitnessServer, "serve_forever", interrupt)
    assert call("record witness key audit.key --name audit.example.com").exit_code == 0
    key = json.loads(call(f"record log {path.name} --json").stdout)["key"]
    served = call(f"record witness serve audit.key --log {key}")
    assert served.exit_code == 0
    assert re.search(r"listens on http://127\.0\.0\.1:\d+; ", served.output)
    assert call(f"record witness serve audit.key --log {key} --host 192.0.2.1").exit_code == 1
    unnamed = call(f"record witness ask {path.name} --url http://127.0.0.1:1")
    assert unnamed.exit_code == 2
    assert "--witness" in unnamed.output


def test_who_asks_at_the_same_time_is_answered_in_turn(tmp_path: Path, server: WitnessServer) -> None:
    """Of many who ask the same at the same time, one is signed and the rest hear what was."""
    statuses: list[int] = []
    with log_of(tmp_path, 3) as log:
        request = write_request(log, 0)
    askers = [Thread(target=lambda: statuses.append(post(server, request)[0])) for _number in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert sorted(statuses) == [200] + [409] * 7
    with reopen(tmp_path / "log.scorecore") as log:
        log.append([decision(9)], now=NOW)
        assert post(server, write_request(log, log.size - 1))[0] == 200
