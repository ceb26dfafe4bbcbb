"""An agreement in force: obligations, activity, renewal, sleep, incidents, disputes."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from enishi.accounts.signed_in import person_of
from enishi.agreements import calculations, services
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AsleepReason, DisputeStage, Outcome
from enishi.agreements.forms import (
    ActivityForm,
    DisputeForm,
    DisputeStepForm,
    FulfilForm,
    IncidentForm,
    ProlongForm,
    SleepForm,
)
from enishi.agreements.models import Dispute, Incident
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
    today,
    visible,
    who_can,
)
from enishi.agreements.selectors import version_shown
from enishi.agreements.services.records import in_force
from enishi.agreements.services.troubles import LADDER
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import read_date


@login_required
def obligation_fulfil(request: HttpRequest, pk: int, key: uuid.UUID, due: str) -> HttpResponse:
    """The result of an obligation on one of its days (``none`` for one without a day)."""
    agreement = permitted(request, pk, "fulfil")
    version = in_force(agreement)
    obligation = version.obligations.filter(key=key).first() if version else None
    if version is None or obligation is None:
        raise Http404(_("この義務は、いまの版にありません。"))
    if not agreement_access.bears(request.user, agreement, version)(obligation):
        raise PermissionDenied(who_can(agreement))
    due_on = None if due == "none" else _day(due)
    return form_page(
        request,
        agreement,
        FulfilForm(request.POST or None, initial={"done_on": today(), "outcome": Outcome.DONE}),
        lambda cleaned: services.fulfil(
            agreement_id=pk,
            key=key,
            due_on=due_on,
            outcome=Outcome(cleaned["outcome"]),
            done_on=cleaned["done_on"],
            note=cleaned["note"] or "",
            actor=person_of(request),
            at=now(),
        ),
        title=_("義務の結果を記録する"),
        submit=_("記録する"),
        done=_("義務の結果を記録しました。"),
        lead=f"{obligation.bearer}: {obligation.text}({day_in_words(due_on) if due_on else _('期限なし')})",
    )


def _day(text: str) -> Any:
    from django.core.exceptions import ValidationError

    try:
        return read_date(text)
    except ValidationError as error:
        raise Http404(_("その期限は見つかりません。")) from error


@login_required
def activity_add(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "work")
    return form_page(
        request,
        agreement,
        ActivityForm(request.POST or None, initial={"on": today()}),
        lambda cleaned: services.record_activity(
            agreement_id=pk, on=cleaned["on"], text=cleaned["text"], actor=person_of(request), at=now()
        ),
        title=_("活動を記録する"),
        submit=_("記録する"),
        done=_("活動を記録しました。"),
        lead=_("一年活動の記録がない協定は「動いていない」と数えます。"),
    )


@login_required
def sleep_explain(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "work")
    return form_page(
        request,
        agreement,
        SleepForm(
            request.POST or None,
            initial={"reason": agreement.asleep_reason, "note": agreement.asleep_note},
        ),
        lambda cleaned: services.explain_sleep(
            agreement_id=pk,
            reason=AsleepReason(cleaned["reason"]),
            note=cleaned["note"] or "",
            actor=person_of(request),
            at=now(),
        ),
        title=_("動いていない理由"),
        submit=_("記録する"),
        done=_("理由を記録しました。"),
    )


@login_required
def agreement_prolong(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "work")
    version = in_force(agreement)
    months = (version.renewal_months if version else None) or 12
    new_end = calculations.add_months(agreement.ends_on, months) if agreement.ends_on else None
    return form_page(
        request,
        agreement,
        ProlongForm(request.POST or None, initial={"new_end": new_end}),
        lambda cleaned: services.prolong(
            agreement_id=pk,
            new_end=cleaned["new_end"] if cleaned["decision"] == "prolong" else None,
            note=cleaned["note"] or "",
            actor=person_of(request),
            at=now(),
        ),
        title=_("更新を決める"),
        submit=_("決める"),
        done=_("更新の判断を記録しました。"),
        lead=_("いまの終わりは%(day)sです。") % {"day": day_in_words(agreement.ends_on)}
        if agreement.ends_on
        else "",
    )


@login_required
def incident_new(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "report_incident")
    form = IncidentForm(
        request.POST or None,
        version=version_shown(agreement),
        initial={"risk_key": request.GET.get("risk", ""), "happened_on": today()},
    )
    return form_page(
        request,
        agreement,
        form,
        lambda _cleaned: services.report_incident(
            agreement_id=pk, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("事故・問題を記録する"),
        submit=_("記録する"),
        done=_("記録しました。"),
        lead=_(
            "リスク分担表のどれに当たるかを選ぶと、顕在化率(表のリスクのうち実際に起きたものの割合)に数えます。"
        ),
    )


@login_required
def incident_edit(request: HttpRequest, pk: int) -> HttpResponse:
    incident = get_object_or_404(Incident.objects.select_related("agreement"), pk=pk)
    agreement = _inside(request, incident.agreement_id)
    permitted(request, agreement.pk, "report_incident")
    form = IncidentForm(
        request.POST or None, version=version_shown(agreement), initial=IncidentForm.initial_of(incident)
    )
    return form_page(
        request,
        agreement,
        form,
        lambda _cleaned: services.edit_incident(
            incident_id=pk, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("事故・問題の記録を直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
    )


@login_required
def dispute_new(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "report_incident")
    return form_page(
        request,
        agreement,
        DisputeForm(request.POST or None, initial={"on": today()}),
        lambda cleaned: services.open_dispute(
            agreement_id=pk,
            title=cleaned["title"],
            opened_on=cleaned["on"],
            text=cleaned["text"],
            due_on=cleaned["due_on"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("紛争の記録を始める"),
        submit=_("記録を始める"),
        done=_("協議から記録を始めました。"),
        lead=_("協議 → 調停者 → 終了の順に、日付とともに残します。"),
        to=lambda dispute: reverse("agreements:dispute_detail", args=[dispute.pk]),
    )


@login_required
def dispute_detail(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = get_object_or_404(Dispute.objects.select_related("agreement"), pk=pk)
    agreement = _inside(request, dispute.agreement_id)
    possible = LADDER[DisputeStage(dispute.stage)]
    may_move = bool(possible) and agreement_access.allows(request.user, "report_incident", agreement)
    also = {
        "dispute": dispute,
        "history": list(dispute.steps.select_related("by")),
        "may_move": may_move,
        "ladder": list(DisputeStage),
    }
    if not may_move:
        return render(
            request, "agreements/dispute_detail.html", {"agreement": agreement, "form": None, **also}
        )
    return form_page(
        request,
        agreement,
        DisputeStepForm(request.POST or None, possible=possible, initial={"on": today()}),
        lambda cleaned: services.move_dispute(
            dispute_id=pk,
            stage=DisputeStage(cleaned["stage"]),
            on=cleaned["on"],
            text=cleaned["text"],
            due_on=cleaned["due_on"],
            actor=person_of(request),
            at=now(),
        ),
        title=dispute.title,
        submit=_("記録する"),
        done=_("段階を記録しました。"),
        to=request.path,
        also=also,
        template="agreements/dispute_detail.html",
    )


def _inside(request: HttpRequest, pk: int) -> Any:
    """The agreement, for the keeper's people and the parties; nobody else knows of its troubles."""
    agreement = visible(request, pk)
    if not agreement_access.allows(request.user, "read_inside", agreement):
        raise Http404
    return agreement
