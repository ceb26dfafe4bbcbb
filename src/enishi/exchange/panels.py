"""What challenges and resources show on pages of other rooms."""

import datetime as dt
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.exchange.access import challenge_access, resource_access
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.models import FRESH_DAYS, Challenge, Resource
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of

_FEW = 3
_SHOWN = 8


def register() -> None:
    home.register(HomePanel("", 30, waiting, "today", shown=_works))
    home.register(HomePanel("exchange/_home_late.html", 30, late, "late", shown=_works))
    records.register(
        RecordPanel("organizations.organization", "exchange/_of_organization.html", 20, of_organization)
    )


def _works(actor: Actor) -> bool:
    return any(role not in {Role.RESIDENT.value, Role.AUDITOR.value} for _pk, role in reach_of(actor).roles)


def waiting(actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    """Drafts this person left, and resources nobody confirmed for six months."""
    items = [*_drafts(actor), *_unconfirmed(actor, timezone.localdate(at))]
    return {"items": items} if items else None


def _drafts(actor: Actor) -> list[Todo]:
    challenges = challenge_access.visible(actor).filter(status=ChallengeStatus.DRAFT, updated_by_id=actor.pk)
    resources = resource_access.visible(actor).filter(status=ResourceStatus.DRAFT, updated_by_id=actor.pk)
    rows: list[Challenge | Resource] = [
        *challenges.order_by("-updated_at")[:_FEW],
        *resources.order_by("-updated_at")[:_FEW],
    ]
    return [Todo(row.title, row.get_absolute_url(), why=_("書きかけの下書きです")) for row in rows]


def _unconfirmed(actor: Actor, today: dt.date) -> list[Todo]:
    oldest = today - dt.timedelta(days=FRESH_DAYS)
    rows = (
        Resource.objects.visible_to(actor)
        .offered(today)
        .filter(organization_id__in=reach_of(actor).organization_ids)
        .filter(Q(confirmed_on__lt=oldest) | Q(confirmed_on__isnull=True))
        .order_by(F("confirmed_on").asc(nulls_first=True), "pk")[: _FEW * 3]
    )
    return [
        Todo(row.title, row.get_absolute_url(), why=_("いまも提供できるかを確認してください"))
        for row in rows
        if resource_access.allows(actor, "confirm", row)
    ][:_FEW]


def late(actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    """Challenges of one's organisation that still seek partners after their deadline."""
    rows = (
        Challenge.objects.visible_to(actor)
        .seeking_partners()
        .filter(organization_id__in=reach_of(actor).organization_ids, due_on__lt=timezone.localdate(at))
        .select_related("section")
        .order_by("due_on", "pk")[:_SHOWN]
    )
    found = [row for row in rows if challenge_access.allows(actor, "edit", row)]
    return {"challenges": found} if found else None


def of_organization(actor: Actor, organization: Any) -> dict[str, Any] | None:
    """What the organisation seeks and offers, as far as this person may read it."""
    challenges = challenge_access.visible(actor).filter(
        organization=organization, status__in=[ChallengeStatus.OPEN, ChallengeStatus.IN_DIALOGUE]
    )
    today = timezone.localdate()
    resources = Resource.objects.visible_to(actor).offered(today).filter(organization=organization)
    found = {
        "challenges": list(challenges.order_by("-updated_at")[:_SHOWN]),
        "resources": list(resources.order_by("-updated_at")[:_SHOWN]),
        "today": today,
    }
    return found if found["challenges"] or found["resources"] else None
