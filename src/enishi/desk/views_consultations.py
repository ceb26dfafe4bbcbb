"""庁内照会: asked from the case, answered from the page or from the letter."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
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
from enishi.desk.services import consultation_letters, links
from enishi.desk.views_cases import (
    working_case,
)
from enishi.foundation.days import day_in_words
from enishi.foundation.form_pages import form_page, press
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
    nobody = consultation_letters.unheard(asked, timezone.localdate())
    if nobody:
        sentence = _("%(sections)sには、照会が届く人がいません。") % {"sections": _("、").join(nobody)}
        messages.warning(request, f"{sentence}{consultation_letters.HOW_TO_REACH}")
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
            "may_cancel": _may_cancel(request, found),
            "transfer_form": forms_cases.TransferForm(consultation=found) if may_answer else None,
        },
    )


def _may_cancel(request: HttpRequest, found: Consultation) -> bool:
    return found.is_waiting and consultation_access.allows(request.user, "cancel", found)


def _facts(found: Consultation) -> dict[str, Any]:
    return {
        "consultation": found,
        "proposal": found.proposal,
        "fields": list(found.proposal.fields.all()),
        "stretches": list(found.stretches.select_related("section")),
    }


@login_required
@require_POST
def consultation_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass it on to the right section."""
    found = _visible(request, pk)
    _require(request, "answer", found)
    form = forms_cases.TransferForm(request.POST, consultation=found)
    person = person_of(request)
    passed = _passed_on(
        form, lambda **sent: services.transfer(consultation_id=pk, actor=person, at=timezone.now(), **sent)
    )
    if passed is not None:
        messages.success(request, _passed_in_words(passed))
        return redirect("desk:consultation", pk)
    context = {
        **_facts(found),
        "form": forms_cases.AnswerForm(),
        "may_answer": found.is_waiting,
        "may_cancel": _may_cancel(request, found),
        "transfer_form": form,
    }
    return render(request, "desk/consultation.html", context, status=422)


def _passed_on(form: forms_cases.TransferForm, act: Callable[..., Consultation]) -> Consultation | None:
    """The question where it lies now. None when the form has something to say."""
    if not form.is_valid():
        return None
    try:
        return act(section=form.cleaned_data["section"], reason=form.cleaned_data["reason"])
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return None


def _passed_in_words(consultation: Consultation) -> str:
    words = {"section": consultation.section.name, "due": day_in_words(consultation.due_on)}
    return _("「%(section)s」に回しました。期限は%(due)sのままです。") % words


def _require(request: HttpRequest, action: str, found: Consultation) -> None:
    if not consultation_access.allows(request.user, action, found):
        raise PermissionDenied(
            _("この照会を動かせるのは、%(section)sの人と窓口の人です。") % {"section": found.section.name}
        )


@login_required
@require_POST
def consultation_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Remind, take back."""
    found = _visible(request, pk)
    _require(request, "cancel", found)
    act, done = {
        "remind": (services.remind, _("もう一度お願いしました。")),
        "cancel": (services.cancel, _("照会を取りやめました。")),
    }[action]
    return press(
        request,
        lambda: act(consultation_id=pk, actor=person_of(request), at=timezone.now()),
        done=done,
        to=found.proposal,
    )


def _question_over(request: HttpRequest, secret: str) -> HttpResponse | None:
    """Whoever opens the letter too late, or presses twice, learns where the question went."""
    over = links.question_over(secret)
    if over is None:
        return None
    if request.method == "POST":
        return redirect("desk:answer_by_link", secret)
    reached = not consultation_letters.unheard([over], timezone.localdate())
    return render(request, "desk/answer_over.html", {"consultation": over, "reached": reached})


@limited("desk-answer", times=60, seconds=600)
@behind_link(LinkPurpose.ANSWER, closed=_question_over)
def answer_by_link(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """From the letter, without signing in. Opening shows the question; only the button answers."""
    found = _question_of(link)
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
    return _letter_page(request, found, secret, form=form)


@limited("desk-answer", times=60, seconds=600)
@require_POST
@behind_link(LinkPurpose.ANSWER, closed=_question_over)
def transfer_by_link(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """Pass it on from the letter: the address closes and says where the question lies now."""
    found = _question_of(link)
    form = forms_cases.TransferForm(request.POST, consultation=found)
    passed = _passed_on(
        form, lambda **sent: services.transfer_by_link(link_id=link.pk, at=timezone.now(), **sent)
    )
    if passed is not None:
        messages.success(request, _passed_in_words(passed))
        return redirect("desk:answer_by_link", secret)
    return _letter_page(request, found, secret, transfer_form=form)


def _question_of(link: SecretLink) -> Consultation:
    found = link.consultation
    if found is None:
        raise Http404
    found.proposal = link.proposal
    return found


def _letter_page(request: HttpRequest, found: Consultation, secret: str, **forms: Form) -> HttpResponse:
    context: dict[str, Any] = {**_facts(found), "secret": secret, "may_answer": found.is_waiting, **forms}
    if found.is_waiting:
        context.setdefault("form", forms_cases.AnswerForm())
        context.setdefault("transfer_form", forms_cases.TransferForm(consultation=found))
    refused = any(form.is_bound and form.errors for form in forms.values())
    return render(request, "desk/answer_by_link.html", context, status=422 if refused else 200)
