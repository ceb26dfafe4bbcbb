"""The page of one proposal: for the desk, the sections, and whoever made it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history, selectors
from enishi.desk import confidentiality, drafting, forms_cases, services
from enishi.desk.access import STAFF_ROLES, consultation_access, proposal_access
from enishi.desk.enums import MailState, ProposalStatus, SuggestionAnswer
from enishi.desk.errors import RefusedError
from enishi.desk.models import (
    ConfidentialGrant,
    Consultation,
    Letter,
    Proposal,
    ProposalFile,
    Review,
    Reviewer,
    barred_from,
)
from enishi.desk.next_steps import Answers, next_step
from enishi.desk.pages import case_page
from enishi.desk.services import letters, times
from enishi.desk.views_status import as_attachment, status_facts
from enishi.foundation.access import Actor
from enishi.foundation.thread import case_knots
from enishi.organizations.visibility import reach_of


class DeclareFirstError(PermissionDenied):
    """Somebody asked to judge the proposal has not said yet what ties they have."""

    def __init__(self, review: Review) -> None:
        self.review = review
        super().__init__(
            _("「%(review)s」で審査をお願いしている提案です。審査のページで利害関係を申告すると読めます。")
            % {"review": review.title}
        )


def visible_case(request: HttpRequest, pk: int) -> Proposal:
    """The proposal with what its pages show, or 404 for whoever may not know of it."""
    rows = proposal_access.visible(request.user).select_related(
        "organization", "section", "proposer", "challenge", "call", "officer", "updated_by"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        _refuse_reviewers(request.user, pk)
        raise Http404
    return found


def _refuse_reviewers(person: Actor, pk: int) -> None:
    """Tell people of the house why a seat among the reviewers closes the proposal to them; others find nothing."""
    houses = {key for key, role in reach_of(person).roles if role in STAFF_ROLES}
    seats = Reviewer.objects.filter(person_id=person.pk or 0, review__organization_id__in=houses)
    waiting = Review.objects.filter(entries__proposal=pk, reviewers__in=seats.undeclared()).first()
    if waiting is not None:
        raise DeclareFirstError(waiting)
    if seats.exists() and barred_from(person).filter(proposal_id=pk).exists():
        raise PermissionDenied(
            _(
                "利害関係があるため外れた審査の提案です。結果が公表されるまで開けません。申告した内容は審査のページで確かめられます。"
            )
        )


def working_case(request: HttpRequest, pk: int, action: str = "work") -> Proposal:
    """The proposal, for those who work on it; others who may read it are told who can."""
    proposal = visible_case(request, pk)
    if not proposal_access.allows(request.user, action, proposal):
        raise PermissionDenied(
            _("この提案を進められるのは、%(desk)sの窓口の人と担当課の人です。")
            % {"desk": proposal.organization.name}
        )
    return proposal


@require_safe
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        proposal = visible_case(request, pk)
    except DeclareFirstError as first:
        messages.info(request, str(first))
        return redirect("desk:review_declare", first.review.pk)
    if proposal.stage == ProposalStatus.DRAFT:
        return redirect("desk:write_step", proposal.pk, "content")
    today, inside = timezone.localdate(), is_inside(request, proposal)
    context: dict[str, Any] = {
        "proposal": proposal,
        "inside": inside,
        "is_proposers": request.user.is_authenticated
        and proposal_access.is_proposers(request.user, proposal),
        "knots": case_knots(request.user, "proposal", proposal.pk, today),
        **status_facts(proposal, today),
        "files": confidentiality.files_for(request.user, proposal),
        "may_read_sealed": confidentiality.may_read(request.user, proposal),
        "has_sealed": confidentiality.has_any(proposal) if inside or request.user.is_authenticated else False,
        "may_withdraw": proposal_access.allows(request.user, "withdraw", proposal)
        and ProposalStatus.WITHDRAWN in services.possible_moves(proposal),
        "may_write": proposal_access.allows(request.user, "write", proposal),
    }
    if not context["is_proposers"] and not inside:
        context["talk"] = []
    if inside:
        context |= _inside_facts(request, proposal)
    return render(request, "desk/proposal_detail.html", context)


def is_inside(request: HttpRequest, proposal: Proposal) -> bool:
    """Whether this reader is of the receiving municipality."""
    return proposal.organization_id in reach_of(request.user).organization_ids


def _inside_facts(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    consultations = list(
        proposal.consultations.select_related("section", "asked_by", "answered_by").order_by("asked_at", "pk")
    )
    for consultation in consultations:
        consultation.proposal = proposal
    works = proposal_access.allows(request.user, "work", proposal)
    return {
        "works": works,
        "may_reach": confidentiality.may_reach(request.user, proposal),
        "may_grant": proposal_access.allows(request.user, "grant", proposal),
        "consultations": [
            (one, one.is_waiting and consultation_access.allows(request.user, "answer", one))
            for one in consultations
        ],
        "next_step": next_step(proposal, _answers(consultations), timezone.localdate()),
        "waiting_suggestions": proposal.suggestions.filter(answer=SuggestionAnswer.WAITING).count(),
        "minutes": proposal.staff_time.aggregate(all=Sum("minutes"))["all"] or 0,
        "taps": times.TAPS,
        "unsent": letters.unsent(proposal, timezone.now()),
        "events": history.told(selectors.history(proposal)[:20]),
        "started": proposal.status in {"adopted", "trial"},
        "stretches": list(proposal.stages.filter(consultation__isnull=True).select_related("actor")),
    }


def _answers(consultations: list[Consultation]) -> Answers:
    asked = [one for one in consultations if one.cancelled_at is None]
    return Answers(len(asked), sum(1 for one in asked if one.answered_at is not None))


@login_required
def proposal_move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another stage."""
    proposal = working_case(request, pk, "move")
    return case_page(
        request,
        proposal,
        forms_cases.MoveForm(request.POST or None, proposal=proposal),
        lambda form: services.move(
            proposal_id=pk,
            status=ProposalStatus(form.cleaned_data["status"]),
            actor=person_of(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        ),
        title=_("段階を変える"),
        submit=_("段階を変える"),
        done=_("段階を変えました。提案した人に知らせます。"),
        to=reverse("desk:board") if request.POST.get("from") == "board" else "",
    )


@login_required
def proposal_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Who accompanies it."""
    proposal = working_case(request, pk, "assign")
    return case_page(
        request,
        proposal,
        forms_cases.AssignForm(request.POST or None, proposal=proposal),
        lambda form: services.assign(
            proposal_id=pk, actor=person_of(request), at=timezone.now(), **form.cleaned_data
        ),
        title=_("担当を決める"),
        submit=_("担当を決める"),
        done=_("担当を決めました。"),
    )


@login_required
def proposal_start(request: HttpRequest, pk: int) -> HttpResponse:
    """The day the work began."""
    proposal = working_case(request, pk)
    return case_page(
        request,
        proposal,
        forms_cases.StartForm(request.POST or None, initial={"started_on": proposal.started_on}),
        lambda form: services.set_start(
            proposal_id=pk,
            started_on=form.cleaned_data["started_on"],
            actor=person_of(request),
            at=timezone.now(),
        ),
        title=_("事業の開始日を入れる"),
        submit=_("保存する"),
        done=_("開始日を入れました。"),
    )


@login_required
def proposal_reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to the proposer, with wording to begin from."""
    proposal = working_case(request, pk, "reply")
    chosen = drafting.chosen(proposal, request.GET.get("from", ""), person_of(request))
    return case_page(
        request,
        proposal,
        forms_cases.ReplyForm(request.POST or None, initial={"body": chosen}),
        lambda form: services.reply(
            proposal_id=pk, body=form.cleaned_data["body"], actor=person_of(request), at=timezone.now()
        ),
        title=_("提案者に返信する"),
        submit=_("返信する"),
        done=_("返信しました。提案した人に知らせます。"),
        template="desk/reply.html",
        offers=drafting.offers(proposal, person_of(request)),
        talk=list(proposal.messages.all()),
    )


@login_required
@require_POST
def proposal_time(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap: minutes spent."""
    proposal = visible_case(request, pk)
    try:
        minutes = int(request.POST.get("minutes", ""))
        services.record_time(
            proposal_id=proposal.pk, minutes=minutes, actor=person_of(request), at=timezone.now()
        )
    except ValueError:
        messages.error(request, _("時間は分の数字で入れてください。例: 15"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(minutes)d分を記録しました。") % {"minutes": minutes})
    return redirect(proposal)


@login_required
@require_POST
def proposal_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """What the signed-in proposer does: write to the desk, withdraw."""
    proposal = visible_case(request, pk)
    at = timezone.now()
    try:
        if action == "message":
            services.write_to_desk(
                proposal_id=pk, body=request.POST.get("body", ""), actor=person_of(request), at=at
            )
            messages.success(request, _("窓口に送りました。"))
        else:
            services.withdraw(
                proposal_id=pk, actor=person_of(request), at=at, reason=request.POST.get("reason", "")
            )
            messages.success(request, _("提案を取り下げました。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect(proposal)


@login_required
@never_cache
@require_safe
def proposal_sealed(request: HttpRequest, pk: int) -> HttpResponse:
    """The confidential parts; each opening is on record."""
    proposal = visible_case(request, pk)
    parts = confidentiality.read_parts(proposal, actor=request.user, at=timezone.now())
    context = {
        "proposal": proposal,
        "parts": parts,
        "files": [one for one in confidentiality.files_for(request.user, proposal) if one.is_confidential],
        "back_url": proposal.get_absolute_url(),
    }
    return render(request, "desk/sealed.html", context)


@login_required
@never_cache
@require_safe
def proposal_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """How to reach the proposer; each opening is on record."""
    proposal = visible_case(request, pk)
    contact = confidentiality.read_contact(proposal, actor=request.user, at=timezone.now())
    return render(request, "desk/contact.html", {"proposal": proposal, "contact": contact})


@never_cache
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A file of a proposal, for whoever may open it; whoever may not know of it gets 404."""
    rows = ProposalFile.objects.kept().select_related("proposal__organization")
    found = get_object_or_404(rows.filter(proposal__in=proposal_access.visible(request.user)), pk=pk)
    return as_attachment(confidentiality.read_file(found, actor=request.user, at=timezone.now()))


@login_required
def proposal_grants(request: HttpRequest, pk: int) -> HttpResponse:
    """Who beyond the desk may read what is confidential, and why."""
    proposal = working_case(request, pk, "grant")
    return case_page(
        request,
        proposal,
        forms_cases.GrantForm(request.POST or None, proposal=proposal),
        lambda form: confidentiality.give(
            proposal_id=pk, actor=person_of(request), at=timezone.now(), **form.cleaned_data
        ),
        title=_("非公開の部分を渡した相手"),
        submit=_("渡す"),
        done=_("渡しました。読まれるたびに記録されます。"),
        to=reverse("desk:proposal_grants", args=[pk]),
        template="desk/grants.html",
        grants=confidentiality.grants_of(proposal),
    )


@login_required
@require_POST
def grant_end(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(
        ConfidentialGrant.objects.filter(proposal__in=proposal_access.visible(request.user)), pk=pk
    )
    confidentiality.take_back(grant_id=grant.pk, actor=person_of(request), at=timezone.now())
    messages.success(request, _("読めなくしました。これまでに読まれた記録は残ります。"))
    return redirect("desk:proposal_grants", grant.proposal_id)


@login_required
@require_POST
def letter_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a letter that was refused once more."""
    letter = get_object_or_404(
        Letter.objects.filter(proposal__in=proposal_access.visible(request.user)), pk=pk
    )
    proposal = working_case(request, letter.proposal_id)
    Letter.objects.filter(pk=pk, state=MailState.FAILED).update(
        state=MailState.WAITING, attempts=0, again_at=None, error=""
    )
    messages.success(request, _("もう一度送ります。"))
    return redirect(proposal)
