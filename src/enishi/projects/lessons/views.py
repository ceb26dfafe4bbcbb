"""Pages of lessons: the list, the three questions, and the way out without names."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.exchange.models import Field
from enishi.foundation.access import Actor
from enishi.foundation.form_pages import form_page, press
from enishi.foundation.limits import limited
from enishi.foundation.lists import CursorPage, Facet, FacetChoice, paginate
from enishi.foundation.trash import put_back, throw_away
from enishi.knowledge.selectors import Hits, search
from enishi.organizations.models import Organization
from enishi.organizations.selectors import current_membership
from enishi.organizations.visibility import reach_of
from enishi.projects import downloads
from enishi.projects.lessons import services
from enishi.projects.lessons.access import lesson_access, nameless_access
from enishi.projects.lessons.enums import LessonStatus, NamelessState, Occasion
from enishi.projects.lessons.forms import CheckForm, LessonForm, NamelessForm
from enishi.projects.lessons.models import Lesson, NamelessLesson
from enishi.projects.lessons.naming import without_names
from enishi.projects.models import Incident
from enishi.projects.pages import (
    now,
    signed_in,
    visible_project,
)

PAGE = 20
HEADINGS = (
    "教訓",
    "何が起きたか",
    "なぜ起きたか",
    "次はどうするか",
    "きっかけ",
    "いつ",
    "分野",
    "団体",
    "事業",
    "更新日",
)


# --- The list ------------------------------------------------------------------------------------------------------------


@signed_in
@require_safe
@limited("records", times=240, seconds=60)
def lesson_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    occasions = [value for value in request.GET.getlist("occasion") if value in Occasion.values]
    fields = [value for value in request.GET.getlist("field") if value.replace("-", "").isalnum()][:20]
    tags = [*(f"occasion:{value}" for value in occasions), *(f"field:{value}" for value in fields)]
    form = request.GET.get("format", "")
    if form in downloads.FORMS:
        return _download(request.user, query, tags, form)
    hits = search(
        request.user,
        query,
        kinds=["lesson"],
        tags=tags,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        limit=PAGE,
        order="relevance" if query else "recent",
    )
    context = {
        "page": CursorPage(_rows(request.user, hits.object_ids), hits.next_cursor, hits.previous_cursor),
        "query": query,
        "facets": [_occasions(occasions, hits), _fields(fields, hits)],
        "summary": ngettext("教訓 %(count)s件", "教訓 %(count)s件", hits.count)
        % {"count": f"{hits.count:,}"},
        "drafts": list(
            lesson_access.visible(request.user)
            .filter(status=LessonStatus.DRAFT, author_id=request.user.pk)
            .order_by("-updated_at", "-pk")[:10]
        ),
        "may_create": lesson_access.allows(request.user, "create", None),
    }
    return render(request, "projects/lesson_list.html", context)


def _rows(actor: Actor, keys: list[int]) -> list[Lesson]:
    rows = lesson_access.visible(actor).filter(pk__in=keys).select_related("organization", "project")
    found = {row.pk: row for row in rows.prefetch_related("fields")}
    return [found[key] for key in keys if key in found]


def _download(actor: Actor, query: str, tags: list[str], form: str) -> HttpResponse:
    hits = search(
        actor, query, kinds=["lesson"], tags=tags, limit=downloads.MOST_ROWS, order="recent", faceted=False
    )
    return downloads.table(form, HEADINGS, (_line(row) for row in _rows(actor, hits.object_ids)), _("教訓"))


def _line(row: Lesson) -> list[object]:
    return [
        row.title,
        row.what_happened,
        row.cause,
        row.next_time,
        str(row.get_occasion_display()),
        row.happened_on,
        "、".join(field.name for field in row.fields.all()),
        row.organization.name,
        row.project.title if row.project and row.project.visibility == row.visibility else "",
        row.updated_at.date(),
    ]


def _occasions(chosen: list[str], hits: Hits) -> Facet:
    choices = [
        FacetChoice(value, label, hits.facet(f"occasion:{value}"), value in chosen)
        for value, label in Occasion.choices
    ]
    return Facet("occasion", _("きっかけ"), choices)


def _fields(chosen: list[str], hits: Hits) -> Facet:
    rows = Field.objects.filter(is_active=True, parent__isnull=True).order_by("order", "pk")
    choices = [
        FacetChoice(row.code, row.told_name, hits.facet(f"field:{row.code}"), row.code in chosen)
        for row in rows
    ]
    return Facet("field", _("分野"), choices)


# --- Writing -------------------------------------------------------------------------------------------------------------


@signed_in
def lesson_new(request: HttpRequest) -> HttpResponse:
    """The three questions, about a project, an incident or anything else."""
    owner = _owner(request)
    project, incident = _subject(request)
    initial: dict[str, Any] = {"visibility": "internal"}
    if incident is not None:
        initial |= {"what_happened": incident.description, "happened_on": incident.happened_on}
    person, keep = person_of(request), request.POST.get("then") == "draft"
    return form_page(
        request,
        LessonForm(request.POST or None, initial=initial),
        lambda form: services.write_lesson(
            organization=owner,
            values=form.values(),
            actor=person,
            at=now(),
            project=project,
            incident=incident,
            fields=form.cleaned_data["fields_of_work"],
            record=not keep,
        ),
        done=_("下書きを保存しました。") if keep else _("教訓を記録しました。"),
        to=lambda lesson: str(lesson.get_absolute_url()),
        template="projects/lesson_form.html",
        also={"project": project, "incident": incident, "owner": owner},
    )


def _owner(request: HttpRequest) -> Organization:
    """In whose name the person writes: where they are working now."""
    place = current_membership(request)
    if place is None or not lesson_access.allows(request.user, "create", place.organization):
        raise PermissionDenied(_("教訓を書けるのは、自治体や団体の担当の人です。"))
    return place.organization


def _subject(request: HttpRequest) -> tuple[Any, Incident | None]:
    asked = request.GET.get("incident", "")
    if asked.isdecimal() and len(asked) < 12:
        incident = get_object_or_404(Incident.objects.select_related("project"), pk=int(asked))
        return visible_project(request, incident.project_id), incident
    asked = request.GET.get("project", "")
    if asked.isdecimal() and len(asked) < 12:
        return visible_project(request, int(asked)), None
    return None, None


def _lesson(request: HttpRequest, pk: int) -> Lesson:
    rows = lesson_access.visible(request.user).select_related(
        "organization", "section", "author", "project", "incident", "updated_by"
    )
    return get_object_or_404(rows, pk=pk)


def _writable(request: HttpRequest, pk: int, action: str = "edit") -> Lesson:
    lesson = _lesson(request, pk)
    if not lesson_access.allows(request.user, action, lesson):
        raise PermissionDenied(
            _("この教訓を書き換えられるのは、%(owner)sの担当の人です。") % {"owner": lesson.organization.name}
        )
    return lesson


@signed_in
@require_safe
def lesson_detail(request: HttpRequest, pk: int) -> HttpResponse:
    lesson = _lesson(request, pk)
    nameless = nameless_access.visible(request.user).filter(lesson=lesson).first()
    project = lesson.project
    context = {
        "lesson": lesson,
        "fields": list(lesson.fields.order_by("order", "pk")),
        "may_edit": lesson_access.allows(request.user, "edit", lesson),
        "may_prepare": lesson_access.allows(request.user, "prepare", lesson)
        and lesson.status == LessonStatus.RECORDED
        and (nameless is None or nameless.state != NamelessState.PUBLISHED),
        "nameless": nameless,
        "project": project if project and _sees(request, project.pk) else None,
    }
    return render(request, "projects/lesson_detail.html", context)


def _sees(request: HttpRequest, project_id: int) -> bool:
    from enishi.projects.access import project_access

    return project_access.visible(request.user).filter(pk=project_id).exists()


@signed_in
def lesson_edit(request: HttpRequest, pk: int) -> HttpResponse:
    lesson = _writable(request, pk)
    keep = request.POST.get("then") == "draft"
    return form_page(
        request,
        LessonForm(request.POST or None, instance=lesson, initial={"version": lesson.version}),
        lambda form: services.edit_lesson(
            lesson_id=lesson.pk,
            values=form.values(),
            version=form.cleaned_data["version"] or 0,
            actor=person_of(request),
            at=now(),
            fields=form.cleaned_data["fields_of_work"],
            record=not keep,
        ),
        done=_("教訓を保存しました。"),
        to=lesson.get_absolute_url(),
        template="projects/lesson_form.html",
        also={"lesson": lesson, "owner": lesson.organization},
    )


@signed_in
def lesson_delete(request: HttpRequest, pk: int) -> HttpResponse:
    lesson = _writable(request, pk, "delete")
    return throw_away(
        request,
        lesson,
        lambda: services.delete_lesson(lesson_id=lesson.pk, actor=person_of(request), at=now()),
        title=_("教訓を削除する"),
        crumbs=[(reverse("projects:lesson_list"), _("教訓")), (lesson.get_absolute_url(), lesson.title)],
        to=reverse("projects:trash"),
        consequence=_("検索や、似た案件のページに出なくなります。30日のあいだは元に戻せます。"),
    )


@signed_in
@require_POST
def lesson_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a lesson back that was thrown away less than thirty days ago."""
    houses = reach_of(request.user).organization_ids
    lesson = get_object_or_404(Lesson, pk=pk, organization_id__in=houses)
    return put_back(
        request,
        lambda: services.restore_lesson(lesson_id=lesson.pk, actor=person_of(request), at=now()),
        to=reverse("projects:trash"),
    )


# --- Without names -------------------------------------------------------------------------------------------------------


@signed_in
def nameless_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    lesson = _writable(request, pk, "prepare")
    suggested = without_names(lesson)
    known = NamelessLesson.objects.filter(lesson=lesson).first()
    begun = dict(suggested.texts)
    if known is not None:
        begun = {name: getattr(known, name) for name in suggested.texts}
    return form_page(
        request,
        NamelessForm(request.POST or None, initial=begun),
        lambda form: services.prepare_nameless(
            lesson_id=lesson.pk, texts=form.texts(), actor=person_of(request), at=now()
        ),
        done=_("確認を頼みました。別の人が確認すると公開されます。"),
        to=lambda nameless: str(nameless.get_absolute_url()),
        template="projects/nameless_form.html",
        also={"lesson": lesson, "replaced": suggested.replaced, "known": known},
    )


def _nameless(request: HttpRequest, pk: int) -> NamelessLesson:
    rows = nameless_access.visible(request.user).select_related("lesson", "prepared_by", "checked_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
@limited("records", times=240, seconds=60)
def nameless_detail(request: HttpRequest, pk: int) -> HttpResponse:
    nameless = _nameless(request, pk)
    inside = lesson_access.visible(request.user).filter(pk=nameless.lesson_id).exists()
    may_withdraw = nameless.state == NamelessState.PUBLISHED and nameless_access.allows(
        request.user, "withdraw", nameless
    )
    context = {
        "nameless": nameless,
        "fields": list(nameless.lesson.fields.order_by("order", "pk")),
        "inside": inside and request.user.is_authenticated,
        "may_check": nameless.state == NamelessState.WAITING
        and nameless_access.allows(request.user, "check", nameless),
        "may_withdraw": may_withdraw,
        "form": CheckForm(),
    }
    return render(request, "projects/nameless_detail.html", context)


@signed_in
@require_POST
def nameless_check(request: HttpRequest, pk: int) -> HttpResponse:
    nameless = _nameless(request, pk)
    if not nameless_access.allows(request.user, "check", nameless):
        raise PermissionDenied(_("確認できるのは、整えた人とは別の管理職・企画・管理者です。"))
    publish = request.POST.get("decision") == "publish"
    return press(
        request,
        lambda: services.check_nameless(
            nameless_id=nameless.pk,
            publish=publish,
            note=request.POST.get("note", ""),
            actor=person_of(request),
            at=now(),
        ),
        done=_("名前のない形で公開しました。") if publish else _("差し戻しました。"),
        to=nameless,
    )


@signed_in
@require_POST
def nameless_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    nameless = _nameless(request, pk)
    if not nameless_access.allows(request.user, "withdraw", nameless):
        raise PermissionDenied(_("公開を取り下げられるのは、この教訓を持つ団体の管理職・企画・管理者です。"))
    return press(
        request,
        lambda: services.withdraw_nameless(nameless_id=nameless.pk, actor=person_of(request), at=now()),
        done=_("公開を取り下げました。"),
        to=reverse("projects:lesson_detail", args=[nameless.lesson_id]),
    )


@require_safe
@limited("records", times=240, seconds=60)
def nameless_list(request: HttpRequest) -> HttpResponse:
    """What everybody may learn from; no names."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rows = NamelessLesson.objects.filter(state=NamelessState.PUBLISHED)
    for word in query.split()[:6]:
        rows = rows.filter(
            Q(title__icontains=word)
            | Q(what_happened__icontains=word)
            | Q(cause__icontains=word)
            | Q(next_time__icontains=word)
        )
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("-checked_at", "-pk"), parameters=request.GET),
        "query": query,
        "summary": ngettext("公開された教訓 %(count)s件", "公開された教訓 %(count)s件", total)
        % {"count": f"{total:,}"},
    }
    return render(request, "projects/nameless_list.html", context)
