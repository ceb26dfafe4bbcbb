"""庁内照会: asked from the case, answered from the page or from the letter."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk import forms_cases, services
from enishi.desk.access import consultation_access, desk_access
from enishi.desk.behind_links import behind_link
from enishi.desk.enums import ConsultationAnswer, LinkPurpose, SuggestionAnswer, SuggestionKind
from enishi.desk.errors import RefusedError
from enishi.desk.models import Consultation, DeskSettings, SecretLink
from enishi.desk.pages import case_page
from enishi.desk.services import consultations as asking
from enishi.desk.views_cases import (
    working_case,
)
from enishi.foundation.form_pages import form_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.organizations.visibility import reach_of


@login_required
def proposal_consult(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask several sections at once; what triage suggested is ticked."""
    proposal = working_case(request, pk, "consult")
    settings = DeskSettings.objects.filter(organization_id=proposal.organization_id).first()
    suggested = proposal.suggestions.filter(
        kind=SuggestionKind.SECTION, answer=SuggestionAnswer.ACCEPTED
    ).values_list("section_id", flat=True)
    form = forms_cases.ConsultForm(
        request.POST or None,
        proposal=proposal,
        initial={
            "business_days": settings.consultation_days if settings else 5,
            "sections": list(suggested),
        },
    )
    return case_page(
        request,
        proposal,
        form,
        lambda sent: services.consult(
            proposal_id=pk,
            sections=list(sent.cleaned_data["sections"]),
            question=sent.cleaned_data["question"],
            business_days=sent.cleaned_data["business_days"],
            actor=person_of(request),
            at=timezone.now(),
        ),
        title=_("庁内に照会する"),
        submit=_("照会する"),
        done=lambda asked: _told(request, asked),
        lead=_(
            "選んだ課の人と課のメールアドレスに、その場で答えられるリンクが届きます。非公開の部分は送られません。"
        ),
    )


def _told(request: HttpRequest, asked: Sequence[Consultation]) -> str:
    nobody = asking.unheard(asked, timezone.localdate())
    if nobody:
        sentence = _("%(sections)sには、照会が届く人がいません。") % {"sections": "、".join(nobody)}
        messages.warning(request, f"{sentence}{asking.HOW_TO_REACH}")
    return _("%(count)d課に照会しました。") % {"count": len(asked)}


@login_required
@require_safe
def consultation_list(request: HttpRequest) -> HttpResponse:
    """Questions to my sections, those that wait first by their day."""
    reach = reach_of(request.user)
    rows = consultation_access.visible(request.user)
    everybody = request.GET.get("all") == "1"
    if not everybody:
        rows = rows.filter(section_id__in=reach.section_ids)
    if request.GET.get("answered") != "1":
        rows = rows.waiting()
    page = paginate(
        rows.select_related("proposal", "section"), order_by=("due_on", "pk"), parameters=request.GET
    )
    context = {
        "page": page,
        "total": rows.count(),
        "everybody": everybody,
        "answered": request.GET.get("answered") == "1",
        "desks": desk_access.visible(request.user).exists(),
    }
    return render(request, "desk/consultation_list.html", context)


def _visible(request: HttpRequest, pk: int) -> Consultation:
    rows = consultation_access.visible(request.user).select_related(
        "proposal__organization", "proposal__proposer", "section", "asked_by", "answered_by"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """One question: answer it, or pass it on."""
    found = _visible(request, pk)
    may_answer = found.is_waiting and consultation_access.allows(request.user, "answer", found)
    if request.method == "POST" and not may_answer and found.is_waiting:
        raise PermissionDenied(
            _("この照会に答えられるのは、%(section)sの人と窓口の人です。") % {"section": found.section.name}
        )
    return form_page(
        request,
        forms_cases.AnswerForm(request.POST or None),
        lambda form: services.answer(
            consultation_id=pk,
            verdict=ConsultationAnswer(form.cleaned_data["answer"]),
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=timezone.now(),
        ),
        done=_("回答しました。窓口に知らせます。"),
        to=reverse("desk:consultation", args=[pk]),
        template="desk/consultation.html",
        also={
            **_facts(found),
            "may_answer": may_answer,
            "may_cancel": found.is_waiting and consultation_access.allows(request.user, "cancel", found),
            "transfer_form": forms_cases.TransferForm(proposal=found.proposal) if may_answer else None,
        },
    )


def _facts(found: Consultation) -> dict[str, Any]:
    return {
        "consultation": found,
        "proposal": found.proposal,
        "fields": list(found.proposal.fields.all()),
        "stretches": list(found.stretches.select_related("section")),
    }


@login_required
@require_POST
def consultation_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Pass on, remind, take back."""
    found = _visible(request, pk)
    at, actor = timezone.now(), person_of(request)
    if not consultation_access.allows(actor, "answer" if action == "transfer" else "cancel", found):
        raise PermissionDenied(
            _("この照会を動かせるのは、%(section)sの人と窓口の人です。") % {"section": found.section.name}
        )
    try:
        if action == "transfer":
            form = forms_cases.TransferForm(request.POST, proposal=found.proposal)
            if not form.is_valid():
                raise RefusedError(_("回す先の課を選んでください。"))
            services.transfer(
                consultation_id=pk,
                section=form.cleaned_data["section"],
                reason=form.cleaned_data["reason"],
                actor=actor,
                at=at,
            )
            messages.success(request, _("照会を回しました。期限はそのままです。"))
        elif action == "remind":
            services.remind(consultation_id=pk, actor=actor, at=at)
            messages.success(request, _("もう一度お願いしました。"))
        else:
            services.cancel(consultation_id=pk, actor=actor, at=at)
            messages.success(request, _("照会を取りやめました。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect(found.proposal)


@limited("desk-answer", times=60, seconds=600)
@behind_link(LinkPurpose.ANSWER)
def answer_by_link(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """From the letter, without signing in. Opening shows the question; only the button answers."""
    found = link.consultation
    if found is None:
        raise Http404
    found.proposal = link.proposal
    chosen = request.GET.get("answer", "")
    form = forms_cases.AnswerForm(request.POST or None, initial={"answer": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_by_link(
                link_id=link.pk,
                verdict=ConsultationAnswer(form.cleaned_data["answer"]),
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("回答しました。ありがとうございます。"))
            return redirect("desk:answer_by_link", secret)
    context = {**_facts(found), "form": form, "may_answer": found.is_waiting}
    return render(request, "desk/answer_by_link.html", context)
