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
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

Point = Tuple[int, int, int, int]
Key = Tuple[str, bytes, bytes]
Keys = List[Tuple[int, Key]]
"""The keys of a log in their order, each with the entry that names it; the first is there from 0 on."""
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
    "entry {index} names the next key of the log, as the one before it says": (
        "第 {index} 条指定日志的下一密钥，由前一密钥确认"
    ),
    "entry {index} names the next key of the log, as the recovery key says": (
        "第 {index} 条指定日志的下一密钥，由恢复密钥确认"
    ),
    "entry {index} names the recovery key of the log, as its key says": (
        "第 {index} 条指定日志的恢复密钥，由当时的密钥确认"
    ),
    "entry {index} names another key, which nobody may": "第 {index} 条指定了另一密钥，但无人有权指定",
    "entry {index} names another key, and is not here": "第 {index} 条指定了另一密钥，但没有附上",
    "the key of {name} was stolen after the first {size} entries, and nobody has confirmed what it signed since": (
        "{name} 的密钥在前 {size} 条之后被盗，其后由它签名的内容无人确认"
    ),
    "the key came with the proof: compare it with the one you were given": "密钥随证明一同提供：请与您手中的密钥核对",
    "no anchor: give a checkpoint that you kept": "没有锚点：请提供您保存的检查点",
    "there is no entry to check": "没有可检查的条目",
    "this cannot be read: {error}": "无法读取：{error}",
    "{name}: it is entry {index}, and named otherwise": "{name}：实为第 {index} 条，与文件名不符",
    "{name}: the entry of its run is not here": "{name}：没有附上该次运行的条目",
    "{name}: no entry here rests on it": "{name}：所附条目都没有引用它",
    "{name}: not here, and entry {index} rests on it": "{name}：没有附上，而第 {index} 条引用了它",
    "{name}: not compared with anything": "{name}：未作任何核对",
    "{name}: superseded by entry {index}": "{name}：已被第 {index} 条取代",
    "entry {index} is about the same person and period, and is not here": "第 {index} 条涉及同一人同一期间，但没有附上",
    "no other of all {size} entries is about this person and period": "全部 {size} 条中再无涉及此人此期间的条目",
    "the later entries are NOT those of the log": "之后的条目与日志不符",
    "nothing shows what was recorded later about this person and period": "没有材料说明此后对此人此期间有何记录",
    "entry {index} ({kind}) is about this person, too, and is not here": (
        "第 {index} 条（{kind}）也涉及此人，但没有附上"
    ),
    "the first entry is not here: whether runs must be approved is not known": (
        "没有附上第一条：无从得知考核运行是否须经批准"
    ),
    "who signed and who approved was not checked: not all entries are here": (
        "未核对由谁签名、由谁批准：没有附上全部条目"
    ),
    "who signed and who approved was not checked: {name} is not here": "未核对由谁签名、由谁批准：没有附上 {name}",
    "kept by a single operator: nobody approves what is recorded": "由一名操作员单独保管：所记录的内容无人批准",
    "every entry is signed by an operator who was allowed to record it": "每一条都由当时有职责的操作员签名",
    "entries {first} to {last}: nobody who was allowed to has signed them": (
        "第 {first} 至 {last} 条：没有有权限的人签名"
    ),
    "entry {index} ({kind}): {who} was not allowed to record it": "第 {index} 条（{kind}）：{who} 无权记录",
    "{name}: its run is approved by {names}": "{name}：该次运行由 {names} 批准",
    "{name}: its run is not in force: nobody has approved it as it must be": "{name}：该次运行未生效：未按规定批准",
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
    "what is here holds, but NOT every decision here is in force: the last one about a person and period is": (
        "所附材料成立，但并非其中每个结果都有效：有效的是同一人同一期间的最后一个结果"
    ),
    "what is here holds, but NOT everything is here or was compared": "所附材料成立，但材料不全，或有未核对的内容",
    "NOT everything holds": "并非全部成立",
}
DECIDER = "29f6a64ea658eaeb1cedd9ed9e528a605e7713d9e15d6f426d903b267b1c96e2"
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


def key_at(keys: Keys, size: int) -> Key:
    """The key that signs a checkpoint of so many entries."""
    return [key for start, key in keys if start < size or start == 0][-1]


def parse_checkpoint(note: str, keys: Keys) -> Tuple[int, bytes, bool]:
    """Size and root of a checkpoint, and whether the key of its time signed it."""
    head, _, tail = note.rpartition("\n\n")
    text = head + "\n"
    origin, size, root = text.split("\n")[:3]
    name, fingerprint, public = key_at(keys, int(size))
    holds = False
    for line in tail.splitlines():
        dash, who, data = line.split(" ")
        signature = binary(data)
        if dash == "—" and who == name and signature[:4] == fingerprint:
            holds = signed(public, text.encode(), signature[4:])
    if len(binary(root)) != 32:
        raise ValueError("the root is no SHA-256")
    return int(size), binary(root), holds and origin == name


class Tree:
    """The tree over some entries, to which more are appended: its full subtrees, the largest first."""

    def __init__(self) -> None:
        self.stack: List[Tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, node = 0, leaf
        while self.stack and self.stack[-1][0] == height:
            height, node = height + 1, node_hash(self.stack.pop()[1], node)
        self.stack.append((height, node))

    def root(self) -> bytes:
        *left, (_, root) = self.stack or [(0, hashlib.sha256(b"").digest())]
        for _, node in reversed(left):
            root = node_hash(node, root)
        return root


def later_root(prefix: List[bytes], start: int, leaves: List[bytes]) -> bytes:
    """The root over `start` leaves, whose full subtrees have the hashes of `prefix`, and those that follow."""
    heights = [bit for bit in range(start.bit_length() - 1, -1, -1) if start >> bit & 1]
    if len(heights) != len(prefix) or not (prefix or leaves):
        raise ValueError("the hashes before the later entries are not as many as they should be")
    tree = Tree()
    tree.stack = list(zip(heights, prefix))  # noqa: B905  Python 3.9 has no `strict`
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


Actor = Tuple[str, str]
"""An operator, and the account for which it signs, if it is a server."""
ROLES = ("author", "runner", "approver", "auditor", "administrator", "server")
NEEDED = {
    "proposal": ("runner",),
    "trial": ("runner", "author"),
    "adoption": ("author",),
    "approval": ("approver",),
    "approval_rules": ("administrator",),
    "retention": ("administrator",),
    "answer": ("approver",),
    "operator": ("administrator",),
    "erasure": ("administrator",),
    "resumption": ("administrator",),
    "rotation": ("administrator",),
    "recovery_key": ("administrator",),
    "confirmation": ("administrator",),
    "conversion": ("administrator",),
}
"""For a kind of entry the roles of which its operator needs one; every other kind needs any role."""


def is_same(left: Actor, right: Actor) -> bool:
    """Whether two may be the same person."""
    return left[0] == right[0] and not (left[1] and right[1] and left[1] != right[1])


class PeopleCheck:
    """Who did what in a record with operators, entry by entry, as `scorecore record verify` reads it."""

    def __init__(self, log: str, files: Files) -> None:
        self.log, self.files = log, files
        self.operators: Dict[str, Tuple[Key, Set[str]]] = {}
        self.taken: Set[bytes] = set()
        self.appends: List[Tuple[int, int, str]] = []
        self.thefts: Dict[int, Tuple[str, int]] = {}
        self.rules: List[Dict[str, Any]] = []
        self.proposals: List[Dict[str, Any]] = []
        self.adoptions: Dict[int, Dict[str, Any]] = {}
        self.decided: List[Dict[str, Any]] = []
        self.runs = 0
        self.in_force: Dict[str, List[str]] = {}
        self.manifests: Set[str] = set()
        self.missing: Set[str] = set()
        self.faults: List[Tuple[str, Dict[str, object]]] = []

    def read(self, bodies: List[bytes]) -> None:
        entries = [json.loads(body) for body in bodies]
        closes: Dict[str, int] = {}
        for index, fields in enumerate(entries):
            if fields.get("kind") == "close":
                closes.setdefault(str(fields.get("run")), index)
        tree, first, outside = Tree(), 0, 0
        appended: List[Tuple[int, Dict[str, Any]]] = []
        for index, (body, fields) in enumerate(zip(bodies, entries)):  # noqa: B905  Python 3.9 has no `strict`
            kind = fields.get("kind")
            if index >= outside and kind == "signature":
                self.take(first, appended, index, fields, tree.root())
                first, appended = index + 1, []
            elif index >= outside:
                appended.append((index, fields))
                if kind in ("run", "proposal", "trial"):
                    outside = closes.get(str(fields.get("run")), -1) + 1
                    if outside <= index:
                        self.fault(index, index)
            tree.add(leaf_hash(body))
        if first < len(bodies):
            self.fault(first, len(bodies) - 1)

    def fault(self, first: int, last: int) -> None:
        text = "entries {first} to {last}: nobody who was allowed to has signed them"
        self.faults.append((text, {"first": first, "last": last}))

    def refuse(self, index: int, kind: object, actor: Actor) -> None:
        text = "entry {index} ({kind}): {who} was not allowed to record it"
        self.faults.append((text, {"index": index, "kind": kind, "who": " ".join(filter(None, reversed(actor)))}))

    def take(
        self, first: int, appended: List[Tuple[int, Dict[str, Any]]], index: int, fields: Dict[str, Any], root: bytes
    ) -> None:
        """Take in what was appended together, once it is known who has signed it."""
        if first == 0 and appended and appended[0][1].get("kind") == "genesis":
            self.change(appended[0][1])
        actor = (str(fields.get("operator")), str(fields.get("account", "")))
        operator = self.operators.get(actor[0])
        said = {"account": actor[1], "first": first, "log": self.log, "operator": actor[0], "size": index}
        said["root"] = base64.b64encode(root).decode()
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        message = f"scorecore/entries/v1\n{text}".encode()
        is_here = operator is not None and fields.get("first") == first
        if operator is None or not is_here or not signed(operator[0][2], message, binary(str(fields["signature"]))):
            self.fault(first, index)
            return
        self.appends.append((first, index, actor[0]))
        for place, each in appended:
            if each.get("kind") not in ("genesis", "run", "proposal", "trial") and not self.act(place, each, actor):
                self.refuse(place, each.get("kind"), actor)
        runs = [(place, each) for place, each in appended if each.get("kind") in ("run", "proposal", "trial")]
        if runs:
            self.propose(runs, actor)

    def has(self, actor: Actor, roles: Tuple[str, ...]) -> bool:
        mine = self.operators.get(actor[0], (None, set()))[1]
        return bool(mine & set(roles or ROLES)) and not (actor[1] and "server" not in mine)

    def change(self, fields: Dict[str, Any]) -> bool:
        """Take in an operator, or other roles of one; gives whether that may be."""
        name, roles = str(fields.get("operator")), set(fields.get("roles") or ()) & set(ROLES)
        known = self.operators.get(name)
        if "operator_key" in fields:
            key = parse_key(str(fields["operator_key"]))
            if known or key[2] in self.taken or key[0] != name:
                return False
            self.taken.add(key[2])
        elif known is None:
            return False
        else:
            key = known[0]
            others = [other for other, (_, has) in self.operators.items() if "administrator" in has and other != name]
            if "administrator" not in roles and "administrator" in known[1] and not others:
                return False
        self.operators[name] = (key, roles)
        return True

    def rotate(self, index: int, fields: Dict[str, Any], actor: Actor) -> bool:
        """Take in another key of an operator; gives whether that may be."""
        name, stolen, key = str(fields.get("operator")), fields.get("stolen"), parse_key(str(fields["operator_key"]))
        known = self.operators.get(name)
        is_own = actor == (name, "") and self.has(actor, ())
        is_allowed = is_own or (not actor[1] and self.has(actor, ("administrator",)))
        is_explained = (is_own and stolen is None) or bool(str(fields.get("reason", "")).strip())
        if known is None or key[0] != name or key[2] in self.taken or not (is_allowed and is_explained):
            return False
        self.taken.add(key[2])
        self.operators[name] = (key, known[1])
        if stolen is not None and any(who == name and last >= stolen for _, last, who in self.appends[:-1]):
            self.thefts[index] = (name, stolen)
        return True

    def act(self, index: int, fields: Dict[str, Any], actor: Actor) -> bool:
        """Take in an entry outside of runs; gives whether the operator may record it."""
        kind = str(fields.get("kind"))
        if kind == "return":
            proposal = self.named(fields)
            is_own = proposal is not None and is_same(actor, proposal["maker"])
            if proposal is None or not self.has(actor, ("runner",) if is_own else ("approver",)):
                return False
            proposal["state"] = "returned"
            return True
        if kind == "operator_rotation":
            return self.rotate(index, fields, actor)
        if not self.has(actor, NEEDED.get(kind, ())):
            return False
        if kind == "confirmation":
            return self.thefts.pop(int(fields["theft"]), None) is not None
        if kind == "operator":
            return self.change(fields)
        if kind == "approval_rules":
            self.rules = list(fields["rules"])
        elif kind == "adoption":
            policy = str(fields["policy"])
            rules = [rule for rule in self.rules if applies(rule, "policy", policy.partition("@")[0])]
            self.adoptions[index] = {**fields, "maker": actor, "approvals": [], "rules": rules, "state": "waiting"}
        elif kind == "approval":
            return self.approve(index, fields, actor)
        return True

    def named(self, fields: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        """The proposal that waits and that an entry is about: by the digests of all its manifests."""
        waiting = (proposal for proposal in self.proposals if proposal["state"] == "waiting")
        return next((proposal for proposal in waiting if proposal["runs"] == fields.get("runs")), None)

    def approve(self, index: int, fields: Dict[str, Any], actor: Actor) -> bool:
        adoption = self.adoptions.get(fields["adoption"]) if "adoption" in fields else None
        work = adoption or self.named(fields)
        if work is None or work["state"] != "waiting" or is_same(actor, work["maker"]):
            return False
        if adoption is not None and adoption["program"] != fields.get("program"):
            return False
        if any(is_same(actor, other) for other in work["approvals"]) or not may_approve(work, actor):
            return False
        if adoption is None:
            policy, start = work["manifests"][0]["id"], work["start"]
            if any(run["id"] == policy and run["settled"] > start for run in self.decided):
                return False
        work["approvals"].append(actor)
        if is_approved(work):
            work["state"] = "approved"
            for run, manifest in zip(work.get("runs", ()), work.get("manifests", ())):  # noqa: B905  Python 3.9
                self.in_force[run] = [" ".join(filter(None, reversed(who))) for who in work["approvals"]]
                self.decided.append({**manifest, "settled": index})
        return True

    def propose(self, runs: List[Tuple[int, Dict[str, Any]]], actor: Actor) -> None:
        """Take in runs that were recorded together: trials, or a proposal."""
        manifests = []
        for index, fields in runs:
            name = f"part-{fields.get('run')}"
            self.manifests.add(name)
            if name not in self.files:
                self.missing.add(name)
                return
            manifest = json.loads(self.files[name])
            self.runs += 1
            is_good = manifest.get("number") == self.runs and fields["kind"] != "run"
            is_good = (
                is_good and self.has(actor, NEEDED.get(fields["kind"], ())) and manifest["period"] == fields["period"]
            )
            if not is_good or (fields["kind"] == "proposal" and not self.is_adopted(manifest)):
                self.refuse(index, fields["kind"], actor)
            if fields["kind"] == "proposal":
                manifests.append((index, str(fields["run"]), manifest))
        if not manifests:
            return
        replaced = manifests[0][2].get("replaces")
        for proposal in self.proposals:
            if proposal["state"] == "waiting" and any(each["number"] == replaced for each in proposal["manifests"]):
                proposal["state"] = "replaced"
        rules = []
        for number, rule in enumerate(self.rules):
            for _, _, each in manifests:
                what = "correction" if each.get("corrects") else "run"
                is_named = number in each.get("rules", ()) or not ({"total_from", "person_from"} & set(rule))
                if is_named and applies(rule, what, each["id"]) and rule not in rules:
                    rules.append(rule)
        proposal = {"maker": actor, "state": "waiting", "approvals": [], "rules": rules, "start": manifests[0][0]}
        proposal.update(runs=[run for _, run, _ in manifests], manifests=[each for _, _, each in manifests])
        self.proposals.append(proposal)

    def is_adopted(self, manifest: Dict[str, Any]) -> bool:
        """Whether a program may decide its period: once its policy was adopted, only adopted ones do."""
        policy, period, program = manifest["id"], manifest["period"], manifest["program"]
        begun = [
            adoption
            for adoption in self.adoptions.values()
            if adoption["state"] == "approved"
            and adoption["policy"].partition("@")[0] == policy
            and adoption["first"] <= period
        ]
        if not begun or any(adoption["program"] == program for adoption in begun):
            return True
        return any((run["id"], run["period"], run["program"]) == (policy, period, program) for run in self.decided)


def applies(rule: Dict[str, Any], what: str, policy: str) -> bool:
    """Whether a rule of approval is about a run, a correction or a policy."""
    return what in rule["what"] and rule.get("policy", policy) == policy


def may_approve(work: Dict[str, Any], actor: Actor) -> bool:
    """Whether somebody's approval counts by at least one rule."""
    named = [rule["by"] for rule in work["rules"]]
    return not named or any(not names or actor[0] in names for names in named)


def is_approved(work: Dict[str, Any]) -> bool:
    """Whether as many have approved as each rule says; one, where there is none."""
    for rule in work["rules"]:
        names = rule["by"]
        if sum(not names or who[0] in names for who in work["approvals"]) < rule["approvals"]:
            return False
    return bool(work["approvals"])


class BundleCheck:
    def __init__(self, files: Files, key: Key, say: Say, anchor: str = "") -> None:
        self.files, self.key, self.say, self.good, self.whole, self.current = files, key, say, True, True, True
        self.keys: Keys = [(0, key)]
        self.thefts: Dict[int, Tuple[str, int]] = {}
        self.unseen = set(files) - {"verify.py", "key.txt", "checkpoint.txt", anchor}
        self.entries: Dict[int, Tuple[str, Dict[str, Any]]] = {}
        self.manifests: Set[str] = set()
        self.in_force: Optional[Dict[str, List[str]]] = None

    def lacks(self, text: str, **params: object) -> None:
        self.say(text, **params)
        self.whole = False

    def tell(self, holds: bool, good: str, bad: str, **params: object) -> None:
        self.say(good if holds else bad, **params)
        self.good = self.good and holds

    def checkpoint(self) -> Tuple[int, bytes]:
        size, root, holds = parse_checkpoint(self.files["checkpoint.txt"].decode(), self.keys)
        good, bad = "the checkpoint of {size} entries is signed by {key}", "the checkpoint is not signed by {key}"
        self.tell(holds, good, bad, size=size, key=self.key[0])
        return size, root

    def entry(self, name: str, size: int, root: bytes) -> None:
        body, proof = self.files[name + ".json"], self.files[name + ".tlog-proof"].decode()
        head, _, note = proof.partition("\n\n")
        title, line, *path = head.split("\n")
        signed_size, signed_root, holds = parse_checkpoint(note, self.keys)
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
        old, old_root, holds = parse_checkpoint(note, self.keys)
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
        changes = self.find_keys()
        size, root = self.checkpoint()
        names = sorted(name[: -len(".json")] for name in self.files if name.endswith(".json"))
        for name in names:
            self.entry(name, size, root)
        self.check_keys(changes, size, root)
        bodies = self.later(size, root)
        self.people(bodies)
        self.superseded()
        self.others(bodies, size)
        self.parts()
        self.runs()
        self.decide()
        if not names:
            self.tell(False, "", "there is no entry to check")
        if anchor is None:
            self.lacks("no anchor: give a checkpoint that you kept")
        else:
            self.anchor(anchor, size, root)
        for name in sorted(self.unseen):
            if not re.fullmatch(r"consistency-\d{8,}\.txt", name):
                self.lacks("{name}: not compared with anything", name=name)

    def find_keys(self) -> List[Tuple[int, bytes, str]]:
        """Follow the keys of the log from the first entry on; gives which entries name them, as they say.

        Each with the root of the tree before it, and the sentence about it. The key that is known must be one of them.
        """
        names = sorted(name for name in self.files if re.fullmatch(r"entry-\d{8,}\.json", name))
        bodies = {int(name[len("entry-") : -len(".json")]): json.loads(self.files[name]) for name in names}
        named = {index: body for index, body in bodies.items() if body.get("kind") in NAMING}
        if 0 not in bodies or not named:
            return []
        keys: Keys = [(0, parse_key(bodies[0]["key"]))]
        recovery: List[Key] = []
        changes = []
        for index, fields in sorted(named.items()):
            kind = fields["kind"]
            said = {name: fields[name] for name in ("key", "reason", "stolen", "kind", "root") if name in fields}
            said.update(log=keys[0][1][0], size=index)
            text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            message, signature = f"scorecore/keys/v1\n{text}".encode(), binary(fields["signature"])
            new, sentence = parse_key(fields["key"]), "entry {index} names another key, which nobody may"
            is_new = new[2] not in {key[2] for _, key in keys} | {key[2] for key in recovery[-1:]}
            is_new = is_new and new[0] == keys[0][1][0]
            if is_new and signed(keys[-1][1][2], message, signature):
                sentence = NAMING[kind]
            elif is_new and any(signed(key[2], message, signature) for key in recovery[-1:] if kind == "rotation"):
                sentence = "entry {index} names the next key of the log, as the recovery key says"
            changes.append((index, binary(fields["root"]), sentence))
            if sentence.endswith("nobody may"):
                return changes
            if kind == "recovery_key":
                recovery.append(new)
                continue
            if fields.get("stolen", index) < index:
                self.thefts[index] = (new[0], fields["stolen"])
            keys.append((index, new))
        if self.key in [key for _, key in keys]:
            self.keys = keys
        return changes

    def check_keys(self, changes: List[Tuple[int, bytes, str]], size: int, root: bytes) -> None:
        """Each entry that names a key is at the place for which it was signed."""
        for index, before, sentence in changes:
            path = self.files.get(f"consistency-{index:08}.txt", b"")
            hashes = [binary(line) for line in path.decode().splitlines()[3:]]
            holds = index in self.entries and extends(index, before, size, root, hashes)
            bad = "entry {index} names another key, which nobody may"
            self.tell(holds and sentence != bad, sentence, bad, index=index)

    def parts(self) -> None:
        """Every part has the bytes that an entry here names, and none is missing."""
        needed = {digest: index for index, (_, fields) in self.entries.items() for digest in fields.get("blobs", ())}
        named = {"part-" + digest for digest in needed} | self.manifests
        for name in sorted(name for name in self.files if name.startswith("part-")):
            digest = name[len("part-") :]
            self.unseen.discard(name)
            holds = hashlib.sha256(self.files[name]).hexdigest() == digest
            self.tell(holds, "{name}: what its name says", "{name}: NOT what its name says", name=name)
            if name not in named:
                self.tell(False, "", "{name}: no entry here rests on it", name=name)
        for digest in sorted(digest for digest in needed if "part-" + digest not in self.files):
            text = "{name}: not here, and entry {index} rests on it"
            self.lacks(text, name="part-" + digest, index=needed[digest])

    def runs(self) -> None:
        """The entry that begins the run of each decision is here, and the run is in force."""
        begun = {fields.get("run") for _, fields in self.entries.values() if fields.get("kind") in ("run", "proposal")}
        for name, fields in self.entries.values():
            run = fields.get("run")
            if isinstance(run, str) and run not in begun and fields.get("kind") not in ABOUT_RUNS:
                self.lacks("{name}: the entry of its run is not here", name=name)
            if fields.get("kind") != "decision" or self.in_force is None:
                continue
            if run not in self.in_force:
                self.lacks("{name}: its run is not in force: nobody has approved it as it must be", name=name)
            elif self.in_force[run]:
                names = ", ".join(self.in_force[run])
                self.say("{name}: its run is approved by {names}", name=name, names=names)

    def people(self, bodies: Dict[int, bytes]) -> None:
        """Who signed and approved what, with the roles that each had then; `bodies` are the entries from some on."""
        if 0 not in self.entries:
            self.lacks("the first entry is not here: whether runs must be approved is not known")
            return
        first = self.entries[0][1]
        if "operator_key" not in first:
            self.say("kept by a single operator: nobody approves what is recorded")
            entries = [
                *(json.loads(body) for body in bodies.values()),
                *(fields for _, fields in self.entries.values()),
            ]
            self.in_force = {str(fields["run"]): [] for fields in entries if fields.get("kind") == "run"}
            confirmed = {fields.get("theft") for fields in entries if fields.get("kind") == "confirmation"}
            self.tell_thefts(theft for index, theft in self.thefts.items() if index not in confirmed)
            return
        if 1 not in bodies:
            self.lacks("who signed and who approved was not checked: not all entries are here")
            return
        people = PeopleCheck(self.key[0], self.files)
        people.read([self.files[self.entries[0][0] + ".json"], *bodies.values()])
        self.manifests = people.manifests
        for name in sorted(people.missing):
            self.lacks("who signed and who approved was not checked: {name} is not here", name=name)
        if not people.missing:
            for text, params in people.faults:
                self.tell(False, "", text, **params)
            if not people.faults:
                self.say("every entry is signed by an operator who was allowed to record it")
            self.in_force = people.in_force
            self.tell_thefts(people.thefts.values())

    def tell_thefts(self, thefts: Iterable[Tuple[str, int]]) -> None:
        """What was signed with a stolen key, and nobody has confirmed."""
        text = (
            "the key of {name} was stolen after the first {size} entries, and nobody has confirmed what it signed since"
        )
        for name, size in thefts:
            self.lacks(text, name=name, size=size)

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

    def later(self, size: int, root: bytes) -> Dict[int, bytes]:
        """Whether anything else about the same person was recorded after the first decision here; gives all entries."""
        decided = {index: each for index, each in self.entries.items() if each[1].get("kind") in DECIDING}
        if not decided:
            return {}
        names = [name for name in sorted(self.files) if re.fullmatch(r"later-\d{8,}\.txt", name)]
        start = int(names[0][len("later-") : -len(".txt")]) if names else size
        bodies: Dict[int, bytes] = {}
        if start > min(decided) + 1:
            self.lacks("nothing shows what was recorded later about this person and period")
        else:
            self.unseen.discard(names[0])
            head, _, tail = self.files[names[0]].partition(b"\n\n")
            title, *lines = head.splitlines()
            bodies = dict(enumerate(tail.split(b"\n")[:-1], start))
            prefix = [binary(line) for line in lines]
            holds = later_root(prefix, start, [leaf_hash(body) for body in bodies.values()]) == root
            holds = holds and title == b"scorecore/later@v1" and start + len(bodies) == size
            if not holds:
                self.tell(False, "", "the later entries are NOT those of the log")
                bodies = {}
        return bodies

    def superseded(self) -> None:
        """The decisions here of which another one here, by a run that is in force, has taken the place."""
        decided = {index: each for index, each in self.entries.items() if each[1].get("kind") in DECIDING}
        for index, (name, fields) in sorted(decided.items()):
            later = [
                other
                for other, (_, each) in decided.items()
                if other > index
                and (each.get("subject"), each.get("period")) == (fields.get("subject"), fields.get("period"))
                and (None in (self.policy(each), self.policy(fields)) or self.policy(each) == self.policy(fields))
                and (self.in_force is None or each.get("run") in self.in_force)
            ]
            if later:
                self.say("{name}: superseded by entry {index}", name=name, index=max(later))
                self.current = False

    def policy(self, fields: Dict[str, Any]) -> object:
        """Which policy has decided; the manifest of the run, whose name is its digest, says it."""
        part = self.files.get(f"part-{fields.get('run')}")
        return None if part is None else json.loads(part).get("id")

    def others(self, bodies: Dict[int, bytes], size: int) -> None:
        """The later entries about the people and periods of the decisions here, that are not here."""
        decided = {index: fields for index, (_, fields) in self.entries.items() if fields.get("kind") in DECIDING}
        about = {(fields.get("subject"), fields.get("period")) for fields in decided.values()}
        later = {index: json.loads(body) for index, body in bodies.items() if index > min(decided)}
        is_whole = bool(later) or bool(decided and max(decided) == size - 1)
        for index, fields in later.items():
            is_about = (fields.get("subject"), fields.get("period")) in about and fields.get("kind") in DECIDING
            if index in self.entries:
                continue
            if fields.get("kind") in NAMING:
                self.tell(False, "", "entry {index} names another key, and is not here", index=index)
            if is_about and (self.in_force is None or fields.get("run") in self.in_force):
                is_whole = False
                self.tell(False, "", "entry {index} is about the same person and period, and is not here", index=index)
            elif fields.get("kind") in ABOUT_PEOPLE and concerns(fields, about):
                text = "entry {index} ({kind}) is about this person, too, and is not here"
                self.lacks(text, index=index, kind=fields.get("kind"))
        if is_whole:
            self.say("no other of all {size} entries is about this person and period", size=size)


def concerns(fields: Dict[str, Any], about: Set[Tuple[Any, Any]]) -> bool:
    """Whether an entry is about a person, and about the period if it names one."""
    periods = {period for subject, period in about if subject == fields.get("subject")}
    return bool(periods) and fields.get("period", min(map(str, periods))) in periods


DECIDING = ("decision", "withdrawal")
"""The kinds of entries of which the last about a person and period is the one that counts."""
ABOUT_PEOPLE = ("objection", "answer", "erasure")
"""Other kinds that whoever reads a decision must know of."""
NAMING = {
    "rotation": "entry {index} names the next key of the log, as the one before it says",
    "recovery_key": "entry {index} names the recovery key of the log, as its key says",
}
"""The kinds that name a key of the log, and what is said about one that the key of its time has signed."""
ABOUT_RUNS = ("objection", "answer")
"""Kinds that name a run without belonging to it."""


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
    if check.good and check.whole and check.current:
        say("everything holds")
        return 0
    if check.good and check.whole:
        say("what is here holds, but NOT every decision here is in force: the last one about a person and period is")
        return 3
    if check.good:
        say("what is here holds, but NOT everything is here or was compared")
        return 3
    say("NOT everything holds")
    return 1


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
