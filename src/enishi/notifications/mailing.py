"""E-mail that waits is sent here, whichever room wrote it: one connection a round, one rule for trying again."""

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import NamedTuple, TypeVar

from django.core.mail import EmailMessage, get_connection

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
ABOUT_ONE_LETTER = (SMTPRecipientsRefused, SMTPDataError, SMTPSenderRefused, ValueError)
RowT = TypeVar("RowT")


class Round(NamedTuple):
    """How many letters went out, and whether the server was there to the end."""

    sent: int
    reached: bool


def deliver(
    waiting: Iterable[RowT],
    *,
    letter_of: Callable[[RowT], EmailMessage],
    sent: Callable[[RowT], object],
    refused: Callable[[RowT, Exception], object],
) -> Round:
    """Send what waits, and have the room write down of each row that it is out or was refused.

    A server that cannot be reached costs no row an attempt: the next round tries again.
    """
    connection, count = get_connection(), 0
    try:
        for row in waiting:
            connection.open()
            try:
                letter = letter_of(row)
                letter.connection = connection
                letter.send()
            except ABOUT_ONE_LETTER as error:
                # Never the error's own text: it may hold the address.
                logger.warning("e-mail not sent: %s", type(error).__name__)
                refused(row, error)
            else:
                sent(row)
                count += 1
    except OSError as error:
        # SMTPException is an OSError too; those about one letter are caught with the letter.
        logger.warning("mail server not reached: %s", type(error).__name__)
        return Round(count, reached=False)
    finally:
        with suppress(OSError):
            connection.close()
    return Round(count, reached=True)


def letter(*, to: str, subject: str, body: str) -> EmailMessage:
    """A letter to one address. A line break in a subject would begin a header of its own."""
    return EmailMessage(" ".join(subject.split()), body, to=[to])


def again_at(attempts: int, at: dt.datetime) -> dt.datetime:
    """When to try after so many refusals: twice as long each time."""
    return at + dt.timedelta(minutes=2**attempts)
