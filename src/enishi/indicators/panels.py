"""What the room shows in the navigation and on the home page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.indicators import periods, selectors
from enishi.indicators.access import owner_of
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of

FEW = 5
SHOWN = 6
AHEAD = dt.timedelta(days=7)


def register() -> None:
    """Called once, in ``apps.ready``."""
    ui.navigation.register(
        ui.NavigationItem(
            gettext_lazy("指標"), "indicators:indicator_list", order=73, shown=_works, icon="list"
        )
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("指標を見る"), "indicators:indicator_list", order=17, bar="public")
    )
    panels.home.register(panels.HomePanel("", 35, waiting, "today", _works))
    panels.home.register(panels.HomePanel("indicators/_home_late.html", 45, late, "late", _works))
    panels.records.register(
        panels.RecordPanel(
            "organizations.organization",
            "indicators/_of_organization.html",
            60,
            of_organization,
            gettext_lazy("指標"),
        )
    )


def _works(actor: Actor) -> bool:
    """The staff of public bodies."""
    staff = {
        Role.OFFICER.value,
        Role.MANAGER.value,
        Role.PLANNER.value,
        Role.ADMINISTRATOR.value,
        Role.AUDITOR.value,
    }
    return any(role in staff for _house, role in reach_of(actor).roles)


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Values due, values returned, values to approve."""
    today = timezone.localdate(at)
    items = [
        panels.Todo(
            indicator.name,
            reverse("indicators:value_new", args=[indicator.pk]),
            due=indicator.next_due_on,
            why=_("指標の値を入れる期限です"),
        )
        for indicator in selectors.due_for(actor, today + AHEAD)[:FEW]
    ]
    items += [
        panels.Todo(
            owner_of(row).name,
            reverse("indicators:value_detail", args=[row.pk]),
            why=_("差し戻されました: %(reason)s") % {"reason": row.returned_reason},
        )
        for row in selectors.returned_to(actor)[:FEW]
    ]
    rows = list(selectors.waiting_for(actor).order_by("recorded_at", "pk")[: FEW + 1])
    if len(rows) > FEW:
        items.append(
            panels.Todo(
                _("承認を待っている指標の値"), reverse("indicators:waiting"), why=_("5件より多くあります")
            )
        )
    else:
        items += [
            panels.Todo(
                f"{owner_of(row).name} {periods.for_reader(row.period_start, row.period_end)}",
                reverse("indicators:value_detail", args=[row.pk]),
                why=_("指標の値の承認を待っています"),
            )
            for row in rows
        ]
    return {"items": items} if items else None


def late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Values of one's house that are overdue."""
    today = timezone.localdate(at)
    rows = list(selectors.overdue(actor, today).order_by("next_due_on", "pk")[:SHOWN])
    return {"indicators": rows, "today": today} if rows else None


def of_organization(actor: Actor, organization: Any) -> Mapping[str, Any] | None:
    """How many indicators stand where, on the organisation's page."""
    if not organization.is_public_body:
        return None
    counts = selectors.counts_of(actor, organization.pk, timezone.localdate())
    return {"counts": counts, "more_url": reverse("indicators:indicator_list")} if counts else None
