"""A version's tree as a file, and a file into a draft: chosen, looked at, taken over, taken back."""

from types import SimpleNamespace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation import downloads
from enishi.foundation.form_pages import press
from enishi.foundation.limits import limited
from enishi.foundation.spreadsheets import UnreadableTableError
from enishi.plans.errors import RefusedError
from enishi.plans.forms import PlanFileForm
from enishi.plans.models import PlanImport, PlanNode
from enishi.plans.pages import (
    draft_version,
    now,
    signed_in,
    visible_version,
    way_to,
)
from enishi.plans.transfer import exporting, importing
from enishi.plans.transfer.cells import MOST_BYTES
from enishi.plans.transfer.checking import Options
from enishi.plans.transfer.differences import plan_of
from enishi.plans.transfer.shapes import as_lines
from enishi.plans.views_versions import version_context

SHOWN = 300


@require_safe
@limited("exports", times=60, seconds=60)
def version_export(request: HttpRequest, pk: int) -> HttpResponse:
    version = visible_version(request, pk)
    form = request.GET.get("format", "xlsx")
    if form not in downloads.FORMATS:
        raise Http404(_("この形式では書き出せません。"))
    sheet = downloads.sheet(
        form, exporting.headings(), exporting.rows(request.user, version), title=str(version)
    )
    name = f"{version.plan.name}_第{version.no}版.{sheet.ending}"
    return downloads.attachment(
        sheet.content, sheet.content_type, plain=f"plan-{pk}.{sheet.ending}", name=name
    )


@signed_in
@require_safe
def import_sheet(request: HttpRequest) -> HttpResponse:
    """An empty sheet with the headings and two rows as an example."""
    sheet = downloads.sheet("xlsx", exporting.headings(), exporting.example(), title=_("計画の様式"))
    return downloads.attachment(
        sheet.content, sheet.content_type, plain="plan-sheet.xlsx", name="計画の様式.xlsx"
    )


@signed_in
def import_new(request: HttpRequest, pk: int) -> HttpResponse:
    version = draft_version(request, pk)
    form = PlanFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > MOST_BYTES:
                raise UnreadableTableError(_("ファイルが大きすぎます。10MBまでのファイルを選んでください。"))
            batch = importing.read(
                version_id=pk,
                name=file.name,
                content=file.read(),
                options=Options(
                    leave_sections_out=form.cleaned_data["leave_sections_out"],
                    unknown_as_branches=form.cleaned_data["unknown_as_branches"],
                ),
                actor=person_of(request),
                at=now(),
            )
        except (UnreadableTableError, RefusedError) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("plans:import_check", batch.pk)
    context = version_context(request, version) | {
        "form": form,
        "crumbs": way_to(version.plan, version),
        "levels": list(version.levels.all()),
    }
    return render(request, "plans/import_new.html", context)


def _batch(request: HttpRequest, pk: int) -> PlanImport:
    """One's own import only."""
    rows = PlanImport.objects.select_related("version__plan__organization", "change")
    return get_object_or_404(rows, pk=pk, person=person_of(request))


@signed_in
@require_safe
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would do: counts, what was put right, differences, faults."""
    batch = _batch(request, pk)
    version = batch.version
    context = version_context(request, version) | {
        "batch": batch,
        "crumbs": way_to(version.plan, version),
        "is_open": batch.change_id is None and version.is_draft,
    }
    if batch.change_id is None and not batch.faults:
        context |= _preview(batch)
    elif batch.faults:
        context["preview"] = SimpleNamespace(
            added=0, changed=0, unchanged=0, faults=batch.faults, differences=[]
        )
    return render(request, "plans/import_check.html", context)


def _preview(batch: PlanImport) -> dict[str, Any]:
    lines = as_lines(batch.rows)
    wanted = plan_of(batch)
    differences = [
        {
            "row": lines[place].row,
            "key": lines[place].title,
            "column": _column(name),
            "before": before,
            "after": after,
        }
        for place, pairs in wanted.changed.items()
        for name, (before, after) in pairs.items()
    ]
    differences += [
        {
            "row": lines[place].row,
            "key": lines[place].title,
            "column": _("上の枝"),
            "before": str(wanted.match[place].parent or _("(いちばん上)")),
            "after": _above(lines, place),
        }
        for place in wanted.moved
    ]
    changed = len({*wanted.changed, *wanted.moved})
    return {
        "preview": SimpleNamespace(
            added=len(wanted.added),
            changed=changed,
            unchanged=wanted.same,
            faults=[],
            differences=differences[:SHOWN],
        ),
        "new_lines": [lines[place] for place in wanted.added[:SHOWN]],
        "new_count": len(wanted.added),
        "placed": len(wanted.placements),
        "linked": len(wanted.linked),
        "kept": wanted.kept,
    }


def _above(lines: Any, place: int) -> str:
    parent = lines[place].parent
    return lines[parent].title if parent is not None else _("(いちばん上)")


def _column(name: str) -> str:
    field: Any = PlanNode._meta.get_field(name)
    return str(field.verbose_name)


@signed_in
@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    return press(
        request,
        lambda: importing.apply(import_id=batch.pk, actor=person_of(request), at=now()),
        done=_("取り込みました。"),
        to=reverse("plans:import_check", args=[pk]),
    )
