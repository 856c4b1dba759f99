"""A line that says what is being done, in a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from scorecore_cli.terminal import console

Report = Callable[[str], None]
"""Says what is being done now."""


@contextmanager
def progress(first: str = "") -> Iterator[Report]:
    """A function that is called with what is being done now."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console(error=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(first, total=None)
        yield lambda text: bar.update(task, description=text)
