"""Pages of handover packets."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import form_page
from enishi.foundation.lists import paginate
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of
from enishi.projects import downloads, papers
from enishi.projects.handovers import selectors, services
from enishi.projects.handovers.access import LEADING, WORKING, handover_access
from enishi.projects.handovers.forms import HandoverForm
from enishi.projects.handovers.models import HandoverPacket
from enishi.projects.pages import (
    now,
    signed_in,
)

HEADINGS = ("章", "件名", "状態", "次の期日", "次にすること", "相手", "経過・約束", "アドレス", "確認した日")


@signed_in
@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    rows = handover_access.visible(request.user).select_related("person", "section", "successor")
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("-made_at", "-pk"), parameters=request.GET),
        "summary": ngettext("引継書 %(count)s件", "引継書 %(count)s件", total) % {"count": f"{total:,}"},
        "may_make": _house(request) is not None,
    }
    return render(request, "projects/handover_list.html", context)


def _house(request: HttpRequest) -> Organization | None:
    """The house the person works in now, if they may make a packet there."""
    place = current_membership(request)
    if place is None or not reach_of(request.user).has_role(place.organization_id, *WORKING):
        return None
    return place.organization


@signed_in
def handover_new(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    if house is None:
        raise PermissionDenied(_("引継書を作れるのは、自治体や団体の担当の人です。"))
    person = person_of(request)
    leads = reach_of(person).has_role(house.pk, *LEADING)
    section = request.GET.get("section", "")
    begun: dict[str, Any] = {"section": section} if section.isdecimal() else {"person": person.pk}
    return form_page(
        request,
        HandoverForm(request.POST or None, organization=house, person=person, leads=leads, initial=begun),
        lambda form: services.make_packet(
            organization=house,
            actor=person,
            at=now(),
            **{name: form.cleaned_data[name] for name in ("person", "section", "successor", "note")},
        ),
        done=_("引継書を作り、後任者に知らせました。"),
        to=lambda packet: str(packet.get_absolute_url()),
        template="projects/handover_form.html",
    )


def _packet(request: HttpRequest, pk: int) -> HandoverPacket:
    rows = handover_access.visible(request.user).select_related(
        "organization", "person", "section", "successor", "made_by"
    )
    return get_object_or_404(rows, pk=pk)


@signed_in
@require_safe
def handover_detail(request: HttpRequest, pk: int) -> HttpResponse:
    packet = _packet(request, pk)
    reading = selectors.read(packet, request.user)
    form = request.GET.get("format", "")
    if form in downloads.FORMS:
        return downloads.table(form, HEADINGS, _lines(reading, request), str(packet))
    if form == "docx":
        paper = selectors.as_paper(packet, reading, request.build_absolute_uri("/").rstrip("/"))
        return downloads.attachment(papers.as_docx(paper), f"{packet}.docx", downloads.DOCX)
    context = {
        "packet": packet,
        "reading": reading,
        "may_confirm": handover_access.allows(request.user, "confirm", packet),
    }
    return render(request, "projects/handover_detail.html", context)


def _lines(reading: selectors.Reading, request: HttpRequest) -> list[list[object]]:
    return [
        [
            item.part_title,
            item.title,
            item.state,
            item.due_on,
            item.next_step,
            item.counterpart,
            item.note,
            request.build_absolute_uri(item.url) if item.url else "",
            item.confirmed_at.date() if item.confirmed_at else None,
        ]
        for item in reading.items
    ]


@signed_in
@require_safe
def handover_print(request: HttpRequest, pk: int) -> HttpResponse:
    packet = _packet(request, pk)
    context = {
        "packet": packet,
        "reading": selectors.read(packet, request.user),
        "base": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "projects/handover_print.html", context)


@signed_in
@require_POST
def handover_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """One item, or every item of a chapter that is still unread."""
    packet = _packet(request, pk)
    if not handover_access.allows(request.user, "confirm", packet):
        raise PermissionDenied(
            _("確認できるのは、後任者の%(name)sさんです。") % {"name": packet.successor.name}
        )
    reading = selectors.read(packet, request.user)
    asked, chapter = request.POST.get("item", ""), request.POST.get("chapter", "")
    keys = [
        item.pk for item in reading.items if str(item.pk) == asked or (chapter and item.part_key == chapter)
    ]
    done = services.confirm_items(packet_id=packet.pk, items=keys, actor=person_of(request), at=now())
    if done:
        said = ngettext("%(count)s件を確認済みにしました。", "%(count)s件を確認済みにしました。", done)
        messages.success(request, said % {"count": done})
    else:
        messages.info(request, _("新しく確認したものはありません。"))
    return redirect(reverse("projects:handover_detail", args=[packet.pk]))
