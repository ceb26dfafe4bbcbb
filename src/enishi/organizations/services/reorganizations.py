"""A reorganisation: prepare, decide, and on its day do everything or nothing."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.organizations.access import organization_access, reorganization_access
from enishi.organizations.enums import StepKind
from enishi.organizations.errors import RefusedError, ReorganizationRefusedError
from enishi.organizations.models import Organization, Reorganization, ReorganizationStep, Section
from enishi.organizations.services.sections import (
    add_section,
    close_section,
    edit_section,
    open_responsibilities,
)

logger = logging.getLogger(__name__)


@transaction.atomic
def prepare_reorganization(
    *, organization_id: int, name: str, effective_on: dt.date, actor: Person, at: dt.datetime
) -> Reorganization:
    """Begin the list of changes for one day."""
    organization = Organization.objects.select_for_update().get(pk=organization_id)
    organization_access.require(actor, "edit_sections", organization)
    reorganization = Reorganization.objects.create(
        organization=organization, name=name, effective_on=effective_on, prepared_by=actor, prepared_at=at
    )
    trail.record(trail.Act(actor, "create", reorganization, at, organization_id=organization.pk))
    return reorganization


@transaction.atomic
def add_step(
    *,
    reorganization_id: int,
    kind: StepKind,
    actor: Person,
    at: dt.datetime,
    section: Section | None = None,
    name: str = "",
    code: str = "",
    parent: Section | None = None,
    parent_step: ReorganizationStep | None = None,
    successors: Sequence[Section] = (),
    successor_steps: Sequence[ReorganizationStep] = (),
) -> ReorganizationStep:
    """Add one change to the list."""
    reorganization = _open(reorganization_id, actor)
    _check_step(reorganization, kind, section, name)
    step = ReorganizationStep.objects.create(
        reorganization=reorganization,
        kind=kind,
        section=section,
        name=name,
        code=code,
        parent=parent,
        parent_step=parent_step,
    )
    step.successors.set(successors)
    step.successor_steps.set(successor_steps)
    trail.record(
        trail.Act(
            actor, "edit", reorganization, at, organization_id=reorganization.organization_id, note=str(step)
        )
    )
    return step


@transaction.atomic
def remove_step(*, step_id: int, actor: Person, at: dt.datetime) -> None:
    """Take one change off the list, with what builds on it."""
    step = ReorganizationStep.objects.get(pk=step_id)
    reorganization = _open(step.reorganization_id, actor)
    note = _("取り消し: %(step)s") % {"step": step}
    step.delete()
    trail.record(
        trail.Act(
            actor, "edit", reorganization, at, organization_id=reorganization.organization_id, note=note
        )
    )


@transaction.atomic
def decide_reorganization(*, reorganization_id: int, actor: Person, at: dt.datetime) -> Reorganization:
    """Fix the list. It is done at once when its day has come, else by the worker on its day.

    Raises ``ReorganizationRefusedError`` when the list is empty or would leave something to nobody.
    """
    reorganization = _open(reorganization_id, actor)
    faults = faults_of(reorganization)
    if faults:
        raise ReorganizationRefusedError(" ".join(faults))
    reorganization.decided_at = at
    reorganization.save(update_fields=["decided_at"])
    trail.record(
        trail.Act(actor, "decide", reorganization, at, organization_id=reorganization.organization_id)
    )
    if reorganization.effective_on <= timezone.localdate(at):
        _carry_out(reorganization, actor, at)
    return reorganization


@transaction.atomic
def withdraw_reorganization(*, reorganization_id: int, actor: Person, at: dt.datetime) -> Reorganization:
    """Give it up: nothing of it will be done."""
    reorganization = _locked(reorganization_id)
    reorganization_access.require(actor, "edit", reorganization)
    if reorganization.done_at or reorganization.withdrawn_at:
        raise ReorganizationRefusedError(_("この機構改革は、もう行われたか取りやめられています。"))
    reorganization.withdrawn_at = at
    reorganization.save(update_fields=["withdrawn_at"])
    trail.record(
        trail.Act(actor, "withdraw", reorganization, at, organization_id=reorganization.organization_id)
    )
    return reorganization


def carry_out_due(at: dt.datetime) -> int:
    """Do what was decided and whose day has come. One that cannot be done says why on its page; the others go on."""
    due = Reorganization.objects.filter(
        decided_at__isnull=False,
        done_at__isnull=True,
        withdrawn_at__isnull=True,
        effective_on__lte=timezone.localdate(at),
    )
    return sum(_try(pk, at) for pk in due.order_by("effective_on", "pk").values_list("pk", flat=True))


def _try(pk: int, at: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            _carry_out(_locked(pk), None, at)
    except RefusedError as refusal:
        logger.warning("reorganization not done: %s", refusal)
        Reorganization.objects.filter(pk=pk).update(trouble=str(refusal)[:500])
        return False
    return True


def faults_of(reorganization: Reorganization) -> list[str]:
    """What keeps the list from being decided, in sentences."""
    steps = list(
        reorganization.steps.select_related("section").prefetch_related("successors", "successor_steps")
    )
    if not steps:
        return [_("まだ内容がありません。新設・改称・移管・廃止を加えてください。")]
    closing = {step.section_id for step in steps if step.kind == StepKind.CLOSE}
    leaving = closing | {step.section_id for step in steps if step.kind == StepKind.MOVE}
    faults = []
    for step in steps:
        if step.kind == StepKind.CLOSE:
            faults += _closing_faults(step, closing, leaving)
        elif step.parent_id in closing:
            faults.append(_("「%(step)s」の上位の組織は、同じ日に廃止されます。") % {"step": step})
    return faults


def _closing_faults(
    step: ReorganizationStep, closing: set[int | None], leaving: set[int | None]
) -> list[str]:
    section = step.section
    assert section is not None
    words = {"name": section.name}
    heirs = [each for each in step.successors.all() if each.pk not in closing]
    faults = []
    if len(heirs) < len(step.successors.all()):
        faults.append(_("「%(name)s」を引き継ぐ課が、同じ日に廃止されます。") % words)
    if section.children.filter(valid_to__isnull=True).exclude(pk__in=[pk for pk in leaving if pk]).exists():
        faults.append(_("「%(name)s」の下に課が残ります。移すか廃止してください。") % words)
    left = open_responsibilities(section)
    if left and not heirs and not step.successor_steps.all():
        piles = "、".join(f"{pile.label} {pile.count}件" for pile in left)
        faults.append(
            _("「%(name)s」には %(left)s があります。引き継ぐ課を決めてください。") % {**words, "left": piles}
        )
    return faults


def _carry_out(reorganization: Reorganization, actor: Person | None, at: dt.datetime) -> None:
    """New sections first, then names and places, then the end of the old ones from the leaves up."""
    steps = list(
        reorganization.steps.select_related("section", "parent", "parent_step").prefetch_related(
            "successors", "successor_steps"
        )
    )
    made: dict[int, Section] = {}
    for step in _parents_first(steps):
        parent = made[step.parent_step_id] if step.parent_step_id else step.parent
        made[step.pk] = add_section(
            organization_id=reorganization.organization_id,
            name=step.name,
            code=step.code,
            parent=parent,
            valid_from=reorganization.effective_on,
            actor=None,
            at=at,
        )
        ReorganizationStep.objects.filter(pk=step.pk).update(made=made[step.pk])
    for step in steps:
        if step.kind in (StepKind.RENAME, StepKind.MOVE):
            _change(step, made, at)
    for step in _leaves_first([step for step in steps if step.kind == StepKind.CLOSE]):
        heirs = [*step.successors.all(), *(made[each.pk] for each in step.successor_steps.all())]
        assert step.section_id is not None
        close_section(
            section_id=step.section_id,
            last_day=reorganization.effective_on - dt.timedelta(days=1),
            successors=heirs,
            actor=None,
            at=at,
        )
    reorganization.done_at, reorganization.trouble = at, ""
    reorganization.save(update_fields=["done_at", "trouble"])
    trail.record(
        trail.Act(actor, "carry_out", reorganization, at, organization_id=reorganization.organization_id)
    )


def _change(step: ReorganizationStep, made: dict[int, Section], at: dt.datetime) -> None:
    assert step.section_id is not None
    section = Section.objects.select_related("parent").get(pk=step.section_id)
    parent = section.parent
    if step.kind == StepKind.MOVE:
        parent = made[step.parent_step_id] if step.parent_step_id else step.parent
    edit_section(section_id=section.pk, name=step.name or section.name, parent=parent, actor=None, at=at)


def _parents_first(steps: Sequence[ReorganizationStep]) -> list[ReorganizationStep]:
    waiting = [step for step in steps if step.kind == StepKind.ADD]
    ordered: list[ReorganizationStep] = []
    while waiting:
        placed = {step.pk for step in ordered}
        ready = [step for step in waiting if not step.parent_step_id or step.parent_step_id in placed]
        if not ready:
            raise ReorganizationRefusedError(_("新設する課の上下が輪になっています。"))
        ordered += ready
        waiting = [step for step in waiting if step not in ready]
    return ordered


def _leaves_first(steps: Sequence[ReorganizationStep]) -> list[ReorganizationStep]:
    depth = {}
    for step in steps:
        above, count = step.section, 0
        while above is not None and count < 50:
            above, count = above.parent, count + 1
        depth[step.pk] = count
    return sorted(steps, key=lambda step: -depth[step.pk])


def _check_step(reorganization: Reorganization, kind: StepKind, section: Section | None, name: str) -> None:
    if kind == StepKind.ADD:
        if not name:
            raise ReorganizationRefusedError(_("新しい課の名前を書いてください。"))
        return
    if section is None or section.organization_id != reorganization.organization_id:
        raise ReorganizationRefusedError(_("どの課のことかを選んでください。"))
    if section.valid_to is not None:
        raise ReorganizationRefusedError(_("「%(name)s」はもう廃止されています。") % {"name": section.name})
    if kind == StepKind.RENAME and (not name or name == section.name):
        raise ReorganizationRefusedError(_("いまと違う新しい名前を書いてください。"))
    if reorganization.steps.filter(section=section, kind=kind).exists():
        raise ReorganizationRefusedError(
            _("「%(name)s」の%(kind)sは、もう入っています。") % {"name": section.name, "kind": kind.label}
        )


def _open(reorganization_id: int, actor: Person) -> Reorganization:
    reorganization = _locked(reorganization_id)
    reorganization_access.require(actor, "edit", reorganization)
    if not reorganization.is_open:
        raise ReorganizationRefusedError(
            _("この機構改革はもう決まっています。変えるには取りやめて作り直してください。")
        )
    return reorganization


def _locked(pk: int) -> Reorganization:
    return Reorganization.objects.select_for_update(of=("self",)).select_related("organization").get(pk=pk)
