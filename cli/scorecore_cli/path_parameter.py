"""Paths of the command line: none that is empty, nor one that no system can have."""

from pathlib import Path
from typing import Any

import rich_click as click

from scorecore.io.databases import DatabaseUrl, is_url
from scorecore_cli.language import _
from scorecore_cli.third_party_messages import translate_third_party


class PathParameter(click.Path):
    """A path of a file or a folder: none that is empty, nor one that no system can have."""

    def __init__(self, *, exists: bool = False, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(exists=exists, file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  as click has it
        if not str(value).strip():
            self.fail(_("the path is empty"), param, ctx)
        if is_url(str(value)):  # it may have a password, which is not repeated
            self.fail(
                _(
                    "{url} is a database: name it in a file of queries ending in .toml, and give this file",
                    url=DatabaseUrl(str(value)),
                ),
                param,
                ctx,
            )
        try:
            Path(value).exists()
        except (OSError, ValueError) as error:  # too long, or a character that no path can have
            reason = translate_third_party(getattr(error, "strerror", None) or str(error))
            self.fail(_("{path} cannot be a path: {reason}", path=value, reason=reason), param, ctx)
        return super().convert(value, param, ctx)
