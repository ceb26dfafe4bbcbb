"""Plans: made, written, thrown away and taken back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.erasing import RESTORABLE
from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.models import Organization
from enishi.plans.access import plan_access
from enishi.plans.enums import VersionState
from enishi.plans.errors import PlanError
from enishi.plans.models import Level, Plan, PlanVersion
from enishi.plans.paths import cycle_in
from enishi.plans.services.records import locked_plan, told

USUAL_LEVELS = ("政策", "施策")
WRITABLE = frozenset(
    {
        "kind",
        "name",
        "summary",
        "legal_basis",
        "statutory",
        "approval",
        "start_fy",
        "end_fy",
        "rolling",
        "parent",
        "section",
        "visibility",
    }
)


@transaction.atomic
def create_plan(
    *,
    organization: Organization,
    values: Mapping[str, Any],
    actor: Person,
    at: dt.datetime,
    levels: tuple[str, ...] = USUAL_LEVELS,
    is_demo: bool = False,
) -> Plan:
    """A plan with its first draft, whose levels are named already."""
    plan_access.require(actor, "create", organization)  # type: ignore[arg-type]
    plan = Plan(organization=organization, created_at=at, updated_at=at, updated_by=actor, is_demo=is_demo)
    _write(plan, values)
    plan.save()
    version = PlanVersion.objects.create(
        plan=plan, no=1, created_at=at, created_by=actor, updated_at=at, updated_by=actor
    )
    Level.objects.bulk_create(
        Level(version=version, order=order, label=label) for order, label in enumerate(levels, start=1)
    )
    told(plan, "create", plan, actor=actor, at=at)
    return plan


@transaction.atomic
def edit_plan(
    *, plan_id: int, version: int | None, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Plan:
    plan = locked_plan(plan_id, "edit", actor, version=version)
    before = trail.values(plan, WRITABLE)
    _write(plan, values)
    _refuse_longer_children(plan)
    plan.version += 1
    plan.updated_at, plan.updated_by = at, actor
    plan.save()
    told(
        plan,
        "edit",
        plan,
        actor=actor,
        at=at,
        changes=trail.differences(before, trail.values(plan, WRITABLE)),
    )
    return plan


def _write(plan: Plan, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in WRITABLE:
            setattr(plan, name, value)
    if plan.end_fy < plan.start_fy:
        raise PlanError(_("終わりの年度が、始まりの年度より前です。期間を直してください。"))
    if plan.section and plan.section.organization_id != plan.organization_id:
        raise PlanError(_("担当課は、この団体の課から選んでください。"))
    if plan.parent is not None:
        _refuse_wrong_parent(plan, plan.parent)


def _refuse_wrong_parent(plan: Plan, parent: Plan) -> None:
    if parent.organization_id != plan.organization_id:
        raise PlanError(_("上位の計画は、同じ団体の計画から選んでください。"))
    pairs = dict(Plan.objects.filter(organization_id=plan.organization_id).values_list("pk", "parent_id"))
    if plan.pk and cycle_in((pairs | {plan.pk: parent.pk}).items()):
        raise PlanError(_("上位の計画をたどると、この計画に戻ってしまいます。別の計画を選んでください。"))
    if not fits_into(plan, parent):
        raise PlanError(_outside(plan, parent))


def fits_into(plan: Plan, parent: Plan) -> bool:
    """I1: a plan lies within the period of the one above it, unless it rolls."""
    return plan.rolling or (parent.start_fy <= plan.start_fy and plan.end_fy <= parent.end_fy)


def _outside(plan: Plan, parent: Plan) -> str:
    return _(
        "「%(plan)s」の期間が、上位の計画「%(parent)s」の期間(%(first)s〜%(last)s)からはみ出しています。期間を直すか、毎年見直す計画なら「ローリング」に印を付けてください。"
    ) % {
        "plan": plan.name,
        "parent": parent.name,
        "first": FiscalYear(parent.start_fy),
        "last": FiscalYear(parent.end_fy),
    }


def _refuse_longer_children(plan: Plan) -> None:
    for child in Plan.objects.kept().filter(parent=plan):
        if not fits_into(child, plan):
            raise PlanError(_outside(child, plan))


@transaction.atomic
def delete_plan(*, plan_id: int, actor: Person, at: dt.datetime) -> Plan:
    """Into the trash, from which it comes back for 30 days. What was approved stays: it is a document."""
    plan = locked_plan(plan_id, "edit", actor)
    if plan.versions.filter(state=VersionState.APPROVED).exists():
        raise PlanError(
            _("承認された版のある計画は消せません。期間を終わらせるか、新しい計画を作ってください。")
        )
    if Plan.objects.kept().filter(parent=plan).exists():
        raise PlanError(_("この計画を上位とする計画があります。先にそちらの上位を変えてください。"))
    return _move(plan, "delete", at, actor, at)


@transaction.atomic
def restore_plan(*, plan_id: int, actor: Person, at: dt.datetime) -> Plan:
    plan = locked_plan(plan_id, "restore", actor)
    if plan.deleted_at is None or at - plan.deleted_at > RESTORABLE:
        raise PlanError(_("元に戻せるのは、ごみ箱に入れてから30日のあいだです。"))
    return _move(plan, "restore", None, actor, at)


def _move(plan: Plan, action: str, deleted_at: dt.datetime | None, actor: Person, at: dt.datetime) -> Plan:
    plan.deleted_at = deleted_at
    plan.version += 1
    plan.updated_at, plan.updated_by = at, actor
    plan.save()
    told(plan, action, plan, actor=actor, at=at)
    return plan
