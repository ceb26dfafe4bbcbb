"""A document on its way into the plan: read by the job, chosen by a person, written whole, taken back whole."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.foundation.jobs import Progress
from enishi.foundation.models import Job
from enishi.indicators.models import Baseline, ChangeTarget, Indicator, Target
from enishi.plans import services as tree
from enishi.plans.errors import PlanError
from enishi.plans.evidence import services as evidence
from enishi.plans.models import Evidence, PlanNode, Reading
from enishi.plans.reading import services, tasks
from enishi.plans.reading.changes import counts_from, is_change
from enishi.plans.reading.enums import Choice
from enishi.plans.reading.marking import pieces_of
from tests.factories import NOON
from tests.plans.making import approved, cast, draft_of, node, outline, plan_of

pytestmark = pytest.mark.django_db

TEXT = """課題
住民の課題
通院の足がない
  ・客観的根拠:
    ・通院を見送った人は18.4%でした。
    ・(出典)あけぼの市「高齢者くらし調査」令和5年度
  ・この課題が放置された場合の悪影響の要約:
    ・重症化してからの受診が増えます。
支援策①:予約型の乗合交通
目的
  ・家の近くから病院まで行けるようにします。
主な取組①:予約窓口の一本化
KGI・KSI・KPI
  ・KGI(最終目標指標)
    ・通院をあきらめた人の割合:5%以下(令和10年度)(令和5年度現状18.4%)
      ・データ取得方法:高齢者くらし調査
  ・KPI(重要業績評価指標)アウトプット指標
    ・乗降場所の数:120か所以上
      ・データ取得方法:交通政策課の台帳
    ・利用者数:対前年比10%増
先進事例
みなと町「乗合タクシーの共同運行」
"""


@pytest.fixture
def who():
    return cast()


@pytest.fixture
def place(who):
    """A draft with three levels and a 政策 to hang measures under."""
    version = draft_of(plan_of(who))
    tree.set_levels(
        version_id=version.pk,
        labels=[("政策", ""), ("施策", ""), ("基本事業", "")],
        actor=who.planner,
        at=NOON,
    )
    made = node(who, version, "健康")
    return version, made


def brought_in(who, text=TEXT, name="plan.txt", **values) -> Reading:
    given = {
        "organization": who.town,
        "section": who.section,
        "title": "通院の計画",
        "actor": who.planner,
        "at": NOON,
    }
    return services.bring_in(name=name, content=text.encode(), **(given | values))


def read(who, text=TEXT) -> Reading:
    reading = brought_in(who, text)
    tasks.read_document(reading.job, Progress(reading.job))
    reading.refresh_from_db()
    return reading


def accepted(who, reading) -> Reading:
    for item in reading.items.all():
        services.choose(item_id=item.pk, choice="accepted", actor=who.planner, at=NOON)
    return reading


def write(who, reading, version, parent):
    return services.write_reading(
        reading_id=reading.pk, version=version, parent=parent, actor=who.planner, at=NOON
    )


def test_job_keeps_every_item_with_its_place(who):
    reading = read(who)

    assert reading.state == "read"
    items = list(reading.items.all())
    assert {item.kind for item in items} == {
        "measures",
        "actions",
        "challenges",
        "indicators",
        "evidence",
        "sources",
        "cases",
    }
    assert all(reading.text[item.start : item.end] == item.data["quote"] for item in items)
    assert "".join(piece.text for piece in pieces_of(reading.text, items)) == reading.text


def test_job_begun_again_keeps_items_once(who):
    reading = read(who)
    count = reading.items.count()

    tasks.read_document(Job.objects.get(pk=reading.job_id), Progress(reading.job))

    assert reading.items.count() == count


def test_nothing_is_written_before_a_person_said_so(who, place):
    reading = read(who)

    assert (PlanNode.objects.count(), Indicator.objects.count(), Evidence.objects.count()) == (1, 0, 0)
    with pytest.raises(PlanError, match="採用したものがまだありません"):
        write(who, reading, *place)


def test_accepted_items_become_branches_indicators_and_evidence(who, place):
    version, policy = place
    reading = write(who, accepted(who, read(who)), version, policy)

    assert outline(version) == ["健康", "  予約型の乗合交通", "    予約窓口の一本化"]
    measure = PlanNode.objects.get(title="予約型の乗合交通")
    assert measure.intent == "家の近くから病院まで行けるようにします。"
    goal = Indicator.objects.get(name="通院をあきらめた人の割合")
    assert (goal.role, goal.stage, goal.unit, goal.direction, goal.decimals) == (
        "KGI",
        "final",
        "%",
        "DOWN",
        1,
    )
    assert list(goal.node_indicators.values_list("node_id", flat=True)) == [measure.pk]
    assert (Baseline.objects.get(indicator=goal).fiscal_year, Target.objects.get(indicator=goal).value) == (
        2023,
        5,
    )
    assert goal.acquisition.source == "高齢者くらし調査"
    made = {row.claim: row for row in Evidence.objects.all()}
    need = made["通院の足がない(住民)。放置した場合: 重症化してからの受診が増えます。"]
    figure = made["通院を見送った人は18.4%でした。"]
    assert {row.verification for row in made.values()} == {"unverified"}
    assert (figure.figure, figure.publisher, figure.year, figure.kind) == (
        "18.4%",
        "あけぼの市",
        2023,
        "survey",
    )
    assert [(use.identity_id, use.purpose) for use in need.uses.all()] == [(policy.uid, "need")]
    assert made["みなと町「乗合タクシーの共同運行」"].kind == "case"
    assert reading.state == "written"


def test_what_lacks_a_year_is_told_and_what_is_relative_is_kept_as_a_change(who, place):
    reading = write(who, accepted(who, read(who)), *place)

    left = "\n".join(reading.made["left"])
    assert "「乗降場所の数」: 目標の年度か数が書かれていない" in left
    change = ChangeTarget.objects.get(indicator__name="利用者数")
    assert (str(change), change.fiscal_year) == ("前の年度から10%増やす", None)
    assert "前の年度の値" in change.note
    assert Target.objects.count() == 1
    assert "対前年比10%増" in Indicator.objects.get(name="利用者数").definitions.get().text


def test_how_much_is_told_from_how_high():
    assert is_change({"comparator": "以上", "change": "削減", "quote": "30%以上削減"})
    assert not is_change({"comparator": "以上", "change": "向上", "quote": "85%以上へ向上"})
    assert not is_change({"comparator": "向上", "quote": "8割に向上"})
    assert counts_from({"comparator": "削減", "qualifier": "2013年度比"}) == 2013


def test_rejected_and_edited_items_are_respected(who, place):
    reading = read(who)
    items = {item.title: item for item in reading.items.all()}
    for item in reading.items.exclude(kind="sources"):
        services.choose(item_id=item.pk, choice="rejected", actor=who.planner, at=NOON)
    services.choose(
        item_id=items["予約型の乗合交通"].pk,
        choice="edited",
        edited={"title": "呼べば来るバス", "intent": "家の近くから行ける"},
        actor=who.planner,
        at=NOON,
    )
    services.choose(
        item_id=items["乗降場所の数"].pk,
        choice="edited",
        edited={"target_year": "2028"},
        actor=who.planner,
        at=NOON,
    )

    write(who, reading, *place)

    assert outline(place[0]) == ["健康", "  呼べば来るバス"]
    assert [each.name for each in Indicator.objects.all()] == ["乗降場所の数"]
    assert Target.objects.get().fiscal_year == 2028
    assert Indicator.objects.get().node_indicators.get().node.title == "呼べば来るバス"
    assert items["予約型の乗合交通"].data["title"] == "予約型の乗合交通"


def test_same_indicator_is_linked_and_not_made_twice(who, place):
    old = Indicator.objects.create(
        organization=who.town, code="K9", name="乗降場所の数", created_at=NOON, updated_at=NOON
    )

    reading = write(who, accepted(who, read(who)), *place)

    assert Indicator.objects.filter(name="乗降場所の数").get() == old
    assert old.node_indicators.exists()
    assert old.pk not in reading.made["indicators"]


def test_undo_takes_everything_back_but_what_was_checked(who, place):
    reading = write(who, accepted(who, read(who)), *place)
    kept = Evidence.objects.get(kind="survey")
    evidence.check_evidence(
        evidence_id=kept.pk, result="verified", found="", note="", actor=who.planner, at=NOON
    )

    sentences = services.undo_writing(reading_id=reading.pk, actor=who.planner, at=NOON)

    assert outline(place[0]) == ["健康"]
    assert not Indicator.objects.kept().exists()
    assert list(Evidence.objects.kept()) == [kept]
    assert len(sentences) == 1 and "原典の確認が進んでいる" in sentences[0]
    reading.refresh_from_db()
    assert reading.state == "read"


def test_frozen_version_is_not_written_to(who, place):
    version, policy = place
    reading = accepted(who, read(who))
    approved(who, version)
    version.refresh_from_db()

    with pytest.raises(PlanError, match="凍結"):
        write(who, reading, version, policy)
    assert Indicator.objects.count() == 0


def test_same_file_twice_and_files_without_text_are_refused(who):
    brought_in(who)

    with pytest.raises(PlanError, match="同じファイル"):
        brought_in(who, name="other.txt")
    with pytest.raises(PlanError, match="空です"):
        brought_in(who, text=" ")
    with pytest.raises(PlanError):
        services.bring_in(
            organization=who.town,
            section=None,
            title="",
            name="x.pdf",
            content=b"%PDF-1.4 broken",
            actor=who.planner,
            at=NOON,
        )


def test_a_foreign_document_says_what_was_not_found(who):
    reading = read(who, "Minutes of the meeting.\nNothing was decided.\n")

    assert reading.items.count() == 0
    assert any("見つからない" in sentence for sentence in reading.not_found)


def test_only_the_house_reads_and_only_planners_write_into_the_plan(client, who, place):
    reading = accepted(who, read(who))
    client.force_login(who.stranger)
    assert client.get(reading.get_absolute_url()).status_code == 404
    with pytest.raises(PermissionDenied):
        services.choose(item_id=reading.items.first().pk, choice="pending", actor=who.stranger, at=NOON)
    with pytest.raises(PermissionDenied):
        services.write_reading(
            reading_id=reading.pk, version=place[0], parent=place[1], actor=who.officer, at=NOON
        )
    assert PlanNode.objects.count() == 1


def test_accepting_the_sure_ones_leaves_the_unsure(who):
    reading = read(who)
    doubtful = reading.items.first()
    reading.items.filter(pk=doubtful.pk).update(unsure="別の読み方もある")

    services.accept_sure(reading_id=reading.pk, kind="", actor=who.planner, at=NOON)

    assert [each.pk for each in reading.items.filter(choice=Choice.PENDING)] == [doubtful.pk]


def test_pages_from_upload_to_writing(client, who, place, django_assert_max_num_queries):
    client.force_login(who.planner)
    sent = {"file": SimpleUploadedFile("plan.txt", TEXT.encode()), "title": "通院の計画"}

    answer = client.post(reverse("plans:reading_new"), sent)
    reading = Reading.objects.get()
    assert answer["Location"] == reading.get_absolute_url()
    if reading.state == "waiting":
        assert "読み取っています" in client.get(reading.get_absolute_url()).content.decode()
        tasks.read_document(reading.job, Progress(reading.job))
    with django_assert_max_num_queries(40):
        body = client.get(f"{reading.get_absolute_url()}?kind=indicators").content.decode()
    assert body.count("<mark") >= 8 and "通院をあきらめた人の割合" in body
    item = reading.items.get(title="予約型の乗合交通")
    one = reverse("plans:reading_item", args=[reading.pk, item.pk])
    assert client.get(one).status_code == 200
    assert client.post(one, {"title": "呼べば来るバス", "intent": "x"}).status_code == 302
    client.post(reverse("plans:reading_accept_sure", args=[reading.pk]), {"kind": "indicators"})
    client.post(reverse("plans:reading_write", args=[reading.pk]), {"place": f"{place[0].pk}:{place[1].pk}"})
    assert outline(place[0]) == ["健康", "  呼べば来るバス"]
    assert Indicator.objects.count() == 3
    client.post(reverse("plans:reading_undo", args=[reading.pk]))
    assert outline(place[0]) == ["健康"]


def test_bad_numbers_in_an_item_are_told_and_kept(client, who):
    reading = read(who)
    item = reading.items.get(title="乗降場所の数")
    client.force_login(who.planner)

    answer = client.post(
        reverse("plans:reading_item", args=[reading.pk, item.pk]),
        {"title": "乗降場所の数", "target_value": "たくさん", "target_year": "令和"},
    )

    assert answer.status_code == 422
    body = answer.content.decode()
    assert "数字で書いてください" in body and "たくさん" in body


def test_years_that_the_document_leaves_open_are_said_by_who_writes(who, place):
    reading = accepted(who, read(who))
    services.write_reading(
        reading_id=reading.pk, version=place[0], parent=place[1], goal_year=2030, base_year=2024,
        actor=who.planner, at=NOON,
    )  # fmt: skip

    target = Target.objects.get(indicator__name="乗降場所の数")
    assert target.fiscal_year == 2030
    assert "書き込むときに決めた" in target.rationale
    assert Target.objects.get(indicator__name="通院をあきらめた人の割合").fiscal_year != 2030
    assert ChangeTarget.objects.get(indicator__name="利用者数").fiscal_year is None
