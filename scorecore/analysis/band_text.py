"""Bands as policies write them."""

from decimal import Decimal

from scorecore.language.bands import Band
from scorecore.language.printer import print_constant
from scorecore.values.canonical_json import format_decimal


def print_band_start(band: Band) -> str:
    """Where a band begins, or the text that it is for."""
    if isinstance(band.start, str):
        return f"of = {print_constant(band.start)}"
    return f"from = {format_decimal(Decimal(band.start))}"


def print_band(band: Band) -> str:
    """A band in full: `{ from = 10, up_to = 20, is = 3 }`."""
    end = "" if band.end is None else f", up_to = {format_decimal(band.end)}"
    return f"{{ {print_band_start(band)}{end}, is = {print_constant(band.value)} }}"
