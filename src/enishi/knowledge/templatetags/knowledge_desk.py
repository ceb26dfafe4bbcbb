"""How words are shown at the desk for residents."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_READING = re.compile(r"([一-鿿々]+)\(([ぁ-ゖー]+)\)")


@register.filter
def ruby(text: object) -> SafeString:
    """Readings in brackets above their kanji, as in easy Japanese: 「大(おお)きい ごみ」. Other texts stay as they are."""
    shown = _READING.sub(r"<ruby>\1<rp>(</rp><rt>\2</rt><rp>)</rp></ruby>", str(conditional_escape(text)))
    return mark_safe(shown)  # noqa: S308 - escaped before, and only the marks of ruby are added
