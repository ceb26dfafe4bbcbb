"""Versions: a new draft as a copy, approved and frozen with a hash, given up and taken up again."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.indicators import services as indicator_services
from enishi.organizations.models import Section
from enishi.plans import calculations
from enishi.plans.enums import VersionState
from enishi.plans.errors import PlanError, StaleVersionError
from enishi.plans.models import Level, NodeIndicator, NodeLink, Placement, Plan, PlanNode, PlanVersion
from enishi.plans.paths import cycle_in
from enishi.plans.services.plans import fits_into
from enishi.plans.services.records import locked_draft, locked_plan, told, touch
from enishi.plans.signals import version_approved, version_copied

COPIED = ("uid", "path", "depth", "code", "title", "target", "intent", "result", "plain", "weight")


@transaction.atomic
def new_version(
    *,
    plan_id: int,
    actor: Person,
    at: dt.datetime,
    change_summary: str = "",
    based_on: PlanVersion | None = None,
) -> PlanVersion:
    """A draft that says what the newest approved version says, or an empty one where there is none."""
    plan = locked_plan(plan_id, "edit", actor)
    if plan.versions.filter(state=VersionState.DRAFT).exists():
        raise PlanError(
            _("書きかけの版がもうあります。そちらを直すか、取りやめてから新しい版を作ってください。")
        )
    old = based_on or plan.versions.approved().order_by("-effective_on", "-no").first()
    last = plan.versions.order_by("-no").first()
    version = PlanVersion.objects.create(
        plan=plan,
        no=last.no + 1 if last else 1,
        based_on=old,
        change_summary=change_summary,
        created_at=at,
        created_by=actor,
        updated_at=at,
        updated_by=actor,
    )
    if old is not None:
        nodes = _copy(old, version, actor, at)
        version_copied.send(PlanVersion, old=old, new=version, nodes=nodes)
    told(plan, "new_version", version, actor=actor, at=at, note=str(version))
    return version


def _copy(old: PlanVersion, new: PlanVersion, actor: Person, at: dt.datetime) -> dict[int, int]:
    """All that hangs from the old version hangs from the new one; one statement for each depth of the tree."""
    levels = {level.pk: level for level in old.levels.all()}
    copies = Level.objects.bulk_create(
        Level(version=new, order=each.order, label=each.label, evaluator_role=each.evaluator_role)
        for each in levels.values()
    )
    level_keys = {key: copy.pk for key, copy in zip(levels, copies, strict=True)}
    rows: dict[int, list[PlanNode]] = defaultdict(list)
    for node in old.nodes.order_by("path"):
        rows[node.depth].append(node)
    keys: dict[int, int] = {}
    for depth in sorted(rows):
        made = PlanNode.objects.bulk_create(
            [_copied(node, new, level_keys, keys, actor, at) for node in rows[depth]], batch_size=200
        )
        keys |= {node.pk: copy.pk for node, copy in zip(rows[depth], made, strict=True)}
    _copy_hanging(old, new, keys)
    indicator_services.copy_frame(old.uid, new.uid, actor=actor, at=at)
    return keys


def _copied(
    node: PlanNode,
    new: PlanVersion,
    levels: dict[int, int],
    keys: dict[int, int],
    actor: Person,
    at: dt.datetime,
) -> PlanNode:
    return PlanNode(
        version=new,
        identity_id=node.uid,
        parent_id=keys[node.parent_id] if node.parent_id else None,
        level_id=levels[node.level_id],
        section_id=node.section_id,
        updated_at=at,
        updated_by=actor,
        **{name: getattr(node, name) for name in COPIED},
    )


def _copy_hanging(old: PlanVersion, new: PlanVersion, keys: dict[int, int]) -> None:
    Placement.objects.bulk_create(
        (
            Placement(
                version=new,
                node_id=keys[row.node_id],
                programme_id=row.programme_id,
                is_primary=row.is_primary,
            )
            for row in old.placements.all()
        ),
        batch_size=500,
    )
    NodeIndicator.objects.bulk_create(
        (
            NodeIndicator(
                node=PlanNode(pk=keys[row.node_id], version=new),
                indicator_id=row.indicator_id,
                weight=row.weight,
                order=row.order,
            )
            for row in NodeIndicator.objects.filter(node__version=old)
        ),
        batch_size=500,
    )
    NodeLink.objects.bulk_create(
        (
            NodeLink(
                node=PlanNode(pk=keys[row.node_id], version=new),
                kind=row.kind,
                target_id=row.target_id,
                share_permille=row.share_permille,
                note=row.note,
            )
            for row in NodeLink.objects.filter(node__version=old)
        ),
        batch_size=500,
    )


@transaction.atomic
def describe_version(
    *,
    version_id: int,
    revision: int | None,
    effective_on: dt.date | None,
    change_summary: str,
    actor: Person,
    at: dt.datetime,
) -> PlanVersion:
    version = locked_draft(version_id, actor, revision=revision)
    before = trail.values(version, ["effective_on", "change_summary"])
    version.effective_on, version.change_summary = effective_on, change_summary
    version.save(update_fields=["effective_on", "change_summary"])
    touch(version, actor, at)
    changes = trail.differences(before, trail.values(version, ["effective_on", "change_summary"]))
    told(version.plan, "describe_version", version, actor=actor, at=at, changes=changes)
    return version


def missing_for_approval(version: PlanVersion) -> list[str]:
    """What keeps a draft from being approved, each as a sentence that says how to mend it."""
    plan = version.plan
    found = []
    if version.effective_on is None:
        found.append(_("施行日がありません。「版の説明」で、この版がいつから効くかを入れてください。"))
    if version.based_on_id and not version.change_summary.strip():
        found.append(
            _("変えたことの要約がありません。「版の説明」で、前の版から何を変えたかを書いてください。")
        )
    if plan.parent is not None and not fits_into(plan, plan.parent):
        found.append(_("期間が上位の計画からはみ出しています。計画の期間を直してください。"))
    nodes = list(version.nodes.select_related("level", "section").order_by("path"))
    if not nodes:
        found.append(_("枝が一本もありません。木に政策や施策を足すか、ファイルから取り込んでください。"))
    return [*found, *_wrong_shape(nodes), *_ownerless(version, nodes), *_twice_primary(version)]


def _wrong_shape(nodes: list[PlanNode]) -> list[str]:
    """I2, asked of what is stored."""
    by_key = {node.pk: node for node in nodes}
    ring = cycle_in((node.pk, node.parent_id) for node in nodes)
    if ring:
        names = _("、").join(by_key[key].title for key in ring[:3])
        return [_("枝が輪になっています(%(names)s)。移し直してください。") % {"names": names}]
    wrong = [
        node
        for node in nodes
        if node.parent_id
        and (node.parent_id not in by_key or by_key[node.parent_id].level.order >= node.level.order)
    ]
    return [
        _("「%(node)s」が、同じか下の階層の枝の下にあります。移し直してください。") % {"node": node.title}
        for node in wrong[:5]
    ]


def _ownerless(version: PlanVersion, nodes: list[PlanNode]) -> list[str]:
    """I6: a section that is closed when the version begins cannot be responsible for it."""
    day = version.effective_on
    if day is None:
        return []
    closed = [
        node
        for node in nodes
        if node.section is not None and node.section.valid_to and node.section.valid_to < day
    ]
    return [
        _(
            "「%(node)s」の主担当課「%(section)s」は、施行日には廃止されています。引き継いだ課に変えてください。"
        )
        % {"node": node.title, "section": node.section}
        for node in closed[:5]
    ]


def _twice_primary(version: PlanVersion) -> list[str]:
    """I4 across plans: no programme has its primary place here and in another plan in force."""
    mine = version.placements.filter(is_primary=True).values("programme_id")
    others = (
        Placement.objects.filter(
            is_primary=True,
            programme_id__in=mine,
            version__state=VersionState.APPROVED,
            version__plan__deleted_at__isnull=True,
            version__plan__end_fy__gte=version.plan.start_fy,
            version__plan__start_fy__lte=version.plan.end_fy,
        )
        .exclude(version__plan_id=version.plan_id)
        .select_related("programme", "version__plan")
    )
    return [
        _(
            "事務事業「%(programme)s」の主な位置づけが「%(plan)s」にもあります。どちらかを「その他の位置づけ」にしてください。"
        )
        % {"programme": row.programme, "plan": row.version.plan.name}
        for row in others[:5]
    ]


@transaction.atomic
def approve_version(
    *, version_id: int, actor: Person, at: dt.datetime, revision: int | None = None
) -> PlanVersion:
    """Freeze the draft: from here on nothing of it changes (I3). Whoever made it asks somebody else."""
    version = locked_draft(version_id, actor, action="approve")
    if revision is not None and version.revision != revision:
        raise StaleVersionError(opened=revision, current=version.revision)
    if version.created_by_id == actor.pk:
        raise PlanError(
            _(
                "自分で作った版を自分で承認することはできません。企画のほかの管理職か、首長・庁議の人に頼んでください。"
            )
        )
    missing = missing_for_approval(version)
    if missing:
        raise PlanError(" ".join(missing))
    names = dict(Section.objects.filter(plan_nodes__version=version).values_list("pk", "name"))
    for key, name in names.items():
        PlanNode.objects.filter(version=version, section_id=key).update(section_then=name)
    version.state, version.approved_at, version.approved_by = VersionState.APPROVED, at, actor
    version.updated_at, version.updated_by = at, actor
    version.frozen_hash = hash_of(version)
    version.save()
    told(version.plan, "approve_version", version, actor=actor, at=at, note=version.frozen_hash)
    key = version.pk
    transaction.on_commit(lambda: version_approved.send_robust(PlanVersion, version_id=key))
    return version


def document_of(version: PlanVersion) -> dict[str, Any]:
    """What the version says now, as it is hashed."""
    return calculations.frozen_document(
        version,
        version.levels.order_by("order"),
        version.nodes.select_related("level").order_by("path"),
        NodeIndicator.objects.filter(node__version=version).select_related("node", "indicator"),
        NodeLink.objects.filter(node__version=version).select_related("node"),
    )


def hash_of(version: PlanVersion) -> str:
    return calculations.sealed(document_of(version))


def is_whole(version: PlanVersion) -> bool:
    """Whether an approved version still says what was approved."""
    return version.is_approved and version.frozen_hash == hash_of(version)


@transaction.atomic
def discard_version(*, version_id: int, actor: Person, at: dt.datetime) -> PlanVersion:
    """Give a draft up. It can be taken up again."""
    version = locked_draft(version_id, actor)
    version.state = VersionState.DISCARDED
    touch(version, actor, at)
    version.save(update_fields=["state"])
    told(version.plan, "discard_version", version, actor=actor, at=at, note=str(version))
    return version


@transaction.atomic
def take_up_version(*, version_id: int, actor: Person, at: dt.datetime) -> PlanVersion:
    plan: Plan = PlanVersion.objects.select_related("plan").get(pk=version_id).plan
    locked_plan(plan.pk, "edit", actor)
    version = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version_id)
    if version.state != VersionState.DISCARDED:
        raise PlanError(_("この版は取りやめられていません。"))
    if plan.versions.filter(state=VersionState.DRAFT).exists():
        raise PlanError(
            _("ほかに書きかけの版があるため、元に戻せません。先にそちらを承認するか取りやめてください。")
        )
    version.state = VersionState.DRAFT
    version.save(update_fields=["state"])
    touch(version, actor, at)
    told(plan, "take_up_version", version, actor=actor, at=at, note=str(version))
    return version
