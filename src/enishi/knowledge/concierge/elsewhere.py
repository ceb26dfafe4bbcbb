"""Questions about another town: whose they are, and whether that town has a desk here."""

import re
from dataclasses import dataclass

from enishi.knowledge.models import Concierge
from enishi.language.normalising import normalise
from enishi.language.tokens import tokens
from enishi.organizations.models import Organization

_TOWN = re.compile(r"(?=([一-鿿ぁ-ゖァ-ヶ]{1,6}[市区町村都道府県]))")
_FROM = re.compile(r"[一-鿿ぁ-ゖァ-ヶ]{2,6}(?:から|より)(?=[一-鿿])")
"""Who moves here from another town asks this one."""
_ENDS = ("市", "町", "村", "区", "県", "都", "府")
_MOST_READ = 200


@dataclass(frozen=True)
class Elsewhere:
    """Another municipality a question names, with its desk where it has an open one."""

    name: str
    desk: Concierge | None = None


def elsewhere(question: str, own: Organization) -> Elsewhere | None:
    """The other municipality a question is about, as far as this installation knows it; nothing where it names its own."""
    plain = normalise(question, limit=_MOST_READ)
    if own.name in plain:
        return None
    plain = _FROM.sub("", plain)
    named = {
        town[start:]
        for found in _TOWN.finditer(plain)
        for town in [found.group(1)]
        for start in range(len(town) - 1)
    }
    named |= {
        token.surface + end
        for token in tokens(plain)
        if token.detail == "地名" and len(token.surface) > 1
        for end in ("", *_ENDS)
    }
    rows = Organization.objects.public_bodies().filter(name__in=named).exclude(pk=own.pk)
    found = max(rows, key=lambda row: (plain.find(row.name) >= 0, len(row.name)), default=None)
    if found is None:
        return None
    return Elsewhere(found.name, Concierge.objects.filter(organization=found, is_open=True).first())
