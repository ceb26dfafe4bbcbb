"""Standings: votes, scores, and the order they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Sum

from enishi.projects.awards.enums import Method
from enishi.projects.awards.models import AwardCall, AwardEntry, AwardScore
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
        .order_by("entered_at", "pk")
    )
    scored = _scored(call)
    most = max((entry.votes for entry in entries), default=0)
    marked = [(_mark(call, entry, scored.get(entry.pk), most), entry) for entry in entries]
    marked.sort(key=lambda pair: (-pair[0], pair[1].pk))
    places: dict[Fraction, int] = {}
    for number, (mark, _entry) in enumerate(marked, start=1):
        places.setdefault(mark, number)
    return [_standing(call, entry, mark, places[mark], scored.get(entry.pk)) for mark, entry in marked]


def _scored(call: AwardCall) -> dict[int, tuple[int, int]]:
    """For each entry that was scored: the sum of the totals, and how many jurors gave one."""
    rows = AwardScore.objects.filter(entry__call=call).order_by().values("entry")
    counted = rows.annotate(points_given=Sum("total"), jurors=Count("pk"))
    return {row["entry"]: (row["points_given"], row["jurors"]) for row in counted}


def _mark(call: AwardCall, entry: AwardEntry, scored: tuple[int, int] | None, most: int) -> Fraction:
    method = Method(call.method)
    votes = Fraction(entry.votes, most) if most else Fraction(0)  # type: ignore[attr-defined]
    full = MOST_POINTS * len(call.criteria)
    jury = Fraction(*scored) / full if scored and full else None
    if method is Method.VOTE:
        return votes * 100
    if method is Method.JURY:
        return (jury or Fraction(0)) * 100
    return (votes if jury is None else (votes + jury) / 2) * 100


def _standing(
    call: AwardCall, entry: AwardEntry, mark: Fraction, place: int, scored: tuple[int, int] | None
) -> Standing:
    return Standing(
        place=place,
        entry=entry,
        votes=entry.votes,  # type: ignore[attr-defined]
        mean=Decimal(round(Fraction(*scored) * 10)) / 10 if scored else None,
        jurors=scored[1] if scored else 0,
        mark=Decimal(round(mark * 10)) / 10,
        is_winner=place <= call.prizes and mark > 0,
    )


def table(found: Sequence[Standing]) -> list[list[object]]:
    return [
        [each.place, each.entry.title, each.entry.team, each.votes, each.mean, each.jurors, each.mark]
        for each in found
    ]
