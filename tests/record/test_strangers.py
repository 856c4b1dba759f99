"""Rows at positions that nobody signed, below zero or past the last checkpoint: verify names them, nobody takes them.

They are put in with the file alone: no signing key, no trigger dropped, for inserting is allowed.
"""

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import apsw
import pytest
from click.testing import CliRunner, Result

from recording import KEY, NOW, RECORD_FILE, anchor, decision, filled, record, reopen
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log import store
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.proof import proof_bundle
from scorecore.record.log.verify import verify
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_runs
from scorecore_cli.main import scorecore

ERASURE: Final = '{"at":"2026-11-30T03:03:24Z","kind":"erasure","payloads":1,"reason":"forged","subject":"0zXhY6Bt"}'
OTHER_KEY: Final = SigningKey(KEY.name, bytes(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.scorecore"


def insert(path: Path, statements: str, **bindings: Any) -> None:
    """Put rows into the file, past the checks of its columns, which bind only programs that respect them."""
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("ignore_check_constraints", "on")
        connection.execute(statements, bindings).fetchall()


def without_checks(path: Path) -> None:
    """Make of a file one as it was made before columns had checks."""
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("writable_schema", "on")
        rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        texts = [(store.without_checks(str(text)), name) for name, text in rows if text]
        connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", texts)


def codes(diagnostics: Any) -> list[str]:
    return [
        " ".join([diagnostic.kind.code, *diagnostic.params.values()])
        for diagnostic in diagnostics
        if diagnostic.kind.code != "SC827"
    ]


STRANGERS: Final = {
    "an entry below zero": ("INSERT INTO entry (idx, body) VALUES (-6, '{}')", ["SC823 entry -6"]),
    "an entry just below zero": ("INSERT INTO entry (idx, body) VALUES (-1, '{}')", ["SC823 entry -1"]),
    "an entry past the end": ("INSERT INTO entry (idx, body) VALUES (345, '{}')", ["SC813 345"]),
    "an entry far past the end": (
        "INSERT INTO entry (idx, body) VALUES (9223372036854775806, '{}')",
        ["SC813 9223372036854775806"],
    ),
    "a payload below zero": ("INSERT INTO payload VALUES (-3, 1, x'00')", ["SC823 payload -3"]),
    "a payload past the end": ("INSERT INTO payload VALUES (345, 1, x'00')", ["SC823 payload 345"]),
    "a tile below zero": ("INSERT INTO tile VALUES (0, -1, zeroblob(32), zeroblob(8192))", ["SC823 tile 0, -1"]),
    "a tile past the end": ("INSERT INTO tile VALUES (0, 1, zeroblob(32), zeroblob(8192))", ["SC823 tile 0, 1"]),
    "a tile past the end of a level": (
        "INSERT INTO tile VALUES (1, 0, zeroblob(32), zeroblob(8192))",
        ["SC823 tile 1, 0"],
    ),
    "a tile of a level below zero": (
        "INSERT INTO tile VALUES (-1, 0, zeroblob(32), zeroblob(8192))",
        ["SC823 tile -1, 0"],
    ),
    "a tile of a level that no tree has": (
        "INSERT INTO tile VALUES (4611686018427387904, 0, zeroblob(32), zeroblob(8192))",
        ["SC823 tile 4611686018427387904, 0"],
    ),
    "a checkpoint below zero": ("INSERT INTO checkpoint SELECT -5, note FROM checkpoint", ["SC817 -5"]),
    "a checkpoint of nothing": ("INSERT INTO checkpoint SELECT 0, note FROM checkpoint", ["SC817 0"]),
    "a checkpoint past the end": ("INSERT INTO checkpoint SELECT 400, note FROM checkpoint", ["SC817 400"]),
    "a checkpoint past the end that is no text of ours": ("INSERT INTO checkpoint VALUES (400, 'x')", ["SC817 400"]),
}
"""What is put in, and what it is named."""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("old", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("what", STRANGERS)
def test_strangers_are_named_and_nothing_is_read_beside_them(path: Path, what: str, *, old: bool) -> None:
    """With an anchor that fits: by verify, by whoever opens the file to read, and by whoever opens it to write."""
    statements, expected = STRANGERS[what]
    with filled(path) as log:
        anchored = log.checkpoint().note
    if old:
        without_checks(path)
    assert codes(verify(path, anchor=anchored).diagnostics) == []
    foreign_keys_off = "PRAGMA foreign_keys = off;"
    insert(path, foreign_keys_off + statements.replace("FROM checkpoint", "FROM checkpoint WHERE size = 345"))
    verdict = verify(path, anchor=anchored)
    assert codes(verdict.diagnostics) == expected
    assert not verdict.sound
    assert verdict.entries == 345
    for opens in (Log.open, reopen):
        with pytest.raises(Rejected) as error:
            opens(path)
        assert codes(error.value.diagnostics) == expected


def test_a_checkpoint_of_another_key_signs_nothing(path: Path) -> None:
    """Entries past the end come with a checkpoint, whose signature is somebody else's."""
    filled(path).close()
    note = Checkpoint(KEY.name, 346, bytes(32)).signed(OTHER_KEY).note
    insert(path, "INSERT INTO entry (idx, body) VALUES (345, :body)", body=ERASURE)
    insert(path, "INSERT INTO checkpoint VALUES (346, :note)", note=note)
    assert codes(verify(path).diagnostics)[:2] == ["SC817 346", "SC813 345"]
    with pytest.raises(Rejected) as error:
        Log.open(path)
    assert codes(error.value.diagnostics) == ["SC817 346"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO entry (idx, body) VALUES (-1, '{}')",
        "INSERT INTO payload VALUES (-1, 1, x'00')",
        "INSERT INTO checkpoint VALUES (-1, 'x')",
        "INSERT INTO checkpoint VALUES (0, 'x')",
        "INSERT INTO tile VALUES (0, -1, x'00', x'00')",
        "INSERT INTO tile VALUES (-1, 0, x'00', x'00')",
    ],
)
def test_a_new_file_takes_no_position_below_zero(path: Path, statement: str) -> None:
    filled(path, (3,)).close()
    with closing(apsw.Connection(str(path))) as connection, pytest.raises(apsw.ConstraintError, match="CHECK"):
        connection.execute(statement)


def test_a_file_of_mixed_shape_is_named(path: Path) -> None:
    """Of the two shapes that tables have had, a file has one."""
    filled(path).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("writable_schema", "on")
        text: Any = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'payload'").get
        changed = (store.without_checks(text),)
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'payload'", changed)
    assert codes(verify(path).diagnostics) == ["SC828 payload", "SC810 345"]


def test_a_gap_is_refused_and_named(path: Path) -> None:
    """What a run took back must not come back because the row that says so is gone."""
    filled(path).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA foreign_keys = off; DROP TRIGGER entry_no_delete; DELETE FROM entry WHERE idx = 17")
    with pytest.raises(Rejected) as error:
        Log.open(path)
    assert codes(error.value.diagnostics) == ["SC812 17"]
    assert "SC812 17" in codes(verify(path).diagnostics)


def test_queries_stay_within_what_was_signed(path: Path) -> None:
    """Even of a file that nobody has checked, as verify opens it, no reader gives such an entry."""
    with filled(path) as log:
        name = log.entry(1).subject
    forged = ERASURE.replace("0zXhY6Bt", str(name))
    for index in (-6, -1, 345, 400):
        insert(path, "INSERT INTO entry (idx, body) VALUES (:index, :body)", index=index, body=forged)
        insert(path, "INSERT INTO payload SELECT :index, key, sealed FROM payload WHERE idx = 1", index=index)
    with Log.open_unchecked(path) as log:
        assert log.size == 345
        assert list(log.by_kind("erasure")) == []
        assert all(entry.index in range(345) for entry in log.about("person 0", -10, 500))
        assert len(list(log.entries(-10, 500))) == len(list(log.payloads(-10, 500))) == 345
        assert {entry.index for entry, _ in log.payloads(-10, 500, "person 0")} == set(range(1, 345, 7))
        for index in (-6, -1, 345, 400):
            for reads in (log.entry, log.opened, log.payload):
                with pytest.raises(LookupError):
                    reads(index)
            for proves in (lambda index=index: proof_bundle(log, [index]), lambda index=index: log.inclusion(index)):
                with pytest.raises(Rejected):
                    proves()


def test_who_writes_looks_again_where_another_has_written(path: Path) -> None:
    """Between opening and appending somebody puts in an entry, and another program appends."""
    filled(path, (5,)).close()
    with reopen(path) as log:
        with reopen(path) as other_writer:
            other_writer.append([decision(1)], now=NOW)
        insert(path, "INSERT INTO entry (idx, body) VALUES (-1, :body)", body=ERASURE)
        with pytest.raises(Rejected) as error:
            log.append([decision(2)], now=NOW)
        assert codes(error.value.diagnostics) == ["SC823 entry -1"]


# a forged run, and what the commands make of it


def forge(shift: int) -> None:
    """Put a run of June into an honest record of May, at its number less `shift`.

    Pseudonyms and keys are those of the vault, which has not changed. The operator's key signs a copy, for a test
    needs no forger's program; nothing signed is put into the record.
    """
    honest = RECORD_FILE.read_bytes()
    key = RECORD_FILE.with_name(f"{RECORD_FILE}.key")
    record("2024-06")
    shutil.copy(RECORD_FILE, "scratch.scorecore")
    RECORD_FILE.write_bytes(honest)
    assert key.exists()
    insert(
        RECORD_FILE,
        """
        ATTACH 'scratch.scorecore' AS scratch;
        INSERT OR IGNORE INTO blob SELECT * FROM scratch.blob;
        CREATE TEMP TABLE size AS SELECT max(size) AS signed FROM main.checkpoint;
        INSERT INTO payload SELECT idx - :shift, key, sealed FROM scratch.payload, size WHERE idx >= signed;
        INSERT INTO entry (idx, body) SELECT idx - :shift, body FROM scratch.entry, size WHERE idx >= signed;
        """,
        shift=shift,
    )


@pytest.fixture(params=[0, 100], ids=["past the end", "below zero"])
def forged(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    record("2024-05")
    anchor()
    forge(request.param)
    Path("pay.csv").write_text("id,to_pay\n", encoding="utf-8")
    return tmp_path


def call(line: str) -> Result:
    return CliRunner().invoke(scorecore, line.split(), catch_exceptions=False)


@pytest.mark.parametrize(
    "line",
    [
        "log record.scorecore",
        "log record.scorecore --json",
        "log record.scorecore --person B1001",
        "log record.scorecore --checkpoint",
        "replay record.scorecore",
        "explain --record record.scorecore --period 2024-06 --person B1001",
        "run policy.toml --facts facts --period 2024-07 --record record.scorecore",
        "correct record.scorecore --facts facts --period 2024-06 --reason late",
        "erase record.scorecore --person B1001 --reason asked",
        "prove record.scorecore --person B1001 --period 2024-06 --out proof.zip",
        "verify record.scorecore --anchor anchor.txt",
        "verify record.scorecore --anchor anchor.txt --against pay.csv --period 2024-06",
    ],
)
def test_no_command_takes_a_forged_run(forged: Path, line: str) -> None:
    before = (forged / RECORD_FILE).read_bytes()
    result = call(line)
    assert result.exit_code == 1, result.output
    assert "SC813" in result.output or "SC823" in result.output
    assert (forged / RECORD_FILE).read_bytes() == before
    assert not (forged / "proof.zip").exists()


def test_a_forged_run_is_in_no_history(forged: Path) -> None:
    """Not even where the file was opened unchecked: the runs are those of the honest record."""
    with Log.open_unchecked(forged / RECORD_FILE) as log:
        assert [run.period for run in read_runs(log)] == ["2024-05"]
        recorded = Recorded.read(log)
        assert recorded.periods(recorded.runs[0].id) == ["2024-05"]


def test_nobody_writes_where_a_trigger_of_somebody_else_would_act(path: Path) -> None:
    """It could destroy what is just being recorded; who reads is not concerned, and verify names it."""
    with filled(path, (3,)):
        pass
    insert(path, "CREATE TRIGGER t AFTER INSERT ON checkpoint BEGIN UPDATE payload SET sealed = NULL; END")
    with pytest.raises(Rejected) as rejected:
        reopen(path)
    assert codes(rejected.value.diagnostics) == ["SC828 t"]
    with Log.open(path) as log:
        assert log.size == 4
