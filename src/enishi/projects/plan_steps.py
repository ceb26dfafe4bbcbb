"""The plan in a case: the versions that took up the work after it began, with the branch they put it on."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.evaluation.models import Subject
from enishi.evaluation.models_decisions import ImprovementDecision
from enishi.evaluation.reflection.models import Reflection
from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words
from enishi.foundation.thread import CaseRecord, CaseSource, Key, Stage, register_source
from enishi.plans.access import node_access
from enishi.plans.enums import VersionState
from enishi.plans.models import PlanVersion
from enishi.plans.models_placing import Placement
from enishi.plans.models_tree import PlanNode
from enishi.plans.selectors import ancestors
from enishi.projects.models import ProjectProgramme


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_source(CaseSource("plan", Stage.PLAN, read_branches, causes_of_branches, branches_that_came_of))


def read_branches(actor: Actor, ids: Sequence[int]) -> list[CaseRecord]:
    rows = (
        node_access.visible(actor).filter(pk__in=ids).select_related("version__plan__organization", "section")
    )
    return [_branch(row, row.version) for row in rows]


def _branch(node: PlanNode, version: PlanVersion) -> CaseRecord:
    way = " → ".join(each.title for each in [*ancestors(node), node])
    facts = [(str(_("位置づけ")), way)]
    if version.effective_on:
        facts.append((str(_("施行日")), day_in_words(version.effective_on)))
    if version.change_summary:
        facts.append((str(_("変えたこと")), version.change_summary[:300]))
    house = version.plan.organization.name
    return CaseRecord(
        key=("plan", node.pk),
        stage=Stage.PLAN,
        label=_("計画"),
        title=str(version),
        url=node.get_absolute_url(),
        on=_begun(version),
        state=version.get_state_display(),
        parties=[house, *([str(node.section)] if node.section else [])],
        facts=facts,
    )


def _begun(version: PlanVersion) -> dt.date:
    return version.effective_on or timezone.localdate(version.created_at)


def _works(kind: str, ids: Sequence[int]) -> list[tuple[int, dt.date]]:
    """Programmes by which these records are carried out, each with the day from which a plan can have learnt from it."""
    if kind == "project":
        rows = ProjectProgramme.objects.filter(project__in=ids, project__deleted_at__isnull=True)
        return [
            (row.programme_id, row.project.started_on or row.project.starts_on or dt.date.min)
            for row in rows.select_related("project")
        ]
    if kind == "reflection":
        ids = list(Reflection.objects.filter(pk__in=ids).values_list("decision__subject_id", flat=True))
    elif kind != "evaluation":
        return []
    decided = ImprovementDecision.objects.decided().filter(
        subject__in=ids, subject__programme__isnull=False, decided_at__isnull=False
    )
    return [
        (programme, timezone.localdate(at))
        for programme, at in decided.values_list("subject__programme_id", "decided_at")
        if programme is not None and at is not None
    ]


def branches_that_came_of(kind: str, ids: Sequence[int]) -> Iterable[int]:
    works = _works(kind, ids)
    if not works:
        return []
    placed = _placed([programme for programme, _since in works])
    return [
        row.node_id
        for row in placed
        if any(row.programme_id == programme and _is_later(row.version, since) for programme, since in works)
    ]


def _placed(programme_ids: Sequence[int]) -> list[Placement]:
    rows = Placement.objects.filter(
        programme__in=set(programme_ids), is_primary=True, version__plan__deleted_at__isnull=True
    ).exclude(version__state=VersionState.DISCARDED)
    return list(rows.select_related("version"))


def _is_later(version: PlanVersion, since: dt.date) -> bool:
    """A draft is being written now; what was approved took effect after the work began."""
    return version.is_draft or _begun(version) > since


def causes_of_branches(ids: Sequence[int]) -> Iterable[tuple[int, Key]]:
    """The projects and sheets whose programme hangs there, and that were begun or decided before."""
    placed = list(Placement.objects.filter(node__in=ids, is_primary=True).select_related("version"))
    programmes = {row.programme_id for row in placed}
    projects = ProjectProgramme.objects.filter(programme__in=programmes).values_list("project_id", flat=True)
    sheets = Subject.objects.filter(programme__in=programmes).values_list("pk", flat=True)
    asked: list[Key] = [("project", pk) for pk in projects]
    asked += [("evaluation", pk) for pk in sheets]
    return [
        (row.node_id, key)
        for key in asked
        for programme, since in _works(key[0], [key[1]])
        for row in placed
        if row.programme_id == programme and _is_later(row.version, since)
    ]
