"""House rules: what the checks of plugins find in a policy that names them."""

from collections.abc import Mapping

from scorecore import kinds
from scorecore.hooks import Check
from scorecore.policy import Policy
from scorecore.problems import Problem, Problems, hint
from scorecore.program import Program


def keep_house_rules(of: Policy, made: Program, checks: Mapping[str, Check], problems: Problems) -> None:
    """Run the checks that a policy names. One that is not there, or fails, refuses the policy."""
    for number, name in enumerate(of.policy.checks):
        place = of.policy.at(f"checks.{number}")
        if name not in checks:
            known = {"known": ", ".join(checks)} if checks else {}
            problems.add(kinds.UNKNOWN_CHECK, *place, name=name, **known, **hint(name, checks))
            continue
        try:
            for found in checks[name].problems(of, made):
                if not isinstance(found, Problem):
                    raise TypeError(f"{found!r:.80} is no problem")  # noqa: TRY301  told like any other failure
                problems.take(found)
        except Exception as error:  # noqa: BLE001  whatever a foreign check raises, it has a name and a place
            problems.add(kinds.CHECK_FAILED, *place, name=name, error=f"{type(error).__name__}: {error}")
