"""A policy document: chapters of numbered articles."""

from collections.abc import Iterator

from attrs import field, frozen


@frozen
class Grid:
    """A table of an article."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class Article:
    """A rule: what it is about, its sentences, and a table if it has one."""

    part: str
    """The part of the policy, such as `pay.commission`: what two versions are compared by."""
    title: str
    sentences: tuple[str, ...]
    clause: str = ""
    """Of the written rule."""
    grid: Grid | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """All that it says, a sentence or a row of its table each."""
        rows = () if self.grid is None else (" | ".join(row) for row in (self.grid.headings, *self.grid.rows))
        return (*self.sentences, *rows)


@frozen
class Chapter:
    title: str
    articles: tuple[Article, ...]

    def list_words(self) -> Iterator[str]:
        """Its title, and all that its articles say."""
        yield self.title
        for article in self.articles:
            yield from (str(article.part), article.title, article.clause, *article.lines)


@frozen
class PolicyDocument:
    """A policy as people read it, in one language."""

    title: str
    subtitle: str
    notice: str
    """What has to be said before anything else, such as that all figures are invented; empty if nothing has."""
    chapters: tuple[Chapter, ...]
    language: str
    digest: str = field(kw_only=True)
    """Of all that it says, as 64 hexadecimal digits."""

    def number_articles(self) -> Iterator[tuple[int, Article]]:
        """The articles with their numbers, which go on through all chapters."""
        yield from enumerate((article for chapter in self.chapters for article in chapter.articles), 1)
