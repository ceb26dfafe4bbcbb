"""On the pages of branches, plans and programmes: the logic model, the evidence and how much of it was looked up."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.audit import panels as acts
from enishi.budgets.models import Programme
from enishi.foundation import panels, ui
from enishi.foundation.access import Actor
from enishi.organizations.enums import Role
from enishi.organizations.visibility import reach_of
from enishi.plans.evidence import selectors as evidence
from enishi.plans.evidence.access import evidence_access
from enishi.plans.logic.access import logic_access
from enishi.plans.logic.enums import ModelState
from enishi.plans.models import LogicModel, Plan, PlanNode, Reading, Scorer
from enishi.plans.priorities.enums import RoundState
from enishi.plans.reading.enums import ReadingState

SHOWN, FEW = 12, 5
SENIOR = (Role.MANAGER, Role.PLANNER)


def register() -> None:
    for title, name, order in (
        (gettext_lazy("ロジックモデル"), "logic_list", 71),
        (gettext_lazy("客観的根拠"), "evidence_list", 72),
        (gettext_lazy("施策の採点"), "scoring_list", 73),
        (gettext_lazy("計画を読み込む"), "reading_list", 74),
    ):
        ui.navigation.register(
            ui.NavigationItem(title, f"plans:{name}", order=order, shown=_is_member, icon="check")
        )
    panels.home.register(panels.HomePanel("", 36, waiting, "today", _is_member))
    for record, context, title in (
        ("plans.plannode", of_node, gettext_lazy("ロジックモデルと客観的根拠")),
        ("budgets.programme", of_programme, gettext_lazy("ロジックモデルと客観的根拠")),
        ("plans.plan", of_plan, gettext_lazy("客観的根拠の確かさ")),
    ):
        panels.records.register(panels.RecordPanel(record, "plans/_of_record.html", 30, context, title))
    for record in ("plans.logicmodel", "plans.evidence", "plans.scoringround", "plans.reading"):
        panels.records.register(panels.RecordPanel(record, "audit/_history_panel.html", 90, acts.latest))


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def waiting(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Scores to give, logic models to approve, and documents to confirm."""
    scorings = (
        Scorer.objects.filter(
            person_id=actor.pk or 0,
            submitted_at__isnull=True,
            round__state=RoundState.OPEN,
            round__deleted_at__isnull=True,
        )
        .select_related("round")
        .order_by("round__due_on", "pk")[:FEW]
    )
    items = [
        panels.Todo(
            each.round.title,
            each.round.get_absolute_url(),
            due=each.round.due_on,
            why=_("施策の採点を待っています"),
        )
        for each in scorings
    ]
    houses = {house for house, role in reach_of(actor).roles if role in {each.value for each in SENIOR}}
    if houses:
        models = (
            LogicModel.objects.kept()
            .visible_to(actor)
            .filter(state=ModelState.REVIEW, organization_id__in=houses)
            .exclude(submitted_by_id=actor.pk)
            .order_by("submitted_at")[:FEW]
        )
        items += [
            panels.Todo(str(each), each.get_absolute_url(), why=_("ロジックモデルの承認を待っています"))
            for each in models
        ]
    readings = Reading.objects.kept().filter(created_by_id=actor.pk, state=ReadingState.READ).defer("text")
    items += [
        panels.Todo(each.title, each.get_absolute_url(), why=_("読み取った内容の確認を待っています"))
        for each in readings.order_by("updated_at")[:FEW]
    ]
    return {"items": items} if items else None


def of_node(actor: Actor, node: PlanNode) -> Mapping[str, Any] | None:
    rows = list(evidence.used_by_branch(actor, node))
    own = list(evidence.used_by(actor, [node.uid])[:SHOWN])
    models = logic_access.visible(actor).filter(identity_id=node.uid).exclude(state=ModelState.SUPERSEDED)
    return _said(
        actor,
        list(models.order_by("-no")),
        own,
        evidence.share_of(rows),
        f"node={node.pk}",
        node.version.plan.organization_id,
    )


def of_programme(actor: Actor, programme: Programme) -> Mapping[str, Any] | None:
    rows = list(evidence.used_by_programme(actor, programme.pk))
    models = logic_access.visible(actor).filter(programme=programme).exclude(state=ModelState.SUPERSEDED)
    return _said(
        actor,
        list(models.order_by("-no")),
        rows[:SHOWN],
        evidence.share_of(rows),
        f"programme={programme.pk}",
        programme.organization_id,
    )


def of_plan(actor: Actor, plan: Plan) -> Mapping[str, Any] | None:
    share = evidence.share_of(evidence.used_by_plan(actor, plan))
    return {"share": share, "models": [], "rows": [], "start": "", "is_plan": True} if share.whole else None


def _said(
    actor: Actor, models: list[LogicModel], rows: list[Any], share: evidence.Share, asked: str, house: int
) -> Mapping[str, Any] | None:
    may_start = (
        house in {each.pk for each in evidence_access.owners(actor)} if actor.is_authenticated else False
    )
    start = asked if may_start and not any(model.is_open for model in models) else ""
    if not (models or rows or share.whole or start):
        return None
    return {"models": models, "rows": rows, "share": share, "start": start, "is_plan": False}
