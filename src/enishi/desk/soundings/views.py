"""Pages of soundings for everybody, and for the office that holds them."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk import post
from enishi.desk.office.forms import StatusForm
from enishi.desk.office.pages import OfficePages, minute_of
from enishi.desk.soundings import services
from enishi.desk.soundings.access import sounding_access
from enishi.desk.soundings.enums import ApplicationStatus, SoundingStatus
from enishi.desk.soundings.forms import SlotsForm, SoundingForm
from enishi.desk.soundings.models import Sounding, SoundingSlot
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation.form_pages import press
from enishi.foundation.limits import limited
from enishi.organizations.visibility import reach_of

PAGES = OfficePages[Sounding](
    access=sounding_access,
    form=SoundingForm,
    listed="desk:sounding_list",
    template="desk/soundings/sounding_list.html",
    name=gettext_lazy("サウンディング"),
    whose=gettext_lazy("このサウンディングを動かせるのは、%(owner)sの担当の人です。"),
    only_offices=gettext_lazy("サウンディングを作れるのは、自治体の担当の人です。"),
    searched=("title", "purpose", "topics"),
    columns=(
        (gettext_lazy("題名"), lambda sounding: sounding.title),
        (gettext_lazy("団体"), lambda sounding: sounding.organization.name),
        (gettext_lazy("状態"), lambda sounding: sounding.get_status_display()),
        (gettext_lazy("申込の締切"), lambda sounding: minute_of(sounding.apply_until)),
        (gettext_lazy("場所・方法"), lambda sounding: sounding.place),
        (gettext_lazy("問い合わせ先"), lambda sounding: sounding.contact_name),
    ),
)


@require_safe
@limited("desk-lists", times=240, seconds=60)
def sounding_list(request: HttpRequest) -> HttpResponse:
    return PAGES.listing(request)


@require_safe
@limited("desk-pages", times=240, seconds=60)
def sounding_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, PAGES.visible(request, pk))


def page(request: HttpRequest, sounding: Sounding, status: int = 200, **also: Any) -> HttpResponse:
    runs = request.user.is_authenticated and sounding_access.allows(request.user, "edit", sounding)
    context: dict[str, Any] = {
        "sounding": sounding,
        "challenges": Challenge.objects.visible_to(request.user).filter(soundings=sounding),
        "accepts": sounding.accepts(now()),
        "runs": runs,
        "paragraphs": sounding.paragraphs.all() if sounding.status == SoundingStatus.PUBLISHED else [],
        "mine": _mine(request, sounding),
        "status_form": StatusForm(),
        "next_steps": _next_steps(sounding) if runs else [],
        **also,
    }
    if runs:
        context["applications"] = sounding.applications.select_related("slot", "minutes")
        context["unsent"] = post.unsent(sounding.organization_id, now())
        context["slots"] = sounding.slots.select_related("application")
        context.setdefault("slots_form", SlotsForm())
    return render(request, "desk/soundings/sounding_detail.html", context, status=status)


def _mine(request: HttpRequest, sounding: Sounding) -> Any:
    """The reader's own application, if there is one: never anybody else's."""
    if not request.user.is_authenticated:
        return None
    houses = reach_of(request.user).organization_ids
    rows = sounding.applications.exclude(status=ApplicationStatus.UNVERIFIED)
    return rows.filter(Q(person_id=request.user.pk) | Q(organization_id__in=houses)).first()


def _next_steps(sounding: Sounding) -> list[tuple[str, str]]:
    words = {
        SoundingStatus.OPEN: _("参加者の募集を始める"),
        SoundingStatus.TALKING: _("対話に進む(申込を締め切る)"),
    }
    if sounding.status == SoundingStatus.CONFIRMING:
        words[SoundingStatus.TALKING] = _("対話に戻る")
    return [(value, words[value]) for value in services.SOUNDINGS.steps[sounding.status] if value in words]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_new(request: HttpRequest) -> HttpResponse:
    return PAGES.new(
        request,
        sounding_access.owners(request.user).first(),
        lambda values, house: services.create_sounding(
            organization=house, values=values, actor=person_of(request), at=now()
        ),
        title=_("サウンディングを作る"),
        done=_("下書きができました。対話の日時を用意して、募集を始めてください。"),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return PAGES.edit(
        request,
        pk,
        lambda values, version: services.edit_sounding(
            sounding_id=pk, values=values, version=version, actor=person_of(request), at=now()
        ),
        title=_("サウンディングを書き直す"),
    )


@signed_in
@require_POST
def sounding_move(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = PAGES.held(request, pk)
    return PAGES.change_status(
        request,
        sounding,
        lambda status, reason: services.change_status(
            sounding_id=pk, status=SoundingStatus(status), reason=reason, actor=person_of(request), at=now()
        ),
        again=page,
    )


@signed_in
@require_POST
def slots_add(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = PAGES.held(request, pk)
    form = SlotsForm(request.POST)
    if not form.is_valid():
        return page(request, sounding, 422, slots_form=form)
    try:
        made = services.add_slots(
            sounding_id=sounding.pk, actor=person_of(request), at=now(), **form.cleaned_data
        )
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return page(request, sounding, 422, slots_form=form)
    messages.success(request, _("対話の日時を%(count)d件加えました。") % {"count": made})
    return redirect(sounding)


@signed_in
@require_POST
def slot_remove(request: HttpRequest, pk: int) -> HttpResponse:
    slot = get_object_or_404(
        SoundingSlot.objects.filter(sounding__in=sounding_access.visible(request.user)), pk=pk
    )
    sounding = PAGES.held(request, slot.sounding_id)
    return press(
        request,
        lambda: services.remove_slot(slot_id=slot.pk, actor=person_of(request), at=now()),
        done=_("日時を取りやめました。"),
        to=sounding,
    )
