"""The server of one person: on loopback, at an address with a token that is made when it starts."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from scorecore_web.application import SIGN_IN, build_application
from scorecore_web.permissions import EVERYTHING, READ_ONLY
from scorecore_web.routes import TOKEN_PARAMETER
from scorecore_web.sessions import Sessions
from scorecore_web.workbench import Workbench

LOOPBACK: Final = "127.0.0.1"
_NAMES: Final = (LOOPBACK, "localhost")


def serve_folder(
    folder: Path,
    port: int,
    announce: Callable[[str], None],
    *,
    operator: Path | None = None,
    is_read_only: bool = False,
) -> None:
    """Serve until the process is interrupted; `announce` is given the address when requests are accepted.

    Port 0 means any that is free. Raises OSError where the port is taken.
    """
    sessions = Sessions(READ_ONLY if is_read_only else EVERYTHING)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
        bound_port = listener.getsockname()[1]
        hosts = [f"{name}:{bound_port}" for name in _NAMES]
        application = build_application(Workbench.open(folder, operator), sessions, hosts)
        config = uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,  # addresses have the names of people
            server_header=False,
            date_header=False,
            lifespan="off",
            timeout_keep_alive=30,
        )
        announce(f"http://{hosts[0]}{SIGN_IN}?{TOKEN_PARAMETER}={sessions.token}")
        uvicorn.Server(config).run(sockets=[listener])
