"""A desk with people around it, for the tests of this room."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from enishi.accounts.models import Person
from enishi.desk import services
from enishi.desk.enums import Origin, ProposalKind, ProposalStatus
from enishi.desk.models import Proposal
from enishi.organizations.enums import OrganizationKind, Role
from enishi.organizations.models import Organization, Section
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

DAY = dt.timedelta(days=1)


def _member(organization: Organization, role: Role, section: Section | None = None, name: str = "") -> Person:
    person = PersonFactory(**({"name": name} if name else {}))
    MembershipFactory(person=person, organization=organization, section=section, role=role)
    return person


@dataclass
class Desk:
    """One municipality with a desk, two sections, and two companies that know nothing of each other."""

    town: Organization = field(default_factory=OrganizationFactory)
    company: Organization = field(default_factory=lambda: OrganizationFactory(kind=OrganizationKind.COMPANY))
    rival: Organization = field(default_factory=lambda: OrganizationFactory(kind=OrganizationKind.COMPANY))
    other_town: Organization = field(default_factory=OrganizationFactory)

    def __post_init__(self) -> None:
        self.welfare: Section = SectionFactory(organization=self.town, name="高齢福祉課")
        self.parks: Section = SectionFactory(organization=self.town, name="公園緑地課")
        self.planner = _member(self.town, Role.PLANNER, name="水瀬 千景")
        self.officer = _member(self.town, Role.OFFICER, self.parks)
        self.manager = _member(self.town, Role.MANAGER, self.welfare)
        self.welfare_officer = _member(self.town, Role.OFFICER, self.welfare)
        self.auditor = _member(self.town, Role.AUDITOR)
        self.partner = _member(self.company, Role.PARTNER_MEMBER)
        self.rival_partner = _member(self.rival, Role.PARTNER_MEMBER)
        self.neighbour = _member(self.other_town, Role.PLANNER)
        self.stranger = PersonFactory()

    def draft(self, **values: Any) -> Proposal:
        given = {
            "title": "電気の使い方で見守る",
            "summary": "分電盤の小さな機器で暮らしの変化に気づきます。",
            **values,
        }
        proposal = services.start_draft(
            organization=self.town,
            kind=given.pop("kind", ProposalKind.PROPOSAL),
            actor=self.partner,
            proposer=self.company,
            at=given.pop("at", NOON),
        )
        parts = given.pop("parts", None)
        return services.save_draft(
            proposal_id=proposal.pk, values=given, parts=parts, actor=self.partner, at=NOON
        )

    def proposal(self, **values: Any) -> Proposal:
        at = values.get("at", NOON)
        return services.submit(proposal_id=self.draft(**values).pk, actor=self.partner, at=at)

    def visitors_draft(self, **values: Any) -> Proposal:
        proposal = services.start_draft(
            organization=self.town, kind=ProposalKind.CONSULTATION, actor=None, at=NOON, origin=Origin.FREE
        )
        given = {
            "title": "団地の空き店舗を使いたい",
            "summary": "週に二日、子ども食堂を開きたいと考えています。",
            "proposer_name": "ひだまりの会",
            "name": "春野 灯",
            "email": "hidamari@example.jp",
            **values,
        }
        return services.save_draft(proposal_id=proposal.pk, values=given, actor=None, at=NOON)

    def at_stage(self, status: ProposalStatus, **values: Any) -> Proposal:
        """A proposal taken by its moves to this stage, one minute each."""
        proposal = self.proposal(**values)
        for minute, stage in enumerate(WAYS[status], start=1):
            proposal = services.move(
                proposal_id=proposal.pk,
                status=stage,
                actor=self.planner,
                at=proposal.stage_entered_at + dt.timedelta(minutes=minute),
                reason="予算の都合",
            )
        return proposal


S = ProposalStatus
WAYS: dict[ProposalStatus, tuple[ProposalStatus, ...]] = {
    S.RECEIVED: (),
    S.CHECKING: (S.CHECKING,),
    S.CONSULTING: (S.CHECKING, S.CONSULTING),
    S.IN_DIALOGUE: (S.CHECKING, S.IN_DIALOGUE),
    S.REVIEWING: (S.CHECKING, S.IN_DIALOGUE, S.REVIEWING),
    S.ADOPTED: (S.CHECKING, S.IN_DIALOGUE, S.REVIEWING, S.ADOPTED),
    S.TRIAL: (S.CHECKING, S.IN_DIALOGUE, S.REVIEWING, S.TRIAL),
    S.DECLINED: (S.CHECKING, S.DECLINED),
    S.WITHDRAWN: (S.CHECKING, S.WITHDRAWN),
}
