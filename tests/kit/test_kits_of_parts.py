"""The kits of operators, checks and layouts: ours pass, and each test is seen to fail on a plugin that is broken so."""

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from scorecore.kit import CheckKit, LayoutKit, OperatorKit
from scorecore.plugin import (
    Block,
    Check,
    Diagnostic,
    DiagnosticKind,
    Explanation,
    Location,
    Operator,
    Policy,
    Program,
    Renderer,
    Syntax,
    greatest,
    least,
)

HEAD: Final = """\
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
{checks}
[facts.person]
x = { type = "decimal", unit = "CNY", min = 0, max = 100 }
[[pay]]
id = "bonus"
kind = "earning"
amount = "{amount}"
{authority}
"""
CASES: Final = """\
[[case]]
name = "张三"
period = "2024-05"
person = { x = 30 }
expect = { net = 30 }
"""
_CALLS: Final = count()
SENTENCE: Final = "What is between two numbers."
WORDS: Final = {
    SENTENCE: "两数之间的值。",
    "Every line has a clause.": "每个薪酬项目都有条款。",
    "`{name}` has no clause": "`{name}` 没有条款",
    "A statement in words.": "文字考核单。",
}


def write(
    folder: Path, name: str, amount: str = "x", authority: str = 'authority = "第一条"', checks: str = ""
) -> Path:
    folder.mkdir(exist_ok=True)
    text = HEAD.replace("{amount}", amount).replace("{authority}", authority).replace("{checks}", checks)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / f"{name}.cases.toml").write_text(CASES, encoding="utf-8")
    return folder


def kit(base: type, **parts: Any) -> Any:
    return type("TestIt", (base,), {"words": WORDS, **parts})()


def names(base: type) -> list[str]:
    return sorted(name for name in vars(base) if name.startswith("test_"))


# operators


def middle(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """What is between two numbers."""
    return least(greatest(x, low), high)


def varying(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """What is between two numbers."""
    return middle(x, low, high) + next(_CALLS)


def choosy(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """What is between two numbers."""
    return middle(x, low, high + low.value - low.value)  # type: ignore[attr-defined]


def lucky(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """What is between two numbers."""
    return middle(x, low, high) if random.random() < 2 else x  # noqa: S311  what the kit is to find


def undocumented(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """between"""  # noqa: D400, D403, D415  what the kit is to find
    return middle(x, low, high)


def doubled(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """What is between two numbers."""
    return middle(x, low, high) * 2


CALL: Final = "middle(x, 0, 100)"


def broken_operators() -> list[tuple[Any, ...]]:
    """In a function, as what a module has at its top is looked at with each of its functions."""
    return [
        ("test_policies_compile_and_use_it", middle, "x", "no policy in .* calls `middle`"),
        ("test_cases_hold", doubled, CALL, "expected 30, got 60"),
        ("test_it_touches_nothing_outside", lucky, CALL, "uses `random`"),
        ("test_it_always_gives_the_same", varying, CALL, "SC"),
        ("test_operands_of_any_kind_are_composed", choosy, CALL, "SC"),
        ("test_it_is_documented_in_both_languages", undocumented, CALL, "is not a sentence"),
    ]


@pytest.mark.parametrize("test", names(OperatorKit))
def test_a_right_operator_passes(test: str, tmp_path: Path) -> None:
    getattr(kit(OperatorKit, operator=Operator("middle", middle), policies=write(tmp_path, "a", CALL)), test)()


@pytest.mark.parametrize(
    ("test", "expand", "amount", "fault"), broken_operators(), ids=[row[0] for row in broken_operators()]
)
def test_a_broken_operator_is_found(test: str, expand: Any, amount: str, fault: str, tmp_path: Path) -> None:
    policies = write(tmp_path, "a", amount)
    with pytest.raises(AssertionError, match=fault):
        getattr(kit(OperatorKit, operator=Operator("middle", expand), policies=policies), test)()


@pytest.mark.parametrize("test", names(OperatorKit))
def test_our_operator_passes(test: str, tmp_path: Path) -> None:
    getattr(kit(OperatorKit, operator="clamp", policies=write(tmp_path, "a", "clamp(x, 0, 100)")), test)()


# checks

NO_CLAUSE: Final = DiagnosticKind("MY001", "`{name}` has no clause")


def clause(policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    for line in policy.pay:
        if not line.authority:
            yield Diagnostic(NO_CLAUSE, line.at("id")[0], {"name": line.id})


def eager(policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    yield from (Diagnostic(NO_CLAUSE, line.at("id")[0], {"name": line.id}) for line in policy.pay)


def blind(_policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    yield from ()


def placeless(policy: Policy, program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    for diagnostic in clause(policy, program):
        yield Diagnostic(diagnostic.kind, Location("somewhere", 0, 0), diagnostic.params)


def raising(_policy: Policy, _program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    raise ValueError("no luck")


def moody(policy: Policy, program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    for diagnostic in clause(policy, program):
        yield Diagnostic(diagnostic.kind, diagnostic.location, {"name": str(next(_CALLS))})


def gambling(policy: Policy, program: Program) -> Iterator[Diagnostic]:
    """Every line has a clause."""
    yield from clause(policy, program) if random.random() < 2 else ()  # noqa: S311  what the kit is to find


def terse(policy: Policy, program: Program) -> Iterator[Diagnostic]:
    """clauses"""  # noqa: D400, D403, D415  what the kit is to find
    yield from clause(policy, program)


def broken_checks() -> list[tuple[Any, ...]]:
    """In a function, as what a module has at its top is looked at with each of its functions."""
    return [
        ("test_policies_that_follow_it_have_no_problem", eager, "MY001"),
        ("test_policies_that_follow_it_have_no_problem", raising, "the check failed"),
        ("test_policies_that_break_it_have_a_problem_with_a_place", blind, "nothing is found"),
        ("test_policies_that_break_it_have_a_problem_with_a_place", placeless, "has no place"),
        ("test_it_touches_nothing_outside", gambling, "uses `random`"),
        ("test_it_always_gives_the_same_and_changes_nothing", moody, "finds different problems"),
        ("test_it_is_documented_in_both_languages", terse, "is not a sentence"),
    ]


def check_kit(look: Any, folder: Path, **parts: Any) -> Any:
    followed = write(folder / "followed", "a")
    broken = write(folder / "broken", "b", authority="", checks='checks = ["clause"]')
    return kit(CheckKit, check=Check("clause", look), followed=followed, broken=broken, **parts)


@pytest.mark.parametrize("test", names(CheckKit))
def test_a_right_check_passes(test: str, tmp_path: Path) -> None:
    getattr(check_kit(clause, tmp_path), test)()


@pytest.mark.parametrize(("test", "look", "fault"), broken_checks(), ids=[row[1].__name__ for row in broken_checks()])
def test_a_broken_check_is_found(test: str, look: Any, fault: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=fault):
        getattr(check_kit(look, tmp_path), test)()


def test_our_check_passes(tmp_path: Path) -> None:
    parts = {"followed": write(tmp_path / "a", "a"), "broken": write(tmp_path / "b", "b", authority="")}
    for test in names(CheckKit):
        getattr(type("TestIt", (CheckKit,), {"check": "clauses", **parts})(), test)()


# layouts


def words(explanation: Explanation, blocks: Sequence[Block], _language: str) -> str:
    return "\n".join([explanation.subject, *(line for block in blocks for line in (block.heading, *block.lines))])


def words_of_all(statements: Sequence[tuple[Explanation, Sequence[Block]]], language: str) -> str:
    return "\n\n".join(words(*statement, language) for statement in statements)


def english_only(explanation: Explanation, blocks: Sequence[Block], language: str) -> str:
    return {"en": words}[language](explanation, blocks, language)


def numbered(explanation: Explanation, blocks: Sequence[Block], language: str) -> str:
    return f"{next(_CALLS)} {words(explanation, blocks, language)}"


def unescaped(explanation: Explanation, blocks: Sequence[Block], language: str) -> str:
    return f"<!DOCTYPE html><html><p>{words(explanation, blocks, language)}</p></html>"


def first_of_all(statements: Sequence[tuple[Explanation, Sequence[Block]]], language: str) -> str:
    return words(*statements[0], language)


ABOUT: Final = "A statement in words."


def broken_layouts() -> list[tuple[Any, ...]]:
    """In a function, as what a module has at its top is looked at with each of its functions."""
    return [
        ("test_every_case_is_laid_out", english_only, None, ABOUT, "zh"),
        ("test_everybody_is_laid_out_in_one", words, first_of_all, ABOUT, "0 statements"),
        ("test_it_always_gives_the_same", numbered, None, ABOUT, "two statements"),
        ("test_odd_names_are_shown_and_do_nothing", unescaped, None, ABOUT, "escape it"),
        ("test_it_is_documented_in_both_languages", words, None, "words", "is not a sentence"),
    ]


@pytest.mark.parametrize("test", names(LayoutKit))
def test_a_right_layout_passes(test: str, tmp_path: Path) -> None:
    layout = Renderer("words", ABOUT, words, words_of_all)
    getattr(kit(LayoutKit, layout=layout, policies=write(tmp_path, "a")), test)()


@pytest.mark.parametrize(
    ("test", "render", "render_run", "about", "fault"), broken_layouts(), ids=[row[0] for row in broken_layouts()]
)
def test_a_broken_layout_is_found(
    test: str, render: Any, render_run: Any, about: str, fault: str, tmp_path: Path
) -> None:
    layout = Renderer("words", about, render, render_run)
    with pytest.raises(AssertionError, match=fault):
        getattr(kit(LayoutKit, layout=layout, policies=write(tmp_path, "a")), test)()


def test_our_layout_passes(tmp_path: Path) -> None:
    for test in names(LayoutKit):
        getattr(type("TestIt", (LayoutKit,), {"layout": "statement", "policies": write(tmp_path, "a")})(), test)()


# all of them


@pytest.mark.parametrize(
    ("base", "broken"), [(OperatorKit, broken_operators()), (CheckKit, broken_checks()), (LayoutKit, broken_layouts())]
)
def test_every_test_of_a_kit_is_seen_to_fail(base: type, broken: Sequence[tuple[Any, ...]]) -> None:
    assert {row[0] for row in broken} == set(names(base))


@pytest.mark.parametrize(("base", "part"), [(OperatorKit, "operator"), (CheckKit, "check"), (LayoutKit, "layout")])
def test_what_is_not_installed_and_not_said_in_chinese_is_reported(base: type, part: str, tmp_path: Path) -> None:
    folders = dict.fromkeys(("policies", "followed", "broken"), write(tmp_path, "a"))
    with pytest.raises(LookupError, match=f"no {part} `nothing` is installed"):
        _ = kit(base, **{part: "nothing"}, **folders).examined
    mine: Mapping[str, object] = {
        "operator": Operator("middle", middle),
        "check": Check("clause", clause),
        "layout": Renderer("words", ABOUT, words),
    }
    with pytest.raises(AssertionError, match="no Chinese for"):
        kit(base, **{part: mine[part]}, **folders | {"words": {}}).test_it_is_documented_in_both_languages()
