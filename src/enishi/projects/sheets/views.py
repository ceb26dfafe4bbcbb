"""Pages of the year's sheets: fill, autosave, take a workbook in and out, print."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation import drafts
from enishi.foundation.days import fiscal_year_in_words
from enishi.foundation.fiscal_year import FiscalYear
from enishi.foundation.form_pages import both
from enishi.foundation.lists import paginate
from enishi.foundation.ui import CompareRow
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of
from enishi.projects import downloads
from enishi.projects.errors import RefusedError, StaleVersionError
from enishi.projects.pages import (
    now,
    signed_in,
    today,
)
from enishi.projects.sheets import services, workbook
from enishi.projects.sheets.access import LEADING, WORKING, sheet_access
from enishi.projects.sheets.enums import SheetKind, SheetStatus
from enishi.projects.sheets.forms import BeginForm, LineForm, OverallForm, UploadForm
from enishi.projects.sheets.models import PdcaLine, PdcaSheet, PdcaUpload

YEARS = 4


@signed_in
@require_safe
def sheet_list(request: HttpRequest) -> HttpResponse:
    rows = sheet_access.visible(request.user).select_related("organization", "person")
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("-fiscal_year", "-pk"), parameters=request.GET),
        "summary": ngettext("年次シート %(count)s件", "年次シート %(count)s件", total)
        % {"count": f"{total:,}"},
        "may_begin": _house(request) is not None,
    }
    return render(request, "projects/sheet_list.html", context)


def _house(request: HttpRequest) -> Organization | None:
    place = current_membership(request)
    if place is None or not reach_of(request.user).has_role(place.organization_id, *WORKING):
        return None
    return place.organization


@signed_in
def sheet_new(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    if house is None:
        raise PermissionDenied(_("年次シートを作れるのは、自治体や団体の担当の人です。"))
    this = FiscalYear.of(today())
    years = [(this.year - back, fiscal_year_in_words(FiscalYear(this.year - back))) for back in range(YEARS)]
    leads = reach_of(request.user).has_role(house.pk, *LEADING)
    form = BeginForm(
        request.POST or None, years=years, leads=leads, initial={"kind": "person", "year": this.year}
    )
    if request.method == "POST" and form.is_valid():
        sheet = services.begin_sheet(
            kind=SheetKind(form.cleaned_data["kind"]),
            organization=house,
            year=FiscalYear(form.cleaned_data["year"]),
            actor=person_of(request),
            at=now(),
        )
        return redirect("projects:sheet_edit", sheet.pk)
    return render(request, "projects/sheet_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _sheet(request: HttpRequest, pk: int) -> PdcaSheet:
    rows = sheet_access.visible(request.user).select_related("organization", "person", "updated_by")
    return get_object_or_404(rows, pk=pk)


def _writable(request: HttpRequest, pk: int) -> PdcaSheet:
    sheet = _sheet(request, pk)
    if not sheet_access.allows(request.user, "edit", sheet):
        whose = sheet.person.name if sheet.person else sheet.organization.name
        raise PermissionDenied(_("このシートに書けるのは、%(whose)sの担当の人です。") % {"whose": whose})
    return sheet


@signed_in
@require_safe
def sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = _sheet(request, pk)
    form = request.GET.get("format", "")
    if form == "xlsx":
        return downloads.attachment(workbook.as_xlsx(sheet), f"{sheet}.xlsx", downloads.XLSX)
    if form in downloads.FORMS:
        return downloads.table(form, workbook.headings(), workbook.rows(sheet), str(sheet))
    return render(request, "projects/sheet_detail.html", _shown(request, sheet))


def _shown(request: HttpRequest, sheet: PdcaSheet) -> dict[str, Any]:
    lines, numbers = _parted(sheet)
    return {
        "sheet": sheet,
        "lines": lines,
        "numbers": numbers,
        "may_edit": sheet_access.allows(request.user, "edit", sheet),
        "is_done": sheet.status == SheetStatus.DONE,
    }


@signed_in
@require_safe
def sheet_print(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "projects/sheet_print.html", _shown(request, _sheet(request, pk)))


@signed_in
def sheet_edit(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = _writable(request, pk)
    if sheet.status == SheetStatus.DONE:
        messages.info(request, _("提出済みのシートです。直すときは「記入に戻す」を押してください。"))
        return redirect(sheet)
    draft = drafts.kept(person_id=person_of(request).pk, form=_draft_key(sheet))
    typed = request.POST if request.method == "POST" else None
    if typed is None and draft is not None:
        typed_before = drafts.as_typed(draft, {"version": str(sheet.version)})
        forms = _forms(sheet, typed_before)
    else:
        forms = _forms(sheet, typed)
    if request.method == "POST" and all(form.is_valid() for form in _all(forms)):
        answer = _saved(request, sheet, forms)
        if answer is not None:
            return answer
    context = {
        "sheet": sheet,
        "forms": forms,
        "numbers_open": any(form.is_begun for form in forms["numbers"]),
        "draft": draft if request.method != "POST" else None,
        "keep_url": reverse("projects:sheet_keep", args=[sheet.pk]),
        "conflict": forms.get("conflict", []),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/sheet_edit.html", context, status=status)


def _parted(sheet: PdcaSheet) -> tuple[list[PdcaLine], list[PdcaLine]]:
    """The lines that ask for words, and the many numbers that are only there to look up."""
    lines = list(sheet.lines.all())
    return (
        [line for line in lines if not line.is_only_a_number],
        [line for line in lines if line.is_only_a_number],
    )


def _forms(sheet: PdcaSheet, typed: QueryDict | None) -> dict[str, Any]:
    lines, numbers = (
        [LineForm(typed, line=line, prefix=f"line{line.pk}") for line in part] for part in _parted(sheet)
    )
    return {
        "overall": OverallForm(typed, sheet=sheet),
        "lines": lines,
        "numbers": numbers,
        "new": LineForm(typed, prefix="new"),
    }


def _line_forms(forms: dict[str, Any]) -> list[Any]:
    return [*forms["lines"], *forms["numbers"]]


def _both(forms: dict[str, Any]) -> list[CompareRow]:
    """Of every line, what was typed here and what somebody else saved meanwhile, where they differ."""
    found = [(None, row) for row in both(forms["overall"])]
    found += [(form.line.subject, row) for form in _line_forms(forms) for row in both(form)]
    return [
        CompareRow(f"{subject} {row.label}" if subject else row.label, row.left, row.right, row.verdict)
        for subject, row in found
        if row.verdict == "differs"
    ]


def _all(forms: dict[str, Any]) -> list[Any]:
    return [forms["overall"], *_line_forms(forms), forms["new"]]


def _saved(request: HttpRequest, sheet: PdcaSheet, forms: dict[str, Any]) -> HttpResponse | None:
    new = forms["new"].values()
    overall = forms["overall"].cleaned_data
    try:
        services.write_sheet(
            sheet_id=sheet.pk,
            lines={form.line.code: form.values() for form in _line_forms(forms)},
            overall={name: overall[name] for name in services.OVERALL},
            new_lines=[new] if any(new.values()) else [],
            version=overall["version"] or 0,
            actor=person_of(request),
            at=now(),
        )
    except StaleVersionError as stale:
        forms["overall"].add_error(
            None,
            stale.sentence
            + _("いま書いた内容はこの画面に残っています。もう一度保存すると、こちらが残ります。"),
        )
        forms["conflict"] = _both(forms)
        forms["overall"].data = forms["overall"].data.copy()
        forms["overall"].data["version"] = str(stale.current)
        return None
    except RefusedError as refused:
        forms["overall"].add_error(None, refused.sentence)
        return None
    drafts.discard(person_id=person_of(request).pk, forms=[_draft_key(sheet)])
    messages.success(request, _("シートを保存しました。"))
    if request.POST.get("then") == "more":
        return redirect("projects:sheet_edit", sheet.pk)
    return redirect(sheet)


def _draft_key(sheet: PdcaSheet) -> str:
    return f"pdca-sheet:{sheet.pk}"


@signed_in
@require_POST
def sheet_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being typed, kept from time to time."""
    sheet = _writable(request, pk)
    drafts.keep(person_id=person_of(request).pk, form=_draft_key(sheet), typed=request.POST, at=now())
    sentence = _("入力を控えました(%(time)s)。保存はまだです。") % {"time": f"{timezone.localtime():%H:%M}"}
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8")


@signed_in
@require_POST
def sheet_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the records again, hand in, or open again."""
    sheet = _writable(request, pk)
    verbs: dict[str, tuple[Any, str]] = {
        "refill": (services.refill, _("記録の数字を写し直しました。")),
        "finish": (services.finish_sheet, _("シートを提出しました。")),
        "reopen": (services.reopen_sheet, _("記入に戻しました。")),
    }
    chosen = verbs.get(request.POST.get("do", ""))
    if chosen is None:
        return redirect(sheet)
    try:
        chosen[0](sheet_id=sheet.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, chosen[1])
    return redirect(sheet)


@signed_in
def sheet_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a filled-in workbook; nothing changes before somebody has seen the differences."""
    sheet = _writable(request, pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = workbook.take_in(
                sheet=sheet, content=file.read(), filename=file.name, actor=person_of(request), at=now()
            )
        except RefusedError as refused:
            form.add_error("file", refused.sentence)
        else:
            return redirect("projects:sheet_upload_check", sheet.pk, upload.pk)
    context = {"sheet": sheet, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "projects/sheet_upload.html", context, status=status)


@signed_in
def sheet_upload_check(request: HttpRequest, pk: int, upload_pk: int) -> HttpResponse:
    """The differences; and with a press of the button all of them are written, or none."""
    sheet = _writable(request, pk)
    upload = get_object_or_404(PdcaUpload, pk=upload_pk, sheet=sheet, person=person_of(request))
    if request.method == "POST":
        try:
            services.apply_upload(upload_id=upload.pk, actor=person_of(request), at=now())
        except RefusedError as refused:
            messages.error(request, refused.sentence)
            return redirect("projects:sheet_upload_check", sheet.pk, upload.pk)
        messages.success(request, _("ファイルの内容をシートに取り込みました。"))
        return redirect(sheet)
    codes = {change["code"] for change in upload.changes}
    preview = {
        "added": sum(1 for code in codes if code.startswith("new:")),
        "changed": sum(1 for code in codes if not code.startswith("new:")),
        "unchanged": max(0, sheet.lines.count() - len(codes)),
        "faults": upload.faults,
        "differences": [{**change, "after": change["shown"]} for change in upload.changes],
    }
    context = {
        "sheet": sheet,
        "upload": upload,
        "preview": preview,
        "meanwhile": [change for change in upload.changes if change.get("meanwhile")],
        "may_apply": bool(upload.changes) and not upload.faults and upload.applied_at is None,
    }
    return render(request, "projects/sheet_upload_check.html", context)
