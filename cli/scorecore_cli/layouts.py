"""Statements as a plugin lays them out: text, or the bytes of a file."""

import sys
from collections.abc import Sequence

import rich_click as click

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.formats import Renderer, Statement, render_statement, render_statements
from scorecore.plugins import Plugins
from scorecore_cli.assessment_input import stop
from scorecore_cli.language import _, current
from scorecore_cli.visible_text import make_visible


def find_layout(plugins: Plugins, name: str, *, of_everyone: bool = False) -> Renderer:
    """The layout of a name; a mistake of usage where no plugin brings it, or it is for one person alone."""
    renderer = plugins.renderers.get(name)
    if not isinstance(renderer, Renderer):
        layout_names = ", ".join(sorted(plugins.renderers))
        raise click.UsageError(_("there is no layout {name}; there are {known}", name=name, known=layout_names))
    if of_everyone and renderer.render_run is None:
        raise click.UsageError(_("the layout {name} is for one person: name one with --person", name=name))
    return renderer


def lay_out(renderer: Renderer, statement: Statement) -> None:
    """Write a statement; ends the command where the layout fails."""
    diagnostics = Diagnostics()
    _write(render_statement(renderer, *statement, current(), diagnostics), diagnostics)


def lay_out_everyone(renderer: Renderer, statements: Sequence[Statement]) -> None:
    """Write the statements of everybody in one; ends the command where the layout fails."""
    diagnostics = Diagnostics()
    _write(render_statements(renderer, statements, current(), diagnostics), diagnostics)


def _write(page: str | bytes | None, diagnostics: Diagnostics) -> None:
    if page is None:
        stop(tuple(diagnostics), {})
    if isinstance(page, str):
        sys.stdout.write(make_visible(page))
    elif sys.stdout.isatty():
        raise click.UsageError(_("this layout gives a file and not text: write it with > FILE"))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(page)
