"""A branch: its dashboard, and how its place and its texts are written."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as acts
from enishi.audit.access import may_read_history
from enishi.budgets.models import Programme
from enishi.foundation import downloads
from enishi.foundation.charts import for_phone
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.limits import limited
from enishi.indicators.models import Indicator
from enishi.plans import charts, dashboards, selectors, services, trees
from enishi.plans.access import node_access, version_access
from enishi.plans.enums import LinkKind
from enishi.plans.forms import MergeForm, MoveForm, NewNodeForm, NodeForm, SplitForm
from enishi.plans.models import PlanNode, PlanVersion, TreeChange
from enishi.plans.pages import (
    draft_node,
    draft_version,
    now,
    signed_in,
    today,
    visible_node,
    way_to,
    who_can,
)
from enishi.plans.views_versions import drawn, headline, picture, spread, version_context

MOST_AT_ONCE = 5_000


@require_safe
@limited("plans", times=240, seconds=60)
def node_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about a branch without anybody having prepared it."""
    node = visible_node(request, pk)
    version = node.version
    year = dashboards.year_of(version.plan, request.GET.get("year", ""), today())
    if request.GET.get("format") in downloads.FORMATS:
        whole = dashboards.dashboard(request.user, version, year, node, size=MOST_AT_ONCE)
        return _programmes_as_file(request.GET["format"], whole, node)
    board = dashboards.dashboard(request.user, version, year, node, parameters=request.GET)
    parts = spread(board)
    linked = selectors.linked_to(request.user, node, today())
    context = version_context(request, version) | {
        "node": node,
        "implementing": _implementing(request, linked, year),
        "board": board,
        "year": year,
        "years": dashboards.years_of(version.plan),
        "table": charts.spread_table(parts),
        "trends": charts.trends_of(board.lines, version),
        "headline": headline(board),
        "crumbs": way_to(version.plan, version, node)[:-1],
        "links": selectors.links_of(request.user, node, today()),
        "linked": [each for each in linked if each.link.kind != LinkKind.IMPLEMENTS],
        "chart_url": reverse("plans:node_chart", args=[pk, "svg"]) + f"?year={year}",
        "png_url": reverse("plans:node_chart", args=[pk, "png"]) + f"?year={year}",
        "may_write_text": version.is_draft and node_access.allows(request.user, "write", node),
        "newer": _newer(request, node),
        "serves": list(node.identity.serves.order_by("name")),
    }
    if may_read_history(request.user, version.plan):
        context["events"] = history.told(acts.history(node)[:10])
    return render(request, "plans/node_detail.html", context)


def _implementing(
    request: HttpRequest, linked: list[selectors.Linked], year: int
) -> list[dashboards.Implementing]:
    nodes = [each.node for each in linked if each.link.kind == LinkKind.IMPLEMENTS]
    return dashboards.implementing(request.user, nodes, year)


def _newer(request: HttpRequest, node: PlanNode) -> PlanNode | None:
    """The branch as it is today, where this page shows an older or a coming version."""
    found = selectors.current_node(request.user, node.uid, today())
    return found if found is not None and found.pk != node.pk else None


def _programmes_as_file(form: str, board: dashboards.Dashboard, node: PlanNode) -> HttpResponse:
    headings = [
        _("事業番号"),
        _("事務事業名"),
        _("担当課"),
        _("位置づけ"),
        *(f"{stage.label}(円)" for stage in board.stages),
    ]
    rows = [
        [
            money.programme.uid,
            money.programme.title,
            str(money.programme.section or ""),
            str(money.placement.node),
            *money.yen,
        ]
        for money in board.programmes
    ]
    sheet = downloads.sheet(form, headings, rows, title=str(node))
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"programmes.{sheet.ending}")


@require_safe
@limited("plans", times=240, seconds=60)
def node_chart(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    node = visible_node(request, pk)
    year = dashboards.year_of(node.version.plan, request.GET.get("year", ""), today())
    parts = spread(dashboards.dashboard(request.user, node.version, year, node))
    return picture(parts, form, f"node-{pk}", for_phone=for_phone(request))


@require_safe
@limited("plans", times=480, seconds=60)
def node_trend(request: HttpRequest, pk: int, indicator: int, form: str) -> HttpResponse:
    """The years of one indicator of the branch, with the targets of this version where it has its own."""
    node = visible_node(request, pk)
    row = get_object_or_404(
        Indicator.objects.visible_to(request.user), pk=indicator, node_indicators__node=node
    )
    chart = charts.trend_picture(row, node.version, for_phone=for_phone(request))
    return drawn(chart, form, f"indicator-{indicator}")


@signed_in
def node_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A branch under ``?parent=``, or at the top."""
    version = draft_version(request, pk)
    parent = _parent(request, version)
    levels = [
        (level.pk, level.label)
        for level in version.levels.all()
        if parent is None or level.order > parent.level.order
    ]
    form = NewNodeForm(request.POST or None, plan=version.plan, levels=levels)

    def save(filled: NewNodeForm) -> PlanNode:
        return services.add_node(
            version_id=pk,
            parent_id=parent.pk if parent else None,
            level_id=int(filled.cleaned_data["level"]),
            values=filled.values(),
            actor=person_of(request),
            at=now(),
        )

    back = version.get_absolute_url()
    return titled_page(
        request,
        form,
        save,
        title=_("「%(parent)s」の下に枝を足す") % {"parent": parent} if parent else _("いちばん上に枝を足す"),
        submit=_("枝を足す"),
        done=_("枝を足しました。"),
        back=back,
        to=lambda node: f"{back}#node-{node.pk}",
        crumbs=way_to(version.plan, version),
    )


def _parent(request: HttpRequest, version: PlanVersion) -> PlanNode | None:
    wanted = request.GET.get("parent", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 18):
        return None
    return get_object_or_404(version.nodes.select_related("level"), pk=int(wanted))


@signed_in
def node_edit(request: HttpRequest, pk: int) -> HttpResponse:
    node = visible_node(request, pk)
    if not node_access.allows(request.user, "write", node):
        raise PermissionDenied(who_can("edit", node.version.plan))
    form = NodeForm(request.POST or None, instance=node, plan=node.version.plan)

    def save(filled: NodeForm) -> PlanNode:
        return services.write_node(
            node_id=pk,
            revision=filled.cleaned_data["version"],
            values=filled.values(),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("「%(node)s」を書き直す") % {"node": node},
        submit=_("保存する"),
        done=_("保存しました。"),
        back=node.get_absolute_url(),
        crumbs=way_to(node.version.plan, node.version, node),
    )


@signed_in
def node_move(request: HttpRequest, pk: int) -> HttpResponse:
    node = draft_node(request, pk)
    form = MoveForm(request.POST or None, places=trees.places(node.version, but=node))

    def save(filled: MoveForm) -> PlanNode:
        parent = filled.cleaned_data["parent"]
        return services.move_node(
            node_id=pk, parent_id=int(parent) if parent else None, actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form,
        save,
        title=_("「%(node)s」を移す") % {"node": node},
        lead=_("この枝と、その下の枝・事務事業・指標が、いっしょに移ります。"),
        submit=_("移す"),
        done=_("移しました。"),
        back=node.get_absolute_url(),
        to=f"{node.version.get_absolute_url()}#node-{pk}",
        crumbs=way_to(node.version.plan, node.version, node),
    )


@signed_in
@require_POST
def node_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down: the buttons beside each branch of the tree."""
    version = draft_version(request, pk)
    name = "up" if "up" in request.POST else "down"
    wanted = request.POST.get(name, "")
    key = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 18 else 0
    node = version.nodes.filter(pk=key).first()
    if node is None:
        messages.error(request, _("動かす枝が見つかりません。木を開き直して、もう一度押してください。"))
        return redirect(version)
    return press(
        request,
        lambda: services.shift_node(
            node_id=node.pk, by=-1 if name == "up" else 1, actor=person_of(request), at=now()
        ),
        done=_("「%(node)s」の順番を変えました。") % {"node": node},
        to=f"{version.get_absolute_url()}#node-{node.pk}",
    )


@signed_in
def node_split(request: HttpRequest, pk: int) -> HttpResponse:
    node = draft_node(request, pk)
    children = [(each.pk, _("枝「%(node)s」") % {"node": each}) for each in node.children.order_by("path")]
    programmes = [
        (each.pk, _("事務事業「%(programme)s」") % {"programme": each})
        for each in Programme.objects.filter(placements__node=node).order_by("uid")
    ]
    form = SplitForm(request.POST or None, children=children, programmes=programmes)

    def save(filled: SplitForm) -> Any:
        return services.split_node(
            node_id=pk,
            titles=filled.cleaned_data["titles"].splitlines(),
            children=filled.parts("child"),
            programmes=filled.parts("programme"),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("「%(node)s」を分ける") % {"node": node},
        submit=_("分ける"),
        done=lambda parts: _("%(count)d本に分けました。") % {"count": len(parts)},
        back=node.get_absolute_url(),
        to=f"{node.version.get_absolute_url()}#node-{pk}",
        crumbs=way_to(node.version.plan, node.version, node),
    )


@signed_in
def node_merge(request: HttpRequest, pk: int) -> HttpResponse:
    node = draft_node(request, pk)
    rows = node.version.nodes.filter(level_id=node.level_id).exclude(pk=pk).order_by("path")[:1_000]
    form = MergeForm(request.POST or None, places=[(str(each.pk), str(each)) for each in rows])

    def save(filled: MergeForm) -> PlanNode:
        return services.merge_node(
            node_id=pk, into_id=int(filled.cleaned_data["into"]), actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form,
        save,
        title=_("「%(node)s」をほかの枝に統合する") % {"node": node},
        submit=_("統合する"),
        done=_("統合しました。この枝の行き先は、これからもたどれます。"),
        back=node.get_absolute_url(),
        to=lambda into: into.get_absolute_url(),
        crumbs=way_to(node.version.plan, node.version, node),
        danger=True,
    )


@signed_in
def node_remove(request: HttpRequest, pk: int) -> HttpResponse:
    node = draft_node(request, pk)
    if request.method == "POST":
        return press(
            request,
            lambda: services.remove_node(node_id=pk, actor=person_of(request), at=now()),
            done=_("枝を消しました。「取り消せる変更」から元に戻せます。"),
            to=node.version.get_absolute_url(),
        )
    context = version_context(request, node.version) | {
        "node": node,
        "below": PlanNode.objects.below(node).count(),
        "crumbs": way_to(node.version.plan, node.version, node),
    }
    return render(request, "plans/node_remove.html", context)


@signed_in
@require_safe
def change_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Imports and removals of a draft, each with the way back."""
    version = draft_version(request, pk)
    context = version_context(request, version) | {
        "changes": list(version.changes.select_related("by")[:100]),
        "crumbs": way_to(version.plan, version),
    }
    return render(request, "plans/change_list.html", context)


@signed_in
@require_POST
def change_undo(request: HttpRequest, pk: int) -> HttpResponse:
    rows = TreeChange.objects.filter(version__in=version_access.visible(request.user))
    change = get_object_or_404(rows, pk=pk)
    version = draft_version(request, change.version_id)
    return press(
        request,
        lambda: services.undo(change_id=pk, actor=person_of(request), at=now()),
        done=_("元に戻しました。"),
        to=reverse("plans:change_list", args=[version.pk]),
    )
