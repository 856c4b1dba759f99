"""`scorecore serve`: which folder it opens, and what is left of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from command_line import call
from scorecore.record.log.log import Log
from scorecore.record.runs.recorded import Recorded
from scorecore_web import server
from scorecore_web.application import build_application
from scorecore_web.entrance import Entrance
from scorecore_web.permissions import EVERYTHING
from scorecore_web.sessions import Sessions
from scorecore_web.sign_on import SignOn
from scorecore_web.workbench import Workbench
from workbench_site import HOST


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that would be served; each with a record when it is."""
    folders: list[Path] = []

    def serve_folder(folder: Path, _port: int, announce: Callable[[str], None], **_options: Any) -> None:
        assert (folder / "record.scorecore").exists()
        announce("http://127.0.0.1:1/")
        folders.append(folder)

    def serve_many(folder: Path, sign_on: SignOn, announce: Callable[[str], None], _operator: Path | None) -> None:
        announce(sign_on.address(1))
        folders.append(folder)

    monkeypatch.setattr(server, "serve_folder", serve_folder)
    monkeypatch.setattr(server, "serve_many", serve_many)
    return folders


def test_a_folder_or_the_sample_is_named(tmp_path: Path, served: list[Path]) -> None:
    for arguments in (
        (),
        (tmp_path / "nowhere",),
        (tmp_path, "--accounts", "--sample"),
        (tmp_path, "--accounts", "--read-only"),
        (tmp_path, "--sign-on", __file__),
    ):
        assert call("serve", *arguments).exit_code == 2, arguments
    assert served == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "sign_on.toml").write_text('listen = "everywhere"', encoding="utf-8")
    result = call("serve", tmp_path, "--accounts", "--sign-on", tmp_path / "sign_on.toml")
    assert result.exit_code == 1
    assert "listen" in result.output


@pytest.mark.slow
def test_the_sample_is_opened_and_kept_only_in_a_named_folder(tmp_path: Path, served: list[Path]) -> None:
    assert call("serve", "--sample", "--no-browser").exit_code == 0
    assert not served[0].exists()
    for _time in range(2):
        assert call("serve", "--sample", tmp_path / "firm", "--no-browser").exit_code == 0
    assert served[1:] == [tmp_path / "firm"] * 2
    assert (tmp_path / "firm" / "README.md").exists()
    workbench = Workbench.open(tmp_path / "firm", has_accounts=True)
    entrance = Entrance(Sessions(EVERYTHING), workbench.accounts, is_sample=True)
    application = build_application(workbench, entrance, [HOST])
    client = TestClient(application, base_url=f"http://{HOST}")
    assert client.post("/sign-in", data={"name": "officer"}).status_code == 401
    assert client.get("/sign-in", params={"token": "x"}).status_code == 401
    assert "officer" in client.get("/sign-in", params={"token": entrance.sessions.token}).text
    assert "2025-06" in client.post("/sign-in", data={"name": "officer"}).text
    assert client.post("/sign-in", data={"name": "employee"}).url.path == "/my"
    assert "M02" in client.get("/my/statement", params={"policy": "minghu.manager.east", "period": "2025-03"}).text
    with Log.open(tmp_path / "firm" / "record.scorecore") as log:
        makers = {str(run.approvals[0].actor) for run in Recorded.read(log).runs}
    assert makers == {"approver (workbench)"}
