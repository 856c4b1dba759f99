"""A decision in a full tile is rewritten with the file alone, payload and all: no command shows, pays or uses it."""

import shlex
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from recording import RECORD_FILE, by_hand, read_vault, record, tamper
from scorecore.record.log.entries import LogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.sealing import NONCE, Opened, Press, Sealing
from scorecore.record.log.vault import vault_path
from scorecore_cli.main import scorecore

PERSON: Final = "B1042"
ENTRY: Final = 44
"""Of 302; the first 256 are in a tile."""


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, shlex.split(line), catch_exceptions=False)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("honest")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("facts").mkdir()
        rows = "".join(f"B{number},{number}000\n" for number in range(1000, 1300))
        Path("facts/person.csv").write_text(f"工号,月交易量\n{rows}", encoding="utf-8")
        record("2024-05")
    return folder


@pytest.fixture
def branch(honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the honest folder, to work in."""
    monkeypatch.chdir(tmp_path)
    for path in sorted(honest.rglob("*")):
        copy = tmp_path / path.relative_to(honest)
        copy.mkdir() if path.is_dir() else copy.write_bytes(path.read_bytes())
    return tmp_path


def forge() -> None:
    """Rewrite the decision about somebody: ten times the pay, sealed with the key that is in the vault."""
    with Log.open(RECORD_FILE) as log:
        entry, opened = log.entry(ENTRY), log.opened(ENTRY)
    assert isinstance(opened, Opened)
    assert PERSON in opened.payload.decode()
    forged = Opened(opened.salt, opened.payload.replace(b'"1042', b'"10420'))
    assert forged.payload != opened.payload
    with by_hand(RECORD_FILE) as connection:
        number: int = connection.execute("SELECT key FROM payload WHERE idx = ?", (ENTRY,)).get
        key = next(key for row, _, _, key in read_vault(RECORD_FILE) if row == number)
        sealed = Sealing.seal(forged.salt, Press().squeeze(forged.payload), key, bytes(NONCE))
        connection.execute("UPDATE payload SET sealed = ? WHERE idx = ?", (sealed, ENTRY))
        body = entry.body.decode().replace(opened.commitment, forged.commitment)
        connection.execute("UPDATE entry SET body = ? WHERE idx = ?", (body, ENTRY))
    assert LogEntry(ENTRY, body.encode()).fields["payload"] == forged.commitment


COMMANDS: Final = (
    f"record log {RECORD_FILE} --person {PERSON}",
    f"record replay {RECORD_FILE}",
    f"record replay {RECORD_FILE} --person {PERSON}",
    f"record replay {RECORD_FILE} --with columns",
    f"explain --record {RECORD_FILE} --period 2024-05 --person {PERSON}",
    f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late",
    f"record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late --preview",
    f"record prove {RECORD_FILE} --person {PERSON} --period 2024-05 --out proof.zip",
    f"record erase {RECORD_FILE} --person {PERSON} --reason asked",
    f"record verify {RECORD_FILE}",
    f"record verify {RECORD_FILE} --against facts",
)


@pytest.mark.parametrize("line", COMMANDS)
def test_no_command_takes_a_forged_decision(branch: Path, line: str) -> None:
    forge()
    before = RECORD_FILE.read_bytes()
    result = call(line)
    assert result.exit_code == 1, result.output
    assert f"SC811 entry {ENTRY} is not what was signed" in result.output
    assert RECORD_FILE.read_bytes() == before
    assert not (branch / "proof.zip").exists()


CHANGES: Final = {
    "a tile is another": ("UPDATE tile SET hashes = zeroblob(8192)", "SC814"),
    "a tile is gone": ("DELETE FROM tile", "SC806"),
    "the root of a tile is another": ("UPDATE tile SET root = zeroblob(32)", "SC806"),
    "a payload is gone in silence": ("UPDATE payload SET sealed = NULL WHERE idx = 44", "SC819"),
    "a payload has the key of another": ("UPDATE payload SET key = 3 WHERE idx = 44", "SC818"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_built_on_is_what_was_signed(branch: Path, what: str) -> None:
    statement, code = CHANGES[what]
    tamper(statement)
    for line in (
        f"explain --record {RECORD_FILE} --period 2024-05 --person {PERSON}",
        f"record prove {RECORD_FILE} --person {PERSON} --period 2024-05 --out proof.zip",
    ):
        result = call(line)
        assert (result.exit_code, code in result.output) == (1, True), result.output
    assert not (branch / "proof.zip").exists()


@pytest.mark.usefixtures("branch")
def test_an_index_that_leaves_out_an_erasure_is_refused() -> None:
    """With the payload and its key put back from a copy, the erased person would be there again."""
    with by_hand(RECORD_FILE) as connection:
        kept = connection.execute("SELECT idx, sealed, key FROM payload WHERE idx = ?", (ENTRY,)).fetchone()
        vault = vault_path(RECORD_FILE).read_bytes()
    assert call(f"record erase {RECORD_FILE} --person {PERSON} --reason asked").exit_code == 0
    with by_hand(RECORD_FILE) as connection:
        connection.execute("UPDATE payload SET sealed = ? WHERE idx = ?", (kept[1], ENTRY))
    vault_path(RECORD_FILE).write_bytes(vault)
    explained = f"explain --record {RECORD_FILE} --period 2024-05 --person {PERSON}"
    assert call(f"{explained} --lang en").exit_code == 2  # nothing leads to who was erased
    assert f"SC823 row {ENTRY} of the table `payload`" in call(f"record verify {RECORD_FILE} --lang en").output
    with by_hand(RECORD_FILE) as connection:
        text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_by_kind'").get
        connection.execute("DROP INDEX entry_by_kind")
        connection.execute("CREATE INDEX entry_by_kind ON entry (kind, period) WHERE idx < 302")
        connection.pragma("writable_schema", "on")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_by_kind'", (text,))
    result = call(explained)
    assert (result.exit_code, "SC827" in result.output) == (1, True), result.output
