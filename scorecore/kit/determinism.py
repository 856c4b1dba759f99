"""Whether a scorer is pure and deterministic: its source is read, and policies are compiled again elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from scorecore.compiler.compile import check_policy
from scorecore.diagnostics import catalogue
from scorecore.kit.compile_process import full_digest
from scorecore.kit.purity import sources_of, touches
from scorecore.kit.subject import Subject

ENVIRONMENTS: Final = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai", "LC_ALL": "zh_CN.UTF-8"},
)
"""What is different in the other processes."""


def find_outside_effects(subject: Subject) -> Iterator[str]:
    """What the scorer touches outside of itself."""
    for name, tree in sources_of(subject.scorer.parameters).items():
        yield from (f"{name} uses `{effect}`" for effect in touches(tree))
    for reports in _compile_apart(subject):
        for example, report in zip(_texts(subject), reports, strict=True):
            yield from (f"{example['policy'][0]}: compiling it does: {effect}" for effect in report["outside"])


def find_differences(subject: Subject) -> Iterator[str]:
    """Policies that do not always compile to the same program."""
    for example in subject.examples:
        yield from (str(problem) for problem in example.diagnostics if problem.kind is catalogue.PLUGIN_VARIES)
        recompiled, _ = check_policy(example.source, example.parents, subject.scorers)
        if example.program and (recompiled is None or full_digest(recompiled) != full_digest(example.program)):
            yield f"{example.path}: compiled twice, it gives two programs"
    for environment, reports in zip(ENVIRONMENTS, _compile_apart(subject), strict=True):
        for example, report in zip(subject.examples, reports, strict=True):
            if example.program and report["outcome"] != full_digest(example.program):
                where = f"{example.path}: another process ({environment})"
                yield f"{where} makes another program of it: {report['outcome']}"


def _texts(subject: Subject) -> list[dict[str, Any]]:
    return [
        {
            "policy": [example.source.name, example.source.text],
            "parents": {name: [source.name, source.text] for name, source in example.parents.items()},
        }
        for example in subject.examples
    ]


def _compile_apart(subject: Subject) -> list[list[dict[str, Any]]]:
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
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "scorecore.kit.compile_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            encoding="utf-8",
        )
        for environment in ENVIRONMENTS
    ]
    outputs = [process.communicate(task) for process in processes]
    for process, (_, errors) in zip(processes, outputs, strict=True):
        if process.returncode:
            raise RuntimeError(errors)
    return [json.loads(output) for output, _ in outputs]
