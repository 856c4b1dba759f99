"""Evidence holds for whoever has only Python, and stops holding when a byte of it is another."""

import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from recording import KEY, NOW, filled
from scorecore.record.log import standalone_verifier, tree
from scorecore.record.log.note import (
    Checkpoint,
    NoteError,
    SigningKey,
    VerifierKey,
    open_note,
)
from scorecore.record.log.proof import proof_bundle, tlog_proof
from scorecore.record.log.sealing import SECRET


@pytest.fixture
def bundle(tmp_path: Path) -> dict[str, bytes]:
    with filled(tmp_path / "record.scorecore") as log:
        log.erase("person 2", now=NOW, reason="asked for it")
        return proof_bundle(log, [1, 3, 300, 345], log.sizes())


def check(bundle: dict[str, bytes], folder: Path, *options: str) -> int:
    """The exit code of the verifier, on a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in bundle.items():
        (folder / name).write_bytes(data)
    return standalone_verifier.main([str(folder), *options])


def test_a_proof_is_small(bundle: dict[str, bytes]) -> None:
    assert max(len(data) for name, data in bundle.items() if name.endswith(".tlog-proof")) < 1500


def test_evidence_is_checked_by_one_file_alone(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """The verifier in the zip, by itself, in a Python without our packages, says what it saw."""
    archive, alone = tmp_path / "proof.zip", tmp_path / "alone"
    with zipfile.ZipFile(archive, "w") as written:
        for name, data in bundle.items():
            written.writestr(name, data)
    alone.mkdir()
    (alone / "verify.py").write_bytes(bundle["verify.py"])
    (alone / "anchor.txt").write_bytes(bundle["checkpoint.txt"])
    command = [sys.executable, "-I", "-S", "verify.py", archive, "--key", str(KEY.verifier), "--anchor", "anchor.txt"]
    done = subprocess.run(command, cwd=alone, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.splitlines() == [
        "the checkpoint of 346 entries is signed by example.com/payroll",
        "entry-00000001: entry 1 of 346 is in the log",
        "entry-00000001: the payload is the one that was recorded",
        "entry-00000003: entry 3 of 346 is in the log",
        "entry-00000003: the payload is not here; it may have been erased",
        "entry-00000300: entry 300 of 346 is in the log",
        "entry-00000300: the payload is the one that was recorded",
        "entry-00000345: entry 345 of 346 is in the log",
        "nothing shows what was recorded later about this person and period",
        "the first entry is not here: whether runs must be approved is not known",
        f"{next(name for name in bundle if name.startswith('part-'))}: what its name says",
        "no decision was made again: decide.py is not here",
        "the anchor of 346 entries is the beginning of this log",
        "what is here holds, but NOT everything is here or was compared",
    ]
    assert (done.returncode, done.stderr) == (3, "")


def test_it_speaks_chinese(bundle: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(bundle, tmp_path / "proof", "--lang", "zh") == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "密钥随证明一同提供：请与您手中的密钥核对"
    assert lines[-2:] == ["没有锚点：请提供您保存的检查点", "所附材料成立，但材料不全，或有未核对的内容"]


@pytest.mark.parametrize("size", [1, 4, 304, 305, 345, 346])
def test_every_checkpoint_that_was_kept_is_an_anchor(tmp_path: Path, size: int) -> None:
    with filled(tmp_path / "record.scorecore") as log:
        log.erase("person 2", now=NOW, reason="asked for it")
        (tmp_path / "anchor.txt").write_text(log.checkpoint(size).note, encoding="utf-8")
        bundle = proof_bundle(log, [1], [size])
    assert check(bundle, tmp_path / "proof", "--anchor", str(tmp_path / "anchor.txt")) == 3
    other_checkpoint = Checkpoint(KEY.name, size, tree.leaf_hash(b"other")).signed(KEY)
    (tmp_path / "anchor.txt").write_text(other_checkpoint.note, encoding="utf-8")
    assert check(bundle, tmp_path / "proof", "--anchor", str(tmp_path / "anchor.txt")) == 1
    stranger = Checkpoint(KEY.name, size, other_checkpoint.root).signed(SigningKey(KEY.name, bytes(SECRET)))
    (tmp_path / "anchor.txt").write_text(stranger.note, encoding="utf-8")
    assert check(bundle, tmp_path / "proof", "--anchor", str(tmp_path / "anchor.txt")) == 1


def test_an_anchor_without_evidence_does_not_hold(bundle: dict[str, bytes], tmp_path: Path) -> None:
    with filled(tmp_path / "other.scorecore", (3,)) as log:
        (tmp_path / "anchor.txt").write_text(log.checkpoint(4).note, encoding="utf-8")
    del bundle["consistency-00000004.txt"]
    assert check(bundle, tmp_path / "proof", "--anchor", str(tmp_path / "anchor.txt")) == 1


def test_any_other_byte_is_noticed(bundle: dict[str, bytes], tmp_path: Path) -> None:
    """One bit in any file of the evidence, and the verifier does not say that everything holds."""
    for name in sorted(bundle):
        if name in {"verify.py", "key.txt"} or name.startswith("consistency"):  # given, or not asked for here
            continue
        for position in {0, len(bundle[name]) // 3, len(bundle[name]) // 2, len(bundle[name]) - 2}:
            data = bytearray(bundle[name])
            data[position] ^= 1
            changed_bundle = {**bundle, name: bytes(data)}
            assert check(changed_bundle, tmp_path / "proof", "--key", str(KEY.verifier)) in {1, 2}, f"{name} {position}"


@pytest.mark.parametrize("missing", ["checkpoint.txt", "key.txt", "entry-00000001.tlog-proof", "entry-00000001.salt"])
def test_what_is_missing_is_reported(bundle: dict[str, bytes], tmp_path: Path, missing: str) -> None:
    del bundle[missing]
    assert check(bundle, tmp_path / "proof") == 2


def test_nothing_to_check_does_not_hold(bundle: dict[str, bytes], tmp_path: Path) -> None:
    only = {name: data for name, data in bundle.items() if not name.startswith("entry")}
    assert check(only, tmp_path / "proof") == 1


def test_the_key_is_the_readers(bundle: dict[str, bytes], tmp_path: Path) -> None:
    other_key = SigningKey(KEY.name, bytes(SECRET)).verifier
    assert check(bundle, tmp_path / "proof", "--key", str(other_key)) == 1


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50), st.data())
def test_the_small_ed25519_is_the_large_one(seed: bytes, message: bytes, data: st.DataObject) -> None:
    """The verifier's own Ed25519 accepts what OpenSSL signs, and nothing that is one bit away."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    assert standalone_verifier.signed(public, message, bytes(signature))
    signature[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    assert not standalone_verifier.signed(public, message, bytes(signature))
    assert not standalone_verifier.signed(public, message + b".", key.sign(message))


def test_published_signatures() -> None:
    """RFC 8032, 7.1, tests 1 and 2, and a signature whose number is too large."""
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    signature = bytes.fromhex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
        "55141438e7a100b"
    )
    assert standalone_verifier.signed(public, b"", signature)
    large = int.from_bytes(signature[32:], "little") + standalone_verifier.L
    assert not standalone_verifier.signed(public, b"", signature[:32] + large.to_bytes(32, "little"))
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
        "00d291612bb0c00"
    )
    assert standalone_verifier.signed(public, b"r", signature)


def test_the_example_of_c2sp_opens() -> None:
    """The signed note that Go's sumdb/note shows in its documentation (BSD), as another program wrote it."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    note = f"{text}\n— PeterNeumann {line}\n"
    assert open_note(note, [key]) == (text, (key,))
    with pytest.raises(NoteError):
        open_note(note.replace("answer", "anser"), [key])
    assert open_note(note, [KEY.verifier]) == (text, ())


@given(st.binary(min_size=32, max_size=32))
def test_keys_are_read_as_they_are_written(seed: bytes) -> None:
    key = SigningKey("example.com/log", seed)
    assert SigningKey.parse(key.text() + "\n") == key
    assert VerifierKey.parse(str(key.verifier)) == key.verifier
    assert b64encode(seed).decode() not in repr(key)


@given(st.text(max_size=60) | st.builds("{}\n\n— {} {}\n".format, st.text(max_size=9), st.text(max_size=9), st.text()))
def test_any_text_is_a_note_or_is_refused(text: str) -> None:
    """Reading keys, notes and checkpoints raises nothing but NoteError."""
    for read in (Checkpoint.parse, VerifierKey.parse, SigningKey.parse, lambda text: open_note(text, [KEY.verifier])):
        try:
            read(text)
        except NoteError:
            continue


@pytest.mark.parametrize("size", ["-1", "01", "1.0", "9" * 40, "", "٣"])
def test_a_size_has_one_spelling(size: str) -> None:
    note = KEY.sign(f"{KEY.name}\n{size}\n{b64encode(bytes(32)).decode()}\n")
    with pytest.raises(NoteError):
        Checkpoint.parse(note, [KEY.verifier])


def test_a_proof_is_what_c2sp_says(tmp_path: Path) -> None:
    with filled(tmp_path / "record.scorecore", (3,)) as log:
        path = [b64encode(hash_).decode() for hash_ in log.inclusion(2)]
        assert tlog_proof(log, 2) == "\n".join(["c2sp.org/tlog-proof@v1", "index 2", *path, "", log.checkpoint().note])
