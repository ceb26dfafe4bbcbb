"""E-mail of the desk: every letter is a row first, sent by a round, and tried again when the server is away.

A ``Letter`` belongs to a case and may carry its secret address; a ``Posting`` goes to people without one: applicants of a
sounding, askers of a call. Both leave by ``deliver``.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any, TypeVar

from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.desk.enums import MailState
from enishi.desk.models import Letter, Posting
from enishi.organizations.models import Organization

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
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
    """Send what waits over one connection. A server that cannot be reached costs no letter an attempt."""
    rows = list(waiting)
    if not rows:
        return 0
    connection, sent = get_connection(), 0
    try:
        connection.open()
        for row in rows:
            sent += _send(row, text_of(row), connection, at)
    except OSError as error:
        # SMTPException is an OSError too; those about one letter are caught with the letter.
        logger.warning("mail server not reached: %s", type(error).__name__)
        kept = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows], state=MailState.WAITING)
        kept.update(error=_("メールサーバーにつながりません。つながりしだい送ります。"))
    finally:
        with suppress(OSError):
            connection.close()
    return sent


def _send(row: Letter | Posting, text: str, connection: Any, at: dt.datetime) -> bool:
    try:
        EmailMessage(row.subject, text, to=[row.to], connection=connection).send()
    except (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused, ValueError) as error:
        # Never the error's own text: it may hold the address.
        logger.warning("%s %s not sent: %s", type(row).__name__, row.pk, type(error).__name__)
        row.attempts += 1
        row.error = _("相手のメールサーバーに断られました。")
        row.again_at = at + dt.timedelta(minutes=2**row.attempts)
        if row.attempts >= MAX_ATTEMPTS:
            row.state = MailState.FAILED
        row.save(update_fields=["attempts", "error", "again_at", "state"])
        return False
    row.state, row.error, row.sent_at = MailState.SENT, "", at
    row.save(update_fields=["state", "error", "sent_at"])
    return True
