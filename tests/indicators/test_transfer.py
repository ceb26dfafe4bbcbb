"""Files as offices send them: what is read, what is refused with its cell, and that nothing is half-imported."""

import io
from decimal import Decimal

import openpyxl
import pytest

from enishi.indicators import services
from enishi.indicators.errors import OwnValueError, RefusedError
from enishi.indicators.models import DataElement, Indicator, Measurement, Standing
from enishi.indicators.transfer import importing, statistics
from tests.factories import NOON


def brought(house, content, *, kind="values", actor=None, name="表.csv", save=True, **options):
    if isinstance(content, str):
        content = content.encode("utf-8-sig")
    run = importing.keep_file(
        organization=house.organization,
        kind=kind,
        name=name,
        file=io.BytesIO(content),
        size=len(content),
        source="",
        options=options,
        actor=actor or house.officer,
        at=NOON,
    )
    return importing.save(run_id=run.pk, actor=actor or house.officer, at=NOON) if save else run


def faults(run):
    return [(each["column"], each["reason"]) for each in run.outcome["faults"]]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def births(house):
    return house.indicator(code="A1", name="出生数", unit="人")


def stored():
    return [
        (row.fiscal_year, row.value, row.missing_reason, row.state)
        for row in Measurement.objects.order_by("period_end")
    ]


def test_a_long_table_with_eras_full_width_and_signs(house, births):
    run = brought(
        house,
        "指標番号,年度,値,備考\nＡ１,令和５年度,１，２３４人,\nA1,R6,△５,\n出生数,2025,…,\n合計,,999,\n",
    )

    assert stored() == [
        (2023, 1234, "", "submitted"),
        (2024, -5, "", "submitted"),
        (2025, None, "不詳", "submitted"),
    ]
    assert Measurement.objects.get(fiscal_year=2023).source_locator == "C2"
    assert "合計" in " ".join(run.outcome["sentences"])


def test_a_wide_table_in_thousands_is_converted(house):
    money = house.indicator(code="M1", name="寄附額", unit="百万円", value_type="money")

    brought(house, "寄附の一覧,,\n(単位:千円),,\n指標番号,R5,令和6年度実績\nM1,312500,405000\n")

    assert [row[1] for row in stored()] == [Decimal("312.5"), 405]
    assert Measurement.objects.first().indicator == money


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        ("A1,令和7年度,三百", "C2", "数として読めません"),
        ("A1,七年,3", "B2", "年度や期間として読めません"),
        ("Z9,令和7年度,3", "A2", "という指標もデータ項目もありません"),
        ("A1,令和9年度,3", "C2", "まだ来ていない期間"),
        ("A1,令和7年度,3円", "C2", "換算できません"),
        ("A1,令和7年度,", "C2", "0なら0と書いてください"),
        ("A1,令和8年度,3\nA1,令和8年度,4", "C3", "二つあります"),
    ],
)
def test_a_fault_names_its_cell_and_nothing_is_written(house, births, row, cell, words):
    run = brought(house, f"指標番号,年度,値\n{row}\n", save=False)

    (where, why), *_more = faults(run)
    assert cell in where
    assert words in why
    with pytest.raises(RefusedError):
        importing.save(run_id=run.pk, actor=house.officer, at=NOON)
    assert not Measurement.objects.exists()


def test_one_bad_row_keeps_the_good_ones_out(house, births):
    run = brought(house, "指標番号,年度,値\nA1,R5,1\nA1,R6,x3\n", save=False)

    with pytest.raises(RefusedError) as caught:
        importing.save(run_id=run.pk, actor=house.officer, at=NOON)

    assert "C3" in caught.value.sentence
    assert stored() == []


def test_a_file_of_another_year_is_noticed(house, births):
    run = brought(house, "指標番号,年度,値\nA1,R5,1\n", save=False, year=2025)

    assert "選び間違えていませんか" in faults(run)[0][1]


def test_the_same_file_twice_is_refused_with_who_and_when(house, births):
    brought(house, "指標番号,年度,値\nA1,R5,1\n")

    with pytest.raises(RefusedError) as caught:
        brought(house, "指標番号,年度,値\nA1,R5,1\n", name="同じ表.csv")

    assert "令和8年11月22日" in caught.value.sentence


def test_a_corrected_file_needs_a_reason_and_supersedes(house, births):
    first = brought(house, "指標番号,年度,値\nA1,R5,10\nA1,R6,20\n")
    importing.approve_run(run_id=first.pk, actor=house.manager, at=NOON)
    corrected = "指標番号,年度,値\nA1,R5,10\nA1,R6,21\n"

    without = brought(house, corrected, save=False)
    second = brought(house, corrected + "\n", change_reason="転記の誤り")
    importing.approve_run(run_id=second.pk, actor=house.manager, at=NOON)

    assert "承認済みの値 20 と違います" in faults(without)[0][1]
    assert (second.outcome["unchanged"], second.outcome["changed"], second.rows_added) == (1, 1, 1)
    assert [
        (row.value, row.state, row.status)
        for row in Measurement.objects.filter(fiscal_year=2024).order_by("pk")
    ] == [
        (20, "superseded", "confirmed"),
        (21, "approved", "revised"),
    ]


def test_a_run_is_approved_by_another_and_the_standing_follows(house, births):
    house.goals(births, 60, 80)
    run = brought(house, "指標番号,年度,値\nA1,R6,65\nA1,R7,70\n")

    with pytest.raises(OwnValueError):
        own = brought(house, "指標番号,年度,値\nA1,R4,50\n", actor=house.manager)
        importing.approve_run(run_id=own.pk, actor=house.manager, at=NOON)
    importing.approve_run(run_id=run.pk, actor=house.manager, at=NOON)

    assert Standing.objects.get(indicator=births, fiscal_year=2025).status == "achieved"


def test_a_run_is_taken_back_until_something_of_it_is_approved(house, births):
    run = brought(house, "指標番号,年度,値\nA1,R6,65\nA1,R7,70\n")
    importing.undo(run_id=run.pk, actor=house.officer, at=NOON)
    again = brought(house, "指標番号,年度,値\nA1,R6,65\nA1,R7,70\n")
    importing.approve_run(run_id=again.pk, actor=house.manager, at=NOON)

    with pytest.raises(RefusedError):
        importing.undo(run_id=again.pk, actor=house.officer, at=NOON)

    assert [row[3] for row in stored()] == ["approved", "approved"]


def test_a_workbook_with_joined_cells_and_a_hidden_sheet(house, births):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["令和7年度 指標の値"],
        ["指標番号", "年度", "値"],
        ["A1", "R5", 1],
        [None, "R6", 2],
        ["計", None, 3],
    ):
        sheet.append([*row, None, "去年" if row[0] == "指標番号" else None])
    sheet.merge_cells("A3:A4")
    sheet.column_dimensions["E"].hidden = True
    hidden = book.create_sheet("下書き")
    hidden.append(["指標番号", "年度", "値"])
    hidden.append(["A1", "R4", 99])
    hidden.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)

    run = brought(house, buffer.getvalue(), name="表.xlsx")

    assert [row[:2] for row in stored()] == [(2023, 1), (2024, 2)]
    assert "下書き" in " ".join(run.outcome["sentences"])
    assert any(each.startswith("E列は非表示") for each in run.outcome["sentences"])


def test_parts_that_do_not_make_the_whole_are_refused(house):
    house.indicator(code="P1", name="利用者", unit="人", aggregation="sum", dims=["地区"])

    run = brought(
        house, "指標番号,年度,区分,値\nP1,R6,,100\nP1,R6,地区=北,60\nP1,R6,地区=南,39\n", save=False
    )

    assert "内訳の合計99が全体100と合わない" in faults(run)[0][1]


def test_indicators_come_with_goals_and_change_with_a_preview(house):
    table = "指標名,単位,担当課,めざす向き,基準年度,基準値,目標年度,目標値,定義\n"
    row = f"待機児童,人,{house.section.name},減らす,R4,18,R9,{{goal}},4月1日現在\n"
    brought(house, table + row.format(goal=5), kind="indicators", actor=house.planner)
    made = Indicator.objects.get(name="待機児童")

    second = brought(house, table + row.format(goal=3), kind="indicators", actor=house.planner)

    assert (made.direction, made.section, made.baselines.get().value) == ("DOWN", house.section, 18)
    assert second.outcome["differences"][0]["after"] == "3"
    assert [(row.value, row.is_current, bool(row.reason)) for row in made.targets.order_by("pk")] == [
        (5, False, False),
        (3, True, True),
    ]


def test_an_indicator_whose_target_lies_on_the_wrong_side_is_refused_with_its_cell(house):
    table = "指標名,めざす向き,基準年度,基準値,目標年度,目標値\n受診率,増やす,R4,40,R9,30\n"

    run = brought(house, table, kind="indicators", actor=house.planner, save=False)

    assert "F2" in faults(run)[0][0]
    assert not Indicator.objects.exists()


def test_a_statistical_table_becomes_elements(house):
    table = (
        "統計名:,人口推計\n表番号:,001\n"
        "表章項目コード,表章項目,男女別コード,男女別,時間軸コード,時間軸,unit,value\n"
        "1,総人口,0,総数,2024,2024年,千人,180\n1,総人口,1,男,2024,2024年,千人,88\n1,総人口,0,総数,2025,2025年,千人,***\n"
    )

    brought(house, table, kind="table")

    whole = DataElement.objects.get(code="人口推計")
    assert (whole.unit, DataElement.objects.count()) == ("千人", 2)
    assert [(row.value, row.missing_reason) for row in whole.measurements.order_by("period_end")] == [
        (180, ""),
        (None, "数値なし"),
    ]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", "あ,い\n1,2\n".encode()])
def test_what_is_no_table_is_refused_with_a_sentence(house, content):
    with pytest.raises(RefusedError) as caught:
        brought(house, content)

    assert len(caught.value.sentence) > 10
    assert not house.organization.acquisition_runs.exists()


def test_an_import_of_indicators_is_taken_back_as_a_whole(house, births):
    house.goals(births, 60, 80)
    table = (
        "指標番号,指標名,単位,めざす向き,基準年度,基準値,目標年度,目標値\n"
        "A1,出生数(改),人,増やす,R5,60,R9,90\nB7,受診率,%,増やす,R4,40,R9,55\n"
    )
    run = brought(house, table, kind="indicators", change_reason="計画の見直し")
    births.refresh_from_db()
    assert (births.name, births.targets.get(is_current=True).value) == ("出生数(改)", 90)

    importing.undo(run_id=run.pk, actor=house.officer, at=NOON)

    births.refresh_from_db()
    assert births.name != "出生数(改)"
    assert births.targets.get(is_current=True).value == 80
    assert Indicator.objects.get(code="B7").deleted_at is not None


def test_an_import_of_indicators_stays_where_somebody_went_on(house, births):
    table = "指標番号,指標名,単位,めざす向き\nA1,出生数(改),人,増やす\nB7,受診率,%,増やす\n"
    run = brought(house, table, kind="indicators")
    services.edit_indicator(
        indicator_id=births.pk, values={"name": "出生の数"}, version=None, actor=house.officer, at=NOON
    )

    with pytest.raises(RefusedError, match="出生の数"):
        importing.undo(run_id=run.pk, actor=house.officer, at=NOON)

    assert Indicator.objects.get(code="B7").deleted_at is None


def test_years_in_brackets_and_columns_of_actuals_are_told_from_units_and_targets(house):
    table = "指標名,単位,めざす向き,基準値(R4),R6実績,目標値(令和9年度)\n受診率,%,↑,38.2,39.5,50.0\n"
    brought(house, table, kind="indicators")

    indicator = Indicator.objects.get(name="受診率")
    assert indicator.baselines.get().fiscal_year == 2022
    assert [(each.fiscal_year, each.value) for each in indicator.targets.all()] == [(2027, 50)]
    brought(house, table.replace("39.5", "39.6"))
    assert [(row.period_start.year, row.value) for row in Measurement.objects.all()] == [
        (2024, Decimal("39.6"))
    ]


def test_headings_of_two_lines_give_goals_and_then_values_with_their_certainty(house):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["番号", "指標名", "単位", "基準値", "実績値", None, None, "目標値", None])
    sheet.append(
        [None, None, None, "令和４年度", "令和５年度", "令和６年度", "令和7年度", "令和９年度", "令和11年度"]
    )
    for cells in ("A1:A2", "B1:B2", "C1:C2", "E1:G1", "H1:I1"):
        sheet.merge_cells(cells)
    sheet.append(["K1", "訓練の回数", "回", "120", "調査年でない", "135", "140(速報)", "150", "180"])
    stream = io.BytesIO()
    made.save(stream)

    brought(house, stream.getvalue(), kind="indicators", name="一覧.xlsx")
    brought(house, stream.getvalue(), name="一覧.xlsx")

    indicator = Indicator.objects.get(code="K1")
    assert indicator.baselines.get().fiscal_year == 2022
    assert list(indicator.targets.order_by("fiscal_year").values_list("fiscal_year", "value")) == [
        (2027, 150),
        (2029, 180),
    ]
    rows = Measurement.objects.order_by("period_end")
    assert [(row.value, row.missing_reason, row.status) for row in rows] == [
        (None, "調査年でない", "confirmed"),
        (135, "", "confirmed"),
        (140, "", "provisional"),
    ]


def test_a_heading_over_two_columns_takes_no_line_of_values_along(house, births):
    made = openpyxl.Workbook()
    sheet = made.active
    for line in (
        ["指標番号", "年度", "値", "備考", None],
        ["A1", "R5", "10", "a", "b"],
        ["A1", "R6", "11", "", ""],
    ):
        sheet.append(line)
    sheet.merge_cells("D1:E1")
    stream = io.BytesIO()
    made.save(stream)

    brought(house, stream.getvalue(), name="値.xlsx")

    assert [row[1] for row in stored()] == [10, 11]


def test_a_statistical_table_with_codes_and_words_is_read_by_its_words(house):
    table = (
        '"表題","男女別人口"\n'
        '"表章項目 コード","表章項目","男女別 コード","男女別","時間軸(年) コード","時間軸(年)","unit","value"\n'
        '"1","総人口","0","男女計","2023000000","2023年","千人","123"\n'
        '"1","総人口","1","男","2023000000","2023年","千人","X"\n'
    )

    brought(house, table, kind="table")
    rows = Measurement.objects.filter(element__isnull=False).order_by("pk")
    assert [(row.period_start.year, row.value, row.missing_reason) for row in rows] == [
        (2023, 123, ""),
        (2023, None, "秘匿"),
    ]


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [("2023000000", (2023, 1), (2023, 12)), ("2023100000", (2023, 4), (2024, 3)), ("2023000406", (2023, 4), (2023, 6))],
)  # fmt: skip
def test_codes_of_time(code, first, last):
    span = statistics._span(code)

    assert ((span.start.year, span.start.month), (span.end.year, span.end.month)) == (first, last)


def test_remarks_under_a_table_are_no_indicators(house):
    table = "施策,成果指標名,単位,望ましい方向\n1 健康,受診率,％,増加\n計,6指標,,\n※R7は速報,,,\n注1 国保のみ,,,\n"
    brought(house, table, kind="indicators")

    assert [each.name for each in Indicator.objects.all()] == ["受診率"]
