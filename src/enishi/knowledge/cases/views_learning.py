"""What a new arrival reads, and what they have read."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.form_pages import formset
from enishi.foundation.lists import paginate
from enishi.knowledge.cases import learning, selectors
from enishi.knowledge.cases.access import case_access, path_access
from enishi.knowledge.cases.forms import ItemFormSet, PathForm, case_keys, document_keys, items_of
from enishi.knowledge.models import LearningItem, LearningPath, ReadMark
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.access import is_staff
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    visible,
    writable,
)
from enishi.knowledge.staff.pages import form_page, rows_page


@signed_in
@require_safe
def path_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    rows = selectors.paths(person).prefetch_related("items")
    if request.GET.get("format") in exporting.FORMATS:
        return _exported(request, rows)
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET)
    done = selectors.progress(person, page.rows)
    for row in page.rows:
        row.read, row.total = done[row.pk]
    context = {"page": page, "total": rows.count(), "may_create": is_staff(person)}
    return render(request, "knowledge/cases/path_list.html", context)


def _exported(request: HttpRequest, rows: Any) -> HttpResponse:
    lines = [
        [path.title, path.section.name if path.section else "", number, item.title, item.note, item.minutes]
        for path in rows[:500]
        for number, item in enumerate(path.items.all(), start=1)
    ]
    headings = [_("学びの道筋"), _("課"), _("順"), _("読むもの"), _("どこに目を向けるか"), _("めやすの分")]
    return exporting.table(_("学びの道筋"), "learning", headings, lines, request.GET["format"])


@signed_in
@require_safe
def path_detail(request: HttpRequest, pk: int) -> HttpResponse:
    path: LearningPath = visible(request, path_access, pk)
    person = person_of(request)
    items = list(path.items.select_related("case", "document").defer("document__text"))
    marks = dict(ReadMark.objects.filter(person=person, item__in=items).values_list("item_id", "at"))
    cases = set(
        case_access.visible(person)
        .filter(pk__in=[item.case_id for item in items if item.case_id])
        .values_list("pk", flat=True)
    )
    documents = selectors.readable_documents(person, [item.document_id for item in items])
    rows = [_row(item, marks.get(item.pk), cases, documents) for item in items]
    context = {
        "path": path,
        "rows": rows,
        "read": len(marks),
        "minutes": sum(item.minutes for item in items if item.pk not in marks),
        "may_edit": path_access.allows(person, "edit", path),
    }
    return render(request, "knowledge/cases/path_detail.html", context)


def _row(item: LearningItem, read_at: Any, cases: set[int], documents: Any) -> dict[str, Any]:
    url = item.url
    if item.case is not None:
        url = item.case.get_absolute_url() if item.case_id in cases else ""
    elif item.document_id:
        found = documents.get(item.document_id)
        url = found.get_absolute_url() if found else ""
    return {"item": item, "url": url, "read_at": read_at}


@signed_in
def path_new(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    return form_page(
        request,
        PathForm(request.POST or None, person=person),
        lambda sent: learning.create_path(
            organization=sent.cleaned_data["organization"], **_values(sent), actor=person, at=now()
        ),
        to=lambda path: reverse("cases:path_items", args=[path.pk]),
        title=_("学びの道筋を作る"),
        lead=_("新しく来た人が、何をどの順に読めばよいか。次のページで読むものを並べます。"),
        submit=_("次へ"),
        done=_("道筋を作りました。読むものを並べてください。"),
        cancel=reverse("cases:path_list"),
        crumbs=[(_("学びの道筋"), reverse("cases:path_list"))],
    )


def _values(form: PathForm) -> dict[str, Any]:
    data = form.cleaned_data
    section = data["section"]
    return {
        "title": data["title"],
        "purpose": data["purpose"],
        "section_id": section.pk if section else None,
        "visibility": data["visibility"],
    }


@signed_in
def path_edit(request: HttpRequest, pk: int) -> HttpResponse:
    path: LearningPath = writable(request, path_access, pk)
    person = person_of(request)
    return form_page(
        request,
        PathForm(request.POST or None, person=person, record=path),
        lambda sent: learning.edit_path(
            path_id=path.pk,
            **_values(sent),
            version=sent.cleaned_data["version"] or 0,
            actor=person,
            at=now(),
        ),
        title=_("学びの道筋を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        cancel=path.get_absolute_url(),
        crumbs=_crumbs(path),
    )


@signed_in
def path_items(request: HttpRequest, pk: int) -> HttpResponse:
    path: LearningPath = writable(request, path_access, pk)
    person = person_of(request)
    rows = formset(
        request,
        ItemFormSet,
        initial=items_of(path),
        prefix="item",
        form_kwargs={"documents": document_keys(person), "cases": case_keys(person)},
    )
    return rows_page(
        request,
        rows,
        lambda version: learning.write_items(
            path_id=path.pk,
            items=[row.cleaned_data for row in rows if row.cleaned_data.get("title")],
            version=version,
            actor=person,
            at=now(),
        ),
        record=path,
        heading=_("読むもの"),
        lead=_("上から順に読みます。段を増やすときは、保存してからもう一度開きます。"),
        done=_("読むものを保存しました。"),
        crumbs=_crumbs(path)[:1],
    )


@signed_in
def path_delete(request: HttpRequest, pk: int) -> HttpResponse:
    path: LearningPath = writable(request, path_access, pk)
    if request.method == "POST":
        learning.delete_path(path_id=path.pk, actor=person_of(request), at=now())
        messages.success(request, _("学びの道筋を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("cases:path_list")
    context = {
        "heading": _("学びの道筋を削除する"),
        "question": _("「%(title)s」を削除しますか。") % {"title": path.title},
        "explanation": _("30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": path.get_absolute_url(),
        "crumbs": _crumbs(path),
    }
    return render(request, "knowledge/staff/confirm.html", context)


def _crumbs(path: LearningPath) -> list[tuple[str, str]]:
    return [(_("学びの道筋"), reverse("cases:path_list")), (path.title, path.get_absolute_url())]


@signed_in
@require_POST
def item_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark an item as read, or take the mark back."""
    item = get_object_or_404(LearningItem, pk=pk, path__in=path_access.visible(request.user))
    learning.mark_read(
        item_id=item.pk, read=request.POST.get("read") == "1", actor=person_of(request), at=now()
    )
    return redirect(item.path)
