"""Witnesses: what they sign, what they refuse, and how verify counts them."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from recording import KEY, NOW, decision, filled, reopen
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, NoteError, SigningKey, VerifierKey
from scorecore.record.log.vault import vault_path
from scorecore.record.log.witness import (
    Witness,
    WitnessError,
    cosigner_line,
    count_witnessed,
    find_cosignatures,
    parse_cosigner,
    read_answer,
    read_cosignature,
    write_request,
)

ONE: Final = SigningKey("witness.example/one", bytes(range(1, 33)))
TWO: Final = SigningKey("witness.example/two", bytes(range(2, 34)))
BOTH: Final = (ONE.verifier, TWO.verifier)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    filled(tmp_path / "record.scorecore", (3, 300)).close()
    return tmp_path / "record.scorecore"


def witness(folder: Path, key: SigningKey = ONE, *logs: VerifierKey) -> Witness:
    return Witness(key, logs or (KEY.verifier,), folder / f"{key.name[-3:]}.memory")


def ask(path: Path, old: int, asked: Witness) -> str:
    with Log.open(path) as log:
        return asked.answer(write_request(log, old), NOW)


def keep(path: Path, answer: str) -> int:
    with reopen(path) as log:
        entries = list(read_answer(log, answer, BOTH))
        if entries:
            log.append(entries, now=NOW)
        return len(entries)


def grow(path: Path, first: int = 1) -> None:
    with reopen(path) as log:
        log.append([decision(number) for number in range(first, first + 5)], now=NOW)


def test_the_example_of_the_specification_is_read() -> None:
    """The lines of C2SP's tlog-cosignature; its key is not printed there, so that only the form is."""
    with pytest.raises(NoteError):
        parse_cosigner(str(ONE.verifier))  # the key of a log cannot cosign
    assert parse_cosigner(cosigner_line(ONE.verifier)) == ONE.verifier
    assert cosigner_line(ONE.verifier) != str(ONE.verifier)


def test_a_witness_signs_what_continues(path: Path, tmp_path: Path) -> None:
    """And remembers it: what it has signed is the old size of the next request."""
    asked = witness(tmp_path)
    first = ask(path, 0, asked)
    with Log.open(path) as log:
        size, checkpoint = log.size, log.checkpoint()
    seen = read_cosignature(first, checkpoint, BOTH)
    assert seen is not None
    assert (seen.witness, seen.size, seen.at) == (ONE.name, size, NOW)
    assert keep(path, first + ask(path, 0, witness(tmp_path, TWO))) == 2
    grow(path)
    with pytest.raises(WitnessError) as refused:
        ask(path, 0, asked)
    assert (refused.value.status, refused.value.size) == (409, size)
    assert keep(path, ask(path, size, asked)) == 1
    with Log.open(path) as log:
        latest = find_cosignatures(log, BOTH)
        assert latest[TWO.name].size == size < latest[ONE.name].size < log.size
        assert [count_witnessed(latest.values(), number) for number in (1, 2, 3)] == [latest[ONE.name].size, size, 0]
        assert set(find_cosignatures(log, [TWO.verifier])) == {TWO.name}
        assert find_cosignatures(log, [VerifierKey(ONE.name, TWO.verifier.public)]) == {}


def _other_root(request: str) -> str:
    head, _, note = request.partition("\n\n")
    checkpoint = Checkpoint.parse(note)[0]
    return f"{head}\n\n{Checkpoint(checkpoint.origin, checkpoint.size, bytes(32)).signed(KEY).note}"


def _unsigned(request: str) -> str:
    return request.replace(request[-20:-10], "A" * 10)


def _other_log(request: str) -> str:
    head, _, note = request.partition("\n\n")
    other_key = SigningKey("example.com/other", KEY.seed)
    checkpoint = Checkpoint.parse(note)[0]
    return f"{head}\n\n{Checkpoint(other_key.name, checkpoint.size, checkpoint.root).signed(other_key).note}"


def _without_proof(request: str) -> str:
    head, _, note = request.partition("\n\n")
    return f"{head.partition(chr(10))[0]}\n\n{note}"


def _old_beyond(request: str) -> str:
    return request.replace("old 304", "old 400", 1)


def _long(request: str) -> str:
    return request.replace("\n", "\n" + f"{b64encode(bytes(32)).decode()}\n" * 64, 1)


def _no_number(request: str) -> str:
    return request.replace("old 304", "old 0304", 1)


REFUSED: Final[list[tuple[Callable[[str], str], int]]] = [
    (_other_root, 422),
    (_unsigned, 403),
    (_other_log, 404),
    (_without_proof, 422),
    (_old_beyond, 400),
    (_long, 400),
    (_no_number, 400),
    (lambda _request: "", 400),
    (lambda request: request[: len(request) // 2], 400),
]


@pytest.mark.parametrize(("change", "status"), REFUSED)
def test_a_witness_refuses(path: Path, tmp_path: Path, change: Callable[[str], str], status: int) -> None:
    """With the status that the protocol has, and remembers nothing of it."""
    asked = witness(tmp_path)
    ask(path, 0, asked)
    grow(path)
    with Log.open(path) as log:
        request = write_request(log, 304)
    with pytest.raises(WitnessError) as refused:
        asked.answer(change(request), NOW)
    assert refused.value.status == status
    assert asked.answer(request, datetime(2024, 7, 1, tzinfo=UTC))


def test_a_fork_is_not_signed_twice(path: Path, tmp_path: Path) -> None:
    """Two histories under one key: whoever asks second is refused."""
    asked, fork = witness(tmp_path), tmp_path / "fork.scorecore"
    ask(path, 0, asked)
    fork.write_bytes(path.read_bytes())
    vault_path(fork).write_bytes(vault_path(path).read_bytes())
    grow(path)
    grow(fork, 2)
    with Log.open(path) as log:
        size = log.size
    ask(path, 304, asked)
    grow(fork, 3)
    with Log.open(fork) as log, pytest.raises(WitnessError) as refused:
        asked.answer(write_request(log, size), NOW)
    assert refused.value.status == 422


def test_a_cosignature_of_something_else_does_not_count(path: Path, tmp_path: Path) -> None:
    """Of another size, another root or another time, and one that somebody has written into the record all the same."""
    line = ask(path, 0, witness(tmp_path))
    with reopen(path) as log:
        assert read_cosignature(line, Checkpoint(KEY.name, 303, log.checkpoint().root), BOTH) is None
        assert read_cosignature(line, Checkpoint("example.com/x", 304, log.checkpoint().root), BOTH) is None
        data = line.split(" ")
        for place in range(0, len(data[2]) - 2, 7):
            other_letter = "A" if data[2][place] != "A" else "B"
            changed = f"{data[0]} {data[1]} {data[2][:place]}{other_letter}{data[2][place + 1 :]}"
            assert read_cosignature(changed, log.checkpoint(), BOTH) is None
    grow(path)
    assert keep(path, line) == 1
    assert keep(path, line.replace("one", "two")) == 0
