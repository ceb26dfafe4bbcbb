"""The status page: for a visitor by secret link; a signed-in proposer sees the same on the proposal's own page."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.desk import budget_calendar, confidentiality, wording
from enishi.desk.behind_links import behind_link
from enishi.desk.enums import LinkPurpose, ProposalStatus
from enishi.desk.errors import RefusedError
from enishi.desk.models import Proposal, ProposalFile, SecretLink
from enishi.desk.services import flow, intake
from enishi.desk.services import messages as talk
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.organizations.visibility import reach_of


def status_facts(proposal: Proposal, today: dt.date) -> dict[str, Any]:
    """What the proposer is told: nothing of who said what inside."""
    entered: dict[str, dt.date] = {}
    for stage, at in proposal.stages.filter(consultation__isnull=True).values_list("stage", "entered_at"):
        entered[stage] = timezone.localdate(at)
    return {
        "stage_steps": wording.steps_of(proposal, entered),
        "means": wording.stage_in_words(proposal.stage),
        "next": wording.next_in_words(proposal),
        "talk": list(proposal.messages.select_related("author")),
        "fields": list(proposal.fields.all()),
        "reach": budget_calendar.reach_of_proposal(proposal.organization_id, today)
        if proposal.stage.is_open
        else None,
        "today": today,
    }


@require_safe
@limited("desk-status", times=60, seconds=60)
@behind_link(LinkPurpose.STATUS)
def status(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    proposal: Any = link.proposal
    # Panels of other rooms may show the proposer's side: whoever holds the link has proved to be it.
    proposal.opened_by_link = True
    proposal.link_secret = secret
    context = {
        "proposal": proposal,
        "secret": secret,
        "is_draft": proposal.stage == ProposalStatus.DRAFT,
        "too_late": proposal.stage == ProposalStatus.DRAFT
        and proposal.call is not None
        and not proposal.call.accepts(timezone.now()),
        "may_withdraw": proposal.is_from_visitor
        and ProposalStatus.WITHDRAWN in flow.possible_moves(proposal),
        "may_write": proposal.is_from_visitor and proposal.stage != ProposalStatus.DRAFT,
        "has_sealed": proposal.is_from_visitor and confidentiality.has_any(proposal),
        "files": list(proposal.files.kept()) if proposal.is_from_visitor else [],
        **status_facts(proposal, timezone.localdate()),
    }
    return render(request, "desk/status.html", context)


@require_POST
@limited("desk-status-write", times=30, seconds=600)
@behind_link(LinkPurpose.STATUS)
def status_act(request: HttpRequest, link: SecretLink, secret: str, action: str) -> HttpResponse:
    """What a visitor does on the status page: send, write, withdraw."""
    at = timezone.now()
    try:
        if action == "send":
            proposal = intake.receive_verified(link_id=link.pk, at=at)
            messages.success(
                request, _("受け付けました。受付番号は %(number)s です。") % {"number": proposal.number}
            )
        elif action == "leave_call":
            intake.leave_call(proposal_id=link.proposal_id, actor=None, at=at)
            messages.success(request, _("自由提案にしました。内容を確かめて送ってください。"))
        elif action == "write":
            talk.write_to_desk(
                proposal_id=link.proposal_id, body=request.POST.get("body", ""), actor=None, at=at
            )
            messages.success(request, _("窓口に送りました。"))
        else:
            flow.withdraw(
                proposal_id=link.proposal_id, actor=None, at=at, reason=request.POST.get("reason", "")
            )
            messages.success(request, _("提案を取り下げました。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect("desk:status", secret)


@require_safe
@behind_link(LinkPurpose.STATUS)
def status_sealed(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """A visitor's own confidential parts."""
    if not link.proposal.is_from_visitor:
        raise Http404
    parts = confidentiality.read_own_parts(link.proposal, at=timezone.now())
    context = {"proposal": link.proposal, "parts": parts, "files": [], "back_url": "", "secret": secret}
    return render(request, "desk/sealed.html", context)


@require_safe
@behind_link(LinkPurpose.STATUS)
def status_file(request: HttpRequest, link: SecretLink, _secret: str, pk: int) -> HttpResponseBase:
    """A file of a visitor's own proposal."""
    file = get_object_or_404(
        ProposalFile.objects.kept().select_related("proposal"), pk=pk, proposal=link.proposal
    )
    if not file.proposal.is_from_visitor:
        raise Http404
    return as_attachment(confidentiality.read_own_file(file, at=timezone.now()))


def as_attachment(file: ProposalFile) -> HttpResponseBase:
    """The file to save; never shown in the page's own name."""
    try:
        content = file.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("ファイルが見つかりません。")) from error
    answer = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What this person, or the organisation they speak for, proposed."""
    houses = reach_of(request.user).organization_ids
    rows = Proposal.objects.visible_to(request.user).filter(
        Q(submitted_by_id=request.user.pk) | Q(proposer_id__in=houses)
    )
    page = paginate(
        rows.select_related("organization"), order_by=("-updated_at", "-pk"), parameters=request.GET
    )
    return render(request, "desk/mine.html", {"page": page, "total": rows.count()})
