"""Forms out of files: the value beside its heading, and where it stands."""

import datetime as dt
import io
import zipfile
from email.message import EmailMessage

import docx
import openpyxl
import pytest

from enishi.knowledge.checks.batches import Bundle, forms_of
from enishi.knowledge.checks.reading import label, read_forms
from enishi.knowledge.checks.rules import day_of, is_blank, number_of, ticked
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import Upload, understood

FIELDS = ["申請日", "団体名", "代表者氏名", "補助金額"]


def workbook(rows: list[list[object]], *, merge: str = "") -> Upload:
    book = openpyxl.Workbook()
    book.active.title = "申請書"
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    buffer = io.BytesIO()
    book.save(buffer)
    return understood("申請書.xlsx", buffer.getvalue())


def told(upload: Upload) -> dict[str, tuple[str, str]]:
    (named,) = read_forms(upload, FIELDS)
    return {name: (value.text, value.place) for name, value in named.form.values.items()}


def test_a_sheet_gives_the_value_beside_its_heading_and_its_cell() -> None:
    upload = workbook(
        [
            ["補助金 交付申請書"],
            ["1. 申 請 日", "", "令和8年5月1日"],
            ["団体名(正式名称)", "青葉の会", "代表者氏名", ""],
            ["補助金額", 300000],
        ]
    )

    found = told(upload)

    assert found["申請日"] == ("令和8年5月1日", "シート「申請書」C2")
    assert found["団体名"][0] == "青葉の会"
    assert found["代表者氏名"] == ("", "シート「申請書」D3")
    assert found["補助金額"] == ("300000", "シート「申請書」B4")


def test_a_merged_heading_is_stepped_over() -> None:
    found = told(workbook([["団体名", None, "青葉の会"]], merge="A1:B1"))

    assert found["団体名"] == ("青葉の会", "シート「申請書」C1")


def with_macros(content: bytes) -> bytes:
    """The same Word file as Word keeps it with a macro in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w") as copy:
        for name in archive.namelist():
            plain, macros = b"openxmlformats-officedocument.wordprocessingml", b"ms-word"
            told = archive.read(name)
            if name == "[Content_Types].xml":
                told = told.replace(plain + b".document.main", macros + b".document.macroEnabled.main")
            copy.writestr(name, told)
        copy.writestr("word/vbaProject.bin", b"x")
    return buffer.getvalue()


def test_a_word_form_gives_tables_and_colons_with_and_without_macros() -> None:
    document = docx.Document()
    document.add_paragraph("申請日:令和8年5月1日")
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "団体名", "青葉の会"
    table.cell(1, 0).text, table.cell(1, 1).text = "補助金額", "30万円"
    buffer = io.BytesIO()
    document.save(buffer)

    found = told(understood("申請書.docx", buffer.getvalue()))

    assert told(understood("申請書.docm", with_macros(buffer.getvalue()))) == found
    assert found == {
        "申請日": ("令和8年5月1日", "1段落目"),
        "団体名": ("青葉の会", "表1の1行目"),
        "補助金額": ("30万円", "表1の2行目"),
    }


def test_plain_text_gives_lines() -> None:
    found = told(understood("申請書.txt", "申請日  令和8年5月1日\n団体名: 青葉の会\n".encode()))

    assert found["申請日"] == ("令和8年5月1日", "1行目")
    assert found["団体名"] == ("青葉の会", "2行目")


def test_a_letter_typed_full_width_with_its_day_at_the_head() -> None:
    text = "補助金交付申請書\n　　令和８年　４月２７日\n団体名：浜の会\n代表者氏名　：\n事業の名称：浜掃除\n補助金額金 ３００，０００ 円\n"

    found = told(understood("申請書.txt", text.encode()))

    assert found == {
        "申請日": ("令和8年4月27日", "2行目"),
        "団体名": ("浜の会", "3行目"),
        "代表者氏名": ("", "4行目"),
        "補助金額": ("金300,000円", "6行目"),
    }


def test_an_application_by_mail_is_its_form_and_what_came_with_it() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = "a@example.jp", "b@example.jp", "Mon, 11 May 2026 10:00:00 +0900"
    mail["Subject"] = "補助金の申請"
    mail.set_content("会則は後日送ります。")
    form = workbook([["申請日", "令和8年5月1日"], ["団体名", "青葉の会"]])
    mail.add_attachment(form.content, maintype="application", subtype="octet-stream", filename="申請書.xlsx")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="計画書.pdf")

    (found,) = forms_of(Bundle("申請.eml", [("申請.eml", mail.as_bytes())]), FIELDS)

    assert found.form.values["団体名"].text == "青葉の会"
    assert found.form.attachments == ["計画書.pdf"]
    assert understood("申請.eml", mail.as_bytes()).ending == ".eml"


def test_a_list_is_one_form_a_row() -> None:
    content = "申請日,団体名,補助金額\n令和8年5月1日,甲の会,10万円\n,乙の会,20万円\n".encode("cp932")

    first, second = read_forms(understood("一覧.csv", content), FIELDS)

    assert first.form.values["団体名"].text == "甲の会"
    assert (second.form.values["申請日"].text, second.form.values["申請日"].place) == ("", "3行目1列目")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("壊れ.xlsx", b"PK\x03\x04broken"),
        ("壊れ.pdf", b"%PDF-1.7 nothing"),
        ("絵.png", b"\x89PNG\r\n\x1a\n...."),
    ],
)
def test_what_cannot_be_read_is_a_sentence(name: str, content: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        read_forms(understood(name, content), FIELDS)

    assert refused.value.sentence.endswith("。")


@pytest.mark.parametrize(
    ("text", "plain"), [("1. 氏 名(自署):", "氏名"), ("申請日 ※必須", "申請日"), ("補助金額", "補助金額")]
)
def test_headings_are_compared_without_notes(text: str, plain: str) -> None:
    assert label(text) == plain


def test_forms_as_cities_print_them() -> None:
    """A day in boxes, an amount digit by digit, ticks, what is printed in an empty field, a heading of two lines."""
    rows: list[list[object]] = [
        ["申請日", "令和", "８", "年", "１１", "月", "２０", "日"],
        ["申請者\n住　所", "あおば市本町1-2-3"],
        ["申請区分", "□ 新規　☑ 継続"],
        ["補助申請額", "1", "5", "6", "2", "0", "0", "円"],
        ["着手予定日", "令和  年  月  日"],
        ["完了予定日　令和9年2月15日"],
    ]
    fields = ["申請日", "住所", "申請区分", "補助申請額", "着手予定日", "完了予定日"]

    (found,) = read_forms(workbook(rows), fields)

    values = {name: value.text for name, value in found.form.values.items()}
    assert day_of(values["申請日"]) == dt.date(2026, 11, 20)
    assert values["住所"] == "あおば市本町1-2-3"
    assert ticked(values["申請区分"]) == "継続"
    assert number_of(values["補助申請額"]) == 156_200
    assert is_blank(values["着手予定日"])
    assert values["完了予定日"] == "令和9年2月15日"
