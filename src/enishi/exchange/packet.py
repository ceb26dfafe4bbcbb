"""What of the exchange stands in a handover packet: open talks, challenges and resources in one's charge, files."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.exchange.access import challenge_access, resource_access
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.matches.access import contact_access
from enishi.exchange.matches.enums import ContactState, Side
from enishi.exchange.models import FRESH_DAYS, Challenge, Contact, Resource
from enishi.foundation.forms import shortened
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties, PacketItem, PacketPart, register_packet_part

ANSWER_WITHIN = dt.timedelta(days=14)
LAST_WORDS = 200
OPEN_CHALLENGE = (
    ChallengeStatus.DRAFT,
    ChallengeStatus.OPEN,
    ChallengeStatus.IN_DIALOGUE,
    ChallengeStatus.IN_PARTNERSHIP,
)


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_packet_part(PacketPart("exchange.contacts", gettext_lazy("続いている対話"), 10, contacts))
    register_packet_part(PacketPart("exchange.challenges", gettext_lazy("担当する課題"), 20, challenges))
    register_packet_part(PacketPart("exchange.resources", gettext_lazy("担当する資源"), 30, resources))


def kept_within(record: Any) -> int | None:
    """The section a record is kept within, where only that section reads it."""
    return record.section_id if record.visibility == Visibility.SECTION else None


def contacts(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    house = duties.organization
    mine = Q(opened_by=duties.person) if duties.person is not None else Q(pk__in=[])
    of_section = Q(wanting=house, challenge__section_id__in=duties.section_ids) | Q(
        offering=house, resource__section_id__in=duties.section_ids
    )
    rows = (
        contact_access.visible(actor)
        .filter(Q(wanting=house) | Q(offering=house))
        .filter(mine | of_section)
        .exclude(state__in=[ContactState.ADOPTED, ContactState.DECLINED])
        .select_related("challenge", "resource", "wanting", "offering")
        .prefetch_related("notes")
        .order_by("last_word_at", "pk")
    )
    return [_contact(row, duties) for row in rows]


def _contact(row: Contact, duties: Duties) -> PacketItem:
    ours = Side.CHALLENGE if row.wanting_id == duties.organization.pk else Side.RESOURCE
    other = row.offering if ours is Side.CHALLENGE else row.wanting
    my_turn = row.turn == ours and row.state != ContactState.SUGGESTED
    last = max(row.notes.all(), key=lambda note: note.written_at, default=None)
    record = row.challenge if ours is Side.CHALLENGE else row.resource
    return PacketItem(
        title=str(row),
        url=row.get_absolute_url(),
        state=row.get_state_display(),
        due=timezone.localdate(row.last_word_at) + ANSWER_WITHIN,
        next_step=_("返事を書く(14日のめやす)")
        if my_turn
        else _("相手の返事を待つ。14日を過ぎたら声をかける"),
        counterpart=" ".join(part for part in (other.name, other.phone) if part),
        note=f"{last.author_name}: {shortened(last.body, LAST_WORDS)}" if last else "",
        section_id=kept_within(record),
    )


def challenges(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _in_charge(challenge_access.visible(actor), duties).filter(status__in=OPEN_CHALLENGE)
    return [_challenge(row) for row in rows.order_by("due_on", "pk")]


def _in_charge(rows: Any, duties: Duties) -> Any:
    """The records of the duties' sections, those that name the person, and those they began to write."""
    mine = Q(section_id__in=duties.section_ids)
    if duties.person is not None:
        mine |= Q(status="draft", updated_by=duties.person)
        if duties.person.name:
            mine |= Q(contact_name__contains=duties.person.name)
    return rows.filter(organization=duties.organization).filter(mine).prefetch_related("attachments")


def _challenge(row: Challenge) -> PacketItem:
    steps = {
        ChallengeStatus.DRAFT: _("書き終えて公開するか、削除する"),
        ChallengeStatus.OPEN: _("合う相手を確かめ、声をかける"),
        ChallengeStatus.IN_DIALOGUE: _("対話の結果を記録する"),
        ChallengeStatus.IN_PARTNERSHIP: _("連携の進み具合を確かめる"),
    }
    return PacketItem(
        title=row.title,
        url=row.get_absolute_url(),
        state=row.get_status_display(),
        due=row.due_on,
        next_step=steps[ChallengeStatus(row.status)],
        note=_files(row),
        section_id=kept_within(row),
    )


def resources(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = _in_charge(resource_access.visible(actor), duties).exclude(status=ResourceStatus.CLOSED)
    return [_resource(row) for row in rows.order_by("confirmed_on", "pk")]


def _resource(row: Resource) -> PacketItem:
    again = row.confirmed_on + dt.timedelta(days=FRESH_DAYS) if row.confirmed_on else None
    days = [day for day in (again, row.expires_on) if day is not None]
    return PacketItem(
        title=row.title,
        url=row.get_absolute_url(),
        state=row.get_status_display(),
        due=min(days, default=None),
        next_step=_("いまも提供できるかを確認する"),
        note=_files(row),
        section_id=kept_within(row),
    )


def _files(record: Challenge | Resource) -> str:
    names = [each.name for each in record.attachments.all() if each.removed_at is None]
    return _("文書: %(names)s") % {"names": _("、").join(names)} if names else ""
