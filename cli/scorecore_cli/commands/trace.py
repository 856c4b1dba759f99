"""`scorecore trace`: a written rule clause by clause, with the parts of policies that carry it out."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import rich_click as click

from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.shown_parts import ShownParts, find_shown_parts
from scorecore.analysis.trace import Trace
from scorecore.analysis.trace import trace as trace_texts
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.own_files import rewrite_text
from scorecore.io.policy_files import CASES, find_parents, locate_cases, read_source
from scorecore.io.regulation_files import RegulationFiles
from scorecore.policy.regulation.cited import PolicyText
from scorecore.policy.regulation.pin import pin_text
from scorecore_cli import options
from scorecore_cli.language import _
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.table_output import PAGE_ENDINGS, refused_by_the_disk, try_file, write_file
from scorecore_cli.terminal import bold, console, diagnostic_data, show_diagnostics, show_json
from scorecore_cli.trace_html import render_trace
from scorecore_cli.trace_view import plain_trace, show_counts, show_trace
from scorecore_cli.workspace import Workspace, find_policies


@click.command(cls=options.Command)
@options.argument("paths", nargs=-1, required=True, type=PathParameter(exists=True))
@options.option("--pin", is_flag=True, help="Write into each policy which version of its text it was written from.")
@options.option(
    "--html",
    type=OutputPath(),
    help="Write a self-contained HTML page with the texts and the policies side by side.",
)
@options.force
@options.parents
@options.as_json
@options.lang
def trace(
    paths: tuple[Path, ...], html: Path | None, parents: tuple[Path, ...], *, pin: bool, force: bool, as_json: bool
) -> None:
    """Show clause by clause which parts of policies carry out their written rules, and what is missing.

    The policies beside a policy that have the same text are traced with it. Ends with exit code 1 while a clause is
    open, an `authority` leads nowhere, or a figure of a policy has no source.
    """
    try_file(html, PAGE_ENDINGS, force=force)
    reader = _TraceReader(parents)
    texts = reader.read(paths)
    if pin:
        _pin(texts)
        texts = reader.read(paths)
    groups: dict[int, list[PolicyText]] = {}
    for text in [*texts, *reader.read_beside(texts)]:
        group = groups.setdefault(id(text.regulation), [])
        if text.source.name not in {member.source.name for member in group}:
            group.append(text)
            text.check(reader.diagnostics)
    traces = [
        trace_texts(sorted(group, key=lambda text: text.source.name), reader.read_shown(group))
        for group in groups.values()
    ]
    if html is not None:
        write_file(html, render_trace(traces, reader.without_text).encode())
    _report(traces, reader, as_json=as_json)
    sys.exit(bool(len(reader.diagnostics)) or not all(traced.is_complete for traced in traces))


def _report(traces: Sequence[Trace], reader: "_TraceReader", *, as_json: bool) -> None:
    if as_json:
        problems = list(map(diagnostic_data, reader.diagnostics))
        show_json({"texts": list(map(plain_trace, traces)), "without_text": reader.without_text, "problems": problems})
        return
    out = console()
    for traced in traces:
        show_trace(traced, out, only_open=len(traces) > 1)
        out.print()
    show_diagnostics(reader.diagnostics, reader.sources, out)
    if reader.without_text:
        out.print(_("policies without a text: {names}", names=", ".join(reader.without_text)))
    if len(traces) > 1:
        out.print(bold(_("texts: {count}", count=len(traces))))
        show_counts(traces, out)


class _TraceReader:
    """Reads policies with their texts, each text once."""

    def __init__(self, parents: tuple[Path, ...]) -> None:
        self.parents = parents
        self.diagnostics = Diagnostics()
        self.sources: dict[str, Source] = {}
        self.without_text: list[str] = []
        self._files = RegulationFiles()
        self._workspace = Workspace.open(parents)

    def read(self, paths: Sequence[Path]) -> list[PolicyText]:
        """The policies that have a text."""
        self.without_text, texts = [], []
        for path in find_policies(paths):
            text = self._read_file(path, self.diagnostics)
            if text:
                texts.append(text)
            else:
                self.without_text.append(str(path))
        return texts

    def read_beside(self, texts: Sequence[PolicyText]) -> list[PolicyText]:
        """The policies in the same folders that have one of the texts."""
        folders = dict.fromkeys(Path(text.source.name).parent for text in texts)
        regulations = {id(text.regulation) for text in texts}
        paths = (path for folder in folders for path in sorted(folder.glob("*.toml")) if not path.name.endswith(CASES))
        beside = (self._read_file(path, Diagnostics()) for path in paths)
        return [text for text in beside if text and id(text.regulation) in regulations]

    def read_shown(self, texts: Sequence[PolicyText]) -> list[ShownParts]:
        """What the cases of policies show; policies and cases that cannot be read are reported."""
        shown: list[ShownParts] = []
        for text in texts:
            path = Path(text.source.name)
            cases_path = locate_cases(path)
            if not cases_path.exists():
                continue
            checked = self._workspace.check(path)
            for diagnostic in checked.diagnostics:
                if not diagnostic.kind.warning:
                    self.diagnostics.take(diagnostic)
                    self.sources.update(checked.sources)
            source = read_source(cases_path, self.diagnostics) if checked.program else None
            if checked.program and source:
                self.sources[source.name] = source
                shown += find_shown_parts(checked.program, prepare_cases(source, checked.program, self.diagnostics))
        return shown

    def _read_file(self, path: Path, diagnostics: Diagnostics) -> PolicyText | None:
        source = read_source(path, diagnostics)
        if source is None:
            return None
        self.sources[source.name] = source
        return self._files.find_text(source, find_parents(source, (path.parent, *self.parents)), diagnostics)


def _pin(texts: Iterable[PolicyText]) -> None:
    """Write the digests of their texts into policies that name one."""
    for text in texts:
        pinned = pin_text(text) if text.is_own else text.source.text
        if pinned != text.source.text:
            path = Path(text.source.name)
            with refused_by_the_disk(path):
                rewrite_text(path, pinned)
            console(error=True).print(_("pinned: {path}", path=path))
