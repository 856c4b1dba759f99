"""What is appended is there, signed and provable; what fails leaves nothing."""

from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from threading import Timer
from typing import Any, Final

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recording import KEY, NOW, POLICY, Chance, by_hand, create, decision, filled, read_vault, reopen
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log import store, tree
from scorecore.record.log.entries import ERASED, LogEntry, NewLogEntry, blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import Checkpoint, SigningKey
from scorecore.record.log.read import read_edge
from scorecore.record.log.sealing import Opened
from scorecore.record.log.write import Form
from scorecore.values.canonical_json import decode, encode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.scorecore"


def code(error: pytest.ExceptionInfo[Rejected]) -> list[str]:
    return [diagnostic.kind.code for diagnostic in error.value.diagnostics]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.binary(max_size=40), max_size=300), max_size=4), st.booleans())
def test_what_is_appended_is_read_and_proved(tmp_path: Path, batches: list[list[bytes]], reopened: bool) -> None:  # noqa: FBT001
    """Every entry of every batch comes back, each checkpoint is signed, and all proofs hold between all of them."""
    path = tmp_path / "record.scorecore"
    for old in tmp_path.iterdir():
        old.unlink()
    log = create(path)
    payloads: list[bytes | None] = [None]
    for batch in batches:
        if reopened:
            log.close()
            log = reopen(path)
        entries = [NewLogEntry("decision", {}, content, str(len(content))) for content in batch]
        assert log.append(entries, now=NOW).size == len(payloads) + len(batch)
        payloads += batch
    log.close()
    with Log.open(path) as log:
        assert log.size == len(payloads)
        assert [log.payload(index) for index in range(log.size)] == payloads
        leaves = [tree.leaf_hash(entry.body) for entry in log.entries()]
        last = log.checkpoint()
        for size in log.sizes():
            signed, signers = Checkpoint.parse(log.checkpoint(size).note, [KEY.verifier])
            assert signers == (KEY.verifier,)
            assert tree.extends(size, signed.root, last.size, last.root, log.consistency(size))
            for index in {0, size // 2, size - 1}:
                assert tree.includes(index, size, leaves[index], log.inclusion(index, size), signed.root)


def test_an_entry_says_what_it_is_and_nothing_of_a_person(path: Path) -> None:
    with filled(path) as log:
        entry = log.entry(4)
        opened = log.opened(4)
        assert isinstance(opened, Opened)
        assert entry.fields == {
            "at": "2024-06-03T09:30:00Z",
            "kind": "decision",
            "payload": opened.commitment,
            "period": "2024-05",
            "run": 1,
            "subject": log.pseudonym("person 3"),
        }
        assert (entry.kind, entry.period, entry.at) == ("decision", "2024-05", NOW)
        assert all(b"person" not in log_entry.body for log_entry in log.entries())
        assert b"person" not in path.read_bytes()
        assert b"late" not in path.read_bytes()


FIELDS = st.dictionaries(st.sampled_from("abz"), st.sampled_from([1, True, "<payload>", "<subject>", "1"]), max_size=2)


@given(
    st.lists(st.tuples(FIELDS, st.sampled_from(["a", "b"]), st.sampled_from([None, "2024"])), max_size=8), st.booleans()
)
def test_entries_are_written_as_they_are_encoded(
    asked: list[tuple[dict[str, Any], str, str | None]],
    batched: bool,  # noqa: FBT001
) -> None:
    """However many entries share their fields, or one dictionary that changes: each is its own canonical bytes."""
    form, shared = Form(NOW), dict[str, Any]()
    for number, (fields, kind, period) in enumerate(asked):
        shared.clear()
        shared.update(fields)
        entry = NewLogEntry(kind, shared if batched else fields, b"", "s", period)
        entry_fields = {"at": NOW, "kind": kind, "payload": f"p{number}", "subject": f"s{number}"}
        expected = encode({**entry_fields, **({"period": period} if period else {}), **fields})
        assert form.body(entry, f"s{number}", f"p{number}") == expected


def test_entries_are_found(path: Path) -> None:
    with filled(path, (20,)) as log:
        log.append([decision(1, "2024-06"), NewLogEntry("run-close", {"decided": 1}, period="2024-06")], now=NOW)
        assert [entry.index for entry in log.about("person 1")] == [2, 9, 16, 21]
        assert [entry.index for entry in log.about("person 1", 10)] == [16, 21]
        assert [entry.kind for entry in log.by_kind("run-close")] == ["run-close"]
        assert list(log.about("person 99")) == list(log.by_kind("erasure")) == []


def test_parts_are_kept_once(path: Path) -> None:
    with filled(path) as log:
        assert log.blob(blob_digest(POLICY)) == POLICY
        assert log.connection.execute("SELECT count(*) FROM blob").get == 1
        with pytest.raises(Rejected) as error:
            log.blob(blob_digest(b"other"))
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC834"]
        with pytest.raises(ValueError, match="not the SHA-256"):
            log.append([], {blob_digest(b"other"): POLICY}, now=NOW)


def test_erasing_leaves_the_proof_and_nothing_else(path: Path) -> None:
    """After erasing, neither payload nor key is anywhere in the files, while the log goes on and verifies."""
    with filled(path) as log:
        opened = log.opened(1)
        assert isinstance(opened, Opened)
        kept = log.connection.execute("SELECT sealed FROM payload WHERE idx = 1").get
        keys = {key for _, _, _, key in read_vault(path) if key}
        before = log.checkpoint()
        name = log.pseudonym("person 0")
        indexes = [entry.index for entry in log.about("person 0")]
        after = log.erase("person 0", now=NOW, reason="asked for it")
        assert [log.payload(index) for index in indexes] == [ERASED] * len(indexes)
        assert log.payload(2) not in {ERASED, None}
        notice = log.entry(after.size - 1).fields
        assert {name: value for name, value in notice.items() if name != "vault"} == {
            "at": "2024-06-03T09:30:00Z",
            "kind": "erasure",
            "payloads": len(indexes),
            "reason": "asked for it",
            "subject": name,
        }
        assert tree.extends(before.size, before.root, after.size, after.root, log.consistency(before.size))
        gone = keys - {key for _, _, _, key in read_vault(path)}
        assert "person 0" not in {id_ for _, _, id_, _ in read_vault(path)}
        assert log.pseudonym("person 0") == ""
        assert list(log.about("person 0")) == []
        for file in path.parent.iterdir():
            assert all(secret not in file.read_bytes() for secret in (kept, *gone))
        assert len(gone) == 1
        with pytest.raises(LookupError):
            log.erase("person 0", now=NOW, reason="again")
        log.append([decision(0, "2024-06")], now=NOW)  # who comes back has a new key
        assert log.payload(log.size - 1) == decision(0).payload
        assert log.payload(indexes[0]) is ERASED


def test_payloads_of_format_1_may_be_locked(path: Path) -> None:
    """With a lock the file alone opens no payload and tells no pseudonym; entries and proofs need none."""
    lock = bytes(32)
    copyfile(Path(__file__).parents[1] / "golden" / "locked.scorecore", path)
    for wrong in (None, bytes([1]) * 32):
        with Log.open(path, lock=wrong) as log:
            assert log.entry(1).kind == "decision"
            for ask in (lambda log=log: log.payload(1), lambda log=log: log.pseudonym("person 0")):
                with pytest.raises(Rejected) as error:
                    ask()
                assert code(error) == ["SC809"]
    with pytest.raises(Rejected), reopen(path) as log:
        log.append([decision(0)], now=NOW)
    with reopen(path, lock=lock) as log:
        assert log.payload(1) == decision(0).payload
        log.append([decision(8)], now=NOW)
        assert log.payload(9) == decision(8).payload


def test_a_failed_append_leaves_nothing(path: Path) -> None:
    def failing() -> list[NewLogEntry]:
        yield from (decision(number) for number in range(9000))
        raise RuntimeError("halfway")

    with filled(path) as log:
        size = log.size
        for entries in (failing(), [NewLogEntry("x", {"a": 1.5})], [NewLogEntry("x", {"a": "b" * 70_000})]):
            with pytest.raises((RuntimeError, TypeError, ValueError)):
                log.append(entries, {blob_digest(b"new"): b"new"}, now=NOW)
            assert (log.size, log.connection.execute("SELECT max(idx) + 1 FROM entry").get) == (size, size)
            assert log.connection.execute("SELECT count(*) FROM blob").get == 1
        assert log.append([decision(0)], now=NOW).size == size + 1


@pytest.mark.slow
def test_two_writers_take_turns(path: Path) -> None:
    """Whoever comes second appends to what the first has written, and waits while it writes."""
    create(path).close()
    with reopen(path) as first_log, reopen(path) as second_log, Log.open(path) as reader:
        for number in range(300):
            log = first_log if number % 3 else second_log
            assert log.append([decision(number + 1)], now=NOW).size == number + 2
            assert reader.size == number + 2
        assert reader.payload(300) == decision(300).payload
        with second_log.connection:
            second_log.connection.execute("INSERT INTO blob VALUES ('x', x'00')")
            with pytest.raises(Rejected) as error:
                first_log.append([decision(1)], now=NOW)
            assert code(error) == ["SC802"]
        assert first_log.append([decision(1)], now=NOW).size == 302
        assert first_log.checkpoint().root == read_edge(second_log.connection, 302).root()


def test_settings_hold_and_nothing_is_changed_by_accident(path: Path) -> None:
    with filled(path) as log:
        for name, value in store.SETTINGS.items():
            assert log.connection.pragma(name) == value
        for table in store.INSERT_ONLY:
            column = store.shape(log.connection)[table].split("(", 1)[1].split()[0]
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):  # noqa: S608
                with pytest.raises(apsw.ConstraintError, match="insert-only"):
                    log.connection.execute(statement)
        for table, column in store.ERASABLE.items():
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = x'00'"):  # noqa: S608
                with pytest.raises(apsw.ConstraintError, match="by null"):
                    log.connection.execute(statement)


def test_a_record_is_not_made_twice_nor_over_another_file(path: Path) -> None:
    create(path).close()
    for content in (path.read_bytes(), b"minutes of a meeting"):
        path.write_bytes(content)
        with pytest.raises(Rejected) as error:
            create(path)
        assert code(error) == ["SC801"]
        assert path.read_bytes() == content


@pytest.mark.parametrize(("content", "expected_code"), [(b"minutes" * 1000, "SC800"), (b"", "SC800"), (None, "SC807")])
def test_other_files_are_refused(path: Path, content: bytes | None, expected_code: str) -> None:
    if content is not None:
        path.write_bytes(content)
    for options in ({}, {"key": KEY, "chance": Chance()}):
        with pytest.raises(Rejected) as error:
            Log.open(path, **options)
        assert code(error) == [expected_code]


def test_a_damaged_file_is_reported(path: Path) -> None:
    filled(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(Rejected) as error:
        Log.open(path)
    assert code(error) == ["SC827"]


def test_another_database_and_another_format_are_refused(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.execute("CREATE TABLE entry (idx)")
    connection.close()
    with pytest.raises(Rejected) as error:
        Log.open(path)
    assert code(error) == ["SC800"]
    path.unlink()
    log = create(path)
    log.connection.pragma("user_version", 3)
    log.close()
    with pytest.raises(Rejected) as error:
        Log.open(path)
    assert code(error) == ["SC808"]


def test_another_key_does_not_write(path: Path) -> None:
    create(path).close()
    for name in (KEY.name, "example.com/other"):
        with pytest.raises(Rejected) as error:
            Log.open(path, key=SigningKey(name, bytes(32)), chance=Chance())
        assert code(error) == ["SC804"]


def test_who_reads_does_not_write(path: Path) -> None:
    create(path).close()
    with Log.open(path) as log, pytest.raises((ValueError, Rejected)):
        log.append([decision(0)], now=NOW)


def test_a_restored_backup_does_not_grow_a_second_history(path: Path) -> None:
    """With the newest checkpoint at hand, a file that is older or another one is not written to."""
    log = filled(path)
    backup = log.size
    log.close()
    content = path.read_bytes()
    with reopen(path) as log:
        newest = log.append([decision(1)], now=NOW)
    reopen(path, anchor=newest).close()
    path.write_bytes(content)
    with pytest.raises(Rejected) as error:
        reopen(path, anchor=newest)
    assert code(error) == ["SC824"]
    with reopen(path) as log:
        assert log.size == backup
        log.append([decision(2)], now=NOW + timedelta(days=1))
    with pytest.raises(Rejected) as error:
        reopen(path, anchor=newest)
    assert code(error) == ["SC825"]


def test_nothing_is_added_to_a_damaged_record(path: Path) -> None:
    """A writer that opens a file which does not fit its last checkpoint signs nothing."""
    filled(path, (5,)).close()
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER entry_no_update; UPDATE entry SET body = replace(body, '05', '06') WHERE idx = 3")
    connection.close()
    with pytest.raises(Rejected) as error:
        reopen(path)
    assert code(error) == ["SC806"]


def test_a_read_only_copy_is_read(path: Path) -> None:
    filled(path).close()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        with Log.open(path) as log:
            assert log.payload(1) == decision(0).payload
    finally:
        path.parent.chmod(0o755)


def test_an_old_sqlite_is_not_trusted_with_a_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(path).close()
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    for attempt in (lambda: Log.open(path), lambda: create(path.with_name("new.scorecore"))):
        with pytest.raises(Rejected) as error:
            attempt()
        assert code(error) == ["SC805"]
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.3")
    Log.open(path).close()


def test_a_setting_that_does_not_hold_is_reported() -> None:
    """A file beside which there can be no -wal file: a database in memory stands for it."""
    with pytest.raises(Rejected) as error:
        store.connect(Path(":memory:"), write=True, new=True)
    assert code(error) == ["SC833"]


@pytest.mark.parametrize("where", ["entry", "payload", "tile", "part"])
def test_nothing_is_signed_that_the_file_does_not_give_back(path: Path, where: str) -> None:
    """Bytes that change on their way to the disk: a trigger of the file stands for it."""
    changes = {
        "entry": "UPDATE entry SET body = replace(body, 'decision', 'decisiom') WHERE idx = NEW.idx",
        "payload": "UPDATE payload SET sealed = zeroblob(80) WHERE idx = NEW.idx",
        "tile": "UPDATE tile SET root = zeroblob(32)",
        "part": "UPDATE blob SET compressed = (SELECT compressed FROM blob WHERE digest <> NEW.digest)",
    }
    other_part = b"another part"
    with filled(path, (3,)) as log:
        table = {"part": "blob"}.get(where, where)
        log.connection.execute(
            f"""
            DROP TRIGGER {table}_no_update;
            CREATE TRIGGER flip AFTER INSERT ON {table} BEGIN {changes[where]}; END
            """
        )
        size, note = log.size, log.checkpoint().note
        with pytest.raises(Rejected) as error:
            log.append([decision(number) for number in range(300)], {blob_digest(other_part): other_part}, now=NOW)
        assert code(error) == ["SC832"]
        assert (log.size, log.checkpoint().note) == (size, note)


def test_who_opens_waits_until_the_file_is_free(path: Path) -> None:
    """Whoever closes a file last has it alone for a moment; to open it then is no mistake."""
    filled(path, (3,)).close()
    alone = apsw.Connection(str(path))
    alone.pragma("locking_mode", "exclusive")
    alone.execute("BEGIN EXCLUSIVE; SELECT count(*) FROM entry").fetchall()
    freed = Timer(0.3, alone.close)
    freed.start()
    with Log.open(path) as log:
        assert log.size == 4
    freed.join()


def test_every_reader_reports_a_missing_entry(path: Path) -> None:
    """Even of a file that was opened unchecked, entries and payloads are refused, and the entry is named."""
    with filled(path) as log:
        size = log.size
    with by_hand(path) as connection:
        connection.execute("DELETE FROM entry WHERE idx = 5")
    with Log.open_unchecked(path) as log:
        assert log.size == size
        for reads in (lambda: list(log.entries()), lambda: list(log.payloads()), lambda: log.entry(5)):
            with pytest.raises(Rejected) as error:
                reads()
            assert [str(diagnostic.message()) for diagnostic in error.value.diagnostics] == ["entry 5 is missing"]
        assert log.entry(6).index == 6


def test_who_opens_while_another_writes_sees_one_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the last checkpoint and the count of entries that it is held against, nobody can slip in."""
    size = filled(path).size
    true, slipped = store.connect, list[str]()

    def traced(*arguments: Any, **named: Any) -> apsw.Connection:
        connection = true(*arguments, **named)

        def slip_in(_cursor: object, statement: str, _bindings: object) -> bool:
            if "count(*)" in statement and not slipped:
                slipped.append(statement)
                with Log.open(path, key=KEY, chance=Chance("other")) as other_log:
                    other_log.append([decision(1)], now=NOW)
            return True

        connection.exec_trace = slip_in
        return connection

    monkeypatch.setattr(store, "connect", traced)
    with Log.open(path, key=KEY, chance=Chance("one")) as log:
        assert slipped
        log.append([decision(2)], now=NOW)
        assert log.size == size + 2


_NAMES: Final = ("at", "kind", "payload", "period", "run", "subject")


@given(st.lists(st.text('ab"\\,:{}é\n\x7f ', max_size=4), min_size=6, max_size=6), st.booleans())
def test_the_usual_entry_is_read_as_any_other(texts: list[str], is_short: bool) -> None:  # noqa: FBT001
    """What is read at once, because it can only be written so, is what the general reader gives; so is a refusal."""
    pairs = list(zip(_NAMES, texts, strict=True))[1 if is_short else 0 :]
    body = ("{" + ",".join(f'"{name}":"{text}"' for name, text in pairs) + "}").encode()
    try:
        expected = decode(body)
    except ValueError:
        with pytest.raises(ValueError, match=r"canonical|JSON|delimiter|control|escape|Extra|Unterminated"):
            _ = LogEntry(1, body).fields
    else:
        assert LogEntry(1, body).fields == expected
