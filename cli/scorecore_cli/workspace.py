"""From paths to programs: what every command begins with."""

from pathlib import Path

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import find_policy_files, read_source
from scorecore.library.policy_loader import CheckedPolicy, PolicyLoader
from scorecore.plugins import load_scorers
from scorecore.policy.load import identify
from scorecore_cli.language import learn_plugin_words
from scorecore_cli.plugin_options import chosen_plugins

__all__ = ["CheckedPolicy", "Workspace", "find_policy"]


class Workspace(PolicyLoader):
    """The installed plugins, and the folders in which parents are looked for."""

    @classmethod
    def open(cls, parents: tuple[Path, ...] = ()) -> "Workspace":
        """With the plugins that are installed and not left out, whose sentences are loaded."""
        diagnostics = Diagnostics()
        scorers = load_scorers(chosen_plugins(), diagnostics)
        learn_plugin_words(scorers.words)
        return cls(parents, scorers, tuple(diagnostics))


def find_policy(name: str, folders: tuple[Path, ...]) -> Path:
    """A policy file: a path, or `id@version` of one in some folders. That there is none is said when it is read."""
    path = Path(name)
    if path.exists() or "@" not in name:
        return path
    for folder in folders:
        for candidate in find_policy_files((folder,)):
            source = read_source(candidate, Diagnostics())
            if source and identify(source) == name:
                return candidate
    return path
