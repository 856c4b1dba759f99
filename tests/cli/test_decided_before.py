"""What one run decided is read by the next: a table may be a folder of Parquet files, as `run --parts` writes them."""

from pathlib import Path
from shutil import copy, copytree
from typing import Final

import polars as pl
import pytest
from click.testing import CliRunner, Result

from laws import HEAD
from scorecore.evaluate.result_tables import TABLES
from scorecore_cli.main import scorecore

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
MONTH: Final = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", min = 0, max = 1_000_000, places = 2 }}

[values.attained]
is     = "round(sales / 700, 4)"
result = "decimal"
"""
YEAR: Final = """
[policy]
id        = "year"
version   = "1"
title     = "year"
subject   = "person"
period    = "year"
effective = { from = 2020-01-01 }
currency  = "CNY"

[uses.months]
policy  = "p@1"
periods = "within"

[facts.person]
bonus = { type = "decimal", min = 0, max = 1_000_000, places = 2 }

[[pay]]
id     = "bonus"
kind   = "reward"
amount = "round(bonus * uses.months.map(m, m.values.attained).max(), 2)"
"""


def decide(policy: Path, facts: Path, period: str, *arguments: str) -> Result:
    command = ["--lang", "en", "run", str(policy), "--facts", str(facts), "--period", period, *arguments]
    return CliRunner().invoke(scorecore, command, catch_exceptions=False)


def read(out: Path, name: str) -> pl.DataFrame:
    """A table, whole or in parts, with its rows in order."""
    path = out / name / "*.parquet" if (out / name).is_dir() else out / f"{name}.parquet"
    frame = pl.read_parquet(path)
    return frame.sort(frame.columns, nulls_last=True)


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what parts decided, and the facts, which have no earlier decisions."""
    folder = tmp_path_factory.mktemp("april")
    copytree(GALAXY / "facts", folder / "facts")
    out = str(folder / "parts")
    assert decide(GALAXY / "branch.toml", folder / "facts", "2024-04", "--parts", "3", "--out", out).exit_code in {0, 1}
    (folder / "facts" / "history.csv").unlink()
    pl.read_parquet(folder / "parts" / "decisions" / "*.parquet").write_parquet(folder / "april.parquet")
    return folder


@pytest.mark.parametrize(
    ("history", "arguments"),
    [
        ("parts/decisions", ("--format", "parquet")),
        pytest.param("parts", ("--format", "parquet"), marks=pytest.mark.slow),
        pytest.param("parts", ("--parts", "2"), marks=pytest.mark.slow),
        pytest.param("parts/decisions", ("--parts", "2"), marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0].strip("-"),
)
def test_what_parts_decided_is_the_history_of_the_next_month(
    april: Path, tmp_path: Path, history: str, arguments: tuple[str, ...]
) -> None:
    """All of it, and not that of the first file alone."""
    for name, path in (("one", "april.parquet"), ("many", history)):
        where = ("--history", str(april / path), "--out", str(tmp_path / name))
        result = decide(GALAXY / "branch.toml", april / "facts", "2024-05", *arguments, *where)
        assert "SC466" not in result.output
        assert "SC451" not in result.output, "what the run wrote beside its decisions is no mistake"
    for table in TABLES:
        assert read(tmp_path / "many", table).equals(read(tmp_path / "one", table)), table


def test_it_is_never_guessed_which_table_has_the_earlier_decisions(april: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        copy(april / "april.parquet", tmp_path / f"{name}.parquet")
    refused = decide(GALAXY / "branch.toml", april / "facts", "2024-05", "--history", str(tmp_path))
    assert refused.exit_code == 2
    assert "there is no table `decisions`; there are first, second" in refused.output


def test_what_a_used_policy_decided_in_parts_is_divided_with_the_people(tmp_path: Path) -> None:
    """Months decided in parts, then the year in parts, is the year as a whole; the rows of nobody else are read."""
    facts = tmp_path / "facts"
    facts.mkdir()
    for name, text in (("month", MONTH), ("year", YEAR)):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    months = [f"P{number},2024-0{month},{number * month}.50" for number in range(30) for month in (1, 2, 3)]
    (facts / "person.csv").write_text("\n".join(["person,period,sales", *months]), "utf-8")
    for month in ("2024-01", "2024-02", "2024-03"):
        out = tmp_path / month
        assert decide(tmp_path / "month.toml", facts, month, "--parts", "2", "--out", str(out)).exit_code == 0
    year_facts = tmp_path / "year"
    (year_facts / "uses.months").mkdir(parents=True)
    bonuses = [f"P{number},2024,{number * 10}.25" for number in range(30)]
    (year_facts / "person.csv").write_text("\n".join(["person,period,bonus", *bonuses]), "utf-8")
    refused = decide(tmp_path / "year.toml", year_facts, "2024", "--parts", "3", "--out", str(tmp_path / "refused"))
    (year_facts / "uses.months").rmdir()
    assert "SC471 `uses.months` reads decisions of `p@1`, which parts do not make" in refused.output
    for month in ("2024-01", "2024-02", "2024-03"):
        for piece in (tmp_path / month / "decisions").iterdir():
            (year_facts / "uses.months").mkdir(exist_ok=True)
            copy(piece, year_facts / "uses.months" / f"{month}-{piece.name}")
    parts = decide(tmp_path / "year.toml", year_facts, "2024", "--parts", "3", "--out", str(tmp_path / "parts"))
    whole = decide(tmp_path / "year.toml", year_facts, "2024", "--format", "parquet", "--out", str(tmp_path / "whole"))
    assert (parts.exit_code, whole.exit_code) == (0, 0), parts.output + whole.output
    assert "SC452" not in whole.output, "a run wrote every column"
    for table in TABLES:
        assert read(tmp_path / "parts", table).equals(read(tmp_path / "whole", table)), table
    assert len(read(tmp_path / "parts", "pay")) == 30
