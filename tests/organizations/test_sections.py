"""Sections and reorganisations."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.audit.models import AuditEvent
from enishi.organizations import services
from enishi.organizations.enums import Role, StepKind
from enishi.organizations.errors import ReorganizationRefusedError, SectionRefusedError
from enishi.organizations.models import Membership, Section
from enishi.organizations.selectors import flat, section_tree
from tests.factories import NOON, TODAY, ChallengeFactory, MembershipFactory, SectionFactory

pytestmark = pytest.mark.django_db
APRIL = dt.date(2027, 4, 1)


@pytest.fixture
def administrator():
    return MembershipFactory(role=Role.ADMINISTRATOR)


@pytest.fixture
def house(administrator):
    return administrator.organization


def closed(section, administrator, *successors, last_day=TODAY):
    return services.close_section(
        section_id=section.pk,
        last_day=last_day,
        successors=successors,
        actor=administrator.person,
        at=NOON,
    )


def test_a_tree_reads_from_the_top(house):
    top = SectionFactory(organization=house, name="総務部", code="10")
    below = SectionFactory(organization=house, name="総務課", code="11", parent=top)
    alone = SectionFactory(organization=house, name="出納室", code="20")

    lines = flat(section_tree(Section.objects.filter(organization=house)))

    assert lines == [(0, top), (1, below), (0, alone)]


def test_an_empty_section_closes_without_successor(administrator, house):
    section = SectionFactory(organization=house)

    closed(section, administrator)

    section.refresh_from_db()
    assert section.valid_to == TODAY


def test_a_section_with_people_or_records_needs_a_successor(administrator, house):
    section = SectionFactory(organization=house, name="窓口課")
    MembershipFactory(organization=house, section=section, role=Role.OFFICER)
    ChallengeFactory(organization=house, section=section)

    with pytest.raises(SectionRefusedError, match="所属する人 1件、担当する課題・資源 1件"):
        closed(section, administrator)


def test_people_and_records_go_to_the_successor(administrator, house):
    old, new = SectionFactory.create_batch(2, organization=house)
    place = MembershipFactory(organization=house, section=old, role=Role.OFFICER, title="係長")
    challenge = ChallengeFactory(organization=house, section=old)

    piles = closed(old, administrator, new)

    challenge.refresh_from_db()
    old.refresh_from_db()
    following = Membership.objects.get(person=place.person, valid_to__isnull=True)
    assert challenge.section == new
    assert challenge.version == 2
    assert (following.section, following.title, following.valid_from) == (
        new,
        "係長",
        TODAY + dt.timedelta(days=1),
    )
    assert list(old.successors.all()) == [new]
    assert [pile.count for pile in piles] == [1]


def test_a_section_with_open_ones_below_does_not_close(administrator, house):
    section = SectionFactory(organization=house)
    SectionFactory(organization=house, parent=section)

    with pytest.raises(SectionRefusedError, match="下に課が残って"):
        closed(section, administrator)


def test_a_section_does_not_come_to_lie_below_itself(administrator, house):
    top = SectionFactory(organization=house)
    below = SectionFactory(organization=house, parent=top)

    with pytest.raises(SectionRefusedError, match="自分の下"):
        services.edit_section(
            section_id=top.pk, name=top.name, parent=below, actor=administrator.person, at=NOON
        )


def test_two_sections_of_one_name_do_not_stand_side_by_side(administrator, house):
    SectionFactory(organization=house, name="企画課")

    with pytest.raises(SectionRefusedError, match="もうあります"):
        services.add_section(
            organization_id=house.pk,
            name="企画課",
            parent=None,
            valid_from=TODAY,
            actor=administrator.person,
            at=NOON,
        )


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MANAGER, Role.PLANNER, Role.AUDITOR])
def test_only_administrators_change_sections(house, role):
    section = SectionFactory(organization=house)
    actor = MembershipFactory(organization=house, role=role).person

    with pytest.raises(PermissionDenied):
        services.edit_section(section_id=section.pk, name="別の名", parent=None, actor=actor, at=NOON)


def test_the_house_next_door_changes_nothing(administrator):
    with pytest.raises(PermissionDenied):
        closed(SectionFactory(), administrator)


# --- Reorganisation ----------------------------------------------------------------------------------------------------


@pytest.fixture
def plan(administrator, house):
    return services.prepare_reorganization(
        organization_id=house.pk,
        name="令和9年4月の機構改革",
        effective_on=APRIL,
        actor=administrator.person,
        at=NOON,
    )


@pytest.fixture
def step(administrator, plan):
    def add(kind, **values):
        return services.add_step(
            reorganization_id=plan.pk, kind=kind, actor=administrator.person, at=NOON, **values
        )

    return add


def decided(plan, administrator, at=NOON):
    return services.decide_reorganization(reorganization_id=plan.pk, actor=administrator.person, at=at)


def at_noon(day):
    return NOON.replace(year=day.year, month=day.month, day=day.day)


def test_nothing_happens_before_its_day_and_everything_on_it(administrator, house, plan, step):
    planning = SectionFactory(organization=house, name="企画課")
    welfare = SectionFactory(organization=house, name="福祉課")
    place = MembershipFactory(organization=house, section=welfare, role=Role.OFFICER)
    challenge = ChallengeFactory(organization=house, section=welfare)
    department = step(StepKind.ADD, name="未来部")
    child = step(StepKind.ADD, name="こども課", parent_step=department)
    step(StepKind.RENAME, section=planning, name="未来企画課")
    step(StepKind.MOVE, section=planning, parent_step=department)
    step(StepKind.CLOSE, section=welfare, successor_steps=[child])
    decided(plan, administrator)

    early = services.carry_out_due(at_noon(APRIL - dt.timedelta(days=1)))
    before = Section.objects.get(pk=planning.pk).name
    done = services.carry_out_due(at_noon(APRIL))
    again = services.carry_out_due(at_noon(APRIL))

    planning.refresh_from_db()
    welfare.refresh_from_db()
    challenge.refresh_from_db()
    new = Section.objects.get(name="こども課")
    assert (early, before, done, again) == (0, "企画課", 1, 0)
    assert (planning.name, planning.parent.name) == ("未来企画課", "未来部")
    assert (new.valid_from, new.parent.name) == (APRIL, "未来部")
    assert welfare.valid_to == APRIL - dt.timedelta(days=1)
    assert challenge.section == new
    assert Membership.objects.get(person=place.person, valid_to__isnull=True).section == new
    assert AuditEvent.objects.filter(action="carry_out").count() == 1


def test_a_list_whose_day_has_come_is_done_when_it_is_decided(administrator, house):
    plan = services.prepare_reorganization(
        organization_id=house.pk, name="いますぐ", effective_on=TODAY, actor=administrator.person, at=NOON
    )
    services.add_step(
        reorganization_id=plan.pk, kind=StepKind.ADD, name="新しい課", actor=administrator.person, at=NOON
    )

    done = decided(plan, administrator)

    assert done.done_at == NOON
    assert Section.objects.filter(organization=house, name="新しい課").exists()


def test_an_empty_list_is_not_decided(administrator, plan):
    with pytest.raises(ReorganizationRefusedError, match="まだ内容がありません"):
        decided(plan, administrator)


def test_what_would_be_left_to_nobody_keeps_the_list_from_being_decided(administrator, house, plan, step):
    section = SectionFactory(organization=house, name="福祉課")
    ChallengeFactory(organization=house, section=section)
    step(StepKind.CLOSE, section=section)

    with pytest.raises(ReorganizationRefusedError, match="引き継ぐ課を決めて"):
        decided(plan, administrator)


def test_a_successor_that_closes_on_the_same_day_is_none(administrator, house, plan, step):
    first, second = SectionFactory.create_batch(2, organization=house)
    step(StepKind.CLOSE, section=first, successors=[second])
    step(StepKind.CLOSE, section=second)

    with pytest.raises(ReorganizationRefusedError, match="同じ日に廃止"):
        decided(plan, administrator)


def test_a_whole_branch_closes_from_the_leaves_up(administrator, house, plan, step):
    top = SectionFactory(organization=house)
    below = SectionFactory(organization=house, parent=top)
    step(StepKind.CLOSE, section=top)
    step(StepKind.CLOSE, section=below)
    decided(plan, administrator)

    assert services.carry_out_due(at_noon(APRIL)) == 1
    assert Section.objects.filter(organization=house, valid_to__isnull=True).count() == 0


def test_a_plan_that_cannot_be_done_any_more_says_why_and_changes_nothing(administrator, house, plan, step):
    section = SectionFactory(organization=house, name="福祉課")
    step(StepKind.ADD, name="新しい課")
    step(StepKind.CLOSE, section=section)
    decided(plan, administrator)
    ChallengeFactory(organization=house, section=section)

    done = services.carry_out_due(at_noon(APRIL))

    plan.refresh_from_db()
    assert done == 0
    assert "福祉課" in plan.trouble
    assert not Section.objects.filter(name="新しい課").exists()


def test_a_decided_list_changes_no_more_and_a_withdrawn_one_is_not_done(administrator, plan, step):
    step(StepKind.ADD, name="新しい課")
    decided(plan, administrator)

    with pytest.raises(ReorganizationRefusedError, match="もう決まって"):
        step(StepKind.ADD, name="もう一つの課")
    services.withdraw_reorganization(reorganization_id=plan.pk, actor=administrator.person, at=NOON)
    assert services.carry_out_due(at_noon(APRIL)) == 0


def test_the_pages_carry_a_reorganisation_through_without_javascript(client, administrator, house):
    section = SectionFactory(organization=house, name="企画課")
    client.force_login(administrator.person)

    made = client.post(
        reverse("organizations:reorganization_new", args=[house.pk]),
        {"name": "令和9年4月の機構改革", "effective_on": "R9.4.1"},
    )
    client.post(made.url, {"kind": "rename", "section": section.pk, "name": "未来企画課"})
    empty = client.post(made.url, {"kind": "add"})
    page = client.get(made.url).content.decode()
    client.post(made.url + "decide/")
    decided_page = client.get(made.url).content.decode()

    assert "新しい課の名前を書いてください" in empty.content.decode()
    assert "未来企画課" in page
    assert "この内容で決める" in page
    assert "決まっています" in decided_page


@pytest.mark.parametrize("count", [2, 30])
def test_the_tree_page_asks_the_same_questions_however_many_sections(
    client, administrator, house, django_assert_max_num_queries, count
):
    top = SectionFactory(organization=house)
    SectionFactory.create_batch(count, organization=house, parent=top)
    client.force_login(administrator.person)

    with django_assert_max_num_queries(22):
        response = client.get(reverse("organizations:section_tree", args=[house.pk]))

    assert response.status_code == 200
