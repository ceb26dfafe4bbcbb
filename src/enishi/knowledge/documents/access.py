"""Who may read and keep collections and documents: the circle reads, the owner's people keep."""

from typing import TypeVar

from django.db import models

from enishi.foundation.access import Actor
from enishi.knowledge.documents.models import Collection, Document
from enishi.knowledge.staff.access import AUTHORS, WHOLE_ORGANIZATION, StaffAccess
from enishi.organizations.enums import Role
from enishi.organizations.models import OwnedRecord
from enishi.organizations.visibility import reach_of

OwnedT = TypeVar("OwnedT", bound=OwnedRecord)


class KeptAccess(StaffAccess[OwnedT]):
    def writable(self, actor: Actor) -> models.QuerySet[OwnedT]:
        """The rows this person may change: what a form offers."""
        reach = reach_of(actor)
        everywhere = {pk for pk, role in reach.roles if role in {each.value for each in WHOLE_ORGANIZATION}}
        some = {pk for pk, role in reach.roles if role == Role.OFFICER.value}
        own = models.Q(section__isnull=True) | models.Q(section_id__in=reach.section_ids)
        rows: models.QuerySet[OwnedT] = self.visible(actor).filter(
            models.Q(organization_id__in=everywhere) | (models.Q(organization_id__in=some) & own)
        )
        return rows


def may_keep(actor: Actor) -> bool:
    """Whether the person keeps documents for any organisation."""
    return any(role in {each.value for each in AUTHORS} for _pk, role in reach_of(actor).roles)


collection_access = KeptAccess(Collection)
document_access = KeptAccess(Document)
