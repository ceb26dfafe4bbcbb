"""The words of the desk in six languages. They are no part of the interface's catalogues, which know two."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from enishi.knowledge.answers.enums import SpokenLanguage

HTML_LANGUAGES = {"ja-easy": "ja", "zh": "zh-Hans"}


def words_in(language: str) -> Mapping[str, str]:
    """Every word of the desk in one language."""
    return {key: ways[language] for key, ways in _all().items()}


def chosen_language(wish: str, accepted: str = "") -> str:
    """The language somebody wishes, or the first their browser accepts that the desk speaks.

    >>> chosen_language("", "fr, vi;q=0.9, en;q=0.8"), chosen_language("xx")
    ('vi', 'ja')
    """
    if wish in SpokenLanguage.values:
        return wish
    for part in accepted.lower().split(","):
        code = part.split(";")[0].strip().split("-")[0]
        if code in SpokenLanguage.values:
            return code
    return SpokenLanguage.JAPANESE.value


def html_language(language: str) -> str:
    return HTML_LANGUAGES.get(language, language)


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = json.loads(
        (files("enishi.knowledge.concierge") / "words.json").read_text("utf-8")
    )
    return kept
