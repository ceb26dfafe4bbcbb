"""What the room shows on the home page, on a proposal's and on an organisation's page, and the ways to its pages."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.agreements import selectors
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, ConsentState
from enishi.agreements.models import Agreement, Approval, Consent
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

FEW = 6
SHOWN = 8
AHEAD = dt.timedelta(days=30)


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = gettext_lazy("協定")
    ui.navigation.register(
        ui.NavigationItem(label, "agreements:agreement_list", order=45, shown=_is_member, icon="file")
    )
    ui.navigation.register(
        ui.NavigationItem(
            gettext_lazy("制度を選ぶ"), "agreements:scheme_list", order=46, shown=_is_member, icon="search"
        )
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("協定を見る"), "agreements:agreement_list", order=13, bar="public")
    )
    panels.home.register(panels.HomePanel("", 25, waiting, "today", _is_member))
    panels.home.register(panels.HomePanel("agreements/_home_late.html", 38, late, "late", _is_member))
    panels.records.register(
        panels.RecordPanel("desk.proposal", "agreements/_of_proposal.html", 35, of_proposal, label)
    )
    panels.records.register(
        panels.RecordPanel(
            "organizations.organization", "agreements/_of_organization.html", 35, of_organization, label
        )
    )


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Approvals whose turn it is, those decided in one's place, consents, and deadlines one looks after."""
    items = [*_approvals(actor), *_consents(actor), *_deadlines(actor, timezone.localdate(at))]
    return {"items": items} if items else None


def _approvals(actor: Actor) -> list[panels.Todo]:
    turns = [
        panels.Todo(
            each.version.agreement.title,
            each.version.agreement.get_absolute_url(),
            why=_("%(kind)sを待っています") % {"kind": each.get_kind_display()},
        )
        for each in selectors.approvals_waiting_for(actor)[:FEW]
    ]
    unseen = (
        Approval.objects.filter(person_id=cast(int, actor.pk), seen_at__isnull=True, by__isnull=False)
        .exclude(by_id=actor.pk)
        .select_related("version__agreement")
        .order_by("-at")[:FEW]
    )
    return turns + [
        panels.Todo(
            each.version.agreement.title,
            each.version.agreement.get_absolute_url(),
            why=_("代決されました。後閲してください"),
        )
        for each in unseen
    ]


def _consents(actor: Actor) -> list[panels.Todo]:
    rows = (
        Consent.objects.filter(
            organization_id__in=reach_of(actor).organization_ids,
            state=ConsentState.WAITING,
            change__state="consenting",
            change__agreement__in=agreement_access.visible(actor),
        )
        .select_related("change")
        .order_by("pk")[:FEW]
    )
    return [
        panels.Todo(
            row.change.title,
            reverse("agreements:change_detail", args=[row.change_id]),
            why=_("協定の変更への返事を待っています"),
        )
        for row in rows
    ]


def _deadlines(actor: Actor, today: dt.date) -> list[panels.Todo]:
    rows = (
        agreement_access.visible(actor)
        .filter(officer_id=actor.pk, status=AgreementStatus.ACTIVE, next_due_on__lte=today + AHEAD)
        .order_by("next_due_on", "pk")[:FEW]
    )
    return [
        panels.Todo(row.title, row.get_absolute_url(), due=row.next_due_on, why=_("協定の期限です"))
        for row in rows
    ]


def late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Deadlines one's organisation let pass, and agreements nobody used for a year, without a reason."""
    today = timezone.localdate(at)
    mine = agreement_access.visible(actor).filter(organization_id__in=reach_of(actor).organization_ids)
    over = mine.filter(status=AgreementStatus.ACTIVE, next_due_on__lt=today).order_by("next_due_on", "pk")
    unexplained = selectors.asleep(mine, today).filter(asleep_reason="").order_by("last_activity_on", "pk")
    found = {"over": list(over[:SHOWN]), "asleep": list(unexplained[:SHOWN]), "today": today}
    return found if found["over"] or found["asleep"] else None


def of_proposal(actor: Actor, proposal: Any) -> Mapping[str, Any] | None:
    """Agreements that came of the proposal; where there is none yet, the way to begin one."""
    rows = list(agreement_access.visible(actor).filter(proposal=proposal).order_by("-updated_at")[:SHOWN])
    may_create = agreement_access.allows(actor, "create", proposal.organization) and proposal.status in {
        "adopted",
        "trial",
    }
    if not rows and not may_create:
        return None
    return {"agreements": rows, "may_create": may_create, "proposal": proposal}


def of_organization(actor: Actor, organization: Any) -> Mapping[str, Any] | None:
    """Agreements in force the organisation keeps or signed."""
    through = Agreement.parties.through._default_manager.filter(organization=organization)
    rows = agreement_access.visible(actor).filter(
        Q(organization=organization) | Q(pk__in=through.values("agreement_id")), status=AgreementStatus.ACTIVE
    )
    found = list(rows.order_by("-updated_at", "-pk")[:SHOWN])
    return {"agreements": found} if found else None
