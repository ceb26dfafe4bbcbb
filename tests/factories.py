"""Real objects for the suite. Each factory makes the smallest thing that is true."""

import datetime as dt
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from enishi.accounts.models import Person
from enishi.exchange.enums import ChallengeStatus, ResourceStatus
from enishi.exchange.models import Challenge, Field, Resource
from enishi.knowledge import services as knowledge
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from enishi.organizations.models import Membership, Organization, Section

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
TODAY = NOON.date()
PASSWORD = "himitsu-no-kotoba"


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.jp")
    name = factory.Sequence(lambda number: f"試験 {number}郎")
    password = factory.django.Password(PASSWORD)


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    kind = OrganizationKind.MUNICIPALITY
    name = factory.Sequence(lambda number: f"試験{number}市")


class SectionFactory(DjangoModelFactory[Section]):
    class Meta:
        model = Section

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda number: f"第{number}課")
    valid_from = dt.date(2020, 4, 1)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    person = factory.SubFactory(PersonFactory)
    organization = factory.SubFactory(OrganizationFactory)
    section = None
    role = Role.PLANNER
    valid_from = dt.date(2020, 4, 1)


class FieldFactory(DjangoModelFactory[Field]):
    class Meta:
        model = Field

    code = factory.Sequence(lambda number: f"test-{number}")
    name = factory.Sequence(lambda number: f"試験分野{number}")


class ChallengeFactory(DjangoModelFactory[Challenge]):
    """An open, public challenge, searchable at once; ``fields``, ``areas`` and ``parties`` take lists."""

    class Meta:
        model = Challenge
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    title = factory.Sequence(lambda number: f"一人で暮らす高齢者の変化に気づけない {number}")
    present_state = "民生委員の訪問が月一回にとどまり、異変に気づくまで日数がかかっている。"
    desired_state = "異変に二日以内に気づける。"
    sufferers = ["residents"]
    resource_kinds = ["technology"]
    contact_name = "高齢福祉課"
    visibility = Visibility.PUBLIC
    status = ChallengeStatus.OPEN
    created_at = updated_at = NOON
    published_at = factory.LazyAttribute(lambda made: None if made.status == "draft" else NOON)

    @factory.post_generation
    def fields(self, create, extracted, **kwargs):
        self.fields.set(extracted or [])

    @factory.post_generation
    def areas(self, create, extracted, **kwargs):
        self.areas.set(extracted or [])

    @factory.post_generation
    def parties(self, create, extracted, **kwargs):
        self.parties.set(extracted or [])

    @factory.post_generation
    def indexed(self, create, extracted, **kwargs):
        if extracted is not False:
            knowledge.index("challenge", [self.pk])


class ResourceFactory(DjangoModelFactory[Resource]):
    """An open, public, freshly confirmed resource, searchable at once; ``fields``, ``areas`` and ``parties`` take lists."""

    class Meta:
        model = Resource
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory, kind=OrganizationKind.COMPANY)
    title = factory.Sequence(lambda number: f"分電盤につける見守りセンサー {number}")
    offer = "電気の使い方がいつもと違うとき、家族や包括支援センターに知らせます。"
    kinds = ["technology"]
    is_nationwide = True
    visibility = Visibility.PUBLIC
    status = ResourceStatus.OPEN
    confirmed_on = TODAY
    created_at = updated_at = NOON
    published_at = factory.LazyAttribute(lambda made: None if made.status == "draft" else NOON)

    @factory.post_generation
    def fields(self, create, extracted, **kwargs):
        self.fields.set(extracted or [])

    @factory.post_generation
    def areas(self, create, extracted, **kwargs):
        self.areas.set(extracted or [])

    @factory.post_generation
    def parties(self, create, extracted, **kwargs):
        self.parties.set(extracted or [])

    @factory.post_generation
    def indexed(self, create, extracted, **kwargs):
        if extracted is not False:
            knowledge.index("resource", [self.pk])
