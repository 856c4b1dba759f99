"""Compiles policies in a process of its own, and reports what came out and what was touched.

It is run by `python -m scorecore.kit.compile_process`.

Reads JSON: where the scorer's class is, and the texts of policies with their parents. Writes JSON: for each policy the
digest of its program, or its problems, and what was done outside while the scorer ran.
"""

import json
import sys
from importlib import import_module
from typing import Any, Final

from attrs import evolve

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.plugins import Scorer, installed, load_scorers
from scorecore.program.model import Program
from scorecore.program.serialize import serialize
from scorecore.values.canonical_json import digest

CODE: Final = (".py", ".pyc", ".so", ".pyd")
"""Files that are opened because something is imported."""
WATCHED: Final = ("open", "os.", "socket.", "subprocess.", "shutil.", "urllib.", "sqlite3.", "tempfile.", "glob.")
"""Beginnings of the names of audit events that pure code does not cause."""


class _Watch:
    """Notes what the interpreter reports while it is on. Such a hook cannot be taken out: hence the own process."""

    def __init__(self) -> None:
        self.is_on = False
        self.seen: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on or not event.startswith(WATCHED):
            return
        target = str(arguments[0]) if arguments else ""
        importing = event in {"open", "os.listdir", "os.scandir"} and (
            target.endswith(CODE) or event != "open" or "__pycache__" in target
        )
        if not importing:
            self.seen.append(f"{event} {target}".strip())


def main() -> None:
    task = json.load(sys.stdin)
    module, name = task["class"]
    cls: Any = import_module(module)
    for part in name.split("."):
        cls = getattr(cls, part)
    scorers = load_scorers(installed(), Diagnostics())
    scorer = Scorer(task["scorer"], cls, opens_full=task["opens_full"])
    scorers = evolve(scorers, scorers={**scorers, scorer.name: scorer})
    examples = [_read_example(example) for example in task["policies"]]
    for source, parents in examples:  # so that what the compiler itself imports is there
        check_policy(source, parents, {})
    watch = _Watch()
    reports = []
    for source, parents in examples:
        watch.seen, watch.is_on = [], True
        program, diagnostics = check_policy(source, parents, scorers)
        watch.is_on = False
        outcome = full_digest(program) if program else "\n".join(map(str, diagnostics))
        reports.append({"outcome": outcome, "outside": watch.seen})
    json.dump(reports, sys.stdout)


def full_digest(program: Program) -> str:
    """Of a program with its words and in its order: what a program means may be the same where these are not."""
    return digest("packed", serialize(program))


def _read_example(example: dict[str, Any]) -> tuple[Source, dict[str, Source]]:
    """A policy and its parents; of each text the name and the text."""
    return Source(*example["policy"]), {name: Source(*text) for name, text in example["parents"].items()}


if __name__ == "__main__":
    main()
