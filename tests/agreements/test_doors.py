"""Other doorways: templates, risk sheets, imports, the calendar feed, search, the API, handover, metrics."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.agreements import handover, ical, services
from enishi.agreements.enums import DocumentKind
from enishi.agreements.models import Agreement, AgreementImport
from enishi.foundation import metrics
from enishi.foundation.documents import plain_text
from enishi.foundation.metrics import Period
from enishi.foundation.wording import docx_from_text
from enishi.knowledge.selectors import search
from tests.agreements.build import House
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


# --- Templates ---------------------------------------------------------------------------------------------------------


def test_an_own_template_is_checked_used_and_given_up(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    house = House()
    agreement = house.signed()
    client.force_login(house.manager)
    add = reverse("agreements:template_add", args=[house.town.pk])
    broken = SimpleUploadedFile("覚書.docx", docx_from_text("{{ 名称 }} {{ 市長の名前 }}"))

    page = client.post(add, {"kind": "memorandum", "file": broken}).content.decode()
    assert "知らない差し込み項目があります: 「市長の名前」" in page

    good = SimpleUploadedFile("覚書.docx", docx_from_text("試験甲市の文面 {{ 名称 }}"))
    client.post(add, {"kind": "memorandum", "file": good})
    listed = client.get(reverse("agreements:template_list", args=[house.town.pk])).content.decode()
    assert "当事者一覧" in listed
    document = reverse("agreements:document_download", args=[agreement.pk, "memorandum", "docx"])
    assert plain_text(client.get(document).content) == "試験甲市の文面 見守りに関する協定"

    template = services.templates.DocumentTemplate.objects.get()
    client.post(reverse("agreements:template_retire", args=[template.pk]))
    assert "第１条" in plain_text(client.get(document).content)


def test_officers_do_not_change_the_wording_of_the_house():
    house = House()

    with pytest.raises(PermissionDenied):
        services.add_template(
            organization=house.town,
            kind=DocumentKind.BILL,
            name="x.docx",
            content=docx_from_text("x"),
            actor=house.officer,
            at=NOON,
        )


# --- The risk sheet ----------------------------------------------------------------------------------------------------


def _draft_with_risks(house: House) -> Agreement:
    agreement = house.draft()
    return services.start_risk_table(
        agreement_id=agreement.pk, phases=["終了"], version=agreement.version, actor=house.officer, at=NOON
    )


def test_the_risk_sheet_goes_out_and_comes_back_with_its_differences(client):
    house = House()
    agreement = _draft_with_risks(house)
    client.force_login(house.officer)
    sheet = client.get(reverse("agreements:risk_table", args=[agreement.pk]), {"format": "xlsx"}).content
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    rows = book.active
    assert [cell.value for cell in rows[1]][:5] == ["番号", "段階", "種類", "内容", "負担する側"]
    rows["E2"], rows["F2"] = "双方", "費用の半分ずつ"
    rows.append(["", "終了", "原状回復", "機器の撤去", "相手", "", ""])
    target = io.BytesIO()
    book.save(target)

    address = reverse("agreements:risk_import", args=[agreement.pk])
    page = client.post(address, {"file": SimpleUploadedFile("r.xlsx", target.getvalue())})
    preview = page.context["preview"]
    assert (preview.added, preview.changed, preview.unchanged) == (1, 1, 2)
    assert [(each.column, each.before, each.after) for each in preview.differences] == [
        ("負担する側", "相手", "双方"),
        ("分かれ目", "", "費用の半分ずつ"),
        ("新しい行", "", "原状回復 / 機器の撤去 / 相手"),
    ]
    client.post(address, {"rows": page.context["rows"], "version": page.context["opened"]})

    risks = agreement.versions.get().risks
    assert list(risks.values_list("key", "bearer")) == [
        ("E01", "both"),
        ("E02", "partner"),
        ("E03", "municipality"),
        ("X01", "partner"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("種類,内容,負担する側\n不可抗力,地震,だれか\n", "次のどれかを書いてください"),
        ("種類,内容\n不可抗力,地震\n", "この見出しがありません"),
        ("番号,種類,内容,負担する側\nC01,a,b,双方\nC01,a,b,双方\n", "同じ番号が二度あります"),
        ("種類,内容,負担する側\n,地震,双方\n", "空欄にはできません"),
        ("種類,内容,負担する側\n" + "あ" * 61 + ",地震,双方\n", "60文字まで"),
    ],
)
def test_a_sheet_with_faults_changes_nothing_and_says_where(client, text, expected):
    house = House()
    agreement = _draft_with_risks(house)
    client.force_login(house.officer)

    page = client.post(
        reverse("agreements:risk_import", args=[agreement.pk]),
        {"file": SimpleUploadedFile("r.csv", text.encode("cp932"))},
    ).content.decode()

    assert expected in page
    assert agreement.versions.get().risks.count() == 3


def test_a_forged_preview_is_refused(client):
    house = House()
    agreement = _draft_with_risks(house)
    client.force_login(house.officer)

    client.post(reverse("agreements:risk_import", args=[agreement.pk]), {"rows": "forged", "version": "1"})

    assert agreement.versions.get().risks.count() == 3


# --- Bringing in the municipality's own list ------------------------------------------------------------------------------

SHEET = (
    "令和8年度 協定一覧\n"
    "番号,協定名,協定先,種類,締結年月日,有効期限,自動更新,備考\n"
    "12,物資の供給に関する協定,株式会社あ、い生協,災害時応援協定,平成30年9月1日,R9.3.31,有,\n"
    "13,空き家の協定,う不動産,個別協定,2020/4/1,令和5年3月31日,無,終わったもの\n"
)


def _upload(client, text: str):
    address = reverse("agreements:import_new")
    return client.post(address, {"file": SimpleUploadedFile("一覧.csv", text.encode("cp932"))}, follow=True)


def test_the_list_of_a_municipality_comes_in_after_a_look_and_goes_out_again(client):
    house = House()
    client.force_login(house.colleague)

    page = _upload(client, SHEET).content.decode()
    batch = AgreementImport.objects.get()
    assert "新しく入る 2件" in page and Agreement.objects.count() == 0
    client.post(reverse("agreements:import_apply", args=[batch.pk]))

    first, second = Agreement.objects.order_by("number")
    assert (first.status, first.ends_on, first.counterparts) == (
        "active",
        dt.date(2027, 3, 31),
        "株式会社あ、い生協",
    )
    assert (second.status, second.ended_on) == ("ended", dt.date(2023, 3, 31))
    assert first.versions.get().sha256
    assert "そのままにする 2件" in _upload(client, SHEET).content.decode()
    client.post(reverse("agreements:import_undo", args=[batch.pk]))
    assert not Agreement.objects.visible_to(house.colleague).exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("協定名,協定先,締結日\n協定,相手,令和8年13月1日\n", "日付として読めません"),
        ("協定名,締結日\n協定,R1.5.1\n", "この見出しの列がありません"),
        ("協定名,協定先,締結日\n,相手,R1.5.1\n", "空欄にはできません"),
        ("協定名,協定先,締結日\n協定,相手,2099/1/1\n", "先の日付です"),
        ("協定名,協定先,締結日\n協定,相手,R1.5.1\n協定,相手,R2.5.1\n", "2行目と同じ協定です"),
        ("協定名,協定先,締結日,有効期限\n協定,相手,R5.5.1,R1.5.1\n", "始まりより前"),
    ],
)
def test_a_list_with_faults_brings_nothing(client, text, expected):
    house = House()
    client.force_login(house.officer)

    page = _upload(client, text).content.decode()

    batch = AgreementImport.objects.get()
    assert any(expected in fault["reason"] for fault in batch.faults) or expected in page
    client.post(reverse("agreements:import_apply", args=[batch.pk]))
    assert Agreement.objects.count() == 0


# --- The calendar ------------------------------------------------------------------------------------------------------


def test_the_feed_is_read_by_its_secret_alone_until_it_is_stopped(client):
    house = House()
    house.signed(ends_on=TODAY + 200 * DAY, title="甲; 乙, の協定")
    client.force_login(house.officer)
    client.post(reverse("agreements:feed_make"))
    page = client.get(reverse("agreements:calendar"))
    address = page.context["address"]
    assert client.get(reverse("agreements:calendar")).context["address"] == ""
    client.logout()

    text = client.get(address).content.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    names = re.findall(r"UID:(\S+@testserver)\r\n", text)
    assert len(names) == len(set(names)) == text.count("BEGIN:VEVENT") > 0
    assert "DESCRIPTION:甲\\; 乙\\, の協定" in text
    services.revoke_feeds(actor=house.officer, at=NOON)
    assert client.get(address).status_code == 404
    assert client.get(reverse("agreements:feed", args=["cal_guess"])).status_code == 404


def test_the_feed_shows_only_what_its_person_may_read():
    house = House()
    house.signed()

    from enishi.agreements.selectors import calendar_days

    assert calendar_days(house.stranger, TODAY, TODAY + 400 * DAY) == []
    assert "BEGIN:VTIMEZONE" in ical.calendar([], site="https://city.example", at=NOON)
    days = calendar_days(house.partner, TODAY, TODAY + 400 * DAY)
    assert [day.what for day in days] == ["更新・終了の申し出の期限", "協定の終わり"]
    assert ical.escaped("改行\nあり") == "改行\\nあり"


# --- Search, API, handover, metrics ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_found_at_once_by_those_who_may_read_it():
    house = House()
    house.signed(title="孤立を防ぐ声かけ協定")

    assert [hit.title for hit in search(house.partner, "声かけ", kinds=["agreement"]).items] == [
        "孤立を防ぐ声かけ協定"
    ]
    assert search(house.stranger, "声かけ", kinds=["agreement"]).count == 0


def test_programs_read_what_their_people_read(client):
    house = House()
    agreement = house.signed()
    client.force_login(house.partner)
    whole = client.get(f"/api/v1/agreements/{agreement.pk}").json()
    assert (whole["title"], whole["version"]) == ("見守りに関する協定", 1)
    assert [
        each["name"]
        for each in client.get("/api/v1/agreements").json()["items"]
        for each in [each["organization"]]
    ]
    client.logout()
    assert client.get(f"/api/v1/agreements/{agreement.pk}").status_code == 404
    assert len(client.get("/api/v1/schemes").json()) == 36


def test_the_successor_gets_agreements_and_turns():
    house = House()
    agreement = house.submitted()

    assert handover.count_kept(house.officer, house.town) == 1
    assert handover.give_kept(house.officer, house.deputy, house.town, house.manager, NOON) == 1
    assert handover.give_turns(house.colleague, house.deputy, house.town, house.manager, NOON) == 1

    agreement.refresh_from_db()
    assert agreement.officer == house.deputy
    assert agreement.versions.get().approvals.first().person == house.deputy


def test_numbers_carry_their_parents():
    house = House()
    house.signed(signed_on=TODAY - 400 * DAY)
    house.signed()
    period = Period(TODAY - 500 * DAY, TODAY)

    def figure(key: str):
        return metrics.metric(key).figure(house.town.pk, period, TODAY)

    assert figure("agreements.active").value == 2
    asleep = figure("agreements.asleep")
    assert (asleep.numerator, asleep.denominator, asleep.value) == (1, 2, 50)
    partners = figure("agreements.partners")
    assert partners.value == 1
    assert ("企業", "1") in [(str(name), count) for name, count in partners.beside]
    assert figure("agreements.from_introduction").value is None
    rows = metrics.metric("agreements.asleep").rows(house.town.pk, period, TODAY, house.officer)
    assert [row.counts for row in rows] == [False, True]
    assert metrics.metric("agreements.asleep").rows(house.town.pk, period, TODAY, house.stranger) == []
