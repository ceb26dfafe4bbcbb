"""From trial to implementation: criteria before the start, a measured value before the decision, a reason for stopping."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken
from enishi.projects.access import project_access
from enishi.projects.calculations import judgement_of
from enishi.projects.enums import EndReason, GateDecision, ProjectStatus, TrialState
from enishi.projects.errors import FrozenError, RefusedError
from enishi.projects.models import ConsentText, LabParticipant, Project, Trial
from enishi.projects.services import starting
from enishi.projects.services.writing import (
    assign,
    changed,
    in_order,
    locked_project,
    require_open,
    require_version,
    tell,
    touch,
    write_down,
)
from enishi.projects.signals import trial_decided

WRITABLE = (
    "hypothesis",
    "place",
    "starts_on",
    "ends_on",
    "measure",
    "success_comparator",
    "success_value",
    "judged_on",
    "stop_measure",
    "stop_comparator",
    "stop_value",
    "stop_on",
)
LAB_WRITABLE = ("name", "contact", "role", "consent", "consented_on", "method")


@transaction.atomic
def plan_trial(*, project_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Trial:
    """Begin to write the next round. There is one open round at a time."""
    project = locked_project(project_id)
    project_access.require(actor, "edit", project)
    require_open(project)
    if project.trials.exclude(state=TrialState.DECIDED).exists():
        raise RefusedError(_("判断の済んでいない回があります。先にその回の判断をしてください。"))
    number = (project.trials.aggregate(last=Max("round"))["last"] or 0) + 1
    trial = Trial(project=project, round=number)
    assign(trial, values, WRITABLE)
    _check(trial, project)
    trial.save()
    if not project.is_trial:
        Project.objects.filter(pk=project.pk).update(is_trial=True)
    touch(project, actor=actor, at=at)
    write_down(project, "plan_trial", actor=actor, at=at, note=_("第%(number)d回") % {"number": number})
    tell(project)
    return trial


@transaction.atomic
def edit_trial(
    *, trial_id: int, values: Mapping[str, Any], version: int, actor: Person, at: dt.datetime
) -> Trial:
    """Write hypothesis and criteria anew, as long as the trial has not begun."""
    trial, project = _locked(trial_id, actor)
    require_open(project)
    if trial.state != TrialState.PLANNED:
        raise FrozenError
    require_version(trial, version)
    before = trail.values(trial)
    assign(trial, values, WRITABLE)
    _check(trial, project)
    trial.version += 1
    trial.save()
    touch(project, actor=actor, at=at)
    write_down(project, "edit_trial", actor=actor, at=at, row=trial, changes=changed(before, trial))
    return trial


def _locked(trial_id: int, actor: Person) -> tuple[Trial, Project]:
    project = locked_project(Trial.objects.get(pk=trial_id).project_id)
    project_access.require(actor, "edit", project)
    trial = (
        project.trials.select_for_update(of=("self",))
        .select_related("measure", "stop_measure")
        .get(pk=trial_id)
    )
    trial.project = project
    return trial, project


def _check(trial: Trial, project: Project) -> None:
    in_order(trial, "starts_on", "ends_on", _("終わりは、始まりと同じ日かそれより後の日付にしてください。"))
    in_order(trial, "starts_on", "judged_on", _("判断する日は、始まりと同じ日かそれより後にしてください。"))
    in_order(trial, "starts_on", "stop_on", _("確かめる日は、始まりと同じ日かそれより後にしてください。"))
    faults: dict[str, str] = {}
    for name in ("measure", "stop_measure"):
        measure = getattr(trial, name)
        if measure is not None and measure.project_id != project.pk:
            faults[name] = _("この事業の指標から選んでください。")
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def start_trial(*, trial_id: int, actor: Person, at: dt.datetime) -> Trial:
    """Begin a further round; the first one begins with its project."""
    trial, project = _locked(trial_id, actor)
    if project.status != ProjectStatus.RUNNING:
        raise RefusedError(_("実証は、事業を始めるときに始まります。先に事業を始めてください。"))
    if trial.state != TrialState.PLANNED:
        raise FrozenError
    starting.freeze(trial, at)
    touch(project, actor=actor, at=at)
    write_down(project, "start_trial", actor=actor, at=at, note=str(trial))
    return trial


@transaction.atomic
def decide_trial(
    *,
    trial_id: int,
    decision: GateDecision,
    result: str,
    note: str,
    reason: str = "",
    actor: Person,
    at: dt.datetime,
) -> Trial:
    """Decide whether it goes on: the measured value, what the criteria say and what people decided are all kept."""
    trial, project = _locked(trial_id, actor)
    project_access.require(actor, "approve", project)
    if trial.state != TrialState.RUNNING:
        raise RefusedError(_("判断できるのは、実証中の回だけです。"))
    judged = judgement_of(trial, on=timezone.localdate(at))
    if judged.value is None:
        raise RefusedError(
            _(
                "成功の基準の値がまだありません。指標「%(title)s」に、実証の始まりより後に測った値を入れてから判断してください。"
            )
            % {"title": trial.measure}
        )
    _check_decision(decision, result, note, reason)
    before = trail.values(trial)
    trial.state, trial.decision = TrialState.DECIDED, decision
    trial.result = clean_text(result, lines=True).strip()[:4_000]
    trial.decision_note = clean_text(note, lines=True).strip()[:2_000]
    trial.decision_reason = reason if decision != GateDecision.IMPLEMENT else ""
    trial.suggestion, trial.decided_value = judged.suggestion, judged.value
    trial.decided_by, trial.decided_at = actor, at
    if decision == GateDecision.IMPLEMENT:
        trial.implemented_on = timezone.localdate(at)
    trial.version += 1
    trial.save()
    touch(project, actor=actor, at=at)
    write_down(
        project,
        "decide_trial",
        actor=actor,
        at=at,
        row=trial,
        changes=changed(before, trial),
        note=spoken(decision.label),
    )
    tell(project)
    key = trial.pk
    transaction.on_commit(lambda: trial_decided.send_robust(Trial, trial_id=key))
    return trial


def _check_decision(decision: GateDecision, result: str, note: str, reason: str) -> None:
    faults: dict[str, str] = {}
    if not result.strip():
        faults["result"] = _("わかったことと、わからなかったことを書いてください。")
    if not note.strip():
        faults["note"] = _("判断の理由を書いてください。")
    if decision != GateDecision.IMPLEMENT and reason not in EndReason.values:
        faults["reason"] = _("先へ進まない理由を一覧から選んでください。")
    if faults:
        raise ValidationError(faults)


# --- Living lab ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_consent_text(*, trial_id: int, text: str, actor: Person, at: dt.datetime) -> ConsentText:
    """A new wording is a new version; who agreed to an older one agreed to that."""
    trial, project = _locked(trial_id, actor)
    text = clean_text(text, lines=True).strip()
    if not text:
        raise ValidationError({"text": _("同意文を書いてください。")})
    number = (trial.consent_texts.aggregate(last=Max("number"))["last"] or 0) + 1
    consent = ConsentText(trial=trial, number=number, made_at=at)
    assign(consent, {"text": text}, ("text",))
    consent.save()
    write_down(project, "write_consent", actor=actor, at=at, note=str(consent))
    return consent


@transaction.atomic
def add_lab_participant(
    *, trial_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> LabParticipant:
    """Note a person who agreed. The name goes into no record of acts, no search and no list outside."""
    trial, project = _locked(trial_id, actor)
    if trial.state == TrialState.DECIDED:
        raise RefusedError(_("判断の済んだ回には、参加者を加えられません。"))
    person = LabParticipant(trial=trial, recorded_by=actor, recorded_at=at)
    assign(person, values, LAB_WRITABLE)
    if person.consent.trial_id != trial.pk:
        raise ValidationError({"consent": _("この回の同意文から選んでください。")})
    if person.consented_on > timezone.localdate(at):
        raise ValidationError({"consented_on": _("同意した日に、まだ来ていない日は書けません。")})
    if not person.name:
        raise ValidationError(
            {"name": _("氏名か呼び名を書いてください。撤回のときに探せるようにするためです。")}
        )
    person.save()
    write_down(project, "add_lab_participant", actor=actor, at=at)
    return person


@transaction.atomic
def withdraw_consent(
    *, lab_participant_id: int, on: dt.date | None = None, actor: Person, at: dt.datetime
) -> LabParticipant:
    """Forget who it was; that somebody took part and withdrew stays."""
    trial_id = LabParticipant.objects.get(pk=lab_participant_id).trial_id
    trial, project = _locked(trial_id, actor)
    person = trial.lab_participants.select_for_update().get(pk=lab_participant_id)
    if person.withdrawn_on is None:
        person.withdrawn_on = max(on or timezone.localdate(at), person.consented_on)
        person.name = person.contact = ""
        person.save()
        write_down(project, "withdraw_consent", actor=actor, at=at)
    return person


@transaction.atomic
def note_export(*, trial: Trial, count: int, actor: Person, at: dt.datetime) -> None:
    """Who took the list of participants out, and when, is on record."""
    project_access.require(actor, "read_lab", trial.project)
    write_down(
        trial.project,
        "export",
        actor=actor,
        at=at,
        note=_("実証の参加者 %(count)d人") % {"count": count},
    )
