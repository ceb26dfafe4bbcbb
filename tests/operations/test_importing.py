"""Bringing sheets in: what is read, what is refused, and that it is all or nothing."""

import io

import openpyxl
import pytest
from django.conf import settings

from enishi.audit.models import AuditEvent
from enishi.exchange.models import Challenge, ImportBatch, Resource
from enishi.exchange.models_imports import ImportState
from enishi.exchange.services import edit_challenge
from enishi.exchange.transfer import exporting, importing
from enishi.exchange.transfer.columns import understood
from enishi.exchange.transfer.words import closest
from enishi.foundation.spreadsheets import write_csv
from enishi.organizations.enums import OrganizationKind, Role
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner():
    return MembershipFactory(role=Role.PLANNER).person


@pytest.fixture
def town(planner):
    return planner.memberships.get().organization


def bring_in(planner, text: str, kind="challenges", **options):
    content = text if isinstance(text, bytes) else text.encode("utf-8-sig")
    return importing.import_file(kind=kind, content=content, actor=planner, at=NOON, **options)


def reasons(outcome) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.reason) for fault in outcome.faults]


def test_a_city_sheet_with_its_own_headings_is_read(planner, town):
    SectionFactory(organization=town, name="高齢福祉課")
    text = "課題名,現状,分野,予算,期限,担当,対象地域\n見守り,訪問が月一回,空き家;地震・津波,１，２００千円,令和9年3月31日,高齢福祉課,東京都府中市\n"

    outcome = bring_in(planner, text)

    challenge = Challenge.objects.get()
    assert (outcome.added, outcome.faults) == (1, [])
    assert challenge.title == "見守り"
    assert challenge.budget_max_yen == 1_200_000
    assert challenge.due_on.isoformat() == "2027-03-31"
    assert challenge.section.name == "高齢福祉課"
    assert [area.code for area in challenge.areas.all()] == ["132063"]
    assert {field.name for field in challenge.fields.all()} == {"空き家", "地震・津波"}
    assert (challenge.visibility, challenge.status) == ("internal", "open")


@pytest.mark.parametrize(
    ("written", "day"),
    [("令和8年度末", "2027-03-31"), ("令和9年2月末日", "2027-02-28"), ("未定", "None"), ("随時", "None")],
)
def test_days_are_read_as_offices_write_them(planner, written, day):
    outcome = bring_in(planner, f"課題名,現状,期限\n見守り,訪問が月一回,{written}\n")

    assert (outcome.added, outcome.faults) == (1, [])
    assert str(Challenge.objects.get().due_on) == day


def test_a_title_a_unit_and_a_sum_around_the_table_are_understood(planner, town):
    outcome = bring_in(
        planner,
        "令和8年度 地域課題一覧表,,,\n,,,(単位:千円)\n\n"
        "番号,課題名,内容,予算額\n"
        '1,罠の見回りを続ける人がいない,高齢の5人で週3回が限界,"1,200"\n'
        "2,橋の点検に手が回らない,312橋を4人で,300万円\n"
        ",合計,,4200\n※予算額は見込みです,,,\n",
    )

    assert reasons(outcome) == []
    assert (outcome.added, outcome.skipped) == (2, [7, 8])
    assert dict(Challenge.objects.values_list("import_key", "budget_max_yen")) == {
        "1": 1_200_000,
        "2": 3_000_000,
    }


def test_a_heading_that_names_thousands_multiplies_bare_numbers_only(planner, town):
    bring_in(planner, "番号,課題名,予算額(千円)\n1,あ,500\n2,い,500円\n")

    assert dict(Challenge.objects.values_list("import_key", "budget_max_yen")) == {"1": 500_000, "2": 500}


def test_remarks_and_dots_in_headings_do_not_hide_them(planner, town):
    outcome = bring_in(planner, "Ｎｏ．,課 題 名,現状・課題（詳細）\n7,あ,い\n")

    assert (reasons(outcome), outcome.unread_headings) == ([], [])
    assert Challenge.objects.values_list("import_key", "present_state").get() == ("7", "い")


def test_a_cover_sheet_and_a_hidden_sheet_are_passed_over(planner, town):
    book = openpyxl.Workbook()
    book.active.append(["表紙"])
    hidden, sheet = book.create_sheet("旧", 0), book.create_sheet("一覧")
    hidden.sheet_state = "hidden"
    hidden.append(["番号", "課題名"])
    hidden.append(["9", "古い課題"])
    sheet.append(["地域課題一覧"])
    sheet.merge_cells("A1:B1")
    sheet.append(["番号", "課題名"])
    sheet.append([1, "橋の点検に手が回らない"])
    buffer = io.BytesIO()
    book.save(buffer)

    outcome = bring_in(planner, buffer.getvalue())

    assert reasons(outcome) == []
    assert list(Challenge.objects.values_list("title", flat=True)) == ["橋の点検に手が回らない"]


def city_list() -> bytes:
    """A list as a city keeps it: a title, a unit, headings in two lines, joined cells, loose days, a sum, a note."""
    book = openpyxl.Workbook()
    sheet = book.active
    rows = [
        ["令和８年度　地域課題一覧"],
        ["", "", "", "", "", "単位：千円"],
        ["No.", "担当課", "課題名", "現状", "実施時期", "", "予算額", "対象地域", "備考", "備考"],
        ["", "", "", "", "開始", "期限", "", "", "", ""],
        [
            "１",
            "高齢福祉課",
            "買い物の足がない",
            "商店が閉店した",
            "令和8年4月",
            "令和9年度中",
            "約１，２００",
            "市内全域",
        ],
        ["２", "", "見守りの担い手がいない", "〃", "R8.4.1～", "未定", "未定", "北部地区"],
        ["計", "", "", "", "", "", "1,200"],
        ["担当：企画課　内線1234"],
    ]
    for row in rows:
        sheet.append(row)
    for joined in ("A1:J1", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:F3", "B5:B6"):
        sheet.merge_cells(joined)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_list_as_a_city_keeps_it_is_read_and_what_was_loose_is_told(planner, town):
    section = SectionFactory(organization=town, name="高齢福祉課")

    outcome = bring_in(planner, city_list())

    assert reasons(outcome) == []
    assert (outcome.added, outcome.skipped) == (2, [7, 8])
    assert outcome.unread_headings == ["備考", "備考(2)"]
    first, second = Challenge.objects.order_by("import_key")
    assert [str(day) for day in (first.window_from, first.due_on, second.window_from, second.due_on)] == [
        "2026-04-01",
        "2028-03-31",
        "2026-04-01",
        "None",
    ]
    assert (first.budget_max_yen, second.budget_max_yen) == (1_200_000, None)
    assert second.present_state == "商店が閉店した"
    assert {first.section, second.section} == {section}
    assert [area for each in (first, second) for area in each.areas.all()] == [town, town]
    assert {(each.row, each.value) for each in outcome.remarks} == {
        (5, "令和8年4月"),
        (5, "令和9年度中"),
        (5, "約１，２００"),
        (6, "〃"),
        (6, "未定"),
        (6, "北部地区"),
    }


def test_every_fault_says_row_column_value_and_how_to_mend(planner):
    text = (
        "題名,締切,予算の上限,分野,対象の地域,公開範囲\n,令和8年13月1日,たくさん,そんな分野,府中市,みんな\n"
    )

    outcome = bring_in(planner, text)

    assert {(fault.row, fault.column, fault.value) for fault in outcome.faults} == {
        (2, "締切", "令和8年13月1日"),
        (2, "予算の上限", "たくさん"),
        (2, "分野", "そんな分野"),
        (2, "対象の地域", "府中市"),
        (2, "公開範囲", "みんな"),
        (2, "題名", ""),
    }
    assert all(fault.reason.endswith("。") or "例:" in fault.reason for fault in outcome.faults)
    assert Challenge.objects.count() == 0


def test_one_fault_keeps_every_row_out(planner):
    outcome = bring_in(planner, "題名,締切\n良い行,令和9年1月1日\n悪い行,いつか\n")

    assert len(outcome.faults) == 1
    assert Challenge.objects.count() == 0


def test_the_same_file_again_changes_nothing(planner):
    text = "題名,いま困っていること\n見守り,人が足りない\n雪かき,  業者がいない \n"
    bring_in(planner, text)
    before = AuditEvent.objects.count()

    outcome = bring_in(planner, text)

    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 0, 2)
    assert AuditEvent.objects.count() == before


def test_a_corrected_file_changes_the_same_record(planner):
    bring_in(planner, "キー,題名\nK-1,見守り\n")

    outcome = bring_in(planner, "キー,題名\nK-1,高齢者の見守り\n")

    assert (outcome.added, outcome.changed) == (0, 1)
    assert outcome.differences == [
        {"row": 2, "key": "見守り", "column": "題名", "before": "見守り", "after": "高齢者の見守り"}
    ]
    assert Challenge.objects.get().title == "高齢者の見守り"


def test_a_key_twice_in_one_file_is_refused(planner):
    assert reasons(bring_in(planner, "キー,題名\nK-1,a\nK-1,b\n"))[0][:2] == (3, "キー")


def test_a_sheet_without_a_title_column_says_which_headings_would_do(planner):
    outcome = bring_in(planner, "なまえ,ないよう\na,b\n")

    assert "「題名」がありません" in outcome.faults[0].reason
    assert "課題名" in outcome.faults[0].reason


@pytest.mark.parametrize("content", [b"", b"\x00\x00", b"PK\x03\x04", "題名\n".encode()])
def test_what_holds_no_rows_is_a_sentence_and_not_an_error(planner, content):
    assert len(bring_in(planner, content).faults) == 1


def test_hostile_text_is_kept_as_text(planner):
    bring_in(
        planner, write_csv(["題名", "いま困っていること"], [["<script>alert(1)</script>𠮷", "=1+1\x00 改行"]])
    )

    challenge = Challenge.objects.get()
    assert challenge.title == "<script>alert(1)</script>𠮷"
    assert challenge.present_state == "=1+1 改行"


def test_open_data_facilities_become_places_to_use(planner):
    text = "全国地方公共団体コード,ID,名称,所在地_連結表記,緯度,経度,電話番号\n131016,7,西公民館,千代田区西1-1,35.69,139.75,03-0000-0000\n"

    outcome = bring_in(planner, text, kind="resources")

    resource = Resource.objects.get()
    assert outcome.faults == []
    assert (resource.title, resource.kinds, resource.import_key) == (
        "西公民館",
        ["facility", "space"],
        "od-131016-7",
    )
    assert (resource.latitude, resource.longitude) == (35.69, 139.75)
    assert [area.code for area in resource.areas.all()] == ["131016"]


def test_an_exported_list_comes_back_unchanged(planner, town, tmp_path):
    ChallengeFactory.create_batch(3, organization=town, budget_max_yen=0)
    path = tmp_path / "list.xlsx"
    exporting.export_file(kind="challenges", path=path, actor=planner, encoding="utf-8-sig")

    outcome = bring_in(planner, path.read_bytes())

    assert outcome.faults == []
    assert (outcome.added, outcome.changed, outcome.unchanged) == (0, 0, 3)
    assert Challenge.objects.count() == 3


def test_rows_of_another_owner_are_refused(planner):
    assert reasons(bring_in(planner, "題名,団体\n見守り,よその市\n"))[0][:2] == (2, "団体")


def test_somebody_without_the_role_brings_nothing_in():
    resident = MembershipFactory(role=Role.RESIDENT).person

    with pytest.raises(Exception, match="役割"):
        bring_in(resident, "題名\n見守り\n")


def test_a_company_brings_resources_but_no_challenges():
    company = OrganizationFactory(kind=OrganizationKind.COMPANY)
    member = MembershipFactory(organization=company, role=Role.PARTNER_MEMBER).person

    assert bring_in(member, "題名\n配達\n", kind="resources").added == 1
    with pytest.raises(Exception, match="役割"):
        bring_in(member, "題名\n見守り\n")


@pytest.fixture
def batch(planner, town, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return importing.receive(
            kind="challenge",
            organization=town,
            content="題名\n見守り\n雪かき\n".encode(),
            filename="課題.csv",
            visibility="internal",
            status="draft",
            actor=planner,
            at=NOON,
        )


def test_a_file_is_looked_at_before_anything_is_written(batch):
    batch.refresh_from_db()

    assert batch.state == ImportState.READY
    assert batch.preview["added"] == 2
    assert Challenge.objects.count() == 0


def test_confirming_twice_saves_once(batch, planner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        importing.confirm(batch_id=batch.pk, actor=planner, at=NOON)
        importing.confirm(batch_id=batch.pk, actor=planner, at=NOON)

    batch.refresh_from_db()
    assert batch.state == ImportState.DONE
    assert {challenge.status for challenge in Challenge.objects.all()} == {"draft"}
    assert Challenge.objects.count() == 2


def test_undo_throws_away_what_was_added_and_nobody_touched(
    batch, planner, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        importing.confirm(batch_id=batch.pk, actor=planner, at=NOON)
    edited = Challenge.objects.get(title="雪かき")
    edit_challenge(challenge_id=edited.pk, values={"title": "雪おろし"}, version=1, actor=planner, at=NOON)
    batch.refresh_from_db()

    undone = importing.undo(batch_id=batch.pk, actor=planner, at=batch.saved_at)

    assert undone == importing.Undone(removed=1, put_back=0, left=1)
    assert [each.title for each in Challenge.objects.filter(deleted_at__isnull=True)] == ["雪おろし"]
    with pytest.raises(importing.NotUndoableError):
        importing.undo(batch_id=batch.pk, actor=planner, at=batch.saved_at)


def test_undo_puts_back_what_was_changed(planner, town, django_capture_on_commit_callbacks):
    bring_in(planner, "キー,題名,締切,分野\nK-1,見守り,令和9年1月1日,空き家\n")
    with django_capture_on_commit_callbacks(execute=True):
        batch = importing.receive(
            kind="challenge",
            organization=town,
            content="キー,題名,締切,分野\nK-1,見回り,,地震・津波\n".encode(),
            filename="a.csv",
            visibility="internal",
            status="open",
            actor=planner,
            at=NOON,
        )
    with django_capture_on_commit_callbacks(execute=True):
        importing.confirm(batch_id=batch.pk, actor=planner, at=NOON)
    batch.refresh_from_db()
    assert Challenge.objects.get().title == "見回り"

    undone = importing.undo(batch_id=batch.pk, actor=planner, at=batch.saved_at)

    challenge = Challenge.objects.get()
    assert undone == importing.Undone(removed=0, put_back=1, left=0)
    assert (challenge.title, challenge.due_on.isoformat()) == ("見守り", "2027-01-01")
    assert [field.name for field in challenge.fields.all()] == ["空き家"]


def test_words_of_the_file_are_asked_about_once_and_remembered(
    planner, town, client, django_capture_on_commit_callbacks
):
    client.force_login(planner)
    content = "課題名,部長のひとこと,分野,担当課\n見守り,急ぎたい,福祉,なくなった課\n".encode()

    def send() -> ImportBatch:
        with django_capture_on_commit_callbacks(execute=True):
            return importing.receive(
                kind="challenge", organization=town, content=content, filename="一覧.csv",
                visibility="internal", status="open", actor=planner, at=NOON,
            )  # fmt: skip

    page = f"/imports/{send().pk}/"
    asked = client.get(page).context["words"]
    heading = client.get(page).context["headings"][0]
    assert [(each.word, dict(each.options).get(each.chosen, "")) for each in asked] == [
        ("福祉", "福祉・高齢者"),
        ("なくなった課", ""),
    ]
    chosen = {each.name: each.chosen for each in asked} | {heading.name: "pitch"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{page}words/", chosen)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{page}confirm/")

    challenge = Challenge.objects.get()
    assert (challenge.pitch, challenge.section) == ("急ぎたい", None)
    assert [field.name for field in challenge.fields.all()] == ["福祉・高齢者"]
    batch = send()
    batch.refresh_from_db()
    assert (batch.state, batch.preview["unchanged"]) == (ImportState.READY, 1)


def test_a_batch_is_its_persons_alone(batch, client):
    client.force_login(MembershipFactory(organization=batch.organization, role=Role.PLANNER).person)

    assert client.get(f"/imports/{batch.pk}/").status_code == 404


def test_pages_show_the_preview_and_the_result(batch, planner, client):
    client.force_login(planner)

    page = client.get(f"/imports/{batch.pk}/").content.decode()

    assert "取り込む" in page
    assert ImportBatch.objects.get().filename in page


def test_faults_and_loose_readings_are_told_in_the_language_of_the_reader(
    planner, town, client, django_capture_on_commit_callbacks
):
    text = "題名,締切,予算の上限,分野\n見守り,令和8年13月1日,約500千円,そんな分野\n"
    with django_capture_on_commit_callbacks(execute=True):
        batch = importing.receive(
            kind="challenge",
            organization=town,
            content=text.encode(),
            filename="a.csv",
            visibility="internal",
            status="draft",
            actor=planner,
            at=NOON,
        )
    client.force_login(planner)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = client.get(f"/imports/{batch.pk}/").content.decode()

    assert "令和8年13月1日" in page
    assert "Read as 500,000 yen" in page
    assert "読みます" not in page
    assert "書いてください" not in page


def test_of_two_lines_of_headings_the_upper_is_enough():
    found = understood("challenge", ("件名", "現状・課題 いま起きていること", "期間 始期", "備考"))

    assert {heading: column.value for heading, column in found.items()} == {
        "件名": "title",
        "現状・課題 いま起きていること": "present_state",
        "期間 始期": "window_from",
    }


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("無料", "無償"),
        ("車両", "物品・特産品"),
        ("高齢者福祉", "福祉・高齢者"),
        ("まちづくり", "地域づくり・共生"),
        ("その他", ""),
    ],
)
def test_the_closest_of_our_words_is_chosen_beforehand(word, ours):
    names = (
        "福祉・高齢者",
        "スポーツによるまちづくり",
        "地域づくり・共生",
        "無償",
        "物品・特産品",
        "道路・橋の点検",
    )

    assert closest(word, [(name, name) for name in names]) == ours
