"""What went wrong: incidents linked to listed risks, and disputes on their ladder."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.agreements.access import agreement_access
from enishi.agreements.enums import AgreementStatus, DisputeStage
from enishi.agreements.errors import RefusedError
from enishi.agreements.models import Dispute, DisputeStep, Incident
from enishi.agreements.services.records import finish, in_force, locked, required, touch
from enishi.foundation.forms import clean_text

LADDER: dict[DisputeStage, tuple[DisputeStage, ...]] = {
    DisputeStage.CONSULTATION: (DisputeStage.CONSULTATION, DisputeStage.MEDIATION, DisputeStage.SETTLED),
    DisputeStage.MEDIATION: (DisputeStage.MEDIATION, DisputeStage.TERMINATION, DisputeStage.SETTLED),
    DisputeStage.TERMINATION: (),
    DisputeStage.SETTLED: (),
}
"""From each step the ones that may follow: nobody jumps from talking to the end."""
FIELDS = ("title", "happened_on", "detail", "risk_key", "response", "cost_yen", "settled_on")


@transaction.atomic
def report_incident(
    *, agreement_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime
) -> Incident:
    """Write down what happened, and which listed risk it was."""
    agreement = required(agreement_id, "report_incident", actor)
    if agreement.status not in {AgreementStatus.ACTIVE, AgreementStatus.ENDED}:
        raise RefusedError(_("事故・問題を記録できるのは、締結した協定だけです。"))
    incident = Incident(agreement=agreement, by=actor, at=at)
    _write(incident, values, timezone.localdate(at))
    touch(agreement, incident.happened_on)
    finish(agreement, "report_incident", actor=actor, at=at, note=incident.title)
    return incident


@transaction.atomic
def edit_incident(*, incident_id: int, values: Mapping[str, Any], actor: Person, at: dt.datetime) -> Incident:
    incident = Incident.objects.select_related("agreement").get(pk=incident_id)
    agreement = locked(incident.agreement_id)
    agreement_access.require(actor, "report_incident", agreement)
    _write(incident, values, timezone.localdate(at))
    finish(agreement, "edit_incident", actor=actor, at=at, note=incident.title)
    return incident


def _write(incident: Incident, values: Mapping[str, Any], today: dt.date) -> None:
    for name in FIELDS:
        if name in values:
            setattr(incident, name, values[name])
    if incident.happened_on is None or incident.happened_on > today:
        raise RefusedError(_("起きた日は、今日までの日にしてください。"))
    if incident.settled_on and incident.settled_on < incident.happened_on:
        raise RefusedError(_("収まった日は、起きた日より前にはなりません。"))
    version = in_force(incident.agreement) or incident.agreement.versions.order_by("-number").first()
    listed = set(version.risks.values_list("key", flat=True)) if version else set()
    if incident.risk_key and incident.risk_key not in listed:
        raise RefusedError(
            _("リスク分担表に「%(key)s」はありません。表にないときは「表にないリスク」を選んでください。")
            % {"key": incident.risk_key}
        )
    incident.full_clean(exclude=["agreement", "by"])
    incident.save()


@transaction.atomic
def open_dispute(
    *,
    agreement_id: int,
    title: str,
    opened_on: dt.date,
    text: str,
    actor: Person,
    at: dt.datetime,
    due_on: dt.date | None = None,
) -> Dispute:
    """Begin with talking (協議)."""
    agreement = required(agreement_id, "report_incident", actor)
    title = clean_text(title).strip()[:150]
    if not title or not text.strip():
        raise RefusedError(_("争いの内容と、はじめの記録を書いてください。"))
    _check_day(opened_on, None, at)
    dispute = Dispute.objects.create(agreement=agreement, title=title, opened_on=opened_on, due_on=due_on)
    _step(dispute, DisputeStage.CONSULTATION, opened_on, text, actor, at)
    touch(agreement, opened_on)
    finish(agreement, "open_dispute", actor=actor, at=at, note=title)
    return dispute


@transaction.atomic
def move_dispute(
    *,
    dispute_id: int,
    stage: DisputeStage,
    on: dt.date,
    text: str,
    actor: Person,
    at: dt.datetime,
    due_on: dt.date | None = None,
) -> Dispute:
    """The next step: go on talking, call a mediator, settle or end."""
    dispute = Dispute.objects.select_related("agreement").get(pk=dispute_id)
    agreement = locked(dispute.agreement_id)
    dispute.refresh_from_db()
    agreement_access.require(actor, "report_incident", agreement)
    possible = LADDER[DisputeStage(dispute.stage)]
    if stage not in possible:
        names = _("・").join(str(one.label) for one in possible) or _("なし")
        raise RefusedError(
            _("「%(before)s」から「%(after)s」へは進めません。いま選べるのは「%(possible)s」です。")
            % {"before": dispute.get_stage_display(), "after": stage.label, "possible": names}
        )
    if not text.strip():
        raise RefusedError(_("この段階の記録を書いてください。"))
    last = dispute.steps.order_by("-on").values_list("on", flat=True).first()
    _check_day(on, last, at)
    dispute.stage, dispute.due_on = stage, due_on
    if not LADDER[stage]:
        dispute.closed_on, dispute.due_on = on, None
    dispute.save()
    _step(dispute, stage, on, text, actor, at)
    touch(agreement, on)
    finish(agreement, "move_dispute", actor=actor, at=at, note=f"{dispute.title}: {stage.label}")
    return dispute


def _check_day(on: dt.date, last: dt.date | None, at: dt.datetime) -> None:
    if on > timezone.localdate(at):
        raise RefusedError(_("日は今日までの日にしてください。"))
    if last is not None and on < last:
        raise RefusedError(_("前の段階より前の日にはできません。"))


def _step(
    dispute: Dispute, stage: DisputeStage, on: dt.date, text: str, actor: Person, at: dt.datetime
) -> None:
    DisputeStep.objects.create(
        dispute=dispute,
        stage=stage,
        on=on,
        text=clean_text(text, lines=True).strip()[:2_000],
        by=actor,
        at=at,
    )
