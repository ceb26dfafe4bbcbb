"""What hangs from a branch: programmes, indicators and links, found by a search and added by a button."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme, ProgrammeQuerySet
from enishi.foundation import downloads
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.lists import paginate
from enishi.foundation.refusals import RefusedError
from enishi.indicators.models import Indicator
from enishi.plans import selectors, services
from enishi.plans.access import node_access, plan_access
from enishi.plans.enums import LinkKind
from enishi.plans.errors import PlanError
from enishi.plans.forms import LinkForm, StatutoryForm
from enishi.plans.models import NodeIndicator, NodeLink, PlanNode, StatutoryPlan
from enishi.plans.pages import (
    draft_node,
    now,
    require,
    signed_in,
    today,
    way_to,
)
from enishi.plans.pasting import MOST_AT_ONCE, rows_named
from enishi.plans.views_versions import version_context

MOST_FOUND = 100


def _context(request: HttpRequest, node: PlanNode) -> dict[str, Any]:
    return version_context(request, node.version) | {
        "node": node,
        "query": request.GET.get("q", "").replace("\x00", "").strip()[:100],
        "free": request.GET.get("free") == "1",
        "listed": request.POST.get("listed", ""),
        "crumbs": way_to(node.version.plan, node.version, node),
    }


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@signed_in
def node_programmes(request: HttpRequest, pk: int) -> HttpResponse:
    """Which programmes hang here: ticked among those found, or many at once by a column of numbers."""
    node = draft_node(request, pk)
    return _shown_or_done(
        request,
        "plans/node_programmes.html",
        lambda: _placing(request, node),
        lambda: _taken_off(request, node) if "take_off" in request.POST else _placed(request, node),
        to=reverse("plans:node_programmes", args=[pk]) + "#placed",
    )


def _shown_or_done(
    request: HttpRequest,
    template: str,
    shown: Callable[[], dict[str, Any]],
    work: Callable[[], str],
    *,
    to: str,
) -> HttpResponse:
    """The page, or what a press did; a refusal leaves on the page what was typed and ticked."""
    if request.method != "POST":
        return render(request, template, shown())
    try:
        told = work()
    except RefusedError as refused:
        return render(request, template, shown() | {"refused": refused.sentence}, status=422)
    messages.success(request, told)
    return redirect(to)


def _placing(request: HttpRequest, node: PlanNode) -> dict[str, Any]:
    context = _context(request, node)
    words, is_free = context["query"], context["free"]
    rows = _programmes(request, node)
    if is_free:
        placed = node.version.placements.filter(is_primary=True)
        rows = rows.kept().exclude(pk__in=placed.values("programme_id"))
    found = rows.filter(Q(uid__startswith=words) | Q(title__icontains=words) | Q(section__name=words))
    found = found if words or is_free else found.none()
    placements = node.placements.select_related("programme__section").order_by("programme__uid")
    return context | {
        "placements": list(placements[:MOST_AT_ONCE]),
        "found": _with_places(node, found.select_related("section").order_by("uid")[:MOST_FOUND]),
        "found_count": found.count(),
        "chosen": _keys(request, "programme"),
        "primary": request.POST.get("primary", "1") == "1",
    }


def _programmes(request: HttpRequest, node: PlanNode) -> ProgrammeQuerySet:
    return Programme.objects.visible_to(request.user).filter(
        organization_id=node.version.plan.organization_id
    )


def _named_programmes(request: HttpRequest, node: PlanNode) -> list[int]:
    """The programmes of a pasted column; zeros that a spreadsheet lost are mended."""

    def known(cells: list[str]) -> dict[str, int]:
        rows = _programmes(request, node)
        keys = dict(rows.filter(uid__in={cell.zfill(6) for cell in cells}).values_list("uid", "pk"))
        return {cell: keys[cell.zfill(6)] for cell in cells if cell.zfill(6) in keys}

    return rows_named(request.POST.get("listed", ""), known)


def _placed(request: HttpRequest, node: PlanNode) -> str:
    keys = _named_programmes(request, node) if "listed" in request.POST else _keys(request, "programme")
    rows = Programme.objects.visible_to(request.user).filter(pk__in=keys)
    if not keys or rows.count() < len(keys):
        raise PlanError(_("位置づける事務事業に印を付けてください。"))
    count = services.place_programmes(
        node_id=node.pk,
        programme_ids=keys,
        is_primary=request.POST.get("primary") == "1",
        actor=person_of(request),
        at=now(),
    )
    words = ngettext("事務事業%(count)s件を位置づけました。", "事務事業%(count)s件を位置づけました。", count)
    return words % {"count": count}


def _taken_off(request: HttpRequest, node: PlanNode) -> str:
    chosen = _keys(request, "placement")
    if not chosen:
        raise PlanError(_("外す事務事業に印を付けてください。"))
    services.unplace_programmes(node_id=node.pk, placement_ids=chosen, actor=person_of(request), at=now())
    return _("印を付けた事務事業を外しました。")


def _keys(request: HttpRequest, name: str) -> list[int]:
    return [_key(each) for each in request.POST.getlist(name)[:MOST_AT_ONCE]]


def _with_places(node: PlanNode, found: Iterable[Programme]) -> list[tuple[Programme, str]]:
    """Where a programme that was found hangs already, so that nobody moves it unawares."""
    rows = list(found)
    placed = node.version.placements.filter(programme__in=rows, is_primary=True).select_related("node")
    places = {row.programme_id: str(row.node) for row in placed}
    return [(row, places.get(row.pk, "")) for row in rows]


@signed_in
def node_indicators(request: HttpRequest, pk: int) -> HttpResponse:
    """By which indicators a branch is judged: ticked, or named by a column of numbers; weighed and taken off in one table."""
    node = draft_node(request, pk)
    return _shown_or_done(
        request,
        "plans/node_indicators.html",
        lambda: _judging(request, node),
        lambda: _judged(request, node),
        to=reverse("plans:node_indicators", args=[pk]) + "#rows",
    )


def _judging(request: HttpRequest, node: PlanNode) -> dict[str, Any]:
    context = _context(request, node)
    words, is_free = context["query"], context["free"]
    rows = _indicators(request, node).filter(retired_at__isnull=True).exclude(node_indicators__node=node)
    if is_free:
        rows = rows.exclude(node_indicators__node__version=node.version)
    found = rows.filter(Q(code__istartswith=words) | Q(name__icontains=words) | Q(section__name=words))
    found = found if words or is_free else found.none()
    linked = node.node_indicators.select_related("indicator__section")
    return context | {
        "rows": [(row, _typed_weight(request, row)) for row in linked[:MOST_AT_ONCE]],
        "found": list(found.select_related("section").order_by("code")[:MOST_FOUND]),
        "found_count": found.count(),
        "chosen": _keys(request, "indicator"),
    }


def _typed_weight(request: HttpRequest, row: NodeIndicator) -> str:
    """What stands in the field of a weight: what was typed and refused, else what is stored."""
    stored = "" if row.weight is None else format(row.weight.normalize(), "f")
    return request.POST.get(f"weight-{row.indicator_id}", stored)


def _indicators(request: HttpRequest, node: PlanNode) -> QuerySet[Indicator, Indicator]:
    return Indicator.objects.visible_to(request.user).filter(
        organization_id=node.version.plan.organization_id
    )


def _judged(request: HttpRequest, node: PlanNode) -> str:
    """Which of the page's buttons was pressed, done."""
    by: dict[str, Any] = {"node_id": node.pk, "actor": person_of(request), "at": now()}
    if "weigh" in request.POST:
        linked = node.node_indicators.values_list("indicator_id", flat=True)
        texts = {key: request.POST.get(f"weight-{key}") for key in linked}
        weights = {key: _weight(text) for key, text in texts.items() if text is not None}
        services.weigh_indicators(weights=weights, **by)
        return _("重みを保存しました。")
    chosen = _keys(request, "indicator")
    if "listed" in request.POST:
        chosen = rows_named(
            request.POST["listed"],
            lambda cells: dict(_indicators(request, node).filter(code__in=cells).values_list("code", "pk")),
        )
    if not chosen or ("take_off" not in request.POST and not _may_all_be_read(request, node, chosen)):
        raise PlanError(_("指標に印を付けてください。"))
    if "take_off" in request.POST:
        count = services.remove_indicators(indicator_ids=chosen, **by)
        return ngettext("指標%(n)s件を外しました。", "指標%(n)s件を外しました。", count) % {"n": count}
    count = services.add_indicators(indicator_ids=chosen, **by)
    if not count:
        return _("選んだ指標は、すべてもう結んであります。")
    return ngettext("指標%(n)s件を結びました。", "指標%(n)s件を結びました。", count) % {"n": count}


def _may_all_be_read(request: HttpRequest, node: PlanNode, keys: list[int]) -> bool:
    return _indicators(request, node).filter(pk__in=keys).count() == len(set(keys))


def _weight(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        weight = Decimal(text.strip())
    except InvalidOperation as error:
        raise PlanError(
            _("重み「%(text)s」は数として読めません。例: 2、0.5") % {"text": text[:20]}
        ) from error
    if not weight.is_finite() or weight < 0 or weight >= 1_000_000:
        raise PlanError(_("重みは0以上、100万未満で入れてください。"))
    return weight


@signed_in
def node_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Links of a branch to branches of other plans, found by their words."""
    node = draft_node(request, pk)
    if request.method == "POST":
        form = LinkForm(request.POST)
        here = reverse("plans:node_links", args=[pk])
        return press(request, lambda: _link(request, node, form), done=_("つなぎました。"), to=here)
    context = _context(request, node)
    words = context["query"]
    found = (
        node_access.visible(request.user)
        .filter(
            Q(title__icontains=words) | Q(code=words),
            version__in=selectors.current_versions([node.version.plan.organization_id], today()),
        )
        .exclude(uid=node.uid)
    )
    context |= {
        "links": selectors.links_of(request.user, node, today()),
        "found": list(found.select_related("level", "version__plan").order_by("path")[:MOST_FOUND])
        if words
        else [],
        "kinds": LinkKind.choices,
    }
    return render(request, "plans/node_links.html", context)


def _link(request: HttpRequest, node: PlanNode, form: LinkForm) -> NodeLink:
    if not form.is_valid():
        raise PlanError(" ".join(str(each) for errors in form.errors.values() for each in errors))
    target = form.cleaned_data["target"]
    if not node_access.visible(request.user).filter(uid=target).exists():
        raise PlanError(_("つなぐ枝が見つかりません。もう一度探して選んでください。"))
    return services.link_nodes(
        node_id=node.pk,
        target_uid=target,
        kind=form.cleaned_data["kind"],
        share_permille=form.cleaned_data["share_permille"],
        note=form.cleaned_data["note"],
        actor=person_of(request),
        at=now(),
    )


@signed_in
@require_POST
def link_remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = NodeLink.objects.filter(node__in=node_access.visible(request.user))
    link = get_object_or_404(rows.select_related("node__version__plan"), pk=pk)
    require(request, "edit", link.node.version.plan)
    return press(
        request,
        lambda: services.unlink_nodes(link_id=pk, actor=person_of(request), at=now()),
        done=_("つながりを外しました。"),
        to=reverse("plans:node_links", args=[link.node_id]),
    )


@signed_in
@require_safe
def unplaced_list(request: HttpRequest) -> HttpResponse:
    """Programmes without a primary place in a plan in force (I4), for the houses this person plans for."""
    houses = list(plan_access.owners(request.user).values_list("pk", flat=True))
    rows = Programme.objects.none()
    for house in houses:
        rows = rows | selectors.unplaced_programmes(house, today())
    rows = rows.filter(pk__in=Programme.objects.visible_to(request.user).values("pk")).select_related(
        "section"
    )
    if request.GET.get("format") in downloads.FORMATS:
        lines = [[each.uid, each.title, str(each.section or "")] for each in rows.order_by("uid")[:20_000]]
        sheet = downloads.sheet(
            request.GET["format"],
            [_("事業番号"), _("事務事業名"), _("担当課")],
            lines,
            title=_("位置づけのない事務事業"),
        )
        return downloads.attachment(sheet.content, sheet.content_type, plain=f"unplaced.{sheet.ending}")
    total = rows.count()
    context = {
        "page": paginate(rows, order_by=("uid", "pk"), parameters=request.GET),
        "summary": ngettext("位置づけのない事務事業 %(n)s件", "位置づけのない事務事業 %(n)s件", total)
        % {"n": f"{total:,}"},
    }
    return render(request, "plans/unplaced_list.html", context)


@require_safe
def statutory_list(request: HttpRequest) -> HttpResponse:
    """Plans that laws ask for, and the document that serves each."""
    rows = selectors.statutory_plans(request.user).select_related(
        "integrated_into", "section", "organization"
    )
    if request.GET.get("format") in downloads.FORMATS:
        return _statutory_file(request.GET["format"], rows)
    total, integrated = rows.count(), rows.filter(integrated_into__isnull=False).count()
    context = {
        "page": paginate(rows, order_by=("name", "pk"), parameters=request.GET, size=50),
        "total": total,
        "integrated": integrated,
        "may_create": request.user.is_authenticated and plan_access.allows(request.user, "create", None),
    }
    return render(request, "plans/statutory_list.html", context)


def _statutory_file(form: str, rows: Any) -> HttpResponse:
    headings = [
        _("法令が求める計画"),
        _("法令"),
        _("条"),
        _("策定の義務"),
        _("兼ねる文書"),
        _("対応する箇所"),
        _("出所"),
        _("確かさ"),
    ]
    shown = list(rows.order_by("name", "pk")[:2_000])
    chapters = selectors.chapters_of(shown)
    lines = [
        [
            row.name,
            row.law,
            row.article,
            str(row.get_obligation_display()),
            str(row.integrated_into or ""),
            "、".join(chapters.get(row.pk, ())),
            row.source,
            str(row.get_source_status_display()),
        ]
        for row in shown
    ]
    sheet = downloads.sheet(form, headings, lines, title=_("法定計画"))
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"statutory.{sheet.ending}")


@signed_in
def statutory_new(request: HttpRequest) -> HttpResponse:
    organization = plan_access.owners(request.user).first()
    return _statutory(request, StatutoryPlan(organization=organization) if organization else None)


@signed_in
@require_POST
def statutory_known(request: HttpRequest) -> HttpResponse:
    """The plans that laws often ask for, put on the list in one go."""
    organization = plan_access.owners(request.user).first()
    if organization is None:
        raise PermissionDenied(_("法定計画の一覧を直せるのは、自治体の企画の担当の人です。"))
    return press(
        request,
        lambda: services.add_known_statutory(organization=organization, actor=person_of(request), at=now()),
        done=_("よくある法定計画を一覧に入れました。法令と条は、原典で確かめてください。"),
        to=reverse("plans:statutory_list"),
    )


@signed_in
def statutory_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(selectors.statutory_plans(request.user).select_related("organization"), pk=pk)
    return _statutory(request, row if plan_access.allows(request.user, "create", row.organization) else None)


def _statutory(request: HttpRequest, row: StatutoryPlan | None) -> HttpResponse:
    if row is None:
        raise PermissionDenied(_("法定計画の一覧を直せるのは、自治体の企画の担当の人です。"))
    form = StatutoryForm(
        request.POST or None, instance=row, organization=row.organization, actor=request.user
    )
    back = reverse("plans:statutory_list")

    def save(filled: StatutoryForm) -> StatutoryPlan:
        return services.save_statutory(
            row=filled.save(commit=False), chapters=filled.chapters, actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form,
        save,
        title=_("法令が求める計画を書く"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=back,
        crumbs=[(reverse("plans:plan_list"), _("計画")), (back, _("法定計画"))],
    )
