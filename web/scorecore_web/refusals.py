"""What cannot be answered as it was meant, and which of the errors of a command are that."""

from collections.abc import Mapping

import click
from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Rejected
from scorecore_cli.assessment_input import Stopped
from scorecore_cli.language import _
from scorecore_cli.third_party_messages import describe_os_error


class Refusal(Exception):  # noqa: N818  becomes a page
    """A request that cannot be answered as it was meant."""

    def __init__(self, status: int, message: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(status, message, diagnostics)
        self.status, self.message, self.diagnostics = status, message, diagnostics


class StaleForm(Refusal):
    """A form of a page from another session: what was typed into it must not be lost."""

    def __init__(self, message: str, form: "SentForm") -> None:
        super().__init__(403, message)
        self.form = form


@frozen
class SentForm:
    """What a form has brought that was not taken."""

    fields: Mapping[str, str]
    has_files: bool
    form_token: str = ""
    """With which it is taken if it is sent again; empty as long as nobody is signed in."""


EXPECTED = (Refusal, Rejected, Stopped, click.ClickException, OSError)
"""With what a page, or a command behind it, ends where the reader can do something about it."""


def as_refusal(error: BaseException) -> Refusal:
    """What a command would have ended with, as a page says it; raises what is a mistake of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, Rejected | Stopped):
        return Refusal(409, _("this cannot be done"), tuple(error.diagnostics))
    if isinstance(error, click.ClickException):
        return Refusal(409, error.format_message())
    if isinstance(error, OSError):
        return Refusal(409, describe_os_error(error))
    raise error
