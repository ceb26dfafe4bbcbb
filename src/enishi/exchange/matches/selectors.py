"""Questions about matches: rankings as a person may see them, pairs, contacts, what is new."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.engines import matching
from enishi.engines.matching import Match, ReasonKind, Rule, View
from enishi.exchange.access import challenge_access, resource_access
from enishi.exchange.matches import calculations, inputs, texts, wording
from enishi.exchange.matches.access import TALKING, contact_access
from enishi.exchange.matches.calculations import Answer
from enishi.exchange.matches.enums import ContactState, Outcome, Side
from enishi.exchange.matches.models import Contact, MatchVisit, ReachFloor, SuggestedMatch
from enishi.exchange.models import Challenge, Field, Resource
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

PAGE = 10
"""The first ten: where the unexpected ones stand and what fair reach counts. Ten reasons can be read; twenty are scrolled past."""
NEW_DAYS = 30
REGIONS = ("here", "nationwide", "elsewhere")
LIKE_ENOUGH = 0.33
MOST_PAST = 3


@dataclass(frozen=True)
class Filter:
    """What a ranking is narrowed to."""

    fields: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    new: bool = False

    @property
    def is_used(self) -> bool:
        return bool(self.fields or self.kinds or self.regions or self.new)


class Sketch(NamedTuple):
    """As much of a record as filters ask for: a ranking holds hundreds, a page shows ten."""

    pk: int
    kinds: Sequence[str]
    published_at: dt.datetime | None


@dataclass(frozen=True)
class Found:
    """One place of a ranking, ready to be shown."""

    match: Match
    record: Any
    contact: Contact | None = None

    @property
    def grade(self) -> str:
        return wording.grade(self.match.score)

    @property
    def tone(self) -> str:
        return wording.grade_tone(self.match.score)

    @property
    def score(self) -> str:
        return f"{self.match.score:.2f}"

    @property
    def parts(self) -> list[wording.PartInWords]:
        return wording.parts_in_words(self.match)

    @property
    def met(self) -> list[str]:
        return wording.reasons_in_words(self.match, ReasonKind.MET)

    @property
    def not_met(self) -> list[str]:
        return wording.reasons_in_words(self.match, ReasonKind.NOT_MET)

    @property
    def raising(self) -> list[str]:
        return wording.reasons_in_words(self.match, ReasonKind.RAISE)


@dataclass(frozen=True)
class RankedPage:
    """Some places of a ranking, how many there are, and who was left out."""

    rows: Sequence[Found]
    count: int
    considered: int
    excluded: Sequence[wording.Counted]
    weights_version: str
    next_cursor: str = ""
    previous_cursor: str = ""
    choices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fair: matching.FairReach | None = None

    @property
    def fair_in_words(self) -> str:
        """What the floor changed among the first ten places, and what it cost."""
        if self.fair is None:
            return ""
        places = self.fair.places
        return _(
            "先頭%(places)d件のうち、小さな団体や遠い町のものが%(before)d件から%(after)d件になり、"
            "関連の強さの%(loss)s%%を手放しています。"
        ) % {
            "places": places,
            "before": round(self.fair.exposure_before * places),
            "after": round(self.fair.exposure_after * places),
            "loss": f"{100 * self.fair.relevance_loss:.1f}",
        }


def ranked_resources(
    viewer: Actor,
    challenge: Challenge,
    *,
    at: dt.datetime,
    wanted: Filter | None = None,
    offset: int = 0,
    size: int = PAGE,
) -> RankedPage:
    """The resources for a challenge among those the viewer may see, best first.

    Raises
    ------
    IndexAwayError
        If the index is being built.
    """
    chosen = wanted or Filter()
    answer = calculations.rank_resources(
        challenge,
        texts.audiences_of(viewer, Resource),
        at=at,
        unexpected=0 if chosen.is_used else calculations.UNEXPECTED,
    )
    # Asked again where it is decided: the index only narrows.
    rows = Resource.objects.visible_to(viewer).offered(timezone.localdate(at))
    keys = [int(match.can_id) for match in answer.matches]
    sketches = {
        sketch[0]: Sketch(*sketch)
        for sketch in rows.filter(pk__in=keys).values_list("pk", "kinds", "published_at")
    }
    matches = [match for match in answer.matches if int(match.can_id) in sketches]
    fields = inputs.fields_of(Resource, list(sketches))
    kept, choices = _narrowed(matches, sketches, fields, chosen, at, key=lambda match: int(match.can_id))
    fair = None if chosen.is_used else _with_floor(challenge, kept, answer)
    if fair is not None:
        kept = list(fair.rankings[0].matches)
    shown = kept[offset : offset + size]
    records = _resources(rows, shown)
    shown = [match for match in shown if int(match.can_id) in records]
    page = {int(match.can_id): records[int(match.can_id)] for match in shown}
    cans = inputs.cans_with_texts(page.values())
    contacts = _contacts(viewer, [challenge.pk], list(page))
    explained = calculations.explain_with(answer.want, cans, shown, at=at)
    found = [
        Found(match, page[int(match.can_id)], contacts.get((challenge.pk, int(match.can_id))))
        for match in explained
    ]
    # Whom a town does not want proposed is its own affair: others learn of no counts.
    if challenge.organization_id not in reach_of(viewer).organization_ids:
        answer = replace(answer, excluded={})
    return _page(found, kept, offset, size, answer, choices, fair)


def ranked_challenges(
    viewer: Actor,
    resource: Resource,
    *,
    at: dt.datetime,
    wanted: Filter | None = None,
    offset: int = 0,
    size: int = PAGE,
) -> RankedPage:
    """The open challenges a resource could serve among those the viewer may see, best first."""
    chosen = wanted or Filter()
    near = calculations.near_challenges(resource, texts.audiences_of(viewer, Challenge))
    visible = Challenge.objects.visible_to(viewer).seeking_partners().filter(pk__in=near)
    records = {row.pk: row for row in visible.select_related("organization", "section")}
    answer = calculations.rank_challenges(
        resource, records.values(), at=at, explained=False, top=len(near) or 1
    )
    sketches = {pk: Sketch(pk, row.resource_kinds, row.published_at) for pk, row in records.items()}
    fields = inputs.fields_of(Challenge, list(records))
    kept, choices = _narrowed(
        answer.matches, sketches, fields, chosen, at, key=lambda match: int(match.want_id)
    )
    shown = kept[offset : offset + size]
    page = [records[int(match.want_id)] for match in shown]
    again = calculations.rank_challenges(resource, page, at=at, top=size) if page else answer
    explained = {match.want_id: match for match in again.matches}
    contacts = _contacts(viewer, [row.pk for row in page], [resource.pk])
    found = [
        Found(
            explained[match.want_id],
            records[int(match.want_id)],
            contacts.get((int(match.want_id), resource.pk)),
        )
        for match in shown
        if match.want_id in explained
    ]
    return _page(found, kept, offset, size, _without_conflicts(answer), choices, None)


def _resources(rows: QuerySet[Resource], matches: Sequence[Match]) -> dict[int, Resource]:
    """The matches' resources with what a page shows of them."""
    keys = [int(match.can_id) for match in matches]
    found = rows.filter(pk__in=keys).select_related("organization__seat", "section")
    return {row.pk: row for row in found}


def _without_conflicts(answer: Answer) -> Answer:
    """Nobody learns from a count that a town has marked them as a conflict of interest."""
    told: dict[Rule, int] = dict(answer.excluded)
    told.pop(Rule.CONFLICT_OF_INTEREST, None)
    return replace(answer, excluded=told)


def _page(
    found: list[Found],
    kept: Sequence[Match],
    offset: int,
    size: int,
    answer: Answer,
    choices: Mapping[str, Mapping[str, int]],
    fair: matching.FairReach | None,
) -> RankedPage:
    return RankedPage(
        rows=found,
        count=len(kept),
        considered=answer.considered,
        excluded=wording.excluded_in_words(answer.excluded),
        weights_version=answer.weights.version,
        next_cursor=str(offset + size) if offset + size < len(kept) else "",
        previous_cursor=str(max(0, offset - size)) if offset else "",
        choices=choices,
        fair=fair,
    )


def _narrowed(
    matches: Iterable[Match],
    sketches: Mapping[int, Sketch],
    fields: Mapping[int, frozenset[str]],
    wanted: Filter,
    at: dt.datetime,
    *,
    key: Any,
) -> tuple[list[Match], dict[str, dict[str, int]]]:
    """The matches that pass the filter, and how many there are of each kind before it."""
    kept: list[Match] = []
    counts: dict[str, dict[str, int]] = {"field": {}, "kind": {}, "region": {}, "new": {}}
    since = at - dt.timedelta(days=NEW_DAYS)
    for match in matches:
        sketch = sketches[key(match)]
        labels = {
            "field": {label.split("/", 1)[0] for label in fields.get(sketch.pk, frozenset())},
            "kind": set(sketch.kinds),
            "region": {region_of(match)},
            "new": {"1"} if sketch.published_at and sketch.published_at >= since else set(),
        }
        for name, values in labels.items():
            for value in values:
                counts[name][value] = counts[name].get(value, 0) + 1
        passes = (
            (not wanted.fields or wanted.fields & labels["field"])
            and (not wanted.kinds or wanted.kinds & labels["kind"])
            and (not wanted.regions or wanted.regions & labels["region"])
            and (not wanted.new or labels["new"])
        )
        if passes:
            kept.append(match)
    return kept, counts


def region_of(match: Match) -> str:
    """Whether a resource serves the challenge's very place, all of Japan, or neither (or does not say)."""
    value = match.part(View.REGION).value
    if value is not None and value >= 0.99:
        return "here"
    return "nationwide" if value is not None and value >= 0.8 else "elsewhere"


def _with_floor(challenge: Challenge, matches: Sequence[Match], answer: Answer) -> matching.FairReach | None:
    floor = ReachFloor.objects.filter(organization_id=challenge.organization_id, percent__gt=0).first()
    if floor is None or not matches:
        return None
    owners = Resource.objects.filter(pk__in=[int(match.can_id) for match in matches])
    rows = owners.select_related("organization__seat")
    seen = {str(row.pk) for row in rows if is_underserved(row)}
    ranking = matching.Ranking(str(challenge.pk), tuple(matches), answer.excluded, answer.considered)
    return matching.with_fair_reach([ranking], seen, floor=floor.percent / 100)


def is_underserved(resource: Resource) -> bool:
    owner = resource.organization
    seat = owner.seat.name if owner.seat else owner.name
    return texts.is_underserved(owner.kind, owner.size, seat)


def _contacts(
    viewer: Actor, challenge_ids: Collection[int], resource_ids: Collection[int]
) -> dict[tuple[int, int], Contact]:
    rows = contact_access.visible(viewer).filter(challenge_id__in=challenge_ids, resource_id__in=resource_ids)
    return {(row.challenge_id, row.resource_id): row for row in rows}


def contact_of(viewer: Actor, challenge: Challenge, resource: Resource) -> Contact | None:
    return _contacts(viewer, [challenge.pk], [resource.pk]).get((challenge.pk, resource.pk))


@dataclass(frozen=True)
class PastPair:
    """A contact of before that was like this one, told as far as the viewer may know."""

    contact: Contact
    likeness: float
    is_mine: bool

    @property
    def led_on(self) -> bool:
        return self.contact.state == ContactState.ADOPTED and self.contact.outcome != Outcome.NONE


def similar_past_pairs(viewer: Actor, challenge: Challenge, resource: Resource) -> list[PastPair]:
    """Ended contacts like this pair, both of whose records the viewer may see.

    Those of one's own house are told with their reasons; of others' only what led on: a refusal is the two sides' own affair.
    """
    houses = reach_of(viewer).organization_ids
    mine = contact_access.visible(viewer).filter(state__in=[ContactState.ADOPTED, ContactState.DECLINED])
    public = Contact.objects.filter(
        state=ContactState.ADOPTED,
        outcome__in=[Outcome.TRIAL, Outcome.IMPLEMENTED],
        challenge__in=challenge_access.visible(viewer),
        resource__in=resource_access.visible(viewer),
    )
    rows = list(
        Contact.objects.filter(Q(pk__in=mine.values("pk")) | Q(pk__in=public.values("pk")))
        .exclude(challenge=challenge, resource=resource)
        .select_related("challenge", "resource", "wanting", "offering")
        .order_by("-moved_at")[:500]
    )
    near = calculations.likeness(challenge, resource, [(row.challenge_id, row.resource_id) for row in rows])
    found = [
        PastPair(row, value, row.wanting_id in houses or row.offering_id in houses)
        for row, value in zip(rows, near, strict=True)
        if value >= LIKE_ENOUGH
    ]
    return sorted(found, key=lambda pair: -pair.likeness)[:MOST_PAST]


def suggestions(viewer: Actor) -> QuerySet[SuggestedMatch]:
    """Kept pairs in which the viewer's houses have a part, both records seen and still standing."""
    houses = reach_of(viewer).organization_ids
    return (
        SuggestedMatch.objects.filter(Q(wanting_id__in=houses) | Q(offering_id__in=houses))
        .filter(
            challenge__in=Challenge.objects.visible_to(viewer).seeking_partners(),
            resource__in=Resource.objects.visible_to(viewer).offered(timezone.localdate()),
        )
        .select_related("challenge", "resource", "wanting", "offering")
    )


def new_suggestions(viewer: Actor, at: dt.datetime, *, limit: int) -> list[SuggestedMatch]:
    """What came up since the viewer last looked (or in the last 30 days), best first, none talked about yet."""
    visit = MatchVisit.objects.filter(person_id=viewer.pk or 0).values_list("seen_at", flat=True).first()
    since = visit or at - dt.timedelta(days=NEW_DAYS)
    talked = Contact.objects.sent().filter(challenge=OuterRef("challenge"), resource=OuterRef("resource"))
    rows = suggestions(viewer).filter(first_at__gt=since, rank__lte=10).exclude(Exists(talked))
    return list(rows.order_by("-score", "pk")[:limit])


def contacts(viewer: Actor) -> QuerySet[Contact]:
    return contact_access.visible(viewer).select_related(
        "challenge", "resource", "wanting", "offering", "opened_by"
    )


def awaiting(viewer: Actor) -> QuerySet[Contact]:
    """Contacts in which a house the viewer speaks for is the next to speak."""
    houses = {house for house, role in reach_of(viewer).roles if role in TALKING}
    return contacts(viewer).filter(
        Q(turn=Side.CHALLENGE, wanting_id__in=houses) | Q(turn=Side.RESOURCE, offering_id__in=houses),
        state__in=[ContactState.CONTACTED, ContactState.IN_DIALOGUE, ContactState.PROPOSED],
    )


def top_fields() -> list[Field]:
    return list(Field.objects.filter(parent__isnull=True).order_by("order", "pk"))
