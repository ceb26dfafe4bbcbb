"""A resource from the offer to its end."""

import datetime as dt

from django.db import transaction

from enishi.accounts.models import Person
from enishi.exchange.access import resource_access
from enishi.exchange.enums import ResourceStatus
from enishi.exchange.errors import IllegalStatusError, ReasonNeededError
from enishi.exchange.models import Resource
from enishi.exchange.services import records
from enishi.exchange.values import ResourceValues
from enishi.foundation import trail
from enishi.foundation.forms import clean_text
from enishi.organizations.models import Organization

NEXT: dict[ResourceStatus, tuple[ResourceStatus, ...]] = {
    ResourceStatus.DRAFT: (ResourceStatus.OPEN,),
    ResourceStatus.OPEN: (ResourceStatus.CLOSED, ResourceStatus.DRAFT),
    ResourceStatus.CLOSED: (ResourceStatus.OPEN,),
}
"""From each status the ones that may follow."""


def create_resource(
    *, organization: Organization, values: ResourceValues, actor: Person, at: dt.datetime
) -> Resource:
    """Start a draft in the organisation's name."""
    return records.create(Resource, organization=organization, values=values, actor=actor, at=at)


def edit_resource(
    *, resource_id: int, values: ResourceValues, version: int, actor: Person, at: dt.datetime
) -> Resource:
    """Write the given values, unless somebody else saved since ``version`` was read."""
    return records.edit(Resource, pk=resource_id, values=values, version=version, actor=actor, at=at)


def publish_resource(*, resource_id: int, actor: Person, at: dt.datetime) -> Resource:
    """Offer a draft to others, once nothing is missing; it counts as confirmed today."""
    return records.publish(Resource, pk=resource_id, actor=actor, at=at)


def delete_resource(*, resource_id: int, actor: Person, at: dt.datetime) -> Resource:
    return records.delete(Resource, pk=resource_id, actor=actor, at=at)


def restore_resource(*, resource_id: int, actor: Person, at: dt.datetime) -> Resource:
    return records.restore(Resource, pk=resource_id, actor=actor, at=at)


@transaction.atomic
def change_resource_status(
    *, resource_id: int, status: ResourceStatus, reason: str = "", actor: Person, at: dt.datetime
) -> Resource:
    """Close an offer, take it back or offer it again. A draft becomes open only by ``publish_resource``."""
    resource = records.locked(Resource, resource_id)
    resource_access.require(actor, "change_status", resource)
    records.require_kept(resource)
    now = ResourceStatus(resource.status)
    if status not in NEXT[now]:
        raise IllegalStatusError(now, status, NEXT[now])
    if now == ResourceStatus.DRAFT:
        return publish_resource(resource_id=resource_id, actor=actor, at=at)
    reason = clean_text(reason).strip()[:500]
    if not reason:
        raise ReasonNeededError
    before = trail.values(resource)
    resource.status, resource.status_reason = status, reason
    records.finish(resource, "change_status", before=before, actor=actor, at=at, note=reason)
    return resource
