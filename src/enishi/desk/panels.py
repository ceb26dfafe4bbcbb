"""What the desk shows on the home page and on the pages of challenges and contacts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.desk.access import DESK_ROLES, STAFF_ROLES, desk_access, proposal_access
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.models import Consultation, Proposal
from enishi.foundation import panels
from enishi.foundation.access import Actor
from enishi.foundation.panels import Todo
from enishi.organizations.visibility import reach_of

FEW = 6
SHOWN = 8


def register() -> None:
    panels.home.register(panels.HomePanel("", 15, waiting, "today", _is_staff))
    panels.home.register(panels.HomePanel("desk/_home_late.html", 15, late, "late", _is_staff))
    panels.home.register(panels.HomePanel("desk/_home_mine.html", 15, mine, "sent"))
    panels.records.register(
        panels.RecordPanel(
            "exchange.challenge", "desk/_of_record.html", 20, of_challenge, gettext_lazy("この課題への提案")
        )
    )
    panels.records.register(
        panels.RecordPanel("exchange.contact", "desk/_of_record.html", 20, of_contact, gettext_lazy("提案"))
    )


def _is_staff(actor: Actor) -> bool:
    staff = {role.value for role in STAFF_ROLES}
    return any(role in staff for _pk, role in reach_of(actor).roles)


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """New proposals, those of mine that are due, and questions to my section."""
    items = [*_new(actor), *_mine_due(actor, timezone.localdate(at)), *_questions(actor)]
    return {"items": items} if items else None


def _new(actor: Actor) -> list[Todo]:
    desk = {role.value for role in DESK_ROLES}
    desks = [pk for pk, role in reach_of(actor).roles if role in desk]
    if not desks:
        return []
    rows = (
        proposal_access.visible(actor)
        .filter(organization_id__in=desks, status=ProposalStatus.RECEIVED, officer__isnull=True)
        .order_by("stage_due_on", "pk")[:FEW]
    )
    return [Todo(row.title, row.get_absolute_url(), row.stage_due_on, _("新しい提案です")) for row in rows]


def _mine_due(actor: Actor, today: dt.date) -> list[Todo]:
    soon = today + dt.timedelta(days=3)
    rows = (
        proposal_access.visible(actor)
        .filter(officer_id=actor.pk, status__in=OPEN_STATUSES, stage_due_on__lte=soon)
        .order_by("stage_due_on", "pk")[:FEW]
    )
    return [
        Todo(
            row.title,
            row.get_absolute_url(),
            row.stage_due_on,
            _("担当の提案:「%(stage)s」の目安の日です") % {"stage": row.get_status_display()},
        )
        for row in rows
    ]


def _questions(actor: Actor) -> list[Todo]:
    rows = (
        Consultation.objects.waiting()
        .filter(section_id__in=reach_of(actor).section_ids)
        .select_related("proposal", "section")
        .order_by("due_on", "pk")[:FEW]
    )
    return [
        Todo(
            row.proposal.title,
            reverse("desk:consultation", args=[row.pk]),
            row.due_on,
            _("%(section)sへの庁内照会です") % {"section": row.section.name},
        )
        for row in rows
    ]


def late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """What lies at the windows of one's own house past its day."""
    houses = list(desk_access.visible(actor).values_list("pk", flat=True))
    rows = (
        proposal_access.visible(actor)
        .filter(organization_id__in=houses, status__in=OPEN_STATUSES, stage_due_on__lt=timezone.localdate(at))
        .select_related("officer")
        .order_by("stage_due_on", "pk")[:SHOWN]
    )
    found = list(rows)
    return {"proposals": found} if found else None


def mine(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Where a partner's own open proposals stand."""
    houses = reach_of(actor).organization_ids
    rows = Proposal.objects.visible_to(actor).open().filter(proposer_id__in=houses)
    found = list(rows.select_related("organization").order_by("-updated_at", "-pk")[:SHOWN])
    return {"proposals": found} if found else None


def of_challenge(actor: Actor, challenge: Any) -> Mapping[str, Any] | None:
    rows = proposal_access.visible(actor).submitted().filter(challenge=challenge)
    found = list(rows.select_related("organization").order_by("-received_at", "-pk")[:SHOWN])
    address = f"{reverse('desk:proposal_new')}?challenge={challenge.pk}"
    may_propose = (
        challenge.seeks_partners and challenge.organization_id not in reach_of(actor).organization_ids
    )
    return (
        {"proposals": found, "propose_url": address if may_propose else ""} if found or may_propose else None
    )


def of_contact(actor: Actor, contact: Any) -> Mapping[str, Any] | None:
    rows = proposal_access.visible(actor).submitted().filter(contact=contact)
    found = list(rows.select_related("organization").order_by("-received_at", "-pk")[:SHOWN])
    mine = contact.offering_id in reach_of(actor).organization_ids
    address = f"{reverse('desk:proposal_new')}?contact={contact.pk}" if mine and not found else ""
    return {"proposals": found, "propose_url": address} if found or address else None
