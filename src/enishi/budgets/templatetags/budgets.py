"""Amounts in tables: a dash where nothing was recorded, which is not zero."""

from django import template
from django.utils.html import format_html

from enishi.foundation import money

register = template.Library()
NOTHING = "―"


@register.filter
def amount(value: object) -> str:
    """1,234,000円, or a dash."""
    return money.yen_in_words(value) if isinstance(value, int) else NOTHING


@register.filter
def thousands(value: object) -> str:
    """1,234千円 with the yen in the title, or a dash."""
    if not isinstance(value, int):
        return NOTHING
    return format_html(
        '<span title="{}">{}</span>', money.yen_in_words(value), money.thousands_in_words(value)
    )


@register.filter
def recorded(row: object, field: str) -> object:
    """A row's amount by the name of its field; nothing where there is no row."""
    return getattr(row, field, None)
