"""Everything that writes logic models."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.budgets.models import Programme
from enishi.foundation import trail
from enishi.plans import owned
from enishi.plans.errors import PlanError
from enishi.plans.logic import calculations, rules, transfer
from enishi.plans.logic.access import logic_access
from enishi.plans.logic.basis import basis_of
from enishi.plans.logic.enums import ModelState
from enishi.plans.logic.proposing import draft_from
from enishi.plans.models import Evidence, LogicEdge, LogicModel, LogicNode, NodeIdentity, PlanNode
from enishi.plans.owned import assign, saved, told

MODEL_FIELDS = (
    "title",
    "problem_statement",
    "target_population",
    "change_summary",
    "section",
    "visibility",
)
NODE_FIELDS = ("stage", "text", "expected_lag_months", "programme", "fte", "serves", "note")
EDGE_FIELDS = ("assumption", "evidence_level", "confidence")
MOST_NODES, MOST_EDGES = 120, 400


@transaction.atomic
def start_model(
    *, owner: PlanNode | Programme, actor: Person, at: dt.datetime, propose: bool = False
) -> LogicModel:
    """A draft: a copy of the model in force, or a proposal from the texts there are, or an empty one."""
    house = owner.version.plan.organization if isinstance(owner, PlanNode) else owner.organization
    logic_access.require(actor, "create", house)  # type: ignore[arg-type]
    mine = {"identity_id": owner.uid} if isinstance(owner, PlanNode) else {"programme_id": owner.pk}
    _hold(owner)
    rows = LogicModel.objects.kept().filter(**mine)
    if rows.filter(state__in=[ModelState.DRAFT, ModelState.REVIEW]).exists():
        raise PlanError(_("書きかけのロジックモデルがもうあります。そちらを開いてください。"))
    old = rows.filter(state=ModelState.APPROVED).first()
    model = LogicModel(
        organization=house,
        section=owner.section,
        visibility=old.visibility if old else "internal",
        title=old.title if old else owner.title[:200],
        no=(LogicModel.objects.filter(**mine).aggregate(last=Max("no"))["last"] or 0) + 1,
        based_on=old,
        problem_statement=old.problem_statement if old else "",
        target_population=old.target_population if old else "",
        created_by=actor,
        created_at=at,
        updated_at=at,
        updated_by=actor,
        **mine,
    )
    model.save()
    if old is not None:
        _copy(old, model)
    elif propose:
        _propose(model, owner, at)
    _recheck(model, at)
    told(model, "create", actor=actor, at=at, note=str(model))
    return model


def _hold(owner: PlanNode | Programme) -> None:
    """Two who begin at once: the second waits here, and finds the first one's draft."""
    if isinstance(owner, PlanNode):
        NodeIdentity.objects.select_for_update().get(pk=owner.uid)
    else:
        Programme.objects.select_for_update(of=("self",)).get(pk=owner.pk)


def _copy(old: LogicModel, new: LogicModel) -> None:
    # Read apart from the rows that are copied: a copy would take what was prefetched for its own.
    indicators = {row.pk: list(row.indicators.all()) for row in old.nodes.prefetch_related("indicators")}
    evidence = {row.pk: list(row.evidence.all()) for row in old.edges.prefetch_related("evidence")}
    keys: dict[int, LogicNode] = {}
    for node in old.nodes.all():
        before, node.pk, node.model = node.pk, None, new
        node._state.adding = True
        node.save()
        node.indicators.set(indicators[before])
        keys[before] = node
    for edge in old.edges.all():
        before = edge.pk
        edge.source, edge.target = keys[edge.source_id], keys[edge.target_id]
        edge.pk, edge.model = None, new
        edge._state.adding = True
        edge.save()
        edge.evidence.set(evidence[before])


def _propose(model: LogicModel, owner: PlanNode | Programme, at: dt.datetime) -> None:
    draft = draft_from(basis_of(owner, timezone.localdate(at)))
    model.target_population = draft.population[:1_000]
    model.save(update_fields=["target_population"])
    nodes = []
    for number, box in enumerate(draft.boxes[:MOST_NODES], start=1):
        node = LogicNode.objects.create(
            model=model,
            number=number,
            stage=box.stage,
            text=box.text,
            origin=box.origin[:200],
            origin_url=box.url[:200],
            origin_quote=box.quote[:500],
            programme_id=box.programme,
            is_proposed=True,
        )
        node.indicators.set(box.indicators)
        nodes.append(node)
    LogicEdge.objects.bulk_create(
        LogicEdge(model=model, source=nodes[source], target=nodes[target], is_proposed=True)
        for source, target in draft.steps
        if source < len(nodes) and target < len(nodes)
    )


def _recheck(model: LogicModel, at: dt.datetime) -> None:
    """``broken`` follows every change, in the same transaction."""
    found = rules.broken(calculations.faults_of(calculations.load(model), day=timezone.localdate(at)))
    if found != model.broken:
        model.broken = found
        model.save(update_fields=["broken"])


def recheck_all(at: dt.datetime) -> int:
    """What changed elsewhere (an indicator retired, a place in the plan moved) shows here by the next morning."""
    changed = 0
    for model in list(LogicModel.objects.current()):
        before = model.broken
        _recheck(model, at)
        changed += before != model.broken
    return changed


def _open(model_id: int, actor: Person, version: int | None = None, action: str = "edit") -> LogicModel:
    model = owned.locked(logic_access, model_id, action, actor, version=version)
    if model.state != ModelState.DRAFT:
        raise PlanError(
            _(
                "%(state)sのロジックモデルは書き換えられません。承認待ちなら取り下げて、承認済みなら新しい版を作ってください。"
            )
            % {"state": model.get_state_display()}
        )
    return model


def _done(
    model: LogicModel, action: str, actor: Person, at: dt.datetime, note: str = "", before: Any = None
) -> None:
    saved(model, actor=actor, at=at)
    _recheck(model, at)
    told(model, action, actor=actor, at=at, note=note, before=before)


@transaction.atomic
def edit_model(
    *, model_id: int, values: Mapping[str, Any], version: int | None, actor: Person, at: dt.datetime
) -> LogicModel:
    model = _open(model_id, actor, version)
    before = trail.values(model)
    assign(model, values, MODEL_FIELDS)
    _done(model, "edit", actor, at, before=before)
    return model


@transaction.atomic
def put_node(
    *,
    model_id: int,
    values: Mapping[str, Any],
    indicators: Iterable[Any],
    actor: Person,
    at: dt.datetime,
    node_id: int | None = None,
) -> LogicNode:
    """A new box, or an old one written anew. Whoever writes a proposed box has confirmed it."""
    model = _open(model_id, actor)
    if node_id is None:
        last = model.nodes.aggregate(last=Max("number"))["last"] or 0
        if model.nodes.count() >= MOST_NODES:
            raise PlanError(_("一つのロジックモデルの要素は%(most)d個までです。") % {"most": MOST_NODES})
        node = LogicNode(model=model, number=last + 1)
    else:
        node = LogicNode.objects.get(pk=node_id, model=model)
    assign(node, values, NODE_FIELDS)
    node.is_proposed = False
    node.save()
    node.indicators.set(indicators)
    _done(model, "put_node", actor, at, str(node))
    return node


@transaction.atomic
def remove_node(*, model_id: int, node_id: int, actor: Person, at: dt.datetime) -> LogicModel:
    """Take a box out with its arrows."""
    model = _open(model_id, actor)
    node = LogicNode.objects.get(pk=node_id, model=model)
    note = str(node)
    node.delete()
    _done(model, "remove_node", actor, at, note)
    return model


@transaction.atomic
def put_edge(
    *,
    model_id: int,
    source: LogicNode,
    target: LogicNode,
    values: Mapping[str, Any],
    evidence: Iterable[Evidence],
    actor: Person,
    at: dt.datetime,
) -> LogicEdge:
    """The arrow between two boxes, new or written anew. One that breaks L1 is kept and told: drafts may be wrong."""
    model = _open(model_id, actor)
    if model.pk not in (source.model_id, target.model_id) or source.model_id != target.model_id:
        raise PlanError(_("矢印の元と先は、同じロジックモデルの中から選んでください。"))
    if source.pk == target.pk:
        raise PlanError(_("矢印の元と先が同じです。別の要素を選んでください。"))
    edge = LogicEdge.objects.filter(source=source, target=target).first()
    if edge is None and model.edges.count() >= MOST_EDGES:
        raise PlanError(_("一つのロジックモデルの矢印は%(most)d本までです。") % {"most": MOST_EDGES})
    edge = edge or LogicEdge(model=model, source=source, target=target)
    assign(edge, values, EDGE_FIELDS)
    edge.is_proposed = False
    edge.save()
    edge.evidence.set(evidence)
    _done(model, "put_edge", actor, at, f"{source.number} → {target.number}")
    return edge


@transaction.atomic
def remove_edge(*, model_id: int, edge_id: int, actor: Person, at: dt.datetime) -> LogicModel:
    model = _open(model_id, actor)
    edge = LogicEdge.objects.select_related("source", "target").get(pk=edge_id, model=model)
    note = str(edge)
    edge.delete()
    _done(model, "remove_edge", actor, at, note)
    return model


@transaction.atomic
def confirm_proposed(*, model_id: int, actor: Person, at: dt.datetime) -> int:
    """Say of all that is proposed: a person looked at it and it stays."""
    model = _open(model_id, actor)
    count = model.nodes.filter(is_proposed=True).update(is_proposed=False)
    model.edges.filter(is_proposed=True).update(is_proposed=False)
    _done(model, "confirm_proposed", actor, at)
    return count


@transaction.atomic
def submit_model(*, model_id: int, actor: Person, at: dt.datetime) -> LogicModel:
    """Ask another person to approve. Proposals nobody confirmed do not go out."""
    model = _open(model_id, actor)
    if not model.nodes.exists():
        raise PlanError(_("要素がまだありません。一つ以上書いてから承認を求めてください。"))
    if model.nodes.filter(is_proposed=True).exists():
        raise PlanError(
            _("人が確かめていない案の要素が残っています。確かめるか、消してから承認を求めてください。")
        )
    model.state, model.submitted_at, model.submitted_by = ModelState.REVIEW, at, actor
    model.return_reason = ""
    _done(model, "submit", actor, at)
    return model


@transaction.atomic
def return_model(*, model_id: int, reason: str, actor: Person, at: dt.datetime) -> LogicModel:
    """Back to those who write; also how they take it back themselves."""
    model = owned.locked(logic_access, model_id, "edit", actor)
    if model.state != ModelState.REVIEW:
        raise PlanError(_("承認待ちのロジックモデルだけを差し戻せます。"))
    if model.submitted_by_id != actor.pk:
        logic_access.require(actor, "return", model)
        if not reason.strip():
            raise PlanError(
                _("差し戻す理由を書いてください。書いた人が直せるように、どこをどうするかを伝えます。")
            )
    model.state, model.return_reason = ModelState.DRAFT, reason.strip()[:500]
    model.submitted_at = model.submitted_by = None
    _done(model, "return", actor, at, reason)
    return model


@transaction.atomic
def approve_model(
    *, model_id: int, actor: Person, at: dt.datetime, note: str = "", version: int | None = None
) -> LogicModel:
    """By somebody else than who asked. With broken rules it needs a reason, and does not count as 導入済 (L6)."""
    model = owned.locked(logic_access, model_id, "approve", actor, version=version)
    if model.state != ModelState.REVIEW:
        raise PlanError(_("承認待ちのロジックモデルだけを承認できます。"))
    if model.submitted_by_id == actor.pk:
        raise PlanError(
            _("自分で承認を求めたロジックモデルは、自分では承認できません。別の管理職に頼んでください。")
        )
    _recheck(model, at)
    if model.broken and not note.strip():
        raise PlanError(
            _(
                "規則%(rules)sを満たしていません。それでも承認するときは理由を書いてください。「導入済」には数えません。"
            )
            % {"rules": _("・").join(model.broken_rules)}
        )
    mine = {"identity": model.identity} if model.identity_id else {"programme": model.programme}
    for old in (
        LogicModel.objects.kept().filter(state=ModelState.APPROVED, **mine).select_for_update(of=("self",))
    ):
        old.state = ModelState.SUPERSEDED
        saved(old, actor=actor, at=at)
        told(old, "supersede", actor=actor, at=at)
    model.state, model.approved_at, model.approved_by = ModelState.APPROVED, at, actor
    _done(model, "approve", actor, at, note)
    return model


@transaction.atomic
def delete_model(*, model_id: int, actor: Person, at: dt.datetime) -> LogicModel:
    model = owned.locked(logic_access, model_id, "delete", actor)
    if not model.is_open:
        raise PlanError(_("承認されたロジックモデルは消せません。新しい版で置き換えてください。"))
    return owned.discard(logic_access, model_id, actor=actor, at=at)


@transaction.atomic
def restore_model(*, model_id: int, actor: Person, at: dt.datetime) -> LogicModel:
    model = LogicModel.objects.get(pk=model_id)
    mine = {"identity": model.identity} if model.identity_id else {"programme": model.programme}
    if LogicModel.objects.kept().filter(state__in=[ModelState.DRAFT, ModelState.REVIEW], **mine).exists():
        raise PlanError(
            _("ほかに書きかけの版があるため、元に戻せません。そちらを先に承認するか消してください。")
        )
    return owned.restore(logic_access, model_id, actor=actor, at=at)


@transaction.atomic
def take_over(
    *, model_id: int, rows: Sequence[Mapping[str, Any]], version: int | None, actor: Person, at: dt.datetime
) -> LogicModel:
    """Make the draft what a table says. Boxes and arrows keep what a table does not hold."""
    model = _open(model_id, actor, version)
    boxes = [row for row in rows if row["kind"] == transfer.BOX]
    arrows = [row for row in rows if row["kind"] == transfer.ARROW]
    if len(boxes) > MOST_NODES or len(arrows) > MOST_EDGES:
        raise PlanError(
            _("要素は%(nodes)d個、矢印は%(edges)d本までです。") % {"nodes": MOST_NODES, "edges": MOST_EDGES}
        )
    nodes = {node.number: node for node in model.nodes.all()}
    wanted = {row["number"] for row in boxes}
    model.nodes.exclude(number__in=wanted).delete()
    for row in boxes:
        node = nodes.get(row["number"]) or LogicNode(model=model, number=row["number"])
        node.stage, node.text, node.expected_lag_months = row["stage"], row["text"], row["lag"]
        node.programme_id, node.note, node.is_proposed = row["programme"], row["note"], False
        node.fte = _fte(row)
        node.serves_id = row.get("serves", node.serves_id)
        node.save()
        node.indicators.set(row["indicators"])
        nodes[row["number"]] = node
    _arrows(model, nodes, arrows)
    _done(model, "import", actor, at, _("要素%(n)d、矢印%(e)d") % {"n": len(boxes), "e": len(arrows)})
    return model


def _fte(row: Mapping[str, Any]) -> Decimal | None:
    if row["fte"] is None:
        return None
    try:
        return Decimal(unicodedata.normalize("NFKC", str(row["fte"])).replace(",", ""))
    except InvalidOperation as error:
        raise PlanError(
            _("%(row)d行目「人工」の「%(value)s」は数として読めません。例: 1.5")
            % {"row": row["row"], "value": row["fte"]}
        ) from error


def _arrows(model: LogicModel, nodes: Mapping[int, LogicNode], rows: Sequence[Mapping[str, Any]]) -> None:
    kept = {(nodes[row["source"]].pk, nodes[row["target"]].pk) for row in rows}
    for edge in model.edges.all():
        if (edge.source_id, edge.target_id) not in kept:
            edge.delete()
    for row in rows:
        edge, _made = LogicEdge.objects.update_or_create(
            model=model,
            source=nodes[row["source"]],
            target=nodes[row["target"]],
            defaults={
                "assumption": row["assumption"],
                "evidence_level": row["level"],
                "confidence": row["confidence"],
                "is_proposed": False,
            },
        )
        if "evidence" in row:
            edge.evidence.set(row["evidence"])
