"""Tables and files as answers that are saved."""

import io

import openpyxl
import pytest

from enishi.foundation import downloads

HEADINGS, ROWS = ["題名", "件数"], [["見守り", 3]]


@pytest.mark.parametrize(
    ("form", "encoding", "charset"), [("csv", "utf-8-sig", "utf-8"), ("csv-cp932", "cp932", "Shift_JIS")]
)
def test_a_csv_is_written_as_it_says(form, encoding, charset):
    sheet = downloads.sheet(form, HEADINGS, ROWS, title="一覧")

    assert sheet.content.decode(encoding).splitlines() == ["題名,件数", "見守り,3"]
    assert (sheet.ending, sheet.content_type) == ("csv", f"text/csv; charset={charset}")


def test_a_workbook_bears_its_title():
    sheet = downloads.sheet("xlsx", HEADINGS, ROWS, title="一覧")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))

    assert book.active.title == "一覧"
    assert [[cell.value for cell in row] for row in book.active] == [HEADINGS, ["見守り", 3]]
    assert (sheet.ending, sheet.content_type) == ("xlsx", downloads.XLSX)


def test_a_file_is_saved_under_both_names():
    answer = downloads.attachment(b"x", "text/plain", plain="enishi.txt", name="協定の写し.txt")

    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename=\"enishi.txt\"; filename*=UTF-8''")
    assert "協定" not in said


def test_a_plain_name_stands_alone():
    assert downloads.disposition(plain="tasks.csv") == 'attachment; filename="tasks.csv"'
