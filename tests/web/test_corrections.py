"""A recorded month is decided again in the workbench: by the policy in the folder, and without somebody."""

import re
from html import unescape
from pathlib import Path

import pytest

from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from workbench_site import PERIOD, Site, make_branch

RUN = f"/policies/policy/runs/{PERIOD}"
CORRECTION = f"/policies/policy/corrections/{PERIOD}"


def read_seen(site: Site, address: str, **query: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', site.get(address, params=query).text)
    assert found, address
    return unescape(found[1])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site.of(make_branch(tmp_path)).sign_in()
    site.post("/record")
    assert site.post(RUN, {"seen": read_seen(site, f"{RUN}?from=facts")}).status_code == 200
    return site


def list_corrections(site: Site) -> list[tuple[str, int, bool]]:
    """Of each its policy, how many are decided, and whether it is paid apart."""
    with Log.open(site.folder / "record.scorecore") as log:
        runs = [run for run in Recorded.read(log).runs if run.corrects]
        return [(run.policy, int(run.close["subjects"]), bool(run.apart)) for run in runs]


def test_a_wrong_policy_is_corrected_by_the_one_in_the_folder(site: Site) -> None:
    policy = site.folder / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("0.001", "0.002").replace("2024.1", "2024.2"), encoding="utf-8")
    assert "Nothing changes." in site.get(CORRECTION).text  # by the recorded one
    form = {"by": "file", "apart": "1"}
    assert "1,200.00 → 2,400.00" in site.get(CORRECTION, params=form).text
    reasoned = form | {"seen": read_seen(site, CORRECTION, **form), "reason": "the rate was wrong"}
    assert site.post(CORRECTION, reasoned).status_code == 200
    assert list_corrections(site) == [("chengnan.manager@2024.2", 3, True)]


def test_somebody_who_should_not_have_been_decided_is_withdrawn(site: Site) -> None:
    facts = site.folder / "facts" / "person.csv"
    facts.write_text(facts.read_text(encoding="utf-8").replace("B1003,500000\n", ""), encoding="utf-8")
    assert site.client.get(CORRECTION).status_code == 409  # nobody vanishes without a word
    assert site.client.get(CORRECTION, params={"withdrawn": "B1002, B1003"}).status_code == 409
    form = {"withdrawn": "B1003"}
    assert "B1003" in site.get(CORRECTION, params=form).text
    reasoned = form | {"seen": read_seen(site, CORRECTION, **form), "reason": "left in April"}
    assert site.post(CORRECTION, reasoned).status_code == 200
    assert len(list_corrections(site)) == 1
    people = site.get(f"/api{RUN}").json()["people"]
    assert [person["id"] for person in people] == ["B1001", "B1002"]
