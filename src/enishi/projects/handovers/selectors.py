"""Questions about packets: their chapters, their dates, and how much was read."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from enishi.foundation.access import Actor
from enishi.foundation.days import day_in_words
from enishi.projects.handovers.access import handover_access
from enishi.projects.handovers.models import HandoverItem, HandoverPacket
from enishi.projects.papers import Paper, Part, Table


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    items: Sequence[HandoverItem]

    @property
    def waiting(self) -> list[HandoverItem]:
        return [item for item in self.items if item.confirmed_at is None]


@dataclass(frozen=True)
class Reading:
    """A packet as one reader sees it."""

    chapters: Sequence[Chapter]

    @property
    def items(self) -> list[HandoverItem]:
        return [item for chapter in self.chapters for item in chapter.items]

    @property
    def confirmed(self) -> int:
        return sum(1 for item in self.items if item.confirmed_at is not None)

    @property
    def open_items(self) -> list[HandoverItem]:
        return [item for item in self.items if item.is_open]

    @property
    def dated(self) -> list[HandoverItem]:
        """Every open matter with a day, the next one on top."""
        return sorted(
            (item for item in self.open_items if item.due_on is not None),
            key=lambda item: (item.due_on or dt.date.max, item.position),
        )


def read(packet: HandoverPacket, actor: Actor) -> Reading:
    rows = list(handover_access.items(actor, packet).order_by("position"))
    return Reading(
        [
            Chapter(key, items[0].part_title, items)
            for key, found in groupby(rows, key=lambda item: item.part_key)
            for items in [list(found)]
        ]
    )


def as_paper(packet: HandoverPacket, reading: Reading, base: str) -> Paper:
    """The packet for Word; ``base`` is the installation's address, so that a link on paper can be typed."""
    lead = [
        _("%(day)s時点。%(items)d件(うち動いているもの %(open)d件)。")
        % {
            "day": day_in_words(packet.as_of),
            "items": len(reading.items),
            "open": len(reading.open_items),
        }
    ]
    if packet.note:
        lead.append(_("前任者からのことば: %(note)s") % {"note": packet.note})
    days = Table(
        [_("期日"), _("件名"), _("次にすること"), _("アドレス")],
        [(_day(item), item.title, item.next_step, f"{base}{item.url}") for item in reading.dated],
    )
    parts = [Part(_("期日の順"), tables=[days])] if days.rows else []
    headings = [
        _("件名"),
        _("状態"),
        _("次の期日"),
        _("次にすること"),
        _("相手"),
        _("経過・約束"),
        _("アドレス"),
    ]
    for chapter in reading.chapters:
        rows = [
            (
                item.title,
                item.state,
                _day(item),
                item.next_step,
                item.counterpart,
                item.note,
                f"{base}{item.url}",
            )
            for item in chapter.items
        ]
        parts.append(Part(chapter.title, tables=[Table(headings, rows)]))
    return Paper(str(packet), lead, parts, foot=str(packet), landscape=True)


def _day(item: HandoverItem) -> str:
    return day_in_words(item.due_on, weekday=False) if item.due_on else ""
