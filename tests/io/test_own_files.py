"""A file that is rewritten keeps what its author gave it, and is never there by half."""

from pathlib import Path

import pytest

from scorecore.io.own_files import rewrite_text


def test_a_rewritten_file_keeps_its_mode_its_line_ends_and_the_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    path, link = tmp_path / "policies" / "p.toml", tmp_path / "link.toml"
    path.write_bytes(b"a = 1\r\nb = 2\r\n")
    path.chmod(0o664)
    link.symlink_to(path)
    rewrite_text(link, "a = 1\nb = 3\n")
    assert path.read_bytes() == b"a = 1\r\nb = 3\r\n"
    assert path.stat().st_mode & 0o777 == 0o664
    assert link.is_symlink()
    assert [child.name for child in path.parent.iterdir()] == ["p.toml"]


def test_a_file_that_cannot_be_written_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full just before the new content takes the place of the old."""

    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "p.toml"
    path.write_text("a = 1\n", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        rewrite_text(path, "a = 2\n")
    assert path.read_text(encoding="utf-8") == "a = 1\n"
    assert [child.name for child in tmp_path.iterdir()] == ["p.toml"]
