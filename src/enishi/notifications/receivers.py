"""Telling people about what happens in lower rooms."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from enishi.foundation import jobs
from enishi.foundation.models import Job, JobStatus
from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations import signals
from enishi.organizations.enums import RequestStatus
from enishi.organizations.models import JoinRequest, Registration
from enishi.organizations.selectors import administrators_of

WATCHED = dt.timedelta(seconds=20)


def connect() -> None:
    signals.asked_to_join.connect(_tell_administrators, dispatch_uid="notices-asked-to-join")
    jobs.finished.connect(_tell_whoever_left, dispatch_uid="notices-job-finished")
    signals.answered.connect(_tell_applicant, dispatch_uid="notices-answered")


def _tell_whoever_left(sender: object, *, job_id: uuid.UUID, **kwargs: Any) -> None:
    """Somebody who watched a short job to its end needs no notice of it."""
    job = Job.objects.select_related("person").get(pk=job_id)
    if job.person is None or job.finished_at is None or job.status == JobStatus.CANCELLED:
        return
    if job.finished_at - job.created_at < WATCHED:
        return
    sentence = (
        _("終わりました: %(title)s") if job.status == JobStatus.DONE else _("できませんでした: %(title)s")
    )
    notify(
        kind="job",
        persons=[job.person],
        title=sentence % {"title": job.title},
        body=job.message,
        url=job.result_url or reverse("foundation:job", args=[job.pk]),
        at=job.finished_at,
    )


def _tell_administrators(sender: object, *, kind: str, pk: int, **kwargs: Any) -> None:
    row = _of(kind).get(pk=pk)
    if isinstance(row, Registration):
        house, title = row.seat_id, _("団体の登録申込: %(name)s") % {"name": row.name}
    else:
        house = row.organization_id
        title = _("参加の申込: %(name)sさん") % {"name": row.person.name}
    notify(
        kind="joining",
        persons=administrators_of(house),
        title=title,
        body=row.message,
        url=reverse("organizations:waiting"),
        at=row.asked_at,
    )


def _tell_applicant(sender: object, *, kind: str, pk: int, **kwargs: Any) -> None:
    row = _of(kind).get(pk=pk)
    if row.status not in _ANSWERS:
        return
    person, name = (
        (row.applicant, row.name) if isinstance(row, Registration) else (row.person, row.organization.name)
    )
    reason = _("理由: %(reason)s") % {"reason": row.reason} if row.reason else ""
    notify(
        kind="joining",
        persons=[person],
        title=_ANSWERS[row.status](name),
        body=reason,
        url=reverse("accounts:me"),
        at=row.decided_at or timezone.now(),
    )


def _accepted(name: str) -> str:
    return _("「%(name)s」への参加が認められました。") % {"name": name}


def _declined(name: str) -> str:
    return _("「%(name)s」への申込は見送られました。") % {"name": name}


_ANSWERS: dict[str, Callable[[str], str]] = {
    RequestStatus.ACCEPTED: _accepted,
    RequestStatus.DECLINED: _declined,
}


def _of(kind: str) -> Any:
    model = {"registration": Registration, "join_request": JoinRequest}[kind]
    return model._default_manager
