"""A PostgreSQL for the tests, from what is installed, in a folder of its own and behind a Unix socket."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as driver
from attrs import frozen

_PACKAGED: Final = Path("/usr/lib/postgresql")
"""Where Debian has the programs of each version."""
OWNER: Final = "payroll"


@frozen
class Server:
    """A server that is running."""

    folder: Path
    password: str

    def url(self, database: str = "postgres", password: str | None = None) -> str:
        """With the password of the server, or another."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{OWNER}:{secret}@/{database}?host={quote(str(self.folder), safe='')}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of the last statement."""
        autocommit = database == "postgres"  # a database is created outside transactions
        with driver.connect(self.url(database), autocommit=autocommit) as connection:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
            if not autocommit:
                connection.commit()
        return rows


def _find_program(name: str) -> str:
    packaged = sorted(_PACKAGED.glob(f"*/bin/{name}"))
    program = shutil.which(name) or (str(packaged[-1]) if packaged else "")
    assert program, f"{name} is not installed: apt-get install postgresql"
    return program


def _run_unprivileged(*command: str) -> None:
    """Run a program of the server, which refuses to be root."""
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]


def start_server(folder: Path, password: str) -> Server:
    """A server with a password; `folder` is its own, and is also where its socket is."""
    (folder / "password").write_text(password, encoding="ascii")
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, "nobody", "nogroup")
    data, options = str(folder / "data"), f"-k {folder} -c listen_addresses='' -F"
    _run_unprivileged(
        *(_find_program("initdb"), "-D", data, "-U", OWNER, "-A", "scram-sha-256", "--pwfile"),
        *(str(folder / "password"), "--no-sync", "-E", "UTF8", "--locale", "C"),
    )
    _run_unprivileged(_find_program("pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start")
    return Server(folder, password)


def stop_server(folder: Path) -> None:
    """Stop it, if it runs, and remove its folder."""
    if (folder / "data" / "postmaster.pid").exists():
        _run_unprivileged(_find_program("pg_ctl"), "-D", str(folder / "data"), "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)
