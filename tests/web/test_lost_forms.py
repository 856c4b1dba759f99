"""A session ends while somebody types: nothing that was typed is lost, and nothing is taken that they do not send."""

import re
from html import unescape
from pathlib import Path

import pytest

from scorecore.record.people.operators import AUTHOR
from scorecore_web.requests import FORM_TOKEN
from workbench_site import HOST, Site, make_branch

POLICY = "/policies/policy"
OWN = {"Origin": f"http://{HOST}"}
TYPED = '[policy]\nid = "two lines"\n# "><script>alert(1)</script>'


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.of_many(make_branch(tmp_path)).sign_in_as(AUTHOR)


def list_fields(text: str) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', text)}


def test_what_was_typed_is_sent_after_signing_in_again(site: Site) -> None:
    digest = list_fields(site.get(POLICY).text)["digest"]
    form = {"part": "policy", "text": TYPED, "digest": digest, FORM_TOKEN: site.form_token()}
    site.sessions.end_all(AUTHOR)
    response = site.client.post(POLICY, data=form, headers=OWN)
    assert response.status_code == 401
    assert "<script>alert" not in response.text
    fields = list_fields(response.text)
    assert fields == {"part": "policy", "text": TYPED, "digest": digest}
    response = site.sign_in_as(AUTHOR).client.post(POLICY, data=fields, headers=OWN)
    assert response.status_code == 403  # nobody has said in this session that it is to be sent
    assert site.client.post(POLICY, data=list_fields(response.text), headers=OWN).status_code == 200
    assert (site.folder / "policy.toml").read_text(encoding="utf-8") == TYPED


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, OWN | {"Sec-Fetch-Site": "cross-site"}]
)
def test_what_another_site_sends_gets_no_token(site: Site, headers: dict[str, str]) -> None:
    form = {"part": "policy", "text": TYPED}
    response = site.client.post(POLICY, data=form, headers=headers)
    assert response.status_code == 403
    assert "two lines" not in response.text
    assert site.form_token() not in response.text


def test_no_password_is_shown_again(site: Site) -> None:
    form = {"old": "my old secret", "password": "my new secret", "repeated": "my new secret"}
    assert "secret" not in site.client.post("/account", data=form, headers=OWN).text
    site.sessions.end_all(AUTHOR)
    assert "secret" not in site.client.post("/account", data=form, headers=OWN).text


def test_files_have_to_be_chosen_again(site: Site) -> None:
    site.sign_in_as("runner")
    files = {"files": ("letter.txt", b"the content")}
    response = site.client.post("/record/object", data={"reason": "two lines"}, files=files, headers=OWN)
    assert response.status_code == 403
    assert "two lines" in response.text
    assert "<form" not in response.text
