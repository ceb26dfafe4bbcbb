"""Words the pages of the exchange share."""

import datetime as dt

from django import template
from django.utils.translation import gettext as _

from enishi.exchange.models import Challenge, Resource
from enishi.exchange.windows import window_in_words
from enishi.foundation.days import day_in_words

register = template.Library()


@register.filter
def fresh_on(resource: Resource, today: dt.date) -> bool:
    return resource.is_fresh(today)


@register.filter
def expired_on(resource: Resource, today: dt.date) -> bool:
    return resource.is_expired(today)


@register.filter
def plain_day(day: dt.date | None) -> str:
    """令和8年3月1日, without the day of the week."""
    return day_in_words(day, weekday=False) if day else ""


@register.filter
def window_on(record: Challenge | Resource, today: dt.date) -> str:
    """「令和9年度に受け入れ可能」."""
    verb = _("受け入れ") if isinstance(record, Challenge) else _("提供")
    return window_in_words(record.window_from, record.window_to, today=today, verb=verb)


@register.filter
def file_size(size: int) -> str:
    """1.2MB."""
    return f"{size / 1_048_576:.1f}MB" if size >= 1_048_576 else f"{max(size // 1024, 1):,}KB"
