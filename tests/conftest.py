"""How many examples the laws are tried on, as HYPOTHESIS_PROFILE says.

`default`  25 examples a law in every run, always the same ones: a run that fails is not a matter of luck.
`deep`     LAW_EXAMPLES a law, by hand: with 1,600 more than 200,000 in all, for operators and expressions take 2 and 10
           times as many, being quickly tried.
`shrink`   makes what failed before smaller, for up to 5 minutes a test; the others only report it was found.

    HYPOTHESIS_PROFILE=deep pytest tests --hypothesis-show-statistics
    HYPOTHESIS_PROFILE=shrink pytest tests -k test_that_failed -n 0
"""

import os

from hypothesis import HealthCheck, Phase, settings

# a generated policy is slow to draw, and some are refused; neither is a fault of the test
_PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
_DEEP = int(os.environ.get("LAW_EXAMPLES", "1600"))
settings.register_profile(
    "default",
    deadline=None,
    print_blob=True,
    max_examples=25,
    derandomize=True,
    suppress_health_check=_PATIENT,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
settings.register_profile("deep", settings.get_profile("default"), max_examples=_DEEP, derandomize=False)
# what failed is in .hypothesis, and found at once
settings.register_profile("shrink", settings.get_profile("deep"), phases=(Phase.reuse, Phase.shrink))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
