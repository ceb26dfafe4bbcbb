"""A risk table as cities keep it: phases joined down, 負担者 over two columns of marks, notes below."""

import io

import openpyxl

from enishi.agreements import risk_reading, risk_table
from enishi.foundation.spreadsheets import read_table

ROWS = (
    ("共通", "法令変更", "運営に直接かかわる法令の変更", "○", None, "協議する"),
    (None, "物価変動", "物価の変動による費用の増", "△", "○", "一定の割合を超えたとき協議"),
    ("準備段階", "許認可", "許可が取れない", None, None, None),
    ("維持管理段階", "不可抗力", "地震、台風など", "○", "○", None),
    ("※ ○は主に、△は従に負担する。", None, None, None, None, None),
)


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "リスク分担表(案)"
    sheet.append([])
    for column, heading in enumerate(
        ("段　階", "リスクの種類", "リスクの内容", "負担者", None, "備考"), start=1
    ):
        sheet.cell(3, column, heading)
    sheet["D4"], sheet["E4"] = "市", "事業者"
    sheet.merge_cells("D3:E3")
    for column in "ABCF":
        sheet.merge_cells(f"{column}3:{column}4")
    for number, row in enumerate(ROWS, start=5):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    sheet.merge_cells("A5:A6")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_marks_under_two_columns_become_who_bears_it():
    table = read_table(workbook(), is_heading=risk_reading.is_heading, is_filled=True)

    found = risk_table.preview([], risk_reading.in_our_columns(table))

    assert found.faults == ()
    assert [(row["phase"], row["kind"], row["bearer"], row["remedy"]) for row in found.rows] == [
        ("共通", "法令変更", "municipality", "協議する"),
        ("共通", "物価変動", "mainly_partner", "一定の割合を超えたとき協議"),
        ("共通", "許認可", "nobody", ""),
        ("維持管理・運営", "不可抗力", "both", ""),
    ]
    assert [row["source"] for row in found.rows][2:] == ["準備段階", ""]
