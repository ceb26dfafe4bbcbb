"""Pages of readings: a document comes in, each item is looked at beside the text, and what was accepted is written."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.foundation import downloads
from enishi.foundation.form_pages import titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.organizations.models import Organization
from enishi.plans.access import plan_access, version_access
from enishi.plans.enums import VersionState
from enishi.plans.errors import RefusedError
from enishi.plans.models import PlanNode, PlanVersion, Reading, ReadingItem
from enishi.plans.pages import (
    Crumb,
    now,
    require_restorable,
    signed_in,
)
from enishi.plans.reading import services
from enishi.plans.reading.access import reading_access
from enishi.plans.reading.enums import TAKEN, Choice, ItemKind, ReadingState
from enishi.plans.reading.forms import BringInForm, ItemForm, WriteForm
from enishi.plans.reading.items import current
from enishi.plans.reading.marking import anchors, pieces_of

MOST_AT_ONCE = 5_000
PAGE = 40


def visible_reading(request: HttpRequest, pk: int) -> Reading:
    rows = reading_access.visible(request.user).select_related(
        "organization", "section", "job", "plan_version__plan", "updated_by", "written_by"
    )
    return get_object_or_404(rows, pk=pk)


def writable_reading(request: HttpRequest, pk: int) -> Reading:
    row = visible_reading(request, pk)
    if not reading_access.allows(request.user, "edit", row):
        place = f"{row.organization.name} {row.section or ''}".strip()
        raise PermissionDenied(_("この文書を確認できるのは、%(place)sの担当の人です。") % {"place": place})
    return row


def way_to(row: Reading | None = None) -> list[Crumb]:
    way = [(reverse("plans:reading_list"), _("計画を読み込む"))]
    return way if row is None else [*way, (row.get_absolute_url(), row.title)]


@signed_in
@require_safe
@limited("plans", times=240, seconds=60)
def reading_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    states = [each for each in request.GET.getlist("state") if each in ReadingState.values]
    rows = reading_access.visible(request.user).select_related("organization", "section").defer("text")
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(file_name__icontains=words))
    counts = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    found = rows.filter(state__in=states) if states else rows
    if request.GET.get("format") in downloads.FORMATS:
        headings = [_("団体"), _("文書の名前"), _("ファイル名"), _("状態"), _("担当課"), _("更新日")]
        lines = [
            [
                r.organization.name,
                r.title,
                r.file_name,
                str(r.get_state_display()),
                str(r.section or ""),
                r.updated_at.date(),
            ]
            for r in found.order_by("-updated_at", "-pk")[:MOST_AT_ONCE]
        ]
        sheet = downloads.sheet(request.GET["format"], headings, lines, title=_("読み込んだ文書"))
        return downloads.attachment(sheet.content, sheet.content_type, plain=f"readings.{sheet.ending}")
    total = found.count()
    context = {
        "page": paginate(found, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "state",
                _("状態"),
                [
                    FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in states)
                    for each in ReadingState
                ],
            )
        ],
        "query": words,
        "summary": ngettext("文書 %(count)s件", "文書 %(count)s件", total) % {"count": f"{total:,}"},
        "may_create": reading_access.allows(request.user, "create", None),
    }
    return render(request, "plans/reading_list.html", context)


def _house(request: HttpRequest) -> Organization:
    house = reading_access.owners(request.user).first()
    if house is None:
        raise PermissionDenied(
            _("文書を読み込めるのは、自治体の担当の人です。所属の管理者に役割を確かめてください。")
        )
    return house


@signed_in
@limited("plans-reading", times=20, seconds=60, methods=("POST",))
def reading_new(request: HttpRequest) -> HttpResponse:
    house = _house(request)
    form = BringInForm(request.POST or None, request.FILES or None, organization=house)

    def save(sent: Any) -> Reading:
        upload = sent.cleaned_data["file"]
        return services.bring_in(
            organization=house,
            section=sent.cleaned_data["section"],
            title=sent.cleaned_data["title"],
            name=upload.name,
            content=upload.read(services.MOST_BYTES + 1),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("政策の文書を読み込む"),
        submit=_("読み取る"),
        done=_("読み取りを始めました。終わると、文と読み取ったものが並びます。"),
        back=reverse("plans:reading_list"),
        to=lambda made: made.get_absolute_url(),
        crumbs=way_to(),
        lead=_("支援策・取組・課題・指標・根拠を探します。確かめて「採用」したものだけが計画に入ります。"),
    )


@signed_in
@require_safe
def reading_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The text with its marks beside what was read in it."""
    row = visible_reading(request, pk)
    if row.state == ReadingState.WAITING:
        return render(request, "plans/reading_waiting.html", {"reading": row, "crumbs": way_to()})
    counts = list(row.items.values_list("kind", "choice", "unsure"))
    kind = _kind(request, counts)
    pending = request.GET.get("only") == "pending"
    shown = row.items.filter(kind=kind)
    if pending:
        shown = shown.filter(choice=Choice.PENDING)
    page = paginate(shown, order_by=("order",), parameters=request.GET, size=PAGE)
    marks = list(row.items.only("pk", "start", "end", "kind", "title", "unsure", "choice", "reading"))
    pieces = pieces_of(row.text, marks)
    places = anchors(pieces, page.rows)
    context = {
        "reading": row,
        "kinds": _kinds(counts),
        "kind": kind,
        "kind_label": ItemKind(kind).label,
        "only_pending": pending,
        "page": page,
        "rows": [
            {"item": item, "says": current(item.kind, item.data, item.edited), "at": places[item.pk]}
            for item in page.rows
        ],
        "pieces": pieces,
        "taken": sum(choice in TAKEN for _k, choice, _u in counts),
        "pending": sum(choice == Choice.PENDING for _k, choice, _u in counts),
        "unsure": sum(bool(doubt) for _k, _c, doubt in counts),
        "sure_here": sum(k == kind and c == Choice.PENDING and not u for k, c, u in counts),
        "may_edit": row.is_open and reading_access.allows(request.user, "edit", row),
        "may_undo": row.state == ReadingState.WRITTEN and reading_access.allows(request.user, "edit", row),
        "may_delete": reading_access.allows(request.user, "delete", row),
    }
    return render(request, "plans/reading_detail.html", context)


def _kind(request: HttpRequest, counts: list[Any]) -> str:
    asked = request.GET.get("kind", "")
    if asked in ItemKind.values:
        return asked
    there = {kind for kind, _choice, _unsure in counts}
    return next((each.value for each in ItemKind if each.value in there), ItemKind.MEASURE.value)


def _kinds(counts: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "value": each.value,
            "label": each.label,
            "count": sum(kind == each.value for kind, _c, _u in counts),
            "pending": sum(kind == each.value and choice == Choice.PENDING for kind, choice, _u in counts),
        }
        for each in ItemKind
    ]


def _item(request: HttpRequest, pk: int, item: int) -> tuple[Reading, ReadingItem]:
    row = writable_reading(request, pk)
    return row, get_object_or_404(ReadingItem, pk=item, reading=row)


def _back(row: Reading, item: ReadingItem) -> str:
    return f"{row.get_absolute_url()}?kind={item.kind}#item-{item.pk}"


@signed_in
@require_POST
def reading_choose(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    row, found = _item(request, pk, item)
    choice = request.POST.get("choice", "")
    if choice not in (Choice.ACCEPTED, Choice.REJECTED, Choice.PENDING):
        choice = Choice.PENDING
    try:
        services.choose(item_id=item, choice=choice, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    return redirect(_back(row, found))


@signed_in
def reading_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Write an item differently; its quotation stays where it stood."""
    row, found = _item(request, pk, item)
    return titled_page(
        request,
        ItemForm(request.POST or None, item=found),
        lambda sent: services.choose(
            item_id=item, choice=Choice.EDITED, edited=sent.cleaned_data, actor=person_of(request), at=now()
        ),
        title=_("%(kind)sを直して採用する") % {"kind": found.get_kind_display()},
        submit=_("直して採用する"),
        done=_("直して採用しました。"),
        back=_back(row, found),
        crumbs=way_to(row),
        lead=_("文書の言葉: 「%(quote)s」") % {"quote": found.data.get("quote", "")},
    )


@signed_in
@require_POST
def reading_accept_sure(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_reading(request, pk)
    kind = request.POST.get("kind", "")
    try:
        count = services.accept_sure(reading_id=pk, kind=kind, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(
            request,
            ngettext(
                "%(n)d件を採用しました。不確かなものは残しています。",
                "%(n)d件を採用しました。不確かなものは残しています。",
                count,
            )
            % {"n": count},
        )
    return redirect(
        f"{row.get_absolute_url()}?kind={kind}" if kind in ItemKind.values else row.get_absolute_url()
    )


@signed_in
def reading_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing of a document is in the plan before this page was confirmed."""
    row = writable_reading(request, pk)
    versions = _drafts(request, row)
    if not versions:
        messages.error(
            request,
            _(
                "書き込み先になる下書きの版がありません。計画のページで「新しい版を作る」を押してから、もう一度開いてください。書き込めるのは企画の担当の人です。"
            ),
        )
        return redirect(row)
    form = WriteForm(request.POST or None, versions=versions, initial={"goal_year": versions[0].plan.end_fy})

    def save(sent: Any) -> Reading:
        version_id, node_id = sent.chosen()
        version = next(each for each in versions if each.pk == version_id)
        parent = PlanNode.objects.get(pk=node_id, version=version) if node_id else None
        return services.write_reading(
            reading_id=pk,
            version=version,
            parent=parent,
            goal_year=sent.cleaned_data["goal_year"],
            base_year=sent.cleaned_data["base_year"],
            actor=person_of(request),
            at=now(),
        )

    taken = row.items.filter(choice__in=TAKEN)
    counts = dict(taken.values_list("kind").annotate(Count("pk")).order_by())
    said = "、".join(
        _("%(kind)s %(count)d件") % {"kind": each.label, "count": counts[each.value]}
        for each in ItemKind
        if counts.get(each.value)
    )
    return titled_page(
        request,
        form,
        save,
        title=_("採用したものを計画に書き込む"),
        submit=_("書き込む"),
        done=_("書き込みました。30日のあいだ、まとめて取り消せます。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
        lead=_(
            "採用したもの: %(said)s。支援策は枝に、指標は指標に、根拠・課題・事例は「未確認」の客観的根拠になります。"
        )
        % {"said": said or _("まだありません")},
    )


def _drafts(request: HttpRequest, row: Reading) -> list[PlanVersion]:
    rows = version_access.visible(request.user).filter(
        plan__organization_id=row.organization_id, plan__deleted_at__isnull=True, state=VersionState.DRAFT
    )
    found = rows.select_related("plan").order_by("plan__start_fy", "pk")[:20]
    return [each for each in found if plan_access.allows(request.user, "edit", each.plan)]


@signed_in
@require_POST
def reading_undo(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_reading(request, pk)
    try:
        kept = services.undo_writing(reading_id=pk, actor=person_of(request), at=now())
    except RefusedError as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("書き込みを取り消しました。"))
        for sentence in kept:
            messages.warning(request, sentence)
    return redirect(row)


@signed_in
@require_safe
def reading_file(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible_reading(request, pk)
    with row.file.open("rb") as source:
        return downloads.attachment(
            source.read(), "application/octet-stream", plain="document", name=row.file_name
        )


@signed_in
def reading_delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_reading(request, pk)
    return throw_away(
        request,
        row,
        lambda: services.delete_reading(reading_id=pk, actor=person_of(request), at=now()),
        title=_("読み込んだ文書を消す"),
        crumbs=way_to(row),
        to=reverse("plans:reading_trash"),
        consequence=_("30日のあいだは元に戻せます。計画に書き込んだものはそのまま残ります。"),
    )


@signed_in
@require_safe
def reading_trash(request: HttpRequest) -> HttpResponse:
    shelf = Shelf(reading_access.thrown(request.user).defer("text"), "plans:reading_restore")
    return trash_page(request, shelf, title=_("消した文書"), crumbs=way_to())


@signed_in
@require_POST
def reading_restore(request: HttpRequest, pk: int) -> HttpResponse:
    require_restorable(request, reading_access, pk)
    return put_back(
        request,
        lambda: services.restore_reading(reading_id=pk, actor=person_of(request), at=now()),
        to=reverse("plans:reading_trash"),
    )
