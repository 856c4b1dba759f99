"""A small record with everything in it, what commands read of it, and somebody with the file and no scruples.

`mutations` changes one value, row, index, table or byte at a time. What `behaviour` then says of the record must be
what it says of the honest one, or a refusal.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import apsw
import polars as pl

from corrections import PEOPLE, PROGRAM, corrected, raw, run
from recording import KEY, NOW, Chance, by_hand, create, read_vault
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.corrections.adjustments import find_owed, read_adjustments
from scorecore.record.corrections.correct import correct
from scorecore.record.corrections.payroll import find_payable
from scorecore.record.log.entries import ERASED
from scorecore.record.log.log import Log
from scorecore.record.log.proof import proof_bundle
from scorecore.record.log.vault import vault_path
from scorecore.record.replay import replay, replay_adjustments
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append, read_erasures

MONTHS: Final = {
    "2024-01": [("10", "false", "a"), ("20", "false", "a"), ("30", "true", "b")],
    "2024-02": [("-5", "false", "a"), ("40", "true", "b"), (None, "false", "b")],
    "2024-03": [("7", None, "a"), ("8", "false", "a"), ("9", "false", "b")],
    "2024-04": [("1", "false", "a"), ("2", "false", "a"), ("3", "false", "b")],
}
LATE: Final = {"2024-01": [("50", "false", "a"), ("20", "false", "a"), ("30", "true", "b")]}
ERASED_PERSON: Final = PEOPLE[2]
REFUSED: Final = "refused"


def build(path: Path) -> str:
    """Three months, a correction that later months and a payment follow from, a withdrawal, an erasure; the checkpoint.

    It has 27 entries.
    """
    with create(path) as log:
        for period in ("2024-01", "2024-02"):
            run(log, period, MONTHS)
        corrected(log, "2024-01", LATE)
        run(log, "2024-03", MONTHS)
        _withdraw(log, PEOPLE[1], "2024-03")
        return log.erase(ERASED_PERSON, now=NOW, reason="request 7").note


def _withdraw(log: Log, person: str, period: str) -> None:
    recorded = Recorded.read(log)
    tables = raw({period: MONTHS[period]})
    past = recorded.history(PROGRAM, period)
    assert past is not None
    tables |= {HISTORY: RawTable(past, HISTORY)}
    tables["person"] = RawTable(tables["person"].frame.filter(pl.col("person") != person), "person")
    decided_period = PROGRAM.period.period(period)
    assert decided_period is not None
    decisions = PeriodRunner(PROGRAM).decide(decided_period, tables, Diagnostics())
    assert decisions is not None
    pins = Pins.again(log, recorded.of(PROGRAM.id, period)[-1], "test")
    correction = correct(recorded, decisions, pins, reason="never here", withdrawn=[person])
    append(log, correction.drafts, now=NOW, after=recorded.size)


# what is read of it


def _read_log(log: Log) -> object:
    """What `record log` shows."""
    recorded = Recorded.read(log)
    about = {who: [entry.body for run in recorded.runs for entry in recorded.about(run, who)] for who in PEOPLE}
    runs = [(run.start, run.stop, dict(run.manifest), dict(run.close), run.at) for run in recorded.runs]
    adjustments = [list(read_adjustments(recorded, run)) for run in recorded.runs]
    return runs, about, adjustments, [erasure.body for erasure in read_erasures(log)], log.checkpoint().note


def _read_standing(log: Log) -> object:
    """What `explain --record` shows."""
    recorded = Recorded.read(log)
    return [
        [
            (who, decision.run.number, decision.payload)
            for who, decision in recorded.standing(PROGRAM.id, period, person).items()
        ]
        for period in recorded.periods(PROGRAM.id)
        for person in (None, *PEOPLE)
    ]


def _read_history(log: Log) -> object:
    """What `run --record` builds on."""
    recorded = Recorded.read(log)
    history = recorded.history(PROGRAM, "2024-04")
    assert history is not None
    return history.rows(), find_owed(recorded, PROGRAM.id)


def _read_payable(log: Log) -> object:
    """What `record verify --against` compares with a payroll."""
    recorded = Recorded.read(log)
    return [find_payable(recorded, run) for run in recorded.runs]


def _read_replay(log: Log) -> object:
    recorded = Recorded.read(log)
    replays = [replay(log, run) for run in recorded.runs]
    paid = [list(replay_adjustments(recorded, run)) for run in recorded.runs]
    return [(outcome.same, outcome.erased, outcome.differences) for outcome in replays], paid


def _read_proof(log: Log) -> object:
    """What `record prove` writes."""
    recorded = Recorded.read(log)
    return [
        proof_bundle(log, [run.start, *(entry.index for entry in recorded.about(run, who))], [1, run.stop])
        for run in recorded.runs
        for who in PEOPLE
    ]


def _read_policies(log: Log) -> object:
    recorded = Recorded.read(log)
    return [log.blob(digest) for run in recorded.runs for digest in run.manifest["documents"].values()]


def _write_run(log: Log) -> object:
    """What the next month decides and pays; it is recorded, with the same chance."""
    signed = run(log, "2024-04", MONTHS)
    payloads = [payload for _, payload in log.payloads(signed.size - 5)]
    return signed.adjustments, payloads


def _erase(log: Log) -> object:
    """What is left of somebody: of the payloads and keys nothing, and an entry that says so."""
    before = log.size
    about = [entry.index for entry in log.about(PEOPLE[0])]
    log.erase(PEOPLE[0], now=NOW, reason="request 8")
    left = [index for index in about if log.payload(index) not in {ERASED, None}]
    query = "SELECT count(*) FROM payload WHERE idx = ? AND sealed IS NOT NULL"
    sealed = [log.connection.execute(query, (index,)).get for index in about]
    rows = [row for row in read_vault(log.path) if row[2] == PEOPLE[0]]
    return log.entry(before).body, left, rows, sealed


READERS: Final[Mapping[str, Callable[[Log], object]]] = {
    "log": _read_log,
    "explain": _read_standing,
    "history": _read_history,
    "payroll": _read_payable,
    "replay": _read_replay,
    "prove": _read_proof,
    "policies": _read_policies,
}
WRITERS: Final[Mapping[str, Callable[[Log], object]]] = {
    "run": _write_run,
    "erase": _erase,
}


def behaviour(path: Path, writer: str = "") -> dict[str, object]:
    """What each reader says of a record, and one writer; `REFUSED` where it refuses. Nothing else may be raised."""
    said = {name: _said(reader, path) for name, reader in READERS.items()}
    if writer:
        said[writer] = _said(WRITERS[writer], path, key=KEY, chance=Chance("next"), wait=0.1)
    return said


def _said(asks: Callable[[Log], object], path: Path, **options: Any) -> object:
    try:
        with Log.open(path, **options) as log:
            return asks(log)
    except Rejected:
        return REFUSED
    except Exception as error:  # noqa: BLE001  the law names it
        return f"raised {error!r}"


# what is done to it

_TABLES: Final = {
    "entry": ("idx", "body"),
    "tile": ("level", "place", "root", "hashes"),
    "checkpoint": ("size", "note"),
    "blob": ("digest", "compressed"),
    "payload": ("idx", "key", "sealed"),
}
_INDEXES: Final = {
    "entry_by_kind": ("entry", "kind, period", "kind"),
    "payload_by_key": ("payload", "key", "key"),
}
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{15,}=?")


def mutate(path: Path, random: Random) -> str:
    """Change something in a record, and say what."""
    how = random.choice((_change_value, _change_value, _change_row, _lie_by_index, _change_schema, _turn_bits))
    return how(path, random)


def _rows(connection: apsw.Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT {', '.join(_TABLES[table])} FROM {table}").fetchall()  # noqa: S608


def _change_value(path: Path, random: Random) -> str:
    """Another value in one cell: near, far, of another row, or none."""
    with by_hand(path) as connection:
        filled = {table: rows for table in _TABLES if (rows := _rows(connection, table))}
        table = random.choice(list(filled))
        rows, columns = filled[table], _TABLES[table]
        row = random.choice(rows)
        place = random.randrange(len(columns))
        other_value = random.choice(rows)[place]
        value = random.choice(
            [_near(row[place], random), _near(row[place], random), other_value, _far(row[place]), None]
        )
        keys = columns[:2] if table == "tile" else columns[:1]
        where = " AND ".join(f"{key} = ?" for key in keys)
        done = _try(connection, f"UPDATE {table} SET {columns[place]} = ? WHERE {where}", (value, *row[: len(keys)]))  # noqa: S608
    return f"{table}.{columns[place]} of {row[: len(keys)]}: {value!r:.60} {done}"


def _near(value: Any, random: Random) -> Any:
    """A value that differs a little, of the same type."""
    if isinstance(value, int):
        return value + random.choice((-1, 1, -value - 1, 256, 2**40))
    if isinstance(value, bytes):
        changed = bytearray(value or b"\0")
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
        return bytes(changed)
    if isinstance(value, str):
        words = list(_BASE64.finditer(value))
        if words and random.random() < 0.3:  # as good a hash or name as the one that stood there
            word = random.choice(words)
            new = b64encode(random.randbytes(len(word[0])))[: len(word[0])].decode()
            return value[: word.start()] + new + value[word.end() :]
        place = random.randrange(max(1, len(value)))
        new = random.choice(("", "0", "9", "x", '"', "}", "\x00", "\x1b", "é", value[place : place + 1] * 2))
        return value[:place] + new + value[place + 1 :]
    return b"\x01"


def _far(value: Any) -> Any:
    return -(2**62) if isinstance(value, int) else b"" if isinstance(value, bytes) else ""


def _try(connection: apsw.Connection, statement: str, bindings: tuple[Any, ...] = ()) -> str:
    """Do it, if SQLite lets somebody do it."""
    try:
        connection.execute(statement, bindings).fetchall()
    except apsw.Error as error:
        return f"({error})"
    return ""


def _change_row(path: Path, random: Random) -> str:
    """A row less, a row more, or two rows that change places."""
    with by_hand(path) as connection:
        filled = {table: rows for table in _TABLES if (rows := _rows(connection, table))}
        table = random.choice(list(filled))
        columns, row = _TABLES[table], list(random.choice(filled[table]))
        names = ", ".join(columns)
        how = random.choice(("drop", "copy", "swap"))
        if how == "drop":
            done = _try(connection, f"DELETE FROM {table} WHERE {columns[0]} = ?", (row[0],))  # noqa: S608
        elif how == "copy":
            row[0] = random.choice((_near(row[0], random), _far(row[0]), len(filled[table])))
            marks = ", ".join("?" * len(columns))
            done = _try(connection, f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row))  # noqa: S608
        else:
            other_row = random.choice(filled[table])
            for mine, theirs in ((row, other_row), (list(other_row), row)):
                pairs = ", ".join(f"{column} = ?" for column in columns[1:])
                statement = f"UPDATE {table} SET {pairs} WHERE {columns[0]} = ?"  # noqa: S608
                done = _try(connection, statement, (*theirs[1:], mine[0]))
    return f"{how} {table} {row[0]!r:.60} {done}"


def _lie_by_index(path: Path, random: Random) -> str:
    """An index that leaves out a row, or has it under another key, and says that it is the one that was made."""
    name = random.choice(list(_INDEXES))
    table, columns, key = _INDEXES[name]
    with by_hand(path) as connection:
        text: Any = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).get
        rowids: Any = connection.execute(f"SELECT rowid, {key} FROM {table}").fetchall()  # noqa: S608
        rowid, _ = random.choice(rowids)
        other_rowid: Any = random.choice(rowids)[1]
        shown = repr(other_rowid) if isinstance(other_rowid, str) else other_rowid
        connection.execute(f"DROP INDEX {name}")
        if random.random() < 0.5:
            lie = f"CREATE INDEX {name} ON {table} ({columns}) WHERE {_TABLES[table][0]} <> {rowid}"
        else:
            wrong = f"iif({_TABLES[table][0]} = {rowid}, {shown}, {key})"
            lie = f"CREATE INDEX {name} ON {table} ({columns.replace(key, wrong, 1)})"
        connection.execute(lie)
        connection.pragma("writable_schema", "on")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (text, name))
    return lie


_SCHEMA: Final = (
    "DROP INDEX entry_by_kind",
    "DROP TABLE tile",
    "ALTER TABLE payload RENAME TO was; CREATE VIEW payload AS SELECT idx, key, NULL AS sealed FROM was",
    "ALTER TABLE payload RENAME TO was; CREATE VIEW payload AS SELECT idx, 1 AS key, sealed FROM was",
    "ALTER TABLE checkpoint RENAME TO was; CREATE VIEW checkpoint AS SELECT * FROM was WHERE size < 20",
    "CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM payload; END",
    "CREATE TRIGGER more AFTER INSERT ON payload BEGIN UPDATE payload SET sealed = NULL WHERE idx < 9; END",
    "CREATE TABLE more (a)",
    "PRAGMA user_version = 3",
    "PRAGMA application_id = 3",
)
_COLUMNS: Final = (
    ("$.kind", "$.period"),
    ("$.kind", "$.at"),
    ("json_extract(body, '$.kind')", "iif(idx < 9, 'x', json_extract(body, '$.kind'))"),
    (" STRICT", ""),
)


def _change_schema(path: Path, random: Random) -> str:
    """A table, view, index or trigger that is not as it was made."""
    with by_hand(path) as connection:
        if random.random() < 0.7:
            statement = random.choice(_SCHEMA)
            return f"{statement} {_try(connection, statement)}"
        was, now = random.choice(_COLUMNS)
        connection.pragma("writable_schema", "on")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'entry'", (was, now))
    return f"{was} -> {now}"


_COPIED: Final = "UPDATE subject SET %s = (SELECT %s FROM subject WHERE number = {other}) WHERE number = {row}"
_VAULT: Final = (
    *(_COPIED % (column, column) for column in ("id", "key", "pseudonym")),
    "UPDATE subject SET id = id || 'x' WHERE number = {row}",
    "UPDATE subject SET id = NULL, key = NULL WHERE number = {row}",
    "UPDATE subject SET key = NULL WHERE number = {row}",
    "UPDATE subject SET key = randomblob(32), pseudonym = 'AAAAAAAAAAAAAAAA' WHERE number = {row}",
    "UPDATE subject SET key = CAST(key || substr(id, 1, 1) AS BLOB), id = substr(id, 2) WHERE number = {row}",
    "UPDATE subject SET key = CAST(key || id AS BLOB), id = NULL WHERE number = {row}",
    "UPDATE subject SET key = CAST(key || id AS BLOB), id = '' WHERE number = {row}",
    "DELETE FROM subject WHERE number = {row}",
    "DELETE FROM subject WHERE number = {row}; UPDATE subject SET number = number - 1 WHERE number > {row}",
    "INSERT INTO subject SELECT number + {more}, pseudonym, id, key FROM subject LIMIT 1",
    "UPDATE vault SET id = 'x'",
    "DELETE FROM vault",
    "CREATE TABLE more (a)",
    "PRAGMA user_version = 9",
    "ALTER TABLE subject RENAME TO was; CREATE VIEW subject AS SELECT number, pseudonym, 'x' AS id, key FROM was",
)


def mutate_vault(path: Path, random: Random) -> str:
    """Change something in a vault, and say what: a value, a row, two rows, the tables or the bytes of the file."""
    if random.random() < 0.2:
        return f"vault: {_turn_bits(path, random)}"
    row, other_row, more = random.randrange(1, 5), random.randrange(1, 5), random.choice((1, 3, 4, -9))
    statement = random.choice(_VAULT).format(row=row, other=other_row, more=more)
    connection = apsw.Connection(str(path))
    done = _try(connection, statement)
    connection.close()
    return f"vault: {statement} {done}"


def _turn_bits(path: Path, random: Random) -> str:
    """Some bytes of the file, wherever they lie."""
    content = bytearray(path.read_bytes())
    places = [random.randrange(len(content)) for _ in range(random.choice((1, 1, 2, 50)))]
    for place in places:
        content[place] ^= 1 << random.randrange(8)
    path.write_bytes(content)
    return f"bits at {places[:5]}"


def mutations(path: Path, folder: Path, seeds: range) -> Iterator[tuple[Path, str]]:
    """Copies of a record, each with one change that its seed says; the one before is gone when the next is given."""
    honest, vault = path.read_bytes(), vault_path(path).read_bytes()
    for seed in seeds:
        copy = folder / "mutated.scorecore"
        for beside in folder.glob(f"{copy.name}*"):
            beside.unlink()
        copy.write_bytes(honest)
        vault_path(copy).write_bytes(vault)
        random, change = Random(seed), "nothing"  # noqa: S311  the same changes in every run
        with suppress(apsw.Error):
            change = mutate_vault(vault_path(copy), random) if seed % 3 == 0 else mutate(copy, random)
        yield copy, f"{seed}: {change}"
