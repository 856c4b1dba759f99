"""What holds for every request before any page sees it, and for every answer: host, size, and headers."""

import re
from collections.abc import Mapping
from typing import Final

from anyio import current_time, move_on_after
from attrs import frozen
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 32 * 2**20
"""Bytes of an upload; a workbook of facts of ten thousand people has a few million."""
TOO_LARGE: Final = 413
TOO_SLOW: Final = 408
MAX_SILENCE: Final = 30.0
"""Seconds between two pieces of a body."""
MAX_ARRIVAL: Final = 600.0
"""Seconds for all of it: 32 MB over half a megabit."""
_LENGTH: Final = re.compile("[0-9]{1,12}")
"""Python refuses to read a number of thousands of digits."""
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")),
            *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""No inline code, nothing from elsewhere, no frame of another site, nothing left in a cache."""


@frozen
class RequestGuard:
    """Answers only requests to its own hosts, with bodies of a limited size."""

    application: ASGIApp
    hosts: frozenset[str]
    """With their ports: another name for this machine may be a page of somebody else that rebinds its name."""
    max_silence: float = MAX_SILENCE
    max_arrival: float = MAX_ARRIVAL

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.application(scope, receive, send)
            return
        send_guarded = self._with_headers(send)
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self.hosts:
            await PlainTextResponse("unknown host", 400)(scope, receive, send_guarded)
            return
        length = headers.get("content-length", "0")
        if not _LENGTH.fullmatch(length) or int(length) > MAX_BODY:
            await PlainTextResponse("too large", TOO_LARGE)(scope, receive, send_guarded)
            return
        await self.application(scope, self._count(receive), send_guarded)

    def _count(self, receive: Receive) -> Receive:
        """The body piece by piece, as long as it is neither too large nor too slow, whatever length it has said."""
        total, is_whole, last_moment = 0, False, current_time() + self.max_arrival

        async def counted() -> Message:
            nonlocal total, is_whole
            if is_whole:  # what comes now is that nobody waits any more, whenever that is
                return await receive()
            with move_on_after(min(self.max_silence, last_moment - current_time())) as waiting:
                message = await receive()
            if waiting.cancelled_caught:
                raise HTTPException(TOO_SLOW, headers={"Connection": "close"})
            total += len(message.get("body", b""))
            if total > MAX_BODY:
                raise HTTPException(TOO_LARGE)
            is_whole = not message.get("more_body", False)
            return message

        return counted

    def _with_headers(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        return guarded
