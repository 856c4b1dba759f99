"""Check a proof of scorecore without scorecore: one file, nothing but Python 3.9 or newer.

    python verify.py proof.zip --key "name+fingerprint+base64" --anchor checkpoint.txt

With `decide.py` beside it, each decision is also decided again from the program and the facts in the proof, and each
page of an explanation written again. A `decide.py` that does not belong to this file is not run.

Each entry is checked to lie at its place in the log that the checkpoint signs (RFC 6962), the payload to be the one the
entry committed to, the parts to be those that its run names, and an anchor, a checkpoint that you kept, to be an
earlier state of the same log. All entries after the first decision are gone through for others about the same person
and period. The key should come from you, too: one that came with the proof only shows that the proof fits itself.

Exit code: 0 everything holds, 1 something does not, 2 the files cannot be read, 3 what is here holds, but something is
missing or was not compared: a payload, a part, later entries, the anchor or the key.
"""

from __future__ import annotations  # older Pythons read it, too

import argparse
import base64
import hashlib
import io
import json
import re
import sys
import types
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

Point = Tuple[int, int, int, int]
Key = Tuple[str, bytes, bytes]
Files = Dict[str, bytes]
Say = Callable[..., None]

CHINESE = {
    "{name}: entry {index} of {size} is in the log": "{name}：第 {index} 条在日志中（共 {size} 条）",
    "{name}: the proof does not hold": "{name}：证明不成立",
    "{name}: the payload is the one that was recorded": "{name}：内容与当时记录的一致",
    "{name}: the payload is NOT the one that was recorded": "{name}：内容与当时记录的不一致",
    "{name}: the payload is not here; it may have been erased": "{name}：没有附上内容；可能已被清除",
    "{name}: what its name says": "{name}：与其名称中的摘要一致",
    "{name}: NOT what its name says": "{name}：与其名称中的摘要不一致",
    "the checkpoint of {size} entries is signed by {key}": "{size} 条时的检查点由 {key} 签名",
    "the checkpoint is not signed by {key}": "检查点不是由 {key} 签名的",
    "the anchor of {size} entries is the beginning of this log": "{size} 条时的锚点是本日志的开头",
    "the anchor is NOT the beginning of this log": "锚点不是本日志的开头",
    "the anchor is not signed by {key}": "锚点不是由 {key} 签名的",
    "nothing shows that the anchor of {size} entries belongs to this log": "没有材料能证明 {size} 条时的锚点属于本日志",
    "the key came with the proof: compare it with the one you were given": "密钥随证明一同提供：请与您手中的密钥核对",
    "no anchor: give a checkpoint that you kept": "没有锚点：请提供您保存的检查点",
    "there is no entry to check": "没有可检查的条目",
    "this cannot be read: {error}": "无法读取：{error}",
    "{name}: it is entry {index}, and named otherwise": "{name}：实为第 {index} 条，与文件名不符",
    "{name}: the entry of its run is not here": "{name}：没有附上该次运行的条目",
    "{name}: its run was proposed, and its approval is not here": "{name}：该次运行须经批准，而没有附上批准的条目",
    "{name}: no entry here rests on it": "{name}：所附条目都没有引用它",
    "{name}: not here, and entry {index} rests on it": "{name}：没有附上，而第 {index} 条引用了它",
    "{name}: not compared with anything": "{name}：未作任何核对",
    "{name}: superseded by entry {index}": "{name}：已被第 {index} 条取代",
    "entry {index} is about the same person and period, and is not here": "第 {index} 条涉及同一人同一期间，但没有附上",
    "no other of all {size} entries is about this person and period": "全部 {size} 条中再无涉及此人此期间的条目",
    "the later entries are NOT those of the log": "之后的条目与日志不符",
    "nothing shows what was recorded later about this person and period": "没有材料说明此后对此人此期间有何记录",
    "{name}: decided again, with the same result": "{name}：重新考核，结果一致",
    "{name}: decided again, with ANOTHER result": "{name}：重新考核，结果不一致",
    "{name}: NOT decided again: {why}": "{name}：未能重新考核：{why}",
    "{name}: NOT decided again: its program is not here": "{name}：未能重新考核：没有附上程序",
    "{name}: NOT decided again: its program has another format or level of the language": (
        "{name}：未能重新考核：程序的格式或语言级别不同"
    ),
    "{name}: is not here": "{name}：没有附上",
    "{name}: says what was recorded": "{name}：与记录一致",
    "{name}: does NOT say what was recorded": "{name}：与记录不一致",
    "  {what}: recorded {before}, right {now}": "  {what}：记录为 {before}，应为 {now}",
    "no decision was made again: decide.py is not here": "没有重新考核：没有附上 decide.py",
    "no decision was made again: this decide.py does not belong to this verify.py": (
        "没有重新考核：所附 decide.py 与本 verify.py 不配套"
    ),
    "no decision was made again: decide.py needs Python 3.10": "没有重新考核：decide.py 需要 Python 3.10",
    "everything holds": "全部成立",
    "what is here holds, but NOT everything is here or was compared": "所附材料成立，但材料不全，或有未核对的内容",
    "NOT everything holds": "并非全部成立",
}
DECIDER = "3e0337a340a13c328a35fb9e426b508d7b752afa59dc4710b1495cda13ac2752"
"""The SHA-256 of the decide.py that belongs to this file."""
LARGEST = 1 << 28
"""How many bytes the files of a proof may have in all."""
MOST = 100_000
"""How many files there may be."""

# Ed25519, RFC 8032: points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add(left: Point, right: Point) -> Point:
    a = (left[1] - left[0]) * (right[1] - right[0]) % P
    b = (left[1] + left[0]) * (right[1] + right[0]) % P
    c = 2 * left[3] * right[3] * D % P
    d = 2 * left[2] * right[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def point(data: bytes) -> Optional[Point]:
    """A point from its 32 bytes; None where there is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of `message` holds."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(commitment, times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# RFC 6962 and 9162


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def includes(index: int, size: int, leaf: bytes, path: List[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, path: List[bytes]) -> bool:
    """RFC 9162, 2.1.4.2, for an old tree that is not empty."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    path = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not path:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


# C2SP: keys, notes, checkpoints


def binary(text: str | bytes) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != (text if isinstance(text, bytes) else text.encode()):
        raise ValueError("base64 has one spelling")
    return data


def parse_key(text: str) -> Key:
    """Name, fingerprint and public bytes of a key such as `name+0123abcd+base64`."""
    name, fingerprint, data = text.strip().split("+", 2)
    key = binary(data)
    if hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != fingerprint or key[:1] != b"\x01":
        raise ValueError("the key is damaged")
    return name, bytes.fromhex(fingerprint), key[1:]


def parse_checkpoint(note: str, key: Key) -> Tuple[int, bytes, bool]:
    """Size and root of a checkpoint, and whether `key` signed it."""
    head, _, tail = note.rpartition("\n\n")
    text = head + "\n"
    origin, size, root = text.split("\n")[:3]
    name, fingerprint, public = key
    holds = False
    for line in tail.splitlines():
        dash, who, data = line.split(" ")
        signature = binary(data)
        if dash == "—" and who == name and signature[:4] == fingerprint:
            holds = signed(public, text.encode(), signature[4:])
    if len(binary(root)) != 32:
        raise ValueError("the root is no SHA-256")
    return int(size), binary(root), holds and origin == name


def later_root(prefix: List[bytes], start: int, leaves: List[bytes]) -> bytes:
    """The root over `start` leaves, whose full subtrees have the hashes of `prefix`, and those that follow."""
    heights = [bit for bit in range(start.bit_length() - 1, -1, -1) if start >> bit & 1]
    if len(heights) != len(prefix) or not (prefix or leaves):
        raise ValueError("the hashes before the later entries are not as many as they should be")
    stack = list(zip(heights, prefix))  # noqa: B905  Python 3.9 has no `strict`
    for leaf in leaves:
        height, node = 0, leaf
        while stack and stack[-1][0] == height:
            height, node = height + 1, node_hash(stack.pop()[1], node)
        stack.append((height, node))
    root = stack.pop()[1]
    while stack:
        root = node_hash(stack.pop()[1], root)
    return root


class BundleCheck:
    def __init__(self, files: Files, key: Key, say: Say, anchor: str = "") -> None:
        self.files, self.key, self.say, self.good, self.whole = files, key, say, True, True
        self.unseen = set(files) - {"verify.py", "key.txt", "checkpoint.txt", anchor}
        self.entries: Dict[int, Tuple[str, Dict[str, Any]]] = {}

    def lacks(self, text: str, **params: object) -> None:
        self.say(text, **params)
        self.whole = False

    def tell(self, holds: bool, good: str, bad: str, **params: object) -> None:
        self.say(good if holds else bad, **params)
        self.good = self.good and holds

    def checkpoint(self) -> Tuple[int, bytes]:
        size, root, holds = parse_checkpoint(self.files["checkpoint.txt"].decode(), self.key)
        good, bad = "the checkpoint of {size} entries is signed by {key}", "the checkpoint is not signed by {key}"
        self.tell(holds, good, bad, size=size, key=self.key[0])
        return size, root

    def entry(self, name: str, size: int, root: bytes) -> None:
        body, proof = self.files[name + ".json"], self.files[name + ".tlog-proof"].decode()
        head, _, note = proof.partition("\n\n")
        title, line, *path = head.split("\n")
        signed_size, signed_root, holds = parse_checkpoint(note, self.key)
        if not re.fullmatch("index (0|[1-9][0-9]{0,18})", line):
            raise ValueError(f"{line} is no index")
        index = int(line[len("index ") :])
        holds = holds and title == "c2sp.org/tlog-proof@v1" and (signed_size, signed_root) == (size, root)
        holds = holds and includes(index, size, leaf_hash(body), [binary(sibling) for sibling in path], root)
        good, bad = "{name}: entry {index} of {size} is in the log", "{name}: the proof does not hold"
        self.tell(holds, good, bad, name=name, index=index, size=size)
        if name != f"entry-{index:08}":
            self.tell(False, "", "{name}: it is entry {index}, and named otherwise", name=name, index=index)
        fields = json.loads(body)
        self.entries[index] = (name, fields)
        self.unseen -= {name + ending for ending in (".json", ".tlog-proof", ".payload", ".salt")}
        promised = fields.get("payload")
        if promised and name + ".payload" in self.files:
            salted = binary(self.files[name + ".salt"]) + self.files[name + ".payload"]
            holds = hashlib.sha256(salted).digest() == binary(promised)
            good = "{name}: the payload is the one that was recorded"
            self.tell(holds, good, "{name}: the payload is NOT the one that was recorded", name=name)
        elif promised:
            self.lacks("{name}: the payload is not here; it may have been erased", name=name)
        elif name + ".payload" in self.files:
            self.tell(False, "", "{name}: the payload is NOT the one that was recorded", name=name)

    def anchor(self, note: str, size: int, root: bytes) -> None:
        old, old_root, holds = parse_checkpoint(note, self.key)
        self.good = self.good and holds
        if not holds:
            self.say("the anchor is not signed by {key}", key=self.key[0])
        path = self.files.get(f"consistency-{old:08}.txt")
        if path is None and old != size:
            self.tell(False, "", "nothing shows that the anchor of {size} entries belongs to this log", size=old)
            return
        hashes = [binary(line) for line in path.decode().splitlines()[3:]] if path and old != size else []
        good = "the anchor of {size} entries is the beginning of this log"
        bad = "the anchor is NOT the beginning of this log"
        self.tell(extends(old, old_root, size, root, hashes), good, bad, size=old)

    def all(self, anchor: Optional[str]) -> None:
        size, root = self.checkpoint()
        names = sorted(name[: -len(".json")] for name in self.files if name.endswith(".json"))
        for name in names:
            self.entry(name, size, root)
        self.parts()
        self.runs()
        self.decide()
        self.later(size, root)
        if not names:
            self.tell(False, "", "there is no entry to check")
        if anchor is None:
            self.lacks("no anchor: give a checkpoint that you kept")
        else:
            self.anchor(anchor, size, root)
        for name in sorted(self.unseen):
            if not re.fullmatch(r"consistency-\d{8,}\.txt", name):
                self.lacks("{name}: not compared with anything", name=name)

    def parts(self) -> None:
        """Every part has the bytes that an entry here names, and none is missing."""
        needed = {digest: index for index, (_, fields) in self.entries.items() for digest in fields.get("blobs", ())}
        for name in sorted(name for name in self.files if name.startswith("part-")):
            digest = name[len("part-") :]
            self.unseen.discard(name)
            holds = hashlib.sha256(self.files[name]).hexdigest() == digest
            self.tell(holds, "{name}: what its name says", "{name}: NOT what its name says", name=name)
            if digest not in needed:
                self.tell(False, "", "{name}: no entry here rests on it", name=name)
        for digest in sorted(digest for digest in needed if "part-" + digest not in self.files):
            text = "{name}: not here, and entry {index} rests on it"
            self.lacks(text, name="part-" + digest, index=needed[digest])

    def runs(self) -> None:
        """The entry that begins the run of each decision is here: it names the policy and the program."""
        there = [fields for _, fields in self.entries.values()]
        begun = {fields.get("run") for fields in there if fields.get("kind") in ("run", "proposal")}
        waiting = find_waiting(there)
        for name, fields in self.entries.values():
            if isinstance(fields.get("run"), str) and fields["run"] not in begun:
                self.lacks("{name}: the entry of its run is not here", name=name)
            if fields.get("kind") == "decision" and fields.get("run") in waiting:
                self.lacks("{name}: its run was proposed, and its approval is not here", name=name)

    def decide(self) -> None:
        """Make each decision again, by a program whose every byte is known."""
        self.unseen.discard("decide.py")
        source = self.files.get("decide.py")
        payloads = {name for name, fields in self.entries.values() if fields.get("kind") == "decision"}
        if not self.good or not any(name + ".payload" in self.files for name in payloads):
            return
        if source is None:
            self.lacks("no decision was made again: decide.py is not here")
        elif hashlib.sha256(source).hexdigest() != DECIDER:
            self.lacks("no decision was made again: this decide.py does not belong to this verify.py")
        elif sys.version_info < (3, 10):  # noqa: UP036  older Pythons read this file, too
            self.lacks("no decision was made again: decide.py needs Python 3.10")
        else:
            decider = types.ModuleType("decide")
            exec(compile(source, "decide.py", "exec"), decider.__dict__)  # noqa: S102  its digest is known
            for text, params, state in decider.check(self.files):
                self.say(text, **params)
                self.good = self.good and state != "bad"
                self.whole = self.whole and state != "open"
                self.unseen.discard(params.get("name", ""))

    def later(self, size: int, root: bytes) -> None:
        """Whether something else about the same person and period was recorded after the first decision here."""
        decided = {index: each for index, each in self.entries.items() if each[1].get("kind") in DECIDING}
        if not decided:
            return
        about = {(fields.get("subject"), fields.get("period")) for _, fields in decided.values()}
        start = min(decided) + 1
        name = f"later-{start:08}.txt"
        self.unseen.discard(name)
        if name not in self.files:
            self.lacks("nothing shows what was recorded later about this person and period")
        else:
            head, _, tail = self.files[name].partition(b"\n\n")
            bodies = tail.splitlines()
            title, *lines = head.splitlines()
            prefix = [binary(line) for line in lines]
            holds = later_root(prefix, start, [leaf_hash(body) for body in bodies]) == root
            holds = holds and title == b"scorecore/later@v1" and start + len(bodies) == size
            text = "no other of all {size} entries is about this person and period"
            missing = []
            later = list(map(json.loads, bodies))
            waiting = find_waiting([*(fields for _, fields in self.entries.values()), *later])
            for index, fields in enumerate(later, start):
                is_about = (fields.get("subject"), fields.get("period")) in about and fields.get("kind") in DECIDING
                is_about = is_about and fields.get("run") not in waiting
                missing += [index] if is_about and index not in self.entries else []
            for index in missing:
                bad = "entry {index} is about the same person and period, and is not here"
                self.tell(False, "", bad, index=index)
            if not missing:
                self.tell(holds, text, "the later entries are NOT those of the log", size=size)
        for index, (name, fields) in sorted(decided.items()):
            key = (fields.get("subject"), fields.get("period"))
            last = max(i for i, (_, other) in decided.items() if (other.get("subject"), other.get("period")) == key)
            if last != index:
                self.say("{name}: superseded by entry {index}", name=name, index=last)


def find_waiting(entries: List[Dict[str, Any]]) -> Set[str]:
    """The runs that were proposed by some entries and approved by none of them."""
    approvals = [fields for fields in entries if fields.get("kind") == "approval"]
    approved = {run for fields in approvals for run in fields.get("runs", ())}
    return {str(fields.get("run")) for fields in entries if fields.get("kind") == "proposal"} - approved


DECIDING = ("decision", "withdrawal")
"""The kinds of entries of which the last about a person and period is the one that counts."""


def read(path: Path) -> Files:
    """The files of a folder or a zip, by name; ValueError for more than anybody can check."""
    if path.is_dir():
        members = [member for member in path.iterdir() if member.is_file()]
        check_size([member.stat().st_size for member in members])
        return {member.name: member.read_bytes() for member in members}
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        check_size([info.file_size for info in infos])
        files: Files = {}
        for info in infos:
            name = info.filename.rpartition("/")[2]
            if name in files:
                raise ValueError(f"there are two files {name}")
            with archive.open(info) as member:
                files[name] = member.read(info.file_size + 1)
        return files


def check_size(sizes: List[int]) -> None:
    if len(sizes) > MOST or sum(sizes) > LARGEST:
        raise ValueError("there is more than a proof has")


def shown(value: object) -> str:
    """What stands in a line, with every character that would act in a terminal escaped."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(value))


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("proof", type=Path, help="the zip or the folder")
    parser.add_argument("--key", help="the key of the log, as you know it")
    parser.add_argument("--anchor", type=Path, help="a checkpoint of the log that you kept")
    parser.add_argument("--lang", choices=["en", "zh"], default="en")
    options = parser.parse_args(arguments)

    def say(text: str, **params: object) -> None:
        sentence = CHINESE[text] if options.lang == "zh" else text
        sys.stdout.write(sentence.format_map({name: shown(value) for name, value in params.items()}) + "\n")

    try:
        files = read(options.proof)
        anchor_name = options.anchor.name if options.anchor else ""
        check = BundleCheck(files, parse_key(options.key or files["key.txt"].decode()), say, anchor_name)
        if not options.key:
            check.lacks("the key came with the proof: compare it with the one you were given")
        check.all(options.anchor.read_text("utf-8") if options.anchor else None)
    except Exception as error:  # noqa: BLE001  whatever lies in a file that a stranger sent
        say("this cannot be read: {error}", error=error or type(error).__name__)
        return 2
    if check.good and check.whole:
        say("everything holds")
        return 0
    if check.good:
        say("what is here holds, but NOT everything is here or was compared")
        return 3
    say("NOT everything holds")
    return 1


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
