"""Letters to people without an account: written in the transaction, sent by a round, tried again when the server is away."""

import datetime as dt
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db.models import Q

from enishi.desk.enums import MailState
from enishi.desk.models_post import Posting
from enishi.foundation.sentences import in_source
from enishi.organizations.models import Organization

MOST_ATTEMPTS = 8
AT_ONCE = 100
LATE = dt.timedelta(minutes=10)


def write(*, organization: Organization, to: str, subject: str, body: str, at: dt.datetime) -> Posting | None:
    """Keep a letter for the next round, in the office's language. Nobody without an address gets one."""
    if not to:
        return None
    return Posting.objects.create(
        organization=organization,
        to=to,
        subject=" ".join(in_source(subject).split())[:200],
        body=in_source(body),
        written_at=at,
    )


def unsent(organization_id: int, at: dt.datetime) -> list[Posting]:
    """Letters of this office that are not out after ten minutes, or never will be: for its people to see."""
    waiting = Q(state=MailState.WAITING, written_at__lt=at - LATE) | Q(state=MailState.FAILED)
    return list(Posting.objects.filter(waiting, organization_id=organization_id).order_by("written_at")[:20])


def send_waiting(at: dt.datetime) -> int:
    """Send what is due. A server that cannot be reached costs nobody an attempt."""
    due = Posting.objects.filter(Q(again_at__isnull=True) | Q(again_at__lte=at), state=MailState.WAITING)
    rows = list(due.order_by("written_at", "pk")[:AT_ONCE])
    if not rows:
        return 0
    connection, sent = get_connection(), 0
    try:
        connection.open()
        for row in rows:
            sent += _send(row, connection, at)
    except OSError:
        # Another round tries again; nothing was marked.
        return sent
    finally:
        connection.close()
    return sent


def _send(row: Posting, connection: Any, at: dt.datetime) -> bool:
    try:
        EmailMessage(row.subject, row.body, to=[row.to], connection=connection).send()
    except (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError) as error:
        row.attempts += 1
        row.error = str(error)[:300]
        row.again_at = at + dt.timedelta(minutes=5 * 2**row.attempts)
        row.state = MailState.FAILED if row.attempts >= MOST_ATTEMPTS else MailState.WAITING
        row.save(update_fields=["attempts", "error", "again_at", "state"])
        return False
    row.state, row.sent_at, row.error = MailState.SENT, at, ""
    row.save(update_fields=["state", "sent_at", "error"])
    return True
