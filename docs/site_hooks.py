"""The pages as a site: the README is the first page, and what leads out of `docs/` is shown as a path."""

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """The README stands at the root of the repository, and is the start of the site."""
    from mkdocs.structure.files import File  # noqa: PLC0415  only who builds the site has it

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "index.md", content=_LINK.sub(_from_root, text)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """A link to a file that is neither a page nor a picture is its text and its path."""
    folder = posixpath.dirname(page.file.src_uri)

    def show(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", folder, link[2]))
        is_shown = path.startswith("docs/") and path.endswith((".md", ".png"))
        return link[0] if is_shown else f"{link[1]} (`{path}`)"

    return _LINK.sub(show, markdown)


def _from_root(link: re.Match[str]) -> str:
    """A link of the README: to a page, or else its text and its path."""
    if link[2].startswith("docs/"):
        return f"[{link[1]}]({link[2].removeprefix('docs/')}{link[3] or ''})"
    return f"{link[1]} (`{link[2]}`)"
