"""The other doors: programs, search, numbers, the handover, the home page."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from enishi.foundation.metrics import Period, metric
from enishi.knowledge.registry import source_of
from enishi.organizations.enums import Visibility
from enishi.organizations.handover import Duties
from enishi.plans import handover, panels, selectors, services
from enishi.plans.models import Plan, PlanNode, StatutoryPlan
from tests.factories import NOON, TODAY, SectionFactory
from tests.plans.making import Cast, approved, cast, draft_of, node, plan_of, programme

pytestmark = pytest.mark.django_db
PERIOD = Period(TODAY.replace(month=4, day=1), TODAY)


@pytest.fixture
def who() -> Cast:
    return cast()


@pytest.fixture
def leaf(who: Cast) -> PlanNode:
    draft = draft_of(plan_of(who))
    made = node(who, draft, "子育て", node(who, draft, "子ども", code="1"), code="1-1", section=who.section)
    approved(who, draft)
    return made


def test_programs_read_the_tree_and_how_a_branch_stands(leaf: PlanNode) -> None:
    client, plan = Client(), leaf.version.plan

    listed = client.get("/api/v1/plans").json()["items"]
    whole = client.get(f"/api/v1/plans/{plan.pk}").json()
    tree = client.get(f"/api/v1/plans/{plan.pk}/tree").json()
    board = client.get(f"/api/v1/plan-nodes/{leaf.pk}?year=2025").json()

    assert [row["uid"] for row in listed] == [plan.uid]
    assert [(row["no"], len(row["frozen_hash"])) for row in whole["versions"]] == [(1, 64)]
    assert [(row["title"], row["level"], row["parent_id"]) for row in tree["nodes"]] == [
        ("子ども", "政策", None),
        ("子育て", "施策", leaf.parent_id),
    ]
    assert (board["fiscal_year"], board["programme_count"], board["distribution"]["late"]) == (2025, 0, 0)
    assert client.get(f"/api/v1/plans/{plan.pk}/tree?version=9").status_code == 404


def test_search_finds_branches_in_force_and_forgets_older_ones(who: Cast, leaf: PlanNode) -> None:
    source = source_of("plan_node")
    assert {row.title for row in source.all_rows()} == {"子ども", "子育て"}
    new = services.new_version(plan_id=leaf.version.plan_id, actor=who.planner, at=NOON)
    services.write_node(
        node_id=new.nodes.get(uid=leaf.uid).pk,
        revision=None,
        values={"title": "育ち"},
        actor=who.planner,
        at=NOON,
    )
    assert {row.title for row in source.all_rows()} == {"子ども", "子育て"}

    approved(who, new)

    assert {row.title for row in source.all_rows()} == {"子ども", "育ち"}
    text = source.document(source.all_rows().get(title="育ち"))
    assert text is not None
    assert (text.title, text.visibility) == ("1-1 育ち", Visibility.PUBLIC)
    Plan.objects.update(deleted_at=NOON)
    assert not source.all_rows().exists()


@pytest.mark.parametrize(
    ("key", "value", "parts"),
    [
        ("plans.integrated", Decimal("50.0"), (1, 2)),
        ("plans.placed_programmes", Decimal("50.0"), (1, 2)),
        ("plans.measured_nodes", Decimal("0.0"), (0, 1)),
        ("plans.achieved_indicators", None, (0, 0)),
    ],
)
def test_numbers_come_with_their_parents_and_their_list(
    who: Cast, leaf: PlanNode, key: str, value: Decimal | None, parts: tuple[int, int]
) -> None:
    placed = programme(who, "100101")
    programme(who, "100102", "遊び場整備事業")
    services.place_programme(
        node_id=leaf.pk, programme_id=placed.pk, is_primary=True, actor=who.planner, at=NOON
    )
    for name, plan in (("地域福祉計画", leaf.version.plan), ("環境基本計画", None)):
        row = StatutoryPlan(
            organization=who.town, name=name, law="法", obligation="duty", integrated_into=plan
        )
        services.save_statutory(row=row, actor=who.planner, at=NOON)
    found = metric(key)

    figure = found.figure(who.town.pk, PERIOD, TODAY)
    rows = found.rows(who.town.pk, PERIOD, TODAY, who.planner)

    assert (figure.value, figure.numerator, figure.denominator) == (value, *parts)
    assert (sum(row.counts for row in rows), len(rows)) == parts


def test_the_packet_names_the_branches_of_the_section(who: Cast, leaf: PlanNode) -> None:
    duties = Duties(who.town, who.officer, frozenset({who.section.pk}))

    items = handover.packet_items(duties, who.officer, TODAY)

    assert [(item.title, str(item.state)) for item in items] == [("1-1 子育て", "施策")]
    other = SectionFactory(organization=who.town)
    assert handover.packet_items(Duties(who.town, None, frozenset({other.pk})), who.officer, TODAY) == []


def test_those_who_may_approve_are_told_and_the_writer_is_not(who: Cast, leaf: PlanNode) -> None:
    new = services.new_version(plan_id=leaf.version.plan_id, actor=who.planner, at=NOON)
    services.describe_version(
        version_id=new.pk,
        revision=None,
        effective_on=TODAY,
        change_summary="見直し",
        actor=who.planner,
        at=NOON,
    )

    def told(person: Any) -> list[str]:
        return [item.url for item in (panels.waiting(person, NOON) or {"items": []})["items"]]

    assert told(who.second) == [f"/plans/versions/{new.pk}/approve/"]
    assert told(who.planner) == told(who.officer) == told(who.stranger) == []


def test_before_its_day_an_approved_version_does_not_hold(who: Cast, leaf: PlanNode) -> None:
    new = services.new_version(plan_id=leaf.version.plan_id, actor=who.planner, at=NOON)
    approved(who, new, on=TODAY.replace(year=TODAY.year + 1))

    assert selectors.version_in_force(leaf.version.plan, TODAY) == leaf.version
    assert selectors.version_in_force(leaf.version.plan, TODAY.replace(year=TODAY.year + 2)) == new
    assert selectors.current_node(who.planner, leaf.uid, TODAY) == leaf
