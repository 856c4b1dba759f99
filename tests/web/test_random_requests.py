"""Requests that schemathesis makes of the OpenAPI document, right ones and wrong ones: none is a mistake of ours.

Some hundred in CI; by hand ten thousand, with SCORECORE_REQUESTS=10000.
"""

import os
import re
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from scorecore_web import month_api
from scorecore_web.open_api import describe_api
from workbench_site import PERIOD, Site, make_branch

pytestmark = pytest.mark.browser  # the part of CI that installs what it needs
REQUESTS: Final = int(os.environ.get("SCORECORE_REQUESTS", "200"))
RUN: Final = f"/policies/policy/runs/{PERIOD}"
REAL: Final = {"policy": "policy", "period": PERIOD, "entry": "6"}
PERSON: Final = {"policy": "chengnan.manager", "period": PERIOD, "person": "B1001"}
SENT: Final = ("params", "json", "data", "content", "headers")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A month that is recorded, with an objection."""
    site = Site.of(make_branch(tmp_path_factory.mktemp("branch"))).sign_in()
    site.post("/record")
    match = re.search(r'name="seen" value="([^"]*)"', site.get(RUN).text)
    assert match
    site.post(RUN, {"seen": match[1]})
    decision = str(site.get("/api/record/contestable", params=PERSON).json()["decision"])
    site.post("/record/object", {**PERSON, "decision": decision, "contested": "1", "reason": "wrong"})
    return site


def list_operations() -> list[Any]:
    import schemathesis  # noqa: PLC0415  only the part of CI for pages has it

    schema = schemathesis.openapi.from_dict(describe_api(month_api.list_api_routes()))
    return [operation.ok() for operation in schema.get_all_operations()]


def send(site: Site, case: Any, *, is_real: bool) -> int:
    """The status; of a request that no client can write down, none."""
    if is_real:
        case.path_parameters = {name: REAL[name] for name in case.path_parameters or {}}
    request = case.as_transport_kwargs(base_url=str(site.client.base_url))
    headers = {**(request.get("headers") or {}), "Authorization": f"Bearer {site.sessions.token}"}
    options = {name: request[name] for name in SENT if name in request} | {"headers": headers}
    try:
        return int(site.client.request(request["method"], request["url"], **options).status_code)
    except (UnicodeEncodeError, ValueError):
        return 0


def ask_at_random(site: Site, operation: Any, count: int) -> list[int]:
    """The statuses of so many requests; every other one names what is there."""
    statuses: list[int] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize="SCORECORE_REQUESTS" not in os.environ,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        status = send(site, case, is_real=len(statuses) % 2 == 0)
        statuses.append(status)
        assert status < 500, (case.method, case.path, case.path_parameters, case.query, case.body)

    ask()
    return statuses


def test_no_request_is_a_mistake_of_ours(site: Site) -> None:
    operations = list_operations()
    for operation in operations:
        assert any(ask_at_random(site, operation, max(4, REQUESTS // len(operations)))), operation.label
