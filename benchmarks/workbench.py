"""What a browser waits for: pages of the workbench, from a server in another process, and fifty readers at once.

Beside each page stands a static one of the same size, served by the same server in the same run: what HTTP, sessions
and permissions take, so that the rest is the page's.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree
from statistics import median

import httpx2
import sidebyside

BRANCH = sidebyside.HERE.parent / "tests" / "branch"
PERIOD = "2024-05"
POLICY = "/policies/policy"
PAGES = {
    "months": "/",
    "policy": POLICY,
    "run": f"{POLICY}/runs/{PERIOD}",
    "person": f"{POLICY}/people/{PERIOD}?person=E00007",
    "statement": f"/record/statement?policy=chengnan.manager&period={PERIOD}&person=E00007",
    "record": "/record",
}
AT_ONCE = 50
_STILL_WORKING = 202


def main() -> int:
    options = _options()
    if options.serve:
        _serve(options.serve)
        return 0
    with tempfile.TemporaryDirectory() as work_folder:
        folder = copytree(BRANCH, Path(work_folder, "branch"))
        rows = "".join(f"E{number:05d},{number * 137 % 2_000_000}\n" for number in range(options.people))
        (folder / "facts" / "person.csv").write_text(f"工号,月交易量\n{rows}", encoding="utf-8")
        command = [sys.executable, __file__, "--serve", str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address
            failures = _measure(address[0], options)
            server.terminate()
    return failures


def _measure(address: str, options: argparse.Namespace) -> int:
    client = httpx2.Client(base_url=address.partition("/sign-in")[0], follow_redirects=True, timeout=120)
    client.get(address)
    _post(client, "/record")
    _post(client, PAGES["run"], "seen")
    sizes = {name: len(_get(client, page).content) for name, page in PAGES.items()}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    for number in range(options.rounds):
        for name in sidebyside._moved(list(PAGES), number):  # noqa: SLF001
            pair = (PAGES[name], f"/static-page/{sizes[name]}")
            seconds[name].append((_ask(client, pair[0]), _ask(client, pair[1])))
    print(f"{options.people:,} people; one reader, the whole answer; ratios to a static page of the same size")
    for name, pairs in seconds.items():
        ours, ratio = median(pair[0] for pair in pairs), median(pair[0] / pair[1] for pair in pairs)
        print(f"  {name:10}{ours * 1e3:8.1f} ms  {sizes[name] / 1024:7.0f} KB {ratio:7.1f} times")
    failures = _read_at_once(client, sizes["run"], options.rounds)
    sidebyside.keep(f"workbench-{options.people}", {"seconds": seconds})
    return failures


def _post(client: httpx2.Client, page: str, *names: str) -> None:
    text = _get(client, page).text
    form = {name: re.findall(rf'name="{name}" value="([^"]*)"', text)[-1] for name in ("form_token", *names)}
    while client.post(page, data=form).raise_for_status().status_code == _STILL_WORKING:
        time.sleep(0.1)


def _get(client: httpx2.Client, page: str) -> httpx2.Response:
    """A page, once the work behind it is done."""
    while (answer := client.get(page).raise_for_status()).status_code == _STILL_WORKING:
        time.sleep(0.1)
    return answer


def _ask(client: httpx2.Client, page: str) -> float:
    start = time.perf_counter()
    client.get(page).raise_for_status()
    return time.perf_counter() - start


def _read_at_once(client: httpx2.Client, size: int, rounds: int) -> int:
    """Fifty readers: how long all wait together for the run, against the static page; any error counts."""
    failures = 0
    took = {}
    for page in (PAGES["run"], f"/static-page/{size}"):
        start = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as readers:
            answers = list(readers.map(client.get, [page] * AT_ONCE * min(rounds, 4)))
        took[page] = time.perf_counter() - start
        failures += sum(answer.status_code != 200 for answer in answers)
    ours, static = took.values()
    print(f"  {AT_ONCE} at once: {ours:.2f} s, {ours / static:.1f} times the static page; {failures} errors")
    return failures


def _serve(folder: Path) -> None:
    """The workbench, with an address that gives so many bytes."""
    from starlette.responses import HTMLResponse

    from scorecore_web import application, server
    from scorecore_web.permissions import Permission
    from scorecore_web.routes import GuardedRoute

    listed = application.list_routes

    def with_static(entrance: object) -> list[GuardedRoute]:
        page = GuardedRoute(
            method="GET",
            path="/static-page/{size}",
            permission=Permission.READ,
            handler=lambda request: HTMLResponse("x" * int(request.path["size"])),
        )
        return [*listed(entrance), page]  # type: ignore[arg-type]

    application.list_routes = with_static
    server.serve_folder(folder, 0, lambda address: print(address, flush=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="two hundred people, two rounds")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.people, options.rounds = 200, 2
    return options


if __name__ == "__main__":
    sys.exit(main())
