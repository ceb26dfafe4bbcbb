"""Boxes and arrows of a logic model: by form, and as a table."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enishi.accounts.signed_in import person_of
from enishi.budgets.models import Programme
from enishi.foundation.form_pages import press, titled_page
from enishi.foundation.numbers import whole
from enishi.plans import held
from enishi.plans.errors import PlanError
from enishi.plans.evidence import selectors as evidence
from enishi.plans.logic import calculations, services, transfer
from enishi.plans.logic.enums import Stage
from enishi.plans.logic.forms import EdgeForm, NodeForm
from enishi.plans.logic.views import way_to, writable_model
from enishi.plans.models import Evidence, LogicEdge, LogicModel, LogicNode
from enishi.plans.pages import (
    now,
    signed_in,
    today,
)

KIND = "logic"


@signed_in
def logic_node_new(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    stage = request.GET.get("stage", "")
    initial = {"stage": stage} if stage in Stage.values else {}
    form = NodeForm(request.POST or None, model=model, actor=request.user, initial=initial)
    return _node_page(request, model, form, None, _("要素を足す"))


@signed_in
def logic_node_edit(request: HttpRequest, pk: int, node: int) -> HttpResponse:
    model = writable_model(request, pk)
    row = get_object_or_404(LogicNode, pk=node, model=model)
    form = NodeForm(request.POST or None, model=model, actor=request.user, instance=row)
    return _node_page(request, model, form, row, _("要素を書き直す"))


def _node_page(
    request: HttpRequest, model: LogicModel, form: NodeForm, row: LogicNode | None, title: str
) -> HttpResponse:
    lead = ""
    if row is not None and row.origin:
        lead = _("%(origin)s からの案です。元の文: 「%(quote)s」") % {
            "origin": row.origin,
            "quote": row.origin_quote,
        }
    return titled_page(
        request,
        form,
        lambda sent: services.put_node(
            model_id=model.pk,
            node_id=row.pk if row else None,
            values=sent.values(),
            indicators=sent.indicators_chosen(),
            actor=person_of(request),
            at=now(),
        ),
        title=title,
        submit=_("保存する"),
        done=_("要素を保存しました。"),
        back=model.get_absolute_url(),
        to=_onward(request, f"{model.get_absolute_url()}#boxes"),
        crumbs=way_to(model),
        lead=lead,
        template="plans/logic_part.html",
        also={"is_new": row is None},
    )


def _onward(request: HttpRequest, usual: str) -> str:
    """Back to the model, or to the next of the kind: an arrow goes on from where the last one led."""
    if request.POST.get("then") != "another":
        return usual
    led = whole(request.POST.get("target", ""))
    return f"{request.path}?source={led}" if led else request.path


@signed_in
@require_POST
def logic_node_remove(request: HttpRequest, pk: int, node: int) -> HttpResponse:
    model = writable_model(request, pk)
    get_object_or_404(LogicNode, pk=node, model=model)
    return press(
        request,
        lambda: services.remove_node(model_id=pk, node_id=node, actor=person_of(request), at=now()),
        done=_("要素と、それにつながる矢印を消しました。"),
        to=f"{model.get_absolute_url()}#boxes",
    )


@signed_in
def logic_edge_new(request: HttpRequest, pk: int) -> HttpResponse:
    model = writable_model(request, pk)
    initial = {"source": whole(request.GET.get("source", ""))}
    form = EdgeForm(request.POST or None, model=model, offered=_offered(request, model), initial=initial)
    return _edge_page(request, model, form, _("矢印を足す"))


@signed_in
def logic_edge_edit(request: HttpRequest, pk: int, edge: int) -> HttpResponse:
    model = writable_model(request, pk)
    row = get_object_or_404(LogicEdge.objects.select_related("source", "target"), pk=edge, model=model)
    form = EdgeForm(request.POST or None, model=model, offered=_offered(request, model), instance=row)
    return _edge_page(request, model, form, _("矢印を書き直す"))


def _offered(request: HttpRequest, model: LogicModel) -> Any:
    if model.programme_id:
        return evidence.used_by_programme(request.user, model.programme_id)
    return evidence.used_by(request.user, [str(model.identity_id)])


def _edge_page(request: HttpRequest, model: LogicModel, form: EdgeForm, title: str) -> HttpResponse:
    return titled_page(
        request,
        form,
        lambda sent: services.put_edge(
            model_id=model.pk,
            source=sent.cleaned_data["source"],
            target=sent.cleaned_data["target"],
            values=sent.values(),
            evidence=sent.cleaned_data["evidence"],
            actor=person_of(request),
            at=now(),
        ),
        title=title,
        submit=_("保存する"),
        done=_("矢印を保存しました。"),
        back=model.get_absolute_url(),
        to=_onward(request, f"{model.get_absolute_url()}#arrows"),
        crumbs=way_to(model),
        lead=_("「元」が起きれば「先」が起きる、というつながりです。"),
        template="plans/logic_part.html",
        also={"is_new": form.instance.pk is None},
    )


@signed_in
@require_POST
def logic_edge_remove(request: HttpRequest, pk: int, edge: int) -> HttpResponse:
    model = writable_model(request, pk)
    get_object_or_404(LogicEdge, pk=edge, model=model)
    return press(
        request,
        lambda: services.remove_edge(model_id=pk, edge_id=edge, actor=person_of(request), at=now()),
        done=_("矢印を消しました。"),
        to=f"{model.get_absolute_url()}#arrows",
    )


@signed_in
def logic_import(request: HttpRequest, pk: int) -> HttpResponse:
    """A table first shown, then taken over: the draft becomes what it says."""
    model = writable_model(request, pk)
    form = held.TableForm(request.POST or None, request.FILES or None)
    preview, token = None, ""
    if "held" in request.POST:
        return _take_over(request, model)
    if request.method == "POST" and form.is_valid():
        try:
            loaded = calculations.load(model)
            table = held.table_of(form.cleaned_data["file"])
            preview = transfer.look(table, loaded, known=_known(request, model))
            token = held.hold(KIND, preview.rows) if not preview.faults else ""
        except PlanError as refused:
            form.add_error("file", refused.sentence)
    context = {
        "title": _("ロジックモデルを表から取り込む"),
        "lead": _(
            "下書きの要素と矢印が、表の内容に置き換わります。書き出した表をExcelで直して戻すのに使います。"
        ),
        "form": form,
        "preview": preview,
        "token": token,
        "version": model.version,
        "crumbs": way_to(model),
        "cancel": model.get_absolute_url(),
    }
    return render(request, "plans/table_import.html", context, status=422 if form.errors else 200)


def _programmes(model: LogicModel) -> dict[str, int]:
    rows = Programme.objects.kept().filter(organization_id=model.organization_id)
    return dict(rows.values_list("uid", "pk"))


def _known(request: HttpRequest, model: LogicModel) -> transfer.Known:
    """What the table may name; evidence that hangs from its arrows already may stay, whoever reads the table in."""
    above = calculations.above_of(model, today())
    offered = set(_offered(request, model).values_list("pk", flat=True))
    hanging = set(Evidence.objects.filter(logic_edges__model=model).values_list("pk", flat=True))
    kept = model.nodes.exclude(serves=None).values_list("serves_id", flat=True)
    names = {uid: uid for uid in kept if uid} | transfer.names_above(above)
    return transfer.Known(_programmes(model), names, frozenset(offered | hanging))


def _take_over(request: HttpRequest, model: LogicModel) -> HttpResponse:
    asked = request.POST.get("version", "")

    def write() -> None:
        services.take_over(
            model_id=model.pk,
            rows=held.take(KIND, request.POST["held"]),
            version=int(asked) if asked.isdecimal() and len(asked) < 10 else None,
            actor=person_of(request),
            at=now(),
        )

    press(request, write, done=_("表の内容を取り込みました。"), to=model)
    return redirect(reverse("plans:logic_detail", args=[model.pk]))
