"""Pages: what residents and staff see, how many questions they cost, and the way from the vision to the yen and back."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from enishi.budgets import totals
from enishi.budgets.models import (
    Account,
    Allocation,
    BudgetCode,
    BudgetYear,
    Programme,
    ProgrammeMoney,
    ProgrammeYear,
)
from enishi.indicators.models import Indicator, Standing
from enishi.organizations.enums import Visibility
from enishi.plans import dashboards, services
from enishi.plans.models import NodeIndicator, Placement, Plan, PlanNode, PlanVersion, StatutoryPlan
from tests.factories import NOON, TODAY
from tests.plans.making import Cast, approved, cast, draft_of, node, plan_of, programme

pytestmark = pytest.mark.django_db
YEAR = 2025


@pytest.fixture
def who() -> Cast:
    return cast()


def indicator(who: Cast, name: str, status: str = "late", rate: str = "0.5") -> Indicator:
    made = Indicator.objects.create(
        organization=who.town,
        section=who.section,
        code=name,
        name=name,
        unit="件",
        visibility=Visibility.PUBLIC,
        created_at=NOON,
        updated_at=NOON,
    )
    Standing.objects.create(
        indicator=made,
        fiscal_year=YEAR,
        status=status,
        value=Decimal(5),
        target=Decimal(10),
        attainment=Decimal(rate),
        reason="実績値なし" if status == "undecidable" else "",
        as_of=NOON,
    )
    return made


class World:
    """A vision, a basic plan with one 政策 and one 施策 that carry it out, a programme, and its yen down to the 節."""

    def __init__(self, who: Cast) -> None:
        self.who = who
        self.vision = plan_of(who, kind="vision", name="試験市 基本構想", end_fy=2033)
        draft = draft_of(self.vision)
        self.goal = node(who, draft, "だれもが育ち合うまち", node(who, draft, "手渡すまち"))
        approved(who, draft)
        self.plan = plan_of(who, parent=self.vision)
        draft = draft_of(self.plan)
        self.policy = node(who, draft, "子ども", code="1")
        services.link_nodes(
            node_id=self.policy.pk, target_uid=self.goal.uid, kind="implements", actor=who.planner, at=NOON
        )
        self.measure = node(
            who, draft, "子育て", self.policy, code="1-1", section=who.section, plain="相談できます。"
        )
        self.work = programme(who, "100101")
        services.place_programme(
            node_id=self.measure.pk, programme_id=self.work.pk, is_primary=True, actor=who.planner, at=NOON
        )
        self.late = indicator(who, "相談件数")
        for each in (self.late, indicator(who, "満足度", "achieved", "1.2")):
            services.add_indicator(
                node_id=self.measure.pk, indicator_id=each.pk, weight=None, actor=who.planner, at=NOON
            )
        self.version = approved(who, draft)
        self.pay()

    def pay(self) -> None:
        year = ProgrammeYear.objects.create(programme=self.work, fiscal_year=YEAR, updated_at=NOON)
        for stage, amount in (("request", 1_500_000), ("initial", 1_200_000)):
            ProgrammeMoney.objects.create(programme_year=year, stage=stage, amount_yen=amount)
        account = Account.objects.create(organization=self.who.town, code="01", name="一般会計")
        parent = None
        parts = ["01"]
        for level, code, name in (
            (1, "03", "民生費"), (2, "02", "児童福祉費"), (3, "01", "児童福祉総務費"), (4, "0123", "子育て相談事業"), (5, "01", "相談員"), (6, "12", "委託料"),
        ):  # fmt: skip
            parts.append(code)
            parent = BudgetCode.objects.create(
                organization=self.who.town,
                fiscal_year=YEAR,
                account=account,
                parent=parent,
                level=level,
                code=code,
                path="-".join(parts),
                name=name,
            )
            if level == 5:
                self.code = parent
        assert parent is not None
        self.item = parent
        Allocation.objects.create(programme_year=year, code=self.code, share_bp=10_000, updated_at=NOON)
        BudgetYear.objects.create(organization=self.who.town, fiscal_year=YEAR, published_at=NOON)
        totals.rebuild(self.who.town.pk, YEAR)


@pytest.fixture
def world(who: Cast) -> World:
    return World(who)


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


# --- Three clicks and back -----------------------------------------------------------------------------------------------


def links_in(html: str) -> set[str]:
    body = html[html.index("<main") :]
    return {link.split("?")[0] for link in re.findall(r'href="(/[^"#]*)', body)}


def test_three_clicks_from_the_vision_to_the_yen_and_back(world: World) -> None:
    client = Client()
    here = world.vision.get_absolute_url()

    for there in (world.measure, world.code, world.item):
        assert there.get_absolute_url() in links_in(text_of(client, here)), (here, there)
        here = there.get_absolute_url()
    back = links_in(text_of(client, here))

    assert {
        world.measure.get_absolute_url(),
        world.goal.get_absolute_url(),
        world.vision.get_absolute_url(),
    } <= back


def test_a_programme_shows_where_it_hangs_up_to_the_vision(world: World) -> None:
    found = links_in(text_of(Client(), world.work.get_absolute_url()))

    assert {each.get_absolute_url() for each in (world.measure, world.policy, world.goal)} <= found


# --- What a branch shows without anybody having prepared it -----------------------------------------------------------------


def test_the_dashboard_of_a_branch_rolls_up_what_hangs_below(world: World) -> None:
    board = dashboards.dashboard(world.who.planner, world.version, YEAR, world.policy)

    assert board.roll_up.explanation == "2指標の内訳: 達成1件、遅れ1件"
    assert (board.judged, board.good, board.behind) == (2, 1, 1)
    assert [line.indicator for line in board.late] == [world.late]
    assert [(stage.value, yen) for stage, yen in board.totals if yen] == [
        ("request", 1_500_000),
        ("initial", 1_200_000),
    ]
    assert board.roll_up.mean.is_missing


def test_agreed_weights_give_a_mean_and_an_overshoot_counts_as_one(world: World) -> None:
    new = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON)
    measure = new.nodes.get(uid=world.measure.uid)
    for row in measure.node_indicators.all():
        services.add_indicator(
            node_id=measure.pk,
            indicator_id=row.indicator_id,
            weight=Decimal(1),
            actor=world.who.planner,
            at=NOON,
        )

    board = dashboards.dashboard(world.who.planner, new, YEAR, measure)

    assert board.roll_up.mean.percent() == Decimal("75.0")


def test_residents_see_no_request_and_nothing_of_a_year_that_is_not_published(world: World) -> None:
    url = world.measure.get_absolute_url() + f"?year={YEAR}"

    outside, inside = text_of(Client(), url), text_of(signed_in(world.who.officer), url)

    assert "1,500千円" in inside
    assert "1,500千円" not in outside
    assert "1,200千円" in outside
    BudgetYear.objects.update(published_at=None)
    hidden = text_of(Client(), url)
    assert "1,200千円" not in hidden
    assert "まだ公開されていません" in hidden


def test_hidden_indicators_and_programmes_stay_hidden_in_sums_too(world: World) -> None:
    Indicator.objects.filter(pk=world.late.pk).update(visibility=Visibility.INTERNAL)
    Programme.objects.update(visibility=Visibility.INTERNAL)

    outside = text_of(Client(), world.measure.get_absolute_url())

    assert "相談件数" not in outside
    assert "子育て相談事業" not in outside
    assert "1指標の内訳" in outside


def test_drafts_are_for_the_house_alone(world: World) -> None:
    draft = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON)
    url = draft.get_absolute_url()

    assert Client().get(url).status_code == 404
    assert signed_in(world.who.stranger).get(url).status_code == 404
    assert "下に足す" not in text_of(signed_in(world.who.officer), url)
    assert "下に足す" in text_of(signed_in(world.who.planner), url)


def test_the_lasting_address_of_a_branch_leads_to_what_holds_today(world: World) -> None:
    url = reverse("plans:node_current", args=[world.measure.uid])

    assert Client().get(url).headers["Location"] == world.measure.get_absolute_url()
    assert Client().get(reverse("plans:node_current", args=["nobody"])).status_code == 404


# --- Every page answers ----------------------------------------------------------------------------------------------------


def addresses(world: World, draft: PlanVersion) -> list[str]:
    leaf = draft.nodes.get(uid=world.measure.uid)
    plan, version, branch = [world.plan.pk], [draft.pk], [leaf.pk]
    of_plan = ("plan_detail", "plan_edit", "plan_delete")
    of_version = (
        "version_tree", "version_dashboard", "version_compare", "version_proof", "version_edit", "version_levels",
        "version_approve", "version_export", "import_new", "change_list", "node_new",
    )  # fmt: skip
    of_node = (
        "node_detail", "node_edit", "node_move", "node_split", "node_merge", "node_remove", "node_programmes",
        "node_indicators", "node_links",
    )  # fmt: skip
    alone = (
        "plan_list", "plan_new", "plan_trash", "unplaced_list", "statutory_list", "statutory_new", "import_sheet",
    )  # fmt: skip
    return [
        *(reverse(f"plans:{name}") for name in alone),
        *(reverse(f"plans:{name}", args=plan) for name in of_plan),
        *(reverse(f"plans:{name}", args=version) for name in of_version),
        *(reverse(f"plans:{name}", args=branch) for name in of_node),
        reverse("plans:node_chart", args=[leaf.pk, "svg"]),
        reverse("plans:version_chart", args=[draft.pk, "png"]),
        reverse("plans:node_trend", args=[leaf.pk, world.late.pk, "svg"]),
        reverse("plans:node_programmes", args=branch) + "?q=1001",
        reverse("plans:node_indicators", args=branch) + "?q=相談",
        reverse("plans:node_links", args=branch) + "?q=育ち",
        reverse("plans:plan_list") + "?q=基本&kind=basic&format=csv",
        reverse("plans:unplaced_list") + "?format=xlsx",
        reverse("plans:statutory_list") + "?format=csv",
    ]


def test_every_page_of_a_draft_answers_the_planner(world: World) -> None:
    draft = services.new_version(
        plan_id=world.plan.pk, actor=world.who.planner, at=NOON, change_summary="見直し"
    )
    client = signed_in(world.who.planner)

    for url in addresses(world, draft):
        assert client.get(url).status_code == 200, url


def test_a_branch_is_added_written_moved_and_removed_by_forms_alone(world: World) -> None:
    who = world.who
    draft = services.new_version(plan_id=world.plan.pk, actor=who.planner, at=NOON, change_summary="見直し")
    client = signed_in(who.planner)
    top = draft.nodes.get(uid=world.policy.uid)
    new = reverse("plans:node_new", args=[draft.pk]) + f"?parent={top.pk}"
    level = draft.levels.get(order=2).pk

    assert "1-1" in client.post(new, {"level": level, "title": "遊び", "code": "１－１"}).content.decode()
    client.post(new, {"level": level, "title": "遊び", "code": "1-2"})
    made = draft.nodes.get(title="遊び")
    client.post(reverse("plans:node_shift", args=[draft.pk]), {"up": made.pk})
    client.post(
        reverse("plans:node_edit", args=[made.pk]), {"title": "遊びと居場所", "version": made.revision}
    )
    client.post(reverse("plans:node_split", args=[made.pk]), {"titles": "居場所"})
    client.post(reverse("plans:node_move", args=[made.pk]), {"parent": ""})
    other = draft.nodes.get(title="居場所")
    client.post(reverse("plans:node_remove", args=[other.pk]))

    found = list(draft.nodes.order_by("path").values_list("title", flat=True))
    assert found == ["子ども", "子育て", "遊びと居場所"]
    change = draft.changes.get()
    client.post(reverse("plans:change_undo", args=[change.pk]))
    assert draft.nodes.filter(title="居場所").exists()


def test_a_plan_is_made_approved_and_compared_by_pages(who: Cast) -> None:
    client, second = signed_in(who.planner), signed_in(who.second)
    typed = {
        "kind": "basic",
        "name": "新しい計画",
        "start_fy": "令和8年度",
        "end_fy": "Ｒ15",
        "statutory": "optional",
        "approval": "council",
        "visibility": "public",
    }
    refused = client.post(reverse("plans:plan_new"), typed | {"end_fy": "令和13月"}).content.decode()
    assert "「令和13月」は年度として読めません" in refused
    assert "新しい計画" in refused
    client.post(reverse("plans:plan_new"), typed)
    plan = Plan.objects.get()
    draft = draft_of(plan)
    client.post(
        reverse("plans:node_new", args=[draft.pk]), {"level": draft.levels.get(order=1).pk, "title": "子ども"}
    )
    client.post(
        reverse("plans:version_edit", args=[draft.pk]), {"effective_on": "令和8年4月1日", "version": 2}
    )
    second.post(reverse("plans:version_approve", args=[draft.pk]), {"revision": 3})

    draft.refresh_from_db()
    assert (plan.start_fy, plan.end_fy, draft.effective_on) == (2026, 2033, dt.date(2026, 4, 1))
    assert draft.is_approved
    assert "承認したときのままです" in text_of(Client(), reverse("plans:version_proof", args=[draft.pk]))
    client.post(
        reverse("plans:version_new", args=[plan.pk]),
        {"change_summary": "子どもを広げた", "effective_on": "令和9年4月1日"},
    )
    newer = draft_of(plan)
    services.write_node(
        node_id=newer.nodes.get().pk,
        revision=None,
        values={"title": "子ども・若者"},
        actor=who.planner,
        at=NOON,
    )
    compared = text_of(client, reverse("plans:version_compare", args=[newer.pk]))
    assert "文の変わった枝(名称)" in compared
    assert "名称: 子ども・若者" in compared


def test_a_file_is_looked_at_before_it_is_taken(world: World) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    draft = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON, change_summary="x")
    client = signed_in(world.who.planner)
    content = "番号,名称\n1,子ども\n1-1,　子育てと家族\n1-2,　遊び\n,合計\n".encode()

    def send(data: bytes) -> Any:
        file = SimpleUploadedFile("計画.csv", data)
        return client.post(reverse("plans:import_new", args=[draft.pk]), {"file": file}, follow=True)

    assert "空です" in send(b" ").content.decode()
    answer = send(content)
    shown = answer.content.decode()
    assert "子育てと家族" in shown
    assert "合計の行と読み、取り込みません" in shown
    assert not draft.nodes.filter(title="遊び").exists()
    check = answer.redirect_chain[-1][0]
    client.post(check + "apply/")
    assert draft.nodes.filter(title="遊び").exists()
    assert "取り込みました" in text_of(client, check)
    assert signed_in(world.who.second).get(check).status_code == 404


def test_statutory_plans_are_listed_with_the_document_that_serves_them(world: World) -> None:
    client = signed_in(world.who.planner)
    typed = {"name": "地域福祉計画", "law": "社会福祉法", "obligation": "effort", "source_status": "memory"}
    client.post(reverse("plans:statutory_new"), typed | {"integrated_into": world.plan.pk})
    client.post(reverse("plans:statutory_new"), typed | {"name": "環境基本計画"})

    assert StatutoryPlan.objects.count() == 2
    assert "50.0%(1/2)" in text_of(client, reverse("plans:statutory_list"))
    assert "地域福祉計画" in text_of(Client(), world.plan.get_absolute_url())
    for _again in range(2):
        client.post(reverse("plans:statutory_known"))
    assert StatutoryPlan.objects.get(name="地域福祉計画").integrated_into == world.plan
    assert StatutoryPlan.objects.count() == 13
    assert not StatutoryPlan.objects.filter(source_status="confirmed").exists()


# --- Speed: the number of questions never grows ------------------------------------------------------------------------------


def grow(world: World, version: PlanVersion, programmes: int, indicators: int) -> PlanNode:
    """Many programmes and indicators under a 施策, with yen and standings."""
    who, leaf = world.who, version.nodes.get(uid=world.measure.uid)
    stamp = {
        "organization": who.town,
        "visibility": Visibility.PUBLIC,
        "created_at": NOON,
        "updated_at": NOON,
    }
    work = Programme.objects.bulk_create(
        Programme(uid=f"{200000 + n}", title=f"事業{n}", start_fy=2020, **stamp) for n in range(programmes)
    )
    years = ProgrammeYear.objects.bulk_create(
        ProgrammeYear(programme=each, fiscal_year=YEAR, updated_at=NOON) for each in work
    )
    ProgrammeMoney.objects.bulk_create(
        ProgrammeMoney(programme_year=each, stage="initial", amount_yen=1_000) for each in years
    )
    Placement.objects.bulk_create(Placement(version=version, node=leaf, programme=each) for each in work)
    yardsticks = Indicator.objects.bulk_create(
        Indicator(code=f"g{n}", name=f"指標{n}", **stamp) for n in range(indicators)
    )
    Standing.objects.bulk_create(
        Standing(indicator=each, fiscal_year=YEAR, status="late", attainment=Decimal("0.5"), as_of=NOON)
        for each in yardsticks
    )
    NodeIndicator.objects.bulk_create(NodeIndicator(node=leaf, indicator=each) for each in yardsticks)
    return leaf


@pytest.mark.parametrize("name", ["version_tree", "version_dashboard", "node_detail"])
def test_the_number_of_questions_does_not_grow_with_the_city(
    world: World, name: str, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    draft = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON, change_summary="x")
    client = signed_in(world.who.planner)
    leaf = grow(world, draft, 60, 60)
    key = leaf.pk if name == "node_detail" else draft.pk
    url = reverse(f"plans:{name}", args=[key]) + f"?year={YEAR}"
    text_of(client, url)
    with CaptureQueriesContext(connection) as small:
        text_of(client, url)
    grow_more(world, draft)

    with CaptureQueriesContext(connection) as large:
        text_of(client, url)

    assert len(large) <= len(small)
    assert len(large) <= 60


def test_programmes_of_a_large_branch_come_in_pages_and_leave_whole(world: World) -> None:
    draft = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON, change_summary="x")
    leaf = grow(world, draft, 60, 1)
    client, url = signed_in(world.who.planner), leaf.get_absolute_url()

    first = text_of(client, url)
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after is not None
    second_page = text_of(client, url + after.group(1).replace("&amp;", "&").removeprefix(url))
    file = client.get(url + "?format=csv").content.decode("utf-8-sig")

    assert "200059" not in first
    assert "200059" in second_page
    assert len(file.strip().splitlines()) == 62


def grow_more(world: World, version: PlanVersion) -> None:
    top = version.nodes.get(uid=world.policy.uid)
    for n in range(3):
        node(world.who, version, f"施策{n}", top)
    leaf = version.nodes.get(uid=world.measure.uid)
    rows = Programme.objects.filter(uid__startswith="2000")
    Placement.objects.filter(programme__in=rows).update(node=version.nodes.get(title="施策0"))
    Placement.objects.filter(programme__in=rows[:30]).update(node=leaf)


def test_day_of_the_suite_lies_in_the_year_after(world: World) -> None:
    assert dashboards.year_of(world.plan, "", TODAY) == YEAR
    assert dashboards.year_of(world.plan, "2030", TODAY) == 2030
    assert dashboards.year_of(world.plan, "9999", TODAY) == YEAR


def test_chapters_of_a_statutory_plan_are_written_by_number_or_name(world: World) -> None:
    client = signed_in(world.who.planner)
    node = world.plan.versions.get(no=1).nodes.order_by("path").first()
    typed = {"name": "老人福祉計画", "law": "老人福祉法", "obligation": "duty", "source_status": "memory"}
    typed |= {"integrated_into": world.plan.pk, "places": f"{node.title}、ない枝"}

    refused = client.post(reverse("plans:statutory_new"), typed)
    assert "「ない枝」は" in refused.content.decode()
    client.post(reverse("plans:statutory_new"), typed | {"places": node.title})

    assert list(StatutoryPlan.objects.get(name="老人福祉計画").chapters.all()) == [node.identity]
    assert "老人福祉計画" in text_of(client, node.get_absolute_url())


def test_a_version_sets_targets_of_its_own_and_hands_them_to_the_next(world: World) -> None:
    row = NodeIndicator.objects.filter(node__version__plan=world.plan).select_related("node__version").first()
    client = signed_in(world.who.planner)
    page = reverse("plans:node_target", args=[row.pk])
    assert "団体の目標値" in text_of(client, page)

    client.post(page, {"fiscal_year": "令和13年度", "value": "95", "source": "other", "rationale": "議決"})

    own = row.indicator.targets.filter(frame=row.node.version.uid, is_current=True)
    assert [(each.fiscal_year, each.value) for each in own] == [(2031, 95)]
    newer = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON)
    assert row.indicator.targets.filter(frame=newer.uid, is_current=True).count() == 1


def test_many_programmes_are_placed_at_once_or_none(world: World) -> None:
    client = signed_in(world.who.planner)
    more = [programme(world.who, f"00030{at}", f"子育て事業{at}") for at in range(3)]
    address = reverse("plans:node_programmes", args=[world.measure.pk])
    column = "\n".join(f"{int(each.uid)}\t{each.title}" for each in more)

    refused = client.post(address, {"listed": f"{column}\n999999", "primary": "1"})
    assert (refused.status_code, "4行目「999999」" in refused.content.decode()) == (422, True)
    assert column.splitlines()[0] in refused.content.decode()
    assert not Placement.objects.filter(programme__in=more).exists()

    client.post(address, {"programme": [each.pk for each in more], "primary": "0"})
    client.post(address, {"listed": column, "primary": "1"})
    placed = Placement.objects.filter(node=world.measure, programme__in=more)
    assert placed.filter(is_primary=True).count() == 3
    client.post(address, {"take_off": "1", "placement": [each.pk for each in placed[:2]]})
    assert placed.count() == 1


def test_many_indicators_are_linked_weighed_and_taken_off_at_once(world: World) -> None:
    draft = services.new_version(plan_id=world.plan.pk, actor=world.who.planner, at=NOON)
    leaf = draft.nodes.get(uid=world.measure.uid)
    old = leaf.node_indicators.count()
    more = [indicator(world.who, f"新しい指標{at}") for at in range(3)]
    client, address = signed_in(world.who.planner), reverse("plans:node_indicators", args=[leaf.pk])
    column = "\n".join(f"{each.code}\t{each.name}" for each in more)

    assert more[0].name in text_of(client, f"{address}?free=1")
    refused = client.post(address, {"listed": f"{column}\nない番号"})
    assert (refused.status_code, "4行目「ない番号」" in refused.content.decode()) == (422, True)
    refused = client.post(f"{address}?free=1", {"indicator": [more[0].pk, 0]})
    assert f'value="{more[0].pk}" checked' in refused.content.decode()
    assert leaf.node_indicators.count() == old
    client.post(address, {"listed": column})
    weights = {f"weight-{each.pk}": "0.5" for each in more}
    refused = client.post(address, {"weigh": "1"} | weights | {f"weight-{more[1].pk}": "重い"})
    assert (refused.status_code, 'value="重い"' in refused.content.decode()) == (422, True)
    client.post(address, {"weigh": "1"} | weights)
    assert leaf.node_indicators.filter(weight=Decimal("0.5")).count() == 3
    client.post(address, {"take_off": "1", "indicator": [each.pk for each in more]})
    assert leaf.node_indicators.count() == old
