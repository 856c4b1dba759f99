"""Pages from templates in which every text is escaped and visible, and the same data as JSON."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.values.canonical_json import format_decimal
from scorecore_cli.html_page import STYLE as LOOK
from scorecore_cli.language import _, ngettext
from scorecore_cli.page_style import STYLE as PLOTS
from scorecore_cli.pages import page_language
from scorecore_cli.terminal import format_instant, localize
from scorecore_cli.visible_text import make_json_visible, make_line, make_visible
from scorecore_web.account_words import name_role
from scorecore_web.refusals import Refusal, SentForm
from scorecore_web.requests import PageRequest

PACKAGE: Final = "scorecore_web"
STATIC_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_show,
    )
    environment.globals |= {"_": _, "ngettext": ngettext, "plot": name_plot, "role_name": name_role}
    environment.filters |= {"money": format_money, "number": format_number, "instant": format_instant}
    return environment


def _show(value: Any) -> Any:  # noqa: ANN401  whatever a template shows
    """Whatever a page shows, none of its characters acts."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else make_visible(value) if isinstance(value, str) else value


def format_money(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def format_number(value: Decimal | int | None) -> str:
    if value is None:
        return "—"
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_plot(svg: str, name: str) -> Markup:
    """A plot with a name for those who do not see it; its texts are escaped."""
    label = escape(make_line(name), quote=True)
    return Markup(svg.replace("<svg ", f'<svg aria-label="{label}" ', 1))  # noqa: S704  plots escape their texts


def render(request: PageRequest, template: str, params: Mapping[str, Any], status: int = 200) -> Response:
    """A page; it knows who reads it, and in which language."""
    about = {"lang": page_language(), "request": request, "here": request.address}
    return HTMLResponse(_environment().get_template(template).render(**about, **params), status)


def render_refusal(refusal: Refusal, path: str, sent: SentForm | None = None) -> Response:
    """The page of a request that cannot be answered as it was meant; it has what was typed."""
    params = {
        "lang": page_language(),
        "request": None,
        "here": path,
        "status": refusal.status,
        "message": refusal.message,
        "sent": sent,
        "problems": [problem_row(diagnostic) for diagnostic in refusal.diagnostics],
    }
    return HTMLResponse(_environment().get_template("refusal.html.jinja").render(**params), refusal.status)


def problem_row(diagnostic: Diagnostic, place: str = "") -> dict[str, Any]:
    """A problem as the tables of problems show it."""
    return {
        "code": diagnostic.kind.code,
        "is_error": not diagnostic.kind.warning,
        "place": place or str(diagnostic.location),
        "line": diagnostic.location.line,
        "column": diagnostic.location.column,
        "length": diagnostic.length,
        "message": localize(diagnostic),
        "advice": diagnostic.advice(_),
    }


def as_json(data: Any, status: int = 200) -> Response:  # noqa: ANN401  plain data of any shape
    """Plain data as JSON; decimals are texts, so that nothing is rounded."""
    text = json.dumps(data, ensure_ascii=False, default=_plain)
    return Response(make_json_visible(text), status, media_type="application/json")


def _plain(value: Any) -> Any:  # noqa: ANN401  what JSON does not have
    if isinstance(value, Decimal):
        return format_decimal(value)
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | bytes) else str(value)


@cache
def read_static(name: str) -> tuple[bytes, str] | None:
    """A file of ours with its type; None for any other name, which never becomes a path."""
    if name == "look.css":
        return f"{LOOK}{PLOTS}".encode(), "text/css"
    for file in files(PACKAGE).joinpath("static").iterdir():
        ending = f".{file.name.rpartition('.')[2]}"
        if file.name == name and ending in STATIC_TYPES:
            return file.read_bytes(), STATIC_TYPES[ending]
    return None
