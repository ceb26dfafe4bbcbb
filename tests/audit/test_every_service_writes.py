"""Whatever a service of these rooms does leaves an act in the record."""

import datetime as dt
import inspect

import pytest

from enishi.accounts import services as accounts
from enishi.accounts.models import ApiToken
from enishi.audit.models import AuditEvent
from enishi.audit.wording import USUAL
from enishi.organizations import services as organizations
from enishi.organizations.enums import OrganizationKind, Role, StepKind
from enishi.organizations.models import Invitation, Reorganization
from enishi.organizations.services import PartnerValues
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

pytestmark = pytest.mark.django_db
APRIL = dt.date(2027, 4, 1)
QUESTIONS = {"roles_in", "usable_invitation", "faults_of", "open_responsibilities", "note_use"}
"""These ask, or note a use; they change nothing that anybody would look up."""


class House:
    """A town with an administrator, a colleague, a section."""

    def __init__(self):
        self.place = MembershipFactory(role=Role.ADMINISTRATOR)
        self.actor = self.place.person
        self.house = self.place.organization
        self.section = SectionFactory(organization=self.house)
        self.colleague = MembershipFactory(organization=self.house, role=Role.OFFICER)
        self.by = {"actor": self.actor, "at": NOON}

    def partner(self):
        return PartnerValues(kind=OrganizationKind.NPO, name="縁側の会", seat_id=self.house.pk)

    def invitation(self):
        organizations.invite(
            organization_id=self.house.pk, email="a@example.jp", role=Role.OFFICER, section=None, **self.by
        )
        return Invitation.objects.get()

    def registration(self, person=None):
        return organizations.ask_registration(
            values=self.partner(), message="", actor=person or PersonFactory(), at=NOON
        )

    def request(self, person=None):
        return organizations.ask_to_join(
            organization_id=self.house.pk, message="", actor=person or PersonFactory(), at=NOON
        )

    def plan(self):
        return organizations.prepare_reorganization(
            organization_id=self.house.pk, name="4月", effective_on=APRIL, **self.by
        )

    def step(self, plan=None):
        plan = plan or self.plan()
        return organizations.add_step(
            reorganization_id=plan.pk, kind=StepKind.ADD, name="新しい課", **self.by
        )

    def decided(self):
        step = self.step()
        return organizations.decide_reorganization(reorganization_id=step.reorganization_id, **self.by)


def accept_invitation(house):
    from enishi.accounts.models import digest_of

    house.invitation()
    Invitation.objects.update(digest=digest_of("key"))
    organizations.accept_invitation(secret="key", actor=PersonFactory(email="a@example.jp"), at=NOON)


def carry_out_due(house):
    house.decided()
    organizations.carry_out_due(NOON.replace(year=2027, month=4, day=1))


WALK = {
    "change_profile": lambda h: accounts.change_profile(name="別の名", kana="", language="ja", **h.by),
    "make_token": lambda h: accounts.make_token(name="集計", days=1, **h.by),
    "revoke_token": lambda h: accounts.revoke_token(
        token_id=ApiToken.objects.create(
            person=h.actor, name="x", digest="d", created_at=NOON, expires_at=NOON
        ).pk,
        **h.by,
    ),
    "record_export": lambda h: accounts.record_export(**h.by),
    "create_first_administrator": lambda h: organizations.create_first_administrator(
        email="x@example.jp", name="管理", organization_code="182079", password="x" * 12, at=NOON
    ),
    "register_partner": lambda h: organizations.register_partner(values=h.partner(), **h.by),
    "edit_organization": lambda h: organizations.edit_organization(
        organization_id=h.house.pk, values={"phone": "1"}, **h.by
    ),
    "add_section": lambda h: organizations.add_section(
        organization_id=h.house.pk, name="新しい課", parent=None, valid_from=APRIL, **h.by
    ),
    "edit_section": lambda h: organizations.edit_section(
        section_id=h.section.pk, name="別の課", parent=None, **h.by
    ),
    "close_section": lambda h: organizations.close_section(
        section_id=h.section.pk, last_day=APRIL, successors=[], **h.by
    ),
    "prepare_reorganization": lambda h: h.plan(),
    "add_step": lambda h: h.step(),
    "remove_step": lambda h: organizations.remove_step(step_id=h.step().pk, **h.by),
    "decide_reorganization": lambda h: h.decided(),
    "withdraw_reorganization": lambda h: organizations.withdraw_reorganization(
        reorganization_id=h.plan().pk, **h.by
    ),
    "carry_out_due": carry_out_due,
    "invite": lambda h: h.invitation(),
    "invite_outsider": lambda h: organizations.invite_outsider(
        organization_id=h.house.pk, email="b@example.jp", **h.by
    ),
    "resend_invitation": lambda h: organizations.resend_invitation(invitation_id=h.invitation().pk, **h.by),
    "withdraw_invitation": lambda h: organizations.withdraw_invitation(
        invitation_id=h.invitation().pk, **h.by
    ),
    "accept_invitation": accept_invitation,
    "change_role": lambda h: organizations.change_role(
        membership_id=h.colleague.pk, role=Role.MANAGER, section=None, title="", **h.by
    ),
    "end_membership": lambda h: organizations.end_membership(
        membership_id=h.colleague.pk, last_day=APRIL, **h.by
    ),
    "transfer": lambda h: organizations.transfer(
        membership_id=h.colleague.pk, successor_id=h.actor.pk, last_day=APRIL, **h.by
    ),
    "ask_registration": lambda h: h.registration(),
    "accept_registration": lambda h: organizations.accept_registration(
        registration_id=h.registration().pk, **h.by
    ),
    "decline_registration": lambda h: organizations.decline_registration(
        registration_id=h.registration().pk, reason="", **h.by
    ),
    "withdraw_registration": lambda h: organizations.withdraw_registration(
        registration_id=h.registration(h.actor).pk, **h.by
    ),
    "ask_to_join": lambda h: h.request(),
    "accept_join_request": lambda h: organizations.accept_join_request(
        request_id=h.request().pk, role=Role.OFFICER, **h.by
    ),
    "decline_join_request": lambda h: organizations.decline_join_request(
        request_id=h.request().pk, reason="", **h.by
    ),
    "withdraw_join_request": lambda h: organizations.withdraw_join_request(
        request_id=(request := h.request()).pk, actor=request.person, at=NOON
    ),
    "live_in": lambda h: organizations.live_in(
        organization_id=OrganizationFactory().pk, actor=h.actor, at=NOON
    ),
}


def services_of(module):
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value)
        and not name.startswith("_")
        and value.__module__.startswith(module.__name__)
    }


def test_every_service_is_walked():
    assert services_of(accounts) | services_of(organizations) == set(WALK) | QUESTIONS


@pytest.mark.parametrize("name", sorted(WALK))
def test_a_service_leaves_an_act_that_can_be_told(name):
    house = House()
    assert AuditEvent.objects.count() == 0

    WALK[name](house)

    acts = list(AuditEvent.objects.all())
    assert acts
    assert [act.action for act in acts if act.action not in USUAL] == []
    assert not Reorganization.objects.exclude(trouble="").exists()
