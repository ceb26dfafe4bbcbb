"""What the office keeps of each dialogue, and the summary it makes of them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from enishi.desk.calls.views import number_in
from enishi.desk.soundings import services, summaries
from enishi.desk.soundings.access import application_access, sounding_access
from enishi.desk.soundings.forms import MinutesForm, ParagraphForm, ReasonForm
from enishi.desk.soundings.models import SoundingApplication, SoundingMinutes, SummaryParagraph
from enishi.desk.soundings.views import run
from enishi.exchange.asking import now, person_of, signed_in
from enishi.exchange.errors import RefusedError


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_dialogue(request: HttpRequest, pk: int) -> HttpResponse:
    """One applicant as the office knows it, with the private minutes."""
    application = _heard(request, pk)
    minutes = SoundingMinutes.objects.filter(application=application).first()
    form = MinutesForm(request.POST or None, instance=minutes)
    if request.method == "POST" and form.is_valid():
        services.write_minutes(
            application_id=application.pk, values=form.cleaned_data, actor=person_of(request), at=now()
        )
        messages.success(request, _("対話の記録を保存しました。"))
        return redirect("desk:sounding_dialogue", pk)
    context = {
        "application": application,
        "sounding": application.sounding,
        "form": form,
        "free": application.sounding.slots.filter(application__isnull=True, starts_at__gt=now()),
        "reason_form": ReasonForm(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/soundings/dialogue.html", context, status=status)


@signed_in
@require_POST
def dialogue_book(request: HttpRequest, pk: int) -> HttpResponse:
    """The office takes a time for an applicant who rang."""
    application = _heard(request, pk)
    try:
        services.book(
            application_id=application.pk,
            slot_id=number_in(request.POST.get("slot")),
            at=now(),
            actor=person_of(request),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("日時が決まりました。"))
    return redirect("desk:sounding_dialogue", pk)


@signed_in
@require_POST
def dialogue_decline(request: HttpRequest, pk: int) -> HttpResponse:
    application = _heard(request, pk)
    try:
        services.decline(
            application_id=application.pk,
            reason=request.POST.get("reason", ""),
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("お断りを伝えました。"))
    return redirect("desk:sounding_dialogue", pk)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sounding_summary(request: HttpRequest, pk: int) -> HttpResponse:
    """All paragraphs with their warnings and consents, and a form for one more."""
    sounding = run(request, pk)
    form = ParagraphForm(request.POST or None, sounding=sounding)
    if request.method == "POST" and form.is_valid() and _written(request, form, sounding.pk, None):
        return redirect("desk:sounding_summary", pk)
    names = dict(sounding.applications.values_list("pk", "company"))
    checked = [
        (each, [(leak, names.get(leak.key, "")) for leak in each.leaks])
        for each in summaries.checked(sounding)
    ]
    context = {
        "sounding": sounding,
        "checked": checked,
        "form": form,
        "all_agreed": bool(checked) and all(each.is_agreed for each, _leaks in checked),
        "has_leaks": any(leaks for _each, leaks in checked),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/soundings/summary.html", context, status=status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def summary_paragraph(request: HttpRequest, pk: int) -> HttpResponse:
    paragraph = _paragraph(request, pk)
    sounding = run(request, paragraph.sounding_id)
    initial = {
        "heading": paragraph.heading,
        "text": paragraph.text,
        "dialogues": list(paragraph.bases.values_list("application_id", flat=True)),
    }
    form = ParagraphForm(request.POST or None, sounding=sounding, initial=initial)
    if request.method == "POST" and form.is_valid() and _written(request, form, sounding.pk, pk):
        return redirect("desk:sounding_summary", sounding.pk)
    context = {"form": form, "sounding": sounding, "title": _("段落を書き直す"), "submit": _("保存する")}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/soundings/form.html", context, status=status)


def _written(request: HttpRequest, form: ParagraphForm, sounding_id: int, paragraph_id: int | None) -> bool:
    try:
        summaries.write_paragraph(
            sounding_id=sounding_id,
            paragraph_id=paragraph_id,
            heading=form.cleaned_data["heading"],
            text=form.cleaned_data["text"],
            application_ids=[each.pk for each in form.cleaned_data["dialogues"]],
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(request, _("段落を保存しました。"))
    return True


@signed_in
@require_POST
def paragraph_remove(request: HttpRequest, pk: int) -> HttpResponse:
    paragraph = _paragraph(request, pk)
    sounding = run(request, paragraph.sounding_id)
    try:
        summaries.remove_paragraph(paragraph_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("段落を消しました。"))
    return redirect("desk:sounding_summary", sounding.pk)


@signed_in
@require_POST
def summary_publish(request: HttpRequest, pk: int) -> HttpResponse:
    sounding = run(request, pk)
    try:
        summaries.publish_summary(
            sounding_id=sounding.pk,
            has_looked=request.POST.get("has_looked") == "1",
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("desk:sounding_summary", pk)
    messages.success(request, _("概要を公表しました。"))
    return redirect(sounding)


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
