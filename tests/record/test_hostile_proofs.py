"""A proof says that everything holds only where nothing is missing, exchanged or superseded unseen."""

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final

import pytest

from recording import RECORD_FILE, anchor, command, record
from scorecore.record import decide
from scorecore.record.log import standalone_verifier
from scorecore.record.log.log import Log

Files = dict[str, bytes]
PERSON: Final = "B1002"


UNCORRECTED: Final = "B1001"
IN_FORCE: Final = "everything holds"
SUPERSEDED: Final = (
    "what is here holds, but NOT every decision here is in force: the last one about a person and period is"
)
INCOMPLETE: Final = "what is here holds, but NOT everything is here or was compared"


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Files], list[str]]:
    """The proofs of a decision that was corrected, and of another; with them the reader's key and anchor."""
    folder = tmp_path_factory.mktemp("branch")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        record("2024-05")
        facts = Path("facts/person.csv")
        facts.write_text(facts.read_text(encoding="utf-8").replace("860000", "900000"), encoding="utf-8")
        command(f"scorecore record correct {RECORD_FILE} --facts facts --period 2024-05 --reason late")
        command(f"scorecore run policy.toml --facts facts --period 2024-06 --record {RECORD_FILE}")
        anchor()
        files: dict[str, Files] = {}
        for person in (PERSON, UNCORRECTED):
            command(f"scorecore record prove {RECORD_FILE} --person {person} --period 2024-05 --out {person}.zip")
            with zipfile.ZipFile(f"{person}.zip") as archive:
                files[person] = {name: archive.read(name) for name in archive.namelist()}
        with Log.open(RECORD_FILE) as log:
            return files, ["--key", str(log.verifier), "--anchor", str(folder / "anchor.txt")]


@pytest.fixture
def proof(proofs: tuple[dict[str, Files], list[str]]) -> tuple[Files, list[str]]:
    """That of the decision that was corrected."""
    return proofs[0][PERSON], proofs[1]


@pytest.fixture
def uncorrected(proofs: tuple[dict[str, Files], list[str]]) -> tuple[Files, list[str]]:
    return proofs[0][UNCORRECTED], proofs[1]


def check(files: Files, folder: Path, options: list[str]) -> int:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return standalone_verifier.main([str(folder), *options])


def decisions(files: Files) -> list[str]:
    """The entries with decisions, by the beginnings of their names."""
    entries = {
        name[:-5]: json.loads(data) for name, data in files.items() if name.startswith("entry") and "json" in name
    }
    return sorted(name for name, fields in entries.items() if fields["kind"] == "decision")


def test_the_whole_proof_holds(
    proof: tuple[Files, list[str]],
    uncorrected: tuple[Files, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """But not everything in it where a decision was superseded: whoever reads the last line alone is not misled."""
    files, options = uncorrected
    assert check(files, tmp_path / "uncorrected", options) == 0
    assert capsys.readouterr().out.splitlines()[-1] == IN_FORCE
    files, options = proof
    first, correction = decisions(files)
    assert check(files, tmp_path / "proof", options) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == SUPERSEDED
    assert f"{first}: superseded by entry {int(correction[-8:])}" in said
    assert "no other of all 15 entries is about this person and period" in said


def _without_correction(files: Files) -> None:
    _, correction = decisions(files)
    for name in [name for name in files if name.startswith(correction)]:
        del files[name]


def _without_later(files: Files) -> None:
    del files[next(name for name in files if name.startswith("later"))]


def _without_correction_and_later(files: Files) -> None:
    _without_correction(files)
    _without_later(files)


def _with_shorter_later(files: Files) -> None:
    _without_correction(files)
    name = next(name for name in files if name.startswith("later"))
    files[name] = b"\n".join(files[name].split(b"\n")[:-3])


def _with_another_policy(files: Files) -> None:
    for name in [name for name in files if name.startswith("part")]:
        del files[name]
    policy = b"base_salary = 9999"
    files[f"part-{sha256(policy).hexdigest()}"] = policy


def _without_a_part(files: Files) -> None:
    del files[next(name for name in sorted(files) if name.startswith("part"))]


def _without_payload(files: Files) -> None:
    del files[f"{decisions(files)[0]}.payload"]


def _with_entries_exchanged(files: Files) -> None:
    left, right = decisions(files)
    for ending in ("json", "tlog-proof", "payload", "salt"):
        files[f"{left}.{ending}"], files[f"{right}.{ending}"] = files[f"{right}.{ending}"], files[f"{left}.{ending}"]


def _without_the_run(files: Files) -> None:
    for name in [name for name in files if name.startswith("entry-00000001")]:
        del files[name]


def _with_a_stranger(files: Files) -> None:
    files["explanation.txt"] = b"he owes us money"


def _page(files: Files) -> str:
    return next(name for name in sorted(files) if name.endswith(".explanation.zh.txt"))


def _with_another_page(files: Files) -> None:
    files[_page(files)] = files[_page(files)].replace(b"8", b"9", 1)


def _without_a_page(files: Files) -> None:
    del files[_page(files)]


def _with_another_decider(files: Files) -> None:
    files["decide.py"] += b"\n"


def _without_decider(files: Files) -> None:
    del files["decide.py"]


CHANGES: Final[list[tuple[Callable[[Files], None], int]]] = [
    (_without_correction, 1),
    (_without_later, 3),
    (_without_correction_and_later, 3),
    (_with_shorter_later, 1),
    (_with_another_policy, 1),
    (_without_a_part, 3),
    (_without_payload, 3),
    (_with_entries_exchanged, 1),
    (_without_the_run, 1),
    (_with_a_stranger, 3),
    (_with_another_page, 1),
    (_without_a_page, 3),
    (_with_another_decider, 3),
    (_without_decider, 3),
]


@pytest.mark.parametrize(("change", "code"), CHANGES)
def test_what_is_missing_or_exchanged_is_reported(
    proof: tuple[Files, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Files], None],
    code: int,
) -> None:
    files = dict(proof[0])
    change(files)
    assert check(files, tmp_path / "proof", proof[1]) == code
    assert capsys.readouterr().out.splitlines()[-1] == {1: "NOT everything holds", 3: INCOMPLETE}[code]


def test_a_decision_that_the_program_does_not_give_is_refused(proof: tuple[Files, list[str]]) -> None:
    """What was signed may still be wrong: whoever decides again sees it, by the pay line."""
    files = dict(proof[0])
    name = f"{decisions(files)[0]}.payload"
    payload = json.loads(files[name])
    line = next(iter(payload["result"]["pay"]))
    payload["result"]["pay"][line] = "9999"
    files[name] = json.dumps(payload).encode()
    said = [(text, params.get("what"), state) for text, params, state in decide.check(files)]
    assert ("{name}: decided again, with ANOTHER result", None, "bad") in said
    assert ("  {what}: recorded {before}, right {now}", line, "bad") in said


def test_a_recipient_reads_the_page_and_decides_again(
    proof: tuple[Files, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in proof[0].items():
        (tmp_path / name).write_bytes(data)
    assert decide.main(str(tmp_path), "--lang=zh") == 0
    assert "重新考核，结果一致" in capsys.readouterr().out
    page = proof[0][_page(proof[0])].decode()
    assert PERSON in page.splitlines()[0]
    assert "实发合计" in page


@pytest.mark.parametrize("option", [0, 2])
def test_a_proof_without_the_readers_key_or_anchor_is_not_whole(
    uncorrected: tuple[Files, list[str]], tmp_path: Path, option: int
) -> None:
    assert check(uncorrected[0], tmp_path / "proof", uncorrected[1][option : option + 2]) == 3


def _zipped(files: Files, place_in_header: int | None = None, value: int = 0) -> bytes:
    """An archive, in whose directory every header has another byte."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    written = bytearray(content.getvalue())
    if place_in_header is not None:
        for header in re.finditer(rb"PK\x01\x02", written):
            written[header.start() + place_in_header] = value
    return bytes(written)


@pytest.mark.parametrize("what", ["encrypted", "compression", "bomb", "deep", "twice", "directory", "text"])
def test_a_hostile_file_is_no_traceback(
    proof: tuple[Files, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    files, path = dict(proof[0]), tmp_path / "proof.zip"
    name = f"{decisions(files)[0]}.json"
    match what:
        case "encrypted":
            path.write_bytes(_zipped(files, 8, 1))
        case "compression":
            path.write_bytes(_zipped(files, 10, 99))
        case "bomb":
            path.write_bytes(_zipped({**files, "part-bomb": bytes(standalone_verifier.LARGEST + 1)}))
        case "deep":
            path.write_bytes(_zipped({**files, name: b"[" * 200_000}))
        case "twice":
            path.write_bytes(_zipped({**files, f"again/{name}": files[name]}))
        case "directory":
            path.mkdir()
        case _:
            path.write_bytes(b"PK\x03\x04 no archive")
    assert standalone_verifier.main([str(path), *proof[1]]) == 2
    assert "this cannot be read" in capsys.readouterr().out


def test_a_name_does_not_act(
    proof: tuple[Files, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**proof[0], "part-\x1b[1A\x1b[2K fooled\u202e": b""}
    assert check(files, tmp_path / "proof", proof[1]) == 1
    assert r"part-\x1b[1A\x1b[2K fooled\u202e: NOT what its name says" in capsys.readouterr().out


@pytest.mark.parametrize("seed", range(int(os.environ.get("TAMPERINGS", "25"))))
def test_no_change_of_a_proof_holds(
    uncorrected: tuple[Files, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    """One byte more, less or other, a file that is gone, empty or another's: it is refused, or not everything holds."""
    random, files = Random(seed), dict(uncorrected[0])  # noqa: S311  the same changes in every run
    checked = [name for name in sorted(files) if name not in {"verify.py", "key.txt"} and "consistency" not in name]
    name, other_name = random.choice(checked), random.choice(checked)
    place = random.randrange(len(files[name]) + 1)
    changes = {
        "other": files[name][:place] + bytes([random.randrange(256)]) + files[name][place + 1 :],
        "more": files[name][:place] + bytes([random.randrange(256)]) + files[name][place:],
        "less": files[name][:place] + files[name][place + 1 :],
        "cut": files[name][:place],
        "exchanged": files[other_name],
        "gone": None,
    }
    change = random.choice(list(changes))
    changed = changes[change]
    if changed is None:
        del files[name]
    else:
        files[name] = changed
    code = check(files, tmp_path / "proof", uncorrected[1])
    assert code in {1, 2, 3} or files.get(name) == uncorrected[0][name], f"{change} {name} at {place}"
    assert (capsys.readouterr().out.splitlines()[-1] == "everything holds") == (code == 0)
