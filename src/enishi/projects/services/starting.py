"""The day a project begins: its trial's criteria are frozen, and the proposal learns that it led to work."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.desk.enums import ProposalStatus
from enishi.desk.services import flow
from enishi.foundation import trail
from enishi.projects.enums import TrialState
from enishi.projects.errors import NotReadyError
from enishi.projects.models import Project, Trial

TAKEN_UP = (ProposalStatus.ADOPTED, ProposalStatus.TRIAL)


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


def _tell_proposal(proposal_id: int, day: dt.date, actor: Person | None, at: dt.datetime) -> None:
    """The first project that starts ends the waiting of a proposal that was taken up."""
    proposal = flow.locked(proposal_id)
    if proposal.stage not in TAKEN_UP or (proposal.started_on is not None and proposal.started_on <= day):
        return
    before = trail.values(proposal, ["started_on"])
    proposal.started_on = day
    flow.save(proposal, actor=actor, at=max(at, proposal.updated_at))
    flow.record(proposal, "start", actor=actor, at=at, before=before)


@transaction.atomic
def catch_up(*, proposal_id: int, at: dt.datetime) -> None:
    """A proposal taken up after its project had begun learns of the beginning then."""
    first = (
        Project.objects.kept()
        .filter(proposal_id=proposal_id, started_on__isnull=False)
        .order_by("started_on", "pk")
        .first()
    )
    if first is not None and first.started_on is not None:
        _tell_proposal(proposal_id, first.started_on, None, at)
