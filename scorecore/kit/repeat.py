"""Whether a scorer is pure and deterministic: its source is read, and policies are compiled again elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from scorecore.compiler.compile import check_policy
from scorecore.kit.purity import sources_of, touches
from scorecore.kit.subject import Subject
from scorecore.program.digest import program_digest

PLACES: Final = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8"},
)
"""What is different in the other processes."""


def outside(subject: Subject) -> Iterator[str]:
    """What the scorer touches outside of itself."""
    for name, tree in sources_of(subject.scorer.parameters).items():
        yield from (f"{name} uses `{what}`" for what in touches(tree))
    for place in _elsewhere(subject):
        for example, found in zip(_texts(subject), place, strict=True):
            yield from (f"{example['policy'][0]}: compiling it does: {what}" for what in found["outside"])


def differences(subject: Subject) -> Iterator[str]:
    """Policies that do not always compile to the same program."""
    for example in subject.examples:
        again, _ = check_policy(example.source, example.parents, subject.scorers)
        if example.program and (again is None or program_digest(again) != program_digest(example.program)):
            yield f"{example.path}: compiled twice, it gives two programs"
    for which, place in zip(PLACES, _elsewhere(subject), strict=True):
        for example, found in zip(subject.examples, place, strict=True):
            if example.program and found["came"] != program_digest(example.program):
                yield f"{example.path}: another process ({which}) makes another program of it: {found['came']}"


def _texts(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "policy": [one.source.name, one.source.text],
            "parents": {name: [text.name, text.text] for name, text in one.parents.items()},
        }
        for one in subject.examples
    ]


def _elsewhere(subject: Subject) -> list[list[dict[str, Any]]]:
    cls, scorer = subject.scorer.parameters, subject.scorer
    if "<locals>" in cls.__qualname__:
        raise LookupError(f"`{cls.__qualname__}` must be a class of a module, so that another process can import it")
    task = {
        "class": [cls.__module__, cls.__qualname__],
        "scorer": scorer.name,
        "opens_full": scorer.opens_full,
        "policies": _texts(subject),
    }
    return _run(json.dumps(task))


@cache
def _run(task: str) -> list[list[dict[str, Any]]]:
    """What the other processes say, which run at the same time."""
    path = os.pathsep.join(filter(None, sys.path))
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "scorecore.kit.elsewhere"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **place, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            encoding="utf-8",
        )
        for place in PLACES
    ]
    told = [one.communicate(task) for one in running]
    for one, (_, errors) in zip(running, told, strict=True):
        if one.returncode:
            raise RuntimeError(errors)
    return [json.loads(out) for out, _ in told]
