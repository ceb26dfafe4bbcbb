"""Pages that bring files in."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from enishi.accounts.models import Person
from enishi.exchange.access import access_of
from enishi.exchange.enums import RecordKind
from enishi.exchange.models import ImportBatch
from enishi.exchange.models_imports import ImportState
from enishi.exchange.transfer import exporting, importing
from enishi.exchange.transfer.columns import MODELS, SHEETS
from enishi.exchange.transfer.forms import ImportForm
from enishi.exchange.transfer.words import HEADINGS
from enishi.foundation.downloads import XLSX
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.previews import Fault
from enishi.foundation.submissions import new_token, once


@login_required
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose a file; it is looked at before anything is written."""
    record = _kind(kind)
    assert isinstance(request.user, Person)
    if not access_of(MODELS[kind]).owners(request.user).exists():
        raise PermissionDenied(_("取り込めるのは、団体の担当・企画・管理の役割を持つ人です。"))
    form = ImportForm(request.POST or None, request.FILES or None, kind=record, actor=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect(_received(request, kind, form.cleaned_data))
    recent = ImportBatch.objects.filter(person=request.user, kind=kind)[:5]
    context = {"form": form, "kind": record, "columns": SHEETS[kind], "token": new_token(), "recent": recent}
    return render(request, "exchange/import_new.html", context)


def _received(request: HttpRequest, kind: str, data: dict[str, Any]) -> str:
    assert isinstance(request.user, Person)
    actor, now = request.user, timezone.now()

    def make() -> str:
        batch = importing.receive(
            kind=kind,
            organization=data["organization"],
            content=data["file"].read(),
            filename=data["file"].name or "",
            visibility=data["visibility"],
            status=data["status"],
            actor=actor,
            at=now,
        )
        return f"/imports/{batch.pk}/"

    return once(token=request.POST.get("token", ""), person=actor, at=now, make=make)


@login_required
@require_GET
def import_detail(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Where an import stands: being looked at, what it would do, what it did."""
    batch = get_object_or_404(
        ImportBatch.objects.select_related("job", "organization"), pk=batch_id, person=request.user
    )
    asked = importing.asked_of(batch) if batch.state in (ImportState.FAULTY, ImportState.READY) else []
    context = {
        "batch": batch,
        "result": _tally(batch),
        "words": [question for question in asked if question.column != HEADINGS],
        "headings": [question for question in asked if question.column == HEADINGS],
        "asks_sections": any(question.column == "section_id" for question in asked),
        "remarks": _remarks(batch),
    }
    return render(request, "exchange/import_detail.html", context)


def _remarks(batch: ImportBatch) -> list[dict[str, str]]:
    """How loose writing was understood, once for all rows in which it stands."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    for each in batch.preview.get("remarks", []):
        told = (Fault.in_words(each, "column"), each["value"], Fault.in_words(each, "reason"))
        rows.setdefault(told, []).append(each["row"])
    return [
        {
            "rows": _("、").join(map(str, at[:10])) + ("…" if len(at) > 10 else ""),
            "column": column,
            "value": value,
        }
        | {"reason": reason}
        for (column, value, reason), at in rows.items()
    ]


def _tally(batch: ImportBatch) -> dict[str, int]:
    result = batch.result or {}
    return {
        "added": len(result.get("added", [])),
        "changed": len(result.get("changed", [])),
        "unchanged": int(result.get("unchanged", 0)),
    }


@login_required
@require_POST
def import_words(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """What words of the file stand for that nobody knew."""
    assert isinstance(request.user, Person)
    get_object_or_404(ImportBatch, pk=batch_id, person=request.user)
    importing.explain_words(
        batch_id=batch_id, written=request.POST.dict(), actor=request.user, at=timezone.now()
    )
    return redirect("imports:import_detail", batch_id)


@login_required
@require_POST
def import_confirm(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    assert isinstance(request.user, Person)
    get_object_or_404(ImportBatch, pk=batch_id, person=request.user)
    importing.confirm(batch_id=batch_id, actor=request.user, at=timezone.now())
    return redirect("imports:import_detail", batch_id)


@login_required
@require_POST
def import_undo(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    assert isinstance(request.user, Person)
    get_object_or_404(ImportBatch, pk=batch_id, person=request.user)
    try:
        undone = importing.undo(batch_id=batch_id, actor=request.user, at=timezone.now())
    except importing.NotUndoableError as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = _("加わった %(removed)d件をごみ箱に移し、変わった %(put_back)d件を前の内容に戻しました。")
        messages.success(request, sentence % {"removed": undone.removed, "put_back": undone.put_back})
        if undone.left:
            messages.info(
                request,
                _("取り込んだあとに書き直された %(left)d件は、そのままにしました。") % {"left": undone.left},
            )
    return redirect("imports:import_detail", batch_id)


@require_GET
def import_form(request: HttpRequest, kind: str) -> HttpResponse:
    """The empty sheet to fill in."""
    record = _kind(kind)
    response = HttpResponse(
        exporting.empty_form(kind),
        content_type=XLSX,
    )
    response["Content-Disposition"] = f'attachment; filename="enishi-{record.value}-form.xlsx"'
    return response


def _kind(kind: str) -> RecordKind:
    try:
        return RecordKind(kind)
    except ValueError as unknown:
        raise Http404 from unknown


@login_required
@require_GET
def export_fetch(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    """The file a long export wrote, for the person who asked for it."""
    job = get_object_or_404(Job, pk=job_id, person=request.user, kind="export", status=JobStatus.DONE)
    path = exporting.export_path(job)
    if not path.exists():
        raise Http404(_("書き出したファイルは7日で消えます。もう一度書き出してください。"))
    return exporting.as_download(RecordKind(job.arguments["record"]), path.open("rb"), job.arguments["form"])
