"""E-mail of the desk: every letter is a row first, sent by a round, and tried again when the server is away.

A ``Letter`` belongs to a case and may carry its secret address; a ``Posting`` goes to people without one: applicants of a
sounding, askers of a call. Both leave by ``deliver``.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.desk.enums import MailState
from enishi.desk.models import Letter, Posting
from enishi.notifications import mailing
from enishi.organizations.models import Organization

AT_A_TIME = 200
LATE = dt.timedelta(minutes=10)
RowT = TypeVar("RowT", Letter, Posting)


def write(*, organization: Organization, to: str, subject: str, body: str, at: dt.datetime) -> Posting | None:
    """Keep a letter for the next round. Nobody without an address gets one."""
    if not to:
        return None
    return Posting.objects.create(
        organization=organization, to=to, subject=" ".join(subject.split())[:200], body=body, written_at=at
    )


def unsent(organization_id: int, at: dt.datetime) -> list[Posting]:
    """Letters of this office that are not out after ten minutes, or never will be: for its people to see."""
    waiting = Q(state=MailState.WAITING, written_at__lt=at - LATE) | Q(state=MailState.FAILED)
    return list(Posting.objects.filter(waiting, organization_id=organization_id).order_by("written_at")[:20])


def due(at: dt.datetime) -> Q:
    """What a round takes now."""
    return Q(state=MailState.WAITING) & (Q(again_at__isnull=True) | Q(again_at__lte=at))


def send_waiting(at: dt.datetime) -> int:
    rows = Posting.objects.filter(due(at)).order_by("written_at", "pk")
    return deliver(rows[:AT_A_TIME], lambda row: row.body, at)


def deliver(waiting: Iterable[RowT], text_of: Callable[[RowT], str], at: dt.datetime) -> int:
    """Send what waits. What could not go because the server is away says so to whoever looks."""
    rows = list(waiting)
    done = mailing.deliver(
        rows,
        letter_of=lambda row: mailing.letter(to=row.to, subject=row.subject, body=text_of(row)),
        sent=lambda row: _note_sent(row, at),
        refused=lambda row, _error: _note_refused(row, at),
    )
    if not done.reached:
        kept = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows], state=MailState.WAITING)
        kept.update(error=_("メールサーバーにつながりません。つながりしだい送ります。"))
    return done.sent


def _note_sent(row: Letter | Posting, at: dt.datetime) -> None:
    row.state, row.error, row.sent_at = MailState.SENT, "", at
    row.save(update_fields=["state", "error", "sent_at"])


def _note_refused(row: Letter | Posting, at: dt.datetime) -> None:
    row.attempts += 1
    row.error, row.again_at = _("相手のメールサーバーに断られました。"), mailing.again_at(row.attempts, at)
    if row.attempts >= mailing.MAX_ATTEMPTS:
        row.state = MailState.FAILED
    row.save(update_fields=["attempts", "error", "again_at", "state"])
