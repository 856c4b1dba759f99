"""The language server, driven through its standard input and output by messages as an editor sends them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

POLICY: Final = """\
[policy]
id = "shop"
version = "1"
title = "绩效😀"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
sales = { type = "decimal", min = 0, max = 1000, label = "销售额" }

[values.share]
is = "sales / 10"

[[pay]]
id = "bonus"
kind = "earnin"
amount = "share * 2" # 😀 "sales"
"""
CASES: Final = """\
[[case]]
name = "ten"
period = "2024-05"
person = { sales = 100 }
expect = { pay = { bonus = 20 } }
"""


class Client:
    """Sends messages to a server, and reads what it says."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "scorecore_cli", "lsp", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.number = 0
        self.notifications: list[dict[str, Any]] = []

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages, all at once."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        assert self.process.stdin
        self.process.stdin.write(b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies))
        self.process.stdin.flush()

    def notify(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def read(self) -> dict[str, Any]:
        """The next message; whatever else is on standard output breaks this."""
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            assert name in {b"Content-Length", b"Content-Type"}, line
            length = int(value) if name == b"Content-Length" else length
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return message

    def ask(self, method: str, **params: Any) -> Any:
        """The answer to a request: its result, or its error."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        return self.answer(self.number)

    def answer(self, number: int) -> Any:
        while True:
            message = self.read()
            if message.get("id") == number and "method" not in message:
                return message["error"] if "error" in message else message["result"]
            self.notifications.append(message)

    def diagnostics(self, uri: str, version: int) -> list[dict[str, Any]]:
        """What is published for a version of a text."""
        while True:
            for message in self.notifications:
                params = message.get("params", {})
                if params.get("uri") == uri and params.get("version") == version:
                    problems: list[dict[str, Any]] = params["diagnostics"]
                    return problems
            self.notifications.append(self.read())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "shop.toml").write_text("[policy]\n", encoding="utf-8")
    (folder / "shop.cases.toml").write_text(CASES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    client = Client(folder, "--lang", "en")
    capabilities = {
        "textDocument": {"rename": {"prepareSupport": True}},
        "workspace": {"workspaceEdit": {"documentChanges": True}},
    }
    result = client.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=capabilities)
    assert result["capabilities"]["renameProvider"] == {"prepareProvider": True}
    client.notify("initialized")
    yield client
    assert client.ask("shutdown") is None
    client.notify("exit")
    assert client.process.wait(timeout=20) == 0
    assert client.process.stderr
    assert client.process.stderr.read() == b""


def document(folder: Path) -> dict[str, str]:
    return {"uri": (folder / "shop.toml").as_uri()}


def position(text: str, words: str, after: int = 0) -> dict[str, int]:
    """Where some words begin, in units of UTF-16."""
    before = text[: text.index(words) + after]
    return {"line": before.count("\n"), "character": len(before.rpartition("\n")[2].encode("utf-16-le")) // 2}


def write(client: Client, folder: Path, text: str, version: int) -> dict[str, str]:
    """Open a text, or change it."""
    target = document(folder)
    if version == 1:
        client.notify("textDocument/didOpen", textDocument={**target, "languageId": "toml", "version": 1, "text": text})
    else:
        client.notify(
            "textDocument/didChange", textDocument={**target, "version": version}, contentChanges=[{"text": text}]
        )
    return target


def test_an_editor_is_told_of_problems_and_gets_answers(client: Client, folder: Path) -> None:
    target = write(client, folder, POLICY, 1)
    (problem,) = client.diagnostics(target["uri"], 1)
    assert (problem["code"], problem["source"], problem["severity"]) == ("SC111", "scorecore", 1)
    assert problem["range"]["start"] == position(POLICY, '"earnin"')
    assert "did you mean `earning`" in problem["message"]
    (action,) = client.ask(
        "textDocument/codeAction", textDocument=target, range=problem["range"], context={"diagnostics": [problem]}
    )
    (change,) = action["edit"]["documentChanges"]
    assert (change["textDocument"]["version"], change["edits"][0]["newText"]) == (1, '"earning"')

    text = POLICY.replace("earnin", "earning")
    write(client, folder, text, 2)
    assert client.diagnostics(target["uri"], 2) == []
    hover = client.ask("textDocument/hover", textDocument=target, position=position(text, "sales / 10"))
    assert "销售额" in hover["contents"]["value"]
    definition = client.ask("textDocument/definition", textDocument=target, position=position(text, "share * 2", 2))
    assert [place["range"]["start"] for place in definition] == [position(text, "share]")]
    references = client.ask(
        "textDocument/references",
        textDocument=target,
        position=position(text, "sales ="),
        context={"includeDeclaration": True},
    )
    assert [Path(place["uri"]).name for place in references] == ["shop.toml", "shop.toml", "shop.cases.toml"]
    symbols = client.ask("textDocument/documentSymbol", textDocument=target)
    assert [symbol["name"] for symbol in symbols] == ["policy", "facts", "values", "pay"]
    (edit,) = client.ask("textDocument/formatting", textDocument=target, options={"tabSize": 4, "insertSpaces": True})
    assert edit["newText"].startswith('[policy]\nid        = "shop"\n')


def test_a_name_is_completed_and_renamed_in_every_file(client: Client, folder: Path) -> None:
    text = POLICY.replace("earnin", "earning").replace("share * 2", "share * sa")
    target = write(client, folder, text, 3)
    place = position(text, "share * sa", len("share * sa"))
    completion = client.ask("textDocument/completion", textDocument=target, position=place)
    sales = next(item for item in completion["items"] if item["label"] == "sales")
    assert sales["detail"] == "销售额"
    assert sales["textEdit"]["range"] == {"start": position(text, "share * sa", len("share * ")), "end": place}
    text = text.replace("share * sa", "share * sales")
    write(client, folder, text, 4)
    place = position(text, "* sales", 3)
    assert client.ask("textDocument/prepareRename", textDocument=target, position=place)["start"] == position(
        text, "* sales", 2
    )
    edit = client.ask("textDocument/rename", textDocument=target, position=place, newName="turnover")
    changes = {Path(change["textDocument"]["uri"]).name: change for change in edit["documentChanges"]}
    assert {name: len(change["edits"]) for name, change in changes.items()} == {"shop.toml": 3, "shop.cases.toml": 1}
    assert changes["shop.toml"]["textDocument"]["version"] == 4
    assert changes["shop.cases.toml"]["textDocument"]["version"] is None
    refused = client.ask("textDocument/rename", textDocument=target, position=place, newName="share")
    assert (refused["code"], refused["message"]) == (-32803, "`share` is taken: shop.toml, line 12")


def test_a_question_that_is_taken_back_is_not_answered(client: Client, folder: Path) -> None:
    target = write(client, folder, POLICY, 5)
    place = {"position": position(POLICY, "sales"), "textDocument": target}
    asked = {**place, "newName": "turnover"}
    slow = [{"id": 800 + number, "method": "textDocument/rename", "params": asked} for number in range(8)]
    waiting = [{"id": number, "method": "textDocument/completion", "params": place} for number in (902, 903)]
    client.send(*slow, *waiting, *({"method": "$/cancelRequest", "params": {"id": number}} for number in (902, 903)))
    assert client.answer(903)["code"] == -32800
    assert client.ask("textDocument/hover", **place) is not None


def test_only_the_newest_version_is_judged_and_other_toml_is_left_alone(client: Client, folder: Path) -> None:
    for version in range(6, 12):
        write(client, folder, POLICY + "x" * version, version)
    target = write(client, folder, POLICY.replace("earnin", "earning"), 12)
    assert client.diagnostics(target["uri"], 12) == []
    published = [message["params"]["version"] for message in client.notifications if "diagnostics" in str(message)]
    assert not set(published) & set(range(6, 11))
    other_document = {"uri": (folder / "pyproject.toml").as_uri()}
    opened = {**other_document, "languageId": "toml", "version": 1, "text": '[project]\nname = "x"\n'}
    client.notify("textDocument/didOpen", textDocument=opened)
    assert client.diagnostics(other_document["uri"], 1) == []
    client.notify("textDocument/didClose", textDocument=other_document)
    assert client.ask("textDocument/hover", textDocument=other_document, position={"line": 0, "character": 2}) is None
