"""Garbage in: broken files give a problem or a clean value through the command line, and never a traceback."""

import json
import random
import shutil
import zipfile
from pathlib import Path
from typing import Final

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.readers import read_facts
from scorecore_cli.main import scorecore

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy"
PEOPLE: Final = (GALAXY / "facts" / "person.csv").read_bytes()
POLICY: Final = (GALAXY / "branch.toml").read_bytes()
CASES: Final = (GALAXY / "branch.cases.toml").read_text("utf-8")
NOISE: Final = random.Random(1).randbytes(3000)  # noqa: S311  garbage
DEEP: Final = 100_000
HUGE: Final = 50_000_000


def objects() -> str:
    """The people as JSON lines."""
    rows = pl.read_csv(PEOPLE, infer_schema=False).iter_rows(named=True)
    return "".join(json.dumps({name: cell for name, cell in row.items() if cell}) + "\n" for row in rows)


LINES: Final = objects()


def run(facts: Path) -> Result:
    arguments = ["run", str(GALAXY / "branch.toml"), "--facts", str(facts), "--period", "2024-05"]
    return CliRunner().invoke(scorecore, arguments, catch_exceptions=False)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """The facts of galaxy, without the people."""
    return Path(shutil.copytree(GALAXY / "facts", tmp_path / "facts", ignore=shutil.ignore_patterns("person.csv")))


HEADINGS: Final = PEOPLE.partition(b"\n")[0]
MAY: Final = b"7657.08"
"""The fee income of the first person in May."""
FILES: Final[dict[str, tuple[bytes, str]]] = {
    "noise.csv": (NOISE, "SC001"),
    "empty.csv": (b"", "SC402"),
    "mark only.csv": (b"\xef\xbb\xbf", "SC402"),
    "NUL.csv": (b"\0" * 100, "SC402"),
    "NUL in a number.csv": (PEOPLE.replace(MAY, b"76\0"), "which is not a valid number"),
    "headings only.csv": (HEADINGS, "SC409"),
    "cut off in a letter.csv": (PEOPLE[: PEOPLE.index("赵".encode()) + 1], "SC001"),
    "cut off in a text.csv": (PEOPLE + b'"B1,', "SC410"),
    "too many cells.csv": (PEOPLE + b"B2" + b"," * 50 + b"\n", "person.csv:80: SC410"),
    "two columns of one name.csv": (PEOPLE.replace(b"name", b"role", 1), "SC404"),
    "other encoding.csv": (PEOPLE.decode().encode("gb18030"), "SC001"),
    "UTF-16.csv": (PEOPLE.decode().encode("utf-16"), "SC001"),
    "long number.csv": (PEOPLE.replace(MAY, b"9" * 100_000), "9…, outside 0 to 1000000000000"),
    "huge number.csv": (PEOPLE.replace(MAY, b"9" * HUGE), "person.csv:40: SC410"),
    "huge text.csv": (PEOPLE.replace(b"B1001", b"B" * HUGE), "SC410"),
    "huge heading.csv": (b"x" * HUGE + PEOPLE, "SC410"),
    "noise.jsonl": (NOISE, "SC001"),
    "empty.jsonl": (b"", "SC402"),
    "NUL.jsonl": (b"\0\n" + LINES.encode(), "person.jsonl:1: SC410"),
    "cut off.jsonl": (LINES.encode()[:-20], "SC410"),
    "no object.jsonl": (f"{LINES}[1]\n".encode(), "SC414"),
    "key twice.jsonl": (LINES.replace('"name"', '"name": "x", "name"', 1).encode(), "person.jsonl:1: SC410"),
    "deep lists.jsonl": ((LINES + "[" * DEEP + "]" * DEEP).encode(), "SC410"),
    "deep objects.jsonl": ((LINES + '{"a":' * DEEP + "1" + "}" * DEEP).encode(), "SC410"),
    "deep cell.jsonl": (LINES.replace('"7657.08"', "[" * 300 + "]" * 300).encode(), "which is not a valid number"),
    "half a letter in a value.jsonl": (LINES.replace("B1001", "\\ud800").encode(), "SC410"),
    "half a letter in a key.jsonl": (LINES.replace('"name"', '"\\udfff"', 1).encode(), "person.jsonl:1: SC410"),
    "endless number.jsonl": (LINES.replace('"7657.08"', "9" * DEEP).encode(), "9…, outside 0 to 1000000000000"),
    "endless exponent.jsonl": (LINES.replace('"7657.08"', "1e-" + "9" * 30).encode(), "which is not a valid number"),
    "no number.jsonl": (LINES.replace('"7657.08"', "NaN").encode(), "which is not a valid number"),
    "huge.jsonl": (LINES.replace("B1001", "B" * HUGE).encode(), "SC516"),
    "noise.parquet": (NOISE, "SC410"),
    "empty.parquet": (b"", "SC410"),
    "noise.xlsx": (NOISE, "SC410"),
    "empty.xlsx": (b"", "SC410"),
}


@pytest.mark.sampled(8, 2)
@pytest.mark.parametrize("name", FILES)
def test_broken_facts(name: str, facts: Path) -> None:
    """A broken file of facts is a problem, and exit code 1."""
    content, said = FILES[name]
    ending = name.rpartition(".")[2]
    path = facts / f"person.{ending}"
    path.write_bytes(content)
    result = run(path if ending == "xlsx" else facts)
    assert result.exit_code == 1
    assert said in result.output
    assert all(len(line) < 2000 for line in result.output.splitlines())


def book(path: Path) -> Path:
    frame = pl.read_csv(PEOPLE, infer_schema=False)
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("person")
        for number, heading in enumerate(frame.columns):
            sheet.write_column(0, number, [heading, *frame[heading]])
    return path


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_cut_off(ending: str, share: float, facts: Path) -> None:
    """A file that was cut off anywhere is a problem, and exit code 1."""
    path = facts / f"person.{ending}"
    if ending == "xlsx":
        book(path)
    else:
        pl.read_csv(PEOPLE, infer_schema=False).write_parquet(path)
    intact = path.read_bytes()
    path.write_bytes(intact[: int(len(intact) * share)])
    result = run(path if ending == "xlsx" else facts)
    assert result.exit_code == 1
    assert "SC410" in result.output


@pytest.mark.slow
@pytest.mark.parametrize("garbage", [b"", b"\0", b"<a>", b"<" * DEEP, b"<a>" * DEEP])
def test_workbook_with_a_broken_part(garbage: bytes, tmp_path: Path) -> None:
    """A workbook of which any one part is broken is read, or a problem."""
    intact = zipfile.ZipFile(book(tmp_path / "whole.xlsx"))
    for part in intact.namelist():
        path = tmp_path / "broken.xlsx"
        with zipfile.ZipFile(path, "w") as broken:
            for name in intact.namelist():
                broken.writestr(name, garbage if name == part else intact.read(name))
        assert run(path).exit_code == 1


def test_reader_that_panics(facts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Parquet file that makes its reader panic, as polars 2.1 does for some, is a problem."""

    def panic(_: Path) -> pl.DataFrame:
        raise pl.exceptions.PanicException("invalid num_bits 132")

    (facts / "person.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(pl, "read_parquet", panic)
    result = run(facts)
    assert result.exit_code == 1
    assert "SC410 the file cannot be read: it is not a Parquet file, or it is damaged" in result.output


COLUMNS: Final = {
    "lists": pl.Series([[1, None]], dtype=pl.List(pl.Int64)),
    "arrays": pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2)),
    "structs": pl.Series([{"a": 1}]),
    "bytes": pl.Series([b"\xff"]),
    "durations": pl.Series([1], dtype=pl.Duration),
    "times": pl.Series([1], dtype=pl.Time),
    "instants": pl.Series([1], dtype=pl.Datetime(time_zone="Asia/Shanghai")),
    "nothing": pl.Series([None]),
    "floats": pl.Series([float("nan")]),
    "wide": pl.Series([2**100], dtype=pl.Int128),
    "fine": pl.Series(["1.123456789"]).cast(pl.Decimal(38, 30)),
}


@pytest.mark.sampled(20, 3)
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", ["person", "period", "name", "role", "fee_income", "left_on", "normal_market"])
def test_columns_that_no_fact_is(column: str, name: str, facts: Path) -> None:
    """A column of any type in the place of any fact is a problem or holds whom it concerns, and exit code 1."""
    people = pl.read_csv(PEOPLE, infer_schema=False)
    cells = COLUMNS[column].gather([0] * len(people)).alias(name)
    people.with_columns(cells).write_parquet(facts / "person.parquet")
    assert run(facts).exit_code == 1


@given(noise=st.binary(max_size=200), share=st.floats(0, 1), ending=st.sampled_from(["csv", "jsonl"]))
def test_noise_inside(noise: bytes, share: float, ending: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any bytes in the middle of a text file give tables and problems that can be told."""
    content = PEOPLE if ending == "csv" else LINES.encode()
    where = int(share * len(content))
    path = tmp_path_factory.mktemp("noise") / f"person.{ending}"
    path.write_bytes(content[:where] + noise + content[where:])
    for encoding in ("utf-8", "gb18030", "utf-16", "latin-1"):
        diagnostics = Diagnostics()
        tables = read_facts(path.parent, diagnostics, encoding)
        assert tables or len(diagnostics)
        assert all(diagnostic.message() for diagnostic in diagnostics)


@pytest.mark.parametrize("encoding", ["nonsense", "punycode", "undefined", "hex", "rot13", "idna", ""])
def test_encodings_that_are_none(encoding: str, facts: Path) -> None:
    """An encoding that there is not, or that is not for text, is a problem."""
    (facts / "person.csv").write_bytes(b"\xff" + PEOPLE)
    arguments = ["run", str(GALAXY / "branch.toml"), "--facts", str(facts), "--period", "2024-05"]
    result = CliRunner().invoke(scorecore, [*arguments, "--encoding", encoding], catch_exceptions=False)
    assert result.exit_code == 1
    assert "SC416" in result.output or "SC001" in result.output


POLICIES: Final[dict[str, tuple[bytes, str]]] = {
    "noise": (NOISE, "SC001"),
    "empty": (b"", "SC102"),
    "NUL": (POLICY + b"\0", "SC003"),
    "cut off": (POLICY[:1500], "SC003"),
    "key twice": (POLICY.replace(b"[policy]", b'[policy]\nid = "x"'), "SC115"),
    "table twice": (POLICY + b"[policy]\n", "SC115"),
    "deep lists": (b"a = " + b"[" * DEEP, "SC004"),
    "deep closed lists": (b"a = " + b"[" * DEEP + b"]" * DEEP, "SC004"),
    "deep tables": (b"a = " + b"{a=" * DEEP, "SC004"),
    "deep dotted key": (b"a" + b".a" * DEEP + b" = 1", "SC004"),
    "deep heading": (b"[a" + b".a" * DEEP + b"]", "SC004"),
    "half a letter": (POLICY + b'x = "\\ud800"', "SC003"),
    "other encoding": (POLICY.decode().encode("gb18030"), "SC001"),
    "huge": (POLICY + b"#" + b"x" * HUGE, "SC002"),
    "endless integer": (POLICY.replace(b"is = 500", b"is = " + b"9" * DEEP), "13:60: SC207"),
    "endless hexadecimal": (POLICY.replace(b"is = 500", b"is = 0x" + b"f" * 5000), "13:60: SC207"),
    "endless decimal": (POLICY.replace(b"is = 500", b"is = " + b"9" * 5000 + b".5"), "SC207"),
    "endless exponent": (POLICY.replace(b"is = 500", b"is = 1e" + b"9" * 18), "SC207"),
    "no number": (POLICY.replace(b"is = 500", b"is = nan"), "SC209"),
}


@pytest.mark.sampled(14, 2)
@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("command", ["check", "test", "expand"])
def test_broken_policy(command: str, name: str, tmp_path: Path) -> None:
    """A broken policy is a problem, and exit code 1, whatever is asked of it."""
    content, code = POLICIES[name]
    shutil.copy(GALAXY / "policy.toml", tmp_path)
    shutil.copy(GALAXY / "branch.cases.toml", tmp_path)
    (tmp_path / "branch.toml").write_bytes(content)
    result = CliRunner().invoke(scorecore, [command, str(tmp_path / "branch.toml")], catch_exceptions=False)
    assert result.exit_code == 1
    assert code in result.output


@pytest.mark.sampled(9)
@pytest.mark.parametrize(
    "content",
    [
        CASES.replace("20_000", "9" * 5000),
        CASES.replace("20_000", "nan"),
        CASES.replace("20_000", "1e999999999"),
        CASES.replace("20_000", "2024-01-01"),
        CASES.replace("20_000", "[1]"),
        CASES[:5000],
        "a = " + "[" * DEEP,
        "\0",
        "",
    ],
    ids=["endless", "nan", "exponent", "date", "list", "cut off", "deep", "NUL", "empty"],
)
def test_broken_cases(content: str, tmp_path: Path) -> None:
    """Broken cases are a problem or fail, and exit code 1."""
    for name in ("policy.toml", "branch.toml"):
        shutil.copy(GALAXY / name, tmp_path)
    (tmp_path / "branch.cases.toml").write_text(content, "utf-8")
    result = CliRunner().invoke(scorecore, ["test", str(tmp_path / "branch.toml")], catch_exceptions=False)
    assert result.exit_code == 1


@given(noise=st.binary(max_size=60), share=st.floats(0, 1))
def test_noise_inside_a_policy(noise: bytes, share: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any bytes in the middle of a policy give a program or problems that have a place."""
    folder = tmp_path_factory.mktemp("noise")
    shutil.copy(GALAXY / "policy.toml", folder)
    where = int(share * len(POLICY))
    (folder / "branch.toml").write_bytes(POLICY[:where] + noise + POLICY[where:])
    result = CliRunner().invoke(scorecore, ["check", str(folder / "branch.toml"), "--json"], catch_exceptions=False)
    diagnostics = json.loads(result.stdout)["problems"]
    assert result.exit_code == any(diagnostic["severity"] == "error" for diagnostic in diagnostics)
    assert all(diagnostic["source"] for diagnostic in diagnostics)
