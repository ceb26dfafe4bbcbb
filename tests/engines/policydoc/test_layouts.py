"""The same document in other clothes says the same: indentation, bullets, headings, page breaks, widths."""

import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import pytest
from tests.engines.policydoc.test_documents import KINDS, as_answers, found_in

from enishi.engines import policydoc

FOLDER = Path(__file__).parent / "documents"
SUBJECTS = ("01-bus", "10-portal-full")

HEADINGS = re.compile(
    r"概要.*|意義|.*にとっての意義|.*現状データ|課題|(?:住民|地域社会|行政)の課題|行政の支援策.*|優先順位の考え方|支援策の全体像.*|各支援策の詳細|"
    r"目的|KGI・SKI・KPI|KGI・KSI・KPI|.*先進事例|参考資料.*|まとめ|支援策[①②③]:.*|主な取組[①②③]:.*"
)


def lines(text):
    return text.split("\n")


def unindented(text):
    return "\n".join(line.lstrip() for line in lines(text))


def bulleted_with(mark):
    return lambda text: text.replace("• ", mark)


def deeper_bullets(text):
    marks = {2: "・", 4: "- ", 6: "○ "}
    return "\n".join(
        re.sub(r"^( *)• ", lambda found: " " * len(found[1]) + marks[len(found[1])], line)
        for line in lines(text)
    )


def headed_with(before, after=""):
    return lambda text: "\n".join(
        f"{before}{line}{after}" if HEADINGS.fullmatch(line) else line for line in lines(text)
    )


def numbered(text):
    """1. (1) ア before the headings, as offices number them."""
    big, small, out = 0, 0, []
    for line in lines(text):
        if re.fullmatch(r"概要.*|意義|.*現状データ|課題|行政の支援策.*|先進事例|参考資料.*|まとめ", line):
            big, small = big + 1, 0
            line = f"{big}. {line}"
        elif re.fullmatch(
            r"(?:住民|地域社会|行政)の課題|.*にとっての意義|各支援策の詳細|優先順位.*|.+の先進事例", line
        ):
            small += 1
            line = f"({small}) {line}"
        out.append(line)
    return "\n".join(out)


def markdown(text):
    out = []
    for line in lines(text):
        if HEADINGS.fullmatch(line):
            depth = (
                4
                if re.match(r"目的|主な取組|KGI", line)
                else 3
                if re.match(r"支援策|.+の(?:課題|意義|先進事例)", line)
                else 2
            )
            line = "#" * depth + " " + line
        out.append(re.sub(r"^( *)• ", lambda found: found[1][2:] + "- ", line))
    return "\n".join(out)


def full_width(text):
    table = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code) not in "#*-/"}
    return text.translate(table)


def wrapped(columns, hanging):
    """Cut into lines as a page does; ``hanging`` keeps the indentation of the text."""

    def wrap(text):
        return "\n".join(piece for line in lines(text) for piece in _pieces(line, columns, hanging))

    return wrap


def _pieces(line, columns, hanging):
    indent = re.match(r" *(?:• )?", line).end() if hanging else 0
    piece, width = "", 0
    for each in line:
        size = 2 if unicodedata.east_asian_width(each) in "WFA" else 1
        if width + size > columns and each not in "、。」)":
            yield piece
            piece, width = " " * indent, indent
        piece, width = piece + each, width + size
    yield piece


def blank_lines(text):
    return "\n\n".join(lines(text))


def no_blank_lines(text):
    return "\n".join(line for line in lines(text) if line.strip())


def carriage_returns(text):
    return text.replace("\n", "\r\n")


def paged(text):
    out = []
    for at, line in enumerate(lines(text)):
        out.append(line)
        if at % 30 == 29:
            out.extend([f"- {at // 30 + 1} -", "\f"])
    return "\n".join(out)


def letter_spaced_headings(text):
    return "\n".join(
        " ".join(line)
        if re.fullmatch(r"意義|課題|(?:住民|地域社会|行政)の課題|目的|先進事例|参考資料.*", line)
        else line
        for line in lines(text)
    )


def cases_first(text):
    head, rest = text.split("課題\n\n住民の課題", 1)
    body, cases = rest.split("先進事例\n\n", 1)
    cases, tail = cases.split("参考資料", 1)
    return head + "先進事例\n\n" + cases + "課題\n\n住民の課題" + body + "参考資料" + tail


def reworded(text):
    for old, new in (
        ("この課題が放置された場合の悪影響の要約", "放置した場合の影響"),
        ("データ取得方法", "測定方法"),
        ("主な取組", "主な取り組み"),
        ("客観的根拠", "エビデンス"),
        ("(出典)", "出典:"),
        ("住民の課題", "市民の課題"),
        ("地域社会の課題", "地域の課題"),
        ("行政の課題", "市の課題"),
        ("先進事例", "先行事例"),
        ("参考資料", "参考文献"),
        ("KGI・KSI・KPI", "評価指標"),
        ("目的", "ねらい"),
    ):
        text = text.replace(old, new)
    return text


LAYOUTS = {
    "as it is": lambda text: text,
    "no indentation": unindented,
    "bullet ・": bulleted_with("・"),
    "bullet ●": bulleted_with("●"),
    "bullet ■": bulleted_with("■ "),
    "bullet -": bulleted_with("- "),
    "bullet ○": bulleted_with("○"),
    "bullet *": bulleted_with("* "),
    "bullets by depth": deeper_bullets,
    "no bullets": bulleted_with(""),
    "no indentation, bullet ・": lambda text: unindented(bulleted_with("・")(text)),
    "headings 【】": headed_with("【", "】"),
    "headings ■": headed_with("■ "),
    "headings ##": headed_with("## "),
    "headings ◆": headed_with("◆"),
    "headings **": headed_with("**", "**"),
    "headings with colon": headed_with("", ":"),
    "numbered": numbered,
    "markdown": markdown,
    "full width": full_width,
    "wrapped, hanging": wrapped(70, hanging=True),
    "wrapped, flush": wrapped(70, hanging=False),
    "wrapped narrow": wrapped(54, hanging=True),
    "wrapped without indentation": lambda text: wrapped(60, hanging=False)(unindented(text)),
    "blank lines": blank_lines,
    "no blank lines": no_blank_lines,
    "carriage returns": carriage_returns,
    "paged": paged,
    "letter-spaced headings": letter_spaced_headings,
    "cases first": cases_first,
    "reworded": reworded,
    "reworded, markdown": lambda text: markdown(text).replace("データ取得方法", "把握方法"),
}


def plain(item):
    """Widths and the reworded (出典) do not matter here."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", repr(item)))


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_layout_does_not_change_what_is_found(subject, name):
    text = (FOLDER / f"{subject}.txt").read_text(encoding="utf-8")
    answers = json.loads((FOLDER / f"{subject}.json").read_text(encoding="utf-8"))

    found = found_in(policydoc.read(LAYOUTS[name](text)))

    wrong = {}
    for kind in KINDS:
        have = as_answers([plain(each) for each in as_answers(found[kind]).elements()])
        want = as_answers([plain(each) for each in as_answers(answers[kind]).elements()])
        if have != want:
            wrong[kind] = {
                "missed": list((want - have).elements()),
                "made up": list((have - want).elements()),
            }
    assert wrong == {}


def test_a_standard_in_a_name_is_no_present_value():
    text = "KGI・KSI・KPI\n・KGI\n・スフィア基準を満たす避難所の割合:令和10年度までに80%以上(令和5年度 34.5%)"

    (indicator,) = policydoc.read(text).indicators

    assert indicator.name == "スフィア基準を満たす避難所の割合"
    assert (indicator.baseline.value, indicator.baseline.year) == (Decimal("34.5"), 2023)


def test_year_over_a_column_of_present_values_and_empty_cells_count():
    text = (
        "指標\n| 区分 | 指標名 | 現状値(令和5年度) | 目標値(令和12年度) |\n"
        "| KGI | 利用者数 |  | 300万人以上 |\n|  | 満足度 | 38% | 55% |\n"
    )

    users, content = policydoc.read(text).indicators

    assert (users.baseline, users.target.value, users.target.due.year) == (None, 3_000_000, 2030)
    assert (content.level, content.baseline.value, content.baseline.year) == ("KGI", 38, 2023)


def test_case_told_in_a_line_keeps_its_source():
    text = (
        "先進事例\n・湖畔市:支線を予約制に改めた。(出典:湖畔市「計画」令和3年)\n・丘陵町:通学バスを開放した。"
    )

    document = policydoc.read(text)

    assert [each.place for each in document.cases] == ["湖畔市", "丘陵町"]
    assert [each.publisher for each in document.sources] == ["湖畔市"]


def test_a_ground_that_only_names_a_survey_is_the_source_of_the_sentence_before_it():
    text = "課題\n【住民の課題】\n① 孤立\n  週3日以上一人で過ごす児童は21.7%に上る。\n  (根拠) 湖畔市「生活調査」(令和5年度)\n"

    (evidence,) = policydoc.read(text).evidence

    assert evidence.claim == "週3日以上一人で過ごす児童は21.7%に上る。"
    assert (evidence.source.publisher, evidence.source.year) == ("湖畔市", 2023)
