"""How words are shown at the desk for residents."""

import re

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from enishi.foundation.templatetags.enishi import wareki
from enishi.knowledge.models import ApprovedAnswer

register = template.Library()
_TELEPHONE = re.compile(r"(?<![\d-])(0120-\d{3}-\d{3}|119|110|189)(?![\d-])")
_READING = re.compile(r"([一-鿿々]+)\(([ぁ-ゖー]+)\)")


@register.filter
def ruby(text: str) -> SafeString:
    """Readings in brackets above their kanji, as in easy Japanese: 「大(おお)きい ごみ」. Other texts stay as they are."""
    shown = _READING.sub(r"<ruby>\1<rp>(</rp><rt>\2</rt><rp>)</rp></ruby>", conditional_escape(text))
    return mark_safe(shown)  # noqa: S308 - escaped before, and only the marks of ruby are added


@register.filter
def telephones(text: str) -> SafeString:
    """Numbers to call at once, each to be pressed."""
    shown = _TELEPHONE.sub(r'<a class="desk-tel" href="tel:\1">\1</a>', ruby(text))
    return mark_safe(shown)  # noqa: S308 - digits alone are put into links


@register.filter
def approved_day(answer: ApprovedAnswer, language: str) -> SafeString:
    """The day of the approval, in the calendar of the language."""
    if answer.approved_at is None:
        return SafeString()
    day = timezone.localdate(answer.approved_at)
    return (
        wareki(day) if language == "ja" else format_html('<time datetime="{0}">{0}</time>', day.isoformat())
    )
