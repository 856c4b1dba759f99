"""The laws of texts: compiling is deterministic, and a bad policy or bad facts give problems, never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from laws import HEAD, readable
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.evaluate.batch import evaluator as columns
from scorecore.facts.ingest import ingest
from scorecore.program.digest import program_digest
from strategies.cases import Case, cases, compiled, period_of
from strategies.facts import Situation, raw_tables, situations
from strategies.policies import drafts

GALAXY: Final = Path(__file__).parents[2] / "policies" / "galaxy" / "policy.toml"


# law 6


class Elsewhere:
    """Another Python that hashes differently, and gives the digest of a policy text."""

    def __init__(self) -> None:
        text = (
            "import json, sys\n"
            "from scorecore.program.digest import program_digest\n"
            "from strategies.cases import compiled\n"
            "for line in sys.stdin:\n"
            "    program, _ = compiled(json.loads(line))\n"
            "    print(program and program_digest(program), flush=True)\n"
        )
        places = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": places}
        self.process = subprocess.Popen(
            [sys.executable, "-c", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def digest(self, policy: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(policy) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """Another Python, for as long as the tests of this file run."""
    other_place = Elsewhere()
    yield other_place
    other_place.process.kill()
    other_place.process.communicate()


@given(case=cases())
def test_compiling_is_deterministic(elsewhere: Elsewhere, case: Case) -> None:
    """The same text gives the same digest, twice here and once in a Python with other hashes."""
    compiled_again, _ = compiled(case.draft.text)
    assert compiled_again is not None
    digest = program_digest(case.program)
    assert program_digest(compiled_again) == digest
    assert elsewhere.digest(case.draft.text) == digest


# law 8


_TOKENS: Final = (
    *("1e999999", "nan", "inf", "-0.0", "9" * 30, "9" * 5000, "1979-05-27T07:32:00Z", "07:32:00", "0x1f", "true"),
    *(
        '"""',
        "'''",
        '"',
        "'",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "=",
        ".",
        ",",
        "#",
        "\n",
        "\r",
        "\x00",
        "\ufeff",
        "\\",
        "\\u12",
    ),
    *("items", "id", '""', '"a"', "''", "{}", "[]", "[ [ 1 ] ]", "{ a = 1 }", "-1", "0", "1.0000000000001", "1e20"),
    *("history[1].score.total", "e.f0", "size()", "tables.t0", "greatest()", "(", ")", "!", "-", "&&", "?", ":", "/ 0"),
    *("in []", "null", "b'x'", "1u", "%", "is", "open", "_", "é", "parameters.", "score.total", "items.it0", "grade"),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A policy text with a few mistakes in it."""
    text = draw(st.one_of(drafts().map(lambda draft: draft.text), st.just(GALAXY.read_text(encoding="utf-8"))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        way = draw(st.sampled_from(["replace", "insert", "cut", "truncate", "repeat", "swap", "line"]))
        new = draw(st.one_of(st.sampled_from(_TOKENS), st.text(max_size=4)))
        lines = text.split("\n")
        line = text.count("\n", 0, start)
        match way:
            case "replace":
                text = text[:start] + new + text[end:]
            case "insert":
                text = text[:start] + new + text[start:]
            case "cut":
                text = text[:start] + text[end:]
            case "truncate":
                text = text[:start]
            case "repeat":
                text = text[:start] + text[start:end] * 3 + text[end:]
            case "swap":
                other_line = draw(st.integers(0, len(lines) - 1))
                lines[line], lines[other_line] = lines[other_line], lines[line]
                text = "\n".join(lines)
            case _:
                name = lines[line].partition("=")[0]
                lines[line] = f"{name}= {new}"
                text = "\n".join(lines)
    return text


def refused_or_decided(text: str, situation: Situation) -> None:
    """A text gives problems that can be told, or a program that decides."""
    try:
        program, diagnostics = compiled(text)
    except Rejected as refused:
        program, diagnostics = None, refused.diagnostics
    readable(diagnostics)
    event("accepted" if program else "refused")
    if program is None:
        assert diagnostics
        return
    program_digest(program)
    period = period_of(program)
    facts = ingest(program, period, raw_tables(program, period, situation), Diagnostics())
    if facts is not None:
        columns.evaluate_batch(program, facts)
        columns.evaluate_each(program, facts)


@given(text=mutated(), situation=situations())
def test_bad_policies_give_diagnostics(text: str, situation: Situation) -> None:
    """A policy text with mistakes gives problems, never an exception; if it is accepted, it decides."""
    refused_or_decided(text, situation)


@given(text=st.one_of(st.binary(max_size=300).map(lambda content: content.decode("latin-1")), st.text(max_size=300)))
def test_noise_gives_diagnostics(text: str) -> None:
    """Any text at all gives problems, never an exception."""
    program, diagnostics = compiled(text)
    assert program is None
    assert diagnostics
    readable(diagnostics)


_MINIMAL = f"""{HEAD}
[facts.person]
x = {{ type = "decimal", min = 0, max = 10 }}
b = {{ type = "bool" }}
n = {{ type = "int", min = 0, max = 10 }}
s = {{ type = "string" }}
d = {{ type = "date" }}
"""
_NESTS: Final = (
    *("({})", "-({})", "abs({})", "round({}, 2)", "(x + {})", "({} + x)", "greatest(x, {})", "(b ? x : {})"),
    *("(b ? {} : x)", "({} / greatest(x, 1.0))", "(x / greatest({}, 1.0))", "round(({}) / 3, 2, 'up')", "[{}]"),
    *("(x * 0.1 * {})", "({}.size())", "(({}) > x ? x : x)", "least({}, x, 3.0)", "decimal(int({}))"),
)
_TOML_NESTS: Final = ("[{}]", "{{ a = {} }}", "{{ min = {} }}", "[{{ id = {} }}]")


@given(
    nest=st.lists(st.sampled_from(_NESTS), min_size=1, max_size=3),
    depth=st.one_of(st.integers(1, 30), st.integers(80, 102), st.integers(1, 3000)),
    situation=situations(),
)
def test_deep_expressions_give_diagnostics(nest: list[str], depth: int, situation: Situation) -> None:
    """An expression of any depth is refused, or decides."""
    text = "x"
    for number in range(depth):
        text = nest[number % len(nest)].format(text)
    pay = f'[[pay]]\nid = "p"\nkind = "adjustment"\namount = "{text}"\n'
    refused_or_decided(_MINIMAL + pay, situation)


@given(nest=st.sampled_from(_TOML_NESTS), depth=st.integers(1, 3000), key=st.sampled_from(["x", "policy.id", "items"]))
def test_deep_texts_give_diagnostics(nest: str, depth: int, key: str) -> None:
    """Brackets of any depth give problems, never an exception."""
    text = "1"
    for _ in range(depth):
        text = nest.format(text)
    _, diagnostics = compiled(f"{key} = {text}\n{_MINIMAL}")
    assert diagnostics
    readable(diagnostics)
