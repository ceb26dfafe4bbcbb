"""What every page of the room asks first: who is it, which cycle or sheet, may they; and how forms are shown."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.evaluation.access import cycle_access, decision_access, subject_access
from enishi.evaluation.enums import DecisionState, Place
from enishi.evaluation.models import EvaluationCycle, ImprovementDecision, Subject
from enishi.foundation import form_pages
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership

signed_in = login_required
Crumb = tuple[str, str]


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def house_of(request: HttpRequest) -> Organization | None:
    """The public body this person works for just now."""
    place = current_membership(request)
    if place is None or place.role == "resident" or not place.organization.is_public_body:
        return None
    return place.organization


def visible_cycle(request: HttpRequest, pk: int) -> EvaluationCycle:
    rows = cycle_access.visible(request.user).select_related("organization", "updated_by")
    return get_object_or_404(rows, pk=pk)


def visible_sheet(request: HttpRequest, pk: int) -> Subject:
    rows = subject_access.visible(request.user).select_related(
        "cycle__organization",
        "programme__section",
        "programme__organization",
        "node__level",
        "node__version__plan",
        "section",
        "officer",
    )
    return get_object_or_404(rows, pk=pk)


def visible_decision(request: HttpRequest, pk: int) -> ImprovementDecision:
    rows = decision_access.visible(request.user).select_related(
        "subject__cycle", "subject__section", "organization", "merges_into", "owner_section", "owner",
        "proposed_by", "confirmed_by", "decided_by", "supersedes", "node",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


WHO = {
    "first": gettext_lazy("担当課(%(section)s)の担当か管理職"),
    "approve": gettext_lazy("担当課(%(section)s)の管理職"),
    "second": gettext_lazy("行革か企画の担当"),
    "external": gettext_lazy("この周期の外部評価委員"),
    "propose": gettext_lazy("担当課の管理職か、行革・企画の担当"),
    "manage": gettext_lazy("行革の担当"),
    "publish": gettext_lazy("行革の担当"),
}


TURNS = {
    Place.FIRST: "first",
    Place.APPROVAL: "approve",
    Place.SECOND: "second",
    Place.EXTERNAL: "external",
    Place.DECISION: "propose",
}
WHOSE_DECISION = {
    DecisionState.PROPOSED: gettext_lazy("行革の担当(案の確認)"),
    DecisionState.CONFIRMED: gettext_lazy("首長・庁議(決定)"),
}


def who_may(action: str, subject: Subject) -> str:
    return str(WHO[action]) % {"section": subject.section.name if subject.section else _("未設定")}


def whose_turn(subject: Subject, decision: ImprovementDecision | None) -> str:
    """The part of the house a sheet waits for, in words; empty where it waits for nobody."""
    action = TURNS.get(Place(subject.place))
    if action is None or not subject.included or not subject.cycle.is_running:
        return ""
    if subject.place == Place.DECISION and decision is not None:
        return str(WHOSE_DECISION.get(DecisionState(decision.state), ""))
    return who_may(action, subject)


def require(request: HttpRequest, action: str, subject: Subject) -> None:
    """Whoever may not is told who can."""
    if subject_access.allows(request.user, action, subject):
        return
    raise PermissionDenied(_("これができるのは、%(who)sです。") % {"who": who_may(action, subject)})


def require_cycle(request: HttpRequest, cycle: EvaluationCycle) -> None:
    if not cycle_access.allows(request.user, "manage", cycle):
        raise PermissionDenied(
            _("評価の周期を動かせるのは、%(owner)sの行革の担当です。") % {"owner": cycle.organization.name}
        )


def cycle_crumbs(cycle: EvaluationCycle) -> list[Crumb]:
    return [(reverse("evaluation:cycle_list"), _("行政評価")), (cycle.get_absolute_url(), cycle.title)]


def sheet_crumbs(subject: Subject) -> list[Crumb]:
    return [*cycle_crumbs(subject.cycle), (subject.get_absolute_url(), subject.title)]


def page_with_form(
    request: HttpRequest,
    form: Any,
    save: Callable[[Any], Any],
    *,
    title: str,
    submit: str,
    done: Callable[[Any], str] | str,
    to: Callable[[Any], str] | str,
    crumbs: Sequence[Crumb],
    lead: str = "",
    template: str = "enishi/form_page.html",
    also: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """One form on one page, kept while somebody types."""
    back = crumbs[-1][0]
    context = {
        "title": title,
        "submit": submit,
        "lead": lead,
        "crumbs": crumbs,
        "cancel": back,
        **(also or {}),
    }
    return form_pages.form_page(request, form, save, done=done, to=to, template=template, also=context)
