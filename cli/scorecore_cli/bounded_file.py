"""Small files that others hand over, such as checkpoints, keys and requests: no more is read than they can have."""

from pathlib import Path
from typing import Final

import rich_click as click

from scorecore_cli.language import _

LARGEST: Final = 64 * 1024
"""How many bytes a key, a checkpoint or a request may have: those that we write have less than 4 KB."""


def read_bounded(path: Path, largest: int = LARGEST) -> bytes:
    """What a file has; raises OSError, or ends the command where it has too much."""
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise click.UsageError(_("{path} has more than {size} KB: it is another file", path=path, size=largest // 1024))
    return content


def read_bounded_text(path: Path) -> str:
    """The same as text, in which what is not UTF-8 is replaced."""
    return read_bounded(path).decode(errors="replace")
