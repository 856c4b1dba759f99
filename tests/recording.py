"""What the tests of the record need: a key, a clock, chance that repeats itself, and a log with something in it."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any, Final
from unittest.mock import patch

import apsw
from click.testing import CliRunner

from scorecore.record.log import store
from scorecore.record.log.entries import NewLogEntry, blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.vault import vault_path
from scorecore_cli import record_file
from scorecore_cli.main import scorecore
from scorecore_cli.output_path import KEY_SUFFIX

KEY: Final = SigningKey("example.com/payroll", bytes(range(32)))
NOW: Final = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
POLICY: Final = b'id = "p"\n' * 40


class Chance:
    """Bytes that look like chance and are the same in every run."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed.encode()
        self._drawn = 0

    def __call__(self, count: int) -> bytes:
        self._drawn += 1
        secret = b"".join(
            sha256(b"%s/%d/%d" % (self._seed, self._drawn, block)).digest() for block in range(count // 32 + 1)
        )
        return secret[:count]


def decision(number: int, period: str = "2024-05", subjects: int = 7) -> NewLogEntry:
    payload = b'{"total":"%d","why":"late"}' % number
    blobs = (blob_digest(POLICY),) if number == 0 else ()
    return NewLogEntry("decision", {"run": 1}, payload, f"person {number % subjects}", period, blobs)


def create(path: Path, **options: Any) -> Log:
    return Log.create(path, key=KEY, now=NOW, chance=Chance(), **options)


def reopen(path: Path, **options: Any) -> Log:
    """The log to be written to, with other chance than before."""
    seed = str(path.stat().st_size)
    return Log.open(path, **{"key": KEY, "chance": Chance(seed), "wait": 0.1, **options})


def filled(path: Path, batches: Sequence[int] = (3, 300, 1, 40), **options: Any) -> Log:
    """A new log with some batches of decisions and one part, closed by its reader."""
    log = create(path, **options)
    number = 0
    for size in batches:
        entries = [decision(index) for index in range(number, number + size)]
        log.append(entries, {blob_digest(POLICY): POLICY}, now=NOW)
        number += size
    return log


def index_as(path: Path, entry: int, kind: str) -> None:
    """Let the index of kinds say that an entry is of another kind; its text in the schema stays as it was."""
    with by_hand(path) as connection:
        text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'entry_by_kind'").get
        connection.execute("DROP INDEX entry_by_kind")
        connection.execute(f"CREATE INDEX entry_by_kind ON entry (iif(idx = {entry}, '{kind}', kind), period)")
        connection.pragma("writable_schema", "on")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_by_kind'", (text,))


# as a branch records its months, for tests/problems

BRANCH: Final = Path(__file__).parent / "branch"
GOLDEN: Final = Path(__file__).parent / "golden"
RECORD_FILE: Final = Path("record.scorecore")


class Clock:
    """Stands for `datetime` where the command line asks what time it is."""

    @staticmethod
    def now(_zone: object) -> datetime:
        return NOW


def command(line: str) -> None:
    """Give a command in this process, with a clock and a chance that repeat themselves; it must not be used wrongly."""
    with patch.object(record_file, "datetime", Clock), patch("os.urandom", Chance(line)):
        result = CliRunner().invoke(scorecore, shlex.split(line)[1:], catch_exceptions=False)
    assert result.exit_code < 2, result.output


def prepare() -> None:
    """Put the policy and facts of a branch into the current folder, where none are, and the key of a record."""
    for path in ("policy.toml", "facts"):
        if not Path(path).exists():
            copy = copytree if (BRANCH / path).is_dir() else copyfile
            copy(BRANCH / path, path)
    key_path = RECORD_FILE.with_name(f"{RECORD_FILE}{KEY_SUFFIX}")
    if not key_path.exists():
        key_path.write_text(KEY.text(), encoding="ascii")
        key_path.chmod(0o600)


def record(*periods: str, begins: bool = False) -> None:
    """Record some months of a branch in the current folder, by its policy and facts or by those that lie there.

    The first one `begins` a history where the policy reads one.
    """
    prepare()
    if not RECORD_FILE.exists():
        command(f"scorecore record begin {RECORD_FILE} --single-operator")
    for number, period in enumerate(periods):
        begin = " --no-history" if begins and not number else ""
        command(f"scorecore run policy.toml --facts facts --period {period} --record {RECORD_FILE}{begin}")


def anchor() -> None:
    """Keep the last checkpoint of the record in `anchor.txt`."""
    with Log.open(RECORD_FILE) as log:
        Path("anchor.txt").write_text(log.checkpoint().note, encoding="utf-8")


def read_vault(record: Path) -> list[tuple[int, str, str | None, bytes | None]]:
    """The rows of the vault beside a record."""
    connection = apsw.Connection(str(vault_path(record)), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows: Any = connection.execute("SELECT number, pseudonym, id, key FROM subject").fetchall()
        return list(rows)
    finally:
        connection.close()


@contextmanager
def by_hand(path: Path) -> Iterator[apsw.Connection]:
    """Someone with the file and no scruples: the triggers are off and put back afterwards."""
    connection = apsw.Connection(str(path))
    connection.pragma("foreign_keys", "off")
    connection.pragma("ignore_check_constraints", "on")
    for name, text in store.shape(connection).items():
        if "TRIGGER" in text:
            connection.execute(f"DROP TRIGGER {name}")
    try:
        yield connection
        for text in store.triggers(connection.pragma("user_version")):
            connection.execute(text)
    finally:
        connection.close()


def tamper(statements: str) -> None:
    """Do something to the record with a program for databases."""
    with by_hand(RECORD_FILE) as connection:
        connection.execute(statements).fetchall()
