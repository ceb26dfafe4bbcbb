"""Hits in their order, page by page: words in the title first, what has sunk last, the newest first within both."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from enishi.knowledge import words
from enishi.knowledge.adapters import word_index
from enishi.knowledge.asked import Asked
from enishi.knowledge.models import SearchDocument
from enishi.knowledge.queries import Expression, Group


class Tier(Protocol):
    """Documents of equal standing, newest first."""

    def documents(
        self, asked: Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]: ...


WALKED = 1_000
"""Fewer hits are looked up at once; only of more is it worth asking where a kind's documents begin."""


@dataclass(frozen=True)
class PlainTier:
    is_sunk: bool

    def documents(
        self, asked: Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]:
        rows = asked.documents.filter(is_sunk=self.is_sunk)
        if beyond is not None:
            rows = rows.filter(pk__gt=beyond) if ascending else rows.filter(pk__lt=beyond)
        order: tuple[str, ...]
        if len(asked.kinds) == 1:
            order = ("-kind", "-is_sunk", "pk") if ascending else ("kind", "is_sunk", "-pk")
        else:
            order = ("pk",) if ascending else ("-pk",)
        return list(rows.order_by(*order)[:limit])


@dataclass(frozen=True)
class WordTier:
    expression: Expression

    def documents(
        self, asked: Asked, limit: int, beyond: int | None, *, ascending: bool
    ) -> list[SearchDocument]:
        found: list[SearchDocument] = []
        expected = self.expression.expected(asked.known, asked.total)
        size = limit
        if beyond is None and not ascending and expected > WALKED:
            beyond = asked.start
        # The sieve lets few through that the person may not read, so one turn is nearly always enough.
        while len(found) < limit:
            keys = word_index().keys(
                self.expression, limit=size, beyond=beyond, ascending=ascending, expected=expected
            )
            rows = {row.pk: row for row in asked.documents.filter(pk__in=keys)} if keys else {}
            found += [rows[key] for key in keys if key in rows]
            if len(keys) < size:
                break
            beyond, size = keys[-1], min(size * 4, 2_000)
        return found[:limit]


@dataclass(frozen=True)
class Place:
    """Where a page begins: after (or before) which document of which tier."""

    tier: int = 0
    key: int | None = None
    backward: bool = False

    @classmethod
    def read(cls, after: str, before: str) -> "Place":
        try:
            tier, key = json.loads(base64.urlsafe_b64decode((before or after) + "==="))
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return cls()
        if (
            not isinstance(tier, int)
            or not isinstance(key, int)
            or not 0 <= tier < 10
            or not 0 <= key < 2**62
        ):
            return cls()
        return cls(tier, key, backward=bool(before))

    @property
    def written(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.tier, self.key]).encode()).decode().rstrip("=")


def tiers_of(asked: Asked, order: str) -> list[Tier]:
    if asked.is_plain:
        return [PlainTier(False), PlainTier(True)]
    sunk: Group = ((words.tag_word("sunk"),),)
    whole = asked.expression
    fresh = whole.but_not(sunk)
    if order == "recent" or not asked.words.groups:
        return [WordTier(fresh), WordTier(whole.also(sunk))]
    titled = [_in_title(group) for group in asked.words.groups]
    some = tuple(way for group in titled for way in group)
    # What stands in the title stands in the record: asking for both would only cost.
    tiers = [asked.around.but_not(sunk).also(*titled)]
    if len(titled) > 1:
        tiers.append(fresh.also(some).but_not(*titled))
    return [WordTier(one) for one in (*tiers, fresh.but_not(some), whole.also(sunk))]


def _in_title(group: Group) -> Group:
    return tuple(tuple(word if word[1:2] == "=" else words.TITLE + word for word in way) for way in group)


def walk(asked: Asked, tiers: Sequence[Tier], place: Place, limit: int) -> list[tuple[int, SearchDocument]]:
    numbers = (
        range(min(place.tier, len(tiers) - 1), -1, -1) if place.backward else range(place.tier, len(tiers))
    )
    found: list[tuple[int, SearchDocument]] = []
    for number in numbers:
        beyond = place.key if number == place.tier else None
        rows = tiers[number].documents(asked, limit - len(found), beyond, ascending=place.backward)
        found += [(number, row) for row in rows]
        if len(found) >= limit:
            break
    return found
