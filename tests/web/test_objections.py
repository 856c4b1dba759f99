"""Statements, objections with both sides, corrections and answers, through the pages and as JSON."""

import re
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from operators import ANNA, BO
from recording import KEY, NOW, Chance
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Signer
from scorecore.record.people.acts import add_operator
from scorecore.record.people.contest import read_objection
from scorecore.record.people.operators import APPROVER, FIRST_ROLES
from scorecore.record.runs.recorded import Recorded
from scorecore_web.workbench import Workbench
from workbench_site import PERIOD, Site, make_branch

HOSTILE = '"><script>alert(1)</script>'
RUN = f"/policies/policy/runs/{PERIOD}"
CORRECTION = f"/policies/policy/corrections/{PERIOD}"
PERSON = {"policy": "chengnan.manager", "period": PERIOD, "person": "B1001"}
WRONG = {"contested": "1", "reason": f"the volume is wrong {HOSTILE}"}


def hidden(site: Site, address: str, name: str, **query: str) -> str:
    text = site.get(address, params=query).text
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, (address, name)
    return unescape(match[1])


def record_month(site: Site) -> None:
    assert site.post(RUN, {"seen": hidden(site, f"{RUN}?from=facts", "seen")}).status_code == 200


def object_to(site: Site, **options: Any) -> int:
    decision = hidden(site, "/record/object", "decision", **PERSON)
    return int(site.post("/record/object", {**PERSON, "decision": decision, **WRONG}, **options).status_code)


@pytest.fixture
def alone(tmp_path: Path) -> Site:
    """The month of a branch that one person keeps, recorded."""
    site = Site.of(make_branch(tmp_path)).sign_in()
    site.post("/record")
    record_month(site)
    return site


@pytest.fixture
def shared(tmp_path: Path) -> tuple[Site, Site]:
    """The same of a record with operators: a runner, and who approves."""
    folder = make_branch(tmp_path)
    record = folder / "record.scorecore"
    about = {"roles": list(FIRST_ROLES)}
    with Log.create(record, key=KEY, now=NOW, chance=Chance(), signer=Signer(ANNA), about=about) as log:
        add_operator(Recorded.read(log), BO.verifier, [APPROVER], now=NOW)
    for name, key in {"": KEY, ".anna": ANNA, ".bo": BO}.items():
        (folder / f"record.scorecore{name}.key").write_text(key.text(), encoding="ascii")
    runner, approver = (Site.of(folder, operator=folder / f"record.scorecore.{name}.key") for name in ("anna", "bo"))
    return runner.sign_in(), approver.sign_in()


def settle(site: Site, number: int) -> None:
    assert site.post(f"{RUN}/settle", {"number": str(number), "deed": "approve"}).status_code == 200


def test_a_statement_is_what_the_person_reads_and_names_nobody_else(alone: Site) -> None:
    text = alone.get("/record/statement", params=PERSON).text
    assert "1,200.00" in text
    assert "B1001" in text
    assert "B1002" not in text
    assert alone.get("/api/record/statement", params=PERSON).json()["subject"] == "B1001"
    for name in PERSON:
        for page in ("/record/statement", "/record/object", "/api/record/contestable"):
            assert alone.client.get(page, params=PERSON | {name: "nobody"}).status_code == 404, (page, name)


def test_reading_the_record_does_not_make_it_another(alone: Site) -> None:
    """What was computed of it is kept: otherwise each statement would read the whole month."""
    workbench = Workbench.open(alone.folder)
    before = workbench.sign_record()
    with workbench.open_record() as log:
        assert Recorded.read(log).runs
        assert workbench.sign_record() == before
    object_to(alone)
    assert workbench.sign_record() != before


def test_an_objection_waits_with_both_sides_and_its_evidence(alone: Site) -> None:
    letter = b"a letter"
    assert object_to(alone, files={"files": ("../信.txt", letter)}) == 200
    waiting = alone.get("/").text
    assert "/objections" in waiting
    rows = alone.get("/api/objections").json()["objections"]
    assert [(row["person"], row["is_waiting"], row["contested"]) for row in rows] == [("B1001", True, "佣金提成")]
    entry = rows[0]["entry"]
    data = alone.get(f"/api/objections/{entry}").json()
    assert (data["with"]["pay.net"], data["without"]["pay.net"]) == ("1200", "0")
    page = alone.get(f"/objections/{entry}")
    assert "<script>alert" not in page.text
    assert "1,200.00" in page.text
    digest = sha256(letter).hexdigest()
    assert alone.get(f"/objections/{entry}/evidence", params={"digest": digest}).content == letter
    assert alone.client.get(f"/objections/{entry}/evidence", params={"digest": "0" * 64}).status_code == 404
    with Log.open(alone.folder / "record.scorecore") as log:
        recorded = Recorded.read(log)
        text = read_objection(recorded, recorded.people.objections[entry])
    assert text is not None
    assert (text.reason, text.evidence) == (WRONG["reason"], (digest,))


def test_what_is_not_complete_or_not_what_was_shown_is_not_recorded(alone: Site) -> None:
    decision = hidden(alone, "/record/object", "decision", **PERSON)
    complete = {**PERSON, "decision": decision, **WRONG}
    for changed, status in (
        ({"reason": " "}, 400),
        ({"reason": "x" * 5000}, 400),
        ({"contested": "0"}, 400),
        ({"contested": "99"}, 400),
        ({"contested": ""}, 400),
        ({"decision": "1"}, 409),
        ({"person": "B1009"}, 404),
    ):
        assert alone.post("/record/object", complete | changed).status_code == status, changed
    with Log.open(alone.folder / "record.scorecore") as log:
        assert Recorded.read(log).people.objections == {}


def test_an_objection_is_refused_by_somebody_else_than_who_recorded(shared: tuple[Site, Site]) -> None:
    runner, approver = shared
    record_month(runner)
    settle(approver, 1)
    assert object_to(runner) == 200
    entry = runner.get("/api/objections").json()["objections"][0]["entry"]
    refusal = {"verdict": "refused", "reason": "it was counted as the ledger says"}
    assert runner.post(f"/objections/{entry}", refusal).status_code == 409
    for changed in ({"verdict": "perhaps"}, {"reason": " "}, {"verdict": "accepted"}):
        assert approver.post(f"/objections/{entry}", refusal | changed).status_code == 400, changed
    assert approver.post(f"/objections/{entry}", refusal).status_code == 200
    assert approver.post(f"/objections/{entry}", refusal | {"reason": "once more"}).status_code == 409
    assert refusal["reason"] in runner.get("/record/statement", params=PERSON).text
    assert runner.client.get("/objections/99").status_code == 404


def test_an_objection_is_accepted_by_a_correction_that_was_approved(shared: tuple[Site, Site]) -> None:
    runner, approver = shared
    record_month(runner)
    settle(approver, 1)
    object_to(runner)
    entry = runner.get("/api/objections").json()["objections"][0]["entry"]
    assert "Nothing changes." in runner.get(CORRECTION).text
    facts = runner.folder / "facts" / "person.csv"
    facts.write_text(facts.read_text(encoding="utf-8").replace("1200000", "1300000"), encoding="utf-8")
    assert "1,200.00 → 1,300.00" in runner.get(CORRECTION).text
    assert CORRECTION in approver.get(f"/objections/{entry}").text
    form = {"seen": hidden(runner, CORRECTION, "seen"), "reason": "the volume was wrong"}
    assert runner.post(CORRECTION, form | {"reason": ""}).status_code == 400
    assert runner.post(CORRECTION, form | {"seen": "x"}).status_code == 409
    assert runner.post(CORRECTION, form).status_code == 200
    acceptance = {"verdict": "accepted", "correction": "2", "reason": "the volume was wrong"}
    assert approver.post(f"/objections/{entry}", acceptance).status_code == 409  # it is not in force
    settle(approver, 2)
    assert approver.get(f"/api/objections/{entry}").json()["corrections"] == [2]
    assert approver.post(f"/objections/{entry}", acceptance).status_code == 200
    text = runner.get("/record/statement", params=PERSON).text
    assert "1,300.00" in text
    assert "accepted, with run 2" in text


def test_all_statements_of_a_month_are_one_file(alone: Site) -> None:
    month = {"policy": PERSON["policy"], "period": PERIOD}
    response = alone.get("/record/statements", params=month | {"as": "html"})
    assert response.headers["content-disposition"].startswith("attachment")
    for person in ("B1001", "B1002", "B1003"):
        headline = alone.get("/api/record/statement", params=PERSON | {"person": person}).json()["headline"]
        assert response.text.count(headline) == 1
    for odd in ({"as": "exe"}, {"as": ""}, {"as": "html", "period": "2031-01"}, {"as": "pdf", "policy": "../x"}):
        assert alone.client.get("/record/statements", params=month | odd).status_code == 404


def test_programs_object_and_answer(alone: Site) -> None:
    token = {"Authorization": f"Bearer {alone.sessions.token}"}
    contestable = alone.client.get("/api/record/contestable", params=PERSON, headers=token).json()
    assert [entry["contested"] for entry in contestable["entries"]] == ["佣金提成"]
    body = {**PERSON, "decision": contestable["decision"], "contested": "whole", "reason": "not mine"}
    entry = alone.client.post("/api/objections", json=body, headers=token).json()["entry"]
    answered = {"verdict": "refused", "reason": "yours"}
    assert alone.client.post(f"/api/objections/{entry}/answer", json=answered, headers=token).status_code == 200
    assert alone.client.post(f"/api/objections/{entry}/answer", json=[answered], headers=token).status_code == 400
    assert alone.get(f"/api/objections/{entry}").json()["answer"] == "yours"
