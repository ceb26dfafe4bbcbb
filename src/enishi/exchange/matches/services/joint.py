"""Several municipalities with the same challenge, looking for a partner together."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from enishi.accounts.models import Person
from enishi.exchange.access import WHOLE_ORGANIZATION, challenge_access
from enishi.exchange.matches.access import joint_access
from enishi.exchange.matches.enums import JointState
from enishi.exchange.matches.errors import JointRefusedError
from enishi.exchange.matches.models import JointCall, JointPartner
from enishi.exchange.models import Challenge
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.foundation.sentences import gettext as _
from enishi.foundation.sentences import spoken
from enishi.notifications.services import notify
from enishi.organizations.enums import Role
from enishi.organizations.models import Membership

MOST_PARTNERS = 20


@transaction.atomic
def call_together(
    *,
    lead: Challenge,
    others: Iterable[Challenge],
    title: str,
    message: str,
    actor: Person,
    at: dt.datetime,
) -> JointCall:
    """Ask the owners of the same challenge elsewhere to look for a partner together."""
    joint_access.require(actor, "call", lead)  # type: ignore[arg-type]
    invited = [
        other
        for other in others
        if other.organization_id != lead.organization_id and challenge_access.allows(actor, "view", other)
    ][:MOST_PARTNERS]
    if not invited:
        raise JointRefusedError(_("声をかける団体を一つ以上選んでください。"))
    call = JointCall.objects.create(
        title=clean_text(title, lines=False).strip()[:120] or lead.title,
        message=clean_text(message, lines=True).strip()[:2_000],
        lead=lead,
        called_by=actor,
        called_at=at,
    )
    JointPartner.objects.bulk_create(
        JointPartner(call=call, challenge=other, organization_id=other.organization_id) for other in invited
    )
    trail.record(
        trail.Act(actor=actor, action="call", subject=call, at=at, organization_id=lead.organization_id)
    )
    for other in invited:
        _tell(call, other, at)
    return call


def _tell(call: JointCall, other: Challenge, at: dt.datetime) -> None:
    places = Membership.objects.current(timezone.localdate(at)).filter(
        organization_id=other.organization_id, role__in=[Role.OFFICER, *WHOLE_ORGANIZATION]
    )
    own = places.filter(section_id=other.section_id) if other.section_id else places.none()
    keys = set((own if own.exists() else places).values_list("person_id", flat=True))
    notify(
        kind="joint_call",
        persons=Person.objects.filter(pk__in=keys),
        title=_("%(name)sから共同の募集の声がかかりました") % {"name": call.lead.organization.name},
        body=call.message[:500] or other.title,
        url=call.get_absolute_url(),
        at=at,
    )


@transaction.atomic
def answer_call(*, partner_id: int, joins: bool, actor: Person, at: dt.datetime) -> JointPartner:
    """Say yes or no to a joint call, for one's own organisation."""
    partner = JointPartner.objects.select_for_update().get(pk=partner_id)
    joint_access.require(actor, "answer", partner)  # type: ignore[arg-type]
    partner.state = JointState.JOINED if joins else JointState.DECLINED
    partner.answered_at = at
    partner.save(update_fields=["state", "answered_at"])
    trail.record(
        trail.Act(
            actor=actor,
            action="answer",
            subject=partner.call,
            at=at,
            organization_id=partner.organization_id,
            note=spoken(JointState(partner.state).label),
        )
    )
    if partner.call.called_by.is_active:
        notify(
            kind="joint_call",
            persons=[partner.call.called_by],
            title=_("「%(title)s」への返事: %(name)sは「%(state)s」です")
            % {
                "title": partner.call.title,
                "name": partner.organization.name,
                "state": JointState(partner.state).label,
            },
            url=partner.call.get_absolute_url(),
            at=at,
        )
    return partner
