"""What an auditor does, from the command line."""

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import polars as pl
import pytest
from click.testing import CliRunner, Result

from laws import HEAD
from scorecore_cli.main import scorecore

GALAXY = Path(__file__).parents[2] / "policies" / "galaxy"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, list(map(str, arguments)), catch_exceptions=False)


def begun(ledger: Path) -> None:
    """Begin a record that is not there."""
    if not ledger.exists():
        assert call("record", "begin", ledger, "--single-operator").exit_code == 0


def recorded(ledger: Path, period: str, *more: str) -> Result:
    begun(ledger)
    return call(
        "run", GALAXY / "branch.toml", "--facts", GALAXY / "facts", "--period", period, "--record", ledger, *more
    )


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two months of the sample branch."""
    path = tmp_path_factory.mktemp("record") / "record.scorecore"
    assert recorded(path, "2024-04").exit_code == 0
    assert recorded(path, "2024-05").exit_code == 1  # five people are held
    return path


def test_the_key_is_its_owners(ledger: Path) -> None:
    key = ledger.with_name(ledger.name + ".key")
    assert key.stat().st_mode & 0o077 == 0


def test_runs_are_listed(ledger: Path) -> None:
    """Both months, with how many there were."""
    answer = json.loads(call("record", "log", ledger, "--json").stdout)
    assert [(run["manifest"]["period"], run["close"]["subjects"]) for run in answer["runs"]] == [
        ("2024-04", 38),
        ("2024-05", 40),
    ]
    assert "2024-05" in call("record", "log", ledger).stdout


def test_everything_about_one_person(ledger: Path) -> None:
    """Both decisions with their entries; somebody unknown is a mistake of usage."""
    answer = json.loads(call("record", "log", ledger, "--person", "B1036", "--json").stdout)["decisions"]
    assert [
        (decision["period"], decision["run"], decision["what"], "pay.net" in decision["values"]) for decision in answer
    ] == [
        ("2024-04", 1, "decision", True),
        ("2024-05", 2, "decision", True),
    ]
    may = json.loads(call("record", "log", ledger, "--period", "2024-05", "--json").stdout)["runs"]
    assert [version["number"] for version in may] == [2]
    assert call("record", "log", ledger, "--person", "nobody").exit_code == 2
    assert call("record", "log", ledger, "--period", "2023-01").exit_code == 2


def test_a_replay_finds_the_same(ledger: Path) -> None:
    result = call("record", "replay", ledger, "--json")
    assert result.exit_code == 0
    assert [(run["same"], run["differences"]) for run in json.loads(result.stdout)["runs"]] == [(38, []), (40, [])]
    assert "2024-05" in call("record", "replay", ledger, "--period", "2024-05", "--person", "B1036").stdout


@pytest.mark.sampled(4)
@pytest.mark.parametrize("decided", ["rows", "columns"])
@pytest.mark.parametrize("replayed", ["rows", "columns", "auto"])
def test_either_evaluator_replays_what_either_decided(tmp_path: Path, decided: str, replayed: str) -> None:
    path = tmp_path / "record.scorecore"
    assert recorded(path, "2024-05", "--with", decided).exit_code == 1  # five people are held
    result = call("record", "replay", path, "--with", replayed, "--json")
    assert result.exit_code == 0
    assert [run["same"] for run in json.loads(result.stdout)["runs"]] == [40]


def test_history_comes_from_the_record(tmp_path: Path) -> None:
    """May is decided alike with April in the record and with April among the facts; no history file is needed."""
    facts = tmp_path / "facts"
    facts.mkdir()
    for path in (GALAXY / "facts").glob("*.csv"):
        text = path.read_text(encoding="utf-8").splitlines()
        if path.name == "person.csv":
            text = [line for line in text if "2024-04" not in line]
        if path.name != "history.csv":
            (facts / path.name).write_text("\n".join(text) + "\n", encoding="utf-8")
    april = tmp_path / "april.scorecore"
    assert recorded(april, "2024-04").exit_code == 0
    common = ("run", GALAXY / "branch.toml", "--facts", facts, "--period", "2024-05", "--json")
    second_month = call(*common, "--record", april)
    alone = call(*common)
    assert "carry.risk_fund" in second_month.stdout
    balances = [
        sum(Decimal(decision.get("carry.risk_fund", "0")) for decision in json.loads(result.stdout)["decisions"])
        for result in (second_month, alone)
    ]
    assert balances[0] > balances[1]  # without the record nobody has a balance yet


def test_without_its_vault_a_record_verifies_and_a_new_one_goes_on_from_what_was_exported(tmp_path: Path) -> None:
    """The vault is lost after April: May is decided in a new record as it would have been in the old one."""
    record, second = tmp_path / "record.scorecore", tmp_path / "second.scorecore"
    assert recorded(record, "2024-04").exit_code == 0
    assert call("record", "log", record, "--run", 1, "--out", tmp_path / "april").exit_code == 0
    common = ("run", GALAXY / "branch.toml", "--facts", GALAXY / "facts", "--period", "2024-05", "--json")
    before = json.loads(call(*common, "--record", record, "--preview").stdout)["decisions"]
    record.with_name(f"{record.name}.vault").unlink()
    assert call("record", "verify", record).exit_code == 3
    refused = call(*common, "--record", record)
    assert (refused.exit_code, "SC890" in refused.output) == (1, True)
    assert call("record", "begin", second, "--single-operator").exit_code == 0
    facts, history = tmp_path / "facts", tmp_path / "history.csv"
    shutil.copytree(GALAXY / "facts", facts, ignore=shutil.ignore_patterns("history.csv"))
    months_before = pl.read_csv(GALAXY / "facts" / "history.csv", infer_schema=False)
    april = pl.read_csv(tmp_path / "april" / "decisions.csv", infer_schema=False).select(months_before.columns)
    pl.concat([months_before, april]).write_csv(history)
    after = call(*common[:3], facts, *common[4:], "--history", history, "--record", second)
    in_words = after.stdout.replace(str(facts), str(GALAXY / "facts"))  # where somebody's facts are
    assert json.loads(in_words)["decisions"] == before


def test_it_verifies_and_says_unanchored(ledger: Path, tmp_path: Path) -> None:
    result = call("record", "verify", ledger)
    assert result.exit_code == 3
    assert "UNANCHORED" in result.stdout
    anchor = tmp_path / "checkpoint.txt"
    anchor.write_text(call("record", "log", ledger, "--checkpoint").stdout, encoding="utf-8")
    result = call("record", "verify", ledger, "--anchor", anchor)
    assert (result.exit_code, "UNANCHORED" in result.stdout) == (0, False)


def test_a_changed_byte_is_named(ledger: Path, tmp_path: Path) -> None:
    data = bytearray(ledger.read_bytes())
    offset = data.index(b'"kind":"close"')
    data[offset + 9] ^= 1
    changed = tmp_path / "changed.scorecore"
    changed.write_bytes(data)
    assert call("record", "verify", changed).exit_code == 1


def test_a_proof_is_checked_by_one_file(ledger: Path, tmp_path: Path) -> None:
    """The zip has its own verifier, which another Python without scorecore runs; a changed payload is refused."""
    out = tmp_path / "proof.zip"
    assert call("record", "prove", ledger, "--person", "B1036", "--period", "2024-05", "--out", out).exit_code == 0
    with ZipFile(out) as archive:
        archive.extractall(tmp_path / "proof")
    command = [sys.executable, "-I", "verify.py", "."]
    assert subprocess.run(command, cwd=tmp_path / "proof", check=False, capture_output=True).returncode == 3
    (tmp_path / "anchor.txt").write_text(call("record", "log", ledger, "--checkpoint").stdout, encoding="utf-8")
    key = json.loads(call("record", "log", ledger, "--json").stdout)["key"]
    command += ["--key", key, "--anchor", "../anchor.txt"]
    done = subprocess.run(
        command, cwd=tmp_path / "proof", check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "everything holds")
    payload = next((tmp_path / "proof").glob("*.payload"))
    payload.write_bytes(payload.read_bytes().replace(b"B1036", b"B1037"))
    assert subprocess.run(command, cwd=tmp_path / "proof", check=False, capture_output=True).returncode != 0


def test_explained_from_the_record(ledger: Path) -> None:
    """The same page as from the policy and the facts."""
    person = ("--period", "2024-05", "--person", "B1036", "--format", "json")
    kept = json.loads(call("explain", "--record", ledger, *person).stdout)
    fresh = json.loads(call("explain", GALAXY / "branch.toml", "--facts", GALAXY / "facts", *person).stdout)
    versions = kept.pop("recorded")
    assert [version["number"] for version in versions["versions"]] == [2]
    assert kept == fresh
    assert call("explain", *person).exit_code == 2
    assert call("explain", GALAXY / "branch.toml", "--record", ledger, *person).exit_code == 2
    assert call("explain", "--record", ledger, "--id", "nothing", *person).exit_code == 2
    assert call("explain", "--record", ledger, "--period", "2024-05", "--person", "nobody").exit_code == 2


def test_why_not_from_the_record(ledger: Path) -> None:
    """What was missed is the same from the record and from the facts."""
    person = ("--period", "2024-04", "--person", "B1001", "--why-not", "A", "--format", "json")
    kept = call("explain", "--record", ledger, *person)
    fresh = call("explain", GALAXY / "branch.toml", "--facts", GALAXY / "facts", *person)
    assert (kept.exit_code, json.loads(kept.stdout)) == (fresh.exit_code, json.loads(fresh.stdout))


def test_decided_once(ledger: Path) -> None:
    result = recorded(ledger, "2024-05")
    assert result.exit_code == 1
    assert "SC840" in result.stderr + result.stdout


def test_an_erased_person(ledger: Path, tmp_path: Path) -> None:
    """The record verifies, the replay says erased, and nothing can be explained any more."""
    copy = tmp_path / "record.scorecore"
    copy.write_bytes(ledger.read_bytes())
    for ending in (".key", ".vault"):
        copy.with_name(copy.name + ending).write_bytes(ledger.with_name(ledger.name + ending).read_bytes())
    person = ("--person", "B1036", "--reason", "request 7")
    refused = call("record", "erase", copy, *person)
    assert refused.exit_code == 1
    assert "未赔清的损失" in refused.stdout  # a balance would be lost
    assert call("record", "erase", copy, *person[:2], "--reason", " ", "--anyway").exit_code == 2
    assert call("record", "erase", copy, *person, "--anyway").exit_code == 0
    second_answer = call("record", "erase", copy, *person, "--anyway", "--lang", "en").stderr
    assert "no decision about B1036, or has erased them" in second_answer
    assert call("record", "verify", copy).exit_code == 3
    runs = json.loads(call("record", "replay", copy, "--json").stdout)["runs"]
    assert [(run["same"], run["erased"]) for run in runs] == [(37, 1), (39, 1)]
    assert call("explain", "--record", copy, "--period", "2024-05", "--person", "B1036").exit_code == 2
    assert call("record", "erase", copy, "--person", "nobody", "--reason", "x").exit_code == 2
    assert "request 7" in call("record", "log", copy).stdout


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A folder with a record of January, in which somebody was taken back, and of February, which pays for that."""
    (tmp_path / "facts").mkdir()
    (tmp_path / "policy.toml").write_text(
        HEAD
        + """
[facts.person]
sales = { type = "decimal", min = 0 }

[[pay]]
id = "commission"
kind = "earning"
amount = "sales * 0.1"

[carry.fund]
opens = 0
closes = "carry.fund + sales"
""",
        encoding="utf-8",
    )
    month(tmp_path, "A,100", "B,200")
    begun(tmp_path / "l")
    assert in_branch(tmp_path, "run", "policy.toml", "2024-01", "--no-history").exit_code == 0
    month(tmp_path, "A,300")
    assert in_branch(tmp_path, "record correct", "", "2024-01", "--reason", "moved", "--withdraw", "B").exit_code == 0
    assert in_branch(tmp_path, "run", "policy.toml", "2024-02", "--out", str(tmp_path / "out")).exit_code == 0
    return tmp_path


def month(folder: Path, *rows: str) -> None:
    (folder / "facts" / "person.csv").write_text("\n".join(["person,sales", *rows, ""]), encoding="utf-8")


def in_branch(folder: Path, command: str, policy: str, period: str, *more: str) -> Result:
    what = [folder / policy, "--record", folder / "l"] if policy else [folder / "l"]
    return call(*command.split(), *what, "--facts", folder / "facts", "--period", period, *more)


def test_who_is_gone_is_paid_back_and_explained(branch: Path) -> None:
    """B was taken back: February takes the pay of January back, though B is not in it, and explain says both."""
    payroll = (branch / "out" / "payroll.csv").read_text(encoding="utf-8-sig").splitlines()
    assert payroll == [
        "person,period,pay.net,adjustment,to_pay",
        "A,2024-02,30,20,50",
        "B,2024-02,0,-20,-20",
    ]
    asked = ("explain", "--record", branch / "l", "--lang", "en", "--person", "B", "--period")
    assert "run 2 has withdrawn the decision about B in 2024-01" in call(*asked, "2024-01").stderr
    assert "run 3 pays of earlier periods" in call(*asked, "2024-02").stderr
    assert "not before" in call(*asked, "2024-01", "--known-at", "2020-01-01").stderr
    lines = json.loads(call("record", "log", branch / "l", "--person", "B", "--json").stdout)["decisions"]
    assert [(line["what"], line.get("adjustment")) for line in lines] == [
        ("decision", None),
        ("withdrawal", None),
        ("adjustment", "-20"),
    ]


def test_the_payroll_is_held_against_the_run_that_paid(branch: Path) -> None:
    """What was paid stays right whatever is corrected later; amounts may be written as people write them."""
    paid = branch / "january.csv"
    paid.write_text('person,period,应付金额\nA,2024-01,"￥10.00"\nB,2024-01,20\n合计,,30\n', encoding="utf-8")
    against = ("record", "verify", branch / "l", "--lang", "en", "--against")
    result = call(*against, paid)
    assert (result.exit_code, "SC510" in result.stdout) == (1, True)  # the row of totals has no period
    result = call(*against, paid, "--period", "2024-01")
    assert "SC852" in result.stdout  # and no person
    paid.write_text('person,period,应付金额\nA,2024-01,"￥10.00"\nB,2024-01,20\n', encoding="utf-8")
    assert call(*against, paid).exit_code == 3
    paid.write_text("person,period,应付金额\nA,2024-01,10.004\nB,2024-01,20\n", encoding="utf-8")
    assert "gets 10.004 in the payroll, but should get 10.00" in call(*against, paid).stdout
    assert call(*against, branch / "out" / "payroll.csv").exit_code == 3
    (branch / "out" / "payroll.csv").write_text("person,period,to_pay\nA,2024-02,50\n", encoding="utf-8")
    assert "SC850 `B`" in call(*against, branch / "out" / "payroll.csv").stdout
    assert call(*against, paid, "--run", "3").exit_code == 2


def test_what_is_paid_apart_is_a_payroll_of_its_own(branch: Path) -> None:
    """The list that a correction writes is what the record says that it pays, and the payroll of then stays right."""
    month(branch, "A,500")
    out = branch / "apart"
    more = ("--reason", "late", "--apart", "--out", str(out))
    assert in_branch(branch, "record correct", "", "2024-02", *more).exit_code == 0
    assert (out / "payroll.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "person,period,to_pay",
        "A,2024-02,20",
    ]
    against = ("record", "verify", branch / "l", "--against")
    assert call(*against, out / "payroll.csv", "--run", "4").exit_code == 3
    assert call(*against, out / "payroll.csv").exit_code == 1
    assert call(*against, branch / "out" / "payroll.csv").exit_code == 3


def test_a_typo_in_late_facts_is_reported(branch: Path) -> None:
    """What comes to be held by a correction is shown with its reason, and the exit code says so."""
    month(branch, "A,3o0")
    result = in_branch(branch, "record correct", "", "2024-02", "--reason", "x", "--preview", "--lang", "en")
    assert result.exit_code == 1
    assert "`sales` is `3o0`" in result.stdout
    assert "a preview: nothing was recorded" in result.stdout
    assert in_branch(branch, "record correct", "", "2024-02", "--reason", "x", "--withdraw", "A").exit_code == 1
    assert in_branch(branch, "record correct", "", "2024-02", "--reason", " ").exit_code == 2
    assert json.loads(call("record", "log", branch / "l", "--json").stdout)["entries"] == 14


def test_facts_are_checked_against_a_record(branch: Path) -> None:
    """What was decided before is in the record: nothing is missing then."""
    check = ("facts", "check", branch / "policy.toml", "--facts", branch / "facts", "--period", "2024-03", "--json")
    alone, recorded = (json.loads(call(*check, *more).stdout) for more in ((), ("--record", branch / "l")))
    assert [[problem["code"] for problem in answer["problems"]] for answer in (alone, recorded)] == [["SC526"], []]


def test_another_text_and_another_policy_are_pointed_out(branch: Path) -> None:
    """A corrected policy leaves later periods as they were, and says so; of several policies the others are named."""
    text = (branch / "policy.toml").read_text(encoding="utf-8")
    (branch / "second.toml").write_text(text.replace('version = "1"', 'version = "2"').replace("0.1", "0.2"))
    month(branch, "A,300")
    correcting = ("--reason", "rate", "--policy", str(branch / "second.toml"), "--lang", "en")
    result = in_branch(branch, "record correct", "", "2024-01", *correcting)
    assert "2024-02 is still decided by the policy of run 3; correct it as well" in result.stdout
    (branch / "other.toml").write_text(text.replace('id = "p"', 'id = "q"'))
    assert in_branch(branch, "run", "other.toml", "2024-01", "--no-history").exit_code == 0
    asked = ("explain", "--record", branch / "l", "--lang", "en", "--person", "A", "--period", "2024-01")
    assert "--id names one: p" in call(*asked).stderr
    assert "policy p@2" in call(*asked, "--id", "p").stdout
    assert "name one with --id: p, q" in in_branch(branch, "record correct", "", "2024-01", "--reason", "x").stderr


def test_who_uses_what_was_corrected_is_named(tmp_path: Path) -> None:
    """A person's month rests on the months of two branches: when one is corrected, the other policy is to follow."""
    moves, ledger = GALAXY.parent / "assignments", tmp_path / "l"
    facts = tmp_path / "facts"
    shutil.copytree(moves / "facts", facts)
    common = ("--facts", facts, "--period", "2024-05", "--lang", "en")
    begun(ledger)
    for name in ("shanghai", "person"):
        call("run", moves / f"{name}.toml", *common, "--record", ledger)
    table = (facts / "assignment.csv").read_text(encoding="utf-8")
    assert ",9000,12000" in table
    (facts / "assignment.csv").write_text(table.replace(",9000,12000", ",12000,12000"), encoding="utf-8")
    program = json.loads(call("record", "log", ledger, "--json").stdout)["runs"][0]["manifest"]["id"]
    result = call("record", "correct", ledger, *common, "--id", program, "--reason", "late", "--preview")
    assert "moves.person@2024.1 of 2024-05 uses these decisions; correct it as well" in result.stdout
