"""A witness that answers over HTTP: `add-checkpoint` of C2SP's tlog-witness, and nothing else."""

import os
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader, RawIOBase
from socket import AF_INET, AF_INET6, socket
from socketserver import TCPServer
from threading import BoundedSemaphore, Lock
from typing import Any, Final

import apsw

from scorecore.record.log.note import is_count
from scorecore.record.log.witness import Witness, WitnessError
from scorecore_cli.language import _
from scorecore_cli.record_file import now
from scorecore_cli.witness_refusal import describe_refusal

ADD_CHECKPOINT: Final = "/add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
"""The type of an answer that only says how many entries the witness has signed last."""
LONGEST_REQUEST: Final = 64 * 1024
"""How many bytes a request may have: a proof of 63 hashes has 3 KB, a checkpoint less than 1 KB."""
_MOST_CONNECTIONS: Final = 64
_TEXT: Final = "text/plain; charset=utf-8"


class WitnessServer(ThreadingHTTPServer):
    """Answers each connection in a thread; `report` gets a line about each request."""

    allow_reuse_address = os.name != "nt"  # on Windows a second program could take the port of a running one
    seconds = 20.0
    """How long a connection may last."""

    def __init__(self, host: str, port: int, witness: Witness, report: Callable[[str], None]) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self._witness = witness
        self._memory_lock = Lock()
        self._connections = BoundedSemaphore(_MOST_CONNECTIONS)
        self.report = report
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """What a keeper of a record gives as --url."""
        host, port = self.server_address[:2]
        name = str(host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    def answer(self, request: str) -> str:
        """The line that the witness signs; raises WitnessError."""
        with self._memory_lock:
            return self._witness.answer(request, now())

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # that of HTTPServer asks a name server what this machine is called
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  as socketserver has them
        if self._connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  the same
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002  the same
        self.report(_("{address}: the connection broke off", address=client_address[0]))


class _Incoming(RawIOBase):
    """What a connection sends until its time is over, however slowly."""

    def __init__(self, connection: socket, seconds: float) -> None:
        super().__init__()
        self._connection = connection
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any memory that can be written
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    error_content_type = _TEXT
    error_message_format = "%(message)s\n"
    server: WitnessServer

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.connection.settimeout(self.server.seconds)
        self.rfile = BufferedReader(_Incoming(self.connection, self.server.seconds))

    def version_string(self) -> str:
        return "scorecore"

    def log_message(self, *_arguments: object) -> None:
        """Nothing: `report` says what was asked and answered."""

    def do_POST(self) -> None:
        request = self._read()
        if request is None:
            return
        try:
            line = self.server.answer(request)
        except WitnessError as refused:
            self._refuse(refused, request)
        except (apsw.Error, OSError) as error:  # such as a full disk: nothing is signed that is not remembered
            self._report(_("not signed, since it cannot be remembered: {reason}", reason=str(error)))
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
        else:
            self._report(_("signed"))
            self._send(HTTPStatus.OK, line, _TEXT)

    def _read(self) -> str | None:
        """The body of a request to add a checkpoint; None, once it is answered, for anything else."""
        lengths = self.headers.get_all("Content-Length", [])
        problem = None
        if self.path != ADD_CHECKPOINT:
            problem = HTTPStatus.NOT_FOUND
        elif "Transfer-Encoding" in self.headers or not lengths:
            problem = HTTPStatus.LENGTH_REQUIRED
        elif len(lengths) > 1 or not is_count(lengths[0]):
            problem = HTTPStatus.BAD_REQUEST
        elif int(lengths[0]) > LONGEST_REQUEST:
            problem = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        else:
            body = self.rfile.read(int(lengths[0]))
            try:
                if len(body) == int(lengths[0]):
                    return body.decode()
            except UnicodeDecodeError:
                pass
            problem = HTTPStatus.BAD_REQUEST
        self._report(_("this is not a request to a witness"))
        self.send_error(problem)
        return None

    def _refuse(self, refused: WitnessError, request: str) -> None:
        self._report(describe_refusal(refused))
        if refused.is_evidence:
            self.server.report(request)
        if refused.status == HTTPStatus.CONFLICT:
            self._send(HTTPStatus.CONFLICT, f"{refused.size}\n", SIZE_TYPE)
        else:
            status = HTTPStatus(refused.status)
            self._send(status, f"{status.phrase}\n", _TEXT)

    def _send(self, status: HTTPStatus, text: str, content_type: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _report(self, text: str) -> None:
        self.server.report(f"{self.client_address[0]}: {text}")
