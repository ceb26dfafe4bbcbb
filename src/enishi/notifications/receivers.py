"""Telling people about what happens in lower rooms."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from enishi.foundation.sentences import gettext as _
from enishi.notifications.services import notify
from enishi.organizations import signals
from enishi.organizations.enums import RequestStatus
from enishi.organizations.models import JoinRequest, Registration
from enishi.organizations.selectors import administrators_of


def connect() -> None:
    signals.asked_to_join.connect(_tell_administrators, dispatch_uid="notices-asked-to-join")
    signals.answered.connect(_tell_applicant, dispatch_uid="notices-answered")


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
