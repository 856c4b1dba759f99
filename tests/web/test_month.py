"""The month of an officer through the pages: facts, problems, decisions, the record; the same as the commands give."""

import json
import re
import zipfile
from html import unescape
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from operators import ANNA, BO
from recording import KEY, NOW, Chance
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Signer
from scorecore.record.people.acts import add_operator
from scorecore.record.people.operators import APPROVER, FIRST_ROLES
from scorecore.record.runs.recorded import Recorded
from scorecore.services.recorded_periods import read_period, summarize_period
from scorecore_cli.main import scorecore
from workbench_site import BRANCH, PERIOD, Site, make_branch

HOSTILE = '"><script>alert(1)</script>{{7919*7907}}'
FACTS = f"/policies/policy/facts/{PERIOD}"
RUN = f"/policies/policy/runs/{PERIOD}"
ROLES_OF_ANNA = {"roles": list(FIRST_ROLES)}
PERSON = f"/policies/policy/people/{PERIOD}"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.of(make_branch(tmp_path)).sign_in()


def hidden(text: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, name
    return unescape(match[1])


def record_month(site: Site, period: str = PERIOD, **form: str) -> int:
    address = f"/policies/policy/runs/{period}"
    seen = hidden(site.get(f"{address}?from=facts").text, "seen")
    return int(site.post(address, {"seen": seen, **form}).status_code)


def run_by_command(folder: Path) -> list[dict[str, object]]:
    arguments = ["run", f"{folder}/policy.toml", "--facts", f"{folder}/facts", "--period", PERIOD, "--json"]
    data = json.loads(CliRunner().invoke(scorecore, arguments).stdout)
    return list(data["decisions"])


def test_the_pages_have_the_figures_of_the_command(site: Site) -> None:
    of_pages = site.get(f"/api/policies/policy/runs/{PERIOD}").json()["people"]
    of_command = run_by_command(site.folder)
    assert [person["id"] for person in of_pages] == [row["person"] for row in of_command]
    assert [person["results"]["pay.net"] for person in of_pages] == [row["pay.net"] for row in of_command]


def test_a_month_is_brought_decided_recorded_and_verified(site: Site) -> None:
    assert site.post("/record").status_code == 200
    rows = b"\xe5\xb7\xa5\xe5\x8f\xb7,volume\nA1,1000000\nA2,2000000\n"
    assert site.post(FACTS, files={"files": ("person.csv", rows)}).status_code == 200
    assert record_month(site) == 200
    with Log.open(site.folder / "record.scorecore") as log:
        recorded = Recorded.read(log)
        summary = summarize_period(recorded, "chengnan.manager", PERIOD)
        period = read_period(recorded, "chengnan.manager", PERIOD)
    assert (summary.people, summary.held, str(summary.net)) == (2, 0, "3000")
    assert [person.facts.subject for person in period.people] == ["A1", "A2"]
    assert period.differing == ()
    verification = site.client.post(
        "/api/record/verify", json={}, headers={"X-Scorecore-Form-Token": site.form_token()}
    ).json()
    assert verification["is_sound"]
    replays = site.client.post(
        "/api/record/replay", json={}, headers={"X-Scorecore-Form-Token": site.form_token()}
    ).json()["runs"]
    assert [(replayed["same"], replayed["differences"]) for replayed in replays] == [(2, [])]
    proof = site.get(f"/record/proof?person=A1&period={PERIOD}").content
    assert "verify.py" in zipfile.ZipFile(BytesIO(proof)).namelist()
    assert "A1" in site.get("/record?seed=dice&sample=2").text


def test_a_recorded_month_is_recorded_once(site: Site) -> None:
    site.post("/record")
    seen = hidden(site.get(RUN).text, "seen")
    assert site.post(RUN, {"seen": seen}).status_code == 200
    assert site.post(RUN, {"seen": seen, "reason": "another form"}).status_code == 409
    with Log.open(site.folder / "record.scorecore") as log:
        assert len(Recorded.read(log).runs) == 1


def test_what_was_not_shown_is_not_recorded(site: Site) -> None:
    site.post("/record")
    seen = hidden(site.get(RUN).text, "seen")
    (site.folder / "facts" / "person.csv").write_text("工号,月交易量\nB1001,9\n", encoding="utf-8")
    response = site.post(RUN, {"seen": seen})
    assert response.status_code == 409
    assert "B1001" in response.text
    with Log.open(site.folder / "record.scorecore") as log:
        assert Recorded.read(log).runs == ()


@pytest.mark.slow
def test_a_recorded_month_does_not_change_with_the_facts(site: Site) -> None:
    site.post("/record")
    record_month(site)
    (site.folder / "facts" / "person.csv").write_text("工号,月交易量\nB1001,9\n", encoding="utf-8")
    assert "1,200.00" in site.get(RUN).text
    assert "1,200.00" not in site.get(f"{RUN}?from=facts").text
    assert "1,200.00" in site.get(f"{PERSON}?person=B1001").text


def test_a_problem_is_shown_at_its_cell_and_holds_its_person(site: Site) -> None:
    content = BytesIO()
    pl.DataFrame({"工号": ["B1", "B2"], "月交易量": ["1200", "twelve"]}).write_excel(content, "person")
    site.post(FACTS, files={"files": ("五月.xlsx", content.getvalue())})
    text = site.get(FACTS).text
    assert "五月.xlsx[person]!B3" in text
    assert re.search(r'<td class="wrong">twelve<span class="why">', text)
    rows = re.findall(r"person=(B\d)&", site.get(RUN).text)
    assert rows == ["B2", "B2", "B1"]  # who is held is named with the reason, and comes first
    assert "五月.xlsx[person]!B3" in site.get(f"{RUN}?only=held").text


def test_a_file_that_is_no_table_is_not_kept(site: Site) -> None:
    for name in ("letter.txt", "holiday.csv", "../person.csv.exe", "..", "C:\\facts\\letter.docx"):
        response = site.post(FACTS, files={"files": (name, b"x")})
        assert response.status_code == 400, name
    assert not (site.folder / "workbench.sqlite").exists()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", ["../../person.csv", "C:\\temp\\person.csv", "/etc/person.csv"])
def test_no_name_of_a_file_is_a_path(site: Site, name: str) -> None:
    before = {path for path in site.folder.parent.rglob("*") if "workbench.sqlite" not in path.name}
    response = site.post(FACTS, files={"files": (name, "工号,月交易量\nZ9,5\n".encode())})
    assert response.status_code == 200
    assert "Z9" in site.get(RUN).text
    assert {path for path in site.folder.parent.rglob("*") if "workbench.sqlite" not in path.name} == before


def test_hostile_texts_are_shown_and_do_nothing(site: Site) -> None:
    policy = (BRANCH / "policy.toml").read_text(encoding="utf-8")
    quoted = json.dumps(HOSTILE)
    policy = (policy.replace('"城南营业部客户经理月度考核"', quoted).replace('"佣金提成"', quoted)).replace(
        '"工号"', json.dumps(f"{HOSTILE}:")
    )  # a row with the heading itself would be a repeated heading
    (site.folder / "policy.toml").write_text(policy, encoding="utf-8")
    csv = pl.DataFrame({"person": [HOSTILE], "volume": [HOSTILE], f"{HOSTILE}2": [HOSTILE]}).write_csv()
    (site.folder / "policy.cases.toml").write_text(f"[[case]]\nname = {quoted}\n", encoding="utf-8")
    site.post(FACTS, files={"files": ("person.csv", csv.encode())})
    site.post("/record")
    record_month(site, reason=HOSTILE)
    pages = ("/", "/policies/policy", "/policies/policy?part=cases", FACTS, RUN, f"{RUN}?from=facts", "/record")
    asked = {"person": HOSTILE, "search": HOSTILE, "goal": HOSTILE, "if.volume": HOSTILE, "seed": HOSTILE}
    for address in (*pages, PERSON):
        text = site.client.get(address, params=asked if "?" not in address else None).text
        assert "<script>" not in text.replace('<script type="module"', ""), address
        assert "62615533" not in text, address  # nothing was taken for a template
    assert "&lt;script&gt;" in site.get(RUN).text


def test_characters_that_act_are_made_visible(site: Site) -> None:
    site.post(FACTS, files={"files": ("person.csv", "工号,月交易量\nB\u202e1,5\n".encode())})
    text = site.get(RUN).text
    assert "B\\u202e1" in text
    assert "\u202e" not in text


def test_what_if_decides_with_other_facts_and_keeps_nothing(site: Site) -> None:
    address = f"/api/policies/policy/people/{PERIOD}?person=B1001&if.volume=2000000"
    data = site.get(address).json()
    assert data["net"] == "1200"
    assert data["what_if"]["net"] == "2000"
    assert site.get(f"{PERSON}?person=B1001&if.volume=2000000").text.count("+800") == 2
    assert site.get(f"{PERSON}?person=B1001&if.volume=many").status_code == 200
    assert site.get(f"/api/policies/policy/runs/{PERIOD}").json()["people"][0]["results"]["pay.net"] == "1200"


def test_nobody_of_that_id_is_a_page(site: Site) -> None:
    assert site.client.get(f"{PERSON}?person=nobody").status_code == 404
    assert site.client.get(PERSON).status_code == 404
    assert site.client.get("/policies/policy/runs/May").status_code == 404
    assert site.client.get("/policies/other").status_code == 404


def test_a_text_is_saved_unless_it_was_changed_elsewhere(site: Site) -> None:
    page = site.get("/policies/policy").text
    text = (site.folder / "policy.toml").read_text(encoding="utf-8")
    form = {"part": "policy", "digest": hidden(page, "digest"), "text": text.replace("0.001", "0.002")}
    assert site.post("/policies/policy", form).status_code == 200
    assert "2,400.00" in site.get(RUN).text
    response = site.post("/policies/policy", {**form, "text": "mine"})
    assert response.status_code == 409
    assert "mine" in response.text
    assert "0.002" in (site.folder / "policy.toml").read_text(encoding="utf-8")


def test_a_saved_text_keeps_its_line_ends_and_its_readers(site: Site) -> None:
    path = site.folder / "policy.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o600)
    before = path.read_bytes()
    page = site.get("/policies/policy").text
    text = before.decode().replace("0.001", "0.002")
    form = {"part": "policy", "digest": hidden(page, "digest"), "text": text}
    assert site.post("/policies/policy", form).status_code == 200
    assert path.read_bytes() == before.replace(b"0.001", b"0.002")
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_problems_of_a_text_are_those_of_check(site: Site) -> None:
    text = (site.folder / "policy.toml").read_text(encoding="utf-8").replace("volume *", "volum *")
    headers = {"X-Scorecore-Form-Token": site.form_token()}
    answer = site.client.post("/api/policies/policy/problems", json={"text": text}, headers=headers).json()["problems"]
    assert [(row["is_here"], row["line"]) for row in answer] == [(True, 18)]
    (site.folder / "policy.toml").write_text(text, encoding="utf-8")
    checked = site.get("/api/policies/policy/check").json()["problems"]
    assert [(row["code"], row["line"]) for row in checked] == [(row["code"], row["line"]) for row in answer]
    assert site.client.get(RUN).status_code == 409


def test_a_record_is_begun_once(site: Site) -> None:
    assert site.post("/record").status_code == 200
    assert Site.of(site.folder).sign_in().post("/record").status_code == 409


@pytest.mark.slow
def test_a_key_that_is_not_the_records_is_a_page(site: Site) -> None:
    site.post("/record")
    (site.folder / "record.scorecore.key").write_text(KEY.text(), encoding="ascii")
    assert record_month(site) == 409


@pytest.mark.slow
def test_a_trial_of_what_was_recorded_changes_nothing_and_another_text_what_it_says(site: Site) -> None:
    site.post("/record")
    for period in ("2024-04", PERIOD):
        record_month(site, period)
    text = (site.folder / "policy.toml").read_text(encoding="utf-8")
    headers = {"X-Scorecore-Form-Token": site.form_token()}
    address = "/api/policies/policy/diff"
    same_answer = site.client.post(address, json={"text": text, "months": 2}, headers=headers).json()
    assert same_answer["periods"] == ["2024-04", PERIOD]
    assert (same_answer["summary"]["differ"], same_answer["summary"]["net"]["before"]) == (0, "5120")
    other_body = {"text": text.replace("0.001", "0.002"), "months": 1}
    changed = site.client.post(address, json=other_body, headers=headers).json()
    assert (changed["summary"]["differ"], changed["summary"]["net"]["change"]) == (3, "2560")
    assert "+2,560.00" in site.post("/policies/policy/try", {**other_body, "months": "1"}).text
    for odd in ({}, {"text": "x"}, {"text": text, "months": 13}, {"text": text, "months": "x"}, {"text": 1}):
        assert 400 <= site.client.post(address, json=odd, headers=headers).status_code < 500, odd


def test_facts_elsewhere_in_the_folder_are_connected(site: Site) -> None:
    (site.folder / "facts").rename(site.folder / "数据")
    assert site.client.get(RUN).status_code == 404
    assert site.post(f"{FACTS}/connect", {"source": "../数据"}).status_code == 404
    assert site.post(f"{FACTS}/connect", {"source": "数据"}).status_code == 200
    assert "1,200.00" in site.get(RUN).text
    assert "数据/person.csv" in site.get(FACTS).text


def test_a_run_that_another_must_approve_waits_and_is_in_force_when_approved(tmp_path: Path) -> None:
    folder = make_branch(tmp_path)
    record = folder / "record.scorecore"
    with Log.create(record, key=KEY, now=NOW, chance=Chance(), signer=Signer(ANNA), about=ROLES_OF_ANNA) as log:
        add_operator(Recorded.read(log), BO.verifier, [APPROVER], now=NOW)
    keys = {"": KEY, ".anna": ANNA, ".bo": BO}
    for name, key in keys.items():
        (folder / f"record.scorecore{name}.key").write_text(key.text(), encoding="ascii")
    runner = Site.of(folder, operator=folder / "record.scorecore.anna.key").sign_in()
    approver = Site.of(folder, operator=folder / "record.scorecore.bo.key").sign_in()
    assert record_month(runner) == 200
    assert "bo" in runner.get(RUN).text
    assert "1,200.00" in approver.get(f"{RUN}?from=proposal").text
    assert f"{RUN}?from=proposal" in approver.get("/").text
    assert runner.post(f"{RUN}/settle", {"number": "1", "deed": "approve"}).status_code == 409  # her own work
    assert approver.post(f"{RUN}/settle", {"number": "1", "deed": "return", "reason": " "}).status_code == 400
    assert approver.post(f"{RUN}/settle", {"number": "1", "deed": "return", "reason": "late facts"}).status_code == 200
    for page in ("/record", "/", RUN):
        assert "late facts" in runner.get(page).text, page
    assert record_month(runner) == 200
    assert approver.post(f"{RUN}/settle", {"number": "2", "deed": "approve"}).status_code == 200
    with Log.open(record) as log:
        assert [run.number for run in Recorded.read(log).runs] == [2]
    assert approver.client.get(f"{RUN}?from=proposal").status_code == 404
    assert "1,200.00" in runner.get(f"{RUN}?from=record").text


@pytest.mark.slow
def test_every_recorded_month_of_a_firm_is_the_same_when_it_is_tried(tmp_path: Path) -> None:
    """The facts of a record are those that were decided on: balances, pools, late facts and corrections among them."""
    result = CliRunner().invoke(scorecore, ["new", "--sample-firm", str(tmp_path / "firm")])
    assert result.exit_code == 0, result.output
    site = Site.of(tmp_path / "firm").sign_in()
    with Log.open(site.folder / "record.scorecore") as log:
        recorded = Recorded.read(log)
        nets = {
            policy: sum((summarize_period(recorded, policy, label).net or 0) for label in recorded.periods(policy)[3:])
            for policy in ("minghu.manager.east", "minghu.service.east")
        }
    for key, policy in (("manager_east-2025.2", "minghu.manager.east"), ("service_east-2025.1", "minghu.service.east")):
        address = f"/policies/policies~{key}"
        headers = {"X-Scorecore-Form-Token": site.form_token(address)}
        text = (site.folder / "policies" / f"{key}.toml").read_text(encoding="utf-8")
        answer = site.client.post(f"/api{address}/diff", json={"text": text, "months": 3}, headers=headers).json()
        assert answer["summary"]["differ"] == 0
        assert answer["summary"]["net"]["before"] == str(nets[policy]), policy
    for page in ("/", "/record", "/policies/policies~service_east-2025.1/runs/2025-06"):
        site.get(page)
