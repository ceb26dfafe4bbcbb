"""What every service of the room does: lock the draft, check, write down, tell."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.plans.access import plan_access
from enishi.plans.errors import FrozenVersionError, PlanError, StaleVersionError
from enishi.plans.models import Plan, PlanNode, PlanVersion
from enishi.plans.signals import plan_changed


def locked_plan(plan_id: int, action: str, actor: Person, *, version: int | None = None) -> Plan:
    """The plan, held against other writers, once this person may do ``action`` and nobody was faster."""
    plan = Plan.objects.select_for_update().get(pk=plan_id)
    plan_access.require(actor, action, plan)
    if plan.deleted_at is not None and action != "restore":
        raise PlanError(_("この計画はごみ箱にあります。先に元に戻してください。"))
    if version is not None and plan.version != version:
        raise StaleVersionError(opened=version, current=plan.version)
    return plan


def locked_draft(
    version_id: int, actor: Person, *, action: str = "edit", revision: int | None = None
) -> PlanVersion:
    """The draft, held; whoever wants to write an approved version is told to make a new one (I3)."""
    version = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version_id)
    plan_access.require(actor, action, version.plan)
    if version.is_approved:
        raise FrozenVersionError
    if not version.is_draft:
        raise PlanError(_("この版は取りやめられています。元に戻してから書き換えてください。"))
    if revision is not None and version.revision != revision:
        raise StaleVersionError(opened=revision, current=version.revision)
    return version


def touch(version: PlanVersion, actor: Person, at: dt.datetime) -> None:
    """The tree changed: whoever opened it before sees that."""
    version.revision += 1
    version.updated_at, version.updated_by = at, actor
    version.save(update_fields=["revision", "updated_at", "updated_by"])


def delete_nodes(rows: models.QuerySet[PlanNode, PlanNode]) -> None:
    """Delete branches of a draft, unless a later room has begun to work with one of them."""
    try:
        rows.delete()
    except ProtectedError as error:
        used = next(iter(error.protected_objects), None)
        what = str(used._meta.verbose_name) if used is not None else ""
        raise PlanError(
            _("この枝は「%(what)s」で使われているため、無くせません。先にそちらから外してください。")
            % {"what": what}
        ) from error


def told(
    plan: Plan,
    action: str,
    subject: models.Model,
    *,
    actor: Person | None,
    at: dt.datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    note: str = "",
) -> None:
    """Write the act down, and tell who keeps an index once it is stored."""
    trail.record(
        trail.Act(
            actor,
            action,
            subject,
            at,
            organization_id=plan.organization_id,
            changes=changes or {},
            note=note[:300],
        )
    )
    plan_id = plan.pk
    transaction.on_commit(lambda: plan_changed.send_robust(Plan, plan_id=plan_id))
