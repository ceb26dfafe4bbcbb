"""A municipality's own list of agreements, brought in with a look before."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements.access import agreement_access
from enishi.agreements.errors import RefusedError
from enishi.agreements.forms import FileForm
from enishi.agreements.models import Agreement, AgreementImport
from enishi.agreements.pages import (
    now,
)
from enishi.agreements.services import importing
from enishi.agreements.views_approval import read_upload
from enishi.agreements.views_register import table_response
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations.models import Organization

MOST_BYTES = 10 * 1024 * 1024
SHEET = (
    "管理番号",
    "名称",
    "種類",
    "制度",
    "相手方",
    "目的",
    "締結日",
    "始まり",
    "終わり",
    "更新",
    "予告月数",
    "担当課",
    "分野",
)
EXAMPLE = (
    "R5-12",
    "災害時における物資の供給に関する協定",
    "災害時応援協定",
    "災害時の応援",
    "株式会社ときわマート、くらしのわ生活協同組合",
    "災害時に食料と日用品を供給する",
    "令和5年9月1日",
    "令和5年9月1日",
    "令和9年3月31日",
    "自動更新",
    "3",
    "",
    "",
)


@login_required
def import_new(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    houses = agreement_access.owners(person)
    if not houses:
        raise PermissionDenied(_("協定を取り込めるのは、自治体の担当の人です。"))
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        house = _house(request, list(houses))
        try:
            content = read_upload(form.cleaned_data["file"], MOST_BYTES)
            table = read_table(content, is_heading=importing.is_heading)
            batch = importing.read(
                organization=house, name=form.cleaned_data["file"].name, table=table, actor=person, at=now()
            )
        except (UnreadableTableError, RefusedError) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("agreements:import_check", batch.pk)
    context = {"form": form, "houses": list(houses), "names": importing.NAMES.values()}
    return render(request, "agreements/import_new.html", context)


def _house(request: HttpRequest, houses: list[Organization]) -> Organization:
    chosen = request.POST.get("organization", "")
    return next((each for each in houses if str(each.pk) == chosen), houses[0])


@login_required
@require_safe
def import_sheet(request: HttpRequest) -> HttpResponse:
    """An empty sheet with the headings and one example."""
    return table_response(SHEET, [EXAMPLE], "xlsx", "協定一覧の様式")


def _batch(request: HttpRequest, pk: int) -> AgreementImport:
    """One's own import only."""
    return get_object_or_404(
        AgreementImport.objects.select_related("organization"), pk=pk, person=person_of(request)
    )


@login_required
@require_safe
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    known = set() if batch.applied_at else importing.known_keys(batch.organization, batch.rows)
    rows = [(row, importing.key_of(row) in known) for row in batch.rows[:200]]
    context = {
        "batch": batch,
        "rows": rows,
        "new": sum(importing.key_of(row) not in known for row in batch.rows),
        "known": len(known),
        "made": list(Agreement.objects.visible_to(request.user).filter(pk__in=batch.made[:200])),
    }
    return render(request, "agreements/import_check.html", context)


@login_required
@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        done = importing.apply(import_id=batch.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(count)d件の協定を取り込みました。") % {"count": len(done.made)})
    return redirect("agreements:import_check", batch.pk)


@login_required
@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        count = importing.undo(import_id=batch.pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("取り込みを取り消しました(%(count)d件)。") % {"count": count})
    return redirect("agreements:import_check", batch.pk)
