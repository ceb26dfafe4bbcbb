"""Pages of soundings for everybody, and for the office that holds them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk import post
from enishi.desk.pages import page_under
from enishi.desk.soundings import services
from enishi.desk.soundings.access import sounding_access
from enishi.desk.soundings.enums import ApplicationStatus, SoundingStatus
from enishi.desk.soundings.forms import SlotsForm, SoundingForm, StatusForm
from enishi.desk.soundings.models import Sounding, SoundingSlot
from enishi.desk.tables import FORMATS, MOST_ROWS, download
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.exchange.errors import RefusedError
from enishi.exchange.models import Challenge
from enishi.foundation.form_pages import press
from enishi.foundation.forms import clean_text
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of


@require_safe
@limited("desk-lists", times=240, seconds=60)
def sounding_list(request: HttpRequest) -> HttpResponse:
    rows = sounding_access.visible(request.user).select_related("organization", "section")
    query = clean_text(request.GET.get("q", "")).strip()[:100]
    for word in query.split()[:5]:
        rows = rows.filter(Q(title__icontains=word) | Q(purpose__icontains=word) | Q(topics__icontains=word))
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    chosen = [value for value in request.GET.getlist("status") if value in SoundingStatus.values]
    narrowed = rows.filter(status__in=chosen) if chosen else rows
    if request.GET.get("format") in FORMATS:
        return _table(request.GET["format"], narrowed)
    choices = [
        FacetChoice(value, label, counts.get(value, 0), value in chosen)
        for value, label in SoundingStatus.choices
    ]
    context = {
        "page": paginate(narrowed, order_by=("-apply_until", "-pk"), parameters=request.GET),
        "facets": [Facet("status", _("状態"), choices)],
        "total": sum(counts.get(value, 0) for value in chosen or SoundingStatus.values),
        "query": query,
        "may_create": request.user.is_authenticated and sounding_access.allows(request.user, "create", None),
    }
    return render(request, "desk/soundings/sounding_list.html", context)


def _table(form: str, rows: Any) -> HttpResponse:
    headings = [_("題名"), _("団体"), _("状態"), _("申込の締切"), _("場所・方法"), _("問い合わせ先")]
    lines = (
        (
            row.title,
            row.organization.name,
            row.get_status_display(),
            timezone.localtime(row.apply_until).strftime("%Y-%m-%d %H:%M"),
            row.place,
            row.contact_name,
        )
        for row in rows.order_by("-apply_until", "-pk")[:MOST_ROWS]
    )
    return download(form, title=_("サウンディング"), headings=headings, rows=lines)


@require_safe
@limited("desk-pages", times=240, seconds=60)
def sounding_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, visible(request, pk))


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
    return [(value, words[value]) for value in services.steps_from(sounding) if value in words]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_new(request: HttpRequest) -> HttpResponse:
    organization: Organization | None = sounding_access.owners(request.user).first()
    if organization is None:
        raise PermissionDenied(_("サウンディングを作れるのは、自治体の担当の人です。"))
    return page_under(
        request,
        "desk:sounding_list",
        None,
        SoundingForm(request.POST or None, organization=organization, actor=request.user),
        lambda form: services.create_sounding(
            organization=organization, values=form.values(), actor=person_of(request), at=now()
        ),
        title=_("サウンディングを作る"),
        submit=_("下書きを作る"),
        done=_("下書きができました。対話の日時を用意して、募集を始めてください。"),
        to=lambda sounding: str(sounding.get_absolute_url()),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_edit(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = run(request, pk)
    form = SoundingForm(
        request.POST or None,
        instance=sounding,
        organization=sounding.organization,
        actor=request.user,
        initial={"version": sounding.version},
    )
    return page_under(
        request,
        "desk:sounding_list",
        sounding,
        form,
        lambda sent: services.edit_sounding(
            sounding_id=sounding.pk,
            values=sent.values(),
            version=sent.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        title=_("サウンディングを書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
    )


@signed_in
@require_POST
def sounding_move(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = run(request, pk)
    status = request.POST.get("status", "")
    form = StatusForm(request.POST)
    if status not in SoundingStatus.values or not form.is_valid():
        messages.error(request, _("変える先の状態を選んでください。"))
        return redirect(sounding)
    try:
        services.change_status(
            sounding_id=sounding.pk,
            status=SoundingStatus(status),
            reason=form.cleaned_data["reason"],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        return page(request, sounding, 422, status_form=form, refused=refused.sentence)
    messages.success(request, _("状態を変えました。"))
    return redirect(sounding)


@signed_in
@require_POST
def slots_add(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = run(request, pk)
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
    sounding = run(request, slot.sounding_id)
    return press(
        request,
        lambda: services.remove_slot(slot_id=slot.pk, actor=person_of(request), at=now()),
        done=_("日時を取りやめました。"),
        to=sounding,
    )


def visible(request: HttpRequest, pk: int) -> Sounding:
    rows = sounding_access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def run(request: HttpRequest, pk: int) -> Sounding:
    """The sounding, for those who hold it. Others of the house are told who can; everybody else finds nothing."""
    sounding = visible(request, pk)
    if not sounding_access.allows(request.user, "edit", sounding):
        if sounding.organization_id not in reach_of(request.user).organization_ids:
            raise Http404
        raise PermissionDenied(
            _("このサウンディングを動かせるのは、%(owner)sの担当の人です。")
            % {"owner": sounding.organization.name}
        )
    return sounding
