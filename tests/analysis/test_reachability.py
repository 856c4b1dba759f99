"""What no case touches: met by facts that are drawn, dead by bounds through steps, or neither."""

from pathlib import Path

from click.testing import CliRunner

from laws import HEAD
from scorecore.analysis.cases.read import prepare_cases
from scorecore.analysis.reachability import explore_untouched
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore_cli.main import scorecore
from strategies.cases import compiled

POLICY = f"""{HEAD}
[facts.person]
sales = {{ type = "int", min = 0, max = 100 }}
[values.double]
is = "sales * 2"
[[pay]]
id = "bonus"
kind = "earning"
when = "sales > 90"
amount = "10.0"
[[holds]]
id = "dead"
when = "double > 200"
reason = "never"
[[actions]]
id = "met"
when = "sales == 17"
reason = "once"
"""
CASES = '[[case]]\nname = "a"\nperiod = "2024-05"\nperson = { sales = 3 }\nexpect = { pay = { bonus = 0 } }\n'


def test_what_no_case_touches_is_met_or_dead(tmp_path: Path) -> None:
    """A hold beyond the bounds of what it reads is dead, and what can hold is shown with facts that do it."""
    program, diagnostics = compiled(POLICY)
    assert program is not None, list(map(str, diagnostics))
    reach = explore_untouched(program, prepare_cases(Source("c", CASES), program, Diagnostics()))
    assert [note.location.line for note in reach.dead] == [program.step("holds.dead").place.line]
    met = {diagnostic.kind.code: sample.values["sales"] for diagnostic, sample in reach.met}
    assert {17} <= set(met.values())
    assert not reach.unmet
    path = tmp_path / "p.toml"
    path.write_text(POLICY, "utf-8")
    path.with_name("p.cases.toml").write_text(CASES, "utf-8")
    output = CliRunner().invoke(scorecore, ["test", str(path), "--coverage"]).output
    assert "dead 1, not met 0" in output
    assert "sales: 17" in output
