"""Pages of an organisation's people: who is there, inviting, roles, 異動, leaving."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.organizations import selectors, services
from enishi.organizations.access import invitation_access, membership_access, organization_access
from enishi.organizations.errors import RefusedError
from enishi.organizations.forms import InvitationForm, LastDayForm, MembershipForm, TransferForm
from enishi.organizations.handover import held_by
from enishi.organizations.models import Invitation, Membership, Organization
from enishi.organizations.views_organizations import person


@login_required
@require_GET
def people(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Who works there; for administrators also who is invited."""
    organization = get_object_or_404(Organization, pk=organization_id)
    if not organization_access.allows(request.user, "see_people", organization):
        raise Http404
    may_run = organization_access.allows(request.user, "invite", organization)
    invitations = (
        invitation_access.visible(request.user)
        .filter(organization=organization, accepted_at__isnull=True, withdrawn_at__isnull=True)
        .select_related("section")
        .order_by("-created_at")
        if may_run
        else Invitation.objects.none()
    )
    context = {
        "organization": organization,
        "people": selectors.people_of(organization)[:2_000],
        "invitations": invitations[:200],
        "may_run": may_run,
        "now": timezone.now(),
    }
    return render(request, "organizations/people.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(Organization, pk=organization_id)
    organization_access.require(request.user, "invite", organization)
    form = InvitationForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        try:
            services.invite(
                organization_id=organization.pk,
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                section=form.cleaned_data.get("section"),
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("招待のメールを送りました。14日以内に開いてもらってください。"))
            return redirect("organizations:people", organization.pk)
    return render(request, "organizations/invite.html", {"form": form, "organization": organization})


@login_required
@require_POST
def invitation_resend(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(invitation_access.visible(request.user), pk=invitation_id)
    try:
        services.resend_invitation(invitation_id=invitation.pk, actor=person(request), at=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("招待を送り直しました。前のリンクは使えなくなりました。"))
    return redirect("organizations:people", invitation.organization_id)


@login_required
@require_POST
def invitation_withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitation = get_object_or_404(invitation_access.visible(request.user), pk=invitation_id)
    try:
        services.withdraw_invitation(invitation_id=invitation.pk, actor=person(request), at=timezone.now())
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("招待を取り消しました。"))
    return redirect("organizations:people", invitation.organization_id)


def _place(request: HttpRequest, membership_id: int) -> Membership:
    rows = membership_access.visible(request.user).select_related("person", "organization", "section")
    return get_object_or_404(rows, pk=membership_id)


@login_required
@require_http_methods(["GET", "POST"])
def membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Role, section and title of one person."""
    place = _place(request, membership_id)
    membership_access.require(request.user, "change", place)
    start = {"role": place.role, "section": place.section_id, "title": place.title}
    form = MembershipForm(request.POST or None, organization=place.organization, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_role(
                membership_id=place.pk,
                role=form.cleaned_data["role"],
                section=form.cleaned_data.get("section"),
                title=form.cleaned_data["title"],
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("%(name)sさんの役割を変えました。") % {"name": place.person.name})
            return redirect("organizations:people", place.organization_id)
    return render(request, "organizations/membership.html", {"form": form, "place": place})


@login_required
@require_http_methods(["GET", "POST"])
def membership_end(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Leave, or let somebody leave, on a day."""
    place = _place(request, membership_id)
    membership_access.require(request.user, "leave", place)
    form = LastDayForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_membership(
                membership_id=place.pk,
                last_day=form.cleaned_data["last_day"],
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("離任日を記録しました。"))
            return _back(request, place)
    context = {"form": form, "place": place, "piles": held_by(place)}
    return render(request, "organizations/membership_end.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def membership_transfer(request: HttpRequest, membership_id: int) -> HttpResponse:
    """異動: everything to the successor in one action."""
    place = _place(request, membership_id)
    membership_access.require(request.user, "hand_over", place)
    today = timezone.localdate()
    form = TransferForm(request.POST or None, membership=place, day=today, initial={"last_day": today})
    if request.method == "POST" and form.is_valid():
        try:
            piles = services.transfer(
                membership_id=place.pk,
                successor_id=form.cleaned_data["successor"],
                last_day=form.cleaned_data["last_day"],
                new_section=form.cleaned_data["new_section"],
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            gone = sum(pile.count for pile in piles)
            messages.success(request, _("%(count)d件を後任に引き継ぎました。") % {"count": gone})
            return _back(request, place)
    context = {"form": form, "place": place, "piles": held_by(place)}
    return render(request, "organizations/membership_transfer.html", context)


def _back(request: HttpRequest, place: Membership) -> HttpResponse:
    if organization_access.allows(request.user, "see_people", place.organization):
        return redirect("organizations:people", place.organization_id)
    return redirect("accounts:me")
