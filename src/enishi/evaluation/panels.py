"""What the room shows elsewhere: the way to it, what waits today, what is late, and reviews of a programme or branch."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.evaluation import selectors
from enishi.evaluation.access import fills_programme, sits_on_panel, staffed_ids, subject_access
from enishi.evaluation.enums import EvaluationState, Place
from enishi.evaluation.models import Subject
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of

FEW = 6
SHOWN = 6
AHEAD = dt.timedelta(days=14)


def register() -> None:
    """Called once, in ``apps.ready``."""
    label = gettext_lazy("行政評価")
    ui.navigation.register(
        ui.NavigationItem(label, "evaluation:cycle_list", order=73, shown=reviews, icon="check")
    )
    ui.navigation.register(
        ui.NavigationItem(
            gettext_lazy("改善の決定"), "evaluation:decision_list", order=74, shown=works, icon="pencil"
        )
    )
    ui.navigation.register(
        ui.NavigationItem(gettext_lazy("評価の結果"), "evaluation:result_list", order=18, bar="public")
    )
    panels.home.register(panels.HomePanel("", 35, waiting, "today", reviews))
    panels.home.register(panels.HomePanel("evaluation/_home_late.html", 45, late, "late", works))
    for kind, context in (("budgets.programme", of_programme), ("plans.plannode", of_node)):
        panels.records.register(
            panels.RecordPanel(kind, "evaluation/_of_record.html", 50, context, gettext_lazy("評価"))
        )


def works(actor: Actor) -> bool:
    return bool(staffed_ids(actor))


def reviews(actor: Actor) -> bool:
    """Staff of a house, its auditors, and whoever sits on a panel."""
    if works(actor):
        return True
    reach = reach_of(actor)
    return bool(reach.audited_ids) or (actor.is_authenticated and sits_on_panel(actor).exists())


WHY = {
    Place.FIRST: gettext_lazy("評価シートの記入を待っています"),
    Place.APPROVAL: gettext_lazy("評価シートの承認を待っています"),
    Place.SECOND: gettext_lazy("二次評価を待っています"),
    Place.EXTERNAL: gettext_lazy("外部評価を待っています"),
    Place.DECISION: gettext_lazy("決定の案を待っています"),
}


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Sheets that are this person's turn, decisions to make, follow-ups due."""
    items = [
        panels.Todo(subject.title, _where(subject), due=subject.due_on, why=_why(subject))
        for subject in selectors.waiting_for(actor, FEW)
    ]
    items += [
        panels.Todo(
            str(decision),
            decision.get_absolute_url(),
            due=decision.subject.cycle.decision_due_on,
            why=_("改善の決定を待っています"),
        )
        for decision in selectors.decisions_waiting_for(actor, FEW)
    ]
    items += [
        panels.Todo(
            follow.what,
            reverse("evaluation:follow_up_end", args=[follow.pk]),
            due=follow.due_on,
            why=_("「%(title)s」の決定のフォローの期限です") % {"title": follow.decision.subject.title},
        )
        for follow in selectors.follow_ups_waiting_for(actor, timezone.localdate(at) + AHEAD, FEW)
    ]
    return {"items": items} if items else None


def _why(subject: Subject) -> str:
    returned = any(each.state == EvaluationState.RETURNED for each in subject.evaluations.all())
    if subject.place == Place.FIRST and returned:
        return _("評価シートが差し戻されています")
    return str(WHY[Place(subject.place)])


def _where(subject: Subject) -> str:
    stage = {Place.FIRST: "first", Place.SECOND: "second", Place.EXTERNAL: "external"}.get(
        Place(subject.place)
    )
    if stage:
        return reverse("evaluation:sheet_fill", args=[subject.pk, stage])
    return subject.get_absolute_url()


def late(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Sheets of one's sections that lie past their day."""
    today = timezone.localdate(at)
    rows = subject_access.visible(actor).filter(
        section_id__in=reach_of(actor).section_ids, pk__in=Subject.objects.open().values("pk")
    )
    found = [
        row
        for row in rows.select_related("cycle", "section").order_by("place", "code", "pk")[:200]
        if row.is_late(today)
    ]
    return {"subjects": found[:SHOWN], "today": today} if found else None


def of_programme(actor: Actor, programme: Any) -> Mapping[str, Any] | None:
    rows = subject_access.visible(actor).filter(programme=programme, included=True)
    found = _latest(rows)
    may_set = fills_programme(actor, programme)
    if not found and not may_set:
        return None
    return {
        "subjects": found,
        "today": timezone.localdate(),
        "yardsticks_url": reverse("evaluation:yardsticks", args=[programme.pk]) if may_set else "",
        "propose_url": reverse("evaluation:proposal_new", args=[programme.pk])
        if actor.is_authenticated
        else "",
    }


def of_node(actor: Actor, node: Any) -> Mapping[str, Any] | None:
    """Reviews of the branch through all versions of its plan."""
    found = _latest(subject_access.visible(actor).filter(node__uid=node.uid, included=True))
    return {"subjects": found, "today": timezone.localdate()} if found else None


def _latest(rows: Any) -> list[Subject]:
    return list(selectors.with_first(rows).order_by("-cycle__evaluated_fy", "-pk")[:SHOWN])
