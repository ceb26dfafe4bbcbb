"""Published data: the page of residents, the files without sign-in, and freezing and publishing by two persons."""

import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.evaluation.published import selectors, services
from enishi.evaluation.published.access import data_set_access
from enishi.evaluation.published.answers import Answer, Item, shown
from enishi.evaluation.published.forms import FreezeForm, WithdrawForm
from enishi.evaluation.published.freezing import zipped
from enishi.evaluation.published.models import DataSetState, PublishedDataSet, PublishedFile
from enishi.evaluation.reflection.houses import (
    house_of,
    house_or_none,
    now,
    this_year,
    year_words,
)
from enishi.foundation import form_pages
from enishi.foundation.downloads import FORMATS, attachment, sheet
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate

MOST_SHOWN = 200
_NAME = re.compile(r"[a-z_]+\.(?:csv|json)|README\.md")
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "md": "text/markdown; charset=utf-8"}


@require_safe
@limited("records", times=240, seconds=60)
def data_set_list(request: HttpRequest) -> HttpResponse:
    rows = data_set_access.visible(request.user).select_related("organization")
    house = house_or_none(request)
    total = rows.count()
    if request.GET.get("format") in FORMATS:
        return _list_as(request.GET["format"], rows.order_by("-fiscal_year", "-pk"))
    context = {
        "page": paginate(rows, order_by=("-fiscal_year", "-pk"), parameters=request.GET),
        "summary": ngettext("公開データ %(count)s件", "公開データ %(count)s件", total)
        % {"count": f"{total:,}"},
        "may_freeze": house is not None and data_set_access.allows(request.user, "freeze", house.pk),
    }
    return render(request, "evaluation/data_set_list.html", context)


def _list_as(form: str, rows: QuerySet[PublishedDataSet]) -> HttpResponse:
    lines = (
        [
            row.fiscal_year,
            row.title,
            row.organization.name,
            row.get_state_display(),
            row.frozen_at.isoformat(),
        ]
        for row in rows
    )
    made = sheet(form, ("年度", "題名", "団体", "状態", "凍結した日時"), lines, title="公開データ")
    return attachment(made.content, made.content_type, plain=f"data-sets.{made.ending}")


def _data_set(request: HttpRequest, pk: int) -> PublishedDataSet:
    rows = data_set_access.visible(request.user).select_related("organization", "frozen_by", "published_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
@limited("records", times=240, seconds=60)
def data_set_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The headline strict rate with the loose beside it, the list, the reasons, and how to compute it again."""
    row = _data_set(request, pk)
    told = selectors.told(row)
    answer = told.headline
    inside = data_set_access.allows(request.user, "freeze", row.organization_id)
    context = {
        "data_set": row,
        "answer": answer,
        "shown": shown(answer.figure),
        "definition": str(answer.figure.formula),
        "beside": [(figure.name, shown(figure), str(figure.formula)) for figure in answer.beside],
        "counts": answer.counts or {},
        "items": answer.items[:MOST_SHOWN],
        "more": max(len(answer.items) - MOST_SHOWN, 0),
        "left_out": answer.left_out[:MOST_SHOWN],
        "unreflected": [item for item in answer.items if not item.counts][:MOST_SHOWN],
        "others": [_line(other) for other in told.others],
        "notes": answer.notes,
        "files": [file for file in selectors.files_of(row) if file["name"] != "about.json"],
        "command": f"enishi recompute 反映率 --year {row.fiscal_year} --data published-{row.fiscal_year}.zip",
        "may_publish": row.state == DataSetState.FROZEN
        and data_set_access.allows(request.user, "publish", row),
        "may_withdraw": inside and row.state != DataSetState.WITHDRAWN,
        "is_own": inside and row.state == DataSetState.FROZEN and row.frozen_by_id == request.user.pk,
        "inside": inside,
    }
    return render(request, "evaluation/data_set_detail.html", context)


def _line(answer: Answer) -> dict[str, Any]:
    year = f"({answer.year_means} {year_words(answer.year)})" if answer.year else ""
    return {
        "name": f"{answer.measure}{year}",
        "shown": shown(answer.figure),
        "definition": str(answer.figure.formula),
        "beside": [(figure.name, shown(figure)) for figure in answer.beside],
        "won": [item for item in answer.items if item.counts][:MOST_SHOWN],
        "lost": _lost(answer.items),
        "command": f"enishi recompute '{answer.measure}'" + (f" --year {answer.year}" if answer.year else ""),
    }


def _lost(items: tuple[Item, ...]) -> list[Item]:
    return [item for item in items if not item.counts][:MOST_SHOWN]


@require_safe
@limited("records", times=240, seconds=60)
def data_set_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One file, byte for byte as it was frozen; no sign-in needed once published."""
    row = _data_set(request, pk)
    if not _NAME.fullmatch(name):
        raise Http404
    file = get_object_or_404(PublishedFile, data_set=row, name=name)
    answer = attachment(bytes(file.content), _TYPES[name.rsplit(".", 1)[-1]], plain=name)
    answer.headers["X-Content-SHA256"] = file.sha256
    return answer


@require_safe
@limited("records", times=60, seconds=60)
def data_set_zip(request: HttpRequest, pk: int) -> HttpResponse:
    row = _data_set(request, pk)
    files = [(file.name, bytes(file.content)) for file in row.files.order_by("pk")]
    name = f"published-{row.fiscal_year}.zip"
    return attachment(zipped(files, row.frozen_at), "application/zip", plain=name)


@login_required
def data_set_new(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    if not data_set_access.allows(request.user, "freeze", house.pk):
        raise PermissionDenied(_("公開データを作れるのは、行革か財政の課の人です。"))
    year = this_year()
    first = {
        "fiscal_year": year,
        "title": _("%(house)s 評価と予算のデータ(%(year)s)")
        % {"house": house.name, "year": year_words(year)},
    }
    return form_pages.form_page(
        request,
        FreezeForm(request.POST or None, initial=first),
        lambda form: services.freeze(
            organization=house,
            fiscal_year=form.cleaned_data["fiscal_year"],
            title=form.cleaned_data["title"],
            note=form.cleaned_data["note"],
            actor=person_of(request),
            at=now(),
        ),
        done=_("公開データを凍結しました。ほかの人が確かめて公開すると、だれでも読めるようになります。"),
        to=lambda made: str(made.get_absolute_url()),
        template="enishi/form_page.html",
        also={
            "title": _("公開データを作る"),
            "submit": _("いまの記録で凍結する"),
            "cancel": reverse("evaluation:data_set_list"),
            "crumbs": [(reverse("evaluation:data_set_list"), _("評価と予算の公開データ"))],
            "lead": _(
                "承認された反映の記録だけが数えられます。公開していない事業は、数には入りますが名前は出ません。"
            ),
        },
    )


@login_required
@require_POST
def data_set_publish(request: HttpRequest, pk: int) -> HttpResponse:
    row = _data_set(request, pk)
    return form_pages.press(
        request,
        lambda: services.publish(data_set_id=row.pk, actor=person_of(request), at=now()),
        done=_("公開しました。だれでもサインインせずに読み、計算しなおせます。"),
        to=row,
    )


@login_required
def data_set_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _data_set(request, pk)
    if not data_set_access.allows(request.user, "withdraw", row):
        raise PermissionDenied(
            _("公開データを公開・取り下げできるのは、行革か財政の課の人と、首長・庁議の人です。")
        )
    return form_pages.form_page(
        request,
        WithdrawForm(request.POST or None),
        lambda form: services.withdraw(
            data_set_id=row.pk, reason=form.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        done=_("公開データを取り下げました。"),
        to=reverse("evaluation:data_set_list"),
        template="enishi/form_page.html",
        also={
            "title": _("「%(title)s」を取り下げる") % {"title": row.title},
            "submit": _("取り下げる"),
            "cancel": row.get_absolute_url(),
            "danger": True,
            "crumbs": [(row.get_absolute_url(), row.title)],
            "lead": _("取り下げたあとは、住民の画面から消えます。記録は残ります。"),
        },
    )
