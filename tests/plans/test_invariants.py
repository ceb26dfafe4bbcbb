"""I1 to I6 of the plan, each by name: what the database refuses, and what a service refuses with a sentence."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from enishi.organizations.handover import hand_over_section
from enishi.plans import selectors, services
from enishi.plans.errors import FrozenVersionError, PlanError
from enishi.plans.models import Level, NodeIdentity, NodeIndicator, NodeLink, Placement, PlanNode, PlanVersion
from tests.factories import NOON, TODAY, SectionFactory
from tests.plans.making import Cast, approved, cast, draft_of, node, outline, plan_of, programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Cast:
    return cast()


# --- I1 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "rolling", "is_right"),
    [
        (2024, 2031, False, True),
        (2026, 2028, False, True),
        (2023, 2028, False, False),
        (2026, 2032, False, False),
        (2026, 2032, True, True),
    ],
)
def test_i1_a_child_plan_lies_within_its_parent_unless_it_rolls(
    who: Cast, start: int, end: int, rolling: bool, is_right: bool
) -> None:
    parent = plan_of(who)
    values = {"name": "実施計画", "parent": parent, "start_fy": start, "end_fy": end, "rolling": rolling}

    if is_right:
        assert plan_of(who, **values).parent == parent
        return
    with pytest.raises(PlanError) as refused:
        plan_of(who, **values)
    assert "はみ出しています" in refused.value.sentence
    assert "令和6年度" in refused.value.sentence


def test_i1_a_parent_cannot_be_made_shorter_than_its_children(who: Cast) -> None:
    parent = plan_of(who)
    plan_of(who, name="実施計画", parent=parent, start_fy=2029, end_fy=2031)

    with pytest.raises(PlanError, match="はみ出しています"):
        services.edit_plan(
            plan_id=parent.pk, version=parent.version, values={"end_fy": 2030}, actor=who.planner, at=NOON
        )


def test_a_plan_is_not_above_itself(who: Cast) -> None:
    upper = plan_of(who)
    lower = plan_of(who, name="実施計画", parent=upper)

    with pytest.raises(PlanError, match="戻ってしまいます"):
        services.edit_plan(
            plan_id=upper.pk, version=upper.version, values={"parent": lower}, actor=who.planner, at=NOON
        )


# --- I2 ------------------------------------------------------------------------------------------------------------------


def test_i2_a_branch_cannot_hang_from_its_own_branch(who: Cast) -> None:
    version = draft_of(plan_of(who))
    services.set_levels(
        version_id=version.pk,
        labels=[("政策", ""), ("施策", ""), ("基本事業", "")],
        actor=who.planner,
        at=NOON,
    )
    top = node(who, version, "子ども")
    low = node(who, version, "相談", node(who, version, "子育て", top))

    with pytest.raises(PlanError, match="自分の下には移せません"):
        services.move_node(node_id=top.pk, parent_id=low.pk, actor=who.planner, at=NOON)


def test_i2_levels_strictly_increase_on_the_way_down(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first, second = node(who, version, "子ども"), node(who, version, "福祉")

    with pytest.raises(PlanError) as refused:
        services.move_node(node_id=second.pk, parent_id=first.pk, actor=who.planner, at=NOON)

    assert refused.value.sentence.startswith("政策「福祉」は、政策「子ども」の下には置けません")


def test_i2_a_place_in_the_tree_is_taken_once(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first, second = node(who, version, "子ども"), node(who, version, "福祉")

    with pytest.raises(IntegrityError), transaction.atomic():
        PlanNode.objects.filter(pk=second.pk).update(path=first.path)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanNode.objects.filter(pk=second.pk).update(depth=2)


# --- I3 ------------------------------------------------------------------------------------------------------------------


def test_i3_an_approved_version_cannot_be_written_by_any_way(who: Cast) -> None:
    version = draft_of(plan_of(who))
    top = node(who, version, "子ども")
    low = node(who, version, "子育て", top)
    services.link_nodes(node_id=low.pk, target_uid=top.uid, kind="contributes", actor=who.planner, at=NOON)
    approved(who, version)
    top.refresh_from_db()
    level = version.levels.get(order=1)
    link = NodeLink.objects.get()

    for write in (
        lambda: services.add_node(
            version_id=version.pk, parent_id=None, values={"title": "新"}, actor=who.planner, at=NOON
        ),
        lambda: services.write_node(
            node_id=top.pk, revision=None, values={"title": "新"}, actor=who.planner, at=NOON
        ),
        lambda: services.remove_node(node_id=low.pk, actor=who.planner, at=NOON),
        lambda: services.unlink_nodes(link_id=link.pk, actor=who.planner, at=NOON),
        lambda: top.save(),
        lambda: top.delete(),
        lambda: level.save(),
        lambda: PlanNode.objects.filter(pk=top.pk).update(title="新"),
        lambda: PlanNode.objects.filter(pk=top.pk).delete(),
        lambda: PlanNode.objects.bulk_update([top], ["title"]),
        lambda: Level.objects.create(version=version, order=5, label="新"),
        lambda: NodeIndicator.objects.bulk_create([NodeIndicator(node=top, indicator_id=1)]),
        lambda: NodeLink.objects.filter(pk=link.pk).update(note="新"),
        lambda: PlanVersion.objects.get(pk=version.pk).save(),
        lambda: PlanVersion.objects.get(pk=version.pk).delete(),
    ):
        with pytest.raises(FrozenVersionError):
            write()

    assert outline(version) == ["子ども", "  子育て"]
    assert services.is_whole(PlanVersion.objects.get(pk=version.pk))


def test_i3_the_hash_tells_when_somebody_wrote_past_the_application(who: Cast) -> None:
    version = draft_of(plan_of(who))
    top = node(who, version, "子ども")
    approved(who, version)

    PlanNode._base_manager.filter(pk=top.pk).update(title="すりかえ")

    assert not services.is_whole(PlanVersion.objects.get(pk=version.pk))


def test_i3_an_approved_version_has_its_hash_and_its_day(who: Cast) -> None:
    version = draft_of(plan_of(who))

    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=version.pk).update(state="approved")


# --- I4 ------------------------------------------------------------------------------------------------------------------


def test_i4_one_primary_place_per_programme_and_version(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first, second = node(who, version, "子ども"), node(who, version, "福祉")
    work = programme(who, "100101")
    Placement.objects.create(version=version, node=first, programme=work)

    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(version=version, node=second, programme=work)
    assert Placement.objects.create(version=version, node=second, programme=work, is_primary=False).pk


def test_i4_a_new_primary_place_takes_the_old_ones_part(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first, second = node(who, version, "子ども"), node(who, version, "福祉")
    work = programme(who, "100101")
    for place in (first, second):
        services.place_programme(
            node_id=place.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON
        )

    found = dict(version.placements.values_list("node__title", "is_primary"))
    assert found == {"子ども": False, "福祉": True}


def test_i4_a_second_plan_in_force_cannot_take_the_primary_place(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first = node(who, version, "子ども")
    work = programme(who, "100101")
    services.place_programme(
        node_id=first.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON
    )
    approved(who, version)
    other = draft_of(plan_of(who, name="こども計画", kind="individual"))
    second = node(who, other, "切れ目のない支え")

    with pytest.raises(PlanError, match="すでに「試験市 基本計画」の「子ども」にあります"):
        services.place_programme(
            node_id=second.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON
        )
    placed = services.place_programme(
        node_id=second.pk, programme_id=work.pk, is_primary=False, actor=who.planner, at=NOON
    )
    assert not placed.is_primary
    assert selectors.doubly_placed_programmes(who.town.pk, TODAY) == []


def test_i4_programmes_without_a_primary_place_are_named(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first = node(who, version, "子ども")
    placed, left = programme(who, "100101"), programme(who, "100102", "遊び場整備事業")
    programme(who, "100103", "終わった事業", end_fy=2024)
    services.place_programme(
        node_id=first.pk, programme_id=placed.pk, is_primary=True, actor=who.planner, at=NOON
    )
    approved(who, version)

    assert list(selectors.unplaced_programmes(who.town.pk, TODAY)) == [left]
    assert selectors.primary_nodes([placed.pk, left.pk], who.town.pk, TODAY) == {placed.pk: first}


# --- I5 ------------------------------------------------------------------------------------------------------------------


def test_i5_a_uid_is_never_used_again(who: Cast) -> None:
    version = draft_of(plan_of(who))
    gone = node(who, version, "子ども")
    services.remove_node(node_id=gone.pk, actor=who.planner, at=NOON)

    again = node(who, version, "子ども")

    assert again.uid != gone.uid
    assert NodeIdentity.objects.filter(pk=gone.uid).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        NodeIdentity.objects.create(uid=gone.uid, plan=version.plan)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanNode.objects.filter(pk=again.pk).update(uid=gone.uid)


def test_i5_a_merged_branch_says_into_what(who: Cast) -> None:
    version = draft_of(plan_of(who))
    first, second = node(who, version, "子ども"), node(who, version, "若者")

    services.merge_node(node_id=second.pk, into_id=first.pk, actor=who.planner, at=NOON)

    assert NodeIdentity.objects.get(pk=second.uid).merged_into_id == first.uid
    assert selectors.current_node(who.planner, second.uid, TODAY) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        NodeIdentity.objects.filter(pk=first.uid).update(merged_into_id=first.uid)


# --- I6 ------------------------------------------------------------------------------------------------------------------


def test_i6_a_reorganisation_hands_every_branch_on_and_the_approved_text_stays(who: Cast) -> None:
    version = draft_of(plan_of(who))
    top = node(who, version, "子ども", section=who.section)
    approved(who, version)
    heir = SectionFactory(organization=who.town, name="こども未来課")

    hand_over_section(section=who.section, successor=heir, actor=who.planner, at=NOON)

    top.refresh_from_db()
    assert (top.section, top.section_then) == (heir, "こども課")
    assert services.is_whole(PlanVersion.objects.get(pk=version.pk))
    assert not selectors.ownerless_nodes(who.town.pk, TODAY).exists()


def test_i6_a_closed_section_cannot_be_responsible_for_a_new_version(who: Cast) -> None:
    version = draft_of(plan_of(who))
    node(who, version, "子ども", section=who.section)
    who.section.valid_to = TODAY - dt.timedelta(days=1)
    who.section.save()

    with pytest.raises(PlanError, match="「こども課」は、施行日には廃止されています"):
        approved(who, version)
