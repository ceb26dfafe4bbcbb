"""Pages for people who want to be let in, and for those who answer them."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.accounts.adapters import INVITED
from enishi.foundation.errors import refusal as refusal_page
from enishi.foundation.limits import limited
from enishi.organizations import pieces, selectors, services
from enishi.organizations.access import join_request_access, organization_access, registration_access
from enishi.organizations.enums import Role
from enishi.organizations.errors import RefusedError
from enishi.organizations.forms import AdministratorPartnerForm, AnswerForm, MessageForm, RegistrationForm
from enishi.organizations.models import Organization
from enishi.organizations.views_organizations import person


@login_required
@require_http_methods(["GET", "POST"])
@limited("register", times=20, seconds=3600, methods=("POST",))
def register(request: HttpRequest) -> HttpResponse:
    """An administrator registers a partner; anybody else asks for it."""
    may_create = organization_access.allows(request.user, "create", None)
    form: AdministratorPartnerForm | RegistrationForm = (
        AdministratorPartnerForm(request.POST or None)
        if may_create
        else RegistrationForm(request.POST or None)
    )
    alike: list[Organization] = []
    if request.method == "POST" and form.is_valid():
        alike = selectors.like_named(form.values().name, form.values().corporate_number)
        try:
            return _registered(request, form)
        except RefusedError as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "alike": alike, "may_create": may_create}
    return render(request, "organizations/register.html", context)


def _registered(request: HttpRequest, form: AdministratorPartnerForm | RegistrationForm) -> HttpResponse:
    actor, at = person(request), timezone.now()
    if isinstance(form, AdministratorPartnerForm):
        made = services.register_partner(
            values=form.values(), actor=actor, at=at, although_alike=form.cleaned_data["although_alike"]
        )
        messages.success(request, _("団体を登録しました。次に、その団体の人を招いてください。"))
        return redirect("organizations:organization_detail", made.pk)
    services.ask_registration(values=form.values(), message=form.cleaned_data["message"], actor=actor, at=at)
    messages.success(request, _("登録を申し込みました。市区町村の管理者が確かめると、お知らせが届きます。"))
    return redirect("accounts:me")


@login_required
@require_GET
def joining(request: HttpRequest) -> HttpResponse:
    """The ways in, for somebody who belongs nowhere yet."""
    return render(request, "organizations/joining.html", pieces.own_places(request.user, request.user))


@login_required
@require_http_methods(["GET", "POST"])
@limited("join", times=20, seconds=3600, methods=("POST",))
def join(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(Organization.objects.active(), pk=organization_id)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_to_join(
                organization_id=organization.pk,
                message=form.cleaned_data["message"],
                actor=person(request),
                at=timezone.now(),
            )
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("参加を申し込みました。返事はお知らせで届きます。"))
            return redirect("accounts:me")
    return render(request, "organizations/join.html", {"form": form, "organization": organization})


@login_required
@require_POST
def live(request: HttpRequest, organization_id: int) -> HttpResponse:
    organization = get_object_or_404(Organization.objects.active(), pk=organization_id)
    try:
        services.live_in(organization_id=organization.pk, actor=person(request), at=timezone.now())
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("「%(name)s」の住民として記録しました。") % {"name": organization.name})
    return redirect("organizations:organization_detail", organization.pk)


@login_required
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this administrator's word."""
    registrations = selectors.waiting_registrations(request.user)[:100]
    context = {
        "registrations": [
            (each, selectors.like_named(each.name, each.corporate_number)) for each in registrations
        ],
        "requests": [
            (each, services.roles_in(each.organization))
            for each in selectors.waiting_requests(request.user)[:100]
        ],
        "form": AnswerForm(),
    }
    return render(request, "organizations/waiting.html", context)


@login_required
@require_POST
def registration_accept(request: HttpRequest, registration_id: int) -> HttpResponse:
    get_object_or_404(registration_access.visible(request.user), pk=registration_id)
    alike = request.POST.get("although_alike") == "1"
    return _answered(
        request,
        lambda: services.accept_registration(
            registration_id=registration_id, actor=person(request), at=timezone.now(), although_alike=alike
        ),
        _("団体を登録し、申し込んだ人を管理者にしました。"),
    )


@login_required
@require_POST
def registration_decline(request: HttpRequest, registration_id: int) -> HttpResponse:
    get_object_or_404(registration_access.visible(request.user), pk=registration_id)
    return _answered(
        request,
        lambda: services.decline_registration(
            registration_id=registration_id,
            reason=_reason(request),
            actor=person(request),
            at=timezone.now(),
        ),
        _("申込を見送り、理由を伝えました。"),
    )


@login_required
@require_POST
def registration_withdraw(request: HttpRequest, registration_id: int) -> HttpResponse:
    get_object_or_404(registration_access.visible(request.user), pk=registration_id)
    return _answered(
        request,
        lambda: services.withdraw_registration(
            registration_id=registration_id, actor=person(request), at=timezone.now()
        ),
        _("申込を取り下げました。"),
        "accounts:me",
    )


@login_required
@require_POST
def request_accept(request: HttpRequest, request_id: int) -> HttpResponse:
    get_object_or_404(join_request_access.visible(request.user), pk=request_id)
    chosen = request.POST.get("role", "")
    role = Role(chosen) if chosen in Role.values else Role.PARTNER_MEMBER
    return _answered(
        request,
        lambda: services.accept_join_request(
            request_id=request_id, role=role, actor=person(request), at=timezone.now()
        ),
        _("参加を認めました。"),
    )


@login_required
@require_POST
def request_decline(request: HttpRequest, request_id: int) -> HttpResponse:
    get_object_or_404(join_request_access.visible(request.user), pk=request_id)
    return _answered(
        request,
        lambda: services.decline_join_request(
            request_id=request_id, reason=_reason(request), actor=person(request), at=timezone.now()
        ),
        _("申込を見送り、理由を伝えました。"),
    )


@login_required
@require_POST
def request_withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    get_object_or_404(join_request_access.visible(request.user), pk=request_id)
    return _answered(
        request,
        lambda: services.withdraw_join_request(
            request_id=request_id, actor=person(request), at=timezone.now()
        ),
        _("申込を取り下げました。"),
        "accounts:me",
    )


@never_cache
@require_http_methods(["GET", "POST"])
@limited("invitation", times=30, seconds=600)
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link in the mail opens: for a visitor the way to an account, then the place itself."""
    try:
        found = services.usable_invitation(secret, timezone.now())
        if request.method == "POST" and request.user.is_authenticated:
            place = services.accept_invitation(secret=secret, actor=person(request), at=timezone.now())
            request.session.pop(INVITED, None)
            words = _("「%(name)s」に参加しました。") % {"name": place.organization.name}
            messages.success(request, words)
            return redirect("/")
    except RefusedError as refused:
        return refusal_page(request, str(refused), status=403)
    if not request.user.is_authenticated:
        request.session[INVITED] = found.email
    return render(request, "organizations/invitation.html", {"invitation": found})


def _reason(request: HttpRequest) -> str:
    form = AnswerForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else ""


def _answered(
    request: HttpRequest, act: Callable[[], object], done: str, then: str = "organizations:waiting"
) -> HttpResponse:
    try:
        act()
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(then)
