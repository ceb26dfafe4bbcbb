"""The tree of a draft: what moves, what follows, what comes back."""

from functools import partial

import pytest

from enishi.evaluation.models import EnvelopeRow, EnvelopeScenario
from enishi.foundation.refusals import StaleVersionError
from enishi.plans import paths, selectors, services
from enishi.plans.errors import PlanError
from enishi.plans.models import Level, NodeIndicator, Placement, PlanVersion
from tests.factories import NOON, TODAY
from tests.plans.making import Cast, approved, cast, draft_of, node, outline, plan_of, programme


@pytest.mark.parametrize(
    ("parents", "ring"),
    [
        ({"a": None, "b": "a"}, []),
        ({"a": "a"}, ["a"]),
        ({"a": "b", "b": "a", "c": None}, ["a", "b"]),
        ({"x": "a", "a": "b", "b": "c", "c": "a"}, ["a", "b", "c"]),
        ({"a": "nobody"}, []),
    ],
)
def test_rings_are_found(parents: dict[str, str | None], ring: list[str]) -> None:
    assert paths.cycle_in(parents.items()) == ring


@pytest.fixture
def who(db: None) -> Cast:
    return cast()


@pytest.fixture
def version(who: Cast) -> PlanVersion:
    """子ども(子育て・学び), 福祉."""
    draft = draft_of(plan_of(who))
    top = node(who, draft, "子ども", code="1")
    node(who, draft, "子育て", top, code="1-1", section=who.section)
    node(who, draft, "学び", top, code="1-2")
    node(who, draft, "福祉", code="2")
    return draft


def test_a_branch_moves_with_all_below_it(who: Cast, version: PlanVersion) -> None:
    moved = version.nodes.get(title="学び")

    services.move_node(
        node_id=moved.pk, parent_id=version.nodes.get(title="福祉").pk, actor=who.planner, at=NOON
    )

    assert outline(version) == ["子ども", "  子育て", "福祉", "  学び"]
    assert [each.path for each in version.nodes.order_by("path")] == ["0001", "00010001", "0002", "00020001"]


@pytest.mark.parametrize(
    ("title", "by", "after"),
    [
        ("福祉", -1, ["福祉", "子ども", "  子育て", "  学び"]),
        ("子ども", 1, ["福祉", "子ども", "  子育て", "  学び"]),
        ("学び", -1, ["子ども", "  学び", "  子育て", "福祉"]),
        ("学び", 1, ["子ども", "  子育て", "  学び", "福祉"]),
    ],
)
def test_a_branch_goes_up_and_down_among_its_siblings(
    who: Cast, version: PlanVersion, title: str, by: int, after: list[str]
) -> None:
    services.shift_node(node_id=version.nodes.get(title=title).pk, by=by, actor=who.planner, at=NOON)

    assert outline(version) == after


def test_a_split_parts_what_hangs_from_the_branch(who: Cast, version: PlanVersion) -> None:
    top, learning = version.nodes.get(title="子ども"), version.nodes.get(title="学び")
    work = programme(who, "100101")
    services.place_programme(
        node_id=top.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON
    )

    parts = services.split_node(
        node_id=top.pk,
        titles=["若者", " "],
        children={learning.pk: 1},
        programmes={work.pk: 1},
        actor=who.planner,
        at=NOON,
    )

    assert outline(version) == ["子ども", "  子育て", "若者", "  学び", "福祉"]
    assert Placement.objects.get().node == parts[1]
    assert parts[1].uid != top.uid


def test_a_merge_brings_everything_over(who: Cast, version: PlanVersion) -> None:
    into, gone = version.nodes.get(title="子ども"), version.nodes.get(title="福祉")
    node(who, version, "見守り", gone, code="1-1")
    work, shared = programme(who, "100101"), programme(who, "100102", "共通の事業")
    for place, row in ((gone, work), (into, shared), (gone, shared)):
        services.place_programme(
            node_id=place.pk, programme_id=row.pk, is_primary=True, actor=who.planner, at=NOON
        )

    services.merge_node(node_id=gone.pk, into_id=into.pk, actor=who.planner, at=NOON)

    assert outline(version) == ["子ども", "  子育て", "  学び", "  見守り"]
    found = list(version.placements.order_by("programme__uid").values_list("node_id", "is_primary"))
    assert found == [(into.pk, True), (into.pk, True)]


def test_only_branches_of_one_level_merge(who: Cast, version: PlanVersion) -> None:
    with pytest.raises(PlanError, match="同じ階層の枝だけです"):
        services.merge_node(
            node_id=version.nodes.get(title="学び").pk,
            into_id=version.nodes.get(title="福祉").pk,
            actor=who.planner,
            at=NOON,
        )


def test_a_removed_branch_comes_back_as_it_was(who: Cast, version: PlanVersion) -> None:
    top = version.nodes.get(title="子ども")
    learning = version.nodes.get(title="学び")
    work = programme(who, "100101")
    services.place_programme(
        node_id=learning.pk, programme_id=work.pk, is_primary=True, actor=who.planner, at=NOON
    )
    before = list(version.nodes.order_by("path").values_list("uid", "path", "title", "section_id"))

    change = services.remove_node(node_id=top.pk, actor=who.planner, at=NOON)
    gone = outline(version)
    services.undo(change_id=change.pk, actor=who.planner, at=NOON)

    assert gone == ["福祉"]
    assert list(version.nodes.order_by("path").values_list("uid", "path", "title", "section_id")) == before
    assert version.placements.get().node.uid == learning.uid
    with pytest.raises(PlanError, match="一度だけ"):
        services.undo(change_id=change.pk, actor=who.planner, at=NOON)


def test_a_branch_that_a_later_room_works_with_stays_and_says_why(who: Cast, version: PlanVersion) -> None:
    used = version.nodes.get(title="学び")
    scenario = EnvelopeScenario.objects.create(
        organization=who.town,
        fiscal_year=2027,
        title="案",
        plan_version=version,
        base_fy=2025,
        outcome_fy=2025,
        created_at=NOON,
        updated_at=NOON,
    )
    amounts = dict.fromkeys(("base_yen", "grown_yen", "kept_yen", "outcome_yen", "total_yen"), 0)
    EnvelopeRow.objects.create(scenario=scenario, node=used, order=1, **amounts)

    for take in (
        services.remove_node,
        partial(services.merge_node, into_id=version.nodes.get(title="子育て").pk),
    ):
        with pytest.raises(PlanError, match="使われているため、無くせません"):
            take(node_id=used.pk, actor=who.planner, at=NOON)
    assert outline(version) == ["子ども", "  子育て", "  学び", "福祉"]


def test_two_writers_do_not_overwrite_each_other(who: Cast, version: PlanVersion) -> None:
    row = version.nodes.get(title="学び")
    services.write_node(node_id=row.pk, revision=1, values={"title": "学ぶ"}, actor=who.planner, at=NOON)

    with pytest.raises(StaleVersionError):
        services.write_node(node_id=row.pk, revision=1, values={"title": "教育"}, actor=who.second, at=NOON)
    row.refresh_from_db()
    assert row.title == "学ぶ"


def test_a_taken_number_is_refused_with_the_name_of_its_branch(who: Cast, version: PlanVersion) -> None:
    with pytest.raises(PlanError, match="番号「1-1」は「子育て」が使っています"):
        node(who, version, "遊び", version.nodes.get(title="子ども"), code="1-1")


def test_levels_change_their_names_and_used_ones_stay(who: Cast, version: PlanVersion) -> None:
    services.set_levels(
        version_id=version.pk,
        labels=[("施策", "部長"), ("政策", ""), ("事業", "")],
        actor=who.planner,
        at=NOON,
    )
    labels = list(Level.objects.filter(version=version).values_list("label", "evaluator_role"))

    assert labels == [("施策", "部長"), ("政策", ""), ("事業", "")]
    with pytest.raises(PlanError, match="階層「政策」には枝「子育て」がある"):
        services.set_levels(version_id=version.pk, labels=[("施策", "")], actor=who.planner, at=NOON)


def test_the_leading_section_writes_texts_and_nothing_else(who: Cast, version: PlanVersion) -> None:
    mine, other = version.nodes.get(title="子育て"), version.nodes.get(title="学び")

    services.write_node(
        node_id=mine.pk, revision=None, values={"plain": "相談できます"}, actor=who.officer, at=NOON
    )

    mine.refresh_from_db()
    assert mine.plain == "相談できます"
    for refused in (
        lambda: services.write_node(
            node_id=other.pk, revision=None, values={"plain": "x"}, actor=who.officer, at=NOON
        ),
        lambda: services.shift_node(node_id=mine.pk, by=1, actor=who.officer, at=NOON),
        lambda: services.shift_node(node_id=mine.pk, by=1, actor=who.stranger, at=NOON),
    ):
        with pytest.raises(Exception, match=r"^(write|edit)$"):
            refused()


def test_a_new_version_copies_everything_and_differences_are_told(who: Cast, version: PlanVersion) -> None:
    work = programme(who, "100101")
    services.place_programme(
        node_id=version.nodes.get(title="学び").pk,
        programme_id=work.pk,
        is_primary=True,
        actor=who.planner,
        at=NOON,
    )
    old = approved(who, version)
    new = services.new_version(plan_id=old.plan_id, actor=who.planner, at=NOON, change_summary="見直し")
    assert selectors.differences(old, new) == []
    assert new.placements.get().node.title == "学び"
    assert NodeIndicator.objects.count() == 0

    welfare, learning = new.nodes.get(title="福祉"), new.nodes.get(title="学び")
    services.write_node(
        node_id=welfare.pk, revision=None, values={"title": "健康"}, actor=who.planner, at=NOON
    )
    services.move_node(node_id=learning.pk, parent_id=welfare.pk, actor=who.planner, at=NOON)
    services.remove_node(node_id=new.nodes.get(title="子育て").pk, actor=who.planner, at=NOON)
    node(who, new, "文化")

    told = {(each.kind, str((each.right or each.left).title)) for each in selectors.differences(old, new)}  # type: ignore[union-attr]
    assert told == {("changed", "健康"), ("moved", "学び"), ("removed", "子育て"), ("added", "文化")}
    assert outline(old) == ["子ども", "  子育て", "  学び", "福祉"]


def test_whoever_made_a_version_does_not_approve_it(who: Cast, version: PlanVersion) -> None:
    approve = {"version_id": version.pk, "at": NOON}
    services.describe_version(
        version_id=version.pk,
        revision=None,
        effective_on=TODAY,
        change_summary="",
        actor=who.planner,
        at=NOON,
    )

    with pytest.raises(PlanError, match="自分で作った版"):
        services.approve_version(actor=who.planner, **approve)
    with pytest.raises(Exception, match="approve"):
        services.approve_version(actor=who.officer, **approve)
    assert services.approve_version(actor=who.second, **approve).is_approved


def test_a_draft_that_is_not_ready_says_all_that_is_missing(who: Cast) -> None:
    draft = draft_of(plan_of(who))

    missing = services.missing_for_approval(draft)

    assert len(missing) == 2
    assert missing[0].startswith("施行日がありません")
    assert missing[1].startswith("枝が一本もありません")


def test_a_discarded_draft_comes_back_unless_another_was_begun(who: Cast, version: PlanVersion) -> None:
    services.discard_version(version_id=version.pk, actor=who.planner, at=NOON)
    other = services.new_version(plan_id=version.plan_id, actor=who.planner, at=NOON)

    with pytest.raises(PlanError, match="ほかに書きかけの版"):
        services.take_up_version(version_id=version.pk, actor=who.planner, at=NOON)
    services.discard_version(version_id=other.pk, actor=who.planner, at=NOON)
    assert services.take_up_version(version_id=version.pk, actor=who.planner, at=NOON).is_draft
