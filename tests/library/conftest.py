"""A policy of a shop, loaded as a service would."""

from pathlib import Path

import pytest

import scorecore


@pytest.fixture(scope="package")
def shop() -> scorecore.CompiledPolicy:
    return scorecore.load(Path(__file__).with_name("shop.toml"))
