"""What a participant does: apply, choose a time, confirm the summary. With an account, or by the link of a mail."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from enishi.accounts.models import Person
from enishi.desk.behind_links import private_page
from enishi.desk.pages import number_in
from enishi.desk.soundings import services
from enishi.desk.soundings.access import application_access
from enishi.desk.soundings.enums import ApplicationStatus, Consent, SoundingStatus
from enishi.desk.soundings.forms import ApplicationForm
from enishi.desk.soundings.models import SoundingApplication
from enishi.desk.soundings.views import PAGES
from enishi.exchange.asking import now, signed_in
from enishi.exchange.errors import LinkExpiredError, RefusedError
from enishi.foundation.errors import refusal
from enishi.foundation.limits import limited
from enishi.organizations.enums import PARTNER_ROLES
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership


@require_http_methods(["GET", "HEAD", "POST"])
@limited("sounding-applications", times=10, seconds=600, methods=("POST",))
def sounding_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply. The answer is the same whether or not the address has applied before."""
    sounding = PAGES.visible(request, pk)
    person = request.user if isinstance(request.user, Person) else None
    organization = _partner_of(request)
    initial = {
        "company": organization.name if organization else "",
        "contact_name": person.name if person else "",
    }
    form = ApplicationForm(request.POST or None, has_account=person is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            application = services.apply(
                sounding_id=sounding.pk,
                values=form.cleaned_data,
                person=person,
                organization=organization,
                at=now(),
            )
        except RefusedError as refused:
            form.add_error(None, refused.sentence)
        else:
            if person is not None:
                messages.success(request, _("申し込みました。日時を選んでください。"))
                return redirect("desk:sounding_application", application.pk)
            return render(request, "desk/soundings/mail_sent.html", {"sounding": sounding})
    if not sounding.accepts(now()) and request.method != "POST":
        return refusal(
            request,
            _("申込の受付は終わりました。%(who)sにお問い合わせください。")
            % {"who": sounding.contact_name or sounding.organization.name},
            status=403,
        )
    context = {
        "form": form,
        "title": _("参加を申し込む"),
        "submit": _("申し込む"),
        "crumbs": [
            (reverse("desk:sounding_list"), _("サウンディング")),
            (sounding.get_absolute_url(), sounding.title),
        ],
        "cancel": sounding.get_absolute_url(),
        "is_long": True,
        "kept": None,
        "once": "",
        "opened": "",
    }
    return render(request, "enishi/form_page.html", context, status=422 if request.method == "POST" else 200)


def _partner_of(request: HttpRequest) -> Organization | None:
    place = current_membership(request)
    return place.organization if place is not None and place.role in PARTNER_ROLES else None


@require_http_methods(["GET", "HEAD", "POST"])
@limited("sounding-links", times=60, seconds=600)
def sounding_mine(request: HttpRequest, token: str) -> HttpResponseBase:
    """The applicant's own page behind the link of the mail. Opening it shows; the button confirms."""
    try:
        application = services.application_of(token)
    except LinkExpiredError as refused:
        return refusal(request, refused.sentence, status=404)
    done = _act(request, application, None) if request.method == "POST" else _own_page(request, application)
    return private_page(done or redirect("desk:sounding_mine", token))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_application(request: HttpRequest, pk: int) -> HttpResponse:
    rows = application_access.visible(request.user).select_related("sounding__organization")
    application = get_object_or_404(rows, pk=pk)
    if not application_access.allows(request.user, "attend", application):
        raise Http404
    person = request.user if isinstance(request.user, Person) else None
    if request.method == "POST":
        return _act(request, application, person) or redirect("desk:sounding_application", pk)
    return _own_page(request, application)


def _act(request: HttpRequest, application: SoundingApplication, actor: Person | None) -> HttpResponse | None:
    """One thing done by the participant; an answer only where the page has to be shown again."""
    act = request.POST.get("act", "")
    try:
        if act == "verify":
            services.verify(application_id=application.pk, at=now())
            messages.success(request, _("申込を確かめました。日時を選んでください。"))
        elif act == "book":
            slot = number_in(request.POST.get("slot"))
            if not slot:
                messages.error(request, _("日時を一つ選んでください。"))
                return None
            services.book(application_id=application.pk, slot_id=slot, at=now(), actor=actor)
            messages.success(request, _("日時が決まりました。"))
        elif act == "withdraw":
            services.withdraw(application_id=application.pk, at=now(), actor=actor)
            messages.success(request, _("申込を取り下げました。"))
        elif act == "consent":
            return _consent(request, application, actor)
        else:
            messages.error(request, _("操作を選び直してください。"))
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return None


def _consent(
    request: HttpRequest, application: SoundingApplication, actor: Person | None
) -> HttpResponse | None:
    consent = request.POST.get("consent", "")
    known = application.bases.filter(pk=number_in(request.POST.get("basis"))).first()
    if known is None or consent not in {Consent.AGREED, Consent.OBJECTED}:
        messages.error(request, _("返事を選び直してください。"))
        return None
    comment = request.POST.get("comment", "")
    try:
        services.answer_consent(
            basis_id=known.pk,
            application_id=application.pk,
            consent=Consent(consent),
            comment=comment,
            at=now(),
            actor=actor,
        )
    except RefusedError as refused:
        return _own_page(request, application, 422, refused=refused.sentence, typed={known.pk: comment})
    messages.success(request, _("返事を届けました。ありがとうございます。"))
    return None


def _own_page(
    request: HttpRequest, application: SoundingApplication, status: int = 200, **also: Any
) -> HttpResponse:
    """Only what this participant may know: its own time, the free times, its own paragraphs."""
    sounding = application.sounding
    may_book = application.status == ApplicationStatus.APPLIED and sounding.status in {
        SoundingStatus.OPEN,
        SoundingStatus.TALKING,
    }
    confirming = sounding.status == SoundingStatus.CONFIRMING
    context = {
        "application": application,
        "sounding": sounding,
        "free": sounding.slots.filter(application__isnull=True, starts_at__gt=now()) if may_book else [],
        "may_book": may_book,
        "bases": application.bases.select_related("paragraph").order_by("paragraph__order")
        if confirming
        else [],
        **also,
    }
    return render(request, "desk/soundings/application.html", context, status=status)
