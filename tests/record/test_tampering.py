"""Whoever can write the file changes no answer: every command behaves as on the honest record, or refuses.

By hand, with more of them: TAMPERINGS=10000 pytest tests/record/test_tampering.py -k read
"""

import os
import shlex
import shutil
from pathlib import Path
from typing import Final
from unittest.mock import patch

import apsw
import pytest
from click.testing import CliRunner

from recording import RECORD_FILE, Chance, Clock, anchor, command, record
from scorecore.record.log.vault import vault_path
from scorecore.record.log.verify import verify
from scorecore_cli import record_file
from scorecore_cli.main import scorecore
from tampering import REFUSED, WRITERS, behaviour, build, mutations

TAMPERINGS: Final = int(os.environ.get("TAMPERINGS", "12"))
"""How many changes are tried; of those that real commands look at a tenth."""
FIRST: Final = int(os.environ.get("FIRST_TAMPERING", "0"))
"""The seed of the first."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("honest") / "record.scorecore"
    return path, build(path)


def test_what_is_read_is_honest_or_refused(honest: tuple[Path, str], tmp_path: Path) -> None:
    """And what anything refuses, or says otherwise, is a finding of verify."""
    path, anchor = honest
    expected = {**behaviour(path), **{name: _writes(path, tmp_path, name) for name in WRITERS}}
    assert REFUSED not in expected.values()
    wrong = []
    for number, (copy, change) in enumerate(mutations(path, tmp_path, range(FIRST, FIRST + TAMPERINGS))):
        is_sound = verify(copy, anchor=anchor).sound
        said = behaviour(copy, list(WRITERS)[number % len(WRITERS)])
        lies = {name: what for name, what in said.items() if what not in (REFUSED, expected[name])}
        wrong += [f"{change}: {name} says {what!s:.80}" for name, what in lies.items()]
        wrong += [f"{change}: refused, but sound" for name, what in said.items() if is_sound and what == REFUSED]
    assert not wrong, "\n".join(wrong)


def _writes(path: Path, folder: Path, writer: str) -> object:
    copy = folder / f"{writer}.scorecore"
    copy.write_bytes(path.read_bytes())
    vault_path(copy).write_bytes(vault_path(path).read_bytes())
    return behaviour(copy, writer)[writer]


@pytest.mark.parametrize(
    "change",
    [
        "key = CAST(key || substr(id, 1, 1) AS BLOB), id = substr(id, 2)",
        "key = CAST(key || id AS BLOB), id = ''",
        "key = CAST(key || id AS BLOB), id = NULL",
    ],
)
def test_a_key_ends_where_it_ended(honest: tuple[Path, str], tmp_path: Path, change: str) -> None:
    """The digest of the vault is the same where the identifier has lost to the key what it begins with."""
    path, _anchor = honest
    copy = Path(shutil.copy(path, tmp_path / "copy.scorecore"))
    shutil.copy(vault_path(path), vault_path(copy))
    connection = apsw.Connection(str(vault_path(copy)))
    connection.execute(f"UPDATE subject SET {change} WHERE number = 1").fetchall()  # noqa: S608  those above
    connection.close()
    refused = {name for name, what in behaviour(copy, "erase").items() if what == REFUSED}
    assert refused >= {"log", "prove", "erase", "explain", "history"}


PERSON: Final = "B1002"
COMMANDS: Final = (
    f"record log {RECORD_FILE}",
    f"record log {RECORD_FILE} --json",
    f"record log {RECORD_FILE} --checkpoint",
    f"record log {RECORD_FILE} --person {PERSON}",
    f"record replay {RECORD_FILE}",
    f"explain --record {RECORD_FILE} --period 2024-05 --person {PERSON}",
    f"record verify {RECORD_FILE} --anchor anchor.txt",
    f"record verify {RECORD_FILE} --anchor anchor.txt --against payroll.csv --period 2024-05",
    f"record prove {RECORD_FILE} --person {PERSON} --period 2024-05 --out proof.zip",
    f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late --preview",
    f"run policy.toml --facts facts --period 2024-07 --record {RECORD_FILE} --out out",
    f"record erase {RECORD_FILE} --person {PERSON} --reason asked --anyway",
)
"""The last two write, so that they come last."""


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of two months, a correction and an erasure, as a branch has it."""
    folder = tmp_path / "branch"
    folder.mkdir()
    monkeypatch.chdir(folder)
    record("2024-05")
    facts = Path("facts/person.csv")
    facts.write_text(facts.read_text(encoding="utf-8").replace("860000", "900000"), encoding="utf-8")
    command(f"scorecore record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late")
    command(f"scorecore run policy.toml --facts facts --period 2024-06 --record {RECORD_FILE}")
    command(f"scorecore record erase {RECORD_FILE} --person B1003 --reason asked --anyway")
    text = facts.read_text(encoding="utf-8")
    facts.write_text("".join(line for line in text.splitlines(keepends=True) if "B1003" not in line), encoding="utf-8")
    anchor()
    Path("payroll.csv").write_text("person,to_pay\nB1001,1200\nB1002,860\n", encoding="utf-8")
    return folder


def test_a_command_is_honest_or_refuses(branch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says, how it ends, and what it writes; a refusal is a diagnostic of the record."""
    expected = _commanded(branch, tmp_path / "work", monkeypatch)
    assert not any("SC8" in said for said, _, _ in expected if "UNANCHORED" not in said)
    wrong = []
    for copy, change in mutations(branch / RECORD_FILE, tmp_path, range(FIRST, FIRST + max(1, TAMPERINGS // 10))):
        results = _commanded(branch, tmp_path / "work", monkeypatch, copy)
        for line, result, honest in zip(COMMANDS, results, expected, strict=True):
            said, code, written = result
            is_refused = code == 1 and "SC8" in said and not written
            wrong += [] if is_refused or result == honest else [f"{change}: {line} says {said}"]
    assert not wrong, "\n".join(wrong)


def _commanded(
    branch: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, mutated: Path | None = None
) -> list[tuple[str, int, dict[str, bytes]]]:
    """Of each command what it says, its exit code, and the files that it writes but the record's own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(branch, folder)
    if mutated is not None:
        shutil.copy(mutated, folder / RECORD_FILE)
        shutil.copy(vault_path(mutated), vault_path(folder / RECORD_FILE))
    monkeypatch.chdir(folder)
    results = []
    for line in COMMANDS:
        before = _files(folder)
        with patch.object(record_file, "datetime", Clock), patch("os.urandom", Chance(line)):
            result = CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)
        written = {name: data for name, data in _files(folder).items() if before.get(name) != data}
        results.append((result.output, result.exit_code, written))
    return results


def _files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(RECORD_FILE.name))
    return {path.name: path.read_bytes() for path in paths}
