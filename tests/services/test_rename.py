"""A name is renamed in all its places or not at all; nothing but the name changes."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scorecore.analysis.cases.verdict import run_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import locate_cases
from scorecore.program.digest import canonical_form
from scorecore.services.names import RENAMABLE, Symbol
from scorecore.services.open_texts import OpenTexts
from scorecore.services.rename import RenameRefused, TextEdit, apply_edits, rename
from scorecore.services.text_family import TextFamily

ROOT: Final = Path(__file__).parents[2]
NEW: Final = "renamed_name"
POLICIES: Final = (
    "tests/uses/team",
    "policies/galaxy/branch",
    "policies/assignments/beijing",
    "policies/tender/claims",
    "policies/mall/contract",
)
"""With parents, used policies, groups, history and tables by text; RENAME_ALL=1 tries all names of all policies."""
MOST: Final = 1000 if os.environ.get("RENAME_ALL") else 5
TEXTS: Final = OpenTexts()


def read(path: Path) -> Source:
    source = TEXTS.read(path)
    assert source
    return source


def find(source: Source, pattern: str) -> int:
    """Where the group of a pattern begins in a text."""
    match = re.search(pattern, source.text)
    assert match, pattern
    return match.start(1)


def symbols(source: Source) -> Iterator[tuple[Symbol, int]]:
    """Each name of a text that can be renamed, with its first place."""
    seen = set[Symbol]()
    for mention in TextFamily.of(TEXTS, source).list_mentions():
        if mention.symbol.kind in RENAMABLE and mention.symbol.name and mention.symbol not in seen:
            seen.add(mention.symbol)
            yield mention.symbol, mention.span.start


def meaning(texts: OpenTexts, source: Source, name: str) -> object:
    """What a policy means, with the new name changed back; digests in names are left out, since names go into them."""
    program = texts.check(source).program
    assert program
    plain = re.sub(rf"\b{NEW}(?=\b|_)", name, json.dumps(canonical_form(program), ensure_ascii=False, default=str))
    return in_order(json.loads(re.sub(r"[0-9a-f]{16,64}", "", plain)))


def in_order(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: in_order(value) for key, value in sorted(plain.items())}
    if isinstance(plain, list):
        return sorted(map(in_order, plain), key=lambda part: json.dumps(part, sort_keys=True))
    return plain


def renamed(edits: list[TextEdit]) -> OpenTexts:
    after = TEXTS.fork()
    for path in {edit.path for edit in edits}:
        after.open(path, apply_edits(read(path).text, (edit for edit in edits if edit.path == path)))
    return after


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", POLICIES)
def test_a_renamed_policy_means_the_same_up_to_the_name(name: str) -> None:
    """Of each kind of name in a policy the last; all cases still pass."""
    policy = ROOT / f"{name}.toml"
    source = read(policy)
    refused: list[str] = []
    listed = list(symbols(source))
    chosen = listed if len(listed) < MOST else list({symbol.kind: (symbol, start) for symbol, start in listed}.values())
    for symbol, start in chosen[:MOST]:
        try:
            edits = rename(TEXTS, source, start, NEW)
        except RenameRefused as refusal:
            refused.append(f"{symbol}: {refusal}")
            continue
        after = renamed(edits)
        changed = after.read(policy)
        assert changed
        assert changed != source
        if TEXTS.check(source).program:
            assert meaning(after, changed, symbol.name) == meaning(TEXTS, source, symbol.name), symbol
        check_cases(after, policy)
    assert not [reason for reason in refused if "would have a problem" not in reason], refused


def check_cases(texts: OpenTexts, policy: Path) -> None:
    source, cases = texts.read(policy), texts.read(locate_cases(policy))
    program = texts.check(source).program if source else None
    if program and cases:
        diagnostics = Diagnostics()
        verdicts = run_cases(cases, program, diagnostics)
        assert not list(diagnostics)
        assert not [verdict for verdict in verdicts if verdict.differences]


def refusal(file: str, pattern: str, name: str, texts: OpenTexts = TEXTS) -> str:
    path = ROOT / "policies" / file
    source = texts.read(path)
    assert source
    with pytest.raises(RenameRefused) as refused:
        rename(texts, source, find(source, pattern), name)
    return str(refused.value)


@pytest.mark.parametrize(
    ("pattern", "name", "reason"),
    [
        (r"(volume_task) ", "1x", "`1x` cannot be a name"),
        (r"(volume_task) ", "业绩", "`业绩` cannot be a name"),
        (r"(volume_task) ", "in", "`in` is a word of the language"),
        (r"(volume_task) ", "pay", "`pay` is a word of the language"),
        (r"(volume_task) ", "role", r"`role` is taken: policy.toml, line"),
        (r"(volume_task) ", "volumes", r"`volumes` is taken: policy.toml, line"),
        (r"exists\((v),", "role", r"`role` is taken: policy.toml, line"),
        (r"parameters\.(break_even_rate)", "base_salary", r"`base_salary` is taken: policy.toml, line"),
        (r"# (-+) what", "x", "nothing that can be renamed is here"),
        (r"scorer += \"(d)", "x", "nothing that can be renamed is here"),
        (r"(least)\(", "x", "nothing that can be renamed is here"),
    ],
)
def test_a_rename_is_refused_with_a_reason(pattern: str, name: str, reason: str) -> None:
    assert refusal("galaxy/policy.toml", pattern, name).startswith(reason)


def test_a_name_that_a_branch_has_already_is_not_given_to_its_parent() -> None:
    path = ROOT / "policies" / "galaxy" / "branch.toml"
    texts = TEXTS.fork()
    texts.open(path, read(path).text.replace("[score]", '[[pay]]\nid = "extra"\nkind = "fine"\namount = 1\n\n[score]'))
    assert refusal("galaxy/policy.toml", r'id += "(commission)', "extra", texts).startswith(
        "`extra` is taken: branch.toml"
    )


def test_a_name_that_another_policy_reads_is_not_changed() -> None:
    texts = OpenTexts()
    source = texts.read(ROOT / "tests" / "uses" / "person.toml")
    assert source
    with pytest.raises(RenameRefused, match=r"team.toml, line \d+ would have a problem: `m.review` is not defined"):
        rename(texts, source, find(source, r"(review)"), "appraisal")


def test_a_text_that_is_not_toml_is_not_renamed_in() -> None:
    path = ROOT / "policies" / "galaxy" / "branch.cases.toml"
    texts = TEXTS.fork()
    texts.open(path, read(path).text + "x = = 1\n")
    assert "branch.cases.toml cannot be read as a whole" in refusal(
        "galaxy/policy.toml", r"(volume_task) ", "task", texts
    )


def test_a_name_that_captures_is_refused() -> None:
    """`e` is the name of an event in one expression, and a fact that the same expression would read."""
    texts = TEXTS.fork()
    path = ROOT / "policies" / "galaxy" / "new.toml"
    texts.open(
        path,
        """\
[policy]
id = "p"
version = "1"
title = "t"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
[facts.person]
sales = { type = "int" }
[facts.events]
key = ["id"]
fields = { id = { type = "string" }, n = { type = "int" } }
[[pay]]
id = "a"
kind = "earning"
amount = "decimal(events.filter(e, e.n > sales).size())"
""",
    )
    source = texts.read(path)
    assert source
    with pytest.raises(RenameRefused, match=r"`e` would mean something else in new\.toml, line 16"):
        rename(texts, source, find(source, r"(sales) ="), "e")


def test_places_with_escapes_and_characters_of_two_units_are_edited_rightly() -> None:
    texts = TEXTS.fork()
    path = ROOT / "policies" / "galaxy" / "new.toml"
    text = '[policy]\nsubject = "person"\n[facts.person]\nsales = { type = "int" } # 😀\n'
    source = texts.open(path, text + '[[holds]]\nid = "h"\nwhen = "\\"😀\\" == \\"x\\" && sales > 1"\n')
    edits = rename(texts, source, source.text.index("sales"), "volume")
    assert apply_edits(source.text, edits) == source.text.replace("sales", "volume")
