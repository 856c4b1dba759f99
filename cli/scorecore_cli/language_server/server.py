"""The language server: what an editor says and asks, over standard input and output.

Texts are kept in the order in which the editor sends them. What takes time runs one after another in a second thread,
and is left out if the editor has taken its question back, or if the text has changed, in the meantime.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from traceback import format_exception
from typing import BinaryIO, Final, TypeVar

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.services.layout import format_source
from scorecore.services.names import Mention
from scorecore.services.open_texts import OpenTexts
from scorecore.services.outline import list_outline
from scorecore.services.problems import TextProblem, find_problems
from scorecore.services.references import find_definition, find_references
from scorecore.services.rename import RenameRefused, find_renamable, rename
from scorecore_cli.language import _, choose_of_client
from scorecore_cli.language_server import answers
from scorecore_cli.language_server.documents import EditorText, EditorTexts, is_of_policies

_PAUSE: Final = 0.15
"""Seconds without a key stroke before problems are looked for; for other texts that may rest on this one twice that."""
_REQUEST_FAILED: Final = -32803
"""The protocol's code for an answer that says why something cannot be done."""
Answer = TypeVar("Answer")


class PolicyServer(LanguageServer):
    """Keeps the texts, and publishes their problems."""

    def __init__(self, texts: OpenTexts) -> None:
        full = types.TextDocumentSyncKind.Full  # pygls cuts lines where Python does, the protocol elsewhere
        super().__init__(answers.SERVER, version("scorecore"), text_document_sync_kind=full)
        self.editor = EditorTexts(texts)
        self._worker = ThreadPoolExecutor(1, "services")
        self._waiting: dict[str, asyncio.Task[None]] = {}

    async def work(self, task: Callable[[], Answer]) -> Answer:
        """What a task gives, which runs after those before it; it does not run if the question is taken back first."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, task)

    async def ask(self, uri: str, question: Callable[[EditorText], Answer]) -> Answer | None:
        """The answer about a text as it is now; None if it is not open."""
        text = self.editor.get(uri)
        return await self.work(lambda: question(text)) if text else None

    def changed(self, uri: str) -> None:
        """Look for the problems of a text when nobody types, and then for those of the other open ones."""
        self._schedule(uri, _PAUSE)
        for other in self.editor.list_beside(uri):
            self._schedule(other, 2 * _PAUSE)

    def _schedule(self, uri: str, pause: float) -> None:
        before = self._waiting.pop(uri, None)
        if before:
            before.cancel()
        self._waiting[uri] = asyncio.get_running_loop().create_task(self._publish(uri, pause))

    async def _publish(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        text = self.editor.get(uri)
        if text is None:
            return
        try:
            problems = await self.work(lambda: self.find_problems(text))
        except Exception as error:  # noqa: BLE001  whatever it is, the editor shows it
            self.report_server_error(error, PyglsError)
            return
        if self.editor.get(uri) is text:  # else a newer version has its own turn
            shown = [answers.describe_problem(problem, text, self.editor) for problem in problems]
            self.publish(uri, shown, text.version)

    def find_problems(self, text: EditorText) -> list[TextProblem]:
        """The problems of a policy, or of cases; of any other file none."""
        return find_problems(self.editor.texts, text.source) if is_of_policies(text) else []

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """What failed, for the log that the editor keeps of the server."""
        lines = "".join(format_exception(error))
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"{source.__name__}: {lines}"))

    def publish(self, uri: str, diagnostics: list[types.Diagnostic], number: int | None = None) -> None:
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version=number))

    def forget(self, uri: str) -> None:
        """A text is no longer open."""
        waiting = self._waiting.pop(uri, None)
        if waiting:
            waiting.cancel()
        self.editor.close(uri)
        self.publish(uri, [])

    def locate(self, mentions: list[Mention]) -> list[types.Location]:
        return [self.editor.find_location(mention.source, mention.span) for mention in mentions]


def make_server(texts: OpenTexts) -> PolicyServer:
    """A server with everything that it can be asked."""
    server = PolicyServer(texts)
    _keep_texts(server)
    _answer_about_places(server)
    _answer_about_texts(server)
    _rename(server)
    return server


def _keep_texts(server: PolicyServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        choose_of_client(params.locale or "")
        workspace = params.capabilities.workspace
        edits = workspace.workspace_edit if workspace else None
        server.editor.takes_versions = bool(edits and edits.document_changes)
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        server.editor.units = types.PositionEncodingKind(encoding).value

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(params: types.DidOpenTextDocumentParams) -> None:
        opened = params.text_document
        server.editor.put(opened.uri, opened.text, opened.version)
        server.changed(opened.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.editor.put(uri, params.content_changes[-1].text, params.text_document.version)
        server.changed(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched_files(_params: types.DidChangeWatchedFilesParams) -> None:
        server.changed("")


def _answer_about_places(server: PolicyServer) -> None:
    texts = server.editor.texts

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", '"', "'", "["]))
    async def completion(params: types.CompletionParams) -> types.CompletionList | None:
        def answer(text: EditorText) -> types.CompletionList:
            return answers.list_completions(texts, text, text.find_offset(params.position))

        return await server.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        def answer(text: EditorText) -> types.Hover | None:
            return answers.describe_name(texts, text, text.find_offset(params.position))

        return await server.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        def answer(text: EditorText) -> list[types.Location]:
            mention = find_definition(texts, text.source, text.find_offset(params.position))
            return server.locate([mention] if mention else [])

        return await server.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location] | None:
        with_declarations = params.context.include_declaration

        def answer(text: EditorText) -> list[types.Location]:
            offset = text.find_offset(params.position)
            return server.locate(find_references(texts, text.source, offset, with_declarations=with_declarations))

        return await server.ask(params.text_document.uri, answer)


def _answer_about_texts(server: PolicyServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        def answer(text: EditorText) -> list[types.TextEdit]:
            formatted = format_source(text.source, Diagnostics()) if is_of_policies(text) else None
            if formatted is None or formatted == text.source.text:
                return []
            return [types.TextEdit(text.range(0, len(text.source.text)), formatted)]

        return await server.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbol(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        return await server.ask(
            params.text_document.uri, lambda text: answers.list_symbols(text, list_outline(text.source))
        )

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        def answer(text: EditorText) -> list[types.CodeAction]:
            return list(answers.list_quick_fixes(text, server.find_problems(text), server.editor, params.range))

        return await server.ask(params.text_document.uri, answer)


def _rename(server: PolicyServer) -> None:
    texts = server.editor.texts

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare_rename(params: types.PrepareRenameParams) -> types.Range | None:
        def answer(text: EditorText) -> types.Range | None:
            try:
                mention = find_renamable(texts, text.source, text.find_offset(params.position))
            except RenameRefused:
                return None
            return text.range(*mention.span)

        return await server.ask(params.text_document.uri, answer)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def rename_name(params: types.RenameParams) -> types.WorkspaceEdit | None:
        def answer(text: EditorText) -> types.WorkspaceEdit:
            try:
                edits = rename(texts, text.source, text.find_offset(params.position), params.new_name)
            except RenameRefused as refusal:
                raise JsonRpcException(refusal.message(_), _REQUEST_FAILED) from None
            return server.editor.list_edits(edits)

        return await server.ask(params.text_document.uri, answer)


def serve_editor(texts: OpenTexts) -> None:
    """Speak to an editor over standard input and output until it says goodbye."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    stdout = _take_stdout()
    make_server(texts).start_io(sys.stdin.buffer, stdout)


def _take_stdout() -> BinaryIO:
    """Standard output for the protocol alone: what a plugin prints goes where errors go."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own
