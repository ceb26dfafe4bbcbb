"""Cases for the suite, made through the room's own services."""

from typing import Any

from enishi.accounts.models import Person
from enishi.knowledge.cases import services
from enishi.knowledge.cases.readings import refresh
from enishi.knowledge.cases.search import KIND
from enishi.knowledge.cases.values import CaseValues
from enishi.knowledge.models import Case
from enishi.knowledge.services import index
from enishi.organizations.enums import Role, Visibility
from enishi.organizations.models import Organization
from tests.factories import NOON, MembershipFactory, OrganizationFactory, PersonFactory, SectionFactory

VALUES: dict[str, Any] = {
    "title": "協定にない清掃を頼まれたときの対応",
    "situation": "見守りの協定を結んだ団体から、協定にない公園清掃も頼みたいと言われた。",
    "action": "協定の範囲を示し、別の委託として見積もりを出してもらうよう手紙で答えた。",
    "result": "清掃は翌年度に委託契約となり、協定はそのまま続いた。",
    "outcome": "worked",
    "lesson": "範囲の外の仕事は、その場で返事をしない。\n断るときは手紙で理由を残す。",
    "place": "北海道試験町",
    "fields": ["福祉"],
    "themes": ["協定", "見守り"],
    "visibility": Visibility.INTERNAL.value,
}


class House:
    """A town with a section and the people the tests ask."""

    def __init__(self, name: str = "試験市") -> None:
        self.town: Organization = OrganizationFactory(name=name)
        self.section = SectionFactory(organization=self.town, name="企画課")
        self.other_section = SectionFactory(organization=self.town, name="税務課")
        self.planner = self.person(Role.PLANNER)
        self.officer = self.person(Role.OFFICER, self.section)
        self.other_officer = self.person(Role.OFFICER, self.other_section)

    def person(self, role: Role, section: Any = None) -> Person:
        return MembershipFactory(
            organization=self.town, role=role, section=section, person=PersonFactory()
        ).person


def made(house: House, **changes: Any) -> Case:
    """A case, readable for ranking and search at once."""
    section = changes.pop("section", None)
    values = CaseValues(**{**VALUES, "section_id": section.pk if section else None, **changes})
    case = services.create_case(organization=house.town, values=values, actor=house.planner, at=NOON)
    index(KIND, [case.pk])
    refresh([case.pk])
    return case
