"""Pages of logic models: the list, the model with its picture, rules and tables, and its versions."""

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
from enishi.budgets.models import Programme
from enishi.foundation import downloads
from enishi.foundation.charts import png_of
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.plans import selectors
from enishi.plans.access import node_access
from enishi.plans.errors import PlanError
from enishi.plans.evidence.access import evidence_access
from enishi.plans.logic import calculations, rules, services, transfer
from enishi.plans.logic.access import logic_access
from enishi.plans.logic.enums import ModelState, Stage
from enishi.plans.logic.forms import ApproveForm, LogicModelForm, ReturnForm
from enishi.plans.models import LogicModel, PlanNode
from enishi.plans.pages import (
    Crumb,
    now,
    require_restorable,
    signed_in,
    today,
)

MOST_AT_ONCE = 5_000


def visible_model(request: HttpRequest, pk: int) -> LogicModel:
    rows = logic_access.visible(request.user).select_related(
        "organization", "section", "programme", "identity__plan", "updated_by", "approved_by", "submitted_by"
    )
    return get_object_or_404(rows, pk=pk)


def writable_model(request: HttpRequest, pk: int, action: str = "edit") -> LogicModel:
    model = visible_model(request, pk)
    if not logic_access.allows(request.user, action, model):
        raise PermissionDenied(who_can(model, action))
    return model


def who_can(model: LogicModel, action: str) -> str:
    place = f"{model.organization.name} {model.section or ''}".strip()
    if action in logic_access.approving:
        return _("承認と差し戻しができるのは、%(place)sの管理職か、企画の人です。") % {"place": place}
    return _("このロジックモデルを書き換えられるのは、%(place)sの担当の人です。") % {"place": place}


def way_to(model: LogicModel | None = None) -> list[Crumb]:
    way = [(reverse("plans:logic_list"), _("ロジックモデル"))]
    return way if model is None else [*way, (model.get_absolute_url(), str(model))]


@require_safe
@limited("plans", times=240, seconds=60)
def logic_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    states = [state for state in request.GET.getlist("state") if state in ModelState.values]
    invalid = request.GET.get("broken") == "1"
    rows = logic_access.visible(request.user).select_related("organization", "section")
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(problem_statement__icontains=words))
    counts = dict(rows.values_list("state").annotate(Count("pk")).order_by())
    found = rows.filter(state__in=states) if states else rows.exclude(state=ModelState.SUPERSEDED)
    if invalid:
        found = found.exclude(broken="")
    if request.GET.get("format") in downloads.FORMATS:
        return _as_file(request.GET["format"], found.order_by("-updated_at", "-pk")[:MOST_AT_ONCE])
    total = found.count()
    context = {
        "page": paginate(found, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "state",
                _("状態"),
                [
                    FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in states)
                    for each in ModelState
                ],
            ),
            Facet("broken", _("規則"), [FacetChoice("1", _("満たしていない規則がある"), None, invalid)]),
        ],
        "query": words,
        "summary": ngettext("ロジックモデル %(count)s件", "ロジックモデル %(count)s件", total)
        % {"count": f"{total:,}"},
        "rules": [(key, *pair) for key, pair in rules.RULES.items()],
        "may_create": request.user.is_authenticated and logic_access.allows(request.user, "create", None),
    }
    return render(request, "plans/logic_list.html", context)


def _as_file(form: str, rows: Any) -> HttpResponse:
    headings = [
        _("団体"),
        _("名称"),
        _("版"),
        _("状態"),
        _("導入済"),
        _("満たしていない規則"),
        _("担当課"),
        _("更新日"),
    ]
    lines = [
        [
            row.organization.name,
            row.title,
            row.no,
            str(row.get_state_display()),
            _("はい") if row.is_introduced else _("いいえ"),
            row.broken,
            str(row.section or ""),
            row.updated_at.date(),
        ]
        for row in rows
    ]
    sheet = downloads.sheet(form, headings, lines, title=_("ロジックモデル"))
    return downloads.attachment(sheet.content, sheet.content_type, plain=f"logic-models.{sheet.ending}")


@require_safe
@limited("plans", times=240, seconds=60)
def logic_detail(request: HttpRequest, pk: int) -> HttpResponse:
    model = visible_model(request, pk)
    loaded = calculations.load(model, reader=request.user)
    faults = calculations.faults_of(calculations.load(model), day=today())
    inside = logic_access.allows(request.user, "read_inside", model)
    writes = inside and logic_access.allows(request.user, "edit", model)
    readable = set(
        evidence_access.visible(request.user).filter(logic_edges__model=model).values_list("pk", flat=True)
    )
    context = {
        "model": model,
        "owner": _owner(request, model),
        "stages": _by_stage(loaded.nodes),
        "edges": [
            {"edge": edge, "evidence": [row for row in edge.evidence.all() if row.pk in readable]}
            for edge in loaded.edges
        ],
        "checks": _checks(model, faults),
        "proposed": sum(node.is_proposed for node in loaded.nodes),
        "may_edit": writes and model.state == ModelState.DRAFT,
        "may_take_back": inside
        and model.state == ModelState.REVIEW
        and model.submitted_by_id == request.user.pk,
        "may_approve": inside
        and model.state == ModelState.REVIEW
        and model.submitted_by_id != request.user.pk
        and logic_access.allows(request.user, "approve", model),
        "may_renew": writes and model.state == ModelState.APPROVED,
        "versions": _versions(request, model),
        "inside": inside,
    }
    return render(request, "plans/logic_detail.html", context)


def _owner(request: HttpRequest, model: LogicModel) -> Any:
    if model.programme_id:
        return Programme.objects.visible_to(request.user).filter(pk=model.programme_id).first()
    return selectors.current_node(request.user, str(model.identity_id), today())


def _by_stage(nodes: list[Any]) -> list[dict[str, Any]]:
    return [
        {"stage": stage, "nodes": [node for node in nodes if node.stage == stage]}
        for stage in Stage
        if any(node.stage == stage for node in nodes)
    ]


def _checks(model: LogicModel, faults: list[rules.Fault]) -> list[dict[str, Any]]:
    found = []
    for key, (title, words) in rules.RULES.items():
        mine = [fault.sentence for fault in faults if fault.rule == key]
        holds = not mine if key != "L6" else model.state == ModelState.APPROVED and not faults
        found.append({"key": key, "title": title, "words": words, "faults": mine, "holds": holds})
    return found


def _versions(request: HttpRequest, model: LogicModel) -> list[LogicModel]:
    mine = {"identity": model.identity_id} if model.identity_id else {"programme": model.programme_id}
    rows = logic_access.visible(request.user).filter(organization=model.organization_id, **mine)
    return list(rows.select_related("approved_by").order_by("-no")[:50])


@require_safe
@limited("plans", times=240, seconds=60)
def logic_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture by itself: for the page, and for documents."""
    model = visible_model(request, pk)
    drawn = calculations.picture(calculations.load(model, reader=request.user))
    if request.GET.get("download") == "png":
        return downloads.attachment(
            png_of(drawn), "image/png", plain="logic-model.png", name=f"{model.title}.png"
        )
    if request.GET.get("download"):
        return downloads.attachment(
            drawn.encode(), "image/svg+xml", plain="logic-model.svg", name=f"{model.title}.svg"
        )
    answer = HttpResponse(drawn, content_type="image/svg+xml")
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


@require_safe
def logic_export(request: HttpRequest, pk: int) -> HttpResponse:
    model = visible_model(request, pk)
    form = request.GET.get("format", "xlsx")
    if form not in downloads.FORMATS:
        raise Http404
    loaded = calculations.load(model, reader=request.user)
    rows = transfer.rows_of(loaded, calculations.above_of(model, today()))
    sheet = downloads.sheet(form, transfer.HEADINGS, rows, title=_("ロジックモデル"))
    return downloads.attachment(
        sheet.content,
        sheet.content_type,
        plain=f"logic-model.{sheet.ending}",
        name=f"{model.title}.{sheet.ending}",
    )


@signed_in
def logic_new(request: HttpRequest) -> HttpResponse:
    """For a branch or a programme: from the texts there are, or from nothing."""
    owner = _asked_owner(request)
    if request.method == "POST" and owner is not None:
        try:
            model = services.start_model(
                owner=owner, actor=person_of(request), at=now(), propose=request.POST.get("how") == "propose"
            )
        except PlanError as refused:
            open_one = _open_of(request, owner)
            if open_one is not None:
                return redirect(open_one)
            raise PermissionDenied(refused.sentence) from refused
        return redirect(model)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    houses = logic_access.owners(request.user)
    if not houses.exists():
        raise PermissionDenied(
            _("ロジックモデルを作れるのは、自治体の担当の人です。所属の管理者に役割を確かめてください。")
        )
    context = {"owner": owner, "crumbs": way_to(), "query": words, **_owners(request, words, houses)}
    if owner is not None:
        context["existing"] = _open_of(request, owner)
    return render(request, "plans/logic_new.html", context)


def _asked_owner(request: HttpRequest) -> PlanNode | Programme | None:
    asked = request.GET.get("node", "")
    if asked.isdecimal() and len(asked) < 12:
        rows = node_access.visible(request.user).select_related(
            "version__plan__organization", "section", "level"
        )
        return get_object_or_404(rows, pk=int(asked))
    asked = request.GET.get("programme", "")
    if asked.isdecimal() and len(asked) < 12:
        rows_of = Programme.objects.visible_to(request.user).select_related("organization", "section")
        return get_object_or_404(rows_of, pk=int(asked))
    return None


def _open_of(request: HttpRequest, owner: PlanNode | Programme) -> LogicModel | None:
    mine = {"identity": owner.uid} if isinstance(owner, PlanNode) else {"programme": owner.pk}
    rows = logic_access.visible(request.user).filter(state__in=[ModelState.DRAFT, ModelState.REVIEW], **mine)
    return rows.first()


def _owners(request: HttpRequest, words: str, houses: Any) -> dict[str, Any]:
    if not words:
        return {"nodes": [], "programmes": []}
    versions = selectors.current_versions(houses.values_list("pk", flat=True), today())
    nodes = node_access.visible(request.user).filter(version_id__in=versions, title__icontains=words)
    programmes = Programme.objects.visible_to(request.user).filter(organization__in=houses)
    programmes = programmes.filter(Q(title__icontains=words) | Q(uid__startswith=words))
    return {
        "nodes": list(nodes.select_related("level").order_by("path")[:30]),
        "programmes": list(programmes.order_by("uid")[:30]),
    }


@signed_in
def logic_edit(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    form = LogicModelForm(request.POST or None, instance=model)
    return titled_page(
        request,
        form,
        lambda sent: services.edit_model(
            model_id=pk,
            values=sent.values(),
            version=sent.cleaned_data["version"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("問題・対象・公開範囲を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=model.get_absolute_url(),
        crumbs=way_to(model),
    )


@signed_in
@require_POST
def logic_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    return press(
        request,
        lambda: services.confirm_proposed(model_id=pk, actor=person_of(request), at=now()),
        done=_("案の要素を、確かめたものとして残しました。"),
        to=model,
    )


@signed_in
@require_POST
def logic_submit(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    return press(
        request,
        lambda: services.submit_model(model_id=pk, actor=person_of(request), at=now()),
        done=_("承認を求めました。別の管理職か企画の人が承認します。"),
        to=model,
    )


@signed_in
@require_POST
def logic_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    return press(
        request,
        lambda: services.return_model(
            model_id=pk, reason=_("書いた人が取り下げた"), actor=person_of(request), at=now()
        ),
        done=_("取り下げました。書き直せます。"),
        to=model,
    )


@signed_in
def logic_return(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk, "return")
    return titled_page(
        request,
        ReturnForm(request.POST or None),
        lambda sent: services.return_model(
            model_id=pk, reason=sent.cleaned_data["reason"], actor=person_of(request), at=now()
        ),
        title=_("ロジックモデルを差し戻す"),
        submit=_("差し戻す"),
        done=_("差し戻しました。"),
        back=model.get_absolute_url(),
        crumbs=way_to(model),
    )


@signed_in
def logic_approve(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk, "approve")
    lead = (
        _("規則%(rules)sを満たしていません。承認しても「導入済」には数えません。")
        % {"rules": _("・").join(model.broken_rules)}
        if model.broken
        else _("規則L1〜L5をすべて満たしています。承認すると「導入済」になります。")
    )
    form = ApproveForm(request.POST or None, initial={"version": model.version})
    return titled_page(
        request,
        form,
        lambda sent: services.approve_model(
            model_id=pk,
            note=sent.cleaned_data["note"],
            version=sent.cleaned_data["version"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("ロジックモデルを承認する"),
        submit=_("承認する"),
        done=_("承認しました。"),
        back=model.get_absolute_url(),
        crumbs=way_to(model),
        lead=lead,
    )


@signed_in
def logic_delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_model(request, pk, "delete")
    return throw_away(
        request,
        row,
        lambda: services.delete_model(model_id=pk, actor=person_of(request), at=now()),
        title=_("書きかけのロジックモデルを消す"),
        crumbs=way_to(row),
        to=reverse("plans:logic_trash"),
    )


@signed_in
@require_safe
def logic_trash(request: HttpRequest) -> HttpResponse:
    shelf = Shelf(logic_access.thrown(request.user), "plans:logic_restore")
    return trash_page(request, shelf, title=_("消したロジックモデル"), crumbs=way_to())


@signed_in
@require_POST
def logic_restore(request: HttpRequest, pk: int) -> HttpResponse:
    require_restorable(request, logic_access, pk, lambda row: who_can(row, "edit"))
    return put_back(
        request,
        lambda: services.restore_model(model_id=pk, actor=person_of(request), at=now()),
        to=reverse("plans:logic_trash"),
    )
