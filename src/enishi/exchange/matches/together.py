"""More than a pair: partners that cover a challenge together, and towns that call for one together."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils import timezone

from enishi.engines import matching
from enishi.engines.matching import Combination, Want
from enishi.exchange.enums import ResourceKind
from enishi.exchange.matches import calculations, inputs, texts
from enishi.exchange.matches.reader import reader
from enishi.exchange.models import Challenge, Resource
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

COMBINED = 24
SAME = 0.5
MOST_SAME = 6
COMPARED = 400


@dataclass(frozen=True)
class Bringer:
    """One partner of a combination and what it covers best: pieces of the challenge's text, kinds of resource."""

    resource: Resource
    pieces: Sequence[tuple[str, int]]
    kinds: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Together:
    bringers: Sequence[Bringer]
    percent: int
    alone_percent: int


def combinations(viewer: Actor, challenge: Challenge, *, at: dt.datetime) -> list[Together]:
    """Two or three partners that together cover clearly more of a challenge than any one."""
    want = inputs.want_with_passages(challenge)
    answer = calculations.search(
        want, texts.audiences_of(viewer, Resource), at=at, top=COMBINED, unexpected=0
    )
    rows = Resource.objects.visible_to(viewer).offered(timezone.localdate(at))
    keys = [int(match.can_id) for match in answer.matches]
    records = {
        row.pk: row for row in rows.filter(pk__in=keys).select_related("organization__seat", "section")
    }
    cans = inputs.cans_with_texts(records.values())
    found = matching.combine(want, list(cans.values()), answer.matches, reader().space)
    return [_together(each, records) for each in found]


def _together(found: Combination, records: dict[int, Resource]) -> Together:
    return Together(
        [
            Bringer(
                records[int(member.can_id)],
                [(need.label, _percent(fit)) for need, fit in member.needs if not need.is_kind],
                [
                    (str(ResourceKind(need.label).label), _percent(fit))
                    for need, fit in member.needs
                    if need.is_kind and need.label in ResourceKind.values and fit
                ],
            )
            for member in found.members
        ],
        _percent(found.coverage),
        _percent(found.single_coverage),
    )


def _percent(share: float) -> int:
    return round(100 * share)


def same_elsewhere(viewer: Actor, challenge: Challenge) -> list[tuple[Challenge, float]]:
    """Other towns' open challenges that tell of the same trouble, with their cosine."""
    near = calculations.same_challenges(challenge, texts.audiences_of(viewer, Challenge), limit=MOST_SAME * 3)
    close = {key: value for key, value in near if value >= SAME}
    rows = Challenge.objects.visible_to(viewer).seeking_partners().filter(pk__in=list(close))
    found = [(row, close[row.pk]) for row in rows.select_related("organization", "section")]
    return sorted(found, key=lambda pair: -pair[1])[:MOST_SAME]


@dataclass(frozen=True)
class Joint:
    """Challenges of several towns that are one trouble."""

    challenges: Sequence[Challenge]
    words: Sequence[str]
    nearness: float


def joint_proposals(viewer: Actor, *, limit: int = 20) -> list[Joint]:
    """Groups of open challenges of different owners, each with one of the viewer's own, those with most owners first."""
    own = reach_of(viewer).organization_ids
    near = calculations.near_own(own, texts.audiences_of(viewer, Challenge), nearness=SAME)
    visible = Challenge.objects.visible_to(viewer).seeking_partners().filter(pk__in=near[:COMPARED])
    rows = {row.pk: row for row in visible.select_related("organization", "section")}
    wants: list[Want] = inputs.wants(rows.values())
    read = [want for want in wants if want.evidence.vector.any()]
    groups = [
        Joint([rows[int(key)] for key in call.want_ids], call.words, call.nearness)
        for call in matching.joint_calls(read, reader().space)
    ]
    return [group for group in groups if _is_between(group, own)][:limit]


def _is_between(group: Joint, own: Collection[int]) -> bool:
    owners = {challenge.organization_id for challenge in group.challenges}
    return len(owners) > 1 and bool(owners & set(own))
