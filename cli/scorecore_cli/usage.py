"""Mistakes in usage that name what was meant."""

from collections.abc import Iterable

import rich_click as click

from scorecore.diagnostics.suggest import suggest
from scorecore_cli.language import _, join_sentences


def unknown_name(message: str, name: str, names: Iterable[str]) -> click.UsageError:
    """The mistake in a name that a message reports, with the nearest of the names that exist."""
    nearest = suggest(name, names).get("nearest")
    advice = [_("did you mean `{nearest}`?", nearest=nearest)] if nearest else []
    return click.UsageError(join_sentences([message, *advice]))
