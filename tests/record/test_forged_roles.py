"""Somebody can write the file, and has the key of the record as every runner has: what they forge is found."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve, frozen

from corrections import PROGRAM, decided
from operators import (
    ANNA,
    BO,
    CHEN,
    FACTS,
    NOBODY,
    acting,
    begin_with_operators,
    codes,
    confirm,
    forge,
    propose,
    prove,
    read,
)
from recording import KEY, NOW, Chance
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.corrections.payroll import find_payable
from scorecore.record.log import standalone_verifier
from scorecore.record.log.entries import NewLogEntry, blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.sealing import Press
from scorecore.record.log.signatures import SIGNATURE, Signer
from scorecore.record.log.tree import Frontier
from scorecore.record.log.verify import verify
from scorecore.record.log.write import Appending
from scorecore.record.people.acts import adopt, approve_adoption, change_roles, send_back
from scorecore.record.people.operators import APPROVAL, APPROVER, OPERATOR, RETURN, RUNNER
from scorecore.record.record_run import record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import Draft, append, count_decisions, subject_payloads
from tampering import REFUSED, mutations

TAMPERINGS: Final = int(os.environ.get("RECORD_TAMPERINGS", "20"))
FIRST: Final = int(os.environ.get("RECORD_TAMPERING_FIRST", "0"))
NOTHING: Final = {"subjects": 0, "decided": 0, "held": 0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    begin_with_operators(tmp_path / "record.scorecore")
    return tmp_path / "record.scorecore"


@frozen
class Forger(Signer):
    """Signs with a key of their own what they say that somebody else has done."""

    name: str = "bo"

    def sign(self, log: str, first: int, size: int, root: bytes) -> NewLogEntry:
        entry = super().sign(log, first, size, root)
        return evolve(entry, fields={**entry.fields, "operator": self.name})


def approval(path: Path, number: int = 1) -> NewLogEntry:
    proposal = read(path).people.proposal(number)
    assert proposal is not None
    return NewLogEntry(APPROVAL, proposal.fields)


def _approve_unsigned(path: Path) -> None:
    forge(path, None, approval(path))


def _approve_own_run(path: Path) -> None:
    propose(path, "2024-01", CHEN, replaces=1)
    forge(path, Signer(CHEN), NewLogEntry(APPROVAL, read(path).people.proposals[1].fields))


def _approve_without_role(path: Path) -> None:
    forge(path, Signer(ANNA), approval(path))


def _approve_as_another(path: Path) -> None:
    forge(path, Forger(ANNA), approval(path))


def _approve_as_nobody(path: Path) -> None:
    forge(path, Signer(NOBODY), approval(path))


def _approve_after_leaving(path: Path) -> None:
    with acting(path, ANNA) as log:
        change_roles(Recorded.read(log), "bo", [], now=NOW)
    forge(path, Signer(BO), approval(path))


def _move_an_approval(path: Path) -> None:
    """What Bo has signed of run 1, put behind run 2, whole."""
    confirm(path, 1)
    propose(path, "2024-02")
    with Log.open(path) as log:
        signatures = [entry for entry in log.entries() if entry.kind == SIGNATURE]
    (signature,) = [entry for entry in signatures[-2:] if entry.fields["operator"] == "bo"]
    fields = {name: signature.fields[name] for name in ("operator", "first", "signature")}
    forge(path, None, approval(path, 2), NewLogEntry(SIGNATURE, fields))


def _approve_other_manifests(path: Path) -> None:
    fields = {**approval(path).fields, "runs": ["0" * 64]}
    forge(path, Signer(BO), NewLogEntry(APPROVAL, fields))


def _approve_twice(path: Path) -> None:
    confirm(path, 1)
    forge(path, Signer(CHEN), NewLogEntry(APPROVAL, read(path).people.proposals[0].fields))


def _return_without_role(path: Path) -> None:
    with acting(path, ANNA) as log:
        change_roles(Recorded.read(log), "chen", [RUNNER], now=NOW)
    forge(path, Signer(CHEN), NewLogEntry(RETURN, {**approval(path).fields, "reason": "x"}))


def _make_oneself_approver(path: Path) -> None:
    forge(path, Signer(BO), NewLogEntry(OPERATOR, {"operator": "bo", "roles": [APPROVER, RUNNER]}))


def _approve_what_is_outdated(path: Path) -> None:
    """A second proposal of the same policy is decided before the first is in force, and approved after it."""
    with acting(path, CHEN) as log:
        recorded = Recorded.read(log)
        people = evolve(recorded.people, proposals=[], trials=recorded.all_runs)
        recorded = evolve(recorded, people=people)
        record_run(log, decided("2024-02", FACTS), {}, now=NOW, engine="x", recorded=recorded)
    confirm(path, 1)
    forge(path, Signer(BO), NewLogEntry(APPROVAL, read(path).people.proposals[1].fields))


def _draft(path: Path, number: int, kind: str) -> list[NewLogEntry]:
    """The entries of a run that is not decided by anything."""
    (proposed,) = read(path).all_runs
    manifest = {**proposed.manifest, "number": number}
    draft = Draft(
        number=number,
        pins=Pins(data=manifest),
        period="2024-01",
        about={"reason": "again"},
        decisions=(),
        counts=NOTHING,
        kind=kind,
    )
    with Log.open(path, key=KEY, chance=Chance(kind)) as log, log._transaction():  # noqa: SLF001  as a forger would
        Appending(log.connection, log._subjects, log.sealing, Frontier()).add_blobs(  # noqa: SLF001
            {blob_digest(draft.manifest): draft.manifest}, Press()
        )
    return list(draft.entries())


def _record_without_a_proposal(path: Path) -> None:
    forge(path, Signer(ANNA), *_draft(path, 2, "run"))


def _use_a_number_again(path: Path) -> None:
    forge(path, Signer(ANNA), *_draft(path, 1, "proposal"))


def _run_what_was_not_adopted(path: Path) -> None:
    """Past the check of the command: the program of run 1 is not the one that was adopted meanwhile."""
    with acting(path, BO) as log:
        send_back(Recorded.read(log), 1, "wrong", now=NOW)
    with acting(path, ANNA) as log:
        adopt(Recorded.read(log), evolve(PROGRAM, pay=()), {}, "2024-01", now=NOW)
    with acting(path, BO) as log:
        approve_adoption(Recorded.read(log), max(Recorded.read(log).people.adoptions), now=NOW)
    forge(path, Signer(ANNA), *_draft(path, 2, "proposal"))


def _adopt_without_role(path: Path) -> None:
    fields = {"policy": "p@1", "program": "0" * 64, "first": "2024-01", "documents": {}}
    forge(path, Signer(BO), NewLogEntry("adoption", fields))


def _hide_what_follows(path: Path) -> None:
    """A second end of run 1, so that whoever goes from its beginning to its end passes over what lies between."""
    with acting(path, BO) as log:
        send_back(Recorded.read(log), 1, "wrong", now=NOW)
    close = read(path).all_runs[0].close
    fields = {name: close[name] for name in ("run", "decisions", "subjects", "decided", "held")}
    forge(path, Signer(ANNA), NewLogEntry("close", fields, period="2024-01"))
    forge(path, Signer(BO), approval(path))


def _sign_a_gap(path: Path) -> None:
    """Entries that nobody has signed, under a signature of those that follow."""
    forge(path, None, approval(path))
    forge(path, Signer(BO), NewLogEntry("note"))


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (_approve_unsigned, "SC862"),
        (_approve_own_run, "SC864"),
        (_move_an_approval, "SC862"),
        (_record_without_a_proposal, "SC871"),
        (_use_a_number_again, "SC873"),
        (_hide_what_follows, "SC865"),
        (_run_what_was_not_adopted, "SC882"),
        (_adopt_without_role, "SC863"),
        (_approve_without_role, "SC863"),
        (_approve_as_another, "SC862"),
        (_approve_as_nobody, "SC862"),
        (_approve_after_leaving, "SC863"),
        (_approve_other_manifests, "SC865"),
        (_approve_twice, "SC865"),
        (_return_without_role, "SC863"),
        (_make_oneself_approver, "SC863"),
        (_approve_what_is_outdated, "SC866"),
        (_sign_a_gap, "SC862"),
    ],
)
def test_forged_entries_are_found(path: Path, attack: Callable[[Path], None], code: str) -> None:
    """By every command that reads the record, and by a proof: its key has signed it, and it is refused."""
    propose(path, "2024-01")
    attack(path)
    assert verify(path).sound
    assert code in codes(lambda: read(path))
    assert prove(path) == 1


def test_a_proof_names_who_approved(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing without an anchor and decide.py is said; without the entries in between, so is that."""
    confirm(path, propose(path, "2024-01"))
    confirm(path, propose(path, "2024-02"), CHEN)
    propose(path, "2024-03")
    assert prove(path) == 3
    said = capsys.readouterr().out.splitlines()
    assert "every entry is signed by an operator who was allowed to record it" in said
    names = [line.rpartition(" ")[2] for line in said if "its run is approved by" in line]
    assert names == ["bo"] * 3 + ["chen"] * 3
    assert len([line for line in said if "its run is not in force" in line]) == 3
    later = next(path.with_name("proof").glob("later-*"))
    later.unlink()
    assert standalone_verifier.main([str(later.parent)]) == 3
    assert "who signed and who approved was not checked: not all entries are here" in capsys.readouterr().out


def test_what_another_program_would_decide_is_not_approved(path: Path) -> None:
    """A runner who records other decisions than the program makes is found by whoever approves."""
    with acting(path, ANNA) as log:
        recorded = Recorded.read(log)
        decisions = decided("2024-01", FACTS)
        payloads = [(who, data.replace(b'"10"', b'"11"')) for who, data in subject_payloads(decisions)]
        pins = Pins.of(PROGRAM, decisions.facts.period, {}, {}, "forged")
        draft = Draft(
            number=1, pins=pins, period="2024-01", about={}, decisions=payloads, counts=count_decisions(decisions)
        )
        append(log, [draft], now=NOW, after=recorded.size)
    assert codes(lambda: confirm(path, 1)) == ["SC872"]


def _read_people(path: Path) -> object:
    """What commands show of the people of a record, and what is in force by them."""
    try:
        with Log.open(path) as log:
            recorded = Recorded.read(log)
            people = recorded.people
            proposals = [
                (proposal.state, str(proposal.maker), proposal.approvals, proposal.reason, proposal.fields)
                for proposal in people.proposals
            ]
            history = recorded.history(PROGRAM, "2024-02")
            in_force = [(run.number, run.approvals, find_payable(recorded, run)) for run in recorded.runs]
            return people.operators, proposals, in_force, None if history is None else history.rows(), people.sizes
    except Rejected:
        return REFUSED


def test_what_is_read_of_people_is_honest_or_refused(path: Path, tmp_path: Path) -> None:
    """Whatever somebody without any key changes in the file."""
    propose(path, "2024-01")
    with acting(path, BO) as log:
        send_back(Recorded.read(log), 1, "wrong", now=NOW)
    confirm(path, propose(path, "2024-01"))
    propose(path, "2024-02")
    expected = _read_people(path)
    assert expected != REFUSED
    said = {change: _read_people(copy) for copy, change in mutations(path, tmp_path, range(FIRST, FIRST + TAMPERINGS))}
    assert {change: what for change, what in said.items() if what not in (REFUSED, expected)} == {}
