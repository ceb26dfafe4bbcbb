"""The risk table of a draft: one form, begun from the usual rows, out to xlsx and back, printed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import calculations, risk_reading, risk_table, selectors, services, tellings
from enishi.agreements.access import agreement_access
from enishi.agreements.errors import NothingToWriteError, RefusedError
from enishi.agreements.forms import FileForm
from enishi.agreements.forms_rows import RiskFormSet, with_keys
from enishi.agreements.knowledge import data, phases
from enishi.agreements.pages import (
    form_page,
    now,
    permitted,
    post,
)
from enishi.agreements.services.drafting import risk_values
from enishi.agreements.services.records import draft_of
from enishi.agreements.views_agreements import _opened
from enishi.agreements.views_approval import read_upload
from enishi.agreements.views_register import table_response
from enishi.foundation.form_pages import EmptyForm, formset
from enishi.foundation.spreadsheets import UnreadableTableError, read_table

MOST_BYTES = 5 * 1024 * 1024
SALT = "agreement-risks"


@login_required
def risk_form(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    try:
        draft = draft_of(agreement)
    except NothingToWriteError as refused:
        messages.error(request, refused.sentence)
        return redirect("agreements:risk_table", pk)
    opened = _opened(request, agreement)
    risks = list(draft.risks.all())
    rows = formset(request, RiskFormSet, initial=[risk_values(risk) for risk in risks], prefix="rows")
    return form_page(
        request,
        agreement,
        EmptyForm(request.POST or None),
        lambda _cleaned: services.save_risks(
            agreement_id=pk, rows=with_keys(rows.rows()), version=opened, actor=person_of(request), at=now()
        ),
        title="",
        submit=_("表を保存して点検する"),
        done=_("リスク分担表を保存しました。"),
        to=request.path,
        template="agreements/risk_form.html",
        rows=rows,
        also={
            "opened": opened,
            "gaps": told_gaps(calculations.risk_gaps(risks, draft.payment)),
            "phases": phases(),
            "steps": tellings.steps(agreement, "risks"),
            "principle": data("risk_allocation")["_meta"]["principle"],
            "count": len(risks),
        },
    )


def told_gaps(found: Any) -> list[tuple[Any, str, bool]]:
    return [(risk, calculations.gap_in_words(gap), gap.weight == "must") for risk, gap in found]


@login_required
@require_POST
def risk_start(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    return post(
        request,
        agreement,
        lambda: services.start_risk_table(
            agreement_id=pk,
            phases=request.POST.getlist("phase"),
            version=_opened(request, agreement),
            actor=person_of(request),
            at=now(),
        ),
        _("標準の行を加えました。負担する側と分かれ目を、この協定に合わせて直してください。"),
        to=reverse("agreements:agreement_risks", args=[pk]),
    )


@login_required
@require_safe
def risk_table_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of the version one means: on screen, to print, or as a file."""
    agreement = permitted(request, pk, "read_inside")
    version = selectors.version_shown(agreement)
    risks = list(version.risks.all()) if version else []
    if request.GET.get("format") in {"xlsx", "csv", "csv-cp932"}:
        return table_response(
            risk_table.HEADINGS, risk_table.lines(risks), request.GET["format"], "リスク分担表"
        )
    happened = {key for key in agreement.incidents.values_list("risk_key", flat=True) if key}
    context = {
        "agreement": agreement,
        "version": version,
        "rows": [(risk, *calculations.marks_of(risk.bearer), risk.key in happened) for risk in risks],
        "gaps": told_gaps(calculations.risk_gaps(risks, version.payment if version else "")),
        "occurrence": selectors.risk_occurrence([agreement.pk]),
        "meta": data("risk_allocation")["_meta"],
        "may_edit": agreement_access.allows(request.user, "edit", agreement)
        and version is not None
        and version.is_editable,
    }
    return render(request, "agreements/risk_table.html", context)


@login_required
def risk_import(request: HttpRequest, pk: int) -> HttpResponse:
    """A filled table comes back: what it would change is shown first, then it is taken over."""
    agreement = permitted(request, pk, "edit")
    try:
        draft = draft_of(agreement)
    except NothingToWriteError as refused:
        messages.error(request, refused.sentence)
        return redirect(agreement)
    if request.method == "POST" and request.POST.get("rows"):
        return _take_over(request, pk)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"agreement": agreement, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            table = read_table(
                read_upload(form.cleaned_data["file"], MOST_BYTES),
                max_rows=500,
                is_heading=lambda text: risk_table.is_heading(text) or risk_reading.is_heading(text),
                is_filled=True,
            )
            preview = risk_table.preview(list(draft.risks.all()), risk_reading.in_our_columns(table))
        except (UnreadableTableError, RefusedError) as refused:
            form.add_error("file", str(refused))
        else:
            context |= {"preview": preview, "opened": agreement.version}
            context["rows"] = signing.dumps({"pk": pk, "rows": preview.rows}, salt=SALT, compress=True)
    return render(request, "agreements/risk_import.html", context)


def _take_over(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = permitted(request, pk, "edit")
    try:
        kept = signing.loads(request.POST["rows"], salt=SALT, max_age=86_400)
    except signing.BadSignature:
        kept = {}
    if kept.get("pk") != pk:
        messages.error(request, _("確認の画面の期限が切れました。ファイルをもう一度選んでください。"))
        return redirect(request.path)
    return post(
        request,
        agreement,
        lambda: services.save_risks(
            agreement_id=pk,
            rows=kept["rows"],
            version=_opened(request, agreement),
            actor=person_of(request),
            at=now(),
        ),
        _("リスク分担表を取り込みました。"),
        to=reverse("agreements:agreement_risks", args=[pk]),
    )
