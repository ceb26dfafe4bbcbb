"""A municipality's own list of agreements, brought in with a look before."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.agreements import register_reading
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementKind, Renewal
from enishi.agreements.errors import RefusedError
from enishi.agreements.forms import FileForm
from enishi.agreements.models import Agreement, AgreementImport
from enishi.agreements.pages import (
    now,
)
from enishi.agreements.services import importing
from enishi.agreements.views_approval import read_upload
from enishi.agreements.views_register import table_response
from enishi.foundation.days import day_in_words
from enishi.foundation.spreadsheets import UnreadableTableError, read_table
from enishi.organizations.models import Organization, Section

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
            table = read_table(content, is_heading=register_reading.is_heading, is_filled=True)
            batch = importing.read(
                organization=house, name=form.cleaned_data["file"].name, table=table, actor=person, at=now()
            )
        except (UnreadableTableError, RefusedError) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("agreements:import_check", batch.pk)
    context = {"form": form, "houses": list(houses), "names": register_reading.NAMES.values()}
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


def _in_words(batch: AgreementImport) -> list[dict[str, Any]]:
    """The rows as the page shows them: days, kinds and sections in words."""
    shown = batch.rows[:200]
    sections = dict(
        Section.objects.filter(pk__in={row["section_id"] for row in shown if row["section_id"]}).values_list(
            "pk", "name"
        )
    )
    return [
        {
            **row,
            "signed_day": _day_in_words(row["signed_on"] or row["starts_on"]),
            "last_day": _day_in_words(row["ends_on"]),
            "kind_words": AgreementKind(row["kind"]).label,
            "section_words": sections.get(row["section_id"], ""),
            "renewal_words": Renewal(row["renewal"]).label,
        }
        for row in shown
    ]


def _day_in_words(written: str | None) -> str:
    return day_in_words(dt.date.fromisoformat(written), weekday=False) if written else ""


@login_required
@require_safe
def import_check(request: HttpRequest, pk: int) -> HttpResponse:
    batch = _batch(request, pk)
    known = set() if batch.applied_at else importing.known_keys(batch.organization, batch.rows)
    rows = [(row, register_reading.key_of(row) in known) for row in _in_words(batch)]
    context = {
        "batch": batch,
        "rows": rows,
        "new": sum(register_reading.key_of(row) not in known for row in batch.rows),
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
