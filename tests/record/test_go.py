"""Our notes and proofs, checked by the packages that Go checks its own modules with.

It needs Go and golang.org/x/mod, in Debian: apt-get install golang-go golang-golang-x-mod-dev
"""

import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from random import Random
from typing import Final

import pytest

from recording import KEY, filled
from scorecore.record.log.log import Log
from scorecore.record.log.tree import EMPTY

GO: Final = shutil.which("go")
GOPATH: Final = Path("/usr/share/gocode")
PROOFS: Final = int(os.environ.get("RECORD_PROOFS", "300"))


def text(data: bytes) -> str:
    return b64encode(data).decode()


def questions(log: Log) -> list[tuple[str, bool]]:
    """What to ask, and what the answer must be: of proofs that hold, and of others that are one thing away."""
    random = Random(PROOFS)  # noqa: S311  the same in every run
    sizes = log.sizes()
    asked = []
    for size in sizes:
        note = log.checkpoint(size).note
        asked += [(f"note {KEY.verifier} {text(note.encode())}", True)]
        asked += [(f"note {KEY.verifier} {text(note.replace(KEY.name, 'example.com/other', 1).encode())}", False)]
    for _ in range(PROOFS):
        old, new = sorted(random.choices(sizes, k=2))
        index = random.randrange(new)
        root, before = text(log.checkpoint(new).root), text(log.checkpoint(old).root)
        body = log.entry(index).body
        path = [text(hash_) for hash_ in log.inclusion(index, new)]
        asked += [(" ".join(["record", str(index), str(new), root, text(body), *path]), True)]
        asked += [(" ".join(["record", str(index), str(new), root, text(body + b"."), *path]), False)]
        proof = [text(hash_) for hash_ in log.consistency(old, new)]
        asked += [(" ".join(["tree", str(new), root, str(old), before, *proof]), True)]
        asked += [(" ".join(["tree", str(new), root, str(old), text(EMPTY), *proof]), False)]
    return asked


@pytest.mark.skipif(not GO, reason="Go is not installed")
@pytest.mark.skipif(not (GOPATH / "src/golang.org/x/mod").exists(), reason="golang.org/x/mod is not installed")
def test_go_accepts_what_holds_and_nothing_else(tmp_path: Path) -> None:
    with filled(tmp_path / "record.scorecore", (1, 2, 5, 100, 147, 1, 256, 700)) as log:
        asked = questions(log)
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(tmp_path / "cache")}
    command = [str(GO), "run", str(Path(__file__).parents[1] / "go" / "check.go")]
    said = "\n".join(question for question, _ in asked)
    done = subprocess.run(command, input=said, env=environment, capture_output=True, text=True, check=True)
    answers = done.stdout.split()
    assert answers == [str(answer).lower() for _, answer in asked]
    assert len(answers) == 2 * 9 + 4 * PROOFS
