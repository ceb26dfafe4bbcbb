"""Pages: who reads what, what a visitor is not told, and the ways through an import."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from enishi.budgets import services
from enishi.budgets.enums import RunState, Stage
from enishi.budgets.models import Allocation, BudgetImport, MappingProfile, Programme, ProgrammeYear
from enishi.budgets.services import NewShare, Typed, YearValues
from tests.budgets.making import HEAD, ROWS, TOTAL, YEAR, bring_in, cast, code, programme, text, xlsx
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def published() -> Any:
    who = cast()
    bring_in(who, text())
    services.record_entry(
        code_id=code(who, "01-03-01-02-2010").pk,
        typed=Typed(Stage.REQUEST, 777_000, dt.date(2026, 4, 2), "要求のわけ"),
        actor=who.planner,
        at=NOON,
    )
    services.publish_year(organization=who.town, fiscal_year=YEAR, actor=who.planner, at=NOON)
    return who


def test_the_tree_opens_level_by_level():
    who = published()
    client = signed_in(who.planner)
    tree = reverse("budgets:budget_tree")

    closed = body(client, tree)
    opened = body(client, f"{tree}?open=01-03&open=01-03-01")

    assert "款03 民生費" in closed and "項01 社会福祉費" not in closed
    assert "目02 老人福祉費" in opened and "細目・事業2010 見守り事業" not in opened


def test_the_tree_takes_the_same_questions_however_much_is_open(django_assert_max_num_queries: Any) -> None:
    who = published()
    client = signed_in(who.planner)
    tree = reverse("budgets:budget_tree")
    body(client, tree)

    with django_assert_max_num_queries(22) as few:
        body(client, tree)
    with django_assert_max_num_queries(22) as more:
        body(client, f"{tree}?open=01-03&open=01-03-01&open=01-03-01-02&open=01-08")

    assert len(few) == len(more)


def test_visitors_read_published_years_but_no_requests():
    who = published()
    page = reverse("budgets:code_detail", args=[code(who, "01-03-01-02-2010").pk])

    inside, outside = body(signed_in(who.planner), page), body(Client(), page)

    assert "777,000円" in inside and "要求のわけ" in inside
    assert "777,000" not in outside and "要求のわけ" not in outside
    assert "20,000,000円" in outside


def test_unpublished_years_are_not_there_for_strangers():
    who = cast()
    bring_in(who, text())

    response = signed_in(who.stranger).get(reverse("budgets:code_detail", args=[code(who, "01-03").pk]))

    assert response.status_code == 404


def test_a_code_tells_programmes_and_where_each_yen_came_from():
    who = cast()
    run = bring_in(who, text())
    row = programme(who)
    target = code(who, "01-03-01-02-2020")
    services.allocate(
        code_id=target.pk, shares=[NewShare(row.pk, share_bp=3_333)], actor=who.planner, at=NOON
    )

    above = body(signed_in(who.officer), target.get_absolute_url())
    leaf = body(signed_in(who.officer), code(who, "01-03-01-02-2020-12").get_absolute_url())

    assert "33.33%" in above and "1,666,500円" in above and "3,333,501円" in above
    assert reverse("budgets:run_detail", args=[run.pk]) in leaf and "4行目" in leaf
    assert "上の科目「" in leaf and f'{row.get_absolute_url()}?year={YEAR}">{row}</a> 33.33%' in leaf


def test_a_programme_tells_its_years_rate_and_codes():
    who = cast()
    bring_in(who, text())
    row = programme(who)
    services.allocate(
        code_id=code(who, "01-03-01-02-2010").pk,
        shares=[NewShare(row.pk, share_bp=10_000)],
        actor=who.planner,
        at=NOON,
    )
    bring_in(
        who,
        text("03,民,01,社,02,老,2010,見守り,12,委,5000000\n"),
        stage=Stage.SPENDING,
        stated_total_yen=5_000_000,
        dated_on=dt.date(2026, 9, 30),
    )

    page = body(signed_in(who.officer), f"{row.get_absolute_url()}?year={YEAR}")

    assert "25.0%(5,000,000/20,000,000)" in page
    assert "01-03-01-02-2010 見守り事業" in page
    assert code(who, "01-03-01-02-2010-12").get_absolute_url() in page


def test_programmes_are_listed_with_this_years_money_in_few_questions(
    django_assert_max_num_queries: Any,
) -> None:
    who = cast()
    for number in range(4):
        programme(who, f"10010{number}")
    client = signed_in(who.officer)
    body(client, reverse("budgets:programme_list"))

    with django_assert_max_num_queries(19):
        page = body(client, reverse("budgets:programme_list"))

    assert "令和8年度の事務事業 4件" in page


def test_a_file_goes_from_the_form_through_the_table_of_sums_into_the_books(
    django_capture_on_commit_callbacks: Any,
) -> None:
    who = cast()
    client = signed_in(who.planner)
    sent = {
        "file": SimpleUploadedFile("当初.csv", text()),
        "profile": who.profile.pk,
        "fiscal_year": "令和8年度",
        "stage": "initial",
        "dated_on": "令和8年3月24日",
        "mode": "first",
        "stated_total_yen": f"{TOTAL:,}円",
        "stated": "1-3 25,000,001",
    }
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("budgets:run_new"), sent)
    run = BudgetImport.objects.get()
    page = body(client, reverse("budgets:run_detail", args=[run.pk]))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("budgets:run_confirm", args=[run.pk]))

    run.refresh_from_db()
    assert "合計は1円まで合っています" in page and "01-03 民生費" in page
    assert run.state == RunState.APPLIED
    assert code(who, "01-03").total.initial_yen == 25_000_001


def test_a_file_with_its_stages_in_columns_goes_from_the_sample_into_the_books(
    django_capture_on_commit_callbacks: Any,
) -> None:
    who = cast()
    client = signed_in(who.planner)
    file = (
        "款,項,目,要求額,部長査定額,市長査定額,当初予算額\n03,01,02,120,110,100,100\n合計,,,120,110,100,100\n"
    )

    def sent(**given: str) -> dict[str, Any]:
        upload = SimpleUploadedFile("一覧.csv", file.encode("cp932"))
        return {"file": upload, "fiscal_year": "R8", "mode": "first", **given}

    guess = client.post(reverse("budgets:profile_sample"), sent(), follow=True).context["form"].initial
    page = client.post(reverse("budgets:profile_new"), {**guess, "name": "並び", "account_code": "01"})
    days = {f"{part.name}_on": "R8.4.1" for part in MappingProfile.objects.get(name="並び").parts}
    nothing = client.post(page["location"], sent())
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page["location"], sent(**days, stage_request_total="121円"))
        client.post(page["location"], sent(**{**days, "stage_request_on": ""}))
    runs = BudgetImport.objects.order_by("created_at", "stage", "round_no")
    refused = body(client, reverse("budgets:run_detail", args=[runs.filter(stage="initial")[0].pk]))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("budgets:run_confirm", args=[runs.filter(stage="initial")[1].pk]))

    assert "少なくとも一つ書いてください" in nothing.content.decode()
    assert "ほかの段階に直すところがあります" in refused and "すべての段階を取り込む" not in refused
    assert runs.filter(state=RunState.APPLIED).count() == 3
    total = code(who, "01-03").total
    assert (total.request_yen, total.assessment_yen, total.initial_yen) == (None, 100, 100)


def test_a_sample_makes_a_profile_with_the_columns_guessed():
    who = cast()
    client = signed_in(who.planner)
    sample = f"(単位:千円)\n{HEAD},備考\n{ROWS}".encode("cp932")

    response = client.post(
        reverse("budgets:profile_sample"), {"file": SimpleUploadedFile("見本.csv", sample)}, follow=True
    )
    form = response.context["form"]
    data = {"name": "新しい設定", "unit": form.initial["unit"], "account_code": "01"}
    data |= {name: form.initial.get(name, "") for name in form.fields if name.startswith("column_")}
    client.post(reverse("budgets:profile_new"), data)

    made = MappingProfile.objects.get(name="新しい設定")
    assert (made.unit, made.columns["kan_name"], made.columns["note"]) == (1_000, "款名", "備考")


def test_shares_are_typed_as_lines_and_faults_name_theirs():
    who = cast()
    bring_in(who, text())
    programme(who)
    page = reverse("budgets:allocations_edit", args=[code(who, "01-03-01-02-2010").pk])
    client = signed_in(who.planner)

    refused = client.post(page, {"lines": "100101 60%\n999999 10%", "method": "shared"})
    client.post(page, {"lines": "１００１０１　33.33%　利用者数", "method": "shared"})

    assert "2行目: 番号 999999 の事業はありません。" in refused.content.decode()
    row = Allocation.objects.get()
    assert (row.share_bp, row.note, row.method) == (3_333, "利用者数", "shared")


def test_the_sheet_of_programmes_goes_out_and_comes_back_changed():
    who = cast()
    row = programme(who)
    services.set_programme_year(
        programme_id=row.pk, fiscal_year=YEAR, values=YearValues("running"), actor=who.officer, at=NOON
    )
    client = signed_in(who.planner)
    out = client.get(reverse("budgets:programme_list") + "?format=csv").content.decode("utf-8-sig")
    back = (
        out.replace("見守り事業100101", "見守り強化事業")
        + "100102,新しい事業,高齢福祉課,,自治事務,,,,令和8年度\r\n"
    )

    page = client.post(
        reverse("budgets:programme_import"), {"file": SimpleUploadedFile("表.csv", back.encode())}
    ).content.decode()
    client.post(reverse("budgets:programme_import"), {"then": "save"})

    assert "見守り強化事業" in page
    assert list(Programme.objects.values_list("uid", "title", "start_fy")) == [
        ("100101", "見守り強化事業", 2020),
        ("100102", "新しい事業", 2026),
    ]
    assert ProgrammeYear.objects.get(programme=row).status == "running"


def test_a_citys_own_list_without_numbers_gets_them_once() -> None:
    who = cast()
    client = signed_in(who.planner)
    content = "事務事業名,担当課,開始年度\n庶務事務,,平成20年度\n庶務事務,高齢福祉課,R2\n".encode("cp932")
    counts = []
    for _time in range(2):
        page = client.post(
            reverse("budgets:programme_import"), {"file": SimpleUploadedFile("一覧.csv", content)}
        )
        counts.append((page.context["preview"].added, page.context["preview"].unchanged))
        client.post(reverse("budgets:programme_import"), {"then": "save"})

    assert counts == [(2, 0), (0, 2)]
    assert list(Programme.objects.order_by("uid").values_list("uid", flat=True)) == ["100001", "100002"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("12,名前,,,,,,,2020", "登録"),
        ("1001,事業,,,,,,,昭和百年", "年度として読めません"),
        ("100103,事業,ない課,,,,,,2020", "一覧の名前と同じに"),
        ("100103,事業,,,まちがい,,,,2020", "選べるのは"),
        ("A00103,事業,,,,,,,2020", "6桁の数字"),
    ],
)
def test_sheet_faults_name_their_cells(line: str, reason: str) -> None:
    who = cast()
    head = "事業番号,事務事業名,担当課,概要,事務の種類,根拠法令・条例,実施方法,発案,開始年度"
    content = f"{head}\n{line}\n".encode()

    page = signed_in(who.planner).post(
        reverse("budgets:programme_import"), {"file": SimpleUploadedFile("表.csv", content)}
    )

    found = page.context["preview"]
    told = " ".join(fault["reason"] for fault in found.faults)
    assert reason in told if reason != "登録" else found.added == 1


def test_years_are_compared_across_a_renumbered_code():
    who = cast()
    bring_in(who, text(), fiscal_year=YEAR - 1, dated_on=dt.date(2025, 4, 1))
    bring_in(
        who, text(ROWS.replace("2010,", "2015,").replace("18600000", "18600001")), stated_total_yen=TOTAL + 1
    )
    services.link_codes(
        old=code(who, "01-03-01-02-2010", YEAR - 1),
        new=code(who, "01-03-01-02-2015"),
        note="番号を整理",
        actor=who.planner,
        at=NOON,
    )

    page = body(
        signed_in(who.officer), reverse("budgets:year_compare") + f"?year={YEAR}&old={YEAR - 1}&level=4"
    )

    assert "対応表でつないだ行 1" in page
    assert "片方だけ" not in page


@pytest.mark.parametrize(
    "name", ["budget_tree", "unallocated_list", "year_compare", "run_list", "programme_list"]
)
@pytest.mark.parametrize("form", ["xlsx", "csv-cp932"])
def test_every_list_leaves_as_a_file(name: str, form: str) -> None:
    who = cast()
    bring_in(who, text())
    programme(who)

    answer = signed_in(who.planner).get(reverse(f"budgets:{name}") + f"?format={form}")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    first = answer.content.split(b"\r\n")[0]
    assert answer.content.startswith(b"PK") if form == "xlsx" else first.count(b",") >= 4


def test_odd_addresses_are_answered_and_never_break():
    who = published()
    client = signed_in(who.planner)

    for query in (
        "?year=abc&house=&account=９",
        "?year=99999999999",
        "?open=" + "01-" * 80,
        "?old=1&level=99&stage=x",
    ):
        for name in ("budget_tree", "year_compare", "unallocated_list", "programme_list"):
            assert client.get(reverse(f"budgets:{name}") + query).status_code == 200


def test_an_xlsx_that_is_none_is_refused_with_a_sentence():
    who = cast()
    answer = signed_in(who.planner).post(
        reverse("budgets:profile_sample"), {"file": SimpleUploadedFile("x.xlsx", xlsx([["あ"]])[:400])}
    )

    assert answer.status_code == 422
    assert "Excelファイルが壊れているか" in answer.content.decode()


def test_i4_programmes_without_money_and_without_the_mark_are_found():
    who = cast()
    bring_in(who, text())
    paid, forgotten = programme(who), programme(who, "100102")
    programme(who, "100103", zero_budget=True)
    services.allocate(
        code_id=code(who, "01-03-01-02-2010").pk,
        shares=[NewShare(paid.pk, share_bp=10_000)],
        actor=who.planner,
        at=NOON,
    )

    page = signed_in(who.officer).get(reverse("budgets:programme_list") + f"?state=unfunded&year={YEAR}")

    assert [row.pk for row, _money in page.context["rows"]] == [forgotten.pk]


def test_programs_read_what_pages_show_and_no_more():
    who = published()
    address = f"/api/v1/budget-codes?fiscal_year={YEAR}&organization_id={who.town.pk}&level=4"

    inside, outside = signed_in(who.planner).get(address).json(), Client().get(address).json()

    assert [row["path"] for row in outside["items"]] == [row["path"] for row in inside["items"]]
    first_in, first_out = inside["items"][0]["amounts"], outside["items"][0]["amounts"]
    assert first_in == {"request": 777_000, "initial": 20_000_000}
    assert first_out == {"initial": 20_000_000}
    assert Client().get("/api/v1/budget-codes?fiscal_year=99999").status_code == 422
