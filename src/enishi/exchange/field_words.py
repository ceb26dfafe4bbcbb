"""Names of fields of work in the reader's language: the product's own have English, a municipality's own stay as written."""

import json
from functools import cache
from importlib import resources

from django.utils.translation import get_language


@cache
def _english() -> dict[str, str]:
    text = (resources.files("enishi.exchange") / "data" / "fields_en.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def field_in_words(name: str) -> str:
    return name if (get_language() or "ja").startswith("ja") else _english().get(name, name)
