"""How many hits there are and how they spread over the facets, counted no more often than a reader notices."""

import time
from collections import Counter
from typing import Any

from django.db.models import Count

from enishi.knowledge.adapters import word_index
from enishi.knowledge.asked import Asked, facet_of
from enishi.knowledge.models import FacetCount, SearchDocument
from enishi.knowledge.queries import Expression
from enishi.organizations.visibility import reach_of

EXACT = 10_000
"""Counts are exact up to here."""
_BEYOND = 2_000
FACETED = 1_000
"""Choices of a facet are counted exactly up to so many hits."""
REMEMBERED_SECONDS = 600
MANY = 200
"""From so many hits on, a number a minute old tells a reader the same; the hits themselves are always of now."""
MOMENT_SECONDS = 60


def count(asked: Asked, expression: Expression, *, most: int = EXACT) -> tuple[int, bool]:
    """How many hits, exact up to ``most``. What is too many is remembered for ten minutes, what is many for one."""
    key = (expression, asked.kinds, reach_of(asked.person), most)
    known: tuple[int, bool] | None = _recall(key)
    if known is not None:
        return known
    if asked.is_common and most > 1:
        return most, False
    if asked.is_plain:
        found = asked.documents[: most + 1].count()
        exact = found <= most
    elif asked.is_narrow:
        found = word_index().count(expression, limit=most + 1)
        exact = found <= most
    else:
        looked_at = most + _BEYOND
        rows = asked.documents.filter(pk__in=word_index().subquery(expression, limit=looked_at))
        found = rows[: most + 1].count()
        # The sieve lets a few more through, so half of what was looked at cannot all be hidden.
        exact = found <= most // 2 or (found <= most and _is_all(expression, looked_at))
    counted = min(found, most), exact
    if found >= MANY:
        _remember(key, counted, MOMENT_SECONDS if exact else REMEMBERED_SECONDS)
    return counted


def by_kind(asked: Asked) -> dict[str, int]:
    """How many documents of each kind there are; many are remembered for a minute."""
    key = ("kinds", asked.kinds, reach_of(asked.person))
    known: dict[str, int] | None = _recall(key)
    if known is not None:
        return known
    rows = asked.documents.order_by().values_list("kind").annotate(documents=Count("pk"))
    found = dict(rows)
    if sum(found.values()) >= MANY:
        _remember(key, found, MOMENT_SECONDS)
    return found


def _is_all(expression: Expression, limit: int) -> bool:
    """Whether fewer than ``limit`` documents were there to be looked at."""
    return (
        SearchDocument.objects.filter(pk__in=word_index().subquery(expression, limit=limit)).count() < limit
    )


_remembered: dict[object, tuple[float, Any]] = {}


def _recall(key: object) -> Any:
    until, value = _remembered.get(key, (0.0, None))
    return value if until > time.monotonic() else None


def _remember(key: object, value: object, seconds: int) -> None:
    if len(_remembered) > 1_000:
        _remembered.clear()
    _remembered[key] = time.monotonic() + seconds, value


def facets(asked: Asked, count: int, *, exact: bool) -> tuple[dict[str, int], frozenset[str]]:
    """Counts by tag. A facet in which something is chosen is counted as if nothing were: its choices add up."""
    chosen = [name for name in asked.groups if name]
    if asked.is_plain and (count > FACETED or not exact):
        return _kept_counts(asked), frozenset()
    found: dict[str, int] = {}
    uncounted = set()
    counted = _tag_counts(asked, asked.expression) if exact and count <= FACETED else None
    if counted is None:
        uncounted.add("*")
    else:
        found.update({tag: n for tag, n in counted.items() if facet_of(tag) not in chosen})
    for name in chosen:
        of_facet = _tag_counts(asked, asked.without_facet(name)) if "*" not in uncounted else None
        if of_facet is None:
            uncounted.add(name)
        else:
            found.update({tag: n for tag, n in of_facet.items() if facet_of(tag) == name})
    return found, frozenset(uncounted)


def _tag_counts(asked: Asked, expression: Expression) -> dict[str, int] | None:
    """How many hits bear each tag; ``None`` when there are far too many to look at."""
    key = ("tags", expression, asked.kinds, reach_of(asked.person))
    known: dict[str, int] | None = _recall(key)
    if known is not None:
        return known or None
    if not asked.is_plain and expression.expected(asked.known, asked.total) > 4 * FACETED:
        # Far too many: not even asked.
        return None
    rows = asked.documents
    if not asked.is_plain:
        rows = rows.filter(pk__in=word_index().subquery(expression, limit=FACETED + 1))
    texts = list(rows.values_list("kind", "tags")[: FACETED + 1])
    counts: Counter[str] = Counter()
    if len(texts) <= FACETED:
        for kind, tags in texts:
            counts.update(tags.split())
            counts[f"in:{kind}"] += 1
    if len(texts) >= MANY:
        _remember(key, dict(counts), MOMENT_SECONDS)
    return dict(counts) if len(texts) <= FACETED else None


def _kept_counts(asked: Asked) -> dict[str, int]:
    """Counts of everything public, as of the last round: for lists that nothing narrows."""
    counts: Counter[str] = Counter()
    for tag, documents in FacetCount.objects.filter(kind__in=asked.kinds).values_list("tag", "documents"):
        counts[tag] += documents
    return dict(counts)
