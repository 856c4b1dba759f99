"""How many examples the laws are tried on: `default` in every run, `deep` when HYPOTHESIS_PROFILE says so."""

import os

from hypothesis import HealthCheck, settings

# a generated policy is slow to draw, and some are refused; neither is a fault of the test
_PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile(
    "default", deadline=None, print_blob=True, max_examples=25, suppress_health_check=_PATIENT
)
settings.register_profile("deep", settings.get_profile("default"), max_examples=int(os.environ.get("EX","30000")))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
