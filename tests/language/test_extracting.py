"""Text out of files: what is read, and what is said where nothing can be."""

import io
import zipfile

import pytest

from enishi.language.extracting import CannotReadFileError, columns, extract

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        )
    return content.getvalue()


def paragraph(text, *, style="", level=None):
    numbering = "" if level is None else f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    heading = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{heading}{numbering}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(lines, *, trailer=""):
    """A page of Japanese lines at (x, y), in a font that every reader has and no file carries."""
    drawn = "".join(
        f"BT /F1 10 Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET\n" for x, y, text in lines
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /FontDescriptor 7 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>",
        "<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /ItalicAngle 0 /Ascent 880 /Descent -120 "
        "/CapHeight 880 /StemV 80 /FontBBox [-100 -200 1100 900] >>",
    ]
    out, places = "%PDF-1.4\n", []
    for at, each in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{at} 0 obj\n{each}\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(
        f"{place:010d} 00000 n \n" for place in places
    )
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16"])
def test_text_is_decoded_and_line_ends_are_one(encoding):
    extracted = extract("課題\r\n高齢者の足\r\n".encode(encoding), name="plan.txt")

    assert extracted.text == "課題\n高齢者の足\n"


def test_markdown_stays_as_it_is():
    assert extract("# 課題\n- 足がない\n".encode(), name="plan.md").text == "# 課題\n- 足がない\n"


def test_html_gives_headings_lists_and_tables_and_no_scripts():
    page = """<html><head><title>x</title><style>p{}</style></head><body><h2>課題</h2>
    <ul><li>足が<b>ない</b><ul><li>バスの
    減便</li></ul></li></ul><script>alert(1)</script>
    <ol><li>一</li><li>二</li></ol><table><tr><th>指標</th><th>目標値</th></tr><tr><td>利用者</td><td>3人&nbsp;以上</td></tr></table></body></html>"""

    text = extract(page.encode(), name="page.html").text

    assert (
        text
        == "## 課題\n  ・足がない\n    ・バスの減便\n  1. 一\n  2. 二\n| 指標 | 目標値 |\n| 利用者 | 3人\u00a0以上 |\n"
    )


def test_word_gives_headings_lists_and_tables():
    cell = "<w:tc>{}</w:tc>".format
    body = (
        paragraph("課題", style="Heading1")
        + paragraph("足がない", level=0)
        + paragraph("バスの減便", level=1)
        + f"<w:tbl><w:tr>{cell(paragraph('指標'))}{cell(paragraph('目標値'))}</w:tr></w:tbl>"
    )

    text = extract(docx(body), name="plan.docx").text

    assert text == "# 課題\n  ・足がない\n    ・バスの減便\n| 指標 | 目標値 |\n"


def test_pdf_keeps_lines_indentation_and_columns():
    page = pdf([(50, 800, "課題"), (70, 780, "・足がない"), (50, 760, "指標"), (200, 760, "目標値")])

    text = extract(page, name="plan.pdf").text

    assert text == "課題\n    ・足がない\n指標  目標値\n"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "plan.txt", "ファイルが空です。"),
        (b" \r\n ", "plan.txt", "ファイルが空です。"),
        (b"\x00\x01\x02\xff\xfe\x80", "plan.txt", "文字コードがわからない"),
        (b"%PDF-1.7\nbroken", "plan.pdf", "PDFを開けません。"),
        (b"not a pdf at all", "plan.pdf", "PDFを開けません。"),
        (pdf([(50, 800, "課題")])[:400], "plan.pdf", "PDF"),
        (pdf([]), "scan.pdf", "文字が見つかりません。"),
        (b"PK\x03\x04broken", "plan.docx", "Wordファイルを開けません。"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
            "plan.docx",
            "古い形式のWordファイルか、パスワード",
        ),
        (docx("") + b"", "plan.docx", "文字が見つかりません。"),
        ("表".encode(), "plan.xlsx", ".xlsx のファイルは読めません。"),
    ],
)
def test_what_cannot_be_read_is_said_plainly(content, name, sentence):
    with pytest.raises(CannotReadFileError) as refusal:
        extract(content, name=name)

    assert str(refusal.value).startswith(sentence)


def test_an_encrypted_pdf_asks_for_one_without_a_password():
    locked = pdf(
        [(50, 800, "課題")],
        trailer="/Encrypt << /Filter /Standard /V 1 /R 2 /O <"
        + "00" * 32
        + "> /U <"
        + "11" * 32
        + "> /P -4 >> /ID [<00> <00>]",
    )

    with pytest.raises(CannotReadFileError, match="パスワードの付いたPDF"):
        extract(locked, name="plan.pdf")


def test_a_word_file_that_swells_is_refused(monkeypatch):
    monkeypatch.setattr("enishi.language.extracting.word.MAX_UNPACKED_BYTES", 1000)

    with pytest.raises(CannotReadFileError, match="中身が大きすぎます"):
        extract(docx(paragraph("あ" * 5000)), name="plan.docx")


def test_a_word_file_with_entities_is_refused():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr(
            "word/document.xml", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
        )

    with pytest.raises(CannotReadFileError, match="Wordファイルを開けません"):
        extract(bomb.getvalue(), name="plan.docx")


def test_a_huge_text_is_refused():
    with pytest.raises(CannotReadFileError, match="長すぎます"):
        extract(("あ" * 1_000_001).encode(), name="plan.txt")


def test_letters_that_pdf_programs_give_for_others_become_those_on_the_page():
    from enishi.language.extracting.letters import unified

    assert unified("⾼齢者‧⼥性の⼾籍、⺠間と⻑期") == "高齢者・女性の戸籍、民間と長期"


def test_ruled_table_keeps_cells_that_break_and_cells_that_reach_down():
    from enishi.language.extracting.ruled import Box, rows_of, words_in_cells

    rules = [Box(x, 0, x, 60) for x in (0, 50, 100)]
    rules += [Box(0, 60, 100, 60), Box(0, 0, 100, 0), Box(50, 30, 100, 30)]
    rows = rows_of(rules)
    lines = [
        [Box(5, 45, 15, 55, "区"), Box(55, 45, 65, 55, "満")],
        [Box(55, 33, 65, 43, "足")],
        [Box(55, 10, 65, 20, "乗")],
        [Box(5, 10, 15, 20, "分")],
        [Box(5, 70, 15, 80, "外")],
    ]

    inside = words_in_cells(rows, lines)

    assert rows[0].words == "| 区分 | 満足 |"
    assert rows[1].words == "|  | 乗 |"
    assert 4 not in inside


def test_cells_of_a_page_that_reach_down_leave_their_place_empty():
    page = "<nav>課題</nav><table><tr><td rowspan=2>KPI<td>甲<td>1</tr><tr><td>乙<td>2</tr></table>"

    assert extract(page.encode(), name="a.html").text == "| KPI| 甲| 1|\n|  | 乙| 2|\n"


def test_running_text_in_two_columns_is_read_column_by_column():
    left = [columns.Span(50, 289, 700 - 14 * at) for at in range(12)]
    right = [columns.Span(306, 540, 700 - 14 * at) for at in range(8)]
    spans = [
        columns.Span(50, 540, 740),
        *left,
        *right,
        columns.Span(50, 500, 300),
        columns.Span(306, 400, 280),
    ]

    gutter = columns.gutter_of(spans, size=10)

    assert columns.order_of(spans, gutter) == [[0], [*range(1, 13)], [*range(13, 21)], [21], [22]]


def test_a_table_without_rules_is_read_across():
    rows = [
        (50 + 9 * len(name), 800 - 20 * at)
        for at, name in enumerate("指標 名前 達成率 回数 人の数 面積 時間 割合 数 金額".split())
    ]
    spans = [each for right, at in rows for each in (columns.Span(50, right, at), columns.Span(300, 360, at))]

    assert columns.gutter_of(spans, size=10) is None
