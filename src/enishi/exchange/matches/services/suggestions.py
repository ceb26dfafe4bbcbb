"""Pairs looked for before anybody asks: the best for each open challenge, kept so that new ones can be told."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.engines.matching import Match
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import calculations, counters, inputs, texts
from enishi.exchange.matches.calculations import parts_as_json
from enishi.exchange.matches.enums import ProfileState
from enishi.exchange.matches.models import MatchProfile, MatchVisit, SuggestedMatch
from enishi.exchange.matches.store import IndexAwayError
from enishi.exchange.models import Challenge, ChallengeQuerySet, Resource

KEPT = 15
"""How many resources are kept for a challenge: the first ten and some to move up."""
CHANGES_AT_ONCE = 200
CHALLENGES_OF_A_RESOURCE = 20
FOLLOWER = "suggested-"
MOST_WORDS = 3


def suggest_for(
    *,
    organization_id: int,
    at: dt.datetime,
    progress: Callable[[int, int, str], None] | None = None,
) -> int:
    """Look again at every open challenge of an organisation; how many pairs are kept."""
    challenges = list(_open().filter(organization_id=organization_id))
    for done, challenge in enumerate(challenges):
        if progress is not None:
            progress(done, len(challenges), challenge.title)
        suggest(challenge, at)
    open_ids = [challenge.pk for challenge in challenges]
    SuggestedMatch.objects.filter(wanting_id=organization_id).exclude(challenge_id__in=open_ids).delete()
    return SuggestedMatch.objects.filter(wanting_id=organization_id).count()


def suggest_all(at: dt.datetime) -> int:
    """The nightly round: every public body with an open challenge."""
    owners = _open().order_by().values_list("organization_id", flat=True).distinct()
    try:
        return sum(suggest_for(organization_id=owner, at=at) for owner in list(owners))
    except IndexAwayError:
        # The next night finds the index built.
        return 0


def suggest_first(at: dt.datetime) -> int:
    """After the index was built: everything, unless it was looked for already."""
    for kind in RecordKind:
        counters.note_reached(FOLLOWER + kind.value, counters.reached(kind.value))
    return 0 if SuggestedMatch.objects.exists() else suggest_all(at)


def suggest_changed(at: dt.datetime) -> int:
    """The round after changes: challenges that changed, and those a changed resource could serve."""
    wanted: set[int] = set()
    try:
        for kind in (RecordKind.CHALLENGE, RecordKind.RESOURCE):
            wanted |= _touched(kind)
        challenges = list(_open().filter(pk__in=wanted))
        for challenge in challenges:
            suggest(challenge, at)
    except IndexAwayError:
        return 0
    SuggestedMatch.objects.filter(challenge_id__in=wanted - {each.pk for each in challenges}).delete()
    return len(challenges)


def _touched(kind: RecordKind) -> set[int]:
    """Challenges to look at again because records of this kind changed since the last round."""
    after = counters.reached(FOLLOWER + kind.value)
    rows = MatchProfile.objects.filter(kind=kind, sequence__gt=after).order_by("sequence")
    changed = list(rows.values_list("record_id", "sequence", "state")[:CHANGES_AT_ONCE])
    if not changed:
        return set()
    counters.note_reached(FOLLOWER + kind.value, changed[-1][1])
    keys = [row[0] for row in changed]
    if kind == RecordKind.CHALLENGE:
        return set(keys)
    SuggestedMatch.objects.filter(
        resource_id__in=[row[0] for row in changed if row[2] == ProfileState.GONE]
    ).delete()
    alive = Resource.objects.filter(pk__in=[row[0] for row in changed if row[2] != ProfileState.GONE])
    held = SuggestedMatch.objects.filter(resource_id__in=keys).values_list("challenge_id", flat=True)
    found = set(held)
    for resource in alive.select_related("organization__seat"):
        found |= set(_near(resource))
    return found


def _near(resource: Resource) -> list[int]:
    """Open challenges a resource may newly serve; the search of each of them decides."""
    everyone = {texts.PUBLIC_AUDIENCE, texts.MEMBERS_AUDIENCE}
    own = texts.house_audiences(resource.organization_id)
    return calculations.near_challenges(resource, everyone | own, limit=CHALLENGES_OF_A_RESOURCE)


@transaction.atomic
def suggest(challenge: Challenge, at: dt.datetime) -> int:
    """Keep the best resources of a challenge, as its owner's staff may see them."""
    answer = calculations.rank_resources(
        challenge, texts.house_audiences(challenge.organization_id), at=at, top=KEPT
    )
    keys = [int(match.can_id) for match in answer.matches]
    resources = {
        row.pk: row
        for row in Resource.objects.filter(pk__in=keys)
        .offered(timezone.localdate(at))
        .filter(deleted_at__isnull=True)
        .select_related("organization__seat")
    }
    matches = [match for match in answer.matches if int(match.can_id) in resources]
    cans = inputs.cans_with_texts(resources.values())
    first = dict(SuggestedMatch.objects.filter(challenge=challenge).values_list("resource_id", "first_at"))
    rows = [
        SuggestedMatch(
            challenge=challenge,
            resource=resources[int(match.can_id)],
            wanting_id=challenge.organization_id,
            offering_id=resources[int(match.can_id)].organization_id,
            rank=place + 1,
            score=match.score,
            parts=parts_as_json(match),
            words=_words(match),
            is_unexpected=match.is_unexpected,
            is_underserved=cans[int(match.can_id)].is_underserved,
            first_at=first.get(int(match.can_id), at),
            checked_at=at,
        )
        for place, match in enumerate(calculations.explain_with(answer.want, cans, matches, at=at))
    ]
    SuggestedMatch.objects.filter(challenge=challenge).delete()
    SuggestedMatch.objects.bulk_create(rows, batch_size=100)
    return len(rows)


def _words(match: Match) -> list[list[str]]:
    """The nearest passages of the two texts; where none are near, the words that stand in both."""
    near = [phrase for phrase in match.phrases if not phrase.shared][:1]
    return [[phrase.want, phrase.can] for phrase in near or match.phrases[:MOST_WORDS]]


def _open() -> ChallengeQuerySet:
    return Challenge.objects.filter(deleted_at__isnull=True).seeking_partners().select_related("organization")


def note_visit(*, actor: Person, at: dt.datetime) -> None:
    """The person has seen what is new up to now."""
    MatchVisit.objects.update_or_create(person=actor, defaults={"seen_at": at})
