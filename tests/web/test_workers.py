"""Long work in other processes: shared, shown, ended when nobody wants it, limited, and gone with the workbench."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import worker_tasks
from scorecore_web import routes
from scorecore_web.refusals import Refusal
from scorecore_web.work import Work
from scorecore_web.workbench import Workbench
from scorecore_web.worker_pool import MistakeInWorker, StillWorking, WorkerPool, asking
from workbench_site import HOST, PERIOD, Site, make_branch

pytestmark = pytest.mark.browser  # the part of CI that has the time
TESTS: Final = Path(__file__).parents[1]
RUN: Final = f"/policies/policy/runs/{PERIOD}"
_LONG: Final = 60.0


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *sys.path]))
    pool = WorkerPool(tmp_path)
    yield pool
    pool.close()


def wait_for(pool: WorkerPool, function: Any, *arguments: object) -> Any:
    while True:
        try:
            return pool.ask((function, arguments), Work("a test", function, arguments))
        except StillWorking as still:
            still.job.ended.wait(_LONG)


def begin(pool: WorkerPool, session: str, seconds: float) -> StillWorking:
    """Ask for a sleep, as a session."""
    asking.set(session)
    with pytest.raises(StillWorking) as still:
        pool.ask(("sleep", seconds), Work("a sleep", worker_tasks.sleep, (seconds,)))
    return still.value


def wait_until_begun(still: StillWorking) -> None:
    deadline = time.monotonic() + _LONG
    while still.job.progress is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_answers_and_goes_on_after_whatever_happens(pool: WorkerPool) -> None:
    assert wait_for(pool, worker_tasks.name_folder) == pool.folder.name
    with pytest.raises(Refusal, match="there is none"):
        wait_for(pool, worker_tasks.refuse)
    with pytest.raises(MistakeInWorker):
        wait_for(pool, worker_tasks.fail)
    for task in (worker_tasks.eat_memory, worker_tasks.die):
        with pytest.raises(Refusal, match="4 GB of memory"):
            wait_for(pool, task)
    assert wait_for(pool, worker_tasks.print_something) == "printed"


def test_work_is_shared_and_ends_when_nobody_wants_it(pool: WorkerPool) -> None:
    first, second = begin(pool, "anna", _LONG), begin(pool, "bo", _LONG)
    assert first.job is second.job
    assert pool.find(first.job.id, "anna") is first.job
    assert pool.find(first.job.id, "somebody else") is None
    wait_until_begun(first)
    assert first.job.progress
    assert (first.job.progress.stage, first.job.progress.done, first.job.progress.total) == ("sleeping", 1, 3)
    pool.stop(first.job, "anna")
    assert not first.job.ended.wait(0.5)
    assert pool.find(first.job.id, "anna") is None
    pool.stop(second.job, "bo")
    assert second.job.ended.wait(_LONG)
    with pytest.raises(Refusal, match="stopped"):
        second.job.take()
    assert begin(pool, "anna", _LONG).job is not first.job


def test_work_that_waits_for_its_turn_can_be_stopped(pool: WorkerPool) -> None:
    pool = WorkerPool(pool.folder, max_workers=1)
    busy, waiting = begin(pool, "anna", 1.0), begin(pool, "anna", _LONG)
    pool.stop(waiting.job, "anna")
    assert busy.job.ended.wait(_LONG)
    assert waiting.job.ended.wait(_LONG)
    assert waiting.job.is_stopped
    pool.close()


def test_work_that_takes_too_long_is_ended(pool: WorkerPool) -> None:
    pool = WorkerPool(pool.folder, max_seconds=1.0)
    with pytest.raises(Refusal, match="minutes"):
        wait_for(pool, worker_tasks.sleep, _LONG)


def test_a_worker_ends_with_the_workbench(tmp_path: Path, pool: WorkerPool) -> None:
    script = (
        "import sys, time, worker_tasks; from pathlib import Path; from scorecore_web.worker_pool import *\n"
        f"pool = WorkerPool(Path({str(tmp_path)!r}))\n"
        "try: pool.ask(1, Work('a sleep', worker_tasks.sleep, (600,)))\n"
        "except StillWorking as still: job = still.job\n"
        "while job.progress is None: time.sleep(0.05)\n"
        "print(job.stop.__self__.pid, flush=True); time.sleep(600)"
    )
    assert pool
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        worker = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + _LONG
    while Path(f"/proc/{worker}").exists() and "Z" not in _read_state(worker):
        assert time.monotonic() < deadline, "the worker goes on"
        time.sleep(0.05)


def _read_state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_page_shows_what_goes_on_and_then_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page as without workers; the button that stops the work leaves nothing."""
    folder = make_branch(tmp_path)
    alone = Site.of(folder).sign_in()
    shown = alone.get(RUN).text
    site = Site.of(folder).sign_in()
    site.workbench.pool = WorkerPool(folder)
    monkeypatch.setattr(routes, "PATIENCE", 0.0)
    response = site.client.get(RUN)
    assert response.status_code == 202
    found = re.search(r'data-address="(/work/[^"]+)"', response.text)
    assert found
    assert site.client.post(f"{found[1]}/stop", data={"no": "token"}).status_code == 403
    while site.client.get(found[1]).json().get("is_done") is False:
        time.sleep(0.05)
    text = site.get(RUN).text
    assert _without_tokens(text) == _without_tokens(shown)
    site.folder.joinpath("facts", "person.csv").write_text("工号,月交易量\nB1,1\n", encoding="utf-8")
    facts = f"/policies/policy/facts/{PERIOD}?lang=en"
    working = site.client.get(RUN, headers={"Referer": f"http://{HOST}{facts}"}).text
    found = re.search(r'data-address="(/work/[^"]+)"', working)
    assert found
    assert f'name="back" value="{facts}"' in working
    stopped = site.post(f"{found[1]}/stop", {"back": facts}).text
    assert "Nothing was changed" in stopped
    assert f'href="{facts}"' in stopped
    assert site.client.get(found[1]).status_code == 404
    assert len(site.client.get(f"/api{RUN}").json()["people"]) == 1  # a program waits
    site.workbench.pool.close()


def _without_tokens(text: str) -> str:
    return re.sub(r'(name="(?:form_token|seen)" value=")[^"]*', r"\1", text)


def test_what_was_asked_of_a_form_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site.of(make_branch(tmp_path)).sign_in()
    site.post("/record")
    site.workbench.pool = WorkerPool(site.folder)
    monkeypatch.setattr(routes, "PATIENCE", 0.0)
    response = site.post("/record/replay", {"period": '"><b>2024'})
    assert response.status_code == 202
    assert 'name="period" value="&#34;&gt;&lt;b&gt;2024"' in response.text
    assert Workbench.open(tmp_path).pool is None
    site.workbench.pool.close()
