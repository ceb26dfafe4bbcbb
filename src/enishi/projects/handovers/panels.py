"""What a successor still has to read."""

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, RecordPanel, Todo, home, records
from enishi.foundation.ui import NavigationItem, navigation
from enishi.notifications import kinds
from enishi.notifications.enums import MailMode
from enishi.organizations.handover import Duties
from enishi.organizations.visibility import reach_of
from enishi.projects.handovers.access import handover_access


def register() -> None:
    kinds.register(
        kinds.NoticeKind("handover", gettext_lazy("引継書が届いたとき、確認されたとき"), MailMode.AT_ONCE)
    )
    home.register(HomePanel("", 15, waiting, "today", shown=works))
    records.register(
        RecordPanel(
            "organizations.section", "projects/_handovers.html", 40, of_section, gettext_lazy("引継書")
        )
    )
    navigation.register(
        NavigationItem(gettext_lazy("引継書"), "projects:handover_list", order=86, icon="people", shown=works)
    )


def works(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    rows = (
        handover_access.visible(actor)
        .filter(successor_id=actor.pk)
        .annotate(left=Count("items", filter=Q(items__confirmed_at__isnull=True)))
        .filter(left__gt=0)
        .select_related("person", "section", "successor")
        .order_by("-made_at", "-pk")[:5]
    )
    items = [
        Todo(
            str(row),
            row.get_absolute_url(),
            why=_("まだ確認していない項目が%(count)d件あります") % {"count": row.left},
        )
        for row in rows
    ]
    return {"items": items} if items else None


def of_section(actor: Actor, section: Any) -> dict[str, Any] | None:
    """The section's packets this person may read, and the way to a new one for whoever may make it."""
    packets = list(handover_access.visible(actor).filter(section=section).order_by("-made_at", "-pk")[:5])
    duties = Duties(section.organization, None, frozenset({section.pk}))
    may_make = handover_access.allows(actor, "make", duties)
    return {"packets": packets, "may_make": may_make} if packets or may_make else None
