"""How plans and their branches are found, and kept findable at once after each change."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.knowledge import services as knowledge
from enishi.knowledge.registry import SearchSource, SearchText, register
from enishi.plans import selectors
from enishi.plans.models import Plan, PlanNode, PlanVersion
from enishi.plans.signals import plan_changed, version_approved

KIND, NODE = "plan", "plan_node"


def register_sources() -> None:
    """Called once, in ``apps.ready``."""
    register(
        SearchSource(
            kind=KIND,
            model=Plan,
            document=plan_text,
            label=_("計画"),
            rows=lambda: Plan.objects.select_related("organization"),
            url=lambda pk: reverse("plans:plan_detail", args=[pk]),
            list_url=lambda: reverse("plans:plan_list"),
            order=70,
        )
    )
    register(
        SearchSource(
            kind=NODE,
            model=PlanNode,
            document=node_text,
            label=_("計画の枝(政策・施策など)"),
            rows=_in_force,
            url=lambda pk: reverse("plans:node_detail", args=[pk]),
            list_url=lambda: reverse("plans:plan_list"),
            order=71,
        )
    )
    plan_changed.connect(_plan, dispatch_uid="search-plan")
    version_approved.connect(_version, dispatch_uid="search-plan-version")


def plan_text(plan: Plan) -> SearchText | None:
    if plan.deleted_at is not None:
        return None
    return SearchText(
        title=plan.name,
        body_parts=[(text, 1.0) for text in (plan.summary, plan.legal_basis) if text],
        tags=[f"plan-kind:{plan.kind}"],
        updated_at=plan.updated_at,
        organization_id=plan.organization_id,
        section_id=plan.section_id,
        visibility=plan.visibility,
    )


def _in_force() -> Any:
    """Branches as they hold today: older versions and drafts are reached from their pages, not by search."""
    houses = Plan.objects.kept().values_list("organization_id", flat=True).distinct()
    versions = selectors.current_versions(set(houses), timezone.localdate())
    return PlanNode.objects.filter(version_id__in=versions).select_related("version__plan", "level")


def node_text(node: PlanNode) -> SearchText | None:
    plan = node.version.plan
    texts = [(node.plain, 1.5), (node.target, 1.0), (node.intent, 1.0), (node.result, 0.5), (plan.name, 0.5)]
    return SearchText(
        title=str(node),
        body_parts=[(text, weight) for text, weight in texts if text],
        tags=[f"plan-kind:{plan.kind}"],
        updated_at=node.updated_at,
        organization_id=plan.organization_id,
        section_id=plan.section_id,
        visibility=plan.visibility,
    )


def _plan(plan_id: int, **_named: Any) -> None:
    knowledge.index(KIND, [plan_id])


def _version(version_id: int, **_named: Any) -> None:
    """The branches of the version that begins, and of the one it follows."""
    version = PlanVersion.objects.get(pk=version_id)
    keys = PlanNode.objects.filter(version__plan_id=version.plan_id, version__state="approved")
    knowledge.index(NODE, list(keys.values_list("pk", flat=True)))
