"""Ways into the room, and what waits for somebody on the home page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.budgets.enums import RunState
from enishi.budgets.models import BudgetImport
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

FEW = 5


def register() -> None:
    """Called once, in ``apps.ready``."""
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("予算"), "budgets:budget_tree", 76, _is_member, icon="list")
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("事務事業"), "budgets:programme_list", 77, _is_member, icon="file")
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("予算の取り込み"), "budgets:run_list", 78, _is_member, icon="upload")
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("予算を見る"), "budgets:budget_tree", 17, bar="public")
    )
    panels.home.register(panels.HomePanel("", 45, waiting, "today", _is_member))


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Files this person brought that wait for a yes, or for mending."""
    since = at - dt.timedelta(days=14)
    rows = BudgetImport.objects.filter(
        person_id=int(actor.pk or 0), state__in=[RunState.READY, RunState.REFUSED], created_at__gte=since
    )
    whys = {
        RunState.READY: _("調べ終わりました。内容を確かめて取り込んでください"),
        RunState.REFUSED: _("直すところがあります"),
    }
    items = [
        panels.Todo(
            _("予算のファイル「%(file)s」") % {"file": run.filename},
            reverse("budgets:run_detail", args=[run.pk]),
            why=whys[RunState(run.state)],
        )
        for run in rows.order_by("-created_at")[:FEW]
    ]
    return {"items": items} if items else None
