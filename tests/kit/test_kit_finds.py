"""What the conformance kit asks is seen to fail, on a scorer that is broken in that way."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

import broken_scorers as broken
from scorecore.evaluate.batch import evaluator as columns
from scorecore.kit import ScorerKit
from scorecore.plugins import Scorer

POLICY: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
x = { type = "decimal", min = 0, max = 1000, places = 2 }

[score]

[[items]]
id = "one"
authority = "第一条"
points = 10
scorer = "given"
give = "x / 100"
more = [1, "x / 200"]
word = "a word"
"""
CASES: Final = """
[[case]]
name = "x gives a hundredth, and one more, and half a hundredth"
period = "2024-05"
person = { x = 200 }
expect = { items = { one = 4 } }
"""
CHINESE: Final = {
    "Give points. Nothing is wrong with it.": "给分。毫无差错。",
    "points": "分数",
    "more points": "更多分数",
    "a word": "一个词",
    broken.NOWHERE.message: "有差错",
}
CHECKS: Final = sorted(name for name in vars(ScorerKit) if name.startswith("test_"))


@pytest.fixture
def kit(tmp_path: Path) -> Callable[..., ScorerKit]:
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    (tmp_path / "policy.cases.toml").write_text(CASES, "utf-8")

    def made(cls: type, policy: str = POLICY, cases: str = CASES, **scorer: Any) -> ScorerKit:
        (tmp_path / "policy.toml").write_text(policy, "utf-8")
        (tmp_path / "policy.cases.toml").write_text(cases, "utf-8")
        parts = {"scorer": Scorer("given", cls, **scorer), "policies": tmp_path, "words": CHINESE}
        kit_made: ScorerKit = type("TestIt", (ScorerKit,), parts)()
        return kit_made

    return made


@pytest.mark.sampled(4)
@pytest.mark.parametrize("check", [check for check in CHECKS if "outside" not in check])
def test_the_right_one_passes(check: str, kit: Callable[..., ScorerKit]) -> None:
    """A scorer with which nothing is wrong passes every check (its module, which has the others, is not pure)."""
    getattr(kit(broken.Right), check)()


FINDS: Final[dict[str, tuple[str, type, dict[str, Any], str]]] = {
    "a policy with a problem": (
        "test_policies_compile_and_use_it",
        broken.Right,
        {"policy": POLICY.replace("x / 100", "y / 100")},
        "policy.toml:20:9: SC230 `y` is not defined",
    ),
    "nobody uses it": (
        "test_policies_compile_and_use_it",
        broken.Right,
        {"policy": POLICY.replace('"given"', '"formula"')},
        "no item has the scorer `given`",
    ),
    "a case that comes out otherwise": (
        "test_cases_hold",
        broken.Right,
        {"cases": CASES.replace("one = 4", "one = 5")},
        "expected 5, got 4",
    ),
    "cases that nobody can run": (
        "test_cases_hold",
        broken.Right,
        {"policy": POLICY.replace("x / 100", "y / 100")},
        "policy.cases.toml cannot be run: its policy has problems",
    ),
    "no cases": ("test_cases_hold", broken.Right, {"cases": "case = []"}, "there are no cases"),
    "chance in the source": ("test_it_touches_nothing_outside", broken.Gambling, {}, "broken_scorers uses `random`"),
    "a file that another module reads": (
        "test_it_touches_nothing_outside",
        broken.Reading,
        {},
        "compiling it does: open .*target.toml",
    ),
    "the order of a set": ("test_it_always_gives_the_same", broken.Hashing, {}, "another process .* another program"),
    "words in the order of a set": (
        "test_it_always_gives_the_same",
        broken.Wording,
        {},
        "another process .* another program",
    ),
    "a memory": (
        "test_it_always_gives_the_same",
        broken.Remembering,
        {},
        "SC618 `given` does not give the same result twice",
    ),
    "chance": (
        "test_it_always_gives_the_same",
        broken.Gambling,
        {},
        "SC618 `given` does not give the same result twice",
    ),
    "no reason": ("test_entries_have_reason_and_clause", broken.Silent, {}, "has no reason"),
    "no clause": ("test_entries_have_reason_and_clause", broken.Lawless, {}, "`given` of `items.one` has no clause"),
    "an item without a clause": (
        "test_entries_have_reason_and_clause",
        broken.Right,
        {"policy": POLICY.replace('authority = "第一条"', "")},
        "the item `one` names no clause",
    ),
    "takes where it should give": (
        "test_points_stay_within_what_it_declares",
        broken.Taking,
        {},
        "items.one opens empty and takes points: -.* for `taken`",
    ),
    "gives where it should take": (
        "test_points_stay_within_what_it_declares",
        broken.Right,
        {"opens_full": True},
        "items.one opens full and gives points: .* for `more`",
    ),
    "no sentence": (
        "test_it_is_documented_in_both_languages",
        broken.Undocumented,
        {},
        "is not a sentence: 'give points'",
    ),
    "a key that says nothing": (
        "test_it_is_documented_in_both_languages",
        broken.Undocumented,
        {},
        "the key `other` of Undocumented says nothing",
    ),
    "no Chinese": (
        "test_it_is_documented_in_both_languages",
        broken.Lost,
        {},
        "no Chinese for the summary: 'Give points. Its problem",
    ),
    "a failure": ("test_nonsense_is_refused_with_a_place", broken.Careless, {}, "`word = ''`: .*SC606.*IndexError"),
    "a problem without a place": (
        "test_nonsense_is_refused_with_a_place",
        broken.Lost,
        {},
        "the problem BR101 has no place in the policy",
    ),
    "any key": ("test_nonsense_is_refused_with_a_place", broken.Greedy, {}, "an unknown key is not reported as SC101"),
    "an expression that doubles": (
        "test_it_grows_with_what_is_written",
        broken.Doubling,
        {},
        "times as much in `more`",
    ),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("name", FINDS)
def test_the_kit_finds(name: str, kit: Callable[..., ScorerKit]) -> None:
    """What is wrong with a scorer fails the check that is for it, with what and where."""
    check, cls, options, message = FINDS[name]
    with pytest.raises(AssertionError, match=message):
        getattr(kit(cls, **options), check)()


def test_the_kit_finds_what_never_ends(kit: Callable[..., ScorerKit]) -> None:
    """A scorer that never ends is a problem, for the compiler too, and no check waits for it."""
    endless = kit(broken.Endless)
    with pytest.raises(AssertionError, match="SC608"):
        endless.test_policies_compile_and_use_it()
    with pytest.raises(AssertionError, match="times as much in `give`"):
        endless.test_it_grows_with_what_is_written()


def test_the_kit_finds_evaluators_that_differ(kit: Callable[..., ScorerKit], monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns with other entries than rows fail the check. No scorer can bring that about, so it is done here."""
    right = columns.evaluate_batch
    monkeypatch.setattr(
        columns,
        "evaluate_batch",
        lambda program, facts: evolve(decisions := right(program, facts), entries=decisions.entries.head(0)),
    )
    with pytest.raises(AssertionError, match="p: entries: rows give"):
        kit(broken.Right).test_rows_and_columns_agree()


def test_every_check_is_seen_to_fail() -> None:
    """No check of the kit is left out above."""
    assert {check for check, *_ in FINDS.values()} | {"test_rows_and_columns_agree"} == set(CHECKS)


def test_a_scorer_that_nobody_can_import_or_find(kit: Callable[..., ScorerKit], tmp_path: Path) -> None:
    """What the kit cannot look at, it says by name."""

    class Inner(broken.Right):
        """Give points."""

    with pytest.raises(LookupError, match="must be a class of a module"):
        kit(Inner).test_it_always_gives_the_same()
    unknown = partial(type, "TestIt", (ScorerKit,))
    with pytest.raises(LookupError, match="no scorer `nobody` is installed; installed are"):
        unknown({"scorer": "nobody", "policies": tmp_path})().test_cases_hold()
    with pytest.raises(LookupError, match="there is no "):
        unknown({"scorer": "formula", "policies": tmp_path / "nowhere"})().test_cases_hold()
