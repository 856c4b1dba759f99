"""How people of a firm reach the workbench and sign on: what a file beside the policies says of it."""

import re
from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import tomli
from attrs import field, frozen
from starlette.requests import Request

LOOPBACK: Final = "127.0.0.1"
DEFAULT_PROXY_SECRET_HEADER: Final = "x-scorecore-proxy-secret"  # noqa: S105  the name of a header
MIN_SECRET: Final = 32
FIRST_ADMINISTRATOR: Final = "admin"
FLOW_COOKIE: Final = "scorecore-sign-on"
MAX_FLOW: Final = 600.0
"""Seconds in which somebody has to sign on at the provider."""
_LISTEN: Final = re.compile(r"(?P<host>[0-9.]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")


class SignOnMistake(Exception):  # noqa: N818  ends the command with a sentence
    """What is wrong with the file; `key` is where."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key, self.problem = key, problem


class SignOnRefusal(Exception):  # noqa: N818  becomes a page
    """The provider did not say who it is, or what it said is not to be believed; for the log, not for the page."""


class IdentityProvider(Protocol):
    """Where a browser is sent, and what comes back."""

    def begin(self) -> tuple[str, str]:
        """Where to send a browser, and what its cookie is to keep; raises SignOnRefusal."""

    def finish(self, flow_id: str, state: str, code: str) -> str:
        """The name of the account that the provider says; raises SignOnRefusal."""


@frozen
class ProxySignOn:
    """The firm's proxy says who asks: believed from its address, and with its secret, alone."""

    addresses: frozenset[str]
    user_header: str
    secret: str = field(repr=False)
    secret_header: str = DEFAULT_PROXY_SECRET_HEADER

    def find_user(self, request: Request) -> str:
        """Who asks; empty where the proxy does not say it."""
        client = request.client.host if request.client else ""
        secret = request.headers.get(self.secret_header, "")
        if client not in self.addresses or not compare_digest(secret.encode(), self.secret.encode()):
            return ""
        return request.headers.get(self.user_header, "")


@frozen
class OidcSignOn:
    """The firm's identity provider, by OpenID Connect."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str = "preferred_username"
    """Which claim of the ID token is the name of the account."""


@frozen
class SignOn:
    """Where the workbench listens, what people call it, and who says who they are."""

    host: str = LOOPBACK
    port: int = 0
    public: str = ""
    """The address that people open, such as https://scorecore.firm.example; empty on this machine alone."""
    proxy: ProxySignOn | None = None
    oidc: OidcSignOn | None = None
    administrator: str = FIRST_ADMINISTRATOR
    """The name of the first account, where there is none yet."""

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS alone, so that cookies are sent over nothing else."""
        return self.public.startswith("https://")

    def list_hosts(self, bound_port: int) -> list[str]:
        """What the Host header may say."""
        own = [f"{name}:{bound_port}" for name in (LOOPBACK, "localhost")] if self.host == LOOPBACK else []
        return [*own, urlsplit(self.public).netloc.lower()] if self.public else own

    def address(self, bound_port: int) -> str:
        return self.public or f"http://{LOOPBACK}:{bound_port}"


def read_sign_on(path: Path) -> SignOn:
    """Raises SignOnMistake, and OSError."""
    try:
        document = tomli.loads(path.read_text(encoding="utf-8"))
    except (ValueError, tomli.TOMLDecodeError) as error:
        raise SignOnMistake(path.name, str(error)) from None
    _check_keys("", document, {"listen", "public", "administrator", "proxy", "oidc"})
    listen = _LISTEN.fullmatch(_text(document, "listen", "", f"{LOOPBACK}:0"))
    if listen is None or int(listen["port"]) > 65535:  # noqa: PLR2004
        raise SignOnMistake("listen", "an address and a port, such as 127.0.0.1:8080")
    public = _text(document, "public", "", "").rstrip("/")
    _check_public(public, listen["host"].strip("[]"))
    proxy, oidc = document.get("proxy"), document.get("oidc")
    return SignOn(
        listen["host"].strip("[]"),
        int(listen["port"]),
        public,
        None if proxy is None else _read_proxy(_table(proxy, "proxy"), path.parent),
        None if oidc is None else _read_oidc(_table(oidc, "oidc"), path.parent),
        _text(document, "administrator", "", FIRST_ADMINISTRATOR),
    )


def _check_public(public: str, host: str) -> None:
    parts = urlsplit(public)
    is_address = parts.scheme in {"http", "https"} and parts.netloc and not (parts.path or parts.query)
    if public and not is_address:
        raise SignOnMistake("public", "an address without a path, such as https://scorecore.firm.example")
    if not ip_address(host).is_loopback and parts.scheme != "https":
        raise SignOnMistake("public", "an address that begins with https://, as others than this machine can connect")


def _read_proxy(table: Mapping[str, Any], folder: Path) -> ProxySignOn:
    _check_keys("proxy.", table, {"addresses", "user_header", "secret_file", "secret_header"})
    addresses = table.get("addresses")
    try:
        canonical = frozenset(str(ip_address(address)) for address in addresses or ())
    except (ValueError, TypeError):
        canonical = frozenset()
    if not isinstance(addresses, list) or not canonical:
        raise SignOnMistake("proxy.addresses", "a list of the IP addresses of the proxy")
    header = _text(table, "user_header", "proxy.")
    secret_header = _text(table, "secret_header", "proxy.", DEFAULT_PROXY_SECRET_HEADER)
    return ProxySignOn(canonical, header, _read_secret(table, "proxy.", folder), secret_header)


def _read_oidc(table: Mapping[str, Any], folder: Path) -> OidcSignOn:
    _check_keys("oidc.", table, {"issuer", "client_id", "secret_file", "claim"})
    issuer = _text(table, "issuer", "oidc.").rstrip("/")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in {LOOPBACK, "localhost"}:
        raise SignOnMistake("oidc.issuer", "an address that begins with https://")
    claim = _text(table, "claim", "oidc.", "preferred_username")
    return OidcSignOn(issuer, _text(table, "client_id", "oidc."), _read_secret(table, "oidc.", folder), claim)


def _read_secret(table: Mapping[str, Any], where: str, folder: Path) -> str:
    """A secret stands in a file of its own, so that this one can be shown to anybody."""
    path = folder / _text(table, "secret_file", where)
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SignOnMistake(f"{where}secret_file", f"{path} cannot be read") from None
    if len(secret) < MIN_SECRET:
        raise SignOnMistake(f"{where}secret_file", f"the secret has less than {MIN_SECRET} characters")
    return secret


def _text(table: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise SignOnMistake(f"{where}{key}", "a text is needed")
    return value.strip()


def _table(value: object, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SignOnMistake(key, "a table is needed")
    return value


def _check_keys(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise SignOnMistake(f"{where}{unknown[0]}", f"there is no such key; there are {', '.join(sorted(known))}")
