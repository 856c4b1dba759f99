"""`scorecore.plugin` has all that the author of a plugin imports: these names, and no other module is needed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from scorecore import plugin

ROOT: Final = Path(__file__).parents[2]
NAMES: Final = """
    Block CONTRACT Call Check DatabaseAddress DatabaseUrl Diagnostic DiagnosticKind Diagnostics Entry Explanation
    FactsQuery Index ItemContext Listing LiteralSyntax Location Method Name NamedValue Operation Operator Parameters
    Part Place Plugins Policy Program RawTable Reader Renderer ResultTable Scorer Select Snippet Syntax Writer call
    catalogue events greatest guarded hidden history hookimpl key least print_expression require suggest
"""
"""The contract: a name that is taken away from here breaks plugins of other people."""
SOURCES: Final = [
    *sorted((ROOT / "plugins").rglob("*.py")),
    *sorted((ROOT / "cli" / "scorecore_cli" / "templates" / "plugin").rglob("*.py")),
    *(ROOT / "docs" / name for name in ("plugins.md", "tutorial_plugin.md")),
]
PUBLIC: Final = frozenset({"scorecore", "scorecore.kit", "scorecore.plugin"})
"""For trying a scorer in memory, for its tests, and for the plugin itself."""


def test_the_names_of_the_contract() -> None:
    """Every name of the contract is there, and says what it is."""
    assert set(plugin.__all__) == set(NAMES.split())
    assert all(
        f"`{name}`" in (plugin.__doc__ or "") or f"`{name}`s" in (plugin.__doc__ or "") for name in NAMES.split()
    )
    assert not [name for name in plugin.__all__ if name != "CONTRACT" and not getattr(plugin, name).__doc__]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_plugins_import_nothing_else(path: Path) -> None:
    """The plugins that ship, the template and the documentation need only `scorecore.plugin`."""
    assert {module for module in imported_modules(path) if module.partition(".")[0] == "scorecore"} <= PUBLIC


def imported_modules(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        yield from re.findall(r"^(?:>>> )?(?:from|import) (\S+)", text, re.MULTILINE)
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
