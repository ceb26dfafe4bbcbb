"""Sections as a sheet: downloaded, filled in, looked at before anything is written."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from enishi.foundation import downloads
from enishi.foundation.models import FormDraft
from enishi.foundation.previews import Preview
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations import section_sheet
from enishi.organizations.access import organization_access
from enishi.organizations.errors import RefusedError
from enishi.organizations.models import Organization
from enishi.organizations.views_organizations import person


class SheetForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("課の一覧(ExcelかCSV)"),
        error_messages={"required": gettext_lazy("ファイルを選んでください。")},
    )


def _house(request: HttpRequest, organization_id: int) -> Organization:
    organization = get_object_or_404(Organization, pk=organization_id)
    organization_access.require(request.user, "edit_sections", organization)
    return organization


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def section_import(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Choose the file and see what it would do; or take the sections of today as the sheet to fill in."""
    organization = _house(request, organization_id)
    if request.GET.get("format") in downloads.FORMATS:
        return _sheet(request.GET["format"], organization)
    form = SheetForm(request.POST or None, request.FILES or None)
    found: Preview | None = None
    if request.method == "POST" and form.is_valid():
        found = _looked_at(organization, form)
        if found is not None and not found.faults:
            FormDraft.objects.update_or_create(
                person=person(request),
                form=_key(organization),
                defaults={"values": {"rows": found.rows}, "saved_at": timezone.now()},
            )
    context = {
        "organization": organization,
        "form": form,
        "preview": found,
        "columns": list(section_sheet.COLUMNS),
    }
    return render(request, "organizations/section_import.html", context)


def _key(organization: Organization) -> str:
    return f"sections:{organization.pk}"


def _sheet(form: str, organization: Organization) -> HttpResponse:
    rows = section_sheet.lines(organization, timezone.localdate())
    title = _("課の一覧")
    sheet = downloads.sheet(form, list(section_sheet.COLUMNS), rows, title=title)
    name = f"{title}_{timezone.localdate().isoformat()}.{sheet.ending}"
    return downloads.attachment(
        sheet.content, sheet.content_type, plain=f"sections.{sheet.ending}", name=name
    )


def _looked_at(organization: Organization, form: Any) -> Preview | None:
    file = form.cleaned_data["file"]
    if file.size > settings.UPLOAD_MAX_BYTES:
        form.add_error("file", _("ファイルが大きすぎます。行を分けて取り込んでください。"))
        return None
    try:
        table = read_table(file.read(), is_heading=lambda text: text in section_sheet.COLUMNS)
    except UnreadableTableError as refused:
        form.add_error("file", str(refused))
        return None
    return section_sheet.preview(organization, table, timezone.localdate())


@login_required
@require_POST
def section_import_start(request: HttpRequest, organization_id: int) -> HttpResponse:
    """Take over what the preview showed, all of it or nothing."""
    organization = _house(request, organization_id)
    draft = FormDraft.objects.filter(person=person(request), form=_key(organization)).first()
    if draft is None:
        messages.error(request, _("取り込む内容が見つかりません。ファイルをもう一度選んでください。"))
        return redirect("organizations:section_import", organization.pk)
    try:
        count = section_sheet.take_over(
            organization=organization, rows=draft.values["rows"], actor=person(request), at=timezone.now()
        )
    except RefusedError as refused:
        messages.error(request, str(refused))
        return redirect("organizations:section_import", organization.pk)
    draft.delete()
    messages.success(request, _("%(count)d課を取り込みました。") % {"count": count})
    return redirect("organizations:section_tree", organization.pk)
