"""Pages from templates: one file each, complete in itself, in which every text is escaped."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from scorecore_cli.language import current
from scorecore_cli.visible_text import make_visible

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  only pages need it

    environment = Environment(
        loader=PackageLoader("scorecore_cli", "templates/pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = make_visible
    return environment


def page_language() -> str:
    """The language of a page, as HTML names it."""
    return {"zh": "zh-CN"}.get(current(), current())


def render_page(template: str, params: Mapping[str, Any]) -> Iterable[str]:
    """A page piece by piece, so that a long one is never whole in memory."""
    return _environment().get_template(template).generate(lang=page_language(), **params)
