"""The list of plans, a plan's page for residents and staff, and what is done to a plan as a whole."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.audit import history
from enishi.audit import selectors as acts
from enishi.audit.access import may_read_history
from enishi.foundation import downloads
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.form_pages import titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.organizations.visibility import reach_of
from enishi.plans import calculations, dashboards, selectors, services
from enishi.plans.access import plan_access
from enishi.plans.enums import PlanKind, VersionState
from enishi.plans.forms import PlanForm
from enishi.plans.models import Plan, PlanVersion
from enishi.plans.pages import (
    now,
    require,
    signed_in,
    today,
    visible_plan,
    way_to,
)

MOST_AT_ONCE = 5_000


@require_safe
@limited("plans", times=240, seconds=60)
def plan_list(request: HttpRequest) -> HttpResponse:
    words, kinds = request.GET.get("q", "").strip()[:100], _kinds(request)
    rows = plan_access.visible(request.user).select_related("organization", "section")
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(organization__name__icontains=words))
    found = rows.filter(kind__in=kinds) if kinds else rows
    if request.GET.get("format") in downloads.FORMATS:
        return _as_file(request.GET["format"], found.order_by("-start_fy", "-pk")[:MOST_AT_ONCE])
    counts = dict(rows.values_list("kind").annotate(Count("pk")).order_by())
    facet = Facet(
        "kind",
        _("種類"),
        [
            FacetChoice(kind.value, kind.label, counts.get(kind.value, 0), kind.value in kinds)
            for kind in PlanKind
        ],
    )
    total = sum(count for kind, count in counts.items() if not kinds or kind in kinds)
    context = {
        "page": paginate(found, order_by=("-start_fy", "-pk"), parameters=request.GET),
        "facets": [facet],
        "query": words,
        "summary": ngettext("計画 %(count)s件", "計画 %(count)s件", total) % {"count": f"{total:,}"},
        "may_create": request.user.is_authenticated and plan_access.allows(request.user, "create", None),
        "is_staff": bool(reach_of(request.user).is_member),
    }
    return render(request, "plans/plan_list.html", context)


def _kinds(request: HttpRequest) -> list[str]:
    return [kind for kind in request.GET.getlist("kind") if kind in PlanKind.values]


def _as_file(form: str, rows: Any) -> HttpResponse:
    headings = [
        _("団体"),
        _("種類"),
        _("名称"),
        _("始まりの年度"),
        _("終わりの年度"),
        _("策定の義務"),
        _("決め方"),
        _("担当課"),
    ]
    lines = [
        [
            plan.organization.name,
            str(plan.get_kind_display()),
            plan.name,
            plan.start_fy,
            plan.end_fy,
            str(plan.get_statutory_display()),
            str(plan.get_approval_display()),
            str(plan.section or ""),
        ]
        for plan in rows
    ]
    sheet = downloads.sheet(form, headings, lines, title=_("計画"))
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"plans.{sheet.ending}")


@require_safe
@limited("plans", times=240, seconds=60)
def plan_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """In plain words what the plan is about, with its first two levels; the rest is one click away."""
    plan = visible_plan(request, pk)
    version = selectors.version_to_show(request.user, plan, today())
    above, below = selectors.plans_above_and_below(request.user, plan)
    inside = plan_access.allows(request.user, "read_drafts", plan)
    context: dict[str, Any] = {
        "plan": plan,
        "version": version,
        "branches": _first_levels(request, version) if version else [],
        "above": above,
        "below": below,
        "statutory": list(plan.integrates.select_related("section").order_by("name")),
        "versions": _versions(plan, inside),
        "inside": inside,
        "may_edit": plan_access.allows(request.user, "edit", plan),
    }
    if version is not None:
        year = dashboards.year_of(plan, request.GET.get("year", ""), today())
        judged = dashboards.judged_below(request.user, version, year)
        context |= {"rolled": calculations.rolled_up(judged), "year": year}
    if may_read_history(request.user, plan):
        context["events"] = history.told(acts.history(plan)[:10])
    return render(request, "plans/plan_detail.html", context)


def _first_levels(request: HttpRequest, version: PlanVersion) -> list[dict[str, Any]]:
    """The top of the tree; beside each branch those of other plans that carry it out."""
    carried = selectors.carried_out(request.user, version, today())
    rows = list(version.nodes.filter(depth__lte=2).select_related("level").order_by("path")[:400])
    lines: dict[int, dict[str, Any]] = {
        node.pk: {"node": node, "children": [], "carried": carried.get(node.uid, [])} for node in rows
    }
    for node in rows:
        if node.parent_id is not None:
            lines[node.parent_id]["children"].append(lines[node.pk])
    return [lines[node.pk] for node in rows if node.depth == 1]


def _versions(plan: Plan, inside: bool) -> list[PlanVersion]:
    rows = plan.versions.select_related("approved_by").order_by("-no")
    return list(rows if inside else rows.filter(state=VersionState.APPROVED))


@signed_in
def plan_new(request: HttpRequest) -> HttpResponse:
    owners = plan_access.owners(request.user)
    wanted = request.GET.get("organization", "")
    chosen = (
        owners.filter(pk=int(wanted))
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 18
        else owners
    )
    organization = chosen.first()
    if organization is None:
        raise PermissionDenied(_("計画を作れるのは、自治体の企画の担当の人です。"))
    form = PlanForm(request.POST or None, organization=organization, actor=request.user)

    def save(filled: PlanForm) -> Plan:
        return services.create_plan(
            organization=organization, values=filled.values(), actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form,
        save,
        title=_("計画を作る"),
        lead=_("保存すると、下書きの版ができます。次に、政策や施策を木に足すか、表から取り込みます。"),
        submit=_("保存して木を書く"),
        done=_("計画を作りました。次は木を書きます。"),
        back=reverse("plans:plan_list"),
        to=lambda plan: plan.versions.get().get_absolute_url(),
        crumbs=[(reverse("plans:plan_list"), _("計画"))],
    )


@signed_in
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = visible_plan(request, pk)
    require(request, "edit", plan)
    form = PlanForm(request.POST or None, instance=plan, organization=plan.organization, actor=request.user)

    def save(filled: PlanForm) -> Plan:
        return services.edit_plan(
            plan_id=pk,
            version=filled.cleaned_data["version"],
            values=filled.values(),
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("計画の説明を直す"),
        lead=_("計画そのものの中身(木)は、版ごとに直します。"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=plan.get_absolute_url(),
        crumbs=way_to(plan),
    )


@signed_in
def plan_delete(request: HttpRequest, pk: int) -> HttpResponse:
    plan = visible_plan(request, pk)
    require(request, "edit", plan)
    return throw_away(
        request,
        plan,
        lambda: services.delete_plan(plan_id=pk, actor=person_of(request), at=now()),
        title=_("計画を削除する"),
        crumbs=way_to(plan),
        to=reverse("plans:plan_list"),
        consequence=_("30日のあいだは元に戻せます。承認された版のある計画は消せません。"),
    )


@signed_in
@require_safe
def plan_trash(request: HttpRequest) -> HttpResponse:
    owners = list(plan_access.owners(request.user))
    rows = Plan.objects.filter(organization__in=owners, deleted_at__gte=now() - RESTORABLE)
    shelf = Shelf(rows.order_by("-deleted_at", "-pk"), "plans:plan_restore")
    way = [(reverse("plans:plan_list"), _("計画"))]
    return trash_page(request, shelf, title=_("計画のごみ箱"), crumbs=way)


@signed_in
@require_POST
def plan_restore(request: HttpRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan.objects.filter(organization__in=plan_access.owners(request.user)), pk=pk)
    return put_back(
        request,
        lambda: services.restore_plan(plan_id=plan.pk, actor=person_of(request), at=now()),
        to=reverse("plans:plan_trash"),
    )


@require_safe
def node_current(request: HttpRequest, uid: str) -> HttpResponse:
    """The lasting address of a branch: leads to where it is today."""
    node = selectors.current_node(request.user, uid, today())
    if node is None:
        raise Http404(_("この枝は、いまの計画にありません。"))
    return redirect(node)
