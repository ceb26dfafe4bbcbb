"""Rows of the exchange as the engine's wants and cans, many at a time with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q

from enishi.engines.matching import NATIONWIDE, Can, Evidence, Period, Want
from enishi.exchange.enums import CostTerms, RecordKind
from enishi.exchange.matches import texts
from enishi.exchange.matches.enums import ContactState, Outcome
from enishi.exchange.matches.evidence import evidence_of, profiles_of, stored_evidence
from enishi.exchange.matches.models import ConflictOfInterest, Contact, MatchProfile
from enishi.exchange.matches.reader import reader
from enishi.exchange.models import Challenge, Resource
from enishi.organizations.models import Section

CHUNK = 2_000
_COLUMNS = (
    "pk",
    "organization_id",
    "section_id",
    "visibility",
    "kinds",
    "is_nationwide",
    "window_from",
    "window_to",
    "cost_terms",
    "cost_min_yen",
    "cost_max_yen",
    "confirmed_on",
    "expires_on",
    "organization__kind",
    "organization__size",
    "organization__name",
    "organization__seat__name",
)


@dataclass(frozen=True)
class Labels:
    """What belongs to records by key: fields, regions and, for resources, how past contacts ended."""

    fields: Mapping[int, frozenset[str]]
    regions: Mapping[int, frozenset[str]]
    ended: Mapping[int, tuple[int, int]]


def cans(profiles: Sequence[MatchProfile]) -> list[Can]:
    """The cans of profiles, without their texts: for the index. Rows whose resource is gone are left out."""
    by_id = {profile.record_id: profile for profile in profiles}
    labels = labels_of(Resource, by_id)
    rows = Resource.objects.filter(pk__in=list(by_id)).values(*_COLUMNS)
    return [_can(row, stored_evidence(by_id[row["pk"]]), labels) for row in rows]


def cans_with_texts(resources: Iterable[Resource]) -> dict[int, Can]:
    """The cans of a page's resources, with texts to quote from. Organisation and its seat should be selected."""
    shown = {resource.pk: resource for resource in resources}
    labels = labels_of(Resource, shown)
    profiles = profiles_of(RecordKind.RESOURCE, shown)
    return {
        key: _can(_row_of(resource), evidence_of(resource, profiles.get(key)), labels)
        for key, resource in shown.items()
    }


def _row_of(resource: Resource) -> dict[str, Any]:
    owner = resource.organization
    row = {name: getattr(resource, name) for name in _COLUMNS if "__" not in name}
    return row | {
        "organization__kind": owner.kind,
        "organization__size": owner.size,
        "organization__name": owner.name,
        "organization__seat__name": owner.seat.name if owner.seat else "",
    }


def _can(row: Mapping[str, Any], evidence: Evidence, labels: Labels) -> Can:
    key = row["pk"]
    free = row["cost_terms"] == CostTerms.FREE
    successes, attempts = labels.ended.get(key, (0, 0))
    regions = labels.regions.get(key, frozenset()) | (
        frozenset({NATIONWIDE}) if row["is_nationwide"] else frozenset()
    )
    seat = row["organization__seat__name"] or row["organization__name"] or ""
    return Can(
        id=str(key),
        evidence=evidence,
        fields=labels.fields.get(key, frozenset()),
        kinds=frozenset(row["kinds"] or ()),
        regions=regions,
        window=period(row["window_from"], row["window_to"]),
        cost_min_yen=0 if free else row["cost_min_yen"],
        cost_max_yen=0 if free else row["cost_max_yen"],
        confirmed_on=row["confirmed_on"],
        expires_on=row["expires_on"],
        successes=successes,
        attempts=attempts,
        owner=texts.owner_label(row["organization_id"], row["section_id"]),
        audience=texts.audience_of(row["visibility"], row["organization_id"], row["section_id"], key),
        is_underserved=texts.is_underserved(row["organization__kind"], row["organization__size"] or "", seat),
    )


def period(start: Any, end: Any) -> Period:
    return Period(start, end)


def wants(challenges: Iterable[Challenge]) -> list[Want]:
    """The wants of challenges with their texts. Organisation should be selected."""
    shown = {challenge.pk: challenge for challenge in challenges}
    labels = labels_of(Challenge, shown)
    profiles = profiles_of(RecordKind.CHALLENGE, shown)
    owners = {challenge.organization_id for challenge in shown.values()}
    conflicts = _conflicts(owners)
    houses = owners | {partner for partners in conflicts.values() for partner in partners}
    sections = _sections(houses)
    return [
        _want(
            challenge,
            evidence_of(challenge, profiles.get(key)),
            labels,
            texts.excluded_owners(challenge, conflicts.get(challenge.organization_id, ()), sections),
        )
        for key, challenge in shown.items()
    ]


def want_with_passages(challenge: Challenge) -> Want:
    """The same for one challenge, each of its sentences read too: what combinations are made of."""
    (want,) = wants([challenge])
    evidence = reader().evidence(
        texts.body_of(challenge),
        title=challenge.title,
        side=texts.TEXT_SIDES[RecordKind.CHALLENGE],
        with_passages=True,
    )
    return replace(want, evidence=evidence)


def _want(
    challenge: Challenge, evidence: Evidence, labels: Labels, excluded: tuple[str, frozenset[str]]
) -> Want:
    owner, others = excluded
    return Want(
        id=str(challenge.pk),
        evidence=evidence,
        fields=labels.fields.get(challenge.pk, frozenset()),
        kinds=frozenset(challenge.resource_kinds or ()),
        regions=labels.regions.get(challenge.pk) or texts.regions_of_owner(challenge.organization),
        window=period(challenge.window_from, challenge.window_to),
        budget_min_yen=challenge.budget_min_yen,
        budget_max_yen=challenge.budget_max_yen,
        owner=owner,
        conflicts=others,
    )


def _conflicts(organization_ids: Iterable[int]) -> dict[int, list[int]]:
    rows = ConflictOfInterest.objects.filter(
        organization_id__in=list(organization_ids), ended_at__isnull=True
    )
    found: dict[int, list[int]] = defaultdict(list)
    for organization_id, partner_id in rows.values_list("organization_id", "partner_id"):
        found[organization_id].append(partner_id)
    return found


def _sections(organization_ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = Section.objects.filter(organization_id__in=list(organization_ids))
    for organization_id, section_id in rows.values_list("organization_id", "pk"):
        found[organization_id].append(section_id)
    return found


def labels_of(model: type[Challenge] | type[Resource], ids: Iterable[int]) -> Labels:
    keys = list(ids)
    ended = _ended(keys) if model is Resource else {}
    return Labels(fields_of(model, keys), _regions(model, keys), ended)


def fields_of(model: type[Challenge] | type[Resource], keys: list[int]) -> dict[int, frozenset[str]]:
    names = texts.field_labels()
    column = f"{model._meta.model_name}_id"
    rows = model.fields.through._default_manager.filter(**{f"{column}__in": keys})
    found: dict[int, set[str]] = defaultdict(set)
    for key, field_id in rows.values_list(column, "field_id"):
        found[key].add(names[field_id])
    return {key: frozenset(labels) for key, labels in found.items()}


def _regions(model: type[Challenge] | type[Resource], keys: list[int]) -> dict[int, frozenset[str]]:
    column = f"{model._meta.model_name}_id"
    rows = model.areas.through._default_manager.filter(**{f"{column}__in": keys}).values_list(
        column, "organization__kind", "organization__code", "organization_id"
    )
    found: dict[int, set[str]] = defaultdict(set)
    for key, kind, code, pk in rows:
        found[key].add(texts.region_label(kind, code, pk))
    return {key: frozenset(labels) for key, labels in found.items()}


def _ended(keys: list[int]) -> dict[int, tuple[int, int]]:
    """Of each resource's contacts that ended, how many led on."""
    over = Contact.objects.filter(
        resource_id__in=keys, state__in=[ContactState.ADOPTED, ContactState.DECLINED]
    )
    led = Q(state=ContactState.ADOPTED) & ~Q(outcome=Outcome.NONE)
    rows = over.values_list("resource_id").annotate(good=Count("pk", filter=led), all=Count("pk"))
    return {key: (good, attempts) for key, good, attempts in rows}
