"""How logic models and evidence are found, and kept findable at once after each change."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText
from enishi.knowledge.registry import register as offer
from enishi.plans.logic.enums import ModelState
from enishi.plans.logic.models import OPEN_STATES
from enishi.plans.models import Evidence, LogicModel
from enishi.plans.signals import owned_changed

LOGIC, EVIDENCE = "logic_model", "evidence"


def register() -> None:
    offer(
        SearchSource(
            kind=LOGIC,
            model=LogicModel,
            document=logic_text,
            label=_("ロジックモデル"),
            rows=lambda: LogicModel.objects.prefetch_related("nodes", "edges"),
            url=lambda pk: reverse("plans:logic_detail", args=[pk]),
            list_url=lambda: reverse("plans:logic_list"),
            order=72,
        )
    )
    offer(
        SearchSource(
            kind=EVIDENCE,
            model=Evidence,
            document=evidence_text,
            label=_("客観的根拠"),
            rows=lambda: Evidence.objects.all(),
            url=lambda pk: reverse("plans:evidence_detail", args=[pk]),
            list_url=lambda: reverse("plans:evidence_list"),
            order=73,
        )
    )
    owned_changed.connect(_index, dispatch_uid="search-plans-owned")


def logic_text(model: LogicModel) -> SearchText | None:
    if model.deleted_at is not None or model.state == ModelState.SUPERSEDED:
        return None
    parts = [(model.problem_statement, 1.5), (model.target_population, 1.0)]
    parts += [(node.text, 1.0) for node in model.nodes.all()]
    parts += [(edge.assumption, 0.5) for edge in model.edges.all()]
    return SearchText(
        title=model.title,
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[f"status:{model.state}"],
        updated_at=model.updated_at,
        organization_id=model.organization_id,
        section_id=model.section_id,
        visibility=model.visibility,
        not_yet_shared=model.state in OPEN_STATES,
    )


def evidence_text(row: Evidence) -> SearchText | None:
    if row.deleted_at is not None:
        return None
    parts = [(row.figure, 1.0), (row.source_title, 1.0), (row.publisher, 0.5)]
    return SearchText(
        title=row.claim[:200],
        body_parts=[(text, weight) for text, weight in parts if text],
        tags=[f"status:{row.verification}"],
        updated_at=row.updated_at,
        organization_id=row.organization_id,
        section_id=row.section_id,
        visibility=row.visibility,
    )


def _index(sender: Any, pk: int, **_named: Any) -> None:
    kind = {LogicModel: LOGIC, Evidence: EVIDENCE}.get(sender)
    if kind is not None:
        knowledge.index(kind, [pk])
