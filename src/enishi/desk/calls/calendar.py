"""The dates of a call as a calendar entry (RFC 5545)."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from enishi.desk.calls.models import Call


def calendar_of(call: Call, *, address: str, at: dt.datetime) -> bytes:
    """An iCalendar file with the deadline and, where they are set, the days of questions, answers and result."""
    days = (
        ("questions", call.questions_until, _("質問の締切: %(title)s")),
        ("answers", call.answers_by, _("回答の予定: %(title)s")),
        ("result", call.result_by, _("結果の予定: %(title)s")),
    )
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Enishi//desk//JA"]
    lines += _event(
        call, "deadline", f"DTSTART:{_moment(call.deadline)}", _("応募の締切: %(title)s"), address, at
    )
    for key, day, words in days:
        if day is not None:
            lines += _event(call, key, f"DTSTART;VALUE=DATE:{day:%Y%m%d}", words, address, at)
    lines.append("END:VCALENDAR")
    return ("\r\n".join(folded for line in lines for folded in _folded(line)) + "\r\n").encode()


def _event(call: Call, key: str, start: str, words: str, address: str, at: dt.datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:call-{call.pk}-{key}@enishi",
        f"DTSTAMP:{_moment(at)}",
        start,
        f"SUMMARY:{_escaped(words % {'title': call.title})}",
        f"DESCRIPTION:{_escaped(call.organization.name)}",
        f"URL:{address}",
        "END:VEVENT",
    ]


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    r"""The text as the format wants it.

    >>> _escaped("一、二; 三,四")
    '一、二\\; 三\\,四'
    """
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterable[str]:
    """Lines of at most 75 bytes, never cut inside a letter; what follows begins with a space."""
    piece, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > 75:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    yield piece
