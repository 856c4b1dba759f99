"""The command line: exit codes, JSON, plain text in a pipe, tables that line up, files that are written."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.result_tables import TABLES
from scorecore.io.own_files import LIST
from scorecore.io.readers import read_facts
from scorecore.io.writers import FORMATS
from scorecore.program.digest import program_digest
from scorecore_cli.main import scorecore
from scorecore_cli.workspace import Workspace

POLICIES: Final = Path(__file__).parents[2] / "policies"
GALAXY: Final = str(POLICIES / "galaxy" / "branch.toml")
HEAD_OFFICE: Final = str(POLICIES / "galaxy" / "policy.toml")
CREDIT_UNION: Final = str(POLICIES / "credit_union" / "points.toml")
GALAXY_RUN: Final = (GALAXY, "--facts", str(POLICIES / "galaxy" / "facts"), "--period", "2024-05")
CREDIT_RUN: Final = (CREDIT_UNION, "--facts", str(POLICIES / "credit_union" / "facts"), "--period", "2024-05")
HELD: Final = "B1007"
"""Somebody of galaxy whose decision is held in part."""
DECIDED: Final = "B1036"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORECORE_LANG", "en")


def scorecore_(*arguments: object) -> Result:
    """Run the command line in this process, with its output in pipes."""
    return CliRunner().invoke(scorecore, [str(argument) for argument in arguments], catch_exceptions=False)


def data(*arguments: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(scorecore_(*arguments).stdout)
    return answer


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A policy with a problem, and a case."""
    path = tmp_path / "bad.toml"
    path.write_text("[policy]\nid = 5\n", "utf-8")
    (tmp_path / "bad.cases.toml").write_text("case = []\n", "utf-8")
    return path


FINE: Final[dict[str, tuple[str, ...]]] = {
    "check": ("check", str(POLICIES / "galaxy")),
    "test": ("test", str(POLICIES / "credit_union")),
    "run": ("run", *CREDIT_RUN),
    "explain": ("explain", *GALAXY_RUN, "--person", DECIDED),
    "expand": ("expand", GALAXY),
    "plugins": (
        "plugin",
        "list",
    ),
    "facts check": ("facts", "check", *CREDIT_RUN),
    "help": ("--help",),
    "version": ("--version",),
}


@pytest.mark.parametrize("command", FINE)
def test_all_is_well(command: str) -> None:
    """Exit code 0 and something to read, where nothing is wrong."""
    result = scorecore_(*FINE[command])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.strip()


@pytest.mark.parametrize("command", ["check", "test", "run", "explain", "expand"])
def test_a_bad_policy_is_found(command: str, bad: Path) -> None:
    """Exit code 1 where a policy has a problem, and the problem."""
    more = [] if command in {"check", "test", "expand"} else [*GALAXY_RUN[1:]]
    more += ["--person", "B1"] if command == "explain" else []
    result = scorecore_(command, bad, *more)
    assert result.exit_code == 1
    assert f"{bad}:2:6: SC105 expected text, found `5`" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", *GALAXY_RUN),
        ("explain", *GALAXY_RUN, "--person", HELD),
        ("expand", HEAD_OFFICE),
    ],
    ids=["run", "explain", "expand"],
)
def test_something_is_found(arguments: tuple[str, ...]) -> None:
    """Exit code 1 where somebody is held, or a policy cannot decide yet."""
    assert scorecore_(*arguments).exit_code == 1


@pytest.mark.slow
def test_a_failing_case_is_found(tmp_path: Path) -> None:
    """Exit code 1 where a case expects something else, and what it is."""
    for name in ("policy.toml", "branch.toml"):
        (tmp_path / name).write_bytes((POLICIES / "galaxy" / name).read_bytes())
    cases = (POLICIES / "galaxy" / "branch.cases.toml").read_text("utf-8")
    (tmp_path / "branch.cases.toml").write_text(cases.replace("net = 2180.25", "net = 2180.24"), "utf-8")
    result = scorecore_("test", tmp_path)
    assert result.exit_code == 1
    assert "2180.24   2180.25" in result.stdout
    answer = data("test", tmp_path, "--json")
    differences = [case["differences"] for case in answer["cases"] if case["differences"]]
    assert differences == [[{"what": "pay.net", "expected": "2180.24", "got": "2180.25"}]]
    assert answer["failed"] == 1


USED_WRONGLY: Final[dict[str, tuple[str, ...]]] = {
    "no command": ("decide",),
    "no policy": ("check",),
    "check what is not there": ("check", "no.toml"),
    "test what is not there": ("test", "no.toml"),
    "expand what is not there": ("expand", "no.toml"),
    "unknown option": ("plugin", "list", "--colour"),
    "unknown language": ("plugin", "list", "--lang", "fr"),
    "unknown format": ("run", *GALAXY_RUN, "--format", "xml"),
    "missing facts folder": ("run", GALAXY, "--facts", "no/such/folder", "--period", "2024-05"),
    "missing history": ("run", *GALAXY_RUN, "--history", "no/such/folder"),
    "no period": ("run", *GALAXY_RUN[:3]),
    "no such month": ("run", *GALAXY_RUN[:4], "2024-13"),
    "a quarter for a month": ("explain", *GALAXY_RUN[:4], "2024-Q2", "--person", DECIDED),
    "before the policy": ("run", *GALAXY_RUN[:4], "2023-12"),
    "nobody named": ("explain", *GALAXY_RUN),
    "unknown person": ("explain", *GALAXY_RUN, "--person", "B103"),
}


@pytest.mark.parametrize("name", USED_WRONGLY)
def test_used_wrongly(name: str) -> None:
    """Exit code 2 and a word on how to use it, on the stream of errors only."""
    result = scorecore_(*USED_WRONGLY[name])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_near_names_are_suggested() -> None:
    """A period is told how it is written, and an unknown person who could have been meant."""
    assert "2024-05" in scorecore_("run", *GALAXY_RUN[:4], "May").stderr
    assert re.search(r"B1030|B10\d\d", scorecore_("explain", *GALAXY_RUN, "--person", "B103").stderr)


def test_a_month_without_people_is_found() -> None:
    """Exit code 1 for a period in which there is nobody, with the periods that there are."""
    result = scorecore_("run", *GALAXY_RUN[:4], "2024-09")
    assert result.exit_code == 1
    assert "SC409" in result.output
    assert "2024-04, 2024-05" in result.output


# JSON


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("check", GALAXY, "--json"), {"files", "problems"}),
        (
            ("test", GALAXY, "--json"),
            {"run", "failed", "cases", "claims", "bounds", "paid_once", "branches", "problems"},
        ),
        (("run", *GALAXY_RUN, "--json"), {"policy", "program", "period", "problems", "reconciliation", "decisions"}),
        (
            ("plugin", "list", "--json"),
            {"scorers", "operators", "checks", "readers", "writers", "renderers", "problems"},
        ),
        (
            ("explain", *GALAXY_RUN, "--person", HELD, "--format", "json"),
            {"policy", "subject", "period", "facts", "values", "items", "score", "grade", "pay", "net", "partial"}
            | {"balances", "actions", "groups"},
        ),
    ],
    ids=["check", "test", "run", "plugins", "explain"],
)
def test_json_has_its_keys(arguments: tuple[str, ...], keys: set[str]) -> None:
    """What is printed for programs is JSON, with no binary floats in it."""
    text = scorecore_(*arguments).stdout
    assert json.loads(text).keys() == keys

    def no_float(number: str) -> None:
        raise AssertionError(number)

    json.loads(text, parse_float=no_float)


def test_json_of_a_diagnostic(bad: Path) -> None:
    """A problem is told to programs with its code, severity, place, sentence and advice."""
    diagnostic = max(data("check", bad, "--json")["problems"], key=lambda problem: problem["code"])
    expected = {"code": "SC105", "severity": "error", "source": str(bad), "line": 2, "column": 6}
    assert expected.items() <= diagnostic.items()
    assert diagnostic.keys() - expected.keys() == {"message", "help"}
    (note,) = {problem["severity"] for problem in data("check", HEAD_OFFICE, "--json")["problems"]}
    assert note == "warning"


def test_json_of_a_held_decision() -> None:
    """What is held is told with its causes, and has no value."""
    decisions = {decision["person"]: decision for decision in data("run", *GALAXY_RUN, "--json")["decisions"]}
    held = decisions[HELD]["held"]
    assert [reason["code"] for reason in held["pay.commission"]] == ["SC521"]
    assert "pay.commission" not in decisions[HELD]
    assert decisions[HELD]["partial"] is True
    assert "held" not in decisions[DECIDED]


@pytest.mark.parametrize("policy", [GALAXY, CREDIT_UNION])
def test_expanded_json_is_what_the_digest_is_of(policy: str) -> None:
    """The digest of the JSON of `expand`, the one in its text, the one in `run` and the program's own are one."""
    program = Workspace.open().check(Path(policy)).program
    assert program is not None
    digest = program_digest(program)
    assert f"program {digest}" in scorecore_("expand", policy).stdout
    run = GALAXY_RUN if policy == GALAXY else CREDIT_RUN
    assert data("run", *run, "--json")["program"] == digest
    text = scorecore_("expand", policy, "--json").stdout
    assert text.endswith("\n")
    assert canonical_digest(text.removesuffix("\n")) == digest
    assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True) == text.rstrip("\n")


def canonical_digest(text: str) -> str:
    from hashlib import sha256  # noqa: PLC0415  the digest as the documentation says, without our own code

    return sha256(b"scorecore/meaning/v1\n" + text.encode()).hexdigest()


# text


def shown() -> Iterator[tuple[str, ...]]:
    for language in ("en", "zh"):
        for arguments in FINE.values():
            if arguments[0][0] != "-":
                yield (*arguments, "--lang", language)
        yield ("run", *GALAXY_RUN, "--lang", language)
        yield ("explain", *GALAXY_RUN, "--person", HELD, "--format", "markdown", "--lang", language)


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    "arguments", list(shown()), ids=lambda call_arguments: f"{call_arguments[0]} {call_arguments[-1]}"
)
def test_a_pipe_gets_plain_text(arguments: tuple[str, ...]) -> None:
    """In a pipe there are no escape codes, no frames, no progress bars, and no blanks that a terminal would make."""
    result = scorecore_(*arguments)
    assert result.stderr == ""
    odd = {
        letter
        for letter in result.stdout
        if (unicodedata.category(letter) == "Cc" and letter != "\n") or "\u2500" <= letter <= "\u259f"
    }
    assert odd == set()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("run", [GALAXY_RUN, CREDIT_RUN], ids=["galaxy", "credit union"])
def test_tables_line_up(run: tuple[str, ...], language: str) -> None:
    """All rows of the summary have one width, and names begin in one column, also behind Chinese headings."""
    people = [decision.get("person") or decision["officer"] for decision in data("run", *run, "--json")["decisions"]]
    lines = scorecore_("run", *run, "--lang", language).stdout.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith(("rank", "名次")))
    rows = [line for line in lines[begin:] if set(line.split()[:2]) & set(people)]
    heading = lines[lines.index(rows[0]) - 1]
    assert len(rows) == len(people)
    assert len({cell_len(line) for line in (heading, *rows)}) == 1
    starts = {cell_len(row[: min(row.index(person) for person in people if person in row)]) for row in rows}
    assert starts == {cell_len(heading[: heading.index("工号" if run is GALAXY_RUN else "员工号")])}


def test_a_policy_of_proposals_shows_them() -> None:
    """Where nobody has points there is no rank and no empty ledger; what is proposed stands in summary and page."""
    cofco = POLICIES / "cofco"
    gate = (cofco / "promotion.toml", "--facts", cofco / "facts", "--period", "2024-Q2", "--lang", "zh")
    lines = scorecore_("run", *gate).stdout.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("员工号"))
    heading, row = lines[begin : begin + 2]
    assert heading.split() == ["员工号", "姓名", "建议措施", "暂缓决定及原因"]
    assert row.split() == ["E01", "王伟", "进入前三名；晋升"]
    page = scorecore_("explain", *gate, "--person", "E01").stdout
    assert "计分明细" not in page
    assert "晋升" in page


@pytest.mark.slow
def test_what_another_policy_left_open_is_in_words() -> None:
    """Who waits for the decision of another policy is told of which, in which period, and of what."""
    folder = POLICIES / "road_bridge"
    year = (folder / "year.toml", "--facts", folder / "facts", "--period", "2024", "--lang", "zh")
    assert "`road_bridge.month.example@1` 中 2024-12 没有 `总分`" in scorecore_("run", *year).stdout
    galaxy = POLICIES / "galaxy"
    ranking = (galaxy / "ranking.toml", "--facts", galaxy / "facts", "--period", "2024-05", "--lang", "zh")
    assert "`galaxy.broker.example-branch@2024.1 总分` 在该期间没有结果" in scorecore_("run", *ranking).stdout


def test_no_fine_is_not_minus_nothing() -> None:
    """A line that takes nothing shows 0.00, without a sign."""
    fees = (POLICIES / "tender" / "fee.toml", "--facts", POLICIES / "tender" / "facts", "--period", "2024-05")
    page = scorecore_("explain", *fees, "--person", "Z24001").stdout
    assert " 0.00 " in page
    assert "-0.00" not in page


@pytest.mark.parametrize("person", [HELD, DECIDED])
def test_tables_of_an_explanation_line_up(person: str) -> None:
    """All rows of each table of an explanation have one width."""
    blocks = scorecore_("explain", *GALAXY_RUN, "--person", person, "--lang", "zh").stdout.split("\n\n")
    tables = [block.splitlines()[1:] for block in blocks[1:] if block.strip()]
    assert len(tables) >= 4
    for rows in tables:
        assert len({cell_len(row) for row in rows}) == 1, rows


def test_markdown_tables_have_one_count_of_cells() -> None:
    """Each table in Markdown has as many cells in every row as in its heading."""
    text = scorecore_("explain", *GALAXY_RUN, "--person", HELD, "--format", "markdown").stdout
    assert text.startswith("# ")
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("| ")]
    assert len(tables) >= 4
    for rows in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
        assert set(rows[1]) <= set("| -:")


@pytest.mark.slow
def test_explanations_agree() -> None:
    """Text, Markdown and JSON of an explanation have the same net pay and total."""
    explanation = data("explain", *GALAXY_RUN, "--person", DECIDED, "--format", "json")
    decisions = {decision["person"]: decision for decision in data("run", *GALAXY_RUN, "--json")["decisions"]}
    assert explanation["net"] == decisions[DECIDED]["pay.net"]
    assert explanation["score"]["value"] == decisions[DECIDED]["score.total"]
    for shape in ("text", "markdown"):
        text = scorecore_("explain", *GALAXY_RUN, "--person", DECIDED, "--format", shape).stdout
        assert f"{float(explanation['net']):,.2f}" in text


# files


@pytest.mark.sampled(2)
@pytest.mark.parametrize("form", [*FORMATS, "xlsx"])
def test_run_writes_all_tables(form: str, tmp_path: Path) -> None:
    """All tables are written in the format that was asked for, and say what the JSON says."""
    out = tmp_path / "below" / ("may.xlsx" if form == "xlsx" else "may")
    arguments = () if form == "xlsx" else ("--format", form)
    result = scorecore_("run", *GALAXY_RUN, "--out", out, *arguments)
    assert result.exit_code == 1
    assert f"written to {out}" in result.stdout
    written = read_facts(out, Diagnostics())
    assert len(written) == len(TABLES) + 2 * (form == "xlsx")  # an overview and the people stand before the tables
    if form != "xlsx":
        assert sorted(file.name for file in out.iterdir()) == sorted([LIST, *(f"{name}.{form}" for name in TABLES)])
    decided = (written["decisions"]).frame
    expected = [decision["pay.net"] for decision in data("run", *GALAXY_RUN, "--json")["decisions"]]
    column = "net pay" if form == "xlsx" else "pay.net"
    assert decided[column].cast(pl.Decimal(38, 2)).to_list() == pl.Series(expected).cast(pl.Decimal(38, 2)).to_list()


@pytest.mark.slow
def test_same_run_same_bytes(tmp_path: Path) -> None:
    """The same run writes the same bytes, workbooks too."""
    for name in ("one", "two"):
        scorecore_("run", *GALAXY_RUN, "--out", tmp_path / f"{name}.xlsx")
        scorecore_("run", *GALAXY_RUN, "--out", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize("out", ["file", "file/below", "file/may.xlsx", "folder.xlsx", "taken"])
def test_unwritable_out(out: str, tmp_path: Path) -> None:
    """Exit code 1 and the place where nothing can be written, without a traceback and without a summary."""
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "taken" / "pay.csv").mkdir(parents=True)
    result = scorecore_("run", *GALAXY_RUN, "--out", tmp_path / out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Traceback" not in result.stderr
    assert "Could not open file" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_workbook_of_decisions_is_a_history(language: str, tmp_path: Path) -> None:
    """A month reads the decisions of the month before alike from a workbook of any language and from a folder."""
    april = (*GALAXY_RUN[:4], "2024-04")
    scorecore_("run", *april, "--out", tmp_path / "april.xlsx", "--lang", language)
    scorecore_("run", *april, "--out", tmp_path / "april")
    may = (GALAXY, "--facts", may_alone(tmp_path), "--period", "2024-05", "--json")
    runs = [data("run", *may, "--history", tmp_path / name)["decisions"] for name in ("april.xlsx", "april")]
    assert runs[0] == runs[1]
    assert any("carry.risk_fund" in run for run in runs[0])


def may_alone(folder: Path) -> Path:
    """The sample facts without their history and without April."""
    facts = folder / "facts"
    facts.mkdir()
    for file in (POLICIES / "galaxy" / "facts").glob("*.csv"):
        if file.stem == "person":
            text = "".join(line for line in file.read_text("utf-8").splitlines(keepends=True) if "2024-04" not in line)
            (facts / file.name).write_text(text, "utf-8")
        elif file.stem != "history":
            (facts / file.name).write_bytes(file.read_bytes())
    return facts
