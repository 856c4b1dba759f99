"""A program that was packed is the same program again."""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given

from scorecore.io.policy_files import find_policy_files
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.serialize import deserialize, serialize
from scorecore.program.serialize_v1 import MalformedError
from scorecore.values.canonical_json import decode, encode
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases

ROOT: Final = Path(__file__).parents[2] / "policies"


def same(program: Program) -> None:
    unpacked = deserialize(decode(encode(serialize(program))), program_digest(program))
    assert unpacked == program
    assert encode(serialize(unpacked)) == encode(serialize(program))


@given(cases())
def test_a_packed_program_is_the_same(case: Case) -> None:
    """Types, bounds, places and all."""
    same(case.program)


@pytest.mark.sampled(10, 3)
@pytest.mark.parametrize("path", sorted(find_policy_files([ROOT])), ids=str)
def test_every_policy_can_be_packed(path: Path) -> None:
    """As can all that is decided by the policies that come with scorecore."""
    program = Workspace.open().check(path).program
    if program is not None:
        same(program)


def changed(data: Any, position: int) -> Any:
    """Data with its `at`th text changed."""
    count = -1

    def walk(node: Any) -> Any:
        nonlocal count
        if isinstance(node, list):
            return [walk(part) for part in node]
        if isinstance(node, dict):
            return {key: walk(part) for key, part in node.items()}
        count += isinstance(node, str)
        return "tampered" if count == position and isinstance(node, str) else node

    return walk(data)


def test_what_was_changed_is_refused() -> None:
    """No wrong program comes out of changed data."""
    program = Workspace.open().check(ROOT / "galaxy" / "branch.toml").program
    assert program is not None
    data, digest = decode(encode(serialize(program))), program_digest(program)
    refused = 0
    for number in range(0, 400, 7):
        try:
            unpacked = deserialize(changed(data, number), digest)
        except MalformedError:
            refused += 1
        else:
            assert program_digest(unpacked) == digest  # a place in the text of the policy, which decides nothing
    assert refused
    with pytest.raises(MalformedError):
        deserialize(["of", "Program", {}], digest)
    with pytest.raises(MalformedError):
        deserialize(data, "0" * 64)
