"""The pure parts of drafting: minutes, what is carried over, what was kept, how templates are typed."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from enishi.knowledge.drafting import sections
from enishi.knowledge.drafting.borrowing import fit_sentences, without_occasion
from enishi.knowledge.drafting.carrying import Here, carried_over, year_of
from enishi.knowledge.drafting.enums import DraftKind
from enishi.knowledge.drafting.minutes import taken_apart
from enishi.knowledge.drafting.paragraphs import paragraphs
from enishi.knowledge.drafting.proposals import terms_of
from enishi.knowledge.drafting.questions import by_question
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
    lines = (f"企画課が12月10日までに{number}号の案を出す。" for number in range(1_000))

    assert len(taken_apart("\n".join(lines)).items) == 200


AS_TOWNS_WRITE = """第3回 空き家対策庁内連絡会議 議事要旨
1 日 時  令和8年11月12日(木)13時30分~15時10分
3 出席者  企画課 木村課長/建築住宅課 小野係長
6 議事内容
(1)家財処分費補助の申請状況について
 小野係長 2月末までに8件程度の申請を見込んでいる。
 → 今年度は要綱の改正は行わず、現行の補助率2分の1を維持することとした。
 → 建築住宅課で12月4日(金)までに執行見込みを整理し、企画課へ提出する。
 チラシの原稿は建築住宅課が作成(12月18日まで)、税務課は令和9年1月15日までに印刷発注を行う。
 個人情報の提供については、結論は持ち越しとなった。【税務課・法務担当、次回まで】
 日程調整は企画課佐々木主査が行う。
・協定案については、字句を修正のうえ進めることで全員一致した。
・子育て支援センター長は利用者アンケート結果を持参のこと。
"""


def test_minutes_as_towns_write_them() -> None:
    found = taken_apart(AS_TOWNS_WRITE)

    assert found.met_on == dt.date(2026, 11, 12)
    assert [line for _text, line in found.facts] == [2, 3]
    assert [item.line for item in found.items if item.kind == "decision"] == [7, 12]
    assert [(item.owner, item.due_on, item.due_text) for item in found.items if item.kind == "homework"] == [
        ("建築住宅課", dt.date(2026, 12, 4), "12月4日"),
        ("建築住宅課", dt.date(2026, 12, 18), "12月18日"),
        ("税務課", dt.date(2027, 1, 15), "令和9年1月15日"),
        ("税務課・法務担当", None, "次回"),
        ("企画課佐々木主査", None, ""),
        ("子育て支援センター長", None, ""),
    ]


BY_TURNS = """日時 令和8年10月14日(水) 午後1時30分
議題 (1) 循環バスの減便について
2 議題
西村係長 予約の時刻は調べておりません。病院に照会し、次回の会議までにご報告いたします。
会長 それでは、朝の便を残すことを条件に、減便案を了承することに決定します。
原田主事 予約の方法は検討します。11月20日までに事業者と協議して結果をお知らせします。
会長 運賃については、次回に改めて審議する。
山口課長 次回の会議は令和8年12月16日(水)です。"""


def test_whoever_takes_it_upon_themselves_is_named_and_the_next_meeting_is_a_day() -> None:
    found = taken_apart(BY_TURNS)
    told = [(item.kind, item.text, item.owner, item.due_on) for item in found.items]

    assert told == [
        (
            "homework",
            "病院に照会し、次回の会議までにご報告いたします。",
            "西村係長",
            dt.date(2026, 12, 16),
        ),
        ("decision", "朝の便を残すことを条件に、減便案を了承することに決定します。", "", None),
        ("homework", "予約の方法は検討します。", "原田主事", None),
        (
            "homework",
            "11月20日までに事業者と協議して結果をお知らせします。",
            "原田主事",
            dt.date(2026, 11, 20),
        ),
        ("homework", "運賃については、次回に改めて審議する。", "", dt.date(2026, 12, 16)),
    ]
    assert [line for _told, line in found.facts] == [1, 2]


def test_a_committees_members_are_not_borrowed_either() -> None:
    record = """会長 運賃は次回に審議する。
(2) 乗合タクシーの試行
(異議なし)
原田主事 北部の三地区で1月から試行します。
小林委員 朝の便が減るのは困る。
事務局 予約は前日の午後5時までです。"""

    assert [(each.text, each.label) for each in fit_sentences(record)] == [
        ("北部の三地区で1月から試行します。", "乗合タクシーの試行"),
        ("予約は前日の午後5時までです。", "乗合タクシーの試行"),
    ]


AS_PUBLISHED = """　　　　　　　　－ 41 －
○議長（大久保　進君）　４番、遠藤議員。
　　〔４番　遠藤美咲君　登壇〕
○４番（遠藤美咲君）　会費が重く、参加を諦める生徒が出ると心配しております。
　（１）会費の支援について
　私は全額を市が負うべきと考えております。
◎教育長（木村正樹君）　遠藤議員の御質問に順次お答えいたします。
　まず、休日の部活動の現状についてであります。２校で実証を行い、64人が参加しております。
　次に、指導者の確保についてであります。人材バンクには38人の方に御登録を
　　　　　　　－ 42 －
いただいておりますが、競技に偏りがございます。また、研修を年３回行っております。〔拍手〕
| 指標 | 基準値 | 目標値 | 出典 |
| 登録した指導者 | 38人 | 120人 | 市 |
"""


def test_minutes_are_read_as_councils_publish_them() -> None:
    found = fit_sentences(AS_PUBLISHED)

    assert [(each.text, each.topic) for each in found] == [
        ("２校で実証を行い、64人が参加しております。", "休日の部活動の現状"),
        ("人材バンクには38人の方に御登録をいただいておりますが、競技に偏りがございます。", "指導者の確保"),
        ("また、研修を年３回行っております。", "指導者の確保"),
        ("登録した指導者は、基準値が38人、目標値が120人です(出典: 市)。", ""),
    ]
    assert [AS_PUBLISHED[each.at :][:4] for each in found] == ["２校で実", "人材バン", "また、研", "| 登録"]
    assert found[2].before == found[1]


def test_lines_that_were_cut_because_they_were_full_belong_together() -> None:
    cut = "空き家は市の北部に多く、令和五年度の調査では千二百八十\n四戸でありまして、前回の調査から百十戸の増加となってい\nまして、このうち倒壊の恐れがあるものは四十二戸でございま\nす。\n見出し\n次の文です。"

    assert [each.text for each in paragraphs(cut)] == [
        cut.partition("\n見出し")[0].replace("\n", ""),
        "見出し",
        "次の文です。",
    ]


def test_only_what_an_office_stated_is_borrowed() -> None:
    record = """令和6年第3回定例会 会議録(抜粋)
○7番(田中美咲君) 通告に従い、空き家対策について質問いたします。市は1,000戸を把握しています。
○議長(佐藤 弘君) 市長。
○市長(山本一郎君) 田中議員のご質問にお答えいたします。空き家は1,284戸でございます。
5 背景 令和5年度の調査で空き家が増えたことから、制度を設けました。
成果指標: 成約件数 目標20件 実績17件
答(企画部長)議員御指摘のとおり、財源は国の補助金です。事業者から減便を考えているとの発言がありました。
【問い合わせ先】建築住宅課 小野 電話 0123-45-6789"""

    assert [(each.text, each.label) for each in fit_sentences(record)] == [
        ("空き家は1,284戸でございます。", "令和6年第3回定例会 会議録(抜粋)"),
        ("令和5年度の調査で空き家が増えたことから、制度を設けました。", "背景"),
        ("成果指標: 成約件数 目標20件 実績17件", "令和6年第3回定例会 会議録(抜粋)"),
        ("財源は国の補助金です。", "令和6年第3回定例会 会議録(抜粋)"),
    ]


@pytest.mark.parametrize(
    ("notice", "asked"),
    [
        ("7番 田中\n1 空き家について\n(1)補助の効果について伺う。\n(2)今後の予算の考え方を伺う。", ["補助の効果", "今後の予算の考え方"]),
        ("1 公共交通について\n2 給食について市長の考えを問う", ["公共交通", "給食"]),
        ("1点目、空き家の現状についてお伺いします。2点目、今後の対応を伺います。", ["空き家の現状", "今後の対応"]),
        ("1 空き家について\n(1)件数は\n2 市長の政治姿勢について", ["件数", "市長の政治姿勢"]),
        ("空き家の対策はどうなっているか。", []),
        ("質問事項　１　空き家について\n　(１)件数を伺う。\n　（２）解体について、市長の見解を伺う。", ["件数", "解体"]),
        ("| ２　給食について | （１）地元の食材（２）アレルギーへの対応を問う。 | 教育長 |", ["地元の食材", "アレルギーへの対応"]),
        ("1 公園について\n① 遊具の点検\nイ 樹木の管理", ["遊具の点検", "樹木の管理"]),
    ],
)  # fmt: skip
def test_a_notice_gives_a_heading_for_each_question(notice: str, asked: list[str]) -> None:
    headings = [
        part.heading for part in by_question(sections.usual(DraftKind.COUNCIL, by_question=True), notice)
    ]

    assert headings == [
        "答弁の要旨",
        *([f"{n} {each}" for n, each in enumerate(asked, start=1)] or ["現状と取組"]),
        "今後の対応",
    ]


@pytest.mark.parametrize(
    ("sentence", "flags"),
    [
        ("あおば市では令和5年度に412世帯を訪問した。", ["令和5年度", "412世帯", "あおば市"]),
        ("草薙町では令和8年度に30世帯を訪問した。", []),
        ("山田課長が12月3日に説明した。", ["12月3日", "山田課長"]),
        ("本市は交付の要綱を定めています。", []),
        ("2019年の調査による。", ["2019年"]),
        ("2点目の利用者は延べ18万4千人です。", ["2点目", "18万4千人"]),
        ("費用対効果を示すデータが本市と同規模の町で確認できない。", []),
        ("電話0123-45-6789へどうぞ。", ["0123-45-6789"]),
        ("補助の上限を百万円に引き上げる。", ["百万円"]),
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


def test_sentences_that_changed_places_were_kept() -> None:
    moved = [
        Piece("はじめの文です。", "あとの文です。", "changed", "template"),
        Piece("あとの文です。", "はじめの文です。", "changed", "source"),
        Piece("消して貼った文です。", "消して貼った文です。", "deleted", "source"),
        Piece("", "消して貼った文です。", "own", "own"),
    ]

    assert share_kept(moved) == Share(final=7 + 8 + 10, suggested=7 + 8 + 10, sources=7 + 10)


def test_nothing_kept_of_an_other_sentence() -> None:
    assert share_kept([Piece("あいうえお", "かきくけこ", "changed", "source")]) == Share(5, 0, 0)


def test_a_template_is_typed_and_read_as_it_was() -> None:
    text = "## 現状\n> 数字には出典を\nはじめの文です。\n? 実績 件数\n終わりの文です。\n\n## 今後\n"

    parts = sections.read_sections(text)

    assert [(part.heading, part.guide, part.look_for, part.sentences, part.closing) for part in parts] == [
        ("現状", "数字には出典を", "実績 件数", ["はじめの文です。"], ["終わりの文です。"]),
        ("今後", "", "", [], []),
    ]
    assert sections.read_sections(sections.in_words([part.stored() for part in parts])) == parts


@pytest.mark.parametrize("text", ["", "見出しのない文", "\n\n"])
def test_a_template_without_headings_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        sections.read_sections(text)


@pytest.mark.parametrize("kind", DraftKind)
def test_every_kind_has_a_usual_shape(kind: DraftKind) -> None:
    assert len(sections.usual(kind)) >= 3


@pytest.mark.parametrize(
    ("spoken", "written", "pointing"),
    [
        ("議員御指摘のとおり、空き家は増えております。", "空き家は増えております。", []),
        ("先ほど申し上げましたとおり、補助の上限は50万円です。", "補助の上限は50万円です。", []),
        ("計画のとおり、来年度に整備してまいります。", "計画のとおり、来年度に整備してまいります。", []),
        (
            "先ほどの答弁と重なりますが、2点目の財源は国庫補助です。",
            "先ほどの答弁と重なりますが、2点目の財源は国庫補助です。",
            ["先ほど"],
        ),
    ],
)
def test_turns_of_speech_of_another_sitting_are_left_out_or_named(
    spoken: str, written: str, pointing: list[str]
) -> None:
    text = without_occasion(spoken)

    assert text == written
    assert [flag.text for flag in carried_over(text, Here()) if flag.kind == "speech"] == pointing


def test_a_proposal_says_when_where_and_for_how_much() -> None:
    told = terms_of(
        "買い物支援のご提案\n3 実施時期　　令和９年４月〜９月\n4 概算費用  年 3,600千円(うち市の負担 1,200千円)\n"
        "5 対　象　者　　75歳以上の方\n【費用負担】燃料費は市の負担とします。\nこの地域の費用対効果は高いと考えます。"
    )

    assert [(each.name, each.words, each.line) for each in told] == [
        ("実施の時期", "令和9年4月〜9月", 2),
        ("費用", "年 3,600千円(うち市の負担 1,200千円)", 3),
        ("費用の負担", "燃料費は市の負担とします", 5),
        ("対象と規模", "75歳以上の方", 4),
    ]


NOTED_DOWN = """第２回庁内連絡会議 令和８年11月16日（月）
出 席 者　教育総務課　早川課長、
　　　　　財政課　松井主査
２　議題
（１）来年度の移行校について
【事務局】減免の案を次回お示しする。
　早川課長：スポーツ振興課で協定案を作成し、次回会議で示してほしい。
　小西事務局長：12月中に名簿を提出したい。
（２）支援について　……原案どおり承認
　→　要綱の改正案：学校教育課（令和９年１月29日まで）
■ToDo
□ 森係長　予算要求書 11/20
次回　令和９年１月20日"""


def test_minutes_noted_down_by_hand() -> None:
    found = taken_apart(NOTED_DOWN)

    assert [text for text, _line in found.facts] == [
        "出 席 者 教育総務課 早川課長、 財政課 松井主査",
        "2 議題 (1)来年度の移行校について (2)支援について ......原案どおり承認",
    ]
    assert [(item.text, item.owner, item.due_on or item.due_text) for item in found.items] == [
        ("減免の案を次回お示しする。", "事務局", dt.date(2027, 1, 20)),
        ("スポーツ振興課で協定案を作成し、次回会議で示してほしい。", "スポーツ振興課", dt.date(2027, 1, 20)),
        ("12月中に名簿を提出したい。", "小西事務局長", "12月中"),
        ("(2)支援について: 原案どおり承認", "", ""),
        ("要綱の改正案", "学校教育課", dt.date(2027, 1, 29)),
        ("予算要求書", "森係長", dt.date(2026, 11, 20)),
    ]


WORD_FOR_WORD = """| 日 時 | 令和8年11月9日(月)午後1時30分 |
○西野会長 前回の会議で決定した事項の進捗は、おおむね順調であります。お諮りします。運行は令和9年4月1日からとすることに御異議ございませんか。
(「異議なし」の声あり)異議なしと認め、さよう決定いたします。
○西野会長 拡大は実証の結果を見て判断することとし、本日は結論を出さないこととします。
○小野係長 12月1日までの利用者は延べ1,204人でありました。
○西野会長 では、バス事業者におかれては、減便の予定を11月末までに市へ示してください。
○小野係長 来月の改定で文字を大きくいたします。担当は企画課の浜です。
"""


def test_minutes_kept_word_for_word() -> None:
    found = taken_apart(WORD_FOR_WORD)

    assert [text for text, _line in found.facts] == ["日 時: 令和8年11月9日(月)午後1時30分"]
    assert [(item.kind, item.owner, item.line) for item in found.items] == [
        ("decision", "", 3),
        ("homework", "バス事業者", 6),
        ("homework", "企画課の浜", 7),
    ]
    assert [item.text for item in found.items] == [
        "運行は令和9年4月1日からとする",
        "バス事業者におかれては、減便の予定を11月末までに市へ示してください。",
        "来月の改定で文字を大きくいたします。",
    ]
