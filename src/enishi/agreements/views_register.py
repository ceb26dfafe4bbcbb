"""The register of agreements: the list, its facets, its files."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.agreements import calculations
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import NOT_YET_SHARED, AgreementKind, AgreementStatus
from enishi.agreements.knowledge import knowledge
from enishi.agreements.models import Agreement
from enishi.agreements.pages import today
from enishi.agreements.scheme_words import told_knowledge
from enishi.agreements.selectors import DUE_SOON, SORTS, Conditions, register_of
from enishi.exchange.models import Field
from enishi.foundation import downloads
from enishi.foundation.downloads import FORMATS
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, Sort, paginate
from enishi.organizations.models import Section
from enishi.organizations.visibility import reach_of

MOST_AT_ONCE = 5_000


@require_safe
@limited("agreements", times=240, seconds=60)
def agreement_list(request: HttpRequest) -> HttpResponseBase:
    conditions = Conditions.read(request.GET)
    rows = register_of(request.user, conditions, today())
    if request.GET.get("format") in FORMATS:
        return as_file(rows, request.GET["format"])
    count = rows.count()
    page = paginate(
        rows.select_related("organization", "section"),
        order_by=SORTS[conditions.sort],
        parameters=request.GET,
    )
    context = {
        "conditions": conditions,
        "page": page,
        "summary": _summary(conditions, count),
        "facets": facets(request, conditions),
        "sorts": [
            Sort("recent", _("新しい順")),
            Sort("due", _("期限の近い順")),
            Sort("end", _("終わりの近い順")),
        ],
        "today": today(),
        "schemes": told_knowledge().schemes,
        "rows": [(row, calculations.is_asleep(row, today())) for row in page.rows],
        "may_create": request.user.is_authenticated and agreement_access.allows(request.user, "create", None),
    }
    return render(request, "agreements/agreement_list.html", context)


def _summary(conditions: Conditions, count: int) -> str:
    if conditions.narrowed:
        text = ngettext("条件に合う協定 %(count)s件", "条件に合う協定 %(count)s件", count)
    else:
        text = ngettext("協定 %(count)s件", "協定 %(count)s件", count)
    return text % {"count": f"{count:,}"}


def facets(request: HttpRequest, conditions: Conditions) -> list[Facet]:
    """The filters of the list."""
    is_member = reach_of(request.user).is_member
    statuses = [
        choice for choice in AgreementStatus.choices if is_member or choice[0] not in set(NOT_YET_SHARED)
    ]
    due = [
        ("over", _("期限を過ぎたもの")),
        *((str(days), _("%(days)d日以内に期限") % {"days": days}) for days in DUE_SOON),
    ]
    shown = [
        _facet("status", _("状態"), statuses, conditions.status),
        _facet("due", _("期限"), due, (conditions.due,), many=False),
        _facet("asleep", _("動き"), [("1", _("一年動いていないもの"))], ("1",) if conditions.asleep else ()),
        _facet("kind", _("種類"), AgreementKind.choices, conditions.kind),
        _facet("field", _("分野"), _fields(), conditions.field),
        _facet("scheme", _("制度"), _used_schemes(request), (conditions.scheme,), many=False),
    ]
    sections = _sections(request)
    if sections:
        shown.append(_facet("section", _("担当課"), sections, (conditions.section,), many=False))
    if is_member:
        shown.append(
            _facet("mine", _("担当"), [("1", _("自分が担当するもの"))], ("1",) if conditions.mine else ())
        )
    return shown


def _facet(name: str, legend: str, choices: Any, chosen: Any, *, many: bool = True) -> Facet:
    return Facet(
        name, legend, [FacetChoice(value, label, None, value in chosen) for value, label in choices], many
    )


def _fields() -> list[tuple[str, str]]:
    rows = Field.objects.filter(is_active=True, parent__isnull=True).order_by("order", "pk")
    return [(row.code, row.told_name) for row in rows]


def _used_schemes(request: HttpRequest) -> list[tuple[str, str]]:
    """The forms one's own house has concluded; for everybody else all there are."""
    names = [(key, scheme.name) for key, scheme in told_knowledge().schemes.items()]
    houses = reach_of(request.user).organization_ids
    if not houses:
        return names
    rows = Agreement.objects.filter(organization_id__in=houses).exclude(scheme="")
    used = set(rows.order_by().values_list("scheme", flat=True).distinct())
    return [(key, name) for key, name in names if key in used] or names


def _sections(request: HttpRequest) -> list[tuple[str, str]]:
    houses = reach_of(request.user).organization_ids
    rows = (
        Section.objects.filter(organization_id__in=houses).open_on(today())
        if houses
        else Section.objects.none()
    )
    return [(str(row.pk), row.name) for row in rows[:60]]


HEADINGS = (
    "管理番号",
    "名称",
    "種類",
    "制度",
    "団体",
    "担当課",
    "相手方",
    "目的",
    "締結日",
    "始まり",
    "終わり",
    "申し出の期限",
    "次の期限",
    "状態",
    "最後の活動",
    "一年動いていない",
    "動いていない理由",
)


def as_file(rows: models.QuerySet[Agreement, Agreement], form: str) -> HttpResponse:
    """The register as a table; more than fits is said in the last row, never left out in silence."""
    found = list(
        rows.select_related("organization", "section").order_by("-updated_at", "-pk")[: MOST_AT_ONCE + 1]
    )
    lines = list(_lines(found[:MOST_AT_ONCE]))
    if len(found) > MOST_AT_ONCE:
        lines.append(
            [
                _("ここまでで%(most)s件です。残りは条件を絞って書き出してください。")
                % {"most": f"{MOST_AT_ONCE:,}"}
            ]
        )
    return table_response(HEADINGS, lines, form, "協定一覧")


def _lines(rows: list[Agreement]) -> Iterator[list[Any]]:
    schemes = knowledge().schemes
    for row in rows:
        scheme = schemes.get(row.scheme)
        yield [
            row.number,
            row.title,
            row.get_kind_display(),
            scheme.name if scheme else row.scheme,
            row.organization.name,
            row.section.name if row.section else "",
            row.counterparts,
            row.purpose,
            *(day.isoformat() if day else "" for day in (row.signed_on, row.starts_on, row.ends_on)),
            *(day.isoformat() if day else "" for day in (row.notice_on, row.next_due_on)),
            row.get_status_display(),
            row.last_activity_on.isoformat() if row.last_activity_on else "",
            _("はい") if calculations.is_asleep(row, today()) else "",
            row.get_asleep_reason_display() if row.asleep_reason else "",
        ]


def table_response(headings: Any, lines: Any, form: str, name: str) -> HttpResponse:
    """A table as a download, in the form asked for."""
    sheet = downloads.sheet(form, headings, lines, title=name)
    return download(sheet.content, f"{name}.{sheet.ending}", sheet.content_type)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to save, never shown in the page's own name."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
