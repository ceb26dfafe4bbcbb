"""Words of the room's pages."""

from decimal import Decimal

from django import template

from enishi.projects import thread

register = template.Library()


@register.filter
def plain_number(value: Decimal | None) -> str:
    """A number without needless zeros: 1,200.5."""
    return thread.plain_number(value)
