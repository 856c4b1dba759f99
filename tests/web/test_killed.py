"""The server is killed while somebody works: what was acknowledged is there, and everything else can be done again.

A handful of times in CI; by hand two hundred, with SCORECORE_KILLS=200.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Final

import httpx2
import pytest

from scorecore.record.log.log import Log
from scorecore.record.log.verify import verify
from scorecore.record.runs.recorded import Recorded
from scorecore_web.database import DATABASE_FILE, WorkbenchDatabase
from scorecore_web.uploads import Uploads
from workbench_site import make_branch

pytestmark = pytest.mark.browser  # the part of CI that has the time
KILLS: Final = int(os.environ.get("SCORECORE_KILLS", "4"))
MONTHS: Final = [f"{year}-{month:02d}" for year in range(2024, 2100) for month in range(1, 13)]
TEXT: Final = "policy text"
STILL_WORKING: Final = 202
MAX_SESSION: Final = 60.0


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "scorecore_cli", "serve", str(folder), "--no-browser", "--lang", "en"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        match = re.search(r"http://\S+", process.stdout.readline())
        assert match
        yield process, match[0]
        process.kill()


def facts_of(month: str) -> bytes:
    return f"工号,月交易量\nB1,{month.replace('-', '')}\n".encode()


class Worker:
    """Somebody who brings facts, records months and saves the policy, and remembers what was acknowledged."""

    def __init__(self, address: str, months: list[str], acknowledged: list[tuple[str, str]]) -> None:
        self.client = httpx2.Client(base_url=address.partition("/sign-in")[0], timeout=60, follow_redirects=False)
        self.client.get(address)
        self.months, self.acknowledged = months, acknowledged

    def post(self, page: str, form: dict[str, str], **options: object) -> bool:
        while (status := self.client.post(page, data=form, **options).status_code) == STILL_WORKING:  # type: ignore[arg-type]
            time.sleep(0.05)
        return status == 303

    def read_form(self, page: str, *names: str) -> dict[str, str]:
        while (answer := self.client.get(page)).status_code == STILL_WORKING:
            time.sleep(0.05)
        text = answer.text
        return {name: re.findall(rf'name="{name}" value="([^"]*)"', text)[-1] for name in ("form_token", *names)}

    def work(self) -> None:
        with suppress(httpx2.HTTPError, IndexError):
            for month in self.months:
                self.work_on(month)

    def work_on(self, month: str) -> None:
        facts, run = f"/policies/policy/facts/{month}", f"/policies/policy/runs/{month}"
        if self.post(facts, self.read_form(facts), files={"files": ("person.csv", facts_of(month))}):
            self.acknowledged.append(("facts", month))
        if self.post(run, self.read_form(run, "seen")):
            self.acknowledged.append(("run", month))
        saved = {"part": "cases", "text": f"# {month}\n"}
        if self.post("/policies/policy", saved | self.read_form("/policies/policy?part=cases", "digest")):
            self.acknowledged.append((TEXT, month))


def check(folder: Path, acknowledged: list[tuple[str, str]]) -> list[str]:
    """The months that are recorded: all that were acknowledged among them, and whatever else is there is whole."""
    uploads = Uploads(WorkbenchDatabase(folder / DATABASE_FILE))
    for kind, month in acknowledged:
        if kind == "facts":
            assert [file.content for file in uploads.list_files("policy", month)] == [facts_of(month)]
    assert verify(folder / "record.scorecore").sound
    with Log.open(folder / "record.scorecore") as log:
        recorded = [run.period for run in Recorded.read(log).runs]
    assert {month for kind, month in acknowledged if kind == "run"} <= set(recorded)
    assert len(recorded) == len(set(recorded))
    saved = [month for kind, month in acknowledged if kind == TEXT]
    if saved:
        text = (folder / "policy.cases.toml").read_text(encoding="utf-8")
        assert re.fullmatch(r"# \d{4}-\d\d\n", text)
        assert text >= f"# {saved[-1]}\n"
    return recorded


def wait_for_deeds(acknowledged: list[tuple[str, str]], count: int) -> None:
    """However slow the machine is, something is done in a session before it ends."""
    deadline = time.monotonic() + MAX_SESSION
    while len(acknowledged) < count and time.monotonic() < deadline:
        time.sleep(0.02)


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path) -> None:
    folder = make_branch(tmp_path)
    (folder / "policy.cases.toml").unlink(missing_ok=True)
    chance, acknowledged, recorded = Random(KILLS), [], []  # type: ignore[var-annotated]  # noqa: S311  repeats itself
    for _kill in range(KILLS):
        with serving(folder) as (process, address):
            worker = Worker(address, MONTHS[len(recorded) :], acknowledged)
            worker.post("/record", worker.read_form("/record"))
            thread = threading.Thread(target=worker.work)
            thread.start()
            wait_for_deeds(acknowledged, len(acknowledged) + chance.randrange(4))
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.05, 0.8))
            process.kill()
            thread.join()
        recorded = check(folder, acknowledged)
    with serving(folder) as (_process, address):
        month = MONTHS[len(recorded)]
        Worker(address, [month], acknowledged).work()
    assert check(folder, acknowledged)[-1] == month
    assert acknowledged[-3:] == [("facts", month), ("run", month), (TEXT, month)]
