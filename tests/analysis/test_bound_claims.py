"""Claims of bounds: proved by the bounds of formulas, broken by facts, or neither."""

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from laws import HEAD
from scorecore.analysis.claims import try_bounds
from scorecore.program.model import BoundClaim
from scorecore.program.texts import program_texts
from scorecore_cli.main import scorecore
from strategies.cases import compiled

POLICY = f"""{HEAD}
[facts.person]
sales = {{ type = "decimal", unit = "CNY", min = 0, max = 100000 }}
fine = {{ type = "decimal", unit = "CNY", min = 0, max = 500 }}

[[pay]]
id = "bonus"
kind = "earning"
amount = "least(sales * 0.1, 3000.0)"

[[pay]]
id = "rest"
kind = "adjustment"
amount = "sales * 0.1 - fine"

[[bounded]]
"""


@pytest.mark.parametrize(
    ("claim", "is_proved", "is_broken"),
    [
        ('of = ["pay.bonus"]\nmin = 0\nmax = 3000', True, False),
        ('of = ["pay.bonus"]\nmax = 2999.99', False, True),
        ('of = ["pay.bonus", "pay.rest"]\nmin = 0', False, True),
        ('of = ["pay.rest"]\nmin = -500', True, False),
    ],
)
def test_a_claim_of_bounds_is_proved_or_broken(claim: str, is_proved: bool, is_broken: bool) -> None:  # noqa: FBT001
    """An end that is reached breaks nothing, one cent less does."""
    program, diagnostics = compiled(POLICY + claim)
    assert program is not None, list(map(str, diagnostics))
    (bound,) = try_bounds(program)
    assert (bound.is_proved, bound.excess is not None) == (is_proved, is_broken)


def test_what_cannot_be_seen_from_the_formula_is_tried() -> None:
    """The same number twice is two numbers to the bounds of a formula."""
    text = POLICY.replace("sales * 0.1 - fine", "sales - sales") + 'of = ["pay.rest"]\nmin = 0\nmax = 0\n'
    program, diagnostics = compiled(text)
    assert program is not None, list(map(str, diagnostics))
    (bound,) = try_bounds(program)
    assert (bound.is_proved, bound.tries, bound.excess) == (False, 400, None)


def test_a_claim_decides_nothing_and_is_kept() -> None:
    """The program is the same with and without it; its words are among the texts."""
    program, _ = compiled(f'{POLICY}of = ["pay.rest"]\nmin = -500\n')
    without, _ = compiled(POLICY.replace("[[bounded]]", ""))
    assert program is not None
    assert without is not None
    assert program.bounded == (BoundClaim(("pay.rest",), Decimal(-500), None),)
    assert "bounded" in str(program_texts(program))


def test_what_a_claim_says_wrongly_is_named() -> None:
    """An unknown result, ends that cross, and a claim of nothing."""
    for claim, code in (
        ('of = ["pay.nobody"]\nmin = 0', "SC348"),
        ('of = ["pay.rest"]\nmin = 5\nmax = 4', "SC301"),
        ('of = ["pay.rest"]', "SC102"),
    ):
        _, diagnostics = compiled(POLICY + claim)
        assert [problem.kind.code for problem in diagnostics] == [code], claim


def test_an_officer_reads_claims_of_bounds(tmp_path: Path) -> None:
    """What is claimed, the answer, and the facts that break it."""
    path = tmp_path / "p.toml"
    path.write_text(f'{POLICY}of = ["pay.bonus"]\nmin = 0\n[[bounded]]\nof = ["pay.rest"]\nmin = 0\n', "utf-8")
    result = CliRunner().invoke(scorecore, ["test", str(path)])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[1:3] == ["  ✓ pay.bonus never below 0  proved", "  ✗ pay.rest never below 0  broken"]
    assert lines[-1] == "2 claims: 1 proved, 1 broken"
