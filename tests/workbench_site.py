"""A workbench as tests ask it: a folder with a branch's policy and facts, and clients with and without a session."""

import re
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any, Final

from attrs import field, frozen
from httpx2 import Response
from starlette.testclient import TestClient

from scorecore_web.application import SIGN_IN, build_application
from scorecore_web.permissions import EVERYTHING, Permission
from scorecore_web.requests import FORM_TOKEN
from scorecore_web.sessions import Sessions
from scorecore_web.workbench import Workbench

HOST: Final = "127.0.0.1:8765"
BRANCH: Final = Path(__file__).parent / "branch"
PERIOD: Final = "2024-05"
_FORM_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')


@frozen(eq=False)
class Site:
    """One workbench, and a client of it."""

    folder: Path
    sessions: Sessions
    client: TestClient = field(repr=False)

    @classmethod
    def of(cls, folder: Path, permissions: frozenset[Permission] = EVERYTHING, operator: Path | None = None) -> "Site":
        sessions = Sessions(permissions)
        application = build_application(Workbench.open(folder, operator), sessions, [HOST])
        client = TestClient(application, base_url=f"http://{HOST}", raise_server_exceptions=False)
        return cls(folder, sessions, client)

    def sign_in(self) -> "Site":
        response = self.client.get(SIGN_IN, params={"token": self.sessions.token})
        assert response.status_code == 200, response.text
        return self

    def get(self, address: str, **options: Any) -> Response:
        response = self.client.get(address, **options)
        assert response.status_code == 200, (address, response.status_code, response.text)
        return response

    def form_token(self, address: str = "/policies/policy") -> str:
        found = _FORM_TOKEN.search(self.client.get(address).text)
        assert found, address
        return found[1]

    def post(self, address: str, form: Mapping[str, str] | None = None, **options: Any) -> Response:
        """As a form of the same page does."""
        return self.client.post(address, data={FORM_TOKEN: self.form_token(), **(form or {})}, **options)


def make_branch(folder: Path) -> Path:
    """A folder with the policy and the facts of a branch."""
    copytree(BRANCH, folder, dirs_exist_ok=True)
    return folder
