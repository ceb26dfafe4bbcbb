"""Words of the room's pages."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from django import template

from enishi.engines import progress
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.indicators import periods
from enishi.indicators.models import DataElement, Indicator, Measurement, Target
from enishi.indicators.numbers import plain_decimal, shown
from enishi.indicators.services.targets import target_words
from enishi.indicators.wording import figure_in_words, mean_in_words, reason_in_words, spread_in_words

register = template.Library()
TONES = {
    "achieved": "positive",
    "on_track": "positive",
    "slightly_late": "warning",
    "late": "danger",
    "regressed": "danger",
    "undecidable": "neutral",
}
VALUE_TONES = {
    "draft": "neutral",
    "submitted": "info",
    "returned": "warning",
    "approved": "positive",
    "superseded": "neutral",
}


register.filter("spread_words", spread_in_words)
register.filter("mean_words", mean_in_words)
register.filter("figure_words", figure_in_words)
register.filter("reason_words", reason_in_words)


@register.filter
def tone(status: str) -> str:
    """The colour of a badge for a standing or a value's state; the word stands beside it always."""
    return TONES.get(status) or VALUE_TONES.get(status, "neutral")


@register.filter
def number(value: Decimal | None, decimals: int | None = None) -> str:
    """A number without needless zeros, or with the indicator's places."""
    return shown(value, decimals)


@register.filter
def with_unit(value: Decimal | None, indicator: Indicator) -> str:
    return shown(value, indicator.decimals, indicator.unit)


@register.filter
def as_recorded(value: Decimal, owner: Indicator | DataElement) -> str:
    """Every place that was written, and no fewer than the indicator has: 81.0% among 81.25%."""
    written = -int(plain_decimal(value).as_tuple().exponent)
    return shown(value, max(written, getattr(owner, "decimals", 0)), owner.unit)


@register.filter
def percent(rate: Decimal | None) -> str:
    """A stored rate as people read it: 0.75 is 75.0%."""
    return "" if rate is None else shown(progress.rounded(Fraction(rate) * 100, 1), 1, "%")


@register.filter
def fiscal(year: int | str | None) -> str:
    return "" if year is None else fiscal_year_in_words(FiscalYear(int(year)))


@register.filter
def period(row: Measurement) -> str:
    return periods.for_reader(row.period_start, row.period_end)


@register.filter
def period_words(day: dt.date, other: dt.date) -> str:
    return periods.for_reader(day, other)


@register.filter
def goal(target: Target, indicator: Indicator) -> str:
    return target_words(target, indicator)
