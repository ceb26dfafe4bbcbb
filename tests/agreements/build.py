"""A town, a company and the people around an agreement of theirs."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from enishi.accounts.models import Person
from enishi.agreements import services
from enishi.agreements.enums import ApprovalKind
from enishi.agreements.models import Agreement
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.models import Organization, Section
from tests.factories import NOON, TODAY, MembershipFactory, OrganizationFactory, SectionFactory

TERMS: dict[str, Any] = {
    "title": "見守りに関する協定",
    "kind": "individual",
    "scheme": "hokatsu",
    "purpose": "一人で暮らす高齢者の異変に二日以内に気づく。",
    "starts_on": TODAY,
    "ends_on": dt.date(2027, 3, 31),
    "renewal": "automatic",
    "renewal_months": 12,
    "notice_months": 1,
    "personal_data": "anonymous",
    "visibility": Visibility.PARTIES,
}


@dataclass
class House:
    """Everybody around one agreement."""

    town: Organization = field(default_factory=lambda: OrganizationFactory(name="試験甲市"))
    company: Organization = field(
        default_factory=lambda: OrganizationFactory(
            name="星川通信", kind=OrganizationKind.COMPANY, size="medium"
        )
    )

    def __post_init__(self) -> None:
        self.section: Section = SectionFactory(organization=self.town, name="高齢福祉課")
        self.officer = self._person(self.town, Role.OFFICER, self.section)
        self.colleague = self._person(self.town, Role.PLANNER)
        self.manager = self._person(self.town, Role.MANAGER)
        self.deputy = self._person(self.town, Role.MANAGER)
        self.partner = self._person(self.company, Role.PARTNER_ADMINISTRATOR)
        self.stranger = self._person(OrganizationFactory(name="試験乙町"), Role.PLANNER)

    def _person(self, organization: Organization, role: Role, section: Section | None = None) -> Person:
        return MembershipFactory(organization=organization, role=role, section=section).person

    @property
    def parties(self) -> list[dict[str, Any]]:
        return [
            {
                "side": "public",
                "organization_id": self.town.pk,
                "name": self.town.name,
                "role": "区域を決める。",
            },
            {
                "side": "partner",
                "organization_id": self.company.pk,
                "name": self.company.name,
                "role": "機器を貸す。",
            },
        ]

    def draft(self, *, at: dt.datetime = NOON, **values: Any) -> Agreement:
        return services.create(
            organization=self.town,
            values={**TERMS, "section_id": self.section.pk, **values},
            parties=values.pop("parties", self.parties),
            actor=self.officer,
            at=at,
        )

    def submitted(self, **values: Any) -> Agreement:
        agreement = self.draft(**values)
        self.submit(agreement)
        agreement.refresh_from_db()
        return agreement

    def submit(self, agreement: Agreement, *, at: dt.datetime = NOON) -> None:
        turns = [
            services.Turn(ApprovalKind.CONSULT, self.colleague),
            services.Turn(ApprovalKind.DECIDE, self.manager),
        ]
        services.submit(agreement_id=agreement.pk, turns=turns, actor=self.officer, at=at)

    def approve(self, agreement: Agreement, *, at: dt.datetime = NOON) -> None:
        version = agreement.versions.get(state="in_approval")
        for approval in version.approvals.filter(state="waiting"):
            services.answer(approval_id=approval.pk, approve=True, actor=approval.person, at=at)

    def approved(self, **values: Any) -> Agreement:
        agreement = self.submitted(**values)
        self.approve(agreement)
        agreement.refresh_from_db()
        return agreement

    def signed(self, *, signed_on: dt.date = TODAY, **values: Any) -> Agreement:
        agreement = self.approved(**values)
        services.sign(agreement_id=agreement.pk, signed_on=signed_on, actor=self.officer, at=NOON)
        agreement.refresh_from_db()
        return agreement
