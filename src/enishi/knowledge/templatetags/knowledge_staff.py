"""What pages for staff say in their own way."""

from collections.abc import Mapping
from typing import Any

from django import template

from enishi.knowledge.cases.selectors import files_of

register = template.Library()


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """``mapping[key]``, or nothing."""
    return mapping.get(key) if mapping else None


@register.filter
def passage_address(document: Any, order: int) -> str:
    """Where the very passage is shown, highlighted."""
    return str(document.passage_url(order))


@register.filter
def kept_files(case: Any) -> Any:
    """The files of a case that were not taken off."""
    return files_of(case)
