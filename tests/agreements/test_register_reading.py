"""The list of agreements as a city keeps it: joined cells, two lines of headings, 和暦 beside serial days, notes below."""

import datetime as dt
import io

import openpyxl
import pytest

from enishi.agreements.models import Activity, Agreement
from enishi.agreements.register_reading import is_heading
from enishi.agreements.services import importing
from enishi.foundation.spreadsheets import read_table
from tests.agreements.build import House
from tests.factories import NOON, SectionFactory

pytestmark = pytest.mark.django_db

HEADINGS = (
    "№", "分　野", "協　定　名", "締結\n相手方", "締結年月日", "有効期間", None, "自動更新\nの有無", "所管課", "備考",
)  # fmt: skip
ROWS = (
    (1, "防災・危機管理", "災害時における物資供給に関する協定", "ＮＰＯ法人　資材センター", "平成２４年３月１９日", dt.datetime(2012, 3, 19), "―", "有", "企画課", None),
    (2, None, "災害時における応急対策業務に関する協定書", "(一社)建設業協会", "H25.7.1", "H25.7.1", "H26.3.31", "有", "危機管理課(旧防災課)", "R2に一部変更"),
    (3, None, "高齢者等の見守り活動に関する協定", "生活協同組合Ａ、生活協同組合Ｂ", 41730, 41730, 42094, "無し", "福祉課", None),
    (4, None, "包括連携に関する協定", "試験大学", "令和4年5月10日", "令和4年5月10日", "令和9年5月9日", "自動更新（１年）", "企画課", None),
    (None,) * 10,
    ("計", None, "4件", None, None, None, None, None, None, None),
    ("※1 「有」は自動更新により継続しているもの", *(None,) * 9),
)  # fmt: skip


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "試験市　協定等締結状況一覧"
    sheet.merge_cells("A1:J1")
    for column, heading in enumerate(HEADINGS, start=1):
        sheet.cell(3, column, heading)
    sheet["F4"], sheet["G4"] = "始期", "終期"
    for column in "ABCDEHIJ":
        sheet.merge_cells(f"{column}3:{column}4")
    sheet.merge_cells("F3:G3")
    for number, row in enumerate(ROWS, start=5):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    sheet.merge_cells("B5:B6")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_the_list_of_a_city_is_read_as_it_is():
    house = House()
    office = SectionFactory(organization=house.town, name="福祉課")
    table = read_table(workbook(), is_heading=is_heading, is_filled=True)

    batch = importing.read(
        organization=house.town, name="一覧.xlsx", table=table, actor=house.officer, at=NOON
    )

    assert batch.faults == []
    assert [(row["signed_on"], row["ends_on"], row["renewal"]) for row in batch.rows] == [
        ("2012-03-19", None, "none"),
        ("2013-07-01", "2027-03-31", "automatic"),
        ("2014-04-01", "2015-03-31", "none"),
        ("2022-05-10", "2027-05-09", "automatic"),
    ]
    assert [row["kind"] for row in batch.rows] == ["disaster", "disaster", "individual", "comprehensive"]
    assert batch.rows[2]["section_id"] == office.pk
    assert [bool(row["field_id"]) for row in batch.rows] == [True, True, False, False]
    assert "危機管理課(旧防災課)" in batch.rows[1]["remark"] and "R2に一部変更" in batch.rows[1]["remark"]
    assert any("※1" in note and "計" in note for note in batch.notes)

    importing.apply(import_id=batch.pk, actor=house.officer, at=NOON)

    assert set(Agreement.objects.values_list("status", flat=True)) == {"active", "ended"}
    assert "R2に一部変更" in Activity.objects.get(agreement__ends_on=dt.date(2027, 3, 31)).text


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("H28.4.1～H29.3.31", ("2016-04-01", "2017-03-31", "none")),
        ("平成28年4月1日から平成29年3月31日まで", ("2016-04-01", "2017-03-31", "none")),
        ("締結日から１年間（以後自動更新）", (None, "2027-02-28", "automatic")),
        ("令和10年3月31日まで", (None, "2028-03-31", "none")),
        ("当分の間", (None, None, "none")),
    ],
)
def test_a_period_in_one_cell(period, expected):
    house = House()
    text = f"協定名,相手方,締結日,有効期間\n見守り協定,試験社,令和5年3月1日,{period}\n"
    table = read_table(text.encode(), is_heading=is_heading, is_filled=True)

    batch = importing.read(organization=house.town, name="x.csv", table=table, actor=house.officer, at=NOON)

    row = batch.rows[0]
    assert (row["starts_on"], row["ends_on"], row["renewal"]) == expected
