"""Facts and articles of legal forms as pages show them."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements.knowledge import data, knowledge
from enishi.agreements.scheme_words import cited_in_words
from enishi.engines.schemes.model import Citation, Fact
from enishi.foundation.days import day_in_words

SEEN = {
    "statute": gettext_lazy("条文で確認"),
    "secondary": gettext_lazy("条文以外の出典で確認"),
    "derived": gettext_lazy("条文からの整理"),
    "memory": gettext_lazy("未確認"),
    "unverified": gettext_lazy("未確認"),
}


class Told:
    """A fact as a page shows it: its words, its articles as links, and how sure it is."""

    def __init__(self, fact: Fact) -> None:
        self.text = fact.text
        self.articles = [Place(each) for each in fact.citations]
        self.seen = SEEN[fact.seen]
        self.is_verified = fact.is_verified


class Place:
    """A citation as a page shows it: its name, the page with the text, and the text's date."""

    def __init__(self, citation: Citation) -> None:
        self.name = cited_in_words(citation)
        self.article = knowledge().article(citation)
        self.url = article_url(citation) if self.article else ""
        self.as_of = _day_of(self.article.as_of) if self.article else ""


def _day_of(written: str) -> str:
    try:
        return day_in_words(dt.date.fromisoformat(written), weekday=False)
    except ValueError:
        return written


def articles_of(citations: Iterable[Citation]) -> list[Place]:
    """Each article once, in the order of the law, with the paragraphs that are cited of it."""
    found: dict[tuple[str, str], list[Citation]] = {}
    for each in sorted(set(citations), key=_order):
        found.setdefault(each.key, []).append(each)
    places = []
    for cites in found.values():
        place = Place(replace(cites[0], paragraph=None, item=None))
        parts = [cited_in_words(each).removeprefix(place.name).strip() for each in cites]
        named = _("・").join(filter(None, parts))
        place.name = _("%(what)s(%(more)s)") % {"what": place.name, "more": named} if named else place.name
        places.append(place)
    return places


def _order(citation: Citation) -> tuple[str, list[int], int, int]:
    numbers = [int(part) for part in re.findall(r"\d+", citation.article)]
    return (citation.law, numbers, int(citation.paragraph or 0), int(citation.item or 0))


def article_url(citation: Citation) -> str:
    law = data("law_articles")["laws"][citation.law]
    return reverse("agreements:article_detail", args=[law["egov_law_id"], citation.article])
