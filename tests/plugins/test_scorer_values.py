"""What a scorer sees of the policy around its item, and the intermediate values that it brings."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from attrs import frozen

import scorecore
from scorecore.plugin import Diagnostics, Entry, ItemContext, Name, NamedValue, Plugins, Scorer, Syntax, key
from scorecore.plugins import installed, load_scorers
from scorecore.program.serialize import deserialize, serialize

POLICY: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[parameters]
rate = { type = "int", values = [ { from = 2024-01-01, is = 2 } ] }

[tables.steps]
kind = "whole"
edge = "lower"
bands = [ { from = 0, is = 1, up_to = 100 } ]

[calendars.work]
covers = { from = 2024-01-01, to = 2024-12-31 }

[groups.all]
held = "wait"

[facts.person]
x = { type = "decimal", min = 0, max = 100 }
y = { type = "decimal", min = 1, max = 100 }

[score]

[[items]]
id = "other"
points = 7
scorer = "formula"
is = "x / 100"

[[items]]
id = "task"
points = 10
scorer = "share"
actual = "x"
target = "y"
"""


@frozen(kw_only=True)
class Share:
    """Give points for the share of a target."""

    actual: Syntax = key("what was reached")
    target: Syntax = key("what should be")

    def entries(self, item: ItemContext) -> Iterator[Entry | NamedValue]:
        share = NamedValue(name="share", is_=(self.actual / self.target).rounded(4), label="完成率")
        much = NamedValue(name="much", is_=item.read(share) > 2)
        yield from (share, much)
        yield Entry(reason="share", points=item.read(share) * 2, when=~item.read(much))
        yield Entry(reason="much", points=item.read(share), when=item.read(much))


def load(scorer: type, text: str = POLICY) -> scorecore.CompiledPolicy:
    scorers = {**load_scorers(installed(), Diagnostics()), "share": Scorer("share", scorer)}
    return scorecore.load(scorecore.Source("policy.toml", text), plugins=Plugins(scorers))


def problems(scorer: type, text: str = POLICY) -> list[tuple[str, str]]:
    with pytest.raises(scorecore.PolicyRejected) as raised:
        load(scorer, text)
    return [
        (diagnostic.kind.code, diagnostic.message())
        for diagnostic in raised.value.diagnostics
        if not diagnostic.kind.warning
    ]


def test_an_intermediate_value_is_computed_once_and_shown() -> None:
    """It is a value of the program, by the names of the item and its own; the program replays without the scorer."""
    policy = load(Share)
    facts = {"period": "2024-05", "person": {"x": 30, "y": 20}}
    assert policy.decide(facts).results["items.task"] == 3
    explained = {value.name: value for value in policy.explain(facts).values}
    assert (explained["values.task_share"].label, explained["values.task_share"].value) == ("完成率", Decimal("1.5"))
    assert explained["values.task_much"].formula == "task_share > 2"
    assert deserialize(serialize(policy.program), policy.digest) == policy.program


def test_what_is_held_goes_through_an_intermediate_value() -> None:
    """Without a target there is no share, no points, and the reason is the fact that is missing."""
    decision = load(Share).decide({"period": "2024-05", "person": {"x": 30}})
    assert [cause.params["name"] for cause in decision.held["items.task"]] == ["y"]


@frozen(kw_only=True)
class Curious(Share):
    """Look at all that can be seen."""

    def entries(self, item: ItemContext) -> Iterator[Entry | NamedValue]:
        assert list(item.parameters) == ["rate"]
        assert item.tables["steps"].kind == "whole"
        assert list(item.calendars) == ["work"]
        assert item.groups["all"].held == "wait"
        assert {name: (member.points, member.scorer) for name, member in item.items.items()} == {
            "other": (7, "formula")
        }
        assert not item.items["other"].rest.entries
        for part in ("facts", "events", "parameters", "tables", "calendars", "groups", "items"):
            seen: Any = getattr(item, part)
            with pytest.raises(TypeError):
                seen["new"] = None
        yield Entry(reason="rate", points=Name("parameters", item.place).field("rate"))


def test_a_scorer_sees_the_policy_and_cannot_change_it() -> None:
    assert load(Curious).decide({"period": "2024-05", "person": {"x": 1, "y": 1}}).results["items.task"] == 2


def of_values(*named: Mapping[str, Any]) -> type:
    """A scorer with some values."""

    @frozen(kw_only=True)
    class Naming(Share):
        """Name values."""

        def entries(self, _item: ItemContext) -> Iterator[Entry | NamedValue]:
            yield from (NamedValue(**value) for value in named)
            yield Entry(reason="given", points=self.actual)

    return Naming


def test_a_name_that_is_there_already_is_a_problem() -> None:
    """It may be a fact, a value of the author, or another value of the scorer."""
    share = Name("x", scorecore.plugin.Place(scorecore.plugin.Location("p", 1, 1)))
    values = f'{POLICY}\n[values.task_share]\nis = "x"\n'
    assert [code for code, _ in problems(of_values({"name": "share", "is_": share}), values)] == ["SC623"]
    twice = of_values({"name": "share", "is_": share}, {"name": "share", "is_": share})
    assert [code for code, _ in problems(twice)] == ["SC623"]
    code, message = problems(of_values({"name": "a share", "is_": share}))[0]
    assert (code, "'a share' is not a name" in message) == ("SC606", True)


def test_a_mistake_in_an_intermediate_value_names_the_scorer() -> None:
    wrong = of_values({"name": "share", "is_": Name("z", scorecore.plugin.Place(scorecore.plugin.Location("p", 1, 1)))})
    with pytest.raises(scorecore.PolicyRejected) as raised:
        load(wrong)
    assert [
        (diagnostic.kind.code, diagnostic.scorer)
        for diagnostic in raised.value.diagnostics
        if not diagnostic.kind.warning
    ] == [("SC230", "share")]


@frozen(kw_only=True)
class Unrounded(Share):
    """Give a quotient as it is."""

    def entries(self, _item: ItemContext) -> Iterator[Entry]:
        yield Entry(reason="share", points=self.actual / self.target)


def test_points_that_are_not_rounded_name_the_scorer_unless_the_author_wrote_them() -> None:
    for scorer, text, named in (
        (Unrounded, POLICY, "share"),
        (of_values(), POLICY.replace('actual = "x"', 'actual = "x / y"'), ""),
    ):
        with pytest.raises(scorecore.PolicyRejected) as raised:
            load(scorer, text)
        assert [
            (diagnostic.kind.code, diagnostic.scorer)
            for diagnostic in raised.value.diagnostics
            if not diagnostic.kind.warning
        ] == [("SC255", named)]


@frozen(kw_only=True)
class Circular(Share):
    """Read itself."""

    def entries(self, item: ItemContext) -> Iterator[Entry | NamedValue]:
        unfinished = NamedValue(name="share", is_=self.actual)
        value = NamedValue(name="share", is_=item.read(unfinished) + 1)
        yield value
        yield Entry(reason="given", points=item.read(value))


def test_a_value_that_reads_itself_is_a_circle() -> None:
    assert [code for code, _ in problems(Circular)] == ["SC320"]
