"""Steps, sources and files of a case."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.form_pages import formset
from enishi.knowledge.cases import services
from enishi.knowledge.cases.access import case_access
from enishi.knowledge.cases.forms import FileForm, SourceFormSet, StepFormSet, document_keys
from enishi.knowledge.models import Case, CaseFile
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import rows_page
from enishi.knowledge.staff.uploads import received


@signed_in
def case_steps(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    names = ("id", "title", "who", "days", "detail")
    initial = [
        {**{name: getattr(step, name) for name in names}, "document": step.document_id}
        for step in case.steps.all()
    ]
    rows = _formset(request, StepFormSet, initial, "step")
    return rows_page(
        request,
        rows,
        lambda version: services.write_steps(
            case_id=case.pk,
            steps=[row.cleaned_data for row in rows if row.cleaned_data.get("title")],
            version=version,
            actor=person_of(request),
            at=now(),
        ),
        record=case,
        heading=_("手順"),
        lead=_(
            "同じことに出会った人が、この順にたどれます。段を増やすときは、保存してからもう一度開きます。"
        ),
        done=_("手順を保存しました。"),
        crumbs=_crumbs(),
    )


@signed_in
def case_sources(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    initial = [
        {
            "label": source.label,
            "url": source.url,
            "document": source.document_id,
            "passage_order": source.passage_order,
            "quote": source.quote,
        }
        for source in case.sources.all()
    ]
    rows = _formset(request, SourceFormSet, initial, "source")
    return rows_page(
        request,
        rows,
        lambda version: services.write_sources(
            case_id=case.pk,
            sources=[row.cleaned_data for row in rows if row.cleaned_data.get("label")],
            version=version,
            actor=person_of(request),
            at=now(),
        ),
        record=case,
        heading=_("資料"),
        lead=_("この事例がどの資料に書かれているか。ここにある資料を選ぶと、その箇所まで開けます。"),
        done=_("資料を保存しました。"),
        crumbs=_crumbs(),
    )


def _formset(request: HttpRequest, kind: Any, initial: list[dict[str, Any]], prefix: str) -> Any:
    keys = document_keys(person_of(request))
    return formset(request, kind, initial=initial, prefix=prefix, form_kwargs={"documents": keys})


def _crumbs() -> list[tuple[str, str]]:
    return [(_("事例"), reverse("cases:case_list"))]


@signed_in
def case_files(request: HttpRequest, pk: int) -> HttpResponse:
    case: Case = writable(request, case_access, pk)
    form = FileForm(request.POST or None, request.FILES or None, case=case)
    if request.method == "POST" and form.is_valid():
        step = form.cleaned_data["step"]
        try:
            services.attach_file(
                case_id=case.pk,
                upload=received(form.cleaned_data["file"]),
                step_id=step.pk if step else None,
                actor=person_of(request),
                at=now(),
            )
        except RefusedError as refused:
            form.add_error("file", refused.sentence)
        else:
            messages.success(request, _("文書を加えました。"))
            return redirect("cases:case_files", case.pk)
    context = {
        "case": case,
        "form": form,
        "files": list(case.files.filter(removed_at__isnull=True).select_related("step")),
        "removed": list(case.files.filter(removed_at__gt=now() - RESTORABLE)),
    }
    return render(request, "knowledge/cases/case_files.html", context)


@require_safe
def file_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for whoever may read its case; always saved, never shown in the page's own name."""
    file = _visible_file(request, pk)
    if file.removed_at is not None:
        raise Http404
    try:
        content = file.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("ファイルが見つかりません。")) from error
    answer = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.content_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@signed_in
@require_POST
def file_remove(request: HttpRequest, pk: int) -> HttpResponse:
    file = _visible_file(request, pk)
    services.remove_file(file_id=file.pk, actor=person_of(request), at=now())
    messages.success(request, _("文書を外しました。30日のあいだは元に戻せます。"))
    return redirect("cases:case_files", file.case_id)


@signed_in
@require_POST
def file_restore(request: HttpRequest, pk: int) -> HttpResponse:
    file = _visible_file(request, pk)
    try:
        services.restore_file(file_id=file.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("文書を元に戻しました。"))
    return redirect("cases:case_files", file.case_id)


def _visible_file(request: HttpRequest, pk: int) -> CaseFile:
    return get_object_or_404(CaseFile, pk=pk, case__in=case_access.visible(request.user))
