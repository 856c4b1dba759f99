"""Who approves what, how many of them, and from which amount on."""

from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from click.testing import CliRunner

from corrections import PROGRAM, decided, raw
from operators import ANNA, BO, CHEN, FACTS, acting, begin_with_operators, codes, confirm, forge, propose, prove, read
from recording import NOW, command
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.check import check_runs
from scorecore.record.corrections.correct import Correction, correct
from scorecore.record.corrections.payroll import find_payable
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Signer
from scorecore.record.people.acts import adopt, approve, approve_adoption, set_rules
from scorecore.record.people.operators import APPROVAL
from scorecore.record.record_run import record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.main import scorecore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    begin_with_operators(tmp_path / "record.scorecore")
    return tmp_path / "record.scorecore"


def rule(path: Path, *rules: dict[str, Any]) -> None:
    with acting(path, ANNA) as log:
        set_rules(Recorded.read(log), list(rules), now=NOW)


def total(path: Path, number: int) -> int:
    """What a run pays in all."""
    with Log.open(path) as log:
        recorded = Recorded.read(log)
        return int(sum(abs(payable.net) for payable in find_payable(recorded, recorded.run(number)).values()))


def test_from_an_amount_on_two_approve(path: Path) -> None:
    """At the amount itself as well; what was proposed before keeps the rules of before, and proofs count the same."""
    first = propose(path, "2024-01")
    confirm(path, first)
    amount = total(path, first)
    rule(path, {"what": ["run"], "total_from": str(amount + 10**6), "approvals": 2})
    confirm(path, propose(path, "2024-02"))
    second = total(path, 2)
    rule(
        path,
        {"what": ["run"], "total_from": str(second + 10**6)},
        {"what": ["run"], "person_from": "0.01", "approvals": 2},
    )
    third = propose(path, "2024-03")
    assert read(path).all_runs[-1].manifest["rules"] == [1]
    confirm(path, third)
    assert [run.number for run in read(path).runs] == [1, 2]
    assert codes(lambda: confirm(path, third)) == ["SC865"]
    confirm(path, third, CHEN)
    assert [run.number for run in read(path).runs] == [1, 2, 3]
    assert [str(approval.actor) for approval in read(path).runs[-1].approvals] == ["bo", "chen"]
    assert prove(path) == 3


def test_only_those_who_are_named_approve(path: Path) -> None:
    """A policy as well as a run."""
    rule(path, {"what": ["run", "policy"], "by": ["chen"], "policy": PROGRAM.id})
    number = propose(path, "2024-01")
    assert codes(lambda: confirm(path, number, BO)) == ["SC884"]
    confirm(path, number, CHEN)
    with acting(path, ANNA) as log:
        adopt(Recorded.read(log), PROGRAM, {}, "2024-02", now=NOW)
        (entry,) = Recorded.read(log).people.adoptions
    with acting(path, BO) as log:
        assert codes(lambda: approve_adoption(Recorded.read(log), entry, now=NOW)) == ["SC884"]
    with acting(path, CHEN) as log:
        approve_adoption(Recorded.read(log), entry, now=NOW)
    assert propose(path, "2024-02") == 2


def test_a_forged_approval_does_not_count(path: Path) -> None:
    """Bo, who may not, approves with the key of the record: every reader refuses it, a proof too."""
    rule(path, {"what": ["run"], "by": ["chen"]})
    number = propose(path, "2024-01")
    fields = read(path).people.proposals[0].fields
    forge(path, Signer(BO), NewLogEntry(APPROVAL, fields, period="2024-01"))
    assert number == 1
    assert codes(lambda: read(path)) == ["SC884"]
    assert prove(path) == 1


def test_a_rule_that_is_left_out_is_not_approved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a program that does not name it; where somebody approves it nevertheless, verify says so."""
    rule(path, {"what": ["run"], "total_from": "0.01", "approvals": 2})
    with monkeypatch.context() as patch:
        patch.setattr(Recorded, "with_rules", lambda _self, drafts: drafts)
        number = propose(path, "2024-01")
    assert codes(lambda: confirm(path, number)) == ["SC885"]
    with monkeypatch.context() as patch, acting(path, BO) as log:
        patch.setattr("scorecore.record.people.acts.check_reached", lambda *_: None)
        approve(Recorded.read(log), number, now=NOW)
    with Log.open(path) as log:
        assert [each.kind.code for each in check_runs(Recorded.read(log))] == ["SC885"]


FAULTY: Final[tuple[Any, ...]] = (
    {"what": []},
    {"what": ["pay"]},
    {"what": ["run"], "by": ["dora"]},
    {"what": ["run"], "by": ["bo"], "approvals": 2},
    {"what": ["run"], "approvals": 0},
    {"what": ["run"], "approvals": True},
    {"what": ["run"], "total_from": 10},
    {"what": ["run"], "total_from": "NaN"},
    {"what": ["policy"], "person_from": "1"},
    {"what": ["run"], "until": "1"},
    "run",
)


@pytest.mark.parametrize("faulty", FAULTY, ids=str)
def test_a_rule_that_cannot_be_kept_is_refused(path: Path, faulty: Any) -> None:
    assert codes(lambda: rule(path, {"what": ["run"]}, faulty)) == ["SC883"]


def test_only_an_administrator_sets_rules(path: Path) -> None:
    with acting(path, BO) as log:
        assert codes(lambda: set_rules(Recorded.read(log), [], now=NOW)) == ["SC863"]


def test_the_command_sets_and_shows_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("approval.toml").write_text(
        '[[approval]]\nwhat = ["run"]\ntotal_from = "1000.5"\nby = ["anna"]\n', encoding="utf-8"
    )
    command("scorecore record begin two.scorecore --operator anna --role administrator --role approver")
    result = CliRunner().invoke(scorecore, ["record", "approval", "two.scorecore", "--set", "approval.toml"])
    assert (result.exit_code, "1000.5 in all" in result.output) == (0, True)
    assert "anna" in CliRunner().invoke(scorecore, ["record", "approval", "two.scorecore"]).output
    command("scorecore record begin one.scorecore --single-operator")
    refused = CliRunner().invoke(scorecore, ["record", "approval", "one.scorecore", "--set", "approval.toml"])
    assert (refused.exit_code, "SC886" in refused.output) == (1, True)


@pytest.mark.parametrize("status", ["illustrative", "draft"])
def test_nothing_in_force_builds_on_illustrations(path: Path, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on their decisions that it uses, nor on their history; they are carried on among themselves."""
    invented = evolve(PROGRAM, status=status)
    monkeypatch.setattr("corrections.PROGRAM", invented)
    confirm(path, propose(path, "2024-01"))
    confirm(path, propose(path, "2024-02"))
    monkeypatch.setattr("corrections.PROGRAM", PROGRAM)
    assert codes(lambda: propose(path, "2024-03", reason="in force now")) == ["SC887"]
    monkeypatch.setattr("corrections.PROGRAM", evolve(PROGRAM, id="other"))
    with acting(path, ANNA) as log:
        used = {"p@1": invented}
        decisions = decided("2024-01", FACTS)
        assert codes(lambda: record_run(log, decisions, {}, now=NOW, engine="test", used=used)) == ["SC887"]


@pytest.mark.parametrize("status", ["illustrative", "draft"])
def test_no_correction_makes_what_is_in_force_build_on_illustrations(path: Path, status: str) -> None:
    """By an invented policy no period is corrected that a later one in force has read; the last one may be."""
    confirm(path, propose(path, "2024-01"))
    confirm(path, propose(path, "2024-02"))
    invented = evolve(PROGRAM, status=status)

    def by_invented(month: str) -> Correction:
        period = invented.period.period(month)
        assert period is not None
        with acting(path, ANNA) as log:
            recorded = Recorded.read(log)
            past = recorded.history(invented, month)
            tables = raw({month: FACTS["2024-03"]}) | ({} if past is None else {HISTORY: RawTable(past, HISTORY)})
            decisions = PeriodRunner(invented).decide(period, tables, Diagnostics())
            assert decisions is not None
            pins = Pins.of(invented, period, {}, {}, "test")
            return correct(recorded, decisions, pins, reason="late")

    assert codes(lambda: by_invented("2024-01")) == ["SC887"]
    assert by_invented("2024-02").drafts
