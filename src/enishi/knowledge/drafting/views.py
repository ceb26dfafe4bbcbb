"""Pages of drafts: the list, a new one, how much was kept."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.sentences import of_language_error
from enishi.knowledge.drafting import selectors, services
from enishi.knowledge.drafting.access import draft_access
from enishi.knowledge.drafting.enums import DraftKind, DraftStatus
from enishi.knowledge.drafting.forms import DraftForm
from enishi.knowledge.models import Draft
from enishi.knowledge.staff import exporting
from enishi.knowledge.staff.asking import (
    now,
    signed_in,
    staff_of,
    writable,
)
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.pages import form_page
from enishi.knowledge.staff.uploads import received
from enishi.language.errors import LanguageError
from enishi.language.extracting import extract
from enishi.language.extracting.documents import read_document


@signed_in
@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    rows = draft_access.visible(person).select_related("organization", "section", "author").defer("material")
    kinds = [value for value in request.GET.getlist("kind") if value in DraftKind.values]
    statuses = [value for value in request.GET.getlist("status") if value in DraftStatus.values]
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if statuses:
        rows = rows.filter(status__in=statuses)
    if request.GET.get("format") in exporting.FORMATS:
        return _exported(rows, request.GET["format"])
    facets = [
        Facet("kind", _("種類"), [FacetChoice(v, label, None, v in kinds) for v, label in DraftKind.choices]),
        Facet(
            "status",
            _("状態"),
            [FacetChoice(v, label, None, v in statuses) for v, label in DraftStatus.choices],
        ),
    ]
    context = {
        "page": paginate(rows, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": facets,
        "total": rows.count(),
        "kinds": DraftKind.choices,
    }
    return render(request, "knowledge/drafting/draft_list.html", context)


def _exported(rows: Any, form: str) -> HttpResponse:
    lines = [
        [
            row.title,
            row.get_kind_display(),
            row.get_status_display(),
            row.section.name if row.section else "",
            str(row.author or ""),
            row.updated_at.date().isoformat(),
            row.final_characters,
            row.suggested_characters,
            row.source_characters,
            row.own_characters,
        ]
        for row in rows[:5_000]
    ]
    headings = [
        _("題名"), _("種類"), _("状態"), _("担当課"), _("起案した人"), _("更新日"),
        _("仕上がりの文字数"), _("提示から残った文字数"), _("うち過去の資料から"), _("自分で書いた文字数"),
    ]  # fmt: skip
    return exporting.table(_("起案"), "drafts", headings, lines, form)


@signed_in
def draft_new(request: HttpRequest, kind: str) -> HttpResponse:
    """A new draft of one kind."""
    person = staff_of(request)
    if kind not in DraftKind.values:
        raise Http404
    chosen = DraftKind(kind)
    return form_page(
        request,
        DraftForm(request.POST or None, request.FILES or None, person=person, kind=chosen),
        lambda sent: _made(request, sent, chosen),
        title=_("%(kind)sを起案する") % {"kind": chosen.label},
        lead=_(
            "ひな型と過去の資料から文を選び、出どころを付けて並べます。そのまま使うか直すかは、文ごとに決めます。"
        ),
        submit=_("下書きを作る"),
        done=_("下書きを作りました。"),
        cancel=reverse("drafting:draft_list"),
        crumbs=[(_("起案支援"), reverse("drafting:draft_list"))],
    )


def _made(request: HttpRequest, form: DraftForm, kind: DraftKind) -> str:
    data = form.cleaned_data
    section = data["section"]
    draft = services.create_draft(
        organization=data["organization"],
        kind=kind,
        title=data["title"],
        topic=data.get("topic") or "",
        place=data.get("place") or "",
        year=data.get("year"),
        material=_material(data),
        template=data["template"],
        section_id=section.pk if section else None,
        visibility=data["visibility"],
        actor=person_of(request),
        at=now(),
        later=True,
    )
    return draft.get_absolute_url()


def _material(data: dict[str, Any]) -> str:
    if not data.get("file"):
        return data["material"] or ""
    upload = received(data["file"])
    try:
        # Word and plain text keep their marks of headings; pages are read in columns, upright, or from pictures.
        reads = extract if upload.ending in (".docx", ".txt", ".html") else read_document
        text = reads(upload.content, name=upload.name).text
    except LanguageError as error:
        raise RefusedError(of_language_error(error)) from error
    return f"{data['material'] or ''}\n{text}".strip()[:200_000]


@signed_in
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    person = staff_of(request)
    rows = selectors.statistics(person)
    if request.GET.get("format") in exporting.FORMATS:
        lines = [
            [
                str(row.kind.label),
                row.finished,
                row.characters,
                row.suggested,
                row.sources,
                row.own,
                row.dropped,
            ]
            for row in rows
        ]
        headings = [
            _("種類"), _("仕上がった数"), _("文字数"), _("提示から残った文字数"), _("うち過去の資料から"),
            _("自分で書いた文字数"), _("根拠が合わず除いた文"),
        ]  # fmt: skip
        return exporting.table(_("起案の統計"), "draft-statistics", headings, lines, request.GET["format"])
    return render(request, "knowledge/drafting/statistics.html", {"rows": rows})


@signed_in
def draft_delete(request: HttpRequest, pk: int) -> HttpResponse:
    draft: Draft = writable(request, draft_access, pk)
    if request.method == "POST":
        services.delete_draft(draft_id=draft.pk, actor=person_of(request), at=now())
        messages.success(request, _("起案を削除しました。30日のあいだ、知識のごみ箱から元に戻せます。"))
        return redirect("drafting:draft_list")
    context = {
        "heading": _("起案を削除する"),
        "question": _("「%(title)s」を削除しますか。") % {"title": draft.title},
        "explanation": _("30日のあいだは元に戻せます。"),
        "submit": _("削除する"),
        "action": request.path,
        "cancel": draft.get_absolute_url(),
        "crumbs": [(_("起案支援"), reverse("drafting:draft_list")), (draft.title, draft.get_absolute_url())],
    }
    return render(request, "knowledge/staff/confirm.html", context)
