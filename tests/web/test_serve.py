"""`scorecore serve`: which folder it opens, and what is left of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import call
from scorecore_web import server


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that would be served; each with a record when it is."""
    folders: list[Path] = []

    def serve_folder(folder: Path, _port: int, announce: Callable[[str], None], **_options: Any) -> None:
        assert (folder / "record.scorecore").exists()
        announce("http://127.0.0.1:1/")
        folders.append(folder)

    monkeypatch.setattr(server, "serve_folder", serve_folder)
    return folders


def test_a_folder_or_the_sample_is_named(tmp_path: Path, served: list[Path]) -> None:
    for arguments in ((), (tmp_path / "nowhere",)):
        assert call("serve", *arguments).exit_code == 2, arguments
    assert served == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_sample_is_opened_and_kept_only_in_a_named_folder(tmp_path: Path, served: list[Path]) -> None:
    assert call("serve", "--sample", "--no-browser").exit_code == 0
    assert not served[0].exists()
    for _time in range(2):
        assert call("serve", "--sample", tmp_path / "firm", "--no-browser").exit_code == 0
    assert served[1:] == [tmp_path / "firm"] * 2
    assert (tmp_path / "firm" / "README.md").exists()
