"""Partners that are not to be proposed to a public body."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from enishi.accounts.models import Person
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches.access import conflict_access
from enishi.exchange.matches.errors import ConflictRefusedError
from enishi.exchange.matches.models import ConflictOfInterest, SuggestedMatch
from enishi.exchange.matches.services.indexing import touch
from enishi.exchange.models import Challenge
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Organization


@transaction.atomic
def mark_conflict(
    *, organization: Organization, partner: Organization, reason: str, actor: Person, at: dt.datetime
) -> ConflictOfInterest:
    """Keep a partner out of every ranking of this organisation's challenges."""
    if not conflict_access.allows(actor, "mark", organization):
        raise PermissionDenied
    reason = clean_text(reason, lines=False).strip()[:300]
    if not reason:
        raise ConflictRefusedError(
            _("理由を書いてください。あとで解除してよいかを決める手がかりになります。")
        )
    if partner.pk == organization.pk:
        raise ConflictRefusedError(_("自分の団体は選べません。相手の団体を選んでください。"))
    conflict, is_new = ConflictOfInterest.objects.get_or_create(
        organization=organization,
        partner=partner,
        ended_at=None,
        defaults={"reason": reason, "marked_by": actor, "marked_at": at},
    )
    if is_new:
        _write_down(conflict, "mark", actor, at)
        SuggestedMatch.objects.filter(wanting=organization, offering=partner).delete()
        _read_again(organization)
    return conflict


@transaction.atomic
def end_conflict(*, conflict_id: int, actor: Person, at: dt.datetime) -> ConflictOfInterest:
    conflict = ConflictOfInterest.objects.select_for_update().get(pk=conflict_id)
    conflict_access.require(actor, "end", conflict)
    if conflict.ended_at is None:
        conflict.ended_at = at
        conflict.save(update_fields=["ended_at"])
        _write_down(conflict, "end", actor, at)
        _read_again(conflict.organization)
    return conflict


def _read_again(organization: Organization) -> None:
    """The next round looks again for the organisation's challenges."""
    keys = list(Challenge.objects.filter(organization=organization).values_list("pk", flat=True))
    transaction.on_commit(lambda: touch(RecordKind.CHALLENGE, keys), robust=True)


def _write_down(conflict: ConflictOfInterest, action: str, actor: Person, at: dt.datetime) -> None:
    trail.record(
        trail.Act(
            actor=actor,
            action=action,
            subject=conflict,
            at=at,
            organization_id=conflict.organization_id,
            note=conflict.reason,
        )
    )
