"""What hangs from a branch: programmes, indicators and links, found by a search and added by a button."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme
from enishi.foundation import downloads
from enishi.foundation.form_pages import press
from enishi.foundation.lists import paginate
from enishi.foundation.refusals import RefusedError
from enishi.indicators.models import Indicator
from enishi.plans import selectors, services
from enishi.plans.access import node_access, plan_access
from enishi.plans.enums import LinkKind
from enishi.plans.errors import PlanError
from enishi.plans.forms import LinkForm, StatutoryForm
from enishi.plans.models import NodeIndicator, NodeLink, Placement, PlanNode, StatutoryPlan
from enishi.plans.pages import (
    draft_node,
    form_page,
    now,
    require,
    signed_in,
    today,
    way_to,
)
from enishi.plans.views_versions import version_context

MOST_FOUND = 30
MOST_LISTED = 500


def _context(request: HttpRequest, node: PlanNode) -> dict[str, Any]:
    return version_context(request, node.version) | {
        "node": node,
        "query": request.GET.get("q", "").strip()[:100],
        "crumbs": way_to(node.version.plan, node.version, node),
    }


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@signed_in
def node_programmes(request: HttpRequest, pk: int) -> HttpResponse:
    """Which programmes hang here; found by number or name, or many at once by a list of numbers."""
    node = draft_node(request, pk)
    here = reverse("plans:node_programmes", args=[pk])
    if request.method == "POST" and "listed" in request.POST:
        return _place_listed(request, node, here)
    if request.method == "POST" and request.POST.get("take_off") == "1":
        return _take_off(request, node, here)
    if request.method == "POST":
        rows = Programme.objects.visible_to(request.user)
        programme = get_object_or_404(rows, pk=_key(request.POST.get("programme", "")))
        return press(
            request,
            lambda: services.place_programme(
                node_id=pk,
                programme_id=programme.pk,
                is_primary=request.POST.get("primary") == "1",
                actor=person_of(request),
                at=now(),
            ),
            done=_("「%(programme)s」を位置づけました。") % {"programme": programme},
            to=here,
        )
    return render(request, "plans/node_programmes.html", _placing(request, node))


def _placing(request: HttpRequest, node: PlanNode) -> dict[str, Any]:
    context = _context(request, node)
    words = context["query"]
    found = Programme.objects.visible_to(request.user).filter(
        organization_id=node.version.plan.organization_id
    )
    found = found.filter(Q(uid__startswith=words) | Q(title__icontains=words)) if words else found.none()
    placements = node.placements.select_related("programme__section").order_by("programme__uid")
    return context | {
        "placements": list(placements[:MOST_LISTED]),
        "found": list(found.select_related("section").order_by("uid")[:MOST_FOUND]),
        "elsewhere": _elsewhere(node, found),
        "most_listed": MOST_LISTED,
    }


def _place_listed(request: HttpRequest, node: PlanNode, here: str) -> HttpResponse:
    """A column of numbers out of Excel; what cannot be placed is named by its line, and nothing typed is lost."""
    typed = request.POST.get("listed", "")
    try:
        programmes = _listed(request, node, typed)
        count = services.place_programmes(
            node_id=node.pk,
            programme_ids=programmes,
            is_primary=request.POST.get("primary") == "1",
            actor=person_of(request),
            at=now(),
        )
    except RefusedError as refused:
        context = _placing(request, node) | {
            "listed": typed,
            "refused": refused.sentence,
            "primary": request.POST.get("primary") == "1",
        }
        return render(request, "plans/node_programmes.html", context, status=422)
    words = ngettext("事務事業%(count)s件を位置づけました。", "事務事業%(count)s件を位置づけました。", count)
    messages.success(request, words % {"count": count})
    return redirect(f"{here}#placed")


def _listed(request: HttpRequest, node: PlanNode, typed: str) -> list[int]:
    """The programmes of a pasted column: the first cell of each line, full width and lost zeros mended."""
    cells = [
        (at, re.split(r"[\s,、;]", unicodedata.normalize("NFKC", line).strip(), maxsplit=1)[0])
        for at, line in enumerate(typed.splitlines(), start=1)
        if line.strip()
    ]
    if not cells:
        raise PlanError(_("事業番号を、1行に1つ書いてください。"))
    if len(cells) > MOST_LISTED:
        raise PlanError(
            _("一度に位置づけられるのは%(most)s件までです。分けて貼ってください。") % {"most": MOST_LISTED}
        )
    rows = Programme.objects.visible_to(request.user).filter(
        organization_id=node.version.plan.organization_id,
        uid__in={cell.zfill(6) for _at, cell in cells},
    )
    known = dict(rows.values_list("uid", "pk"))
    unknown = [
        _("%(line)s行目「%(cell)s」") % {"line": at, "cell": cell[:20]}
        for at, cell in cells
        if cell.zfill(6) not in known
    ]
    if unknown:
        raise PlanError(
            _(
                "事務事業が見つからない番号があるため、何も位置づけていません: %(cells)s。番号を直すか、その行を消してください。"
            )
            % {"cells": "、".join(unknown[:10]) + ("ほか" if len(unknown) > 10 else "")}
        )
    return list(dict.fromkeys(known[cell.zfill(6)] for _at, cell in cells))


def _take_off(request: HttpRequest, node: PlanNode, here: str) -> HttpResponse:
    chosen = [_key(each) for each in request.POST.getlist("placement")]
    if not chosen:
        messages.error(request, _("外す事務事業に印を付けてください。"))
        return redirect(f"{here}#placed")
    return press(
        request,
        lambda: services.unplace_programmes(
            node_id=node.pk, placement_ids=chosen, actor=person_of(request), at=now()
        ),
        done=_("印を付けた事務事業を外しました。"),
        to=f"{here}#placed",
    )


def _elsewhere(node: PlanNode, found: Any) -> dict[int, str]:
    """Where a programme that was found hangs already, so that nobody moves it unawares."""
    rows = Placement.objects.filter(
        version=node.version, programme__in=found.values("pk"), is_primary=True
    ).select_related("node")
    return {row.programme_id: str(row.node) for row in rows[:MOST_FOUND]}


@signed_in
def node_indicators(request: HttpRequest, pk: int) -> HttpResponse:
    node = draft_node(request, pk)
    if request.method == "POST":
        rows = Indicator.objects.visible_to(request.user)
        indicator = get_object_or_404(rows, pk=_key(request.POST.get("indicator", "")))
        return press(
            request,
            lambda: services.add_indicator(
                node_id=pk,
                indicator_id=indicator.pk,
                weight=_weight(request.POST.get("weight", "")),
                actor=person_of(request),
                at=now(),
            ),
            done=_("「%(indicator)s」を結びました。") % {"indicator": indicator},
            to=reverse("plans:node_indicators", args=[pk]),
        )
    context = _context(request, node)
    words = context["query"]
    found = Indicator.objects.visible_to(request.user).filter(
        organization_id=node.version.plan.organization_id, retired_at__isnull=True
    )
    found = found.filter(Q(code__istartswith=words) | Q(name__icontains=words)) if words else found.none()
    context |= {
        "rows": list(node.node_indicators.select_related("indicator")[:200]),
        "found": list(found.order_by("code")[:MOST_FOUND]),
    }
    return render(request, "plans/node_indicators.html", context)


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
@require_POST
def node_indicator_remove(request: HttpRequest, pk: int) -> HttpResponse:
    rows = NodeIndicator.objects.filter(node__in=node_access.visible(request.user))
    row = get_object_or_404(rows.select_related("node__version__plan"), pk=pk)
    require(request, "edit", row.node.version.plan)
    return press(
        request,
        lambda: services.remove_indicator(node_indicator_id=pk, actor=person_of(request), at=now()),
        done=_("指標を外しました。"),
        to=reverse("plans:node_indicators", args=[row.node_id]),
    )


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

    return form_page(
        request,
        form,
        save,
        title=_("法令が求める計画を書く"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=back,
        crumbs=[(reverse("plans:plan_list"), _("計画")), (back, _("法定計画"))],
    )
