"""The server: for one person on loopback at an address with a token, or for many who sign in."""

import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp

from scorecore.record.log.signatures import OPERATOR_KEY
from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, AUDITOR, AUTHOR, RUNNER
from scorecore_cli.sample_firm.half_year import (
    ADMINISTRATOR_NAME,
    APPROVER_NAME,
    AUDITOR_NAME,
    EMPLOYEE_ID,
    EMPLOYEE_NAME,
    OFFICER_NAME,
)
from scorecore_web.accounts import Accounts
from scorecore_web.application import build_application
from scorecore_web.database import DATABASE_FILE, WorkbenchDatabase
from scorecore_web.entrance import INVITATION, OIDC_BACK, SIGN_IN, TOKEN_PARAMETER, Entrance
from scorecore_web.permissions import EMPLOYEE, EVERYTHING, READ_ONLY
from scorecore_web.sessions import Sessions
from scorecore_web.sign_on import LOOPBACK, IdentityProvider, SignOn
from scorecore_web.workbench import Workbench
from scorecore_web.worker_pool import WorkerPool

SAMPLE_FACTS: Final = {"manager_east": "facts/managers", "service_east": "facts/service"}
"""By a part of the name of a policy, which facts it reads."""
SAMPLE_ACCOUNTS: Final = (
    (OFFICER_NAME, (AUTHOR, RUNNER), ""),
    (APPROVER_NAME, (APPROVER,), ""),
    (EMPLOYEE_NAME, (EMPLOYEE,), EMPLOYEE_ID),
    (AUDITOR_NAME, (AUDITOR,), ""),
    (ADMINISTRATOR_NAME, (ADMINISTRATOR,), ""),
)


def serve_folder(
    folder: Path,
    port: int,
    announce: Callable[[str], None],
    *,
    operator: Path | None = None,
    is_read_only: bool = False,
    is_sample: bool = False,
) -> None:
    """Serve one person until the process is interrupted; `announce` is given the address when requests are accepted.

    Port 0 means any that is free. A sample with accounts may be opened as anybody who has one. Raises OSError where
    the port is taken.
    """
    has_people = is_sample and not is_read_only and bool(Accounts(WorkbenchDatabase(folder / DATABASE_FILE)).list_all())
    workbench = Workbench.open(folder, operator, has_accounts=has_people)
    entrance = Entrance(Sessions(READ_ONLY if is_read_only else EVERYTHING), workbench.accounts, is_sample=has_people)
    sign_on = SignOn(port=port)

    def announce_token(bound_port: int) -> None:
        announce(f"{sign_on.address(bound_port)}{SIGN_IN}?{TOKEN_PARAMETER}={entrance.sessions.token}")

    _serve(workbench, sign_on, lambda hosts: build_application(workbench, entrance, hosts), announce_token)


def serve_many(folder: Path, sign_on: SignOn, announce: Callable[[str], None], operator: Path | None = None) -> None:
    """Serve whoever has an account; where nobody has, `announce` is given the invitation of an administrator."""
    workbench = Workbench.open(folder, operator, has_accounts=True)
    assert workbench.accounts is not None  # noqa: S101  it was asked for
    oidc: IdentityProvider | None = None
    if sign_on.oidc is not None:  # needs what only `scorecore[sso]` installs
        client = import_module("scorecore_web.oidc").OidcClient
        oidc = client(sign_on.oidc, f"{sign_on.public}{OIDC_BACK}")
    entrance = Entrance(Sessions(frozenset(), token=""), workbench.accounts, sign_on, oidc)
    invitation = invite_administrator(workbench.accounts, sign_on.administrator)

    def announce_address(bound_port: int) -> None:
        address = sign_on.address(bound_port)
        is_invited = bool(invitation) and entrance.has_passwords
        announce(f"{address}{INVITATION}?{TOKEN_PARAMETER}={quote(invitation)}" if is_invited else f"{address}/")

    _serve(workbench, sign_on, lambda hosts: build_application(workbench, entrance, hosts), announce_address)


def open_sample(folder: Path) -> None:
    """Give the people of a sample firm accounts, where many keep its record, and its policies their facts."""
    workbench = Workbench.open(folder, has_accounts=True)
    accounts = workbench.accounts
    if accounts is None or accounts.list_all() or not workbench.has_record:
        return
    with workbench.open_record() as log:
        if OPERATOR_KEY not in log.entry(0).fields:
            return
    for name, roles, person in SAMPLE_ACCOUNTS:
        accounts.add(name, roles, person, by="")
    for key in workbench.list_policies():
        facts = next((folder for word, folder in SAMPLE_FACTS.items() if word in key), None)
        if facts is not None:
            workbench.uploads.connect(key, facts)


def invite_administrator(accounts: Accounts, name: str) -> str:
    """The invitation of the first account, as long as nobody has taken it; empty afterwards."""
    everybody = accounts.list_all()
    if not everybody:
        accounts.add(name, [ADMINISTRATOR], "", by="")
    elif len(everybody) > 1 or everybody[0].name != name or everybody[0].has_password:
        return ""
    return accounts.invite(name, by="")


def _serve(
    workbench: Workbench, sign_on: SignOn, build: Callable[[list[str]], ASGIApp], announce: Callable[[int], None]
) -> None:
    workbench.pool = WorkerPool(workbench.folder, workbench.operator)
    family = socket.AF_INET6 if ":" in sign_on.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((sign_on.host, sign_on.port))
        listener.listen()
        bound_port = listener.getsockname()[1]
        config = uvicorn.Config(
            build(sign_on.list_hosts(bound_port)),
            log_level="warning",
            access_log=False,  # addresses have the names of people
            server_header=False,
            date_header=False,
            proxy_headers=False,  # who connects is who connects: only the proxy's secret says more
            lifespan="off",
            timeout_keep_alive=30,
        )
        workbench.pool.warm_up()
        announce(bound_port)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            workbench.pool.close()


__all__ = ["LOOPBACK", "open_sample", "serve_folder", "serve_many"]
