"""A request as a page sees it: of a session that may do this, in the reader's language, its form read and trusted."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from anyio import to_thread
from attrs import field, frozen
from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from scorecore.io.translations import LANGUAGES
from scorecore.record.log.log import Log
from scorecore_cli.language import _
from scorecore_web.guard import MAX_BODY, TOO_LARGE, TOO_SLOW
from scorecore_web.permissions import READ_ONLY, Permission
from scorecore_web.refusals import Refusal
from scorecore_web.sessions import Session
from scorecore_web.workbench import Workbench

FORM_TOKEN: Final = "form_token"  # noqa: S105  the name of a field
TOKEN_HEADER: Final = "x-scorecore-form-token"  # noqa: S105  the name of a header
LANGUAGE_COOKIE: Final = "scorecore-language"
MAX_FILES: Final = 50
MAX_FIELDS: Final = 500
MAX_JSON: Final = 8 * 2**20
"""Bytes; a policy of a million characters, all of them escaped, has six million."""
MAX_FORM: Final = 12 * 2**20
"""Bytes of a form without files; the same policy has nine million in Chinese."""
_URL_ENCODED: Final = "application/x-www-form-urlencoded"
_MAX_DIGITS: Final = 10


@frozen
class UploadedFile:
    """A file that a form has brought; its name is for people only."""

    name: str
    content: bytes = field(repr=False)


@frozen(eq=False)
class PageRequest:
    """What a page is given."""

    workbench: Workbench
    session: Session
    path: Mapping[str, str]
    query: QueryParams
    language: str
    address: str
    """Path and query, for a link to the same page."""
    form: Mapping[str, str] = field(factory=dict)
    files: tuple[UploadedFile, ...] = ()
    document: Any = None
    """What was sent as JSON, its numbers exact."""
    client: str = ""
    """The address from which it came."""
    cookies: Mapping[str, str] = field(factory=dict, repr=False)
    base: str = ""
    """Scheme and host, for an address that is to be sent to somebody."""
    referrer: str = ""
    """The page of ours, path and query, that has led here; empty where none has."""
    has_passwords: bool = False
    """Whether people sign in with a password of the workbench."""

    def may(self, permission: str) -> bool:
        return Permission(permission) in self.session.permissions

    @property
    def is_read_only(self) -> bool:
        return Permission.READ in self.session.permissions <= READ_ONLY

    def open_record_to_write(self, account: str | None = None) -> Log:
        """The record, in which everything is signed for whom the session belongs to, or for another account."""
        log = self.workbench.open_record_to_write(account if account and self.session.account else self.session.account)
        if self.session.account and log.signer is None:
            log.close()
            message = _("the record is kept by a single operator, who works alone: with accounts it can only be read")
            raise Refusal(409, message)
        return log


def is_own_address(text: str) -> bool:
    """Whether a link leads to a page of ours: a path, and not the name of another host."""
    return text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()


def read_referrer(request: Request) -> str:
    """Which page of ours has led here."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return ""
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return address if is_own_address(address) else ""


def read_number(text: str) -> int | None:
    """A number of the record; None for anything else, whatever somebody has typed into an address."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS else None


async def read_body(request: Request) -> tuple[dict[str, str], tuple[UploadedFile, ...], Any]:
    """The fields, files and JSON of a request; raises Refusal."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json"
    if not is_json and kind not in {_URL_ENCODED, "multipart/form-data"}:
        raise Refusal(415, _("the form is damaged"))
    try:
        if is_json:
            return {}, (), _read_json(await request.body())
        if kind == _URL_ENCODED:
            return await to_thread.run_sync(_decode_fields, await request.body()), (), None
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_BODY) as form:
            return _read_fields(form), await _read_files(form), None
    except HTTPException as error:
        raise _refuse_body(error) from error
    except ClientDisconnect as error:
        raise Refusal(400, _("the form is damaged")) from error


def _refuse_body(error: HTTPException) -> Refusal:
    if error.status_code == TOO_LARGE:
        return Refusal(TOO_LARGE, _("too large: at most {size} MB are taken", size=MAX_BODY // 2**20))
    if error.status_code == TOO_SLOW:
        return Refusal(TOO_SLOW, _("what was sent did not arrive in time; nothing was changed"))
    if error.detail.startswith("Too many files"):
        return Refusal(400, _("too many files: at most {count} are taken at once", count=MAX_FILES))
    return Refusal(400, _("the form is damaged"))


def _check_size(body: bytes, limit: int) -> None:
    if len(body) > limit:
        raise Refusal(TOO_LARGE, _("too large: at most {size} MB are taken", size=limit // 2**20))


def _decode_fields(body: bytes) -> dict[str, str]:
    """The fields of a form without files; in a thread, since millions of escaped letters take seconds."""
    _check_size(body, MAX_FORM)
    try:
        return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise Refusal(400, _("the form is damaged")) from error


def _read_fields(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def _read_files(form: FormData) -> tuple[UploadedFile, ...]:
    files = [value for __, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    return tuple([UploadedFile(file.filename or "", await file.read()) for file in files])


def _read_json(body: bytes) -> Any:  # noqa: ANN401  whatever was sent
    _check_size(body, MAX_JSON)
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, _("the body is not valid JSON")) from error


def _refuse_constant(text: str) -> None:
    raise ValueError(text)


def choose_language(request: Request) -> str:
    """The language that a reader asks for, has chosen before, or whose browser prefers it."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return str(wanted)
    accepted = request.headers.get("accept-language", "").split(",")
    weighed = [(_weight(part), -place, part.strip().lower()) for place, part in enumerate(accepted)]
    for weight, _place, name in sorted(weighed, reverse=True):
        prefix = name[:2]
        if weight > 0 and prefix in LANGUAGES:
            return prefix
    return LANGUAGES[0]


def _weight(part: str) -> float:
    """How much a language is preferred, as `zh;q=0.8` says it; for choosing only."""
    __, __, weight = part.partition(";q=")
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
