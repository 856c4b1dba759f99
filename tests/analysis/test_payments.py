"""Lines that are paid once: proved by the days that they ask for, broken by two periods, or neither."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from laws import HEAD
from scorecore.analysis.claim_search import ClaimSearch
from scorecore.analysis.claims import try_payments
from scorecore.analysis.payments import find_second_payment, is_paid_once
from scorecore.program.model import PaidOnceClaim
from scorecore_cli.main import scorecore
from strategies.cases import compiled

POLICY = f"""{HEAD}
[parameters]
days.type = "int"
days.values = [ {{ from = 2020-01-01, is = 10 }} ]
wait.type = "int"
wait.values = [ {{ from = 2020-01-01, is = 10 }}, {{ from = 2024-06-01, is = 40 }} ]
[facts.person]
agreed = {{ type = "date" }}
paid_on = {{ type = "date", optional = true }}
amount = {{ type = "decimal", unit = "CNY", min = 0, max = 1000 }}
[facts.sales]
key = ["id"]
dated_by = "on"
fields = {{ id = {{ type = "string" }}, on = {{ type = "date" }}, value = {{ type = "int", min = 0, max = 100 }} }}
[facts.deals]
key = ["id"]
fields = {{ id = {{ type = "string" }}, signed = {{ type = "date" }}, value = {{ type = "int", min = 0, max = 100 }} }}
[values.is_now]
is = "agreed >= period.start && agreed <= period.end"
[carry.paid]
min = 0
opens = 0
closes = "carry.paid + pay.line"
max = 1000000
[[pay]]
id = "line"
kind = "earning"
WHEN
amount = "AMOUNT"
[[paid_once]]
of = ["pay.line"]
"""
DEALS = "deals.filter(d, d.signed >= period.start && d.signed <= period.end)"


@pytest.mark.parametrize(
    ("when", "amount", "answer"),
    [
        ("", "amount", "broken"),
        ("is_now", "amount", "proved"),
        ("", "is_now ? amount : 0.0", "proved"),
        ("", "round(least(amount * (is_now ? 2 : 0), 500.0), 2)", "proved"),
        ("!is_now", "amount", "broken"),
        ("agreed >= period.start", "amount", "broken"),
        ("has(paid_on) && paid_on <= period.end && paid_on >= period.start", "amount + 1", "proved"),
        ("is_now || has(paid_on)", "amount", "broken"),
        ("add_days(agreed, parameters.days) >= period.start && add_days(agreed, parameters.days) <= period.end",
         "amount", "proved"),
        ("add_days(agreed, parameters.wait) >= period.start && add_days(agreed, parameters.wait) <= period.end",
         "amount", "broken"),
        ("", "decimal(sales.map(s, s.value).sum())", "proved"),
        ("", "decimal(sales.size() + deals.size())", "broken"),
        ("sales.size() > 0", "amount", "proved"),
        ("sales.size() >= 0", "amount", "broken"),
        ("", f"decimal({DEALS}.map(d, d.value).sum())", "proved"),
        (f"{DEALS}.size() >= 2", "amount", "proved"),
        (f"!({DEALS}.size() >= 2)", "amount", "broken"),
        ("deals.exists(d, d.signed >= period.start) && deals.exists(d, d.signed <= period.end)", "amount", "open"),
        ("", "greatest(amount - carry.paid, 0.0)", "open"),
    ],
)  # fmt: skip
def test_a_line_is_paid_once_or_again(when: str, amount: str, answer: str) -> None:
    """What is proved is never paid again; what is paid again is two decisions of the program."""
    text = POLICY.replace("WHEN", f'when = "{when}"' if when else "").replace("AMOUNT", amount)
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    (result,) = try_payments(program)
    assert (result.is_proved, result.second is not None) == (answer == "proved", answer == "broken")
    if result.second:
        search, second = ClaimSearch(program), result.second
        amounts = [search.decide(sample)["pay.line"] for sample in (second.facts, second.again)]
        assert amounts == [second.first, second.second]
        assert 0 not in amounts
    elif answer == "proved":
        search = ClaimSearch(program)
        assert not any(find_second_payment(search, ["pay.line"], search.draw_facts(number)) for number in range(40))


def test_only_a_pay_line_is_paid() -> None:
    """A result that is no line, and a line that there is not."""
    text = POLICY.replace("WHEN", "").replace("AMOUNT", "amount")
    program, _ = compiled(text)
    assert program is not None, list(map(str, _))
    assert program.paid_once == (PaidOnceClaim(("pay.line",)),)
    assert not is_paid_once(program, "pay.line")
    _, diagnostics = compiled(text.replace('of = ["pay.line"]', 'of = ["pay.lime", "values.is_now"]'))
    assert [(problem.kind.code, problem.params.get("nearest")) for problem in diagnostics] == [
        ("SC349", "pay.line"),
        ("SC349", None),
    ]


def test_what_is_paid_again_is_shown_as_two_cases(tmp_path: Path) -> None:
    """An officer reads both amounts, and can put both periods among the cases, where they pass."""
    path = tmp_path / "p.toml"
    path.write_text(POLICY.replace("WHEN", "").replace("AMOUNT", "amount"), "utf-8")
    result = CliRunner().invoke(scorecore, ["test", str(path), "--why"])
    assert result.exit_code == 1
    assert "  ✗ pay.line paid once for the same facts  broken" in result.output
    cases = [line for line in result.output.splitlines() if " = " in line and not line.startswith(" ")]
    cases_text = "\n".join(f"[[case]]\n{line}" if line.startswith("name") else line for line in cases)
    Path(tmp_path, "p.cases.toml").write_text(cases_text, "utf-8")
    assert "2 cases run, 0 failed" in CliRunner().invoke(scorecore, ["test", str(path)]).output
