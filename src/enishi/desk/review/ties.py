"""Ties between a reviewer and a proposer that the records themselves show, whatever is declared."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from enishi.desk.review.models import ReviewEntry, Reviewer
from enishi.exchange.models import ConflictOfInterest
from enishi.organizations.models import Membership


def known_tie(reviewer: Reviewer, entries: Iterable[ReviewEntry]) -> str:
    """The reason why this person may not judge these proposals, or nothing.

    Somebody who belongs, or ever belonged, to the proposer; and the people of a house that keeps itself apart from the proposer
    (or the other way round).
    """
    proposers = {entry.proposal.proposer_id for entry in entries if entry.proposal.proposer_id}
    if not proposers:
        return ""
    places = Membership.objects.filter(person_id=reviewer.person_id)
    own = places.filter(organization_id__in=proposers).select_related("organization").first()
    if own is not None:
        return _("%(name)sに所属している、または所属していた記録があります") % {"name": own.organization.name}
    houses = set(places.values_list("organization_id", flat=True))
    apart = (
        ConflictOfInterest.objects.filter(ended_at__isnull=True)
        .filter(
            Q(organization_id__in=houses, partner_id__in=proposers)
            | Q(organization_id__in=proposers, partner_id__in=houses)
        )
        .select_related("partner")
        .first()
    )
    if apart is not None:
        return _("所属する団体が%(name)sとの利益相反を登録しています") % {"name": apart.partner.name}
    return ""
