"""The words that stand in the index: how often, how they go on, what was probably meant."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from enishi.knowledge import words
from enishi.knowledge.models import SearchTerm
from enishi.knowledge.queries import Alternative, Expression, Part, Query

MOST_ENDINGS = 12
_LAST = "\U0010ffff"
_MOST_COMPARED = 3_000


def frequencies(lexemes: Iterable[str]) -> dict[str, int]:
    """In how many documents each word stands; words that stand nowhere are left out."""
    wanted = sorted(set(lexemes))
    return dict(SearchTerm.objects.filter(word__in=wanted).values_list("word", "documents")) if wanted else {}


def expression_of(query: Query, known: dict[str, int]) -> Expression:
    """What the index is asked: words typed half are completed, unknown ones looked for by their characters."""
    groups = tuple(_ways(part, known) for part in query.wanted)
    without = tuple((part.ways,) for part in query.unwanted)
    return Expression(groups, without)


def _ways(part: Part, known: dict[str, int]) -> tuple[Alternative, ...]:
    spoken = max((_documents(way, known) for way in part.ways), default=0)
    ways = part.ways
    if part.may_be_half and spoken == 0:
        ways = tuple(dict.fromkeys([*ways, *_completed(part.ways)]))
        if len(ways) > len(part.ways):
            return ways
    if spoken == 0 and part.last_resort:
        ways = (*ways, part.last_resort)
    return ways


def _documents(way: Alternative, known: dict[str, int]) -> int:
    return min((known.get(word, 0) for word in way), default=0)


def _completed(ways: Sequence[Alternative]) -> list[Alternative]:
    """The ways with their last word carried on in the most usual manners."""
    found = []
    for way in ways:
        endings = beginning_with(way[-1]).exclude(word=way[-1])[:MOST_ENDINGS]
        found += [(*way[:-1], ending.word) for ending in endings]
    return found


def beginning_with(prefix: str) -> QuerySet[SearchTerm]:
    """Words that begin so, the most usual first."""
    if connection.vendor == "postgresql":
        rows = SearchTerm.objects.filter(word__startswith=prefix)
    else:
        rows = SearchTerm.objects.filter(word__gte=prefix, word__lt=prefix + _LAST)
    return rows.order_by("-documents", "word")


def suggestions(part: Part, *, most: int = 3) -> list[str]:
    """Words of the index that look like the one that was not found, the likeliest first."""
    folded = words.plain(part.shown)
    if len(folded) < 2:
        return []
    rows = beginning_with(folded[0]).values_list("word", "documents")[:_MOST_COMPARED]
    near = []
    for word, documents in rows:
        steps = _steps(folded, word, most=1 if len(folded) <= 4 else 2)
        if steps and steps < len(folded) / 2:
            near.append((steps, -documents, word))
    return [word for _steps_apart, _documents, word in sorted(near)[:most]]


def _steps(one: str, other: str, *, most: int) -> int:
    """How many characters are to be added, dropped, changed or swapped; 0 when more than ``most``."""
    if abs(len(one) - len(other)) > most or one == other:
        return 0
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for at, character in enumerate(one, start=1):
        row = [at]
        for to, candidate in enumerate(other, start=1):
            cost = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (character != candidate))
            if at > 1 and to > 1 and character == other[to - 2] and one[at - 2] == candidate:
                cost = min(cost, before_last[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return 0
        before_last, last = last, row
    return last[-1] if last[-1] <= most else 0
