"""Who may do what in a record: nothing is built on what nobody has approved."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from attrs import evolve

from corrections import PROGRAM, corrected, decided, run
from operators import ANNA, BO, CHEN, FACTS, LATE, NOBODY, acting, begin_with_operators, codes, confirm, propose, read
from recording import KEY, NOW, Chance, create
from scorecore.record.check import check_runs
from scorecore.record.corrections.adjustments import find_owed
from scorecore.record.corrections.payroll import find_payable
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.signatures import Actor
from scorecore.record.log.verify import verify
from scorecore.record.people.acts import (
    add_operator,
    adopt,
    approve,
    approve_adoption,
    change_roles,
    list_waiting,
    send_back,
)
from scorecore.record.people.operators import APPROVER, FIRST_ROLES, RUNNER, SERVER
from scorecore.record.people.proposals import ProposalState
from scorecore.record.record_run import record_trial
from scorecore.record.replay import replay, replay_adjustments
from scorecore.record.run_tables import build_run_tables
from scorecore.record.runs.recorded import Recorded
from scorecore.services.proofs import archive_proof


@pytest.fixture
def path(tmp_path: Path) -> Path:
    begin_with_operators(tmp_path / "record.scorecore")
    return tmp_path / "record.scorecore"


def test_nothing_is_built_on_a_proposal(path: Path) -> None:
    """Its period is open: no history, no payroll, no later month, until another operator has approved it."""
    assert propose(path, "2024-01") == 1
    with acting(path, ANNA) as log:
        recorded = Recorded.read(log)
        assert (recorded.runs, recorded.periods(PROGRAM.id), recorded.history(PROGRAM, "2024-02")) == ((), [], None)
        assert [(waiting.proposal.head.number, waiting.may_approve) for waiting in list_waiting(recorded)] == [
            (1, ("bo", "chen"))
        ]
        (proposed,) = recorded.all_runs
        assert "payroll" not in build_run_tables(recorded, proposed, str)
        assert codes(lambda: run(log, "2024-02", FACTS)) == ["SC867"]
        assert codes(lambda: run(log, "2024-01", FACTS)) == ["SC867"]
    confirm(path, 1)
    with acting(path, ANNA) as log:
        recorded = Recorded.read(log)
        (approved,) = recorded.runs
        assert [(str(approval.actor), approval.entry) for approval in approved.approvals] == [("bo", 12)]
        assert "payroll" in build_run_tables(recorded, approved, str)
        assert codes(lambda: run(log, "2024-01", FACTS)) == ["SC840"]
        assert run(log, "2024-02", FACTS).run == 2
        assert str(recorded.people.maker(approved.start)) == "anna"


def test_what_is_approved_is_what_a_single_operator_records(path: Path, tmp_path: Path) -> None:
    """Months, a correction with the months that follow from it, and what the next one pays: the same figures."""
    for period in ("2024-01", "2024-02"):
        confirm(path, propose(path, period))
    with acting(path, CHEN) as log:
        assert [draft.number for draft in corrected(log, "2024-01", LATE).drafts] == [3, 4]
        assert find_owed(Recorded.read(log), PROGRAM.id) == []
        assert codes(lambda: run(log, "2024-03", FACTS)) == ["SC867"]
    assert codes(lambda: confirm(path, 4, CHEN)) == ["SC864"]
    confirm(path, 4)
    confirm(path, propose(path, "2024-03"))
    with create(tmp_path / "single") as single:
        for period in ("2024-01", "2024-02"):
            run(single, period, FACTS)
        corrected(single, "2024-01", LATE)
        run(single, "2024-03", FACTS)
        expected = Recorded.read(single)
        with Log.open(path) as log:
            recorded = Recorded.read(log)
            assert [recorded_run.number for recorded_run in recorded.runs] == [
                recorded_run.number for recorded_run in expected.runs
            ]
            for ours, theirs in zip(recorded.runs, expected.runs, strict=True):
                assert find_payable(recorded, ours) == find_payable(expected, theirs)
                assert (replay(log, ours).differences, list(replay_adjustments(recorded, ours))) == ((), [])
            assert sum(map(len, (recorded_run.pays for recorded_run in recorded.runs))) == 2
            ours_now, theirs_now = recorded.history(PROGRAM, "2024-04"), expected.history(PROGRAM, "2024-04")
            assert ours_now is not None
            assert theirs_now is not None
            assert ours_now.equals(theirs_now)
            assert list(check_runs(recorded)) == []
    assert verify(path).sound


def test_a_proposal_is_sent_back_or_replaced(path: Path) -> None:
    """Its period is open again, and what became of it stays visible; whoever made it may withdraw it."""
    propose(path, "2024-01")
    with acting(path, BO) as log:
        send_back(Recorded.read(log), 1, "two complaints are missing", now=NOW)
        assert codes(lambda: approve(Recorded.read(log), 1, now=NOW)) == ["SC865"]
    assert propose(path, "2024-01") == 2
    assert propose(path, "2024-01", replaces=2) == 3
    with acting(path, ANNA) as log:
        send_back(Recorded.read(log), 3, "a mistake of mine", now=NOW)
    assert propose(path, "2024-01") == 4
    confirm(path, 4)
    recorded = read(path)
    assert [proposal.state for proposal in recorded.people.proposals] == [
        ProposalState.RETURNED,
        ProposalState.REPLACED,
        ProposalState.RETURNED,
        ProposalState.APPROVED,
    ]
    assert [run.number for run in recorded.runs] == [4]
    assert recorded.people.proposals[0].reason == "two complaints are missing"


def test_nothing_is_built_on_a_trial(path: Path, tmp_path: Path) -> None:
    """Of any period, decided or not, by whoever may; it is replayed, and never approved, paid or carried over."""
    confirm(path, propose(path, "2024-01"))
    with acting(path, ANNA) as log:
        before = Recorded.read(log)
        assert record_trial(before, decided("2024-01", FACTS), {}, now=NOW, engine="x").state == "trial"
        recorded = Recorded.read(log)
        assert recorded.runs == before.runs
        assert replay(log, recorded.people.trials[0]).same == 3
        assert codes(lambda: approve(recorded, 2, now=NOW)) == ["SC865"]
        assert list(check_runs(recorded)) == []
    assert propose(path, "2024-02") == 3
    with create(tmp_path / "single") as log:
        record_trial(Recorded.read(log), decided("2024-03", FACTS), {}, now=NOW, engine="x")
        assert (Recorded.read(log).runs, run(log, "2024-01", FACTS).run) == ((), 2)
    assert verify(tmp_path / "single").sound


def test_who_may_do_what(path: Path) -> None:
    """Nobody does what their roles do not allow, nor anything once they have left; names and keys are for good."""
    propose(path, "2024-01")
    assert codes(lambda: confirm(path, 1, ANNA)) == ["SC863"]
    assert codes(lambda: propose(path, "2024-01", BO, replaces=1)) == ["SC863"]
    assert codes(lambda: confirm(path, 1, NOBODY)) == ["SC869"]
    with acting(path, BO) as log:
        assert codes(lambda: add_operator(Recorded.read(log), NOBODY.verifier, [RUNNER], now=NOW)) == ["SC863"]
        assert codes(lambda: log.erase("1001", now=NOW, reason="x")) == ["SC863"]
    with acting(path, ANNA) as log:
        for key in (BO, SigningKey("bo", b"x" * 32), SigningKey("beatrice", BO.seed)):
            signer = key.verifier
            assert codes(lambda added=signer: add_operator(Recorded.read(log), added, [RUNNER], now=NOW)) == ["SC868"]
        assert codes(lambda: change_roles(Recorded.read(log), "dora", [RUNNER], now=NOW)) == ["SC869"]
        change_roles(Recorded.read(log), "chen", [], now=NOW, reason="has left")
        assert codes(lambda: change_roles(Recorded.read(log), "anna", [RUNNER], now=NOW)) == ["SC870"]
    assert codes(lambda: confirm(path, 1, CHEN)) == ["SC863"]
    confirm(path, 1)
    with Log.open(path, key=KEY, chance=Chance("x")) as log:
        recorded = Recorded.read(log)
        assert codes(lambda: log.append([NewLogEntry("note")], now=NOW)) == ["SC861"]
    assert [operator.roles for operator in recorded.people.operators.by_name.values()][2] == ()


def test_a_server_signs_for_those_who_have_no_key(path: Path) -> None:
    """The account is named beside it; two accounts are two people, and only a server may sign for any."""
    server = SigningKey("workbench", b"w" * 32)
    with acting(path, ANNA) as log:
        add_operator(Recorded.read(log), server.verifier, [SERVER, RUNNER, APPROVER], now=NOW)
    with acting(path, server, "li@branch") as log:
        run(log, "2024-01", FACTS)
        assert codes(lambda: approve(Recorded.read(log), 1, now=NOW)) == ["SC864"]
    for key, account in ((server, ""), (ANNA, "wang@head"), (BO, "wang@head")):
        with acting(path, key, account) as log:
            assert codes(lambda log=log: approve(Recorded.read(log), 1, now=NOW)) in (["SC864"], ["SC863"])
    with acting(path, server, "wang@head") as log:
        approve(Recorded.read(log), 1, now=NOW)
    (approved,) = read(path).runs
    assert approved.approvals[0].actor == Actor("workbench", "wang@head")


def test_a_proof_shows_who_approved(path: Path, tmp_path: Path) -> None:
    """And passes over what nobody has approved; the receiver checks it with one file alone."""
    confirm(path, propose(path, "2024-01"))
    with acting(path, CHEN) as log:
        assert corrected(log, "2024-01", LATE).drafts
    with Log.open(path) as log:
        content = archive_proof(Recorded.read(log), "1001", "2024-01")
        options = ["--key", str(log.verifier), "--anchor", "anchor.txt"]
        (tmp_path / "anchor.txt").write_text(log.checkpoint().note, encoding="utf-8")
    assert content is not None
    (tmp_path / "proof.zip").write_bytes(content)
    with ZipFile(tmp_path / "proof.zip") as archive:
        archive.extract("verify.py", tmp_path)
    command = [sys.executable, "verify.py", "proof.zip", *options]
    checked = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    said = checked.stdout.splitlines()
    assert any(line.endswith("its run is approved by bo") for line in said)
    assert any(line.startswith("no other of all") for line in said)
    assert (said[-1], checked.returncode) == ("everything holds", 0)


def test_what_was_adopted_decides(path: Path) -> None:
    """By its author, once another has approved it; before, and for earlier periods, any program of the policy does."""
    other_policy = evolve(PROGRAM, version="2", title="other", pay=PROGRAM.pay[:1])
    confirm(path, propose(path, "2024-01"))
    with acting(path, ANNA) as log:
        adopt(Recorded.read(log), other_policy, {}, "2024-02", now=NOW)
        (entry,) = Recorded.read(log).people.adoptions
        assert codes(lambda: approve_adoption(Recorded.read(log), entry, now=NOW)) == ["SC863"]
    with acting(path, CHEN) as log:
        assert codes(lambda: adopt(Recorded.read(log), other_policy, {}, "2024-02", now=NOW)) == ["SC863"]
        approve_adoption(Recorded.read(log), entry, now=NOW)
        assert codes(lambda: approve_adoption(Recorded.read(log), entry, now=NOW)) == ["SC880"]
        assert codes(lambda: run(log, "2024-02", FACTS)) == ["SC882"]
        assert corrected(log, "2024-01", LATE).drafts
    confirm(path, 2)
    with acting(path, ANNA) as log:
        change_roles(Recorded.read(log), "anna", (*FIRST_ROLES, APPROVER), now=NOW)
        adopt(Recorded.read(log), PROGRAM, {}, "2024-02", now=NOW)
        last = max(Recorded.read(log).people.adoptions)
        assert codes(lambda: approve_adoption(Recorded.read(log), last, now=NOW)) == ["SC881"]
    with acting(path, BO) as log:
        approve_adoption(Recorded.read(log), last, now=NOW)
    assert propose(path, "2024-02") == 3
    assert verify(path).sound
