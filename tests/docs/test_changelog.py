"""Each change for users has a fragment that the changelog can be gathered from."""

from pathlib import Path

import tomli

ROOT = Path(__file__).parents[2]


def test_fragments_can_be_gathered() -> None:
    """A fragment is a sentence or more, and its ending is one of the kinds that a release gathers."""
    settings = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in settings["type"]}
    fragments = [path for path in (ROOT / settings["directory"]).iterdir() if path.suffix == ".md"]
    assert fragments
    for path in fragments:
        assert path.stem.rpartition(".")[2] in kinds, f"{path.name} is of no kind"
        assert path.read_text(encoding="utf-8").strip().endswith("."), f"{path.name} is not a sentence"
    assert settings["start_string"].strip() in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
