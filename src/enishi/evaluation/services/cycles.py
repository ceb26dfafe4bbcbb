"""Preparing a year's review: its rules, what it looks at and why, opening and closing it."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import translation

from enishi.accounts.models import Person
from enishi.budgets.enums import CURRENT_PARTS
from enishi.budgets.enums import Stage as MoneyStage
from enishi.budgets.models import Programme
from enishi.engines import progress
from enishi.evaluation import selection
from enishi.evaluation.access import cycle_access, subject_access
from enishi.evaluation.enums import Criterion, CycleState, Place, ProposalState, Trigger, Unit
from enishi.evaluation.errors import RefusedError
from enishi.evaluation.facts.building import COMPUTED, STATUSES, keys_of, money_of
from enishi.evaluation.facts.gathering import Records, gather, version_in_force
from enishi.evaluation.models import EvaluationCycle, Panelist, ReviewProposal, Subject
from enishi.evaluation.services.writing import (
    assign,
    changed,
    locked_cycle,
    require_version,
    write_down,
)
from enishi.evaluation.signals import cycle_opened
from enishi.foundation import trail
from enishi.foundation.sentences import gettext as _
from enishi.organizations.models import Organization
from enishi.plans.models import PlanNode

RULES = (
    "title",
    "unit",
    "evaluated_fy",
    "decision_fy",
    "criteria",
    "scale",
    "judgement_words",
    "triggers",
    "new_after_years",
    "review_after_years",
    "cost_up_percent",
    "cost_up_yen",
    "has_second",
    "has_external",
    "first_due_on",
    "approval_due_on",
    "second_due_on",
    "external_due_on",
    "decision_due_on",
)
MOST_JUDGED = 3
"""Criteria people judge: with these the sheet keeps to eight fields."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
LATE = (progress.Status.LATE, progress.Status.REGRESSED)


@transaction.atomic
def create_cycle(
    *, organization: Organization, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> EvaluationCycle:
    """Prepare a review; nothing is chosen and nobody is asked yet."""
    if not cycle_access.allows(actor, "create", organization):
        raise PermissionDenied("create")
    cycle = EvaluationCycle(organization=organization, created_at=at, updated_at=at, updated_by=actor)
    _fill(cycle, values)
    cycle.save()
    write_down(cycle, "create", actor=actor, at=at)
    return cycle


@transaction.atomic
def edit_cycle(
    *, cycle_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> EvaluationCycle:
    """Change the rules while preparing; once it runs only the title and the days."""
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    require_version(cycle, version)
    if cycle.state == CycleState.CLOSED:
        raise RefusedError(_("終了した周期は書き換えられません。"))
    before = trail.values(cycle)
    _fill(cycle, values)
    found = changed(before, cycle)
    fixed = [name for name in found if name != "title" and not name.endswith("_due_on")]
    if cycle.state == CycleState.RUNNING and fixed:
        raise RefusedError(
            _("実施中に変えられるのは名称と期限だけです。評価のものさしは途中で変えられません。")
        )
    cycle.version += 1
    cycle.updated_at, cycle.updated_by = at, actor
    cycle.save()
    write_down(cycle, "edit", actor=actor, at=at, changes=found)
    return cycle


def _fill(cycle: EvaluationCycle, values: Mapping[str, Any]) -> None:
    assign(cycle, values, RULES)
    wrong: dict[str, str] = {}
    if not cycle.title:
        wrong["title"] = _("名称を書いてください。例: 令和8年度 事務事業評価")
    if not FIRST_YEAR <= cycle.evaluated_fy <= LAST_YEAR:
        wrong["evaluated_fy"] = _("評価する年度を選んでください。")
    if cycle.decision_fy <= cycle.evaluated_fy:
        wrong["decision_fy"] = _("決定を反映する年度は、評価する年度より後にしてください。")
    _check_criteria(cycle, wrong)
    _check_days(cycle, wrong)
    if set(cycle.triggers) - set(Trigger.values):
        wrong["triggers"] = _("選ぶきっかけは、並んでいるものから選んでください。")
    same = EvaluationCycle.objects.filter(
        organization=cycle.organization,
        evaluated_fy=cycle.evaluated_fy,
        unit=cycle.unit,
        deleted_at__isnull=True,
    ).exclude(pk=cycle.pk)
    if not wrong and same.exists():
        wrong["evaluated_fy"] = _("この年度の%(unit)s評価は、もうあります。") % {
            "unit": Unit(cycle.unit).label
        }
    if wrong:
        raise ValidationError(wrong)


def _check_criteria(cycle: EvaluationCycle, wrong: dict[str, str]) -> None:
    if not cycle.criteria or set(cycle.criteria) - set(Criterion.values):
        wrong["criteria"] = _("評価の視点を、並んでいるものから一つ以上選んでください。")
        return
    judged = [each for each in cycle.criteria if each not in set(COMPUTED)]
    if len(judged) > MOST_JUDGED:
        wrong["criteria"] = _(
            "人が評点を付ける視点は%(most)dつまでです(有効性・効率性・達成度は記録から計算します)。記入欄を8つまでに保つためです。"
        ) % {"most": MOST_JUDGED}


def _check_days(cycle: EvaluationCycle, wrong: dict[str, str]) -> None:
    if cycle.has_second and cycle.second_due_on is None:
        wrong["second_due_on"] = _("二次評価の期限を書いてください。")
    if cycle.has_external and cycle.external_due_on is None:
        wrong["external_due_on"] = _("外部評価の期限を書いてください。")
    days = [
        ("first_due_on", cycle.first_due_on),
        ("approval_due_on", cycle.approval_due_on),
        ("second_due_on", cycle.second_due_on if cycle.has_second else None),
        ("external_due_on", cycle.external_due_on if cycle.has_external else None),
        ("decision_due_on", cycle.decision_due_on),
    ]
    last: dt.date | None = None
    for name, day in days:
        if day is not None and last is not None and day < last and name not in wrong:
            wrong[name] = _("前の段階の期限より後の日にしてください。")
        last = day or last
    if not cycle.has_second:
        cycle.second_due_on = None
    if not cycle.has_external:
        cycle.external_due_on = None


# --- Choosing -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def select_subjects(*, cycle_id: int, actor: Person, at: dt.datetime) -> tuple[int, int]:
    """Ask the triggers of everything that ran in the year. Returns how many were chosen and left out.

    May be repeated while the cycle is prepared; what somebody chose or left out by hand stays.
    """
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    if cycle.state != CycleState.PREPARING:
        raise RefusedError(_("選び直せるのは準備中の周期だけです。実施中は一つずつ加えてください。"))
    standing = {_target(row): row for row in cycle.subjects.all()}
    wanted = _candidates(cycle, at)
    with translation.override("ja"):
        choices = _choose(cycle, wanted)
    fresh, kept = [], set()
    for subject, choice in zip(wanted, choices, strict=True):
        row = standing.get(_target(subject)) or subject
        row.code, row.title, row.section_id = subject.code, subject.title, subject.section_id
        row.why = choice.why if choice.included else choice.against
        if not row.why_by_hand:
            row.included = choice.included
        if row.pk:
            row.save()
            kept.add(row.pk)
        else:
            fresh.append(row)
    cycle.subjects.filter(why_by_hand="").exclude(pk__in=kept).delete()
    Subject.objects.bulk_create(fresh, batch_size=500)
    chosen = cycle.subjects.filter(included=True).count()
    left = cycle.subjects.filter(included=False).count()
    write_down(
        cycle,
        "select_subjects",
        actor=actor,
        at=at,
        note=_("対象 %(chosen)d件、対象外 %(left)d件") % {"chosen": chosen, "left": left},
    )
    return chosen, left


def _target(row: Subject) -> tuple[int | None, int | None]:
    return row.programme_id, row.node_id


def _candidates(cycle: EvaluationCycle, at: dt.datetime) -> list[Subject]:
    """An unsaved subject for everything of this unit that ran in the evaluated year."""
    if cycle.unit == Unit.PROGRAMME:
        rows = Programme.objects.kept().active_in(cycle.evaluated_fy).filter(organization=cycle.organization)
        return [
            _subject_of(cycle, at, programme=row) for row in rows.select_related("section").order_by("uid")
        ]
    version = version_in_force(cycle.organization_id, at.date())
    if version is None:
        raise RefusedError(
            _("施行中の総合計画がないため、施策を選べません。先に計画の版を承認してください。")
        )
    nodes = PlanNode.objects.filter(version=version, placements__isnull=False).distinct()
    return [_subject_of(cycle, at, node=row) for row in nodes.select_related("section", "level").in_order()]


def _subject_of(
    cycle: EvaluationCycle,
    at: dt.datetime,
    *,
    programme: Programme | None = None,
    node: PlanNode | None = None,
) -> Subject:
    source: Any = programme or node
    return Subject(
        cycle=cycle,
        organization_id=cycle.organization_id,
        programme=programme,
        node=node,
        code=programme.uid if programme else (node.path if node else ""),
        title=source.title[:200],
        section=source.section,
        placed_at=at,
    )


def _choose(cycle: EvaluationCycle, subjects: list[Subject]) -> list[selection.Choice]:
    records = gather(cycle, subjects, whole=False)
    last, proposals = _last_reviews(cycle, subjects), _proposals(cycle)
    rules = selection.Rules(
        evaluated_fy=cycle.evaluated_fy,
        triggers=cycle.triggers,
        new_after_years=cycle.new_after_years,
        review_after_years=cycle.review_after_years,
        cost_up_percent=cycle.cost_up_percent,
        cost_up_yen=cycle.cost_up_yen,
    )
    return [
        selection.choose(_candidate(cycle, subject, records, last, proposals), rules) for subject in subjects
    ]


def _candidate(
    cycle: EvaluationCycle,
    subject: Subject,
    records: Records,
    last: Mapping[Any, int],
    proposals: Mapping[int, int],
) -> selection.Candidate:
    key = subject.programme_id or -(subject.node_id or 0)
    late = [
        indicator.name
        for indicator in records.yardsticks.get(key, [])
        if (row := records.standings.get((indicator.pk, cycle.evaluated_fy))) is not None
        and STATUSES[row.status] in LATE
    ]
    before, now = _two_costs(subject, records)
    return selection.Candidate(
        key=key,
        start_fy=subject.programme.start_fy if subject.programme else None,
        last_review_fy=last.get(subject.programme_id or (subject.node.uid if subject.node else "")),
        late=late,
        cost_before_yen=before,
        cost_yen=now,
        proposals=sum(proposals.get(each, 0) for each in keys_of(subject, records)),
    )


def _two_costs(subject: Subject, records: Records) -> tuple[int | None, int | None]:
    """Both years in the same kind of money: settled where both are, budgets otherwise."""
    for stages in ([MoneyStage.SETTLEMENT], CURRENT_PARTS):
        before = money_of(subject, records, records.years[0], stages)
        now = money_of(subject, records, records.years[1], stages)
        if before is not None and now is not None:
            return before, now
    return None, None


def _last_reviews(cycle: EvaluationCycle, subjects: list[Subject]) -> dict[Any, int]:
    rows = Subject.objects.filter(
        organization=cycle.organization,
        included=True,
        cycle__evaluated_fy__lt=cycle.evaluated_fy,
        cycle__deleted_at__isnull=True,
    ).exclude(place=Place.FIRST)
    programmes = rows.filter(programme__isnull=False).values_list("programme_id")
    nodes = rows.filter(node__isnull=False).values_list("node__uid")
    found: dict[Any, int] = dict(programmes.annotate(last=Max("cycle__evaluated_fy")))
    found.update(dict(nodes.annotate(last=Max("cycle__evaluated_fy"))))
    return found


def _proposals(cycle: EvaluationCycle) -> dict[int, int]:
    rows = ReviewProposal.objects.counted_in(cycle).values_list("programme_id", flat=True)
    return Counter(rows)


@transaction.atomic
def choose_by_hand(
    *, subject_id: int, included: bool, reason: str, actor: Person, at: dt.datetime
) -> Subject:
    """Take something in, or leave it out, against the triggers; the reason stays beside theirs."""
    subject = Subject.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=subject_id)
    cycle = locked_cycle(subject.cycle_id)
    subject_access.require(actor, "manage", subject)
    if cycle.state == CycleState.CLOSED:
        raise RefusedError(_("終了した周期の対象は変えられません。"))
    if subject.place != Place.FIRST or subject.evaluations.exclude(state="draft").exists():
        raise RefusedError(_("すでに提出されたシートは対象から外せません。"))
    if not reason.strip():
        raise ValidationError({"reason": _("加える・外す理由を書いてください。一覧にこの理由が出ます。")})
    before = subject.included
    subject.included, subject.chosen_by = included, actor
    assign(subject, {"why_by_hand": reason}, ["why_by_hand"])
    subject.save(update_fields=["included", "chosen_by", "why_by_hand"])
    write_down(
        subject,
        "choose_by_hand",
        actor=actor,
        at=at,
        changes={"included": (before, included)},
        note=reason[:300],
    )
    return subject


# --- Opening and closing ------------------------------------------------------------------------------------------------


@transaction.atomic
def open_cycle(*, cycle_id: int, actor: Person, at: dt.datetime) -> EvaluationCycle:
    """Ask the sections. From now on the rules stand."""
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    if cycle.state != CycleState.PREPARING:
        raise RefusedError(_("この周期は、もう始まっています。"))
    if not cycle.subjects.filter(included=True).exists():
        raise RefusedError(_("評価の対象がありません。先に「対象を選ぶ」を押してください。"))
    cycle.state, cycle.opened_at = CycleState.RUNNING, at
    cycle.version += 1
    cycle.updated_at, cycle.updated_by = at, actor
    cycle.save()
    cycle.subjects.filter(included=True).update(placed_at=at)
    chosen = cycle.subjects.filter(included=True).values("programme_id")
    asked = ReviewProposal.objects.counted_in(cycle).filter(programme__in=chosen)
    asked.update(state=ProposalState.TAKEN_UP, cycle=cycle)
    write_down(cycle, "open", actor=actor, at=at)
    key = cycle.pk
    transaction.on_commit(lambda: _send_opened(key))
    return cycle


def _send_opened(key: int) -> None:
    cycle_opened.send_robust(EvaluationCycle, cycle_id=key)


@transaction.atomic
def close_cycle(*, cycle_id: int, actor: Person, at: dt.datetime) -> EvaluationCycle:
    """End a review when every sheet has its decision."""
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    if cycle.state != CycleState.RUNNING:
        raise RefusedError(_("終了できるのは実施中の周期だけです。"))
    left = cycle.subjects.filter(included=True).exclude(place=Place.DECIDED).count()
    if left:
        raise RefusedError(
            _("決定していないシートが%(count)d件あります。決定するか、対象から外してから終了してください。")
            % {"count": left}
        )
    cycle.state, cycle.closed_at = CycleState.CLOSED, at
    cycle.version += 1
    cycle.updated_at, cycle.updated_by = at, actor
    cycle.save()
    write_down(cycle, "close", actor=actor, at=at)
    return cycle


@transaction.atomic
def delete_cycle(*, cycle_id: int, actor: Person, at: dt.datetime) -> None:
    """Throw away a review that has not begun."""
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    if cycle.state != CycleState.PREPARING:
        raise RefusedError(_("始まった周期は削除できません。"))
    cycle.deleted_at = at
    cycle.save(update_fields=["deleted_at"])
    write_down(cycle, "delete", actor=actor, at=at)


@transaction.atomic
def add_panelist(*, cycle_id: int, person: Person, actor: Person, at: dt.datetime) -> Panelist:
    """Name somebody who judges from outside. People of the house itself are no outsiders."""
    cycle = locked_cycle(cycle_id)
    cycle_access.require(actor, "manage", cycle)
    if not cycle.has_external:
        raise RefusedError(_("この周期に外部評価はありません。"))
    if (
        person.memberships.current(at.date())
        .filter(organization=cycle.organization)
        .exclude(role="resident")
        .exists()
    ):
        raise RefusedError(
            _("%(name)sさんはこの団体の職員です。外部評価委員には外の人を選んでください。")
            % {"name": person.name}
        )
    panelist, is_new = Panelist.objects.get_or_create(
        cycle=cycle, person=person, defaults={"added_by": actor, "added_at": at}
    )
    if is_new:
        write_down(cycle, "add_panelist", actor=actor, at=at, changes={"panelist": ("", person.name)})
    return panelist


@transaction.atomic
def remove_panelist(*, panelist_id: int, actor: Person, at: dt.datetime) -> None:
    panelist = Panelist.objects.select_related("person").get(pk=panelist_id)
    cycle = locked_cycle(panelist.cycle_id)
    cycle_access.require(actor, "manage", cycle)
    panelist.delete()
    write_down(cycle, "remove_panelist", actor=actor, at=at, changes={"panelist": (panelist.person.name, "")})
