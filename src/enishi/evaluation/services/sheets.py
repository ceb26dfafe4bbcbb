"""Filling a sheet, handing it in, and the stages that judge it one after the other on the same frozen facts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.evaluation import calculations
from enishi.evaluation.access import subject_access
from enishi.evaluation.enums import Criterion, Direction, EvaluationState, Judgement, Place, Stage
from enishi.evaluation.errors import IncompleteError, Missing, OwnWorkError, RefusedError, StageOrderError
from enishi.evaluation.facts.building import COMPUTED
from enishi.evaluation.facts.freezing import freeze
from enishi.evaluation.models import Evaluation, EvaluationCycle, FactSheet, SheetUpload, Subject
from enishi.evaluation.services.writing import (
    assign,
    changed,
    locked_subject,
    move,
    require_running,
    require_version,
    tell,
    write_down,
)
from enishi.foundation import trail

TYPED = (
    "scores",
    "judgement",
    "comment",
    "direction",
    "improvement",
    "expected_delta_yen",
    "departure_reason",
    "merges_into",
)
"""What people write. The last two are asked only where the others call for them."""
TEXTS = ("comment", "improvement")
"""The texts that are held against last year's."""
PLACES = {Stage.FIRST: Place.FIRST, Stage.SECOND: Place.SECOND, Stage.EXTERNAL: Place.EXTERNAL}
GRADES = ("A", "B", "C")


def judged_criteria(cycle: EvaluationCycle) -> list[str]:
    """The criteria people give a grade for; the others are computed."""
    computed = {criterion.value for criterion in COMPUTED}
    return [each for each in cycle.criteria if each not in computed]


@transaction.atomic
def save_sheet(
    *,
    subject_id: int,
    stage: str,
    values: Mapping[str, Any],
    version: int,
    actor: Person,
    at: dt.datetime,
) -> Evaluation:
    """Write down what was typed so far. ``version`` is 0 for a sheet nobody has written on."""
    subject = locked_subject(subject_id)
    subject_access.require(actor, stage, subject)
    evaluation = _open_evaluation(subject, stage, at)
    require_version_of(evaluation, version)
    before = trail.values(evaluation)
    _fill(subject, evaluation, values)
    evaluation.version = version + 1
    evaluation.evaluator = actor
    evaluation.updated_at, evaluation.updated_by = at, actor
    evaluation.save()
    if subject.officer_id is None and stage == Stage.FIRST:
        subject.officer = actor
        subject.save(update_fields=["officer"])
    write_down(subject, "fill", actor=actor, at=at, row=evaluation, changes=changed(before, evaluation))
    tell(subject)
    return evaluation


def require_version_of(evaluation: Evaluation, version: int) -> None:
    if evaluation.pk is None:
        evaluation.version = 0
    require_version(evaluation, version)


def _open_evaluation(subject: Subject, stage: str, at: dt.datetime) -> Evaluation:
    """The row to write on, as long as it is this stage's turn (E1)."""
    require_running(subject.cycle)
    if subject.place != PLACES[Stage(stage)]:
        raise StageOrderError(str(subject.get_place_display()))
    rows = Evaluation.objects.select_for_update(of=("self",))
    evaluation = rows.filter(subject=subject, stage=stage).first()
    if evaluation is None:
        return Evaluation(subject=subject, stage=stage, created_at=at, updated_at=at)
    if evaluation.is_handed_in:
        raise RefusedError(_("提出済みです。直すときは差し戻してもらってください。"))
    return evaluation


def _fill(subject: Subject, evaluation: Evaluation, values: Mapping[str, Any]) -> None:
    given = dict(values)
    scores = given.pop("scores", evaluation.scores) or {}
    assign(evaluation, given, TYPED)
    wrong: dict[str, str] = {}
    asked = judged_criteria(subject.cycle) if evaluation.stage == Stage.FIRST else []
    evaluation.scores = {key: scores[key] for key in asked if scores.get(key)}
    if set(evaluation.scores.values()) - set(GRADES):
        wrong["scores"] = _("評点はA・B・Cのどれかです。")
    if evaluation.judgement and evaluation.judgement not in Judgement.values:
        wrong["judgement"] = _("判定は選択肢から選んでください。")
    if evaluation.direction and evaluation.direction not in Direction.values:
        wrong["direction"] = _("方向は選択肢から選んでください。")
    if evaluation.direction != Direction.MERGE:
        evaluation.merges_into = None
    elif evaluation.merges_into_id and evaluation.merges_into_id == subject.programme_id:
        wrong["merges_into"] = _("統合先には、この事業とは別の事務事業を選んでください。")
    if wrong:
        raise ValidationError(wrong)


@transaction.atomic
def submit(
    *,
    subject_id: int,
    stage: str,
    values: Mapping[str, Any] | None = None,
    version: int,
    actor: Person,
    at: dt.datetime,
) -> Evaluation:
    """Hand in. The first stage freezes the facts, the later ones judge on those (E1); what departs from them says why (E3)."""
    if values is not None:
        version = save_sheet(
            subject_id=subject_id, stage=stage, values=values, version=version, actor=actor, at=at
        ).version
    subject = locked_subject(subject_id)
    subject_access.require(actor, stage, subject)
    evaluation = _open_evaluation(subject, stage, at)
    require_version_of(evaluation, version)
    facts = freeze(subject, actor=actor, at=at) if stage == Stage.FIRST else frozen_facts(subject)
    missing = missing_fields(subject, evaluation, facts.facts)
    if missing:
        raise IncompleteError(missing)
    if stage != Stage.FIRST:
        _refuse_own(subject, actor)
    evaluation.state = EvaluationState.SUBMITTED
    evaluation.facts, evaluation.evaluator, evaluation.submitted_at = facts, actor, at
    evaluation.returned_reason = ""
    evaluation.repeated = [each.name for each in repeated(facts.facts, evaluation)]
    evaluation.version += 1
    evaluation.updated_at, evaluation.updated_by = at, actor
    evaluation.save()
    before, now = move(subject, subject.cycle.place_after(subject.place), at)
    write_down(
        subject,
        f"submit_{stage}",
        actor=actor,
        at=at,
        changes={"place": (before, now), "facts": ("", facts.sha256)},
    )
    tell(subject)
    return evaluation


def frozen_facts(subject: Subject) -> FactSheet:
    """What the first stage handed in on: the facts of every later stage."""
    first = Evaluation.objects.select_related("facts").get(subject=subject, stage=Stage.FIRST)
    if first.facts is None:
        raise StageOrderError(str(subject.get_place_display()))
    return first.facts


def repeated(facts: Mapping[str, Any], evaluation: Evaluation | None) -> list[calculations.Repeated]:
    """Which of the first stage's texts say what last year's said."""
    if evaluation is None or evaluation.stage != Stage.FIRST:
        return []
    return calculations.repeated_texts(facts["previous"], {name: getattr(evaluation, name) for name in TEXTS})


def _refuse_own(subject: Subject, actor: Person) -> None:
    """A later stage is judged by somebody else than those who wrote and approved the first."""
    first = subject.evaluations.get(stage=Stage.FIRST)
    if actor.pk in {first.evaluator_id, first.approved_by_id}:
        raise OwnWorkError


def missing_fields(subject: Subject, evaluation: Evaluation, facts: Mapping[str, Any]) -> list[Missing]:
    """What still has to be written before this stage can hand in."""
    found = []
    if evaluation.stage == Stage.FIRST:
        for criterion in judged_criteria(subject.cycle):
            if criterion not in evaluation.scores:
                said = _("「%(criterion)s」の評点を選んでください。")
                found.append(Missing(f"score_{criterion}", said % {"criterion": Criterion(criterion).label}))
        if not evaluation.improvement and evaluation.direction not in {Direction.CONTINUE, Direction.END, ""}:
            found.append(Missing("improvement", _("「改善の内容」を書いてください。")))
    if not evaluation.judgement:
        found.append(Missing("judgement", _("「判定」を選んでください。")))
    if not evaluation.comment:
        found.append(Missing("comment", _("「成果と課題」を書いてください。")))
    if not evaluation.direction:
        found.append(Missing("direction", _("「今後の方向」を選んでください。")))
    if evaluation.direction == Direction.MERGE and not evaluation.merges_into_id:
        found.append(Missing("merges_into", _("「統合先の事務事業」を選んでください。")))
    computed = facts["computed"]["judgement"]["letter"]
    if calculations.needs_reason(evaluation.judgement, computed) and not evaluation.departure_reason:
        sentence = _(
            "指標から計算した判定は%(computed)s、選んだ判定は%(judged)sで2段階以上違います。「計算と判定が離れる理由」を書いてください。"
        )
        found.append(
            Missing("departure_reason", sentence % {"computed": computed, "judged": evaluation.judgement})
        )
    return found


# --- The manager --------------------------------------------------------------------------------------------------------


@transaction.atomic
def approve(*, subject_id: int, actor: Person, at: dt.datetime) -> Evaluation:
    """The manager stands by the section's sheet. Never by one's own."""
    subject, first = _waiting_first(subject_id, actor)
    if first.evaluator_id == actor.pk:
        raise OwnWorkError
    first.state = EvaluationState.APPROVED
    first.approved_by, first.approved_at = actor, at
    _touch(first, actor, at)
    before, now = move(subject, subject.cycle.place_after(Place.APPROVAL), at)
    write_down(subject, "approve_first", actor=actor, at=at, changes={"place": (before, now)})
    tell(subject)
    return first


@transaction.atomic
def send_back(*, subject_id: int, reason: str, actor: Person, at: dt.datetime) -> Evaluation:
    """Give the sheet back to be written again; handed in anew, it gets fresh facts."""
    subject = locked_subject(subject_id)
    require_running(subject.cycle)
    action = {Place.APPROVAL: "approve", Place.SECOND: "second"}.get(Place(subject.place))
    if action is None:
        raise StageOrderError(str(subject.get_place_display()))
    subject_access.require(actor, action, subject)
    if not reason.strip():
        raise ValidationError({"reason": _("どこをどう直してほしいかを書いてください。")})
    first = Evaluation.objects.select_for_update(of=("self",)).get(subject=subject, stage=Stage.FIRST)
    first.state = EvaluationState.RETURNED
    first.approved_by = first.approved_at = None
    assign(first, {"returned_reason": reason}, ["returned_reason"])
    _touch(first, actor, at)
    before, now = move(subject, Place.FIRST, at)
    write_down(subject, "send_back", actor=actor, at=at, changes={"place": (before, now)}, note=reason[:300])
    tell(subject)
    return first


def _waiting_first(subject_id: int, actor: Person) -> tuple[Subject, Evaluation]:
    subject = locked_subject(subject_id)
    require_running(subject.cycle)
    if subject.place != Place.APPROVAL:
        raise StageOrderError(str(subject.get_place_display()))
    subject_access.require(actor, "approve", subject)
    first = Evaluation.objects.select_for_update(of=("self",)).get(subject=subject, stage=Stage.FIRST)
    return subject, first


def _touch(evaluation: Evaluation, actor: Person, at: dt.datetime) -> None:
    evaluation.version += 1
    evaluation.updated_at, evaluation.updated_by = at, actor
    evaluation.save()


@transaction.atomic
def assign_officer(*, subject_id: int, officer: Person | None, actor: Person, at: dt.datetime) -> Subject:
    """Name who fills the sheet: it stands in that person's list of today."""
    subject = locked_subject(subject_id)
    if not (
        subject_access.allows(actor, "first", subject) or subject_access.allows(actor, "manage", subject)
    ):
        subject_access.require(actor, "approve", subject)
    if officer is not None and not subject_access.allows(officer, "first", subject):
        raise RefusedError(
            _("%(name)sさんは担当課の人ではないため、記入する人にできません。") % {"name": officer.name}
        )
    before = subject.officer.name if subject.officer else ""
    subject.officer = officer
    subject.save(update_fields=["officer"])
    write_down(
        subject,
        "assign_officer",
        actor=actor,
        at=at,
        changes={"officer": (before, officer.name if officer else "")},
    )
    return subject


# --- A workbook filled offline ------------------------------------------------------------------------------------------


@transaction.atomic
def apply_upload(*, upload_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Evaluation:
    """Write everything an uploaded workbook changes, or nothing."""
    upload = SheetUpload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.person_id != actor.pk:
        raise PermissionDenied("apply_upload")
    if upload.applied_at is not None:
        raise RefusedError(_("この取り込みは、もう済んでいます。"))
    if upload.faults:
        raise RefusedError(
            _("直すところがあるファイルは取り込めません。直してから、もう一度選んでください。")
        )
    evaluation = save_sheet(
        subject_id=upload.subject_id,
        stage=Stage.FIRST,
        values=values,
        version=upload.sheet_version,
        actor=actor,
        at=at,
    )
    upload.applied_at = at
    upload.save(update_fields=["applied_at"])
    return evaluation
