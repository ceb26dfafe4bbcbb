"""Word templates: filled as written, refused with a sentence when they are broken or dangerous; PDF in Japanese letters."""

import io
import zipfile

import pytest
from pdfminer.high_level import extract_text

from enishi.foundation.documents import TemplateRefusedError, check_template, fill_template, plain_text
from enishi.foundation.printing import pdf_from_docx
from enishi.foundation.wording import docx_from_text

SAMPLE = {
    "名称": "見守り協定",
    "当事者一覧": [{"名称": "あおば市", "役割": "区域を決める"}, {"名称": "星川通信", "役割": "機器を貸す"}],
    "締結日": "令和8年12月1日",
}


def _with(content: bytes, name: str, body: bytes, **replaced: bytes) -> bytes:
    """The same archive with one part more, and others changed."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            new.writestr(entry, replaced.get(entry.replace("/", "_").replace(".", "_"), old.read(entry)))
        new.writestr(name, body)
    return target.getvalue()


def test_fields_lists_and_rows_are_filled_and_typed_marks_stay_text():
    template = docx_from_text(
        "# {{ 名称 }}\n{%p for 当事者 in 当事者一覧 %}\n- {{ 当事者.名称 }}は{{ 当事者.役割 }}。\n{%p endfor %}\n"
        "| 当事者 | 役割 |\n| {%tr for 当事者 in 当事者一覧 %} | |\n| {{ 当事者.名称 }} | {{ 当事者.役割 }} |\n| {%tr endfor %} | |"
    )

    text = plain_text(fill_template(template, SAMPLE | {"名称": '<w:t>&"{{ 1 }}'}))

    assert text.split("\n") == [
        '<w:t>&"{{ 1 }}',
        "あおば市は区域を決める。",
        "星川通信は機器を貸す。",
        "当事者",
        "役割",
        "あおば市",
        "区域を決める",
        "星川通信",
        "機器を貸す",
        "",
    ]


def test_check_says_what_is_used_and_what_is_left_out():
    checked = check_template(docx_from_text("{{ 名称 }}"), sample=SAMPLE)

    assert checked.used == ("名称",)
    assert checked.unused == ("当事者一覧", "締結日")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ 担当課長 }}", "知らない差し込み項目があります: 「担当課長」"),
        ("{{ 名称 }", "差し込み項目の書き方が壊れています"),
        ("{ 名称 }}", "差し込みの印が片方だけ残っています"),
        ("{{ 名 称 }}", "差し込み項目の書き方が壊れています"),
        ("{%p for 当事者 in 当事者一覧 %}", "閉じていないくり返しか場合分けがあります"),
        (
            "{% for 当事者 in 当事者一覧 %}{{ 当事者.電話 }}{% endfor %}",
            "差し込み項目が見つかりません(「電話」という項目は",
        ),
        ("{{ 名称 }} ｛｛目的｝｝", "差し込みの括弧が全角です: 「｛｛目的｝｝"),
        ("{{ 名称 }} «目的»", "Wordの差し込み印刷の項目は使えません: 「«目的»」"),
        ("協定書", "差し込み項目が一つもありません"),
        ("{{ 当事者一覧.住所 }}", "差し込み項目が見つかりません"),
        ("{{ 名称.__class__ }}", "差し込みに使えない書き方があります"),
        ("{{ 名称.upper() }}", "差し込みに使えない書き方があります"),
        ("{{ 'あ' * 999999999 }}", "差し込みに使えない書き方があります"),
        ("{% include 'secret' %}", "差し込みに使えない書き方があります"),
        ("{% for n in range(9) %}{% endfor %}", "差し込みに使えない書き方があります"),
        ("{{ 名称|attr('x') }}", "差し込み"),
    ],
)
def test_a_broken_or_clever_field_is_refused_with_a_sentence(text, expected):
    with pytest.raises(TemplateRefusedError) as refused:
        check_template(docx_from_text(text), sample=SAMPLE)

    assert refused.value.sentence.startswith(expected)


def test_dangerous_files_are_refused():
    good = docx_from_text("{{ 名称 }}")
    outside = b'<Relationships><Relationship Type="x/attachedTemplate" Target="//a/b" TargetMode="External"/></Relationships>'
    files = {
        "Wordの文書": b"PK\x03\x04broken",
        "Wordの": b"%PDF-1.7",
        "マクロ": _with(good, "word/vbaProject.bin", b"x"),
        "展開すると": _with(good, "word/media/image1.bmp", b"\0" * 45_000_000),
        "別のファイル": _with(good, "word/embeddings/sheet.xlsx", b"x"),
        "外部のファイル": _with(good, "word/_rels/settings.xml.rels", outside),
        "Wordの文書(": _with(
            good, "word/extra.xml", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
        ),
    }

    for expected, content in files.items():
        with pytest.raises(TemplateRefusedError) as refused:
            check_template(content, sample=SAMPLE)
        assert refused.value.sentence.startswith(expected)


def test_pdf_holds_the_words_whatever_marks_they_contain():
    words = '見守り協定 #set page() $x$ *太字* _下線_ <ラベル> @参照 "引用" \\ [角] 髙﨑'

    pdf = pdf_from_docx(docx_from_text(f"# 協定書\n{words}\n| 甲 | 乙 |"))

    assert pdf.startswith(b"%PDF-")
    read = extract_text(io.BytesIO(pdf)).replace("\n", "").replace(" ", "")
    assert words.replace(" ", "") in read
    assert "協定書" in read
