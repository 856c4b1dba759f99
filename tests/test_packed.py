"""A program that was packed is the same program again."""

from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given

from scorecore.canonical import decode, encode
from scorecore.files.policies import policy_files
from scorecore.packed import MalformedError, pack, unpack
from scorecore.plain import program_digest
from scorecore.program import Program
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases

ROOT: Final = Path(__file__).parent.parent / "policies"


def same(program: Program) -> None:
    again = unpack(decode(encode(pack(program))), program_digest(program))
    assert again == program
    assert encode(pack(again)) == encode(pack(program))


@given(cases())
def test_a_packed_program_is_the_same(case: Case) -> None:
    """Types, bounds, places and all."""
    same(case.program)


@pytest.mark.parametrize("path", sorted(policy_files([ROOT])), ids=str)
def test_every_policy_can_be_packed(path: Path) -> None:
    """As can all that is decided by the policies that come with scorecore."""
    program = Workspace.open().check(path).program
    if program is not None:
        same(program)


def changed(data: Any, at: int) -> Any:
    """Data with its `at`th text changed."""
    count = -1

    def walk(one: Any) -> Any:
        nonlocal count
        if isinstance(one, list):
            return [walk(part) for part in one]
        if isinstance(one, dict):
            return {key: walk(part) for key, part in one.items()}
        count += isinstance(one, str)
        return "tampered" if count == at and isinstance(one, str) else one

    return walk(data)


def test_what_was_changed_is_refused() -> None:
    """No wrong program comes out of changed data."""
    program = Workspace.open().check(ROOT / "galaxy" / "branch.toml").program
    assert program is not None
    data, digest = decode(encode(pack(program))), program_digest(program)
    refused = 0
    for at in range(0, 400, 7):
        try:
            found = unpack(changed(data, at), digest)
        except MalformedError:
            refused += 1
        else:
            assert program_digest(found) == digest  # a place in the text of the policy, which decides nothing
    assert refused
    with pytest.raises(MalformedError):
        unpack(["of", "Program", {}], digest)
    with pytest.raises(MalformedError):
        unpack(data, "0" * 64)
