"""How challenges and resources are found."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.exchange import receivers
from enishi.exchange.enums import RecordKind, ResourceStatus
from enishi.exchange.matches import nearness
from enishi.exchange.models import Challenge, Resource
from enishi.exchange.windows import years_of_window
from enishi.knowledge.registry import SearchSource, SearchText, register

RELATED = ("organization", "fields__parent", "areas", "parties")


def register_sources() -> None:
    """Let both kinds be found, at once after each change."""
    receivers.connect()
    register(
        SearchSource(
            kind=RecordKind.CHALLENGE.value,
            model=Challenge,
            document=challenge_text,
            label=_("課題"),
            rows=lambda: Challenge.objects.select_related("organization").prefetch_related(*RELATED),
            url=lambda pk: reverse("exchange:challenge_detail", args=[pk]),
            list_url=lambda: reverse("exchange:challenge_list"),
            near=nearness.challenges,
            order=10,
            is_front=True,
        )
    )
    register(
        SearchSource(
            kind=RecordKind.RESOURCE.value,
            model=Resource,
            document=resource_text,
            label=_("地域資源"),
            rows=lambda: Resource.objects.select_related("organization").prefetch_related(*RELATED),
            url=lambda pk: reverse("exchange:resource_detail", args=[pk]),
            list_url=lambda: reverse("exchange:resource_list"),
            near=nearness.resources,
            order=20,
            is_front=True,
        )
    )


def challenge_text(challenge: Challenge) -> SearchText | None:
    """A challenge as the index keeps it; nothing once it was thrown away."""
    if challenge.deleted_at is not None:
        return None
    body = (
        challenge.present_state,
        challenge.desired_state,
        challenge.tried,
        challenge.figures,
        challenge.conditions,
        challenge.means_considered,
        challenge.shareable_data,
        challenge.organization.name,
    )
    tags = [
        *_common_tags(challenge),
        *(f"kind:{kind}" for kind in challenge.resource_kinds),
        f"status:{challenge.status}",
    ]
    return SearchText(
        title=challenge.title,
        body_parts=[(challenge.pitch, 2.0), *((text, 1.0) for text in body if text)],
        tags=tags,
        updated_at=challenge.updated_at,
        not_yet_shared=challenge.status == "draft",
        **_circle(challenge),
    )


def resource_text(resource: Resource) -> SearchText | None:
    """A resource as the index keeps it. One nobody confirmed sinks; a draft, a closed and an expired one are not found."""
    today = timezone.localdate()
    is_offered = resource.status == ResourceStatus.OPEN and not resource.is_expired(today)
    if resource.deleted_at is not None or not is_offered:
        return None
    is_fresh = resource.is_fresh(today)
    tags = [
        *_common_tags(resource),
        *(f"kind:{kind}" for kind in resource.kinds),
        *(["area:nationwide"] if resource.is_nationwide else []),
        *(["fresh"] if is_fresh else ["stale"]),
    ]
    body = (resource.capacity, resource.conditions, resource.track_record, resource.organization.name)
    return SearchText(
        title=resource.title,
        body_parts=[(resource.offer, 2.0), *((text, 1.0) for text in body if text)],
        tags=tags,
        updated_at=resource.updated_at,
        is_sunk=not is_fresh,
        **_circle(resource),
    )


def _common_tags(record: Challenge | Resource) -> list[str]:
    fields = list(record.fields.all())
    codes = {field.code for field in fields} | {field.parent.code for field in fields if field.parent}
    areas: set[str] = set()
    for area in record.areas.all():
        areas |= {f"p{area.pk}", area.prefecture_code or "other"}
    today = timezone.localdate()
    return [
        *(f"field:{code}" for code in sorted(codes)),
        *(f"area:{area}" for area in sorted(areas)),
        *(f"window:{year}" for year in years_of_window(record.window_from, record.window_to, around=today)),
        f"orgkind:{record.organization.kind}",
    ]


def _circle(record: Challenge | Resource) -> dict[str, Any]:
    return {
        "organization_id": record.organization_id,
        "section_id": record.section_id,
        "visibility": record.visibility,
        "parties": [party.pk for party in record.parties.all()],
    }
