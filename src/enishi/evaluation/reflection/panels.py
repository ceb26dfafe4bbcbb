"""Ways to these pages, what waits for 財政, and reflections on the pages of decisions, programmes and budget codes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.evaluation.access import decision_access, staffed_ids
from enishi.evaluation.reflection import selectors
from enishi.evaluation.reflection.access import reflection_access
from enishi.evaluation.reflection.models import Reflection
from enishi.evaluation.reflection.selectors import Moment
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of

FEW = 10


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = gettext_lazy("予算への反映")
    ui.navigation.register(
        ui.NavigationItem(label, "evaluation:reflection_list", order=77, shown=_reads, icon="list")
    )
    for words, name, order in (
        (gettext_lazy("枠配分"), "evaluation:envelope_list", 78),
        (gettext_lazy("評価と予算の公開データ"), "evaluation:data_set_list", 79),
    ):
        ui.navigation.register(ui.NavigationItem(words, name, order=order, shown=_is_staff, icon="list"))
    ui.navigation.register(
        ui.NavigationItem(
            gettext_lazy("評価と予算のデータ"), "evaluation:data_set_list", order=17, bar="public"
        )
    )
    panels.home.register(panels.HomePanel("", 60, waiting, "today", _is_staff))
    for record, rows in (
        ("evaluation.improvementdecision", _of_decision),
        ("budgets.programme", _of_programme),
        ("budgets.budgetcode", _of_code),
    ):
        panels.records.register(panels.RecordPanel(record, "evaluation/_reflections.html", 60, rows, label))


def _reads(actor: Actor) -> bool:
    """Auditors see what became of decisions, too."""
    return _is_staff(actor) or any(role == Role.AUDITOR for _house, role in reach_of(actor).roles)


def _is_staff(actor: Actor) -> bool:
    """Only public bodies give these roles, so nobody need be asked what kind of body it is."""
    return bool(staffed_ids(actor))


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Decisions without a row before the vote (E4), and rows of others to approve."""
    items = []
    year = FiscalYear.of(timezone.localdate(at)).year + 1
    for house in sorted(staffed_ids(actor)):
        if not reflection_access.allows(actor, "record", house):
            continue
        missing = selectors.counts(selectors.worklist(house, year), Moment(year))["missing"]
        address = reverse("evaluation:reflection_list")
        if missing:
            items.append(
                panels.Todo(
                    _("予算への反映を記録していない決定 %(count)d件") % {"count": missing},
                    f"{address}?year={year}&state=missing",
                    selectors.vote_due_on(year),
                    _("当初予算の議決までに、反映したかどうかと理由を記録します。"),
                )
            )
        others = Reflection.objects.waiting().filter(organization_id=house).exclude(recorded_by_id=actor.pk)
        first = others.order_by("-fiscal_year", "stage", "round_no").first()
        if first is not None:
            items.append(
                panels.Todo(
                    _("予算への反映の承認待ち %(count)d件") % {"count": others.count()},
                    f"{address}?year={first.fiscal_year}&stage={first.stage}&round={first.round_no}&state=waiting",
                )
            )
    return {"items": items} if items else None


def _told(actor: Actor, **filters: Any) -> Mapping[str, Any] | None:
    """The reflections this reader may see, newest year first."""
    rows = (
        reflection_access.visible(actor)
        .filter(**filters)
        .select_related("decision__subject")
        .order_by("-fiscal_year", "decision_id", "stage", "round_no")
        .distinct()
    )
    found = list(rows[: FEW + 1])
    return {"reflections": found[:FEW], "more": len(found) > FEW} if found else None


def _of_decision(actor: Actor, decision: Any) -> Mapping[str, Any] | None:
    told = _told(actor, decision=decision)
    if told is None and decision.budget_relevant and not decision.is_continued:
        visible = decision_access.visible(actor).filter(pk=decision.pk).exists()
        return {"reflections": [], "more": False, "decision": decision} if visible else None
    return {**told, "decision": decision} if told else None


def _of_programme(actor: Actor, programme: Any) -> Mapping[str, Any] | None:
    return _told(actor, decision__programme=programme)


def _of_code(actor: Actor, code: Any) -> Mapping[str, Any] | None:
    """From the code of the budget back to the decisions that moved its money."""
    return _told(actor, evidence__code=code)
