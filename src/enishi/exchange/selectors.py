"""Questions to the exchange's records."""

import datetime as dt
from collections import Counter
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from enishi.accounts.models import Person
from enishi.exchange.access import WHOLE_ORGANIZATION, access_of
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.similarity import SimilarChallenge, similar_challenges
from enishi.foundation.access import Actor
from enishi.foundation.erasing import RESTORABLE
from enishi.organizations.visibility import reach_of

__all__ = [
    "SimilarChallenge",
    "related_records",
    "restorable",
    "similar_challenges",
    "thrown_away",
]

RecordT = TypeVar("RecordT", Challenge, Resource)


def related_records(person: Actor, record: RecordT, *, limit: int = 5) -> list[RecordT]:
    """Others of the same kind in the record's first field, those that share most fields first."""
    mine = list(record.fields.order_by("order", "pk").values_list("pk", flat=True))
    if not mine:
        return []
    rows: Any = access_of(record).visible(person).exclude(pk=record.pk)
    if isinstance(record, Challenge):
        rows = rows.exclude(status=ChallengeStatus.DRAFT)
    else:
        rows = rows.filter(status=ResourceStatus.OPEN)
    keys = _sharing(record, mine)
    found = {row.pk: row for row in rows.filter(pk__in=keys).select_related("organization")}
    return [found[key] for key in keys if key in found][:limit]


def _sharing(record: Challenge | Resource, fields: list[int]) -> list[int]:
    """Keys of the latest records in the first field, most shared fields first.

    One field and only its last hundred links: both databases walk an index for that, however large the nation.
    """
    links: Any = type(record).fields.through._default_manager
    name = f"{record._meta.model_name}_id"
    latest = links.filter(field_id=fields[0]).order_by("-pk").values_list(name, flat=True)[:100]
    shared = Counter(
        links.filter(**{f"{name}__in": list(latest)}, field__in=fields).values_list(name, flat=True)
    )
    return sorted(shared, key=lambda key: (-shared[key], -key))


def thrown_away(person: Person, model: type[Challenge] | type[Resource]) -> models.QuerySet[Any]:
    """Deleted records of the organisations the person works for, those of other sections only for leading people."""
    reach = reach_of(person)
    leading = {pk for pk, role in reach.roles if role in {one.value for one in WHOLE_ORGANIZATION}}
    own = Q(section_id__isnull=True) | Q(section_id__in=reach.section_ids) | Q(organization_id__in=leading)
    rows: Any = model._default_manager.filter(deleted_at__isnull=False).select_related("organization")
    found: models.QuerySet[Any] = rows.filter(
        own, organization_id__in=reach.organization_ids - reach.audited_ids
    )
    return found


def restorable(person: Person, model: type[Challenge] | type[Resource], *, at: dt.datetime) -> list[Any]:
    """What may still be brought back, latest first."""
    rows = thrown_away(person, model).filter(deleted_at__gt=at - RESTORABLE)
    return list(rows.select_related("organization", "updated_by").order_by("-deleted_at")[:200])
