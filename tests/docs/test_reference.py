"""The reference is what the code says, and the pages lead to each other."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_the_reference_is_up_to_date() -> None:
    """Every page of the reference is what `docs/make_reference.py` writes."""
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec
    assert spec.loader
    reference_module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference_module)
    pages = reference_module.pages()
    assert sorted(pages) == sorted(path.name for path in reference_module.HERE.iterdir())
    for name, text in pages.items():
        assert (reference_module.HERE / name).read_text(encoding="utf-8") == text, (
            f"run python docs/make_reference.py for {name}"
        )


def test_links_lead_somewhere() -> None:
    """Every link of the pages is a file or folder of the project."""
    for page in (
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted(ROOT.glob("benchmarks/*.md")),
    ):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
