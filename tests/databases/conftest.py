"""A PostgreSQL for all tests here, and an empty database for each."""

import secrets
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from postgresql_server import Server, start_server, stop_server

_NUMBERS: Final = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="scorecore-pg-"))
    try:
        yield start_server(folder, secrets.token_urlsafe(12) + "/@:%")  # with what has to be written with % in a URL
    finally:
        stop_server(folder)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    name = f"test{next(_NUMBERS)}"
    server.execute(f"create database {name}")
    yield name
    server.execute(f"drop database {name} with (force)")
