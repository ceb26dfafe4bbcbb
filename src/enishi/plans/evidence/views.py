"""Pages of the evidence register."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme
from enishi.foundation import downloads
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.limits import limited
from enishi.foundation.lists import Facet, FacetChoice, paginate
from enishi.foundation.trash import Shelf, put_back, throw_away, trash_page
from enishi.organizations.models import Organization
from enishi.organizations.visibility import reach_of
from enishi.plans import held, selectors
from enishi.plans.access import node_access
from enishi.plans.errors import PlanError
from enishi.plans.evidence import services, transfer
from enishi.plans.evidence.access import evidence_access
from enishi.plans.evidence.enums import EvidenceKind, Verification
from enishi.plans.evidence.forms import CheckForm, EvidenceForm, UseForm
from enishi.plans.logic.access import logic_access
from enishi.plans.models import Evidence, EvidenceUse, NodeIdentity, PlanNode
from enishi.plans.pages import (
    Crumb,
    now,
    require_restorable,
    signed_in,
    today,
)

MOST_AT_ONCE = 5_000
MOST_PLACES = 800
KIND = "evidence"


def visible_evidence(request: HttpRequest, pk: int) -> Evidence:
    rows = evidence_access.visible(request.user).select_related(
        "organization", "section", "checked_by", "updated_by"
    )
    return get_object_or_404(rows, pk=pk)


def writable_evidence(request: HttpRequest, pk: int, action: str = "edit") -> Evidence:
    row = visible_evidence(request, pk)
    if not evidence_access.allows(request.user, action, row):
        place = f"{row.organization.name} {row.section or ''}".strip()
        raise PermissionDenied(
            _("この根拠を書き換えられるのは、%(place)sの担当の人です。") % {"place": place}
        )
    return row


def house_of(request: HttpRequest) -> Organization:
    """In whose name this person writes."""
    house = evidence_access.owners(request.user).first()
    if house is None:
        raise PermissionDenied(
            _("根拠を登録できるのは、自治体の担当の人です。所属の管理者に役割を確かめてください。")
        )
    return house


def way_to(row: Evidence | None = None) -> list[Crumb]:
    way = [(reverse("plans:evidence_list"), _("客観的根拠"))]
    return way if row is None else [*way, (row.get_absolute_url(), str(row))]


@require_safe
@limited("plans", times=240, seconds=60)
def evidence_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    states = [each for each in request.GET.getlist("state") if each in Verification.values]
    kinds = [each for each in request.GET.getlist("kind") if each in EvidenceKind.values]
    rows = evidence_access.visible(request.user).select_related("organization", "checked_by")
    if words:
        wanted = Q(claim__icontains=words) | Q(source_title__icontains=words) | Q(publisher__icontains=words)
        rows = rows.filter(wanted | Q(figure__icontains=words))
    counts = dict(rows.values_list("verification").annotate(Count("pk")).order_by())
    found = rows.filter(verification__in=states) if states else rows
    found = found.filter(kind__in=kinds) if kinds else found
    if request.GET.get("format") in downloads.FORMATS:
        lines = transfer.rows_of(
            found.order_by("-updated_at", "-pk")[:MOST_AT_ONCE],
            inside=reach_of(request.user).organization_ids,
        )
        sheet = downloads.sheet(request.GET["format"], transfer.HEADINGS, lines, title=_("客観的根拠"))
        return downloads.attachment(sheet.content, sheet.content_type, plain=f"evidence.{sheet.ending}")
    total = found.count()
    may_create = request.user.is_authenticated and evidence_access.allows(request.user, "create", None)
    context = {
        "page": paginate(found, order_by=("-updated_at", "-pk"), parameters=request.GET),
        "facets": [
            Facet(
                "state",
                _("確認の状態"),
                [
                    FacetChoice(each.value, each.label, counts.get(each.value, 0), each.value in states)
                    for each in Verification
                ],
            ),
            Facet(
                "kind",
                _("種類"),
                [FacetChoice(v, label, None, v in kinds) for v, label in EvidenceKind.choices],
            ),
        ],
        "query": words,
        "summary": ngettext("根拠 %(count)s件", "根拠 %(count)s件", total) % {"count": f"{total:,}"},
        "verified": counts.get(Verification.VERIFIED.value, 0),
        "whole": sum(counts.values()),
        "may_create": may_create,
    }
    return render(request, "plans/evidence_list.html", context)


@require_safe
@limited("plans", times=240, seconds=60)
def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    row = visible_evidence(request, pk)
    inside = evidence_access.allows(request.user, "read_inside", row)
    models = logic_access.visible(request.user).filter(edges__evidence=row).distinct()
    context = {
        "evidence": row,
        "uses": _uses(request, row),
        "models": list(models.order_by("-updated_at")[:50]),
        "checks": list(row.checks.select_related("by")[:50]) if inside else [],
        "inside": inside,
        "may_edit": inside and evidence_access.allows(request.user, "edit", row),
    }
    return render(request, "plans/evidence_detail.html", context)


def _uses(request: HttpRequest, row: Evidence) -> list[dict[str, Any]]:
    """Where it is used, as far as this reader may see those places."""
    uses = list(row.uses.select_related("programme"))
    visible = set(
        Programme.objects.visible_to(request.user)
        .filter(pk__in=[use.programme_id for use in uses if use.programme_id])
        .values_list("pk", flat=True)
    )
    found = []
    for use in uses:
        place: Any = None
        if use.programme_id in visible:
            place = use.programme
        elif use.identity_id:
            place = selectors.current_node(request.user, str(use.identity_id), today())
        if place is not None:
            found.append({"use": use, "place": place})
    return found


@signed_in
def evidence_new(request: HttpRequest) -> HttpResponse:
    house = house_of(request)
    form = EvidenceForm(request.POST or None, instance=Evidence(organization=house), organization=house)

    def save(sent: Any) -> Evidence:
        return services.create_evidence(
            organization=house, values=sent.values(), actor=person_of(request), at=now()
        )

    return titled_page(
        request,
        form,
        save,
        title=_("客観的根拠を登録する"),
        submit=_("登録する"),
        done=_("登録しました。原典を見たら「原典を確かめる」を押してください。"),
        back=reverse("plans:evidence_list"),
        to=lambda made: made.get_absolute_url(),
        crumbs=way_to(),
        lead=_("何を裏付ける文か、その数値、どの資料のどこにあるかを書きます。"),
    )


@signed_in
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_evidence(request, pk)
    form = EvidenceForm(request.POST or None, instance=row, organization=row.organization)
    return titled_page(
        request,
        form,
        lambda sent: services.edit_evidence(
            evidence_id=pk,
            values=sent.values(),
            version=sent.cleaned_data["version"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("客観的根拠を書き直す"),
        submit=_("保存する"),
        done=_("保存しました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
        lead=_("主張・数値・出典を変えると「未確認」に戻ります。"),
    )


@signed_in
def evidence_check(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_evidence(request, pk, "check")
    return titled_page(
        request,
        CheckForm(request.POST or None, initial={"result": Verification.VERIFIED}),
        lambda sent: services.check_evidence(
            evidence_id=pk,
            result=sent.cleaned_data["result"],
            found=sent.cleaned_data["found"],
            note=sent.cleaned_data["note"],
            actor=person_of(request),
            at=now(),
        ),
        title=_("原典を確かめる"),
        submit=_("結果を記録する"),
        done=_("確認の結果を記録しました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
        lead=_("「%(claim)s」%(figure)s — 出典: %(source)s")
        % {"claim": row, "figure": row.figure, "source": row.source_words or _("書かれていない")},
    )


@signed_in
def evidence_use(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_evidence(request, pk)
    nodes = _nodes(request, row)
    asked = request.GET.get("node", "")
    form = UseForm(
        request.POST or None,
        places=[(node.uid, f"{node.level}: {node}") for node in nodes],
        initial={"node": asked},
    )

    def save(sent: Any) -> EvidenceUse:
        owner: Any
        if sent.cleaned_data["node"]:
            owner = NodeIdentity.objects.select_related("plan").get(pk=sent.cleaned_data["node"])
        else:
            rows = Programme.objects.visible_to(request.user).filter(organization_id=row.organization_id)
            owner = rows.filter(uid=sent.cleaned_data["programme"]).first()
            if owner is None:
                raise PlanError(
                    _("番号「%(uid)s」の事務事業がありません。事務事業の一覧で確かめてください。")
                    % {"uid": sent.cleaned_data["programme"]}
                )
        return services.use_evidence(
            evidence_id=pk,
            owner=owner,
            purpose=sent.cleaned_data["purpose"],
            actor=person_of(request),
            at=now(),
        )

    return titled_page(
        request,
        form,
        save,
        title=_("使う箇所を加える"),
        submit=_("加える"),
        done=_("使う箇所を加えました。"),
        back=row.get_absolute_url(),
        crumbs=way_to(row),
    )


def _nodes(request: HttpRequest, row: Evidence) -> list[PlanNode]:
    versions = selectors.current_versions([row.organization_id], today())
    nodes = node_access.visible(request.user).filter(version_id__in=versions).select_related("level")
    return list({node.uid: node for node in nodes.order_by("version_id", "path")[:MOST_PLACES]}.values())


@signed_in
@require_POST
def evidence_unuse(request: HttpRequest, pk: int, use: int) -> HttpResponse:
    row = writable_evidence(request, pk)
    get_object_or_404(EvidenceUse, pk=use, evidence=row)
    return press(
        request,
        lambda: services.stop_using(use_id=use, actor=person_of(request), at=now()),
        done=_("使う箇所を外しました。"),
        to=row,
    )


@signed_in
def evidence_delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = writable_evidence(request, pk, "delete")
    return throw_away(
        request,
        row,
        lambda: services.delete_evidence(evidence_id=pk, actor=person_of(request), at=now()),
        title=_("客観的根拠を消す"),
        crumbs=way_to(row),
        to=reverse("plans:evidence_trash"),
    )


@signed_in
@require_safe
def evidence_trash(request: HttpRequest) -> HttpResponse:
    shelf = Shelf(evidence_access.thrown(request.user), "plans:evidence_restore")
    return trash_page(request, shelf, title=_("消した客観的根拠"), crumbs=way_to())


@signed_in
@require_POST
def evidence_restore(request: HttpRequest, pk: int) -> HttpResponse:
    require_restorable(request, evidence_access, pk)
    return put_back(
        request,
        lambda: services.restore_evidence(evidence_id=pk, actor=person_of(request), at=now()),
        to=reverse("plans:evidence_trash"),
    )


@signed_in
def evidence_import(request: HttpRequest) -> HttpResponse:
    """A table first shown, then taken over whole."""
    house = house_of(request)
    form = held.TableForm(request.POST or None, request.FILES or None)
    preview, token = None, ""
    if "held" in request.POST:
        press(
            request,
            lambda: transfer.take_over(
                organization=house,
                rows=held.take(KIND, request.POST["held"]),
                actor=person_of(request),
                at=now(),
            ),
            done=_("表の内容を取り込みました。どれも「未確認」から始まります。"),
            to=reverse("plans:evidence_list"),
        )
        return redirect("plans:evidence_list")
    if request.method == "POST" and form.is_valid():
        try:
            table = held.table_of(form.cleaned_data["file"])
            preview = transfer.look(table, organization=house, actor=person_of(request))
            token = held.hold(KIND, preview.rows) if not preview.faults and not preview.is_empty else ""
        except PlanError as refused:
            form.add_error("file", refused.sentence)
    context = {
        "title": _("客観的根拠を表から取り込む"),
        "lead": _(
            "番号のある行はその根拠を書き直し、番号のない行は新しく加えます。確認の状態は表からは変わりません。"
        ),
        "form": form,
        "preview": preview,
        "token": token,
        "crumbs": way_to(),
        "cancel": reverse("plans:evidence_list"),
    }
    return render(request, "plans/table_import.html", context, status=422 if form.errors else 200)
