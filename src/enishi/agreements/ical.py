"""Deadlines as iCalendar (RFC 5545): whole days, stable names, a reminder three days before."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from enishi.agreements.selectors import CalendarDay
from enishi.foundation.forms import clean_text

# Programs of office suites refuse a calendar without any part; the zone is always there, events are not.
ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Tokyo",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0900",
    "TZOFFSETTO:+0900",
    "TZNAME:JST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


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
        "X-WR-TIMEZONE:Asia/Tokyo",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
        *ZONE,
    ]
    named: Counter[str] = Counter()
    for day in days:
        same = f"{day.agreement.pk} {day.on} {day.what}"
        named[same] += 1
        lines += _event(day, site, stamp, _name(same, named[same], site))
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _name(same: str, nth: int, site: str) -> str:
    """A name no other event bears, here or in another house's calendar; the same each time the feed is read."""
    text = same if nth == 1 else f"{same} {nth}"
    return f"{hashlib.sha256(text.encode()).hexdigest()[:32]}@{urlsplit(site).hostname or 'enishi'}"


def _event(day: CalendarDay, site: str, stamp: str, name: str) -> list[str]:
    title = f"{day.what}({day.agreement.title})"
    title = f"{_('済み')}: {title}" if day.done else title
    lines = [
        "BEGIN:VEVENT",
        f"UID:{name}",
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
