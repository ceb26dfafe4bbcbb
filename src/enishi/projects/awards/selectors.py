"""Standings: votes, scores, and the order they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count

from enishi.projects.awards.enums import Method
from enishi.projects.awards.models import AwardCall, AwardEntry
from enishi.projects.awards.services import MOST_POINTS


@dataclass(frozen=True)
class Standing:
    """One entry's place. ``mark`` runs from 0 to 100; equal marks share a place."""

    place: int
    entry: AwardEntry
    votes: int
    mean: Decimal | None
    jurors: int
    mark: Decimal
    is_winner: bool


def standings(call: AwardCall) -> list[Standing]:
    """The entries in order.

    Votes count in proportion to the most votes any entry got, scores in proportion to full points; where both
    count, each counts half. An entry nobody could score counts by its votes alone.
    """
    entries = list(
        call.entries.filter(withdrawn_at__isnull=True)
        .annotate(votes=Count("ballots"))
        .prefetch_related("scores")
        .order_by("entered_at", "pk")
    )
    most = max((entry.votes for entry in entries), default=0)
    marked = [(_mark(call, entry, most), entry) for entry in entries]
    marked.sort(key=lambda pair: (-pair[0], pair[1].pk))
    marks = [mark for mark, _entry in marked]
    return [
        _standing(call, entry, mark, 1 + sum(1 for other in marks if other > mark)) for mark, entry in marked
    ]


def _mark(call: AwardCall, entry: AwardEntry, most: int) -> Fraction:
    method = Method(call.method)
    votes = Fraction(entry.votes, most) if most else Fraction(0)  # type: ignore[attr-defined]
    mean = _mean(entry)
    jury = mean / (MOST_POINTS * len(call.criteria)) if mean is not None and call.criteria else None
    if method is Method.VOTE:
        return votes * 100
    if method is Method.JURY:
        return (jury or Fraction(0)) * 100
    return (votes if jury is None else (votes + jury) / 2) * 100


def _mean(entry: AwardEntry) -> Fraction | None:
    totals = [score.total for score in entry.scores.all()]
    return Fraction(sum(totals), len(totals)) if totals else None


def _standing(call: AwardCall, entry: AwardEntry, mark: Fraction, place: int) -> Standing:
    mean = _mean(entry)
    return Standing(
        place=place,
        entry=entry,
        votes=entry.votes,  # type: ignore[attr-defined]
        mean=None if mean is None else Decimal(round(mean * 10)) / 10,
        jurors=len(entry.scores.all()),
        mark=Decimal(round(mark * 10)) / 10,
        is_winner=place <= call.prizes and mark > 0,
    )


def table(found: Sequence[Standing]) -> list[list[object]]:
    return [
        [each.place, each.entry.title, each.entry.team, each.votes, each.mean, each.jurors, each.mark]
        for each in found
    ]
