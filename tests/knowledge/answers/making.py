"""A town with people who write and approve, and answers in force."""

import datetime as dt
from dataclasses import dataclass

from enishi.accounts.models import Person
from enishi.knowledge.answers import readings, services
from enishi.knowledge.answers.services import AnswerValues
from enishi.knowledge.documents import services as documents
from enishi.knowledge.documents.models import Document
from enishi.knowledge.models import ApprovedAnswer, Concierge
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Organization, Section
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

NEXT_YEAR = dt.date(2027, 11, 1)


@dataclass
class Town:
    house: Organization
    section: Section
    writer: Person
    approver: Person


def town(name: str = "あおば市") -> Town:
    house = OrganizationFactory(name=name, phone="0000-10-0100")
    section = SectionFactory(
        organization=house,
        name="環境課",
        duties="ごみの減量と収集、粗大ごみに関すること。",
        phone="0000-10-0630",
        opening_hours="平日 8:30〜17:15",
    )
    writer, approver = PersonFactory(), PersonFactory()
    MembershipFactory(person=writer, organization=house, section=section, role=Role.OFFICER)
    MembershipFactory(person=approver, organization=house, role=Role.PLANNER)
    return Town(house, section, writer, approver)


def values(
    question="粗大ごみの手数料はいくらですか", answer="粗大ごみの手数料は1点につき500円です。", **more
) -> AnswerValues:
    return AnswerValues(question=question, answer=answer, review_on=more.pop("review_on", NEXT_YEAR), **more)


def approved(place: Town, *, read: bool = True, **given) -> ApprovedAnswer:
    """An answer in force, found by its meaning."""
    given.setdefault("section_id", place.section.pk)
    answer = services.create_answer(
        organization=place.house, values=values(**given), actor=place.writer, at=NOON
    )
    services.submit_answer(answer_id=answer.pk, actor=place.writer, at=NOON)
    answer = services.approve_answer(answer_id=answer.pk, actor=place.approver, at=NOON)
    if read:
        readings.read_answers([answer.pk])
    return answer


def desk(place: Town, **given) -> Concierge:
    return Concierge.objects.create(
        organization=place.house,
        **{"slug": "aoba", "title": "あおば市 住民の窓口", "is_open": True, "updated_at": NOON} | given,
    )


def document(
    place: Town, text: str, *, title: str = "ごみの出し方", visibility=Visibility.PUBLIC
) -> Document:
    """A document in force, found at once."""
    kept = documents.create_collection(
        organization=place.house,
        values={"name": title, "kind": "notice", "visibility": visibility, "section": place.section},
        actor=place.approver,
        at=NOON,
    )
    return documents.add_text(
        collection=kept, title=title, text=text, actor=place.approver, at=NOON, values=None
    )
