"""A witness that is asked over HTTP: one request to one address, which is never left for another."""

from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Final
from urllib.parse import SplitResult, urlsplit

import rich_click as click
from attrs import frozen

from scorecore.record.log.note import is_count
from scorecore_cli.language import _

SECONDS: Final = 30.0
"""How long a witness may take."""
_LONGEST_ANSWER: Final = 16 * 1024
_CONNECTIONS: Final = {"http": HTTPConnection, "https": HTTPSConnection}


@frozen
class WitnessAnswer:
    """What a witness has answered: nothing of it is known to be true."""

    status: int
    text: str

    @property
    def signed_size(self) -> int | None:
        """How many entries the witness says that it has signed last, where it refuses for that."""
        size = self.text.removesuffix("\n")
        return int(size) if self.status == HTTPStatus.CONFLICT and is_count(size) else None


def parse_url(url: str) -> SplitResult:
    """The address of a witness; ends the command where it is none."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in _CONNECTIONS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not url.isascii() or "@" in parts.netloc or parts.query or parts.fragment:
        raise click.UsageError(
            _("`{url}` is not the address of a witness, such as https://witness.example.com", url=url)
        )
    return parts


def send_request(address: SplitResult, request: str, seconds: float = SECONDS) -> WitnessAnswer:
    """Ask a witness to add a checkpoint; ends the command where it cannot be reached, or answers without end."""
    assert address.hostname is not None  # noqa: S101  an address has a host
    connection = _CONNECTIONS[address.scheme](address.hostname, address.port, timeout=seconds)
    try:
        connection.connect()
        stopper = Timer(seconds, partial(_stop, connection.sock))  # a timeout alone is that of each piece
        stopper.daemon = True
        stopper.start()
        try:
            path = f"{address.path.rstrip('/')}/add-checkpoint"
            connection.request("POST", path, request.encode(), {"Content-Type": "text/plain; charset=utf-8"})
            response = connection.getresponse()
            body = response.read(_LONGEST_ANSWER + 1)
        finally:
            stopper.cancel()
    except (OSError, HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise click.ClickException(_("the witness does not answer: {reason}", reason=reason)) from None
    finally:
        connection.close()
    if len(body) > _LONGEST_ANSWER:
        raise click.ClickException(_("the answer of the witness is too long"))
    return WitnessAnswer(response.status, body.decode(errors="replace"))


def _stop(connected: socket) -> None:
    with suppress(OSError):
        connected.shutdown(SHUT_RDWR)
