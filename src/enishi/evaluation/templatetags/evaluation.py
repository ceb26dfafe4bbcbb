"""From what stands on a form to the record it was copied from."""

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enishi.evaluation.papers.composing import Part

register = template.Library()


@register.simple_tag
def to_record(part: Part, label: str, words: str) -> SafeString:
    """The words, leading to the record of this line where it has one."""
    shown = linebreaksbr(words)
    url = part.records.get(label, "")
    return format_html('<a class="to-record" href="{}">{}</a>', url, shown) if url else shown
