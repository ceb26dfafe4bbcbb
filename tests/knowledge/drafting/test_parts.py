"""The pure parts of drafting: minutes, what is carried over, what was kept, how templates are typed."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from enishi.knowledge.drafting import sections
from enishi.knowledge.drafting.carrying import Here, carried_over, year_of
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.drafting.minutes import taken_apart
from enishi.knowledge.drafting.share import Piece, Share, share_kept

MINUTES = """見守り連絡会 議事録
日時:令和8年11月20日(金) 10:00〜
場所:市役所2階
1. 現状
配達員の気づきは月40件である。
センサーの設置は30世帯までとすることに決定した。
費用の負担は決まらなかった。
企画課が12月10日までに費用の試算を出す。
## 宿題
・くらし生協は、配達先の地図を提出する(1月15日まで)
・要綱の案を作る → 高齢福祉課
| 内容 | 担当 | 期限 |
| 説明会の会場を押さえる | 総務課 | 令和8年12月5日 |
## 決定事項
・実証は令和9年4月から6か月とする
"""


def test_decisions_stand_with_their_line() -> None:
    decisions = [(item.text, item.line) for item in taken_apart(MINUTES).items if item.kind == "decision"]

    assert decisions == [
        ("センサーの設置は30世帯までとすることに決定した。", 6),
        ("実証は令和9年4月から6か月とする", 15),
    ]


def test_homework_has_owner_and_day() -> None:
    homework = {item.owner: item.due_on for item in taken_apart(MINUTES).items if item.kind == "homework"}

    assert homework == {
        "企画課": dt.date(2026, 12, 10),
        "くらし生協": dt.date(2027, 1, 15),
        "高齢福祉課": None,
        "総務課": dt.date(2026, 12, 5),
    }


@pytest.mark.parametrize(
    "text", ["費用の負担は決まらなかった。", "採否は継続審議とすることとした。", "現状を説明した。", ""]
)
def test_what_was_not_decided_is_no_decision(text: str) -> None:
    assert list(taken_apart(text).items) == []


def test_a_day_without_the_meetings_day_stays_as_written() -> None:
    (item,) = taken_apart("企画課が12月10日までに費用の試算を出す。").items

    assert (item.due_on, item.due_text) == (None, "12月10日")


def test_an_endless_paste_ends() -> None:
    assert len(taken_apart("企画課が12月10日までに出す。\n" * 5_000).items) == 200


@pytest.mark.parametrize(
    ("sentence", "flags"),
    [
        ("あおば市では令和5年度に412世帯を訪問した。", ["令和5年度", "412世帯", "あおば市"]),
        ("草薙町では令和8年度に30世帯を訪問した。", []),
        ("山田課長が12月3日に説明した。", ["12月3日", "山田課長"]),
        ("本市は交付の要綱を定めています。", []),
        ("2019年の調査による。", ["2019年"]),
    ],
)
def test_what_belongs_elsewhere_is_named(sentence: str, flags: list[str]) -> None:
    here = Here("草薙町", 2026, given=["対象は30世帯"])

    assert [flag.text for flag in carried_over(sentence, here)] == flags


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和8年度", 2026), ("平成31年", 2019), ("令和元年", 2019), ("R8年度", 2026), ("いつか", None)],
)
def test_years_are_read(text: str, year: int | None) -> None:
    assert year_of(text) == year


def test_kept_sentences_count_whole_and_rewritten_ones_in_part() -> None:
    share = share_kept(
        [
            Piece("見守りを続けます。", "見守りを続けます。", "kept", "source"),
            Piece("実績は百件です。", "実績は二百件でした。", "changed", "source"),
            Piece("ひな型の文です。", "ひな型の文です。", "kept", "template"),
            Piece("消した文です。", "消した文です。", "deleted", "source"),
            Piece("", "自分の文。", "own", "own"),
        ]
    )

    assert share == Share(final=9 + 10 + 8 + 5, suggested=9 + 6 + 8, sources=9 + 6)
    assert share.own == 4 + 5


def test_nothing_kept_of_an_other_sentence() -> None:
    assert share_kept([Piece("あいうえお", "かきくけこ", "changed", "source")]) == Share(5, 0, 0)


def test_a_template_is_typed_and_read_as_it_was() -> None:
    text = "## 現状\n> 数字には出典を\n? 実績 件数\nいつも入る文です。\n\n## 今後\n"

    parts = sections.read_sections(text)

    assert [(part.heading, part.guide, part.look_for, part.sentences) for part in parts] == [
        ("現状", "数字には出典を", "実績 件数", ["いつも入る文です。"]),
        ("今後", "", "", []),
    ]
    assert sections.read_sections(sections.in_words([part.stored() for part in parts])) == parts


@pytest.mark.parametrize("text", ["", "見出しのない文", "\n\n"])
def test_a_template_without_headings_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        sections.read_sections(text)


@pytest.mark.parametrize("kind", DraftKind)
def test_every_kind_has_a_usual_shape(kind: DraftKind) -> None:
    assert len(sections.usual(kind)) >= 3
