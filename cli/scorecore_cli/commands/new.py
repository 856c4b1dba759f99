"""`scorecore new`: a policy to begin with."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

import rich_click as click

from scorecore.analysis.cases.json_schema import build_cases_schema
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.diagnostics.suggest import suggest
from scorecore.io.policy_files import find_policy_files, read_source
from scorecore.io.writers import write_folder
from scorecore.policy.json_schema import build_policy_schema
from scorecore.policy.load import identify, load
from scorecore.values.period import Period
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop, stop
from scorecore_cli.language import _, join_sentences
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.progress import progress
from scorecore_cli.sample_firm.folder import write_sample_firm
from scorecore_cli.scaffold import (
    CASES_SCHEMA,
    POLICY_SCHEMA,
    StarterRequest,
    blank_policy,
    first_period,
    overlays,
    sample_cases,
    sample_facts,
)
from scorecore_cli.terminal import console
from scorecore_cli.workspace import CheckedPolicy, Workspace

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


@click.command(cls=options.Command)
@options.argument("name", required=False)
@options.option(
    "--sample-firm",
    "sample_firm",
    type=PathParameter(),
    metavar="FOLDER",
    help="Create an invented firm for trying things out: policies, half a year of facts, and its record.",
)
@options.option("--from", "parent", help="The parent policy that it extends, as ID@VERSION.")
@options.option("--blank", "is_blank", is_flag=True, help="A blank policy with comments; the default without --from.")
@options.option("--title", help="Title for display; by default the name.")
@options.option(
    "--effective",
    "start",
    type=options.DATE,
    metavar="DATE",
    help="First day in force; by default January 1 of this year.",
)
@options.parents
@options.lang
def new(
    name: str | None,
    parent: str | None,
    title: str | None,
    start: date | None,
    parents: tuple[Path, ...],
    sample_firm: Path | None,
    *,
    is_blank: bool,
) -> None:
    """Create a folder NAME with a policy, cases and sample facts: everything needed to start."""
    if sample_firm is not None:
        if name or parent or is_blank or title or start:
            raise click.UsageError(_("--sample-firm goes alone: its folder is all that it asks for"))
        _show_sample_firm(make_sample_firm(sample_firm))
        return
    if name is None:
        raise click.UsageError(_("name the new policy, or use --sample-firm FOLDER"))
    folder = Path(name)
    if not _NAME.fullmatch(name):
        raise click.UsageError(
            _("{name} cannot be the name of a policy: use letters, digits, _, - and full stops", name=name)
        )
    if parent and is_blank:
        raise click.UsageError(_("a policy is either blank or extends another one"))
    if folder.exists():
        raise click.UsageError(_("{path} already exists: choose another name", path=folder))
    day = start or date(datetime.now(UTC).year, 1, 1)
    request = StarterRequest(name, title or name, day)
    try:
        if parent:
            _take_over(request, parent, folder, parents)
        else:
            for path, text in blank_policy(request).items():
                _write(folder / path, text)
        _schemas(folder)
        program, _checked = compile_or_stop(folder / f"{name}.toml", ())
    except OSError as error:
        raise click.FileError(str(folder), error.strerror or str(error)) from None
    _show(folder, folder / f"{name}.toml", first_period(program))


def _show_sample_firm(folder: Path) -> None:
    readme = folder / "README.md"
    console().print(_("the sample firm is in {path}; {readme} says what to try", path=folder, readme=readme))


def make_sample_firm(folder: Path, *, is_shared: bool = False) -> Path:
    """Make the folder of the sample firm; it is there whole or not at all, and the command ends where it cannot be."""
    if folder.exists():
        raise click.UsageError(_("{path} already exists: choose another name", path=folder))
    beside = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    try:
        with progress(_("making the sample firm")):
            beside.mkdir(parents=True)
            write_sample_firm(beside, is_shared=is_shared)
            _schemas(beside / "policies")
        beside.rename(folder)
    except OSError as error:
        raise click.FileError(str(folder), error.strerror or str(error)) from None
    finally:
        rmtree(beside, ignore_errors=True)
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _schemas(folder: Path) -> None:
    schemas: dict[str, Any] = {
        POLICY_SCHEMA: build_policy_schema(Workspace.open().scorers, _),
        CASES_SCHEMA: build_cases_schema(_),
    }
    for name, schema in schemas.items():
        _write(folder / name, json.dumps(schema, ensure_ascii=False, indent=1) + "\n")


def _take_over(request: StarterRequest, parent: str, folder: Path, parents: tuple[Path, ...]) -> None:
    """Write an overlay, the policies that it needs beside it, cases and sample facts."""
    policies = dict(_policies(parents or (Path(),)))
    if parent not in policies:
        near = suggest(parent, policies).get("nearest")
        message = _("there is no policy {name} here; --parents names other folders", name=parent)
        raise click.UsageError(
            join_sentences([message, _("did you mean `{nearest}`?", nearest=near)]) if near else message
        )
    diagnostics = Diagnostics()
    loaded = load(policies[parent], policies, diagnostics)
    if loaded is None:
        stop(tuple(diagnostics), {source.name: source for source in policies.values()})
    start = max(request.start, loaded.policy.policy.effective.from_)
    request = StarterRequest(request.id, request.title, start)
    path = folder / f"{request.id}.toml"
    for name in _needed(parent, policies):
        _write(folder / f"{name}.toml", policies[name].text)
    checked: CheckedPolicy | None = None
    for text in overlays(request, loaded.policy, parent):
        _write(path, text)
        checked = Workspace.open().check(path)
        if checked.program:
            break
    if checked is None or checked.program is None:  # it stays there, for the author to repair
        stop(checked.diagnostics if checked else (), checked.sources if checked else {})
    period = first_period(checked.program)
    _write(folder / f"{request.id}.cases.toml", sample_cases(checked.program, period))
    write_folder(folder / "facts", sample_facts(checked.program, period), "csv")


def _policies(folders: tuple[Path, ...]) -> Iterator[tuple[str, Source]]:
    """All policies in some folders, and below them."""
    for path in find_policy_files(folders):
        source = read_source(path, Diagnostics())
        name = identify(source) if source else None
        if source and name:
            yield name, source


def _needed(name: str, policies: dict[str, Source]) -> Iterator[str]:
    """A policy, and those that its text names."""
    visited, pending = set[str](), [name]
    while pending:
        policy_name = pending.pop()
        if policy_name not in visited:
            visited.add(policy_name)
            yield policy_name
            pending += [referred for referred in policies if f'"{referred}"' in policies[policy_name].text]


def _show(folder: Path, policy: Path, period: Period) -> None:
    screen = console()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        screen.print(str(path))
    screen.print(_("what next:"))
    facts = f"--facts {folder / 'facts'} --period {period}"
    for command in (
        f"scorecore check {policy}",
        f"scorecore test {policy}",
        f"scorecore run {policy} {facts}",
        f"scorecore facts template {policy} --out facts.xlsx",
    ):
        screen.print(f"  {command}")
