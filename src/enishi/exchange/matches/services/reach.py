"""Seeing to it that small firms, NPOs and remote towns are found."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction

from enishi.accounts.models import Person
from enishi.exchange.matches.access import conflict_access
from enishi.exchange.matches.models import ReachFloor
from enishi.foundation import trail
from enishi.organizations.models import Organization

HIGHEST = 50


@transaction.atomic
def choose_floor(*, organization: Organization, percent: int, actor: Person, at: dt.datetime) -> ReachFloor:
    """Guarantee this share of the first ten places from now on; 0 for none."""
    if not conflict_access.allows(actor, "mark", organization):
        raise PermissionDenied
    known = ReachFloor.objects.filter(organization=organization).first()
    before = known.percent if known else 0
    floor, _is_new = ReachFloor.objects.update_or_create(
        organization=organization,
        defaults={"percent": max(0, min(HIGHEST, percent)), "chosen_by": actor, "chosen_at": at},
    )
    trail.record(
        trail.Act(
            actor=actor,
            action="choose",
            subject=floor,
            at=at,
            organization_id=organization.pk,
            changes={"percent": (before, floor.percent)},
        )
    )
    return floor
