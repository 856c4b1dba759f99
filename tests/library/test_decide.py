"""One dict in, one decision out: exact, strict about what it is given, and the same in every thread and process."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import tomli
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import scorecore
from scorecore.analysis.cases.read import prepare_cases
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.library.decision import DecisionBuilder
from scorecore.plugin import Plugins

SHOP: Final = (Path(__file__).parent / "shop.toml").read_text("utf-8")
POLICIES: Final = Path(__file__).parents[2] / "policies"
FACTS: Final[dict[str, Any]] = {
    "period": "2024-05",
    "id": "P1",
    "person": {"sales": "90000.00", "task": 100000},
    "complaints": [{"id": "C1", "upheld": True}, {"id": "C2", "upheld": "no"}],
}


def refused(policy: scorecore.CompiledPolicy, facts: Any) -> list[tuple[str, str]]:
    with pytest.raises(scorecore.FactsRejected) as raised:
        policy.decide(facts)
    return [(diagnostic.kind.code, str(diagnostic.location)) for diagnostic in raised.value.diagnostics]


def test_a_dict_is_decided(shop: scorecore.CompiledPolicy) -> None:
    """Points, pay, entries and what they rest on, by the names of the policy."""
    decision = shop.decide(FACTS)
    assert (decision.policy, decision.subject, decision.period) == ("shop.monthly@2024.1", "P1", "2024-05")
    assert (decision.total, decision.net, decision.items) == (
        Decimal("86.00"),
        Decimal("774.00"),
        {"sales": Decimal("81.00"), "courtesy": Decimal(5)},
    )
    assert [(entry.account, entry.points, entry.event) for entry in decision.entries] == [
        ("items.sales", Decimal("81.00"), ""),
        ("items.courtesy", Decimal(10), ""),
        ("items.courtesy", Decimal(-5), "C1"),
    ]
    assert [(line.id, line.amount) for line in decision.pay] == [("bonus", Decimal("774.00"))]
    assert (decision.held, decision.partial, decision.grade, decision.actions) == ({}, False, None, ())


def test_what_is_missing_holds_what_needs_it(shop: scorecore.CompiledPolicy) -> None:
    """A missing fact, a missing table and a value that does not fit are not zero: their results are held, with why."""
    decision = shop.decide({"period": "2024-05", "person": {"sales": "a lot", "task": None}, "complaints": []})
    assert decision.items == {"sales": None, "courtesy": Decimal(10)}
    assert {cause.kind.code for cause in decision.held["items.sales"]} == {"SC510", "SC512"}
    assert (decision.net, decision.partial) == (Decimal(0), True)
    assert [cause.kind.code for cause in shop.decide({**FACTS, "complaints": None}).held["items.courtesy"]] == ["SC511"]


NUMBERS: Final = st.decimals(0, 10**7, places=2)


@given(NUMBERS, NUMBERS.filter(lambda number: number >= 1), st.dates(date(2000, 1, 1), date(2030, 1, 1)) | st.none())
@example(Decimal("0.00"), Decimal("1.00"), date(2024, 5, 31))
@example(Decimal("1E+3"), Decimal("1000.00"), date(2024, 6, 1))
def test_numbers_and_dates_are_the_same_in_every_spelling(
    shop: scorecore.CompiledPolicy, sales: Decimal, task: Decimal, joined: date | None
) -> None:
    """Text, Decimal, int, date and JSON say the same, and pay is the product that fractions give."""
    written = {"sales": str(sales), "task": str(task), "joined": None if joined is None else joined.isoformat()}
    typed = {"sales": int(sales) if sales == int(sales) else sales, "task": task, "joined": joined}
    text = f'{{"sales": {sales:f}, "task": {task:f}, "joined": {json.dumps(written["joined"])}}}'
    facts = {**FACTS, "complaints": ()}
    decisions = [
        shop.decide({**facts, "person": person}) for person in (written, typed, json.loads(text, parse_float=Decimal))
    ]
    assert decisions[0] == decisions[1] == decisions[2]
    assert decisions[0].held == {}
    if joined is not None and joined > date(2024, 5, 31):
        assert decisions[0].net == 0


@pytest.mark.parametrize(
    ("facts", "advice"),
    [
        ({"person": {"sales": 0.1, "task": 1}}, 'write Decimal("0.1") or "0.1"'),
        ({"person": {"sales": float("nan"), "task": 1}}, "write None"),
        ({"complaints": [{"id": "C1"}, {"id": "C2", "upheld": 1.0}]}, 'write Decimal("1.0")'),
    ],
)
def test_a_binary_float_is_refused_with_what_to_write(
    shop: scorecore.CompiledPolicy, facts: dict[str, Any], advice: str
) -> None:
    """No float is rounded in silence, wherever it stands and whatever its column is."""
    with pytest.raises(scorecore.FactsRejected) as raised:
        shop.decide({**FACTS, **facts})
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.kind.code == "SC440"
    assert diagnostic.advice().startswith(advice)
    assert str(diagnostic.location) == ("P1" if "person" in facts else "P1[complaints]:2")


@pytest.mark.parametrize("period", ["2023-12", "2026-01"])
def test_a_period_outside_the_force_of_a_policy_is_refused(shop: scorecore.CompiledPolicy, period: str) -> None:
    assert refused(shop, {**FACTS, "period": period}) == [("SC441", "period")]
    with pytest.raises(scorecore.FactsRejected):
        shop.decide_many({}, period=period)
    with pytest.raises(scorecore.FactsRejected):
        shop.explain({**FACTS, "period": period})


@pytest.mark.parametrize(
    "facts", ["{}", [FACTS], {**FACTS, "person": 5}, {**FACTS, "complaints": {}}, {**FACTS, "complaints": [[]]}]
)
def test_advice_about_a_wrong_shape_is_in_json(shop: scorecore.CompiledPolicy, facts: Any) -> None:
    with pytest.raises(scorecore.FactsRejected) as rejected:
        shop.decide(facts)
    (diagnostic,) = rejected.value.diagnostics
    assert '{"name": "value"}' in diagnostic.advice()


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ([FACTS], [("SC447", "person")]),
        ("{}", [("SC447", "person")]),
        ({}, [("SC102", "period")]),
        ({**FACTS, "period": "2024-5"}, [("SC411", "period")]),
        ({**FACTS, "period": 202405}, [("SC411", "period")]),
        ({**FACTS, "id": 7}, [("SC105", "person[id]")]),
        ({**FACTS, "complaint": []}, [("SC101", "P1")]),
        ({**FACTS, "complaint": None}, [("SC101", "P1")]),
        ({**FACTS, "history": []}, [("SC101", "P1")]),
        ({**FACTS, "groups": {}}, [("SC101", "P1")]),
        ({**FACTS, 5: 6}, [("SC101", "P1")]),
        ({**FACTS, "person": {"sale": 1, "sales": 0.5}}, [("SC101", "P1"), ("SC440", "P1")]),
        ({**FACTS, "person": ["sales"]}, [("SC447", "P1")]),
        ({**FACTS, "complaints": ""}, [("SC448", "P1[complaints]")]),
        ({**FACTS, "complaints": {"id": "C1"}}, [("SC448", "P1[complaints]")]),
        ({**FACTS, "complaints": [5]}, [("SC447", "P1[complaints]:1")]),
        ({**FACTS, "complaints": [{"id": "C1", "up": 1}]}, [("SC101", "P1[complaints]:1")]),
    ],
)
def test_what_means_nothing_is_refused(
    shop: scorecore.CompiledPolicy, facts: Any, problems: list[tuple[str, str]]
) -> None:
    """A key that nobody reads would be a fact that is missing; all mistakes are named at once."""
    assert refused(shop, facts) == problems


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_decisions_on_four_threads_are_right(count: int) -> None:
    """Threads meet at periods that nobody has decided yet, some of them about people with something unknown."""
    policy = scorecore.load(scorecore.Source("shop.toml", SHOP))

    def facts(number: int) -> dict[str, Any]:
        person = {"sales": f"{number}.{number % 100:02}", "task": None if number % 50 == 0 else 1 + number % 7000}
        complaints = [
            {"id": str(complaint_number), "upheld": complaint_number % 2 == 0} for complaint_number in range(number % 4)
        ]
        period = f"202{4 + number % 2}-{1 + number % 12:02}"
        return {"period": period, "id": str(number), "person": person, "complaints": complaints}

    def decide(thread: int) -> list[scorecore.Decision]:
        return [policy.decide(facts(number)) for number in range(thread, count, 4)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(decide, range(4)))
    alone = scorecore.load(scorecore.Source("shop.toml", SHOP))
    assert together == [[alone.decide(facts(number)) for number in range(thread, count, 4)] for thread in range(4)]
    assert sum(bool(decision.held) for decisions in together for decision in decisions) == count // 50


def test_json_is_what_its_schemas_say(shop: scorecore.CompiledPolicy) -> None:
    """Decisions and facts are valid, also where something is held; schemas are themselves valid and plain JSON."""
    for kind in ("facts", "decision", "explanation"):
        schema = json.loads(json.dumps(shop.json_schema(kind)))
        Draft202012Validator.check_schema(schema)
    decisions = Draft202012Validator(shop.json_schema("decision"))
    decisions.validate(json.loads(json.dumps(shop.decide(FACTS).to_json())))
    decisions.validate(json.loads(json.dumps(shop.decide({"period": "2024-05"}).to_json())))
    explanations = Draft202012Validator(shop.json_schema("explanation"))
    explanations.validate(json.loads(json.dumps(shop.explain(FACTS).to_json())))
    explanations.validate(json.loads(json.dumps(shop.explain({"period": "2024-05"}).to_json())))
    facts = Draft202012Validator(shop.json_schema())
    assert facts.is_valid(json.loads(json.dumps({**FACTS, "complaints": None})))
    assert not facts.is_valid({**FACTS, "complaint": []})
    assert not facts.is_valid({**FACTS, "period": "2024-5"})


CASES: Final = ("galaxy/branch", "galaxy/ranking", "road_bridge/year", "assignments/person", "worked_examples/true_up")


@pytest.mark.parametrize("name", CASES)
def test_cases_are_facts_of_this_shape(name: str) -> None:
    """What stands in a case, its defaults beneath it, is decided as the case is: events, history, uses and groups."""
    path = POLICIES / f"{name}.cases.toml"
    policy = scorecore.load(path.with_name(path.name.replace(".cases", "")))
    text = path.read_text("utf-8")
    file = tomli.loads(text, parse_float=Decimal)
    prepared = prepare_cases(scorecore.Source(path.name, text), policy.program, Diagnostics())
    schema = Draft202012Validator(policy.json_schema("decision"))
    of_explanations = Draft202012Validator(policy.json_schema("explanation"))
    builder = DecisionBuilder(policy.program)
    assert len(prepared) == len(file["case"])
    for case, expected in zip(file["case"], prepared, strict=True):
        facts = _document(policy, file.get("defaults", {}), case)
        if policy.program.grouped and "groups" not in case:
            values = {step.text: expected.facts.values[step.name] for step in policy.program.grouped}
            facts["groups"] = {
                text: value for text, value in values.items() if not isinstance(value, scorecore.Unknown)
            }
        decision = policy.decide(facts)
        period = expected.evaluator.context.period.label
        by_case = builder.build(period, expected.facts, expected.evaluator.decide(expected.facts))
        assert decision.results == by_case.results
        assert decision.entries == by_case.entries
        schema.validate(decision.to_json())
        of_explanations.validate(policy.explain(facts).to_json())


def _document(policy: scorecore.CompiledPolicy, defaults: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    schema = policy.program.schema
    tables: dict[str, Any] = {table.name: [] for table in schema.events if not table.use}
    used: dict[str, Any] = {table.name.removeprefix("uses."): [] for table in schema.events if table.use}
    tables |= ({"uses": used} if used else {}) | ({"history": []} if schema.history else {})
    facts: dict[str, Any] = {**tables, **defaults, **case}
    if used:
        facts["uses"] = {**used, **defaults.get("uses", {}), **case.get("uses", {})}
    facts[schema.subject] = {**defaults.get(schema.subject, {}), **case.get(schema.subject, {})}
    for table in case.get("missing", ()):
        facts[table] = None
    facts["id"] = case.get("id", case["name"])
    for name, rows in facts.get("uses", {}).items():
        use = next(table.use for table in schema.events if table.name == f"uses.{name}")
        if use and use.gather:  # many other subjects, each known by its id
            facts["uses"] = {
                **facts["uses"],
                name: [{use.subject: str(number), **row} for number, row in enumerate(rows)],
            }
    return {key: part for key, part in facts.items() if key not in {"name", "expect", "source", "others", "missing"}}


def test_a_service_speaks_its_readers_language(shop: scorecore.CompiledPolicy) -> None:
    """Diagnostics, decisions and explanations are said in Chinese; what a plugin says, by the words that it brings."""
    chinese = scorecore.translator("zh")
    with pytest.raises(scorecore.FactsRejected) as raised:
        shop.decide({**FACTS, "person": {"sales": 1.5}})
    (problem,) = raised.value.diagnostics
    assert problem.message(chinese) == "`sales` 是二进制浮点数 1.5，不精确"
    assert problem.to_json(chinese)["advice"].startswith("请写 ")
    facts = {"period": "2024-05", "person": {"task": 1}, "complaints": []}
    cause = {"code": "SC510", "message": "缺少 `sales`", "place": ""}
    decided, explained = shop.decide(facts).to_json(chinese), shop.explain(facts).to_json(chinese)
    assert decided["held"]["pay.bonus"][0]["message"] == explained["pay"][0]["held"][0]["message"]
    assert decided["held"]["pay.bonus"][0] | {"place": ""} == cause
    with_words = scorecore.translator("zh", Plugins(words={"zh": {"too late": "太晚"}}))
    assert [with_words("too late"), with_words("nobody says this")] == ["太晚", "nobody says this"]
    assert scorecore.translator("en")("too late") == "too late"
    with pytest.raises(ValueError, match="'fr' is not a language of scorecore"):
        scorecore.translator("fr")


def test_a_decision_is_history_of_the_next_period() -> None:
    """What was decided is given again as a row of history, as values and as JSON: a balance opens as it closed."""
    policy = scorecore.load(POLICIES / "worked_examples" / "true_up.toml")
    seller = {"rule": "marginal", "quota": 1_000_000, "credit": 250_000}
    january = policy.decide({"period": "2024-01", "seller": seller, "history": []})
    february = {"period": "2024-02", "seller": {**seller, "credit": 350_000}}
    by_value, by_json = (
        policy.decide({**february, "history": [{"ago": 1, **results}]})
        for results in (january.results, january.to_json()["results"])
    )
    assert by_value == by_json
    assert by_value.carry == {"credit": Decimal("600000.00"), "paid": Decimal("8000.00")}


def test_a_policy_and_a_decision_pickle(shop: scorecore.CompiledPolicy) -> None:
    decision = shop.decide(FACTS)
    assert pickle.loads(pickle.dumps(decision)) == decision  # noqa: S301  our own
    held = shop.decide({"period": "2024-05"})
    assert pickle.loads(pickle.dumps(held)) == held  # noqa: S301  our own
    copy = pickle.loads(pickle.dumps(shop))  # noqa: S301  our own
    assert copy.decide(FACTS) == decision
    assert (copy.name, copy.digest) == (shop.name, shop.digest)


def test_it_is_explained(shop: scorecore.CompiledPolicy) -> None:
    """An explanation rests on the same decision."""
    explanation = shop.explain(FACTS)
    assert (explanation.subject, explanation.net) == ("P1", Decimal("774.00"))
    (line,) = explanation.pay
    assert "sales * 0.01" in line.result.formula


def test_an_explanation_is_plain_data(shop: scorecore.CompiledPolicy) -> None:
    """Exact numbers are text, nothing that is held has a value, and each cause is as a rejected fact is."""
    data = shop.explain({**FACTS, "person": {"task": 100000}}).to_json()
    assert json.loads(json.dumps(data)) == data
    (line,) = data["pay"]
    assert "value" not in line
    assert [(cause["code"], cause["place"]) for cause in line["held"]] == [("SC510", "P1")]
    decided, results = shop.explain(FACTS).to_json(), shop.decide(FACTS).to_json()["results"]
    shown = {result["name"]: result["value"] for result in (*decided["items"], decided["score"], *decided["pay"])}
    assert shown == {name: results[name] for name in shown}


def test_what_was_rejected_is_plain_data(shop: scorecore.CompiledPolicy) -> None:
    """A service hands it on, in a language of its choice."""
    with pytest.raises(scorecore.FactsRejected) as rejected:
        shop.decide({**FACTS, "complaint": []})
    (problem,) = rejected.value.diagnostics
    sentence = "unknown key `complaint`"
    assert problem.to_json() == {
        "code": "SC101",
        "message": sentence,
        "advice": "did you mean `complaints`?",
        "place": "P1",
    }
    assert problem.to_json(lambda sentence: f"! {sentence}")["message"] == f"! {sentence}"


def test_somebody_who_is_not_assessed_gets_no_results(tmp_path: Path) -> None:
    """Nothing is held for a person to decide: the one reason is that the policy does not assess them."""
    path = tmp_path / "shop.toml"
    path.write_text(SHOP.replace("[policy]", '[policy]\napplies = "task > 1"', 1), "utf-8")
    policy = scorecore.load(path)
    decision = policy.decide({"period": "2024-05", "person": {"sales": 10, "task": 1}, "complaints": []})
    assert not decision.is_assessed
    assert {cause.kind.code for causes in decision.held.values() for cause in causes} == {"SC551"}
    assert set(decision.results.values()) == {None}
    assert policy.decide(FACTS).is_assessed
