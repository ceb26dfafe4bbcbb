"""Versions: the tree, the dashboard of the whole plan, approval, proof and comparison."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.engines.progress import RollUp
from enishi.foundation.charts import for_phone, png_response, svg_response
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.limits import limited
from enishi.foundation.ui import CompareRow
from enishi.plans import charts, dashboards, selectors, services, trees
from enishi.plans.access import plan_access, version_access
from enishi.plans.forms import LevelsForm, VersionForm
from enishi.plans.models import PlanNode, PlanVersion
from enishi.plans.pages import (
    draft_version,
    now,
    require,
    signed_in,
    today,
    visible_plan,
    visible_version,
    way_to,
)
from enishi.plans.selectors import VersionDifference


@require_safe
@limited("plans", times=240, seconds=60)
def version_tree(request: HttpRequest, pk: int) -> HttpResponse:
    """The tree; a draft can be written here branch by branch."""
    version = visible_version(request, pk)
    opened = _opened(request, version)
    year = dashboards.year_of(version.plan, request.GET.get("year", ""), today())
    tree = trees.tree_of(request.user, version, year, opened)
    context = version_context(request, version) | {
        "tree": tree,
        "year": year,
        "levels": list(version.levels.all()),
        "crumbs": way_to(version.plan),
        "summary": ngettext("枝 %(count)s本", "枝 %(count)s本", tree.total) % {"count": f"{tree.total:,}"},
    }
    return render(request, "plans/version_tree.html", context)


def _opened(request: HttpRequest, version: PlanVersion) -> PlanNode | None:
    wanted = request.GET.get("open", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 18):
        return None
    return version.nodes.select_related("level").filter(pk=int(wanted)).first()


def version_context(request: HttpRequest, version: PlanVersion) -> dict[str, Any]:
    """What every page of a version shows around its subject."""
    plan = version.plan
    may_edit = plan_access.allows(request.user, "edit", plan)
    return {
        "plan": plan,
        "version": version,
        "inside": plan_access.allows(request.user, "read_drafts", plan),
        "may_edit": may_edit,
        "may_write": may_edit and version.is_draft,
        "may_approve": version.is_draft and plan_access.allows(request.user, "approve", plan),
    }


@require_safe
@limited("plans", times=240, seconds=60)
def version_dashboard(request: HttpRequest, pk: int) -> HttpResponse:
    version = visible_version(request, pk)
    year = dashboards.year_of(version.plan, request.GET.get("year", ""), today())
    found = dashboards.dashboard(request.user, version, year, parameters=request.GET)
    parts = spread(found)
    context = version_context(request, version) | {
        "board": found,
        "year": year,
        "years": dashboards.years_of(version.plan),
        "table": charts.spread_table(parts),
        "headline": headline(found),
        "crumbs": way_to(version.plan, version),
        "chart_url": reverse("plans:version_chart", args=[pk, "svg"]) + f"?year={year}",
        "png_url": reverse("plans:version_chart", args=[pk, "png"]) + f"?year={year}",
    }
    return render(request, "plans/version_dashboard.html", context)


def spread(board: dashboards.Dashboard) -> list[tuple[str, RollUp]]:
    """Bars of the chart: the whole, then each part."""
    return [
        (_("全体"), board.roll_up),
        *((str(node), rolled) for node, rolled, _programmes in board.children),
    ]


def headline(board: dashboards.Dashboard) -> str:
    """The answer that stands over the chart."""
    if not board.indicator_count:
        whole = _("この計画には指標がまだ結ばれていません")
        return whole if board.node is None else _("この枝には指標がまだ結ばれていません")
    if not board.judged:
        return _("指標%(all)d件は、この年度の値がまだなく判定できません") % {"all": board.indicator_count}
    return _("判定できた指標%(judged)d件のうち%(good)d件が達成・順調、%(behind)d件が遅れています") % {
        "judged": board.judged,
        "good": board.good,
        "behind": board.behind,
    }


@require_safe
@limited("plans", times=240, seconds=60)
def version_chart(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    version = visible_version(request, pk)
    year = dashboards.year_of(version.plan, request.GET.get("year", ""), today())
    parts = spread(dashboards.dashboard(request.user, version, year))
    return picture(parts, form, f"plan-{pk}", for_phone=for_phone(request))


def picture(parts: Sequence[tuple[str, RollUp]], form: str, name: str, *, for_phone: bool) -> HttpResponse:
    return drawn(charts.spread_chart(parts, for_phone=for_phone), form, name)


def drawn(chart: dict[str, Any], form: str, name: str) -> HttpResponse:
    """As an image of the page, or as one for slides."""
    if form == "png":
        return png_response(chart, filename=f"{name}.png")
    return svg_response(chart, filename=f"{name}.svg")


@signed_in
def version_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A new version as a copy of the approved one."""
    plan = visible_plan(request, pk)
    require(request, "edit", plan)
    old = plan.versions.approved().order_by(*selectors.IN_FORCE).first()
    form = VersionForm(request.POST or None)

    def save(filled: VersionForm) -> PlanVersion:
        version = services.new_version(
            plan_id=pk,
            change_summary=filled.cleaned_data["change_summary"],
            actor=person_of(request),
            at=now(),
        )
        if filled.cleaned_data["effective_on"]:
            services.describe_version(
                version_id=version.pk,
                revision=None,
                effective_on=filled.cleaned_data["effective_on"],
                change_summary=filled.cleaned_data["change_summary"],
                actor=person_of(request),
                at=now(),
            )
        return version

    lead = (
        _("第%(no)d版をそのまま写した下書きを作ります。写したあとで木を直します。") % {"no": old.no}
        if old
        else ""
    )
    return titled_page(
        request,
        form,
        save,
        title=_("新しい版を作る"),
        lead=lead,
        submit=_("写して下書きを作る"),
        done=_("下書きの版を作りました。"),
        back=plan.get_absolute_url(),
        to=lambda version: version.get_absolute_url(),
        crumbs=way_to(plan),
    )


@signed_in
def version_edit(request: HttpRequest, pk: int) -> HttpResponse:
    version = draft_version(request, pk)
    form = VersionForm(request.POST or None, instance=version)

    def save(filled: VersionForm) -> PlanVersion:
        return services.describe_version(
            version_id=pk,
            revision=filled.cleaned_data["version"],
            effective_on=filled.cleaned_data["effective_on"],
            change_summary=filled.cleaned_data["change_summary"],
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("版の説明を書く"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=version.get_absolute_url(),
        crumbs=way_to(version.plan, version),
    )


@signed_in
def version_levels(request: HttpRequest, pk: int) -> HttpResponse:
    version = draft_version(request, pk)
    form = LevelsForm(request.POST or None, version=version)

    def save(filled: LevelsForm) -> Any:
        return services.set_levels(version_id=pk, labels=filled.labels(), actor=person_of(request), at=now())

    return titled_page(
        request,
        form,
        save,
        title=_("階層を決める"),
        lead=_("木の段の呼び方を、上から順に書きます。枝がある段は無くせません。"),
        submit=_("保存する"),
        done=_("階層を保存しました。"),
        back=version.get_absolute_url(),
        crumbs=way_to(version.plan, version),
    )


@signed_in
def version_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The page before freezing: what is missing, what changes, and the button."""
    version = visible_version(request, pk)
    require(request, "approve", version.plan)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        return press(
            request,
            lambda: services.approve_version(
                version_id=pk,
                revision=int(revision) if revision.isdecimal() and len(revision) < 9 else None,
                actor=person_of(request),
                at=now(),
            ),
            done=_("承認しました。この版は凍結され、ハッシュが記録されました。"),
            to=version.get_absolute_url(),
        )
    unplaced = selectors.unplaced_programmes(version.plan.organization_id, today())
    context = version_context(request, version) | {
        "missing": services.missing_for_approval(version) if version.is_draft else [],
        "is_own": version.created_by_id == request.user.pk,
        "differences": len(selectors.differences(version.based_on, version)) if version.based_on else None,
        "unplaced": unplaced.count(),
        "crumbs": way_to(version.plan, version),
    }
    return render(request, "plans/version_approve.html", context)


@signed_in
@require_POST
def version_discard(request: HttpRequest, pk: int) -> HttpResponse:
    version = draft_version(request, pk)
    return press(
        request,
        lambda: services.discard_version(version_id=pk, actor=person_of(request), at=now()),
        done=_("下書きを取りやめました。計画のページから元に戻せます。"),
        to=version.plan.get_absolute_url(),
    )


@signed_in
@require_POST
def version_take_up(request: HttpRequest, pk: int) -> HttpResponse:
    version = draft_version(request, pk)
    return press(
        request,
        lambda: services.take_up_version(version_id=pk, actor=person_of(request), at=now()),
        done=_("下書きを元に戻しました。"),
        to=version.get_absolute_url(),
    )


@require_safe
@limited("proof", times=30, seconds=60)
def version_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether the version still says what was approved: the hash worked out anew."""
    version = visible_version(request, pk)
    context = version_context(request, version) | {
        "computed": services.versions.hash_of(version),
        "is_whole": services.is_whole(version),
        "crumbs": way_to(version.plan, version),
    }
    return render(request, "plans/version_proof.html", context)


@require_safe
@limited("plans", times=120, seconds=60)
def version_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions side by side: the older left, the newer right."""
    version = visible_version(request, pk)
    others = [
        each
        for each in version_access.visible(request.user).filter(plan=version.plan).order_by("-no")
        if each.pk != version.pk
    ]
    chosen = next((each for each in others if str(each.pk) == request.GET.get("with", "")), None)
    other = chosen or version.based_on or (others[0] if others else None)
    context = version_context(request, version) | {
        "others": others,
        "other": other,
        "crumbs": way_to(version.plan, version),
    }
    if other is not None:
        left, right = sorted((other, version), key=lambda each: each.no)
        found = selectors.differences(left, right)
        context |= {
            "left": left,
            "right": right,
            "counts": _counts(found),
            "rows": [_compared(each) for each in found[:500]],
            "cut": max(0, len(found) - 500),
            "same": right.nodes.count() - sum(each.right is not None for each in found),
        }
    return render(request, "plans/version_compare.html", context)


def _kinds() -> dict[str, str]:
    return {
        "added": _("新しい枝"),
        "removed": _("無くなった枝"),
        "moved": _("移った枝"),
        "changed": _("文の変わった枝"),
    }


def _counts(found: Sequence[VersionDifference]) -> list[tuple[str, int]]:
    return [(words, sum(each.kind == kind for each in found)) for kind, words in _kinds().items()]


def _label(name: str) -> str:
    field: Any = PlanNode._meta.get_field(name.removesuffix("_id"))
    return str(field.verbose_name)


def _compared(each: VersionDifference) -> CompareRow:
    """One branch: its place and its words in both versions, and in words what is different."""
    node = each.right or each.left
    assert node is not None
    label = f"{node.level.label} {node}"
    if each.kind == "removed" and each.left is not None and each.left.identity.merged_into_id:
        note = _("統合された枝")
    else:
        note = _kinds()[each.kind]
    changed = [_label(name) for name in each.fields]
    if changed:
        note = f"{note}({'・'.join(changed)})"
    return CompareRow(label, _said(each.left, each), _said(each.right, each), "differs", note)


def _said(node: PlanNode | None, each: VersionDifference) -> str:
    if node is None:
        return _("なし")
    lines = []
    if each.kind == "moved":
        lines.append(_("上の枝: %(parent)s") % {"parent": node.parent or _("(いちばん上)")})
    for name in each.fields or (() if each.kind == "moved" else ("title",)):
        value = getattr(node, name.removesuffix("_id"))
        lines.append(f"{_label(name)}: {'' if value is None else value}")
    return "\n".join(lines)
