"""What an editor waits for: problems, completion, hover and outline of a policy of 500 lines, after each key stroke.

Beside them stands what nothing can go below that looks at a text at all: tomli reading it.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import sidebyside
import tomli

POLICY = sidebyside.HERE.parent / "policies" / "galaxy" / "policy.toml"
MOST_SECONDS = 0.150
"""For all problems, by CPU time."""


def main() -> int:
    from scorecore.services.completion import complete
    from scorecore.services.hover import find_hover
    from scorecore.services.open_texts import OpenTexts
    from scorecore.services.outline import list_outline
    from scorecore.services.problems import find_problems

    rounds = _options()
    texts, text = OpenTexts(), POLICY.read_text(encoding="utf-8")
    offset = text.index("net_fee * tables") + 3
    jobs: dict[str, Callable[[Path, str], object]] = {
        "tomli": lambda _path, changed: tomli.loads(changed),
        "problems": lambda path, changed: find_problems(texts, texts.open(path, changed)),
        "completion": lambda path, changed: complete(texts, texts.open(path, changed), offset),
        "hover": lambda path, changed: find_hover(texts, texts.open(path, changed), offset),
        "outline": lambda path, changed: list_outline(texts.open(path, changed)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            start = time.process_time()
            assert job(POLICY, f"{text}# {name} {number}\n")
            seconds[name].append(time.process_time() - start)
    print(
        f"{text.count(chr(10))} lines, CPU time after a key stroke; the first round, which loads plugins, is left out"
    )
    for name, times in seconds.items():
        warm = times[1:]
        ratio = median(spent / least for spent, least in zip(warm, seconds["tomli"][1:], strict=True))
        spread = f"({min(warm) * 1e3:.1f}-{max(warm) * 1e3:.1f})"
        print(f"  {name:12}{median(warm) * 1e3:8.1f} ms {spread:16}{ratio:6.1f} times tomli")
    share = median(seconds["problems"][1:]) / MOST_SECONDS
    print(f"  problems take {share:.0%} of the {MOST_SECONDS * 1e3:.0f} ms that they may")
    sidebyside.keep("editor", seconds)
    return 0


def _options() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    options = parser.parse_args()
    return 3 if options.quick else int(options.rounds)


if __name__ == "__main__":
    sys.exit(main())
