import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.foundation.spreadsheets import UnreadableTableError, defused, read_table, write_csv, write_xlsx

LINES = "題名,内容\r\n見守り,髙齢者\r\n"


def workbook(rows, **cells) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, value in cells.items():
        book.active[place] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_csv_is_read_in_the_encodings_offices_use(encoding):
    table = read_table(LINES.encode(encoding))

    assert table.headings == ("題名", "内容")
    assert [(row.number, row.cells) for row in table.rows] == [(2, {"題名": "見守り", "内容": "髙齢者"})]


def test_tab_separated_text_pasted_from_a_sheet_is_read():
    assert read_table("題名\t内容\n見守り\t安心\n".encode()).rows[0].cells["内容"] == "安心"


def test_xlsx_gives_dates_and_whole_numbers_as_people_write_them():
    import datetime as dt

    content = workbook([["題名", "締切", "予算"], ["見守り", dt.datetime(2027, 4, 1), 1200000.0]])

    assert read_table(content).rows[0].cells == {"題名": "見守り", "締切": "2027-04-01", "予算": "1200000"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です"),
        (b"   \n ", "ファイルが空です"),
        (b"\xff\xfe\x00\xd8\x00", "文字コードが分かりません"),
        (b"\x00\x01\x02\x03binary", "文字コードが分かりません"),
        (b"PK\x03\x04broken", "壊れているか"),
        (b"%PDF-1.7 ...", "表のファイルではありません"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "古い形式"),
        ("題名,題名\na,b\n".encode(), "見出し「題名」が二つ"),
        (b",,\n", "見出しがありません"),
        ('題名\n"閉じ忘れ'.encode() + b"x" * 3_000_000, "CSVとして読めません"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, words):
    with pytest.raises(UnreadableTableError, match=words):
        read_table(content)


def test_too_many_rows_are_refused_with_the_limit():
    with pytest.raises(UnreadableTableError, match="10 行まで"):
        read_table(("題名\n" + "a\n" * 11).encode(), max_rows=10)


def test_too_many_rows_of_a_workbook_are_counted_before_they_are_read(monkeypatch):
    content = workbook([["題名"], *([f"課題{number}"] for number in range(40))])
    monkeypatch.setattr("openpyxl.load_workbook", None)

    with pytest.raises(UnreadableTableError, match="10 行まで"):
        read_table(content, max_rows=10)


def test_a_few_null_characters_are_left_out():
    assert read_table(("題名\n" + "あ" * 30 + "\x00い\n").encode()).rows[0].cells["題名"] == "あ" * 30 + "い"


def test_an_archive_that_swells_is_refused_before_it_is_unpacked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 500_000_000)

    with pytest.raises(UnreadableTableError, match="展開すると"):
        read_table(buffer.getvalue())


def test_a_formula_without_its_result_is_named_by_row_and_column():
    with pytest.raises(UnreadableTableError, match="2行目の2列目"):
        read_table(workbook([["題名", "予算"], ["見守り", "=1+1"]]))


@pytest.mark.parametrize("text", ["=1+1", "+81-3", "-5", "@SUM", "\tx"])
def test_cells_that_look_like_formulas_are_defused(text):
    assert defused(text) == f"'{text}"


cell = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30).map(str.strip)


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=8))
def test_csv_comes_back_as_it_went_out(rows):
    rows = [(first or "x", second) for first, second in rows]

    table = read_table(write_csv(["一", "二"], rows))

    assert [(row.cells["一"], row.cells["二"]) for row in table.rows] == rows


def test_cp932_writes_what_it_lacks_as_a_blank_mark():
    assert (
        write_csv(["題名"], [["𠮷野家と髙橋"]], encoding="cp932").decode("cp932")
        == "題名\r\n〓野家と髙橋\r\n"
    )


def test_xlsx_keeps_rare_characters_and_drops_control_ones():
    buffer = io.BytesIO()

    write_xlsx(buffer, ["題名"], [["𠮷\x0b野\x00=1"], ["=1+1"]], title="一覧[1]")

    assert [row.cells["題名"] for row in read_table(buffer.getvalue()).rows] == ["𠮷野=1", "=1+1"]
