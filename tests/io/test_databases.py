"""Facts from files of databases by queries, results into them, and passwords that nobody sees."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from scorecore.io.databases import UNESCAPED, DatabaseUrl
from scorecore_cli.main import scorecore

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
x = { type = "decimal", min = 0, max = 99999999, places = 12 }

[facts.sales]
key = ["id"]
fields = { id = { type = "string" }, amount = { type = "decimal", min = 0, max = 1000, places = 2 } }

[[items]]
id = "sold"
points = 10
scorer = "formula"
each = "sales"
as = "s"
is = "2"

[score]

[[pay]]
id = "bonus"
kind = "earning"
amount = "round(x + sales.map(s, s.amount).sum(), 2)"
"""
TABLES: Final = """
    create table person (person text, x decimal(38, 12));
    insert into person values ('B1', '250.100000000001'), ('B2', '0.070000000000');
    create table sold (person text, id text, day date, amount decimal(12, 2));
    insert into sold values ('B1', 'S1', '2024-05-01', '0.30'), ('B1', 'S2', '2024-05-31', '1');
    insert into sold values ('B2', 'S3', '2024-06-01', '9');
"""
QUERIES: Final = """
file = "facts.{ending}"

[table.person]
query = "select person, cast(x as text) as x from person"

[table.sales]
query      = "select person, id, amount from sold where day <= $2 and day >= $1"
parameters = ["period.start", "period.end"]
"""


def run(folder: Path, *options: str, period: str = "2024-05") -> Result:
    command = ["run", str(folder / "policy.toml"), "--facts", str(folder / "facts.toml"), "--period", period, *options]
    return CliRunner().invoke(scorecore, command, catch_exceptions=False)


@pytest.fixture(params=["duckdb", "sqlite"])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    (tmp_path / "facts.toml").write_text(QUERIES.format(ending=request.param), "utf-8")
    if request.param == "duckdb":
        with duckdb.connect(tmp_path / "facts.duckdb") as database:
            database.execute(TABLES)
    else:
        with closing(sqlite3.connect(tmp_path / "facts.sqlite")) as connection:
            connection.executescript(TABLES.replace("decimal(38, 12)", "text"))
    return tmp_path


def test_queries_give_the_facts_of_the_period(work: Path) -> None:
    """The rows of the period alone are read, exactly, whatever the order of the parameters in the query."""
    result = run(work, "--json")
    assert result.exit_code == 0, result.output
    rows = [(row["items.sold"], row["pay.net"]) for row in json.loads(result.stdout)["decisions"]]
    assert rows == [("4", "251.4"), ("0", "0.07")]


def test_results_are_written_by_period(work: Path) -> None:
    """What was written is replaced period by period, and a report joins it."""
    ending = "duckdb" if (work / "facts.duckdb").exists() else "sqlite"
    path = work / f"results.{ending}"
    for period in ("2024-05", "2024-06", "2024-05"):
        result = run(work, "--out", str(path), period=period)
        assert result.exit_code == 0, result.output
    report = (
        "select d.period, p.line, p.amount from decisions d join pay p using (policy, period, person) order by 1, 3"
    )
    if ending == "duckdb":
        with duckdb.connect(path, read_only=True) as database:
            rows: list[Any] = database.execute(report).fetchall()
    else:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(report).fetchall()
    assert sorted((period, float(amount)) for period, _, amount in rows) == [
        ("2024-05", 0.07),
        ("2024-05", 251.4),
        ("2024-06", 9.07),
        ("2024-06", 250.1),
    ]


def test_a_url_where_a_path_is_meant_is_explained_without_its_password(work: Path) -> None:
    url = "postgresql://hr:secret@db.example/hr"
    for option, command in (("--facts", "run"), ("--history", "run"), ("--out", "diff")):
        result = CliRunner().invoke(scorecore, [command, str(work / "policy.toml"), option, url])
        assert result.exit_code == 2
        assert "hr:***@db.example" in " ".join(result.output.split())
        assert "secret" not in result.output


@given(
    password=st.text("a1%@:/?#[]&= é*", min_size=4, max_size=12).filter(lambda text: text.strip("*")),
    form=st.sampled_from(
        [
            "p://hr:{}@db/hr",
            "p://hr:{}@db:5432/hr?sslmode=require",
            "p://db/hr?user=hr&password={}",
            "p://db:5432/hr?user=hr&password={}",
        ]
    ),
)
@example("=[#?/% [:#%/", "p://hr:{}@db/hr")
@example("pass?word", "p://hr:{}@db:5432/hr?sslmode=require")
@example("a@b", "p://db:5432/hr?user=hr&password={}")
def test_no_part_of_a_password_is_shown(password: str, form: str) -> None:
    """Whatever signs a password has, escaped or not: neither the URL nor what a driver says of it shows it."""
    if "password=" in form and "&" in password:
        password = password.replace("&", "%26")
    url = DatabaseUrl(form.format(password))
    assert password not in str(url).replace(form.format("***"), "")
    assert password not in url.redact(f'cannot connect to "{url.text}": could not translate "{password}"')


def test_a_sign_that_splits_a_url_is_explained() -> None:
    """A driver takes what follows an @ for the host, so it says a part of the password; we say what to write."""
    url = DatabaseUrl("postgresql://hr:pa@ss/word@db/hr")
    assert str(url) == "postgresql://hr:***@db/hr"
    assert url.redact('could not translate host name "ss"') == UNESCAPED
