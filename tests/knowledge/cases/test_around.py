"""What the tools for staff tell other rooms: the home page, handovers, the trash."""

import pytest
from django.test import Client
from django.urls import reverse

from enishi.knowledge.cases import learning
from enishi.knowledge.checks import services as checks
from enishi.knowledge.checks.enums import Decision
from enishi.knowledge.checks.rules import Form, Rule
from enishi.knowledge.drafting import services as drafting
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.staff import handover, panels
from tests.factories import NOON, SectionFactory
from tests.knowledge.cases.making import House, made
from tests.knowledge.cases.test_learning import path_of

pytestmark = pytest.mark.django_db


def waits_for(person: object) -> list[str]:
    found = panels.waiting(person, NOON)  # type: ignore[arg-type]
    return [todo.title for todo in found["items"]] if found else []


def test_home_tells_what_waits_and_forgets_what_is_done() -> None:
    house = House()
    owned = {
        "organization": house.town,
        "section_id": house.section.pk,
        "visibility": "internal",
        "actor": house.officer,
        "at": NOON,
    }
    draft = drafting.create_draft(kind=DraftKind.LETTER, title="お礼の手紙", topic="お礼", **owned)
    checklist = checks.create_checklist(title="点検表", purpose="", **owned)
    version = checks.write_rules(
        checklist_id=checklist.pk,
        rules=[Rule("名", "present", field="氏名")],
        note="",
        version=None,
        actor=house.officer,
        at=NOON,
    )
    run = checks.check(version=version, title="一件", form=Form({}), actor=house.officer, at=NOON)
    path = path_of(house)

    assert waits_for(house.officer) == ["お礼の手紙", "一件", path.title]

    drafting.delete_draft(draft_id=draft.pk, actor=house.officer, at=NOON)
    checks.decide(run_id=run.pk, decision=Decision.ACCEPTED, note="", actor=house.officer, at=NOON)
    for item in path.items.all():
        learning.mark_read(item_id=item.pk, read=True, actor=house.officer, at=NOON)
    assert waits_for(house.officer) == []


def test_a_closing_section_hands_everything_on() -> None:
    house = House()
    case = made(house, section=house.section)
    path_of(house)
    successor = SectionFactory(organization=house.town)

    count = handover.count_of_section(house.section)
    given = handover.give_section(house.section, successor, house.planner, NOON)

    case.refresh_from_db()
    assert (count, given, case.section) == (2, 2, successor)
    assert handover.count_of_section(house.section) == 0


def test_drafts_under_way_go_to_the_successor() -> None:
    house = House()
    draft = drafting.create_draft(
        organization=house.town,
        kind=DraftKind.LETTER,
        title="手紙",
        topic="お礼",
        visibility="internal",
        actor=house.officer,
        at=NOON,
    )

    given = handover.give_drafts(house.officer, house.other_officer, house.town, house.planner, NOON)

    draft.refresh_from_db()
    assert (given, draft.author) == (1, house.other_officer)


@pytest.mark.parametrize(
    "name", ["checks:checklist_list", "drafting:draft_list", "sparring:session_list", "cases:candidates"]
)
def test_residents_and_partners_are_told_whose_page_it_is(client: Client, name: str) -> None:
    from enishi.organizations.enums import Role

    client.force_login(House().person(Role.RESIDENT))

    answer = client.get(reverse(name))

    assert answer.status_code == 403
    assert "管理者に役割を頼んでください" in answer.content.decode()
