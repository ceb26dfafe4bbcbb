"""The day a project begins: its trial's criteria are frozen, and the proposal learns that it led to work."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.models import Proposal
from enishi.foundation import trail
from enishi.projects.enums import TrialState
from enishi.projects.errors import NotReadyError
from enishi.projects.models import Project, Trial


def start(project: Project, day: dt.date, *, reopened: bool, actor: Person, at: dt.datetime) -> None:
    """Put the first day on the project, inside the caller's transaction."""
    if reopened:
        project.ended_on = None
        return
    if day > timezone.localdate(at):
        raise ValidationError(
            {"on": _("始めた日に、まだ来ていない日は書けません。その日になったら押してください。")}
        )
    project.started_on = project.started_on or day
    if project.is_trial:
        planned = project.trials.select_for_update().filter(state=TrialState.PLANNED).first()
        if planned is not None:
            freeze(planned, at)
    if project.proposal_id is not None:
        _tell_proposal(project.proposal_id, day, actor, at)


def freeze(trial: Trial, at: dt.datetime) -> None:
    """From now on hypothesis and criteria stay as they are."""
    missing = missing_of(trial)
    if missing:
        raise NotReadyError(_("実証を始める前に、次を整えてください。"), missing)
    trial.state, trial.frozen_at = TrialState.RUNNING, at
    trial.version += 1
    trial.save()


def missing_of_trial(project: Project) -> list[str]:
    trial = project.trials.order_by("-round").first()
    if trial is None:
        return [_("実証の仮説と、成功・中止の基準を書いてください。")]
    return missing_of(trial)


def missing_of(trial: Trial) -> list[str]:
    """What has to stand before anybody may start: afterwards everybody can justify everything."""
    wanted = (
        (trial.hypothesis.strip(), _("仮説を書いてください。")),
        (trial.measure_id, _("成功を測る指標を選んでください。")),
        (
            trial.success_comparator and trial.success_value is not None and trial.judged_on,
            _("成功の基準(以上・以下、値、判断する日)を書いてください。"),
        ),
        (
            trial.stop_comparator and trial.stop_value is not None and trial.stop_on,
            _("中止の基準(以上・以下、値、確かめる日)を書いてください。"),
        ),
        (trial.starts_on and trial.ends_on, _("実証の始まりと終わりの日を書いてください。")),
    )
    return [sentence for value, sentence in wanted if not value]


def _tell_proposal(proposal_id: int, day: dt.date, actor: Person, at: dt.datetime) -> None:
    """The first project that starts ends the waiting of the proposal."""
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.started_on is not None and proposal.started_on <= day:
        return
    before = trail.values(proposal, ["started_on"])
    proposal.started_on = day
    proposal.version += 1
    proposal.updated_at = max(at, proposal.updated_at)
    proposal.save(update_fields=["started_on", "version", "updated_at"])
    trail.record(
        trail.Act(
            actor=actor,
            action="start",
            subject=proposal,
            at=at,
            organization_id=proposal.organization_id,
            changes=trail.differences(before, trail.values(proposal, ["started_on"])),
        )
    )
