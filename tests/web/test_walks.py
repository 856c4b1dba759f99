"""Where somebody who had only the pages stumbled: each of these was met on a walk, which docs/workbench.md has."""

import re
from pathlib import Path

import polars as pl
import pytest

from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from workbench_site import PERIOD, Site, make_branch

FACTS = f"/policies/policy/facts/{PERIOD}"
RUN = f"/policies/policy/runs/{PERIOD}"
MEETINGS = """
[facts.meetings]
label = "例会"
key = ["day"]
dated_by = "day"
fields = { day = { type = "date", label = "日期" }, late = { type = "int", label = "迟到分钟" } }

[[pay]]
id     = "lateness"
label  = "迟到扣款"
kind   = "deduction"
amount = "meetings.map(m, m.late).sum()"
"""
PERSON = "工号,期间,月交易量\nB1001,2024-04,1200000\nB1001,2024-05,1200000\nB1002,2024-05,860000\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A branch with a table of events beside that of people."""
    folder = make_branch(tmp_path)
    with (folder / "policy.toml").open("a", encoding="utf-8") as policy:
        policy.write(MEETINGS)
    (folder / "facts" / "person.csv").write_text(PERSON, encoding="utf-8")
    (folder / "facts" / "meetings.csv").write_text("工号,day,late\nB1001,2024-05-06,7\n", encoding="utf-8")
    return Site.of(folder).sign_in()


def bring(site: Site, content: bytes, name: str = "person.csv", **form: str) -> str:
    return site.post(FACTS, form, files={"files": (name, content)}).text


def nets(site: Site) -> dict[str, str]:
    people = site.get(f"/api{RUN}").json()["people"]
    return {person["id"]: person["results"].get("pay.net", "held") for person in people}


def test_a_file_takes_the_place_of_its_table_alone(site: Site) -> None:
    assert nets(site) == {"B1001": "1193", "B1002": "860"}
    text = bring(site, PERSON.replace("860000", "500000").encode())
    assert "facts/meetings.csv" in re.sub(r"\s+", " ", text)
    assert nets(site) == {"B1001": "1193", "B1002": "500"}
    bring(site, "工号,day,late\nB1002,2024-05-06,2\n".encode(), "例会.csv")  # by its label: not beside the folder's
    assert nets(site) == {"B1001": "1200", "B1002": "498"}


def test_a_table_of_the_folder_that_is_a_folder_itself_stays_beside_what_is_brought(site: Site) -> None:
    """It is read with all of its files, before and after, and a change of one of them is seen."""
    facts = site.folder / "facts"
    (facts / "meetings.csv").unlink()
    (facts / "meetings").mkdir()
    for number, (person, late) in enumerate((("B1001", 7), ("B1002", 3))):
        rows = pl.DataFrame({"工号": [person], "day": ["2024-05-06"], "late": [late]})
        rows.write_parquet(facts / "meetings" / f"{number:05}.parquet")
    assert nets(site) == {"B1001": "1193", "B1002": "857"}
    rows.with_columns(late=pl.lit(40, dtype=pl.Int64)).write_parquet(facts / "meetings" / "00001.parquet")
    assert nets(site) == {"B1001": "1193", "B1002": "820"}
    bring(site, PERSON.replace("860000", "500000").encode())
    assert nets(site) == {"B1001": "1193", "B1002": "460"}


def test_a_cell_is_marked_by_name_or_label_and_the_rows_of_the_month_come_first(site: Site) -> None:
    text = bring(site, PERSON.replace("860000", "86o000").replace("月交易量", "volume").encode())
    assert re.search(r'<td class="wrong">86o000<span class="why">', text)
    assert re.findall(r'<th scope="row">(\d)</th>', text)[:3] == ["4", "3", "2"]
    text = bring(site, b"\xef\xbb\xbf" + "工号,日期,late\nB1001,2024-05-06,seven\n".encode(), "meetings.csv")
    assert re.search(r'<td class="wrong">seven<span class="why">', text)


@pytest.mark.parametrize(
    ("content", "suggested"), [(PERSON.encode("gb18030"), "gb18030"), (PERSON.encode("utf-16"), "utf-16")]
)
def test_another_encoding_is_suggested_and_the_file_is_not_kept(site: Site, content: bytes, suggested: str) -> None:
    response = site.post(FACTS, {"encoding": "utf-8"}, files={"files": ("person.csv", content)})
    assert response.status_code == 400
    assert f'<option value="{suggested}" selected>' in response.text
    assert site.workbench.uploads.list_files("policy", PERIOD) == ()
    assert "B1001" in bring(site, content, encoding=suggested)


def test_what_holds_everybody_is_said_once(site: Site) -> None:
    (site.folder / "facts" / "meetings.csv").unlink()
    (site.folder / "facts" / "person.csv").write_text(f"{PERSON}B1003,2024-05,many\n", encoding="utf-8")
    held = site.get(RUN).text.partition('id="held"')[2].partition('id="people"')[0]
    assert held.count("例会") == 1
    assert re.findall(r"person=(\w+)", held) == ["B1003"]


def test_a_recorded_month_is_shown_beside_the_one_before(site: Site) -> None:
    more = "".join(f"{name},2024-05,100000\n" for name in ("B1003", "B1004", "B1005"))
    (site.folder / "facts" / "person.csv").write_text(f"{PERSON}{more}", encoding="utf-8")
    site.post("/record")
    for period in ("2024-04", PERIOD):
        address = f"/policies/policy/runs/{period}"
        match = re.search(r'name="seen" value="([^"]*)"', site.get(address).text)
        assert match
        assert site.post(address, {"seen": match[1]}).status_code == 200
    text = site.get(RUN).text
    assert "1,153.00" in text  # 1193, 860 and three times 100, after 1200
    assert "B1002, B1003, B1004, B1005" in text.partition('id="notes"')[2].partition("</section>")[0]


def test_a_form_that_is_sent_twice_is_done_once(site: Site) -> None:
    """By a double click; a form that is sent again after another one is done again."""
    site.post("/record")
    match = re.search(r'name="seen" value="([^"]*)"', site.get(RUN).text)
    assert match
    answers = [site.post(RUN, {"seen": match[1]}) for _ in range(2)]
    assert [answer.url.query for answer in answers] == [b"recorded=1", b"recorded=1"]
    with Log.open(site.folder / "record.scorecore") as log:
        assert len(Recorded.read(log).runs) == 1
    connected = []
    for source in ("facts", "", "facts"):
        site.post(f"{FACTS}/connect", {"source": source})
        connected.append(site.workbench.uploads.find_source("policy"))
    assert connected == ["facts", "", "facts"]
    assert site.post("/sign-out").status_code == 401  # the page that says how to come in
