"""`scorecore calendar`: a table of working days out of a holiday library, to be checked and kept in a policy."""

from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module, metadata
from typing import Any, Final

import rich_click as click

from scorecore.values.calendar import DAYS, parse_hours
from scorecore_cli import options
from scorecore_cli.language import _, current

LIBRARY: Final = "holidays"
YEARS: Final = click.IntRange(1950, 2100)


@click.command(cls=options.Command)
@options.argument("place", metavar="PLACE")
@options.argument("years", metavar="YEAR...", nargs=-1, required=True, type=YEARS)
@options.option("--name", default="work", help="The name of the calendar in the policy.")
@options.option("--hours", multiple=True, help="Working hours, such as 08:30-12:00; repeatable.")
@options.option(
    "--free-weekends",
    is_flag=True,
    help="Keep weekend days as days off even where they are worked to make up for a holiday.",
)
@options.lang
def calendar(place: str, years: tuple[int, ...], name: str, hours: tuple[str, ...], *, free_weekends: bool) -> None:
    """Print the working days of a country (CN) or an exchange (XSHG) for use in a policy, from the holidays library."""
    holidays = _known(place.upper(), range(min(years), max(years) + 1))
    for text in hours:
        if parse_hours(text) is None:
            raise click.UsageError(_("{text} is not a span of hours such as 08:30-12:00", text=text))
    for line in _lines(holidays, place.upper(), min(years), max(years), free_weekends=free_weekends):
        click.echo(line.replace("[calendars.work]", f"[calendars.{name}]"))
    if hours:
        click.echo("hours    = [" + ", ".join(f'"{hour_span}"' for hour_span in hours) + "]")


def _known(place: str, years: range) -> Any:  # noqa: ANN401  a table of the library, which few have
    """What the library knows of a place."""
    try:
        library = import_module(LIBRARY)
    except ImportError:
        raise click.UsageError(_("this needs the holidays library: pip install 'scorecore[calendar]'")) from None
    language = {"zh": "zh_CN", "en": "en_US"}[current()]
    for supported, make in (
        (library.list_supported_countries(), library.country_holidays),
        (library.list_supported_financial(), library.financial_holidays),
    ):
        if place in supported:
            languages = library.list_localized_countries().get(place, [])
            return make(place, years=years, language=language if language in languages else None)
    raise click.UsageError(_("the library knows neither a country nor an exchange {place}", place=place))


def _lines(holidays: Any, place: str, first: int, last: int, *, free_weekends: bool) -> Iterator[str]:  # noqa: ANN401  the same
    start, end = date(first, 1, 1), date(last, 12, 31)
    every = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    extra = set() if free_weekends else {day for day in holidays.weekend_workdays if start <= day <= end}
    weekly = [number for number in range(7) if number not in holidays.weekend]
    yield f"# {place}, {LIBRARY} {metadata.version(LIBRARY)}"
    if place == "CN" and not free_weekends:
        for year in sorted(set(range(first, last + 1)) - {day.year for day in extra}):
            unknown = _(
                "the adjusted working days of {year} are not known; they may not have been announced yet", year=year
            )
            yield f"# {unknown}"
    yield "[calendars.work]"
    if weekly != list(range(5)):
        yield "days     = [" + ", ".join(f'"{DAYS[number]}"' for number in weekly) + "]"
    yield f"covers   = {{ from = {start}, to = {end} }}"
    yield from _listed("holidays", [day for day in every if day in holidays and day.weekday() in weekly], holidays)
    yield from _listed("workdays", sorted(extra), {})


def _listed(key: str, days: list[date], names: Any) -> Iterator[str]:  # noqa: ANN401  the same
    """Days, one a line, each with what it is."""
    if days:
        yield f"{key} = ["
        for day in days:
            yield f"    {day}," + (f"  # {names.get(day)}" if names else "")
        yield "]"
