"""Compiles policies in a process of its own, and says what came out and what was touched: `-m scorecore.kit.elsewhere`.

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
from scorecore.program.digest import program_digest

CODE: Final = (".py", ".pyc", ".so", ".pyd")
"""Files that are opened because something is imported."""
WATCHED: Final = ("open", "os.", "socket.", "subprocess.", "shutil.", "urllib.", "sqlite3.", "tempfile.", "glob.")
"""Beginnings of the names of audit events that pure code does not cause."""


class _Watch:
    """Notes what the interpreter reports while it is on. Such a hook cannot be taken out: hence the own process."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.hook)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on or not event.startswith(WATCHED):
            return
        what = str(arguments[0]) if arguments else ""
        importing = event in {"open", "os.listdir", "os.scandir"} and (
            what.endswith(CODE) or event != "open" or "__pycache__" in what
        )
        if not importing:
            self.seen.append(f"{event} {what}".strip())


def main() -> None:
    task = json.load(sys.stdin)
    module, name = task["class"]
    cls: Any = import_module(module)
    for part in name.split("."):
        cls = getattr(cls, part)
    scorers = load_scorers(installed(), Diagnostics())
    scorer = Scorer(task["scorer"], cls, opens_full=task["opens_full"])
    scorers = evolve(scorers, scorers={**scorers, scorer.name: scorer})
    for one in task["policies"]:  # so that what the compiler itself imports is there
        check_policy(_source(one["policy"]), _parents(one), {})
    watch = _Watch()
    found = []
    for one in task["policies"]:
        watch.seen, watch.on = [], True
        program, diagnostics = check_policy(_source(one["policy"]), _parents(one), scorers)
        watch.on = False
        came = program_digest(program) if program else "\n".join(map(str, diagnostics))
        found.append({"came": came, "outside": watch.seen})
    json.dump(found, sys.stdout)


def _source(of: list[str]) -> Source:
    return Source(*of)


def _parents(of: dict[str, Any]) -> dict[str, Source]:
    return {name: _source(one) for name, one in of["parents"].items()}


if __name__ == "__main__":
    main()
