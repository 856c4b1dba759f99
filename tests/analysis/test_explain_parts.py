"""What an explanation shows of formulas, vetoes, pools and marginal tables."""

from decimal import Decimal

from laws import HEAD
from scorecore.analysis.explain import Explanation, explain
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.subject_facts import subject_facts
from strategies.cases import compiled

POLICY = """
[facts.person]
sales = { type = "decimal", min = 0, max = 10000 }
trucks = { type = "int", min = 0, max = 99, label = "Trucks" }
weight = { type = "int", min = 0, max = 9 }
[facts.visits]
key = ["id"]
[facts.visits.fields]
id = { type = "string" }
n = { type = "int", min = 0, max = 100, label = "Number" }
bad = { type = "bool" }
[tables.rate]
kind = "marginal"
edge = "lower"
bands = [ { from = 0, is = 0.1 }, { from = 1000, is = 0.2 }, { from = 5000, is = 0.3 } ]
[groups.all]
held = "wait"
[[items]]
id = "v"
points = "open"
scorer = "formula"
each = "visits"
as = "e"
is = "e.n * 2 + trucks"
[score]
[[score.veto]]
when = "trucks < 10 || visits.exists(e, e.bad)"
total = 0
reason = "too few trucks"
[[pay]]
id = "c"
kind = "earning"
amount = "tables.rate(sales)"
[[pay]]
id = "p"
kind = "reward"
amount = "pool(100.0, weight, 'all', 2)"
[[pay]]
id = "s"
kind = "earning"
amount = "tables.rate(visits.filter(e, e.n > weight).map(e, e.n * 500.5).sum())"
"""


def explained(*, has_population: bool = True) -> Explanation:
    program, diagnostics = compiled(HEAD + POLICY)
    assert program is not None, list(map(str, diagnostics))
    period = program.period.period("2024-05")
    assert period is not None
    visits = [{"id": "a", "n": 3, "bad": True}, {"id": "b", "n": 4, "bad": False}]
    values = {"sales": Decimal(1500), "trucks": 3, "weight": 1}
    first = subject_facts(program, period, "E1", values, {"visits": visits})
    second = subject_facts(program, period, "E2", {**values, "weight": 2}, {"visits": []})
    evaluator = SubjectEvaluator.of(program, period)
    population = evaluator.add_group_values([first, second])
    return explain(program, evaluator, population[0], population if has_population else ())


def test_points_by_a_formula_show_it_with_the_event_and_what_it_read() -> None:
    (item,) = explained().items
    shown = [(entry.event, entry.formula, {part.name: part.value for part in entry.inputs}) for entry in item.entries]
    formula = "v.n * 2 + trucks"
    assert shown == [("a", formula, {"v.n": 3, "trucks": 3}), ("b", formula, {"v.n": 4, "trucks": 3})]
    assert [part.label for part in item.entries[0].inputs] == ["Number", "Trucks"]


def test_a_veto_shows_its_condition_and_the_event_that_met_it() -> None:
    score = explained().score
    assert score is not None
    veto = score.entries[-1]
    assert veto.formula == "trucks < 10 || visits.exists(v, v.bad)"
    shown = {part.name: part.value for part in veto.inputs}
    assert shown == {"trucks": 3, "visits.exists(v, v.bad)": True, "visits a": True}


def test_a_marginal_table_shows_what_each_band_gives() -> None:
    inputs = explained().pay[0].result.inputs
    assert [part.slices for part in inputs if part.slices] == [("1000 × 0.1 = 100", "500 × 0.2 = 100")]


def test_a_table_that_is_asked_for_a_sum_of_events_shows_its_bands() -> None:
    """The fields inside the sum are of its events, and are no inputs of the formula."""
    inputs = explained().pay[2].result.inputs
    lookup = "tables.rate(visits.filter(v, v.n > weight).map(v, v.n * 500.5).sum())"
    assert [(part.name, part.value) for part in inputs] == [(lookup, Decimal("600.7")), ("weight", 1)]
    assert inputs[0].slices == ("1000 × 0.1 = 100", "2503.5 × 0.2 = 500.7")


def test_a_pool_shows_the_amount_and_the_weights() -> None:
    (pool,) = explained().groups
    assert (pool.value, pool.amount, pool.weight, pool.total_weight) == (Decimal("33.33"), 100, 1, 3)
    (alone,) = explained(has_population=False).groups
    assert (alone.amount, alone.weight, alone.total_weight) == (100, 1, None)
