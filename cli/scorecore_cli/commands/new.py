"""`scorecore new`: a policy to begin with."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import rich_click as click

from scorecore.analysis.cases.json_schema import build_cases_schema
from scorecore.diagnostics.diagnostic import Diagnostics, suggest
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import find_policy_files, read_source
from scorecore.io.writers import write_folder
from scorecore.policy.json_schema import build_policy_schema
from scorecore.policy.load import identify, load
from scorecore.values.period import Period
from scorecore_cli import options
from scorecore_cli.assessment_input import compiled, stop
from scorecore_cli.language import several, t
from scorecore_cli.scaffold import (
    CASES_SCHEMA,
    POLICY_SCHEMA,
    StarterRequest,
    blank,
    first_period,
    overlays,
    sample_cases,
    sample_facts,
)
from scorecore_cli.terminal import console
from scorecore_cli.workspace import Checked, Workspace

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@click.command(cls=options.Command)
@options.argument("name")
@options.option("--from", "parent", help="The firm's policy that it takes over, as ID@VERSION.")
@options.option(
    "--blank", "is_blank", is_flag=True, help="A blank policy that explains itself; so it is without --from."
)
@options.option("--title", help="Title for people; left out: the name.")
@options.option(
    "--effective",
    "start",
    type=options.DAY,
    metavar="DATE",
    help="First day in force; left out: this January 1st.",
)
@options.parents
@options.lang
def new(
    name: str,
    parent: str | None,
    title: str | None,
    start: date | None,
    parents: tuple[Path, ...],
    *,
    is_blank: bool,
) -> None:
    """Make a folder NAME with a policy, cases and sample facts: all that is needed to begin."""
    folder = Path(name)
    if not _NAME.fullmatch(name):
        raise click.UsageError(t("{name} is no name for a policy: use letters, digits, _, - and points", name=name))
    if parent and is_blank:
        raise click.UsageError(t("a policy is either blank or takes over another one"))
    if folder.exists():
        raise click.UsageError(t("{path} is there already: choose another name", path=folder))
    day = start or date(datetime.now(UTC).year, 1, 1)
    wanted = StarterRequest(name, title or name, day)
    try:
        if parent:
            _take_over(wanted, parent, folder, parents)
        else:
            for path, text in blank(wanted).items():
                _write(folder / path, text)
        _schemas(folder)
        program, _ = compiled(folder / f"{name}.toml", ())
    except OSError as error:
        raise click.FileError(str(folder), error.strerror or str(error)) from None
    _show(folder, folder / f"{name}.toml", first_period(program))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _schemas(folder: Path) -> None:
    made: dict[str, Any] = {
        POLICY_SCHEMA: build_policy_schema(Workspace.open().scorers, t),
        CASES_SCHEMA: build_cases_schema(t),
    }
    for name, schema in made.items():
        _write(folder / name, json.dumps(schema, ensure_ascii=False, indent=1) + "\n")


def _take_over(wanted: StarterRequest, parent: str, folder: Path, parents: tuple[Path, ...]) -> None:
    """Write an overlay, the policies that it needs beside it, cases and sample facts."""
    known = dict(_policies(parents or (Path(),)))
    if parent not in known:
        near = suggest(parent, known).get("nearest")
        message = t("there is no policy {name} here; --parents names other folders", name=parent)
        raise click.UsageError(several([message, t("did you mean `{nearest}`?", nearest=near)]) if near else message)
    diagnostics = Diagnostics()
    loaded = load(known[parent], known, diagnostics)
    if loaded is None:
        stop(tuple(diagnostics), {one.name: one for one in known.values()})
    start = max(wanted.start, loaded.policy.policy.effective.from_)
    wanted = StarterRequest(wanted.id, wanted.title, start)
    path = folder / f"{wanted.id}.toml"
    for name in _needed(parent, known):
        _write(folder / f"{name}.toml", known[name].text)
    checked: Checked | None = None
    for text in overlays(wanted, loaded.policy, parent):
        _write(path, text)
        checked = Workspace.open().check(path)
        if checked.program:
            break
    if checked is None or checked.program is None:  # it stays there, for the author to mend
        stop(checked.diagnostics if checked else (), checked.sources if checked else {})
    period = first_period(checked.program)
    _write(folder / f"{wanted.id}.cases.toml", sample_cases(checked.program, period))
    write_folder(folder / "facts", sample_facts(checked.program, period), "csv")


def _policies(folders: tuple[Path, ...]) -> Iterator[tuple[str, Source]]:
    """All policies in some folders, and below them."""
    for path in find_policy_files(folders):
        source = read_source(path, Diagnostics())
        name = identify(source) if source else None
        if source and name:
            yield name, source


def _needed(name: str, known: dict[str, Source]) -> Iterator[str]:
    """A policy, and those that its text names."""
    found, wanted = set[str](), [name]
    while wanted:
        one = wanted.pop()
        if one not in found:
            found.add(one)
            yield one
            wanted += [other for other in known if f'"{other}"' in known[one].text]


def _show(folder: Path, policy: Path, period: Period) -> None:
    screen = console()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        screen.print(str(path))
    screen.print(t("what next:"))
    facts = f"--facts {folder / 'facts'} --period {period}"
    for command in (
        f"scorecore check {policy}",
        f"scorecore test {policy}",
        f"scorecore run {policy} {facts}",
        f"scorecore facts template {policy} --out facts.xlsx",
    ):
        screen.print(f"  {command}")
