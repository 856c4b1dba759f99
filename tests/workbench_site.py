"""A workbench as tests ask it: a folder with a branch's policy and facts, and clients with and without a session."""

import re
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any, Final

from attrs import evolve, field, frozen
from httpx2 import Response
from starlette.testclient import TestClient

from scorecore_web.application import SIGN_IN, build_application
from scorecore_web.entrance import Entrance
from scorecore_web.passwords import PasswordHasher
from scorecore_web.permissions import EMPLOYEE, EVERYTHING, ROLE_PERMISSIONS, Permission
from scorecore_web.requests import FORM_TOKEN
from scorecore_web.sessions import COOKIE, Sessions
from scorecore_web.sign_on import IdentityProvider, SignOn
from scorecore_web.workbench import Workbench

HOST: Final = "127.0.0.1:8765"
BRANCH: Final = Path(__file__).parent / "branch"
PERIOD: Final = "2024-05"
ROLE_ACCOUNTS: Final = {role: "B1001" if role == EMPLOYEE else "" for role in ROLE_PERMISSIONS}
"""An account for each role, by its name, with whose statements it reads."""
_FORM_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')


@frozen(eq=False)
class Site:
    """One workbench, and a client of it."""

    folder: Path
    sessions: Sessions
    client: TestClient = field(repr=False)
    entrance: Entrance | None = None
    workbench: Workbench = field(kw_only=True, repr=False)

    @classmethod
    def of(cls, folder: Path, permissions: frozenset[Permission] = EVERYTHING, operator: Path | None = None) -> "Site":
        sessions = Sessions(permissions)
        workbench = Workbench.open(folder, operator)
        application = build_application(workbench, Entrance(sessions), [HOST])
        client = TestClient(application, base_url=f"http://{HOST}", raise_server_exceptions=False)
        return cls(folder, sessions, client, workbench=workbench)

    @classmethod
    def of_many(cls, folder: Path, sign_on: SignOn | None = None, oidc: IdentityProvider | None = None) -> "Site":
        """Where people have accounts: one for each role of ROLE_ACCOUNTS, with passwords that cost little."""
        workbench = Workbench.open(folder, has_accounts=True)
        assert workbench.accounts
        accounts = evolve(workbench.accounts, hasher=PasswordHasher(memory=64, passes=1, lanes=1))
        workbench.accounts = accounts
        for role, person in ROLE_ACCOUNTS.items():
            if accounts.find(role) is None:
                accounts.add(role, [role], person, by="")
        entrance = Entrance(Sessions(frozenset(), token=""), accounts, sign_on or SignOn(), oidc)
        client = TestClient(
            build_application(workbench, entrance, [HOST]), base_url=f"http://{HOST}", raise_server_exceptions=False
        )
        return cls(folder, entrance.sessions, client, entrance, workbench=workbench)

    def sign_in_as(self, name: str) -> "Site":
        """As if the password had been right."""
        assert self.entrance
        assert self.entrance.accounts
        account = self.entrance.accounts.find_active(name)
        assert account, name
        self.client.cookies.clear()
        self.client.cookies.set(COOKIE, self.sessions.open(account).id)
        return self

    def sign_in(self) -> "Site":
        response = self.client.get(SIGN_IN, params={"token": self.sessions.token})
        assert response.status_code == 200, response.text
        return self

    def get(self, address: str, **options: Any) -> Response:
        response = self.client.get(address, **options)
        assert response.status_code == 200, (address, response.status_code, response.text)
        return response

    def form_token(self, address: str = "/policies/policy") -> str:
        session = self.sessions.find(self.client.cookies.get(COOKIE, ""))
        if session is not None:
            return session.form_token
        match = _FORM_TOKEN.search(self.client.get(address).text)
        assert match, address
        return match[1]

    def post(self, address: str, form: Mapping[str, str] | None = None, **options: Any) -> Response:
        """As a form of the same page does."""
        return self.client.post(address, data={FORM_TOKEN: self.form_token(), **(form or {})}, **options)


def make_branch(folder: Path) -> Path:
    """A folder with the policy and the facts of a branch."""
    copytree(BRANCH, folder, dirs_exist_ok=True)
    return folder
