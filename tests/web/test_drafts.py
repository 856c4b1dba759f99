"""What is typed is kept before it is saved, for its author alone, and others see that it is being typed."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest

from scorecore.record.people.operators import APPROVER, AUTHOR
from scorecore_web.requests import TOKEN_HEADER
from scorecore_web.saved_texts import digest_text
from workbench_site import Site, make_branch

POLICY = "/policies/policy"
DRAFT = f"/api{POLICY}/draft"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A folder in which two people may write: `author`, and `zhou`."""
    site = Site.of_many(make_branch(tmp_path))
    assert site.entrance
    assert site.entrance.accounts
    site.entrance.accounts.add("zhou", [AUTHOR], "", by="")
    return site.sign_in_as("author")


def read_policy(site: Site) -> str:
    return (site.folder / "policy.toml").read_text(encoding="utf-8")


def type_text(site: Site, text: object, digest: str, part: str = "policy") -> Any:
    body = {"part": part, "text": text, "digest": digest}
    return site.client.post(DRAFT, json=body, headers={TOKEN_HEADER: site.form_token()})


def test_what_was_typed_is_there_again_for_its_author_alone(site: Site) -> None:
    saved = read_policy(site)
    typed = saved.replace("0.001", "0.0042")
    assert type_text(site, typed, digest_text(saved)).json() == {"others": []}
    assert read_policy(site) == saved
    page = unescape(site.get(POLICY).text)
    assert "0.0042" in page
    assert digest_text(saved) in page
    assert "0.0042" not in site.sign_in_as("zhou").get(POLICY).text
    site.sign_in_as("author").post(f"{POLICY}/draft/discard", {"part": "policy"})
    assert "0.0042" not in site.get(POLICY).text


def test_what_is_saved_is_no_draft_any_more(site: Site) -> None:
    saved = read_policy(site)
    typed = saved.replace("0.001", "0.0042")
    type_text(site, typed, digest_text(saved))
    form = {"part": "policy", "text": typed, "digest": digest_text(saved)}
    assert site.post(POLICY, form).status_code == 200
    assert read_policy(site) == typed
    assert 'class="notice warning draft"' not in site.get(POLICY).text
    type_text(site, saved, digest_text(typed))
    type_text(site, typed, digest_text(typed))  # typed back to what is saved
    assert 'class="notice warning draft"' not in site.get(POLICY).text


def test_two_people_see_each_others_change_and_lose_none(site: Site) -> None:
    saved = read_policy(site)
    rate, title = saved.replace("0.001", "0.002"), saved.replace("2024.1", "2024.9")
    type_text(site, rate, digest_text(saved))
    (seen,) = type_text(site.sign_in_as("zhou"), title, digest_text(saved)).json()["others"]
    assert "author" in seen["sentence"]
    assert any(line.startswith("+") and "0.002" in line for line in seen["differences"])
    assert site.post(POLICY, {"part": "policy", "text": title, "digest": digest_text(saved)}).status_code == 200
    (changed,) = type_text(site.sign_in_as("author"), rate, digest_text(saved)).json()["others"]
    assert "zhou" in changed["sentence"]
    assert any(line.startswith("+") and "2024.9" in line for line in changed["differences"])
    assert "0.002" in site.get(POLICY).text  # begun from the text before, and still here
    assert site.post(POLICY, {"part": "policy", "text": rate, "digest": digest_text(saved)}).status_code == 200
    assert read_policy(site) == saved.replace("0.001", "0.002").replace("2024.1", "2024.9")


@pytest.mark.parametrize("text", [1, None, "x" * (2**20 + 1)])
def test_what_is_no_text_is_refused(site: Site, text: object) -> None:
    assert type_text(site, text, "").status_code == 400
    assert type_text(site, "", "", part="elsewhere").status_code == 400


def test_who_may_not_write_keeps_nothing(site: Site) -> None:
    assert type_text(site.sign_in_as(APPROVER), "x", "").status_code == 403
    assert site.post(f"{POLICY}/draft/discard").status_code == 403


def test_a_text_that_would_be_no_policy_is_not_saved_and_not_lost(site: Site) -> None:
    saved = read_policy(site)
    response = site.post(POLICY, {"part": "policy", "text": "# all gone", "digest": digest_text(saved)})
    assert response.status_code == 409
    assert "# all gone" in response.text
    assert read_policy(site) == saved
