"""Past proposals brought in from a sheet: the form, the preview, the job."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.desk.access import desk_access
from enishi.desk.errors import RefusedError
from enishi.desk.services import importing
from enishi.desk.tables import download
from enishi.desk.views_desk import desk_of
from enishi.foundation.models import FormDraft
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations.models import Organization


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("過去の提案の一覧(ExcelかCSV)"),
        error_messages={"required": gettext_lazy("ファイルを選んでください。")},
    )


def _desk(request: HttpRequest) -> Organization:
    desk = desk_of(request)
    if not desk_access.allows(request.user, "import", desk):
        raise PermissionDenied(_("過去の提案を取り込めるのは、企画の担当者と管理者です。"))
    return desk


@login_required
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose the file, see what it would do."""
    desk = _desk(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    found: importing.Preview | None = None
    if request.method == "POST" and form.is_valid():
        found = _looked_at(desk, form)
        if found is not None and not found.faults:
            FormDraft.objects.update_or_create(
                person=person_of(request),
                form=f"{importing.JOB}:{desk.pk}",
                defaults={"values": {"rows": found.rows}, "saved_at": timezone.now()},
            )
    context = {
        "desk": desk,
        "form": form,
        "preview": found,
        "columns": list(importing.COLUMNS),
        "batches": importing.batches(desk, timezone.now()),
    }
    return render(request, "desk/import.html", context)


def _looked_at(desk: Organization, form: Any) -> importing.Preview | None:
    file = form.cleaned_data["file"]
    if file.size > settings.UPLOAD_MAX_BYTES:
        form.add_error("file", _("ファイルが大きすぎます。行を分けて取り込んでください。"))
        return None
    try:
        table = read_table(file.read(), is_heading=lambda text: text in importing.COLUMNS)
    except UnreadableTableError as refused:
        form.add_error("file", str(refused))
        return None
    return importing.preview(desk, table)


@login_required
@require_POST
def import_start(request: HttpRequest) -> HttpResponse:
    """Take over what the preview showed."""
    desk = _desk(request)
    person = person_of(request)
    draft = FormDraft.objects.filter(person=person, form=f"{importing.JOB}:{desk.pk}").first()
    if draft is None:
        return redirect("desk:import_new")
    job = importing.start(organization=desk, rows=draft.values["rows"], actor=person, at=timezone.now())
    return redirect("foundation:job", job.pk)


@login_required
@require_POST
def import_undo(request: HttpRequest) -> HttpResponse:
    """Take an import back, but for what somebody has worked on since."""
    desk = _desk(request)
    batch = parse_datetime(request.POST.get("batch", ""))
    if batch is None or timezone.is_naive(batch):
        return redirect("desk:import_new")
    try:
        gone, stays = importing.undo(
            organization=desk, batch=batch, actor=person_of(request), at=timezone.now()
        )
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        told = _("%(gone)d件を取り消しました。") % {"gone": gone}
        if stays:
            told += _("取り込んだあとに動いた%(stays)d件は、そのままです。") % {"stays": stays}
        messages.success(request, told)
    return redirect("desk:import_new")


@login_required
@require_safe
def import_sheet(request: HttpRequest) -> HttpResponse:
    """An empty sheet with the headings and one line as an example."""
    _desk(request)
    example = [
        "2024-0001",
        "空き家の見回りを郵便配達で",
        "提案",
        "見本の会社",
        "不採択",
        "令和6年5月10日",
        "令和6年7月1日",
        "",
        "予算の都合",
        "",
        "配達の途中で空き家の様子を知らせる。",
    ]
    return download("xlsx", title=_("過去の提案"), headings=list(importing.COLUMNS), rows=[example])
