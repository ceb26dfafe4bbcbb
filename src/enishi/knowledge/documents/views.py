"""Pages of documents: the list and the search, one document with its passages, its file."""

from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from enishi.audit import history
from enishi.audit import selectors as audit
from enishi.audit.access import may_read_history
from enishi.foundation.limits import limited
from enishi.foundation.lists import paginate
from enishi.foundation.ui import Contact
from enishi.knowledge.documents import listing, selectors
from enishi.knowledge.documents.access import collection_access, document_access, may_keep
from enishi.knowledge.documents.listing import Conditions
from enishi.knowledge.documents.models import Collection, Document, Passage
from enishi.knowledge.selectors import missing
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import today

MOST_EXPORTED = 5_000
PASSAGES_SHOWN = 60
FOUND_SHOWN = 20
NEAREST_SHOWN = 5


@require_safe
@limited("documents", times=240, seconds=60)
def document_list(request: HttpRequest) -> HttpResponseBase:
    conditions = Conditions.read(request.GET)
    rows = listing.rows(request.user, conditions, today()).select_related("organization", "section")
    if request.GET.get("format") in exporting.FORMATS:
        chosen = rows.order_by("-updated_at", "-pk")[:MOST_EXPORTED]
        listed = listing.exported(selectors.with_neighbours(chosen, request.user))
        return exporting.table(_("資料"), "documents", listing.HEADINGS, listed, request.GET["format"])
    if conditions.q:
        return _found(request, conditions)
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET)
    for row in page.rows:
        row.tone, row.standing = listing.standing_of(row, today())
    count = rows.count()
    context = {
        "conditions": conditions,
        "page": page,
        "facets": listing.facets(request.user, conditions, today()),
        "summary": ngettext("資料 %(count)s件", "資料 %(count)s件", count) % {"count": f"{count:,}"},
        "may_keep": may_keep(request.user),
    }
    return render(request, "knowledge/documents/document_list.html", context)


def _found(request: HttpRequest, conditions: Conditions) -> HttpResponse:
    """Passages that answer what was typed."""
    found = selectors.find(
        request.user,
        conditions.q,
        kinds=conditions.kind,
        collections=list(collection_access.visible(request.user).filter(pk__in=conditions.collection)),
        limit=FOUND_SHOWN * 3,
        on=None if "past" in conditions.state else today(),
    )
    if conditions.state == ("past",):
        found = [each for each in found if not each.document.is_current(today())]
    found = found[:FOUND_SHOWN]
    close = [each for each in found if each.is_close]
    found = close or found[:NEAREST_SHOWN]
    for each in found:
        each.document.tone, each.document.standing = listing.standing_of(each.document, today())  # type: ignore[attr-defined]
    context = {
        "conditions": conditions,
        "found": found,
        "is_close": bool(close),
        "facets": listing.facets(request.user, conditions, today()),
        "by_words_only": bool(found) and all(each.meaning is None for each in found),
        "missing": missing(request.user, conditions.q) if not close else [],
        "contact": None if close else _who_helps(request, conditions),
        "may_keep": may_keep(request.user),
    }
    return render(request, "knowledge/documents/document_search.html", context)


def _who_helps(request: HttpRequest, conditions: Conditions) -> Contact | None:
    """The section that keeps the collections where nothing was found."""
    rows = collection_access.visible(request.user).filter(section__isnull=False).select_related("section")
    if conditions.collection:
        rows = rows.filter(pk__in=conditions.collection)
    first = rows.order_by("pk").first()
    if first is None or first.section is None:
        return None
    section = first.section
    return Contact(section.name, getattr(section, "phone", ""), getattr(section, "email", ""))


@require_safe
def document_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A document and its passages; ``?passage=3`` opens the page of them that holds the third, marked."""
    (document,) = selectors.with_neighbours([visible_document(request, pk)], request.user)
    chosen = _number(request.GET.get("passage", ""))
    passages = document.passages.defer("vector")
    count = passages.count()
    start = (
        ((min(chosen, count) - 1) // PASSAGES_SHOWN) * PASSAGES_SHOWN
        if chosen
        else _number(request.GET.get("from", ""))
    )
    shown = list(passages.order_by("order")[start : start + PASSAGES_SHOWN])
    inside = may_read_history(request.user, document)
    document.tone, document.standing = listing.standing_of(document, today())  # type: ignore[attr-defined]
    marked = next((one for one in shown if one.order == chosen), None)
    context = {
        "document": document,
        "passages": _with_headings(shown),
        "passage_count": count,
        "chosen": chosen,
        "earlier": max(0, start - PASSAGES_SHOWN) if start else None,
        "later": start + PASSAGES_SHOWN if start + PASSAGES_SHOWN < count else None,
        "like": selectors.more_like(marked, request.user, on=today()) if marked else [],
        "versions": _versions(request, document),
        "likely": selectors.similar_documents(document, request.user)
        if document_access.allows(request.user, "edit", document)
        else [],
        "may_edit": document_access.allows(request.user, "edit", document),
        "events": history.told(audit.history(document)[:10]) if inside else None,
    }
    return render(request, "knowledge/documents/document_detail.html", context)


def _with_headings(passages: list[Passage]) -> list[Passage]:
    """Each passage knows whether its headings differ from those above."""
    above = ""
    for each in passages:
        each.new_heading = each.heading_path if each.heading_path != above else ""  # type: ignore[attr-defined]
        above = each.heading_path
    return passages


def _versions(request: HttpRequest, document: Document) -> list[Document]:
    readable = Document.objects.all().visible_to(request.user).defer("text")
    return list(readable.filter(superseded_by=document).order_by("-published_on", "-pk")[:20])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_safe
def document_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was given, to be saved and never shown by the browser."""
    document = visible_document(request, pk)
    if not document.file:
        raise Http404
    try:
        file = document.file.open("rb")
    except OSError as error:
        raise Http404(_("ファイルが見つかりません。管理者に控えから戻してもらってください。")) from error
    answer = FileResponse(file, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(document.file_name)}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
def collection_list(request: HttpRequest) -> HttpResponse:
    rows = collection_access.visible(request.user).select_related("organization", "section")
    page = paginate(rows, order_by=("name", "pk"), parameters=request.GET)
    counts = _document_counts(request, page.rows)
    for row in page.rows:
        row.count = counts.get(row.pk, 0)
    context = {"page": page, "total": rows.count(), "may_keep": may_keep(request.user)}
    return render(request, "knowledge/documents/collection_list.html", context)


def _document_counts(request: HttpRequest, rows: Any) -> dict[Any, int]:
    readable = Document.objects.all().visible_to(request.user).filter(collection__in=[row.pk for row in rows])
    return listing._counts(readable, "collection_id")


@require_safe
def collection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    collection = visible_collection(request, pk)
    rows = (
        Document.objects.all()
        .visible_to(request.user)
        .filter(collection=collection)
        .defer("text")
        .select_related("organization")
    )
    page = paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET)
    for row in page.rows:
        row.tone, row.standing = listing.standing_of(row, today())
    context = {
        "collection": collection,
        "page": page,
        "count": rows.count(),
        "may_edit": collection_access.allows(request.user, "edit", collection),
    }
    return render(request, "knowledge/documents/collection_detail.html", context)


def visible_document(request: HttpRequest, pk: int) -> Document:
    rows = document_access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def visible_collection(request: HttpRequest, pk: int) -> Collection:
    rows = collection_access.visible(request.user).select_related("organization", "section", "updated_by")
    return get_object_or_404(rows, pk=pk)


def require_edit(request: HttpRequest, record: Document | Collection) -> None:
    access: Any = document_access if isinstance(record, Document) else collection_access
    if not access.allows(request.user, "edit", record):
        raise PermissionDenied(
            _("この記録を書き換えられるのは、%(owner)sの担当の人です。") % {"owner": record.organization.name}
        )
