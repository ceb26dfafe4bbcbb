"""The words of the desk in six languages. They are no part of the interface's catalogues, which know two."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from enishi.knowledge.answers.enums import SpokenLanguage

HTML_LANGUAGES = {"ja-easy": "ja", "zh": "zh-Hans"}
_NEUTRAL = r"[\d:：〜~–、,・()（） \-]+"


def words_in(language: str) -> Mapping[str, str]:
    """Every word of the desk in one language."""
    return {key: ways[language] for key, ways in _kept("words.json").items()}


def hours_in(language: str, hours: str) -> str:
    """Opening hours in a language; nothing where a word of them is not known in it, so that none is left half said.

    >>> hours_in("en", "平日 8:30〜17:15"), hours_in("en", "市民課は木曜日 19:00まで")
    ('Mon–Fri 8:30–17:15', '')
    """
    known = _kept("hours.json")
    parts = re.findall("|".join([*known, _NEUTRAL]), hours)
    if language == SpokenLanguage.JAPANESE or not hours or "".join(parts) != hours:
        return ""
    said = "".join(known[part][language] if part in known else part for part in parts)
    return said if language == SpokenLanguage.EASY else said.replace("〜", "–")


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


@lru_cache(maxsize=2)
def _kept(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((files("enishi.knowledge.concierge") / name).read_text("utf-8"))
    return kept
