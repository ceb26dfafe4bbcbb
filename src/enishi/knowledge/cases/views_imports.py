"""Pages that bring cases in from a sheet."""

import io
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.spreadsheets import write_xlsx
from enishi.foundation.submissions import once
from enishi.knowledge.cases import transfer
from enishi.knowledge.cases.forms import CaseImportForm
from enishi.knowledge.models import CaseImport
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.exporting import XLSX, download


@signed_in
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is looked at before anything is written."""
    person = staff_of(request)
    form = CaseImportForm(request.POST or None, request.FILES or None, person=person)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            form.add_error("file", _("ファイルが大きすぎます。行を分けて、もう一度選んでください。"))
        else:
            return redirect(
                once(
                    token=form.cleaned_data["token"],
                    person=person,
                    at=now(),
                    make=lambda: _received(request, form),
                )
            )
    context = {
        "form": form,
        "columns": transfer.COLUMNS,
        "recent": CaseImport.objects.filter(person=person)[:5],
    }
    return render(request, "knowledge/cases/import_new.html", context)


def _received(request: HttpRequest, form: CaseImportForm) -> str:
    data = form.cleaned_data
    batch = transfer.receive(
        organization=data["organization"],
        filename=data["file"].name or "",
        content=data["file"].read(),
        visibility=data["visibility"],
        actor=person_of(request),
        at=now(),
    )
    return reverse("cases:import_detail", args=[batch.pk])


@signed_in
@require_safe
def import_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    batch = get_object_or_404(CaseImport.objects.select_related("job"), pk=pk, person=person_of(request))
    return render(request, "knowledge/cases/import_detail.html", {"batch": batch})


@signed_in
@require_POST
def import_confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    get_object_or_404(CaseImport, pk=pk, person=person_of(request))
    transfer.confirm(batch_id=pk, actor=person_of(request), at=now())
    return redirect("cases:import_detail", pk)


@signed_in
@require_POST
def import_undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back what this file brought."""
    get_object_or_404(CaseImport, pk=pk, person=person_of(request))
    try:
        batch = transfer.undo(batch_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
        return redirect("cases:import_detail", pk)
    if batch.left:
        messages.warning(
            request,
            _("取り消しました。取り込んだあとに直された%(count)d件は、そのままです。")
            % {"count": batch.left},
        )
    else:
        messages.success(request, _("取り消しました。新しい事例はごみ箱にあり、30日のあいだは戻せます。"))
    return redirect("cases:import_detail", pk)


@signed_in
@require_safe
def import_form(request: HttpRequest) -> HttpResponse:
    """The empty sheet to fill in, with one row that shows how."""
    buffer = io.BytesIO()
    columns = transfer.COLUMNS
    write_xlsx(
        buffer, [each.heading for each in columns], [[each.example for each in columns]], title=_("事例")
    )
    return download(_("事例の様式"), "cases-form", buffer.getvalue(), "xlsx", XLSX)
