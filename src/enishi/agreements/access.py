"""Who may read and do what with an agreement: its keeper's people, the people of its parties, and everybody else."""

from collections.abc import Callable
from typing import Any

from django.db import models

from enishi.agreements.models import Agreement, ChangeRequest, DocumentTemplate, Obligation, Version
from enishi.exchange.access import PARTNER, WHOLE_ORGANIZATION, RecordAccess
from enishi.foundation.access import Access, Actor
from enishi.organizations.enums import Role
from enishi.organizations.models import Organization
from enishi.organizations.visibility import Reach, reach_of

WORKING = (Role.OFFICER, *WHOLE_ORGANIZATION, *PARTNER)
DECIDING = (Role.MANAGER, Role.ADMINISTRATOR)
"""These may approve in somebody's place (代決)."""
KEEPING = frozenset(
    {"edit", "submit", "sign", "attach", "work", "end", "delete", "restore", "record_consent", "share_draft"}
)
"""What the keeper's people do: officers in the own section, managers and planners everywhere."""
SHARED = frozenset({"request_change", "report_incident", "fulfil"})
"""What the people of a party may do as well; of the obligations, only what is theirs to do."""


class AgreementAccess(RecordAccess[Agreement]):
    """A public body keeps the record; ``parties`` are the signers that have a record of their own here."""

    model = Agreement

    def owners(self, actor: Actor) -> models.QuerySet[Organization]:
        return super().owners(actor).filter(kind__in=["municipality", "prefecture", "government"])

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        if action == "create":
            return self._may_create(reach, instance)
        if action == "view":
            return self.visible(actor).filter(pk=instance.pk).exists()
        if action == "read_approval":
            return instance.organization_id in reach.organization_ids and self._sees(actor, instance)
        if action == "read_inside":
            return self.is_inside(reach, instance) and self._sees(actor, instance)
        if action in KEEPING:
            return self._may_write(reach, instance)
        if action in SHARED:
            return self._may_write(reach, instance) or self._is_party(actor, reach, instance)
        if action == "approve_in_place":
            return reach.has_role(instance.organization_id, *DECIDING)
        return False

    def is_inside(self, reach: Reach, agreement: Agreement) -> bool:
        """Of the keeper's people or of a party's."""
        if agreement.organization_id in reach.organization_ids:
            return True
        return bool(set(reach.organization_ids) & set(agreement.parties.values_list("pk", flat=True)))

    def bears(self, actor: Actor, agreement: Agreement, version: Version) -> Callable[[Obligation], bool]:
        """Of which obligations this person may tell the result: the keeper's people of all, a party's of its own."""
        if self.allows(actor, "work", agreement):
            return lambda _obligation: True
        working = {role.value for role in WORKING}
        houses = {key for key, role in reach_of(actor).roles if role in working}
        names = list(version.signers.filter(organization_id__in=houses).values_list("name", flat=True))
        return lambda obligation: any(obligation.is_borne_by(name) for name in names)

    def _sees(self, actor: Actor, agreement: Agreement) -> bool:
        return self.visible(actor).filter(pk=agreement.pk).exists()

    def _is_party(self, actor: Actor, reach: Reach, agreement: Agreement) -> bool:
        working = {role.value for role in WORKING}
        houses = {key for key, role in reach.roles if role in working}
        return agreement.parties.filter(pk__in=houses).exists() and self._sees(actor, agreement)

    def _may_create(self, reach: Reach, organization: Organization | None) -> bool:
        if organization is not None and not organization.is_public_body:
            return False
        return super()._may_create(reach, organization)


class ConsentAccess(Access[ChangeRequest]):
    """Whose consent a person may give: that of the organisation they work for."""

    def visible(self, actor: Actor) -> models.QuerySet[ChangeRequest, ChangeRequest]:
        return ChangeRequest.objects.filter(agreement__in=agreement_access.visible(actor))

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        agreement = instance.change.agreement
        if action == "consent":
            if instance.organization_id == agreement.organization_id:
                return agreement_access.allows(actor, "edit", agreement)
            return instance.organization_id is not None and reach.has_role(instance.organization_id, *WORKING)
        # Without an account here, an officer writes down how the consent was given.
        return action == "record" and agreement_access.allows(actor, "record_consent", agreement)


class TemplateAccess(Access[DocumentTemplate]):
    """An organisation's wording is its own people's; managers, planners and administrators change it."""

    def visible(self, actor: Actor) -> models.QuerySet[DocumentTemplate, DocumentTemplate]:
        return DocumentTemplate.objects.filter(organization_id__in=reach_of(actor).organization_ids)

    def allows(self, actor: Actor, action: str, instance: Any) -> bool:
        reach = reach_of(actor)
        organization = instance if isinstance(instance, Organization) else instance.organization
        if action == "view":
            return organization.pk in reach.organization_ids
        return reach.has_role(organization.pk, *WHOLE_ORGANIZATION)


agreement_access = AgreementAccess()
consent_access = ConsentAccess()
template_access = TemplateAccess()
