"""Signing on at the firm's identity provider: OpenID Connect by the code flow with PKCE.

Authlib makes the requests and judges the claims, joserfc the signature; what is here is who is asked for what, and
that an answer belongs to the browser that has asked.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from threading import Lock
from typing import Any, Final

from attrs import define, field, frozen
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from scorecore_web.sign_on import MAX_FLOW, OidcSignOn, SignOnRefusal

MAX_FLOWS: Final = 1000
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "ES384", "ES512")
"""Never none, nor one by a shared secret."""
_TIMEOUT: Final = 10.0
_LEEWAY: Final = 60


@frozen
class _Flow:
    """A browser that was sent to the provider."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    began: float


@define
class OidcClient:
    """What the provider says of itself is asked once, when somebody first signs on."""

    sign_on: OidcSignOn
    redirect: str
    """The address of the workbench to which the provider sends people back."""
    clock: Callable[[], float] = time.monotonic
    _flows: dict[str, _Flow] = field(init=False, factory=dict, repr=False)
    _metadata: Mapping[str, Any] | None = field(init=False, default=None, repr=False)
    _lock: Lock = field(init=False, factory=Lock, repr=False)

    def begin(self) -> tuple[str, str]:
        """Where to send a browser, and what its cookie is to keep; raises SignOnRefusal."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        flow = _Flow(state, nonce, verifier, self.clock())
        metadata = self._find_metadata()
        with self._open() as client:
            address, _state = client.create_authorization_url(
                metadata["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        flow_id = secrets.token_urlsafe(32)
        with self._lock:
            self._flows = {name: known for name, known in self._flows.items() if flow.began - known.began <= MAX_FLOW}
            while len(self._flows) >= MAX_FLOWS:
                del self._flows[next(iter(self._flows))]
            self._flows[flow_id] = flow
        return str(address), flow_id

    def finish(self, flow_id: str, state: str, code: str) -> str:
        """The name of the account that the provider says; raises SignOnRefusal. A flow is finished once."""
        with self._lock:
            flow = self._flows.pop(flow_id, None)
        is_ours = flow is not None and compare_digest(flow.state.encode(), state.encode())
        if flow is None or not is_ours or not code or self.clock() - flow.began > MAX_FLOW:
            raise SignOnRefusal("no browser of ours was sent there")
        metadata = self._find_metadata()
        try:
            with self._open() as client:
                token = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=flow.verifier)
            claims = self._read_claims(token, flow, metadata)
        except (AuthlibBaseError, JoseError, HTTPError, ValueError, LookupError) as error:
            raise SignOnRefusal(f"{type(error).__name__}: {error}") from None
        name = claims.get(self.sign_on.claim)
        if not isinstance(name, str) or not name:
            raise SignOnRefusal(f"the ID token has no {self.sign_on.claim}")
        return name

    def _read_claims(self, token: Mapping[str, Any], flow: _Flow, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        """The claims of the ID token: signed by the provider, for us, for this flow, and of now."""
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        registry = JWSRegistry(algorithms=[name for name in _ALGORITHMS if name in offered], strict_check_header=False)
        with self._open() as client:
            keys = client.request("GET", metadata["jwks_uri"], withhold_token=True).raise_for_status().json()
        decoded = jwt.decode(token["id_token"], key=KeySet.import_key_set(keys), registry=registry)
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self.sign_on.client_id},
            "nonce": {"essential": True, "value": flow.nonce},
        }
        params = {"nonce": flow.nonce, "client_id": self.sign_on.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(leeway=_LEEWAY)
        return dict(claims)

    def _find_metadata(self) -> Mapping[str, Any]:
        if self._metadata is None:
            address = f"{self.sign_on.issuer}/.well-known/openid-configuration"
            try:
                with self._open() as client:
                    metadata = client.request("GET", address, withhold_token=True).raise_for_status().json()
                if metadata["issuer"].rstrip("/") != self.sign_on.issuer:
                    raise SignOnRefusal("the provider says that it is another issuer")
            except (HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
                raise SignOnRefusal(f"{type(error).__name__}: {error}") from None
            self._metadata = metadata
        return self._metadata

    def _open(self) -> OAuth2Client:
        return OAuth2Client(
            client_id=self.sign_on.client_id,
            client_secret=self.sign_on.client_secret,
            scope="openid profile",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
            trust_env=False,  # no proxy that an environment names
        )
