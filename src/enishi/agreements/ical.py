"""Deadlines as iCalendar (RFC 5545): whole days, stable names, a reminder three days before."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from enishi.agreements.selectors import CalendarDay
from enishi.foundation.forms import clean_text


def calendar(days: Iterable[CalendarDay], *, site: str, at: dt.datetime) -> str:
    """One calendar with an event for each day."""
    stamp = at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Enishi//agreements//JA",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_('協定の期限'))}",
    ]
    for day in days:
        lines += _event(day, site, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(day: CalendarDay, site: str, stamp: str) -> list[str]:
    title = f"{_('済み')}: {day.what}" if day.done else day.what
    name = hashlib.sha256(f"{day.agreement.pk} {day.on} {day.what}".encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VEVENT",
        f"UID:{name}@enishi",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day.on + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(title)}",
        f"DESCRIPTION:{escaped(day.agreement.title)}",
        f"URL:{site}{day.agreement.get_absolute_url()}",
        "TRANSP:TRANSPARENT",
    ]
    if not day.done:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-P3D",
            f"DESCRIPTION:{escaped(title)}",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def escaped(text: str) -> str:
    r"""Text as a value of a property.

    >>> escaped("甲; 乙, 丙")
    '甲\\; 乙\\, 丙'
    """
    text = clean_text(text, lines=True).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """The line in pieces of 75 octets at most, never in the middle of a letter.

    >>> [len(part.encode()) <= 75 for part in folded("あ" * 60)]
    [True, True, True]
    """
    piece, size = "", 0
    for letter in line:
        wide = len(letter.encode("utf-8"))
        if size + wide > 75:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + wide
    yield piece
