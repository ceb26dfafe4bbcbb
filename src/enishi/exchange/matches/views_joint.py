"""Partners together, towns together."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange.asking import (
    now,
    signed_in,
    visible_record,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.kinds import CHALLENGE
from enishi.exchange.matches import services, tasks, together
from enishi.exchange.matches.access import joint_access
from enishi.exchange.matches.forms import JointForm
from enishi.exchange.matches.models import JointPartner
from enishi.exchange.matches.services.indexing import is_matchable
from enishi.exchange.matches.store import IndexAwayError
from enishi.exchange.models import Challenge
from enishi.foundation.submissions import new_token, once
from enishi.organizations.visibility import reach_of


@signed_in
@require_safe
def combinations(request: HttpRequest, pk: int) -> HttpResponse:
    challenge = visible_record(request, CHALLENGE, pk)
    context = {"challenge": challenge, "record": challenge, "kind": "challenge"}
    if not is_matchable(challenge):
        return render(request, "exchange/matches/not_matchable.html", context)
    try:
        context["found"] = together.combinations(request.user, challenge, at=now())
    except IndexAwayError:
        tasks.start_rebuilding(at=now())
        return render(request, "exchange/matches/away.html", context, status=503)
    return render(request, "exchange/matches/combinations.html", context)


@signed_in
@require_safe
def joint_list(request: HttpRequest) -> HttpResponse:
    """Same troubles in several towns, and the calls there are."""
    houses = reach_of(request.user).organization_ids
    proposals = [
        (each, next((row for row in each.challenges if joint_access.allows(request.user, "call", row)), None))
        for each in together.joint_proposals(request.user)
    ]
    calls = joint_access.visible(request.user).select_related("lead__organization")
    waiting = JointPartner.objects.filter(organization_id__in=houses, state="invited").values_list(
        "call_id", flat=True
    )
    context = {"proposals": proposals, "calls": list(calls[:50]), "waiting": set(waiting)}
    return render(request, "exchange/matches/joint_list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def joint_new(request: HttpRequest, pk: int) -> HttpResponse:
    lead = visible_record(request, CHALLENGE, pk)
    if not joint_access.allows(request.user, "call", lead):
        raise Http404
    near = together.same_elsewhere(request.user, lead)
    choices = [(row.pk, f"{row.organization.name}: {row.title}") for row, _nearness in near]
    form = JointForm(
        request.POST or None,
        choices=choices,
        initial={"title": lead.title, "others": [key for key, _title in choices], "token": new_token()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            address = once(
                token=form.cleaned_data["token"],
                person=request.user,
                at=now(),
                make=lambda: _called(request, lead, form),
            )
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("声をかけました。返事が来たらお知らせします。"))
            return redirect(address)
    context = {"lead": lead, "near": near, "form": form}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exchange/matches/joint_new.html", context, status=status)


def _called(request: HttpRequest, lead: Challenge, form: JointForm) -> str:
    others = Challenge.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["others"])
    call = services.call_together(
        lead=lead,
        others=others,
        title=form.cleaned_data["title"],
        message=form.cleaned_data["message"],
        actor=person_of(request),
        at=now(),
    )
    return call.get_absolute_url()


@signed_in
@require_safe
def joint_detail(request: HttpRequest, pk: int) -> HttpResponse:
    calls = joint_access.visible(request.user).select_related("lead__organization", "called_by")
    call = get_object_or_404(calls, pk=pk)
    partners = list(call.partners.select_related("organization", "challenge").order_by("pk"))
    readable = set(
        Challenge.objects.visible_to(request.user)
        .filter(pk__in=[call.lead_id, *(partner.challenge_id for partner in partners)])
        .values_list("pk", flat=True)
    )
    context = {
        "call": call,
        "partners": [
            (partner, partner.challenge_id in readable, joint_access.allows(request.user, "answer", partner))
            for partner in partners
        ],
        "may_read_lead": call.lead_id in readable,
        "joined": sum(partner.state == "joined" for partner in partners),
    }
    return render(request, "exchange/matches/joint_detail.html", context)


@signed_in
@require_POST
def joint_answer(request: HttpRequest, pk: int) -> HttpResponse:
    partner = get_object_or_404(
        JointPartner.objects.filter(call__in=joint_access.visible(request.user)), pk=pk
    )
    if not joint_access.allows(request.user, "answer", partner):
        raise Http404
    joins = request.POST.get("answer") == "join"
    services.answer_call(partner_id=partner.pk, joins=joins, actor=person_of(request), at=now())
    messages.success(request, _("返事を届けました。"))
    return redirect(partner.call)
