"""What of the desk stands in a handover packet: proposals under way, questions to answer, adopted ones not begun yet."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.desk.access import consultation_access, proposal_access
from enishi.desk.enums import OPEN_STATUSES, ProposalStatus
from enishi.desk.models import Consultation, Proposal
from enishi.foundation.days import day_in_words
from enishi.foundation.forms import shortened
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties, PacketItem, PacketPart, register_packet_part

LAST_WORDS = 200
DECIDED = (ProposalStatus.ADOPTED, ProposalStatus.TRIAL)


def register() -> None:
    """Called once, in ``apps.ready``."""
    register_packet_part(PacketPart("desk.proposals", gettext_lazy("動いている提案"), 40, proposals))
    register_packet_part(
        PacketPart("desk.consultations", gettext_lazy("回答を待つ庁内照会"), 45, consultations)
    )
    register_packet_part(
        PacketPart("desk.adopted", gettext_lazy("採択したが始まっていない提案"), 50, adopted)
    )


def _in_charge(duties: Duties, actor: Person) -> Q:
    mine = Q(section_id__in=duties.section_ids)
    if duties.person is not None:
        mine |= Q(officer=duties.person)
    return Q(organization=duties.organization) & mine


def proposals(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = (
        proposal_access.visible(actor)
        .filter(_in_charge(duties, actor), status__in=OPEN_STATUSES)
        .select_related("proposer")
        .prefetch_related("messages", "consultations__section")
        .order_by("stage_due_on", "pk")
    )
    return [_proposal(row) for row in rows]


def _proposal(row: Proposal) -> PacketItem:
    steps = {
        ProposalStatus.RECEIVED: _("受け取ったことを知らせ、内容を確認する"),
        ProposalStatus.CHECKING: _("足りないことを確かめ、照会する課を決める"),
        ProposalStatus.CONSULTING: _("課の回答をそろえ、提案者に伝える"),
        ProposalStatus.IN_DIALOGUE: _("対話を進め、次の段階を決める"),
        ProposalStatus.REVIEWING: _("審査をまとめ、決定する"),
    }
    return PacketItem(
        title=f"{row.number} {row.title}".strip(),
        url=row.get_absolute_url(),
        state=row.get_status_display(),
        due=row.stage_due_on,
        next_step=steps.get(ProposalStatus(row.status), ""),
        counterpart=row.proposer.name if row.proposer else row.proposer_name,
        note=_course(row),
        section_id=_kept_within(row),
    )


def _course(row: Proposal) -> str:
    """The last words exchanged, and which sections still owe an answer. Nothing confidential stands in either."""
    parts = []
    last = max(row.messages.all(), key=lambda message: message.written_at, default=None)
    if last is not None:
        day = day_in_words(timezone.localdate(last.written_at), weekday=False)
        words = {"day": day, "side": last.get_side_display(), "words": shortened(last.body, LAST_WORDS)}
        parts.append(_("%(day)s %(side)s: %(words)s") % words)
    waiting = [each.section.name for each in row.consultations.all() if each.is_waiting]
    if waiting:
        parts.append(_("回答待ちの課: %(names)s") % {"names": _("、").join(waiting)})
    return " / ".join(parts)


def _kept_within(row: Proposal) -> int | None:
    return row.section_id if row.visibility == Visibility.SECTION else None


def consultations(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    """Questions that lie with one's section; and those one asked oneself."""
    mine = Q(section_id__in=duties.section_ids)
    if duties.person is not None:
        mine |= Q(asked_by=duties.person)
    rows = (
        consultation_access.visible(actor)
        .waiting()
        .filter(mine, proposal__organization=duties.organization)
        .select_related("proposal", "section", "asked_by")
        .order_by("due_on", "pk")
    )
    return [_consultation(row, duties) for row in rows]


def _consultation(row: Consultation, duties: Duties) -> PacketItem:
    is_ours = row.section_id in duties.section_ids
    return PacketItem(
        title=row.proposal.title,
        url=row.proposal.get_absolute_url(),
        state=row.section.name,
        due=row.due_on,
        next_step=_("課として回答する") if is_ours else _("回答を受け取り、提案者に伝える"),
        counterpart=row.asked_by.name if is_ours and row.asked_by else row.section.name,
        note=shortened(row.question, LAST_WORDS),
        section_id=_kept_within(row.proposal),
    )


def adopted(duties: Duties, actor: Person, today: dt.date) -> Sequence[PacketItem]:
    rows = (
        proposal_access.visible(actor)
        .filter(_in_charge(duties, actor), status__in=DECIDED, started_on__isnull=True)
        .select_related("proposer")
        .order_by("decided_at", "pk")
    )
    return [
        PacketItem(
            title=f"{row.number} {row.title}".strip(),
            url=row.get_absolute_url(),
            state=row.get_status_display(),
            due=timezone.localdate(row.decided_at) if row.decided_at else None,
            next_step=_("協定か事業を始め、開始日を記録する"),
            counterpart=row.proposer.name if row.proposer else row.proposer_name,
            section_id=_kept_within(row),
        )
        for row in rows
    ]
