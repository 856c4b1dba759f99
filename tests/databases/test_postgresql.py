"""Facts from a real PostgreSQL, and results into it: exact, in one transaction, and no password anywhere."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner, Result

from postgresql_server import OWNER, Server
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.databases import DatabaseAddress, DatabaseUrl
from scorecore.io.result_writers import ResultTable
from scorecore.kit import WriterKit
from scorecore_cli.main import scorecore
from scorecore_extras.postgresql import write

pytestmark = pytest.mark.databases

POLICY: Final = """
[policy]
id = "shop"
version = "1"
title = "Shop"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"

[open]
pay = true

[facts.person]
x = { type = "decimal", min = -99999999999999, max = 99999999999999, places = 12 }

[facts.sales]
key = ["id"]
fields.id = { type = "string" }
fields.day = { type = "date" }
fields.amount = { type = "decimal", min = 0, max = 1000, places = 2 }

[[items]]
id = "sold"
points = 10
scorer = "formula"
each = "sales"
as = "s"
is = "s.day > period.start ? 2 : 1"

[score]

[[pay]]
id = "bonus"
kind = "earning"
amount = "round(x + sales.map(s, s.amount).sum(), 2)"
"""
TABLES: Final = (
    "create table staff (id text primary key, x numeric(38, 12))",
    "create table sales (person text, id text, day date, amount numeric(38, 12))",
    "insert into staff values ('B1', 12345678901234.567890123456), ('B2', -0.000000000001), ('B3', 0.25)",
    "insert into sales values ('B1', 'S1', '2024-05-01', 0.30), ('B1', 'S2', '2024-05-31', 1)",
    "insert into sales values ('B2', 'S3', '2024-04-30', 5)",
)
PERSON: Final = "select id as person, x from staff"
SALES: Final = "select person, id, day, amount from sales where day between $1 and $2"
NUMBERS: Final = ("12345678901234.567890123456", "-0.000000000001", "0.100000000000", "99999999999999", "7", "0.5")


def write_inputs(folder: Path, url: str, person: str = PERSON, sales: str = SALES) -> None:
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    (folder / "facts.toml").write_text(
        f'url = "{url}"\n\n[table.person]\nquery = """{person}"""\n\n'
        f'[table.sales]\nquery = """{sales}"""\nparameters = ["period.start", "period.end"]\n',
        "utf-8",
    )


@pytest.fixture
def url(server: Server, database: str) -> str:
    server.execute(*TABLES, database=database)
    return server.url(database)


def run(folder: Path, *options: str, period: str = "2024-05") -> Result:
    command = ["run", str(folder / "policy.toml"), "--facts", str(folder / "facts.toml"), "--period", period, *options]
    return CliRunner().invoke(scorecore, command, catch_exceptions=False)


def begin_record(path: Path) -> Path:
    begun = CliRunner().invoke(scorecore, ["record", "begin", str(path), "--single-operator"], catch_exceptions=False)
    assert begun.exit_code == 0, begun.output
    return path


def read_decisions(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["decisions"]


def test_facts_are_exact_and_of_the_period(server: Server, database: str, url: str, tmp_path: Path) -> None:
    """What a query returns for the period is decided as the same tables in files are, to the last of 12 places."""
    values = ", ".join(f"('N{place}', {number})" for place, number in enumerate(NUMBERS))
    server.execute(f"insert into staff values {values}", database=database)  # noqa: S608  of this test
    write_inputs(tmp_path, url)
    numbers = "".join(f"N{place},{number}\n" for place, number in enumerate(NUMBERS))
    files = tmp_path / "files"
    files.mkdir()
    (files / "person.csv").write_text(
        f"person,x\nB1,12345678901234.567890123456\nB2,-0.000000000001\nB3,0.25\n{numbers}", "utf-8"
    )
    (files / "sales.csv").write_text("person,id,day,amount\nB1,S1,2024-05-01,0.30\nB1,S2,2024-05-31,1\n", "utf-8")
    of_database = read_decisions(run(tmp_path, "--json"))
    of_files = read_decisions(run(tmp_path, "--json", "--facts", str(files)))
    assert of_database == of_files
    first = next(row for row in of_database if row["person"] == "B1")
    assert (first["items.sold"], first["pay.bonus"]) == ("3", "12345678901235.87")


def test_the_period_is_bound_and_not_written(url: str, tmp_path: Path) -> None:
    """The statement that the server runs has $1 and $2, and typed values beside it."""
    columns = "'B1' as person, 'S1' as id, $1::date as day, 1 as amount"
    seen = f"select {columns} where current_query() like '%$1%$2%' or $2 is null"
    write_inputs(tmp_path, url, sales=seen)
    first = read_decisions(run(tmp_path, "--json"))[0]
    assert (first["person"], first["items.sold"]) == ("B1", "1")


def test_results_have_keys_and_types_that_a_report_joins(
    server: Server, database: str, url: str, tmp_path: Path
) -> None:
    """Tables have primary and foreign keys; their sums are exact; a period that is decided again is replaced."""
    write_inputs(tmp_path, url)
    for period in ("2024-05", "2024-04", "2024-05"):
        result = run(tmp_path, "--out", url, period=period)
        assert result.exit_code == 0, result.output
        assert server.password not in result.output
        assert f"{OWNER}:***@" in result.stdout
    report = """
        select d.period, count(distinct d.person), sum(p.amount)::text, sum(d."pay.net")::text
        from decisions d left join pay p using (policy, period, person) group by d.period order by d.period
    """
    assert server.execute(report, database=database) == [
        ("2024-04", 3, "12345678901239.82", "12345678901239.82"),
        ("2024-05", 3, "12345678901236.12", "12345678901236.12"),
    ]
    keys = server.execute(
        "select conrelid::regclass::text, contype::text from pg_constraint where connamespace = 'public'::regnamespace "
        "and conrelid::regclass::text in ('decisions', 'entries', 'pay', 'holds') order by 1, 2",
        database=database,
    )
    assert keys == [("decisions", "p"), *((name, kind) for name in ("entries", "holds", "pay") for kind in ("f", "p"))]
    types = dict(
        server.execute(
            "select column_name::text, data_type::text from information_schema.columns where table_name = 'decisions'",
            database=database,
        )
    )
    assert (types["pay.net"], types["partial"], types["person"]) == ("numeric", "boolean", "text")


def test_a_connection_lost_while_writing_leaves_nothing_half(
    server: Server, database: str, url: str, tmp_path: Path
) -> None:
    """Where the server ends the connection between two tables, the period has all of its rows from before."""
    write_inputs(tmp_path, url)
    assert run(tmp_path, "--out", url).exit_code == 0
    before = server.execute('select person, "pay.net"::text from decisions order by 1', database=database)
    server.execute(
        "update staff set x = 7",
        "create function lose() returns trigger language plpgsql as "
        "'begin perform pg_terminate_backend(pg_backend_pid()); return new; end'",
        "create trigger lose before insert on pay for each row execute function lose()",
        database=database,
    )
    result = run(tmp_path, "--out", url)
    assert result.exit_code == 1
    assert "SC486" in result.stderr
    assert server.password not in result.output
    assert server.execute('select person, "pay.net"::text from decisions order by 1', database=database) == before
    server.execute("drop trigger lose on pay", database=database)
    assert run(tmp_path, "--out", url).exit_code == 0
    assert server.execute('select min("pay.net")::text from decisions', database=database) == [("7",)]


def test_a_connection_lost_while_reading_decides_nobody(url: str, tmp_path: Path) -> None:
    """Half of the facts are no facts: nothing is decided, and nothing is recorded."""
    columns = "id, id as person, date '2024-05-01' as day, x as amount"
    lost = f"select {columns} from staff where $1 < $2 and pg_terminate_backend(pg_backend_pid())"  # noqa: S608  of this test
    write_inputs(tmp_path, url, sales=lost)
    record = begin_record(tmp_path / "r.scorecore")
    result = run(tmp_path, "--record", str(record), "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "facts.toml" in result.stderr
    assert "SC483" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_password_is_never_shown_or_recorded(server: Server, database: str, url: str, tmp_path: Path) -> None:
    """Neither a wrong nor a right one is in a message, a file, or the record with its manifest."""
    write_inputs(tmp_path, url)
    record = begin_record(tmp_path / "r.scorecore")
    result = run(tmp_path, "--record", str(record), "--out", str(tmp_path / "out"), "--json")
    assert result.exit_code == 0, result.output
    log = CliRunner().invoke(scorecore, ["record", "log", str(record), "--json"], catch_exceptions=False)
    assert log.exit_code == 0
    (tmp_path / "facts.toml").unlink()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    written = (server.password, url.partition("@")[0].rpartition(":")[2])
    assert not [secret for secret in written if secret.encode() in kept or secret in result.output + log.output]
    for wrong in ("wrong-password", "wr@ng/p:ss"):
        bad = f"postgresql://{OWNER}:{wrong}@/{database}?host={server.folder}"
        write_inputs(tmp_path, bad)
        for command in (run(tmp_path), run(tmp_path, "--out", bad), run(tmp_path, "--facts", bad)):
            assert command.exit_code
            assert wrong not in command.output
            assert not [part for part in ("wrong-p", "wr@", "ng/p", "p:ss") if part in command.output]


@pytest.mark.parametrize("place", ["PGPASSWORD", "PGPASSFILE", "environment"])
def test_a_password_comes_from_outside(
    place: str, server: Server, database: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is in the environment or in a password file, as every client of PostgreSQL has it."""
    bare = f"postgresql://{OWNER}@/{database}?host={server.folder}"
    write_inputs(tmp_path, bare)
    assert "SC483" in run(tmp_path).stderr
    if place == "PGPASSWORD":
        monkeypatch.setenv(place, server.password)
    elif place == "PGPASSFILE":
        escaped = server.password.replace("\\", "\\\\").replace(":", "\\:")
        (tmp_path / "pgpass").write_text(f"*:*:*:{OWNER}:{escaped}\n", "utf-8")
        (tmp_path / "pgpass").chmod(0o600)
        monkeypatch.setenv(place, str(tmp_path / "pgpass"))
    else:
        text = (tmp_path / "facts.toml").read_text("utf-8").replace(f'url = "{bare}"', 'environment = "HR_DATABASE"')
        (tmp_path / "facts.toml").write_text(text, "utf-8")
        monkeypatch.setenv("HR_DATABASE", url)
    assert len(read_decisions(run(tmp_path, "--json"))) == 3


@pytest.mark.parametrize(
    ("column", "type_name"),
    [
        ("x::money", "money"),
        ("x::real", "float4"),
        ("now()", "timestamptz"),
        ("decode('00', 'hex')", "bytea"),
        ("array[x]", "_numeric"),
    ],
)
def test_what_would_not_arrive_exactly_is_refused(column: str, type_name: str, url: str, tmp_path: Path) -> None:
    """Money would be cents, a timestamp with a zone another day; the column is named, with what to write."""
    query = f"select id as person, {column} as x from staff where id = 'B2'"  # noqa: S608  of this test
    write_inputs(tmp_path, url, person=query)
    result = run(tmp_path)
    assert result.exit_code == 1
    assert f"SC485 the column `x` has the type {type_name}," in result.stderr


def test_two_runs_at_once_write_one_after_the_other(server: Server, database: str) -> None:
    """Both end well, though each creates the tables, and the period has the rows of one of them."""
    url = server.url(database)
    with ThreadPoolExecutor(2) as pool:
        writing = [pool.submit(_write_five_times, url) for _ in range(2)]
        assert [future.result() for future in writing] == [[], []]
    assert server.execute("select count(*), count(distinct person) from decisions", database=database) == [(3, 3)]


def _write_five_times(url: str) -> list[str]:
    """The problems of writing a period again and again."""
    ids = ["B1", "B2", "B3"]
    frame = pl.DataFrame({"policy": "shop", "person": ids, "period": "2024-05", "pay.net": [Decimal(1)] * 3})
    table = ResultTable("decisions", frame, ("policy", "period", "person"), {"policy": "shop", "period": "2024-05"})
    diagnostics = Diagnostics()
    for _ in range(5):
        write(DatabaseUrl(url), (table,), diagnostics)
    return list(map(str, diagnostics))


class TestPostgresql(WriterKit):
    writer = "postgresql"
    reader = "postgresql"

    @pytest.fixture(autouse=True)
    def remember(self, server: Server) -> None:
        self.server = server
        self.count = 0

    def make_database(self, folder: Path) -> DatabaseAddress:  # noqa: ARG002  servers have no folder here
        self.count += 1
        name = f"kit{self.count}"
        self.server.execute(f"drop database if exists {name} with (force)", f"create database {name}")
        return DatabaseUrl(self.server.url(name))
