"""What is public stands in `scorecore`, documented, and pages need nothing else."""

import re
from pathlib import Path
from typing import Final

import pytest

import scorecore

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = """
    CompiledPolicy Decision DecisionEntry DecisionPay DecisionTables Decisions Diagnostic Diagnostics ExplainedEntry
    ExplainedPay ExplainedResult Explanation Facts FactsRejected FormulaInput GroupComparison ItemExplanation
    OpenMatter PolicyRejected Program RawTable Rejected Source SubjectEvaluator SubjectFacts TotalRange Unknown
    __version__ check_policy compile_policy evaluate_batch ingest installed load load_scorers subject_facts translator
"""
"""A name that is taken away from here breaks services of other people."""
PUBLIC: Final = frozenset({"scorecore", "scorecore.plugin", "scorecore.kit", "scorecore.spark"})
PAGES: Final = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])


def test_the_public_names() -> None:
    """Every name is there, and says what it is; others are not."""
    assert sorted(scorecore.__all__) == sorted(NAMES.split())
    assert dir(scorecore) == scorecore.__all__
    undocumented = [name for name in scorecore.__all__ if not getattr(scorecore, name).__doc__]
    assert undocumented == []
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        scorecore.lode  # noqa: B018  that is what is tried


def test_every_member_of_what_is_loaded_is_documented() -> None:
    """Methods and properties of what a service holds in its hands say what they give."""
    classes = (scorecore.CompiledPolicy, scorecore.Decision, scorecore.DecisionTables)
    members = [(kind, name) for kind in classes for name in vars(kind) if not name.startswith("_")]
    fields = {name for kind in classes for name in kind.__annotations__}
    assert [name for kind, name in members if name not in fields and not getattr(kind, name).__doc__] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_import_nothing_else(page: Path) -> None:
    imported = re.findall(r"^(?:>>> )?(?:from|import) (scorecore[\w.]*)", page.read_text("utf-8"), re.MULTILINE)
    assert set(imported) <= PUBLIC
