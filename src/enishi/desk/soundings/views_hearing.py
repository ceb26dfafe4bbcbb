"""What the office keeps of each dialogue, and the summary it makes of them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enishi.accounts.signed_in import person_of
from enishi.desk.pages import number_in, page_under
from enishi.desk.soundings import services, summaries
from enishi.desk.soundings.access import application_access, sounding_access
from enishi.desk.soundings.forms import MinutesForm, ParagraphForm, ReasonForm
from enishi.desk.soundings.models import SoundingApplication, SoundingMinutes, SummaryParagraph
from enishi.desk.soundings.views import PAGES
from enishi.exchange.asking import (
    now,
    signed_in,
)
from enishi.foundation.form_pages import form_page, press


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    """One applicant as the office knows it, with the private minutes."""
    application = _heard(request, pk)
    minutes = SoundingMinutes.objects.filter(application=application).first()
    form = MinutesForm(
        request.POST or None,
        instance=minutes,
        initial={"version": minutes.version if minutes else 0},
    )
    return form_page(
        request,
        form,
        lambda sent: services.write_minutes(
            application_id=application.pk,
            values=sent.cleaned_data,
            version=sent.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
        ),
        done=_("対話の記録を保存しました。"),
        to=reverse("desk:sounding_dialogue", args=[pk]),
        template="desk/soundings/dialogue.html",
        also={
            "application": application,
            "sounding": application.sounding,
            "free": application.sounding.slots.filter(application__isnull=True, starts_at__gt=now()),
            "reason_form": ReasonForm(),
        },
    )


@signed_in
@require_POST
def dialogue_book(request: HttpRequest, pk: int) -> HttpResponse:
    """The office takes a time for an applicant who rang."""
    application = _heard(request, pk)
    return press(
        request,
        lambda: services.book(
            application_id=application.pk,
            slot_id=number_in(request.POST.get("slot")),
            at=now(),
            actor=person_of(request),
        ),
        done=_("日時が決まりました。"),
        to=reverse("desk:sounding_dialogue", args=[pk]),
    )


@signed_in
@require_POST
def dialogue_decline(request: HttpRequest, pk: int) -> HttpResponse:
    application = _heard(request, pk)
    return press(
        request,
        lambda: services.decline(
            application_id=application.pk,
            reason=request.POST.get("reason", ""),
            actor=person_of(request),
            at=now(),
        ),
        done=_("お断りを伝えました。"),
        to=reverse("desk:sounding_dialogue", args=[pk]),
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_summary(request: HttpRequest, pk: int) -> HttpResponse:
    """All paragraphs with their warnings and consents, and a form for one more."""
    sounding = PAGES.held(request, pk)
    names = dict(sounding.applications.values_list("pk", "company"))
    checked = [
        (each, [(leak, names.get(leak.key, "")) for leak in each.leaks])
        for each in summaries.checked(sounding)
    ]
    return form_page(
        request,
        ParagraphForm(request.POST or None, sounding=sounding),
        lambda form: _write(request, form, sounding.pk, None),
        done=_("段落を保存しました。"),
        to=request.path,
        template="desk/soundings/summary.html",
        also={
            "sounding": sounding,
            "checked": checked,
            "all_agreed": bool(checked) and all(each.is_agreed for each, _leaks in checked),
            "has_leaks": any(leaks for _each, leaks in checked),
        },
    )


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def summary_paragraph(request: HttpRequest, pk: int) -> HttpResponse:
    paragraph = _paragraph(request, pk)
    sounding = PAGES.held(request, paragraph.sounding_id)
    initial = {
        "heading": paragraph.heading,
        "text": paragraph.text,
        "dialogues": list(paragraph.bases.values_list("application_id", flat=True)),
        "version": paragraph.version,
    }
    return page_under(
        request,
        "desk:sounding_list",
        sounding,
        ParagraphForm(request.POST or None, sounding=sounding, initial=initial),
        lambda form: _write(request, form, sounding.pk, pk),
        title=_("段落を書き直す"),
        submit=_("保存する"),
        done=_("段落を保存しました。"),
        to=reverse("desk:sounding_summary", args=[sounding.pk]),
    )


def _write(request: HttpRequest, form: ParagraphForm, sounding_id: int, paragraph_id: int | None) -> Any:
    return summaries.write_paragraph(
        sounding_id=sounding_id,
        paragraph_id=paragraph_id,
        heading=form.cleaned_data["heading"],
        text=form.cleaned_data["text"],
        application_ids=[each.pk for each in form.cleaned_data["dialogues"]],
        version=form.cleaned_data["version"] or 0,
        actor=person_of(request),
        at=now(),
    )


@signed_in
@require_POST
def paragraph_remove(request: HttpRequest, pk: int) -> HttpResponse:
    paragraph = _paragraph(request, pk)
    sounding = PAGES.held(request, paragraph.sounding_id)
    return press(
        request,
        lambda: summaries.remove_paragraph(paragraph_id=pk, actor=person_of(request), at=now()),
        done=_("段落を消しました。"),
        to=reverse("desk:sounding_summary", args=[sounding.pk]),
    )


@signed_in
@require_POST
def summary_ask(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, summaries.ask_consents, _("参加した方に確認をお願いしました。"))


@signed_in
@require_POST
def summary_publish(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, pk, summaries.publish_summary, _("概要を公表しました。"))


def _step(request: HttpRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    sounding = PAGES.held(request, pk)
    has_looked = request.POST.get("has_looked") == "1"
    return press(
        request,
        lambda: act(sounding_id=sounding.pk, has_looked=has_looked, actor=person_of(request), at=now()),
        done=done,
        to=reverse("desk:sounding_summary", args=[pk]),
    )


def _heard(request: HttpRequest, pk: int) -> SoundingApplication:
    rows = application_access.visible(request.user).select_related("sounding__organization", "slot")
    application = get_object_or_404(rows, pk=pk)
    if not application_access.allows(request.user, "hear", application):
        raise Http404
    return application


def _paragraph(request: HttpRequest, pk: int) -> SummaryParagraph:
    return get_object_or_404(
        SummaryParagraph.objects.filter(sounding__in=sounding_access.visible(request.user)), pk=pk
    )
