"""From paths to programs: what every command begins with."""

from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.policy_files import find_policy_files, read_source
from scorecore.library.policy_loader import CheckedPolicy, PolicyLoader
from scorecore.plugins import load_scorers
from scorecore.policy.load import identify
from scorecore_cli.language import _, learn_plugin_words
from scorecore_cli.plugin_options import chosen_plugins
from scorecore_cli.third_party_messages import translate_third_party

__all__ = ["CheckedPolicy", "Workspace", "find_policies", "find_policy"]


class Workspace(PolicyLoader):
    """The installed plugins, and the folders in which parents are looked for."""

    @classmethod
    def open(cls, parents: tuple[Path, ...] = ()) -> "Workspace":
        """With the plugins that are installed and not left out, whose sentences are loaded."""
        diagnostics = Diagnostics()
        scorers = load_scorers(chosen_plugins(), diagnostics)
        learn_plugin_words(scorers.words)
        return cls(parents, scorers, tuple(diagnostics))


def find_policies(paths: Sequence[Path]) -> list[Path]:
    """The policy files among paths; a mistake of usage where a path has none."""
    policies: list[Path] = []
    for path in paths:
        below = list(find_policy_files((path,)))
        if not below:
            raise click.UsageError(_("there is no policy in {path}: policies are files ending in .toml", path=path))
        policies += below
    return policies


def find_policy(name: str, folders: tuple[Path, ...]) -> Path:
    """A policy file: a path, or `id@version` of one in some folders. That there is none is said when it is read."""
    path = Path(name)
    try:
        is_there = path.exists()
    except OSError as error:  # the name is too long
        reason = translate_third_party(error.strerror or str(error))
        raise click.UsageError(_("{path} cannot be a path: {reason}", path=name, reason=reason)) from None
    if is_there or "@" not in name:
        return path
    for folder in folders:
        for candidate in find_policy_files((folder,)):
            source = read_source(candidate, Diagnostics())
            if source and identify(source) == name:
                return candidate
    return path
