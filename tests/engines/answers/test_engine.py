"""The engine alone: numbers, kinds of question, choice, refusal, groups."""

import doctest
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.engines import answers
from enishi.engines.answers import (
    Asked,
    Calibration,
    Candidate,
    Close,
    Closeness,
    Line,
    Number,
    QuestionKind,
    Reading,
    Reference,
    Wanted,
    choosing,
    clustering,
    confidence,
    numbers,
    splitting,
    support,
)
from enishi.engines.core import InvalidInputError
from enishi.engines.retrieval import Pieces, signs_of


@pytest.mark.parametrize("module", [answers, numbers, splitting, support, clustering, confidence])
def test_doctests(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200円", Number("number", "1200", "円")),
        ("2万5千円", Number("number", "25000", "円")),
        ("41万4千円", Number("number", "414000", "円")),
        ("百二十人", Number("number", "120", "人")),
        ("3ヶ月", Number("number", "3", "か月")),
        ("60.5%", Number("number", "60.5", "%")),
        ("令和元年5月1日", Number("date", "2019-05-01")),
        ("2026/4/1", Number("date", "2026-04-01")),
        ("4月1日", Number("date", "*-04-01")),
        ("令和8年度", Number("date", "2026-*-*")),
        ("午後5時15分", Number("time", "17:15")),
        ("8:30", Number("time", "08:30")),
        ("10時半", Number("time", "10:30")),
        ("0000-10-0410", Number("phone", "0000100410")),
        ("第252条の14", Number("article", "252-14", "条")),
    ],
)
def test_numbers_are_read_as_one(text, number):
    assert answers.numbers_in(text) == {number}


def test_hours_are_no_time_of_day():
    assert {number.kind for number in answers.numbers_in("24時間受け付けます")} == {"number"}


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    for number in answers.numbers_in(text):
        assert answers.states(number, [number])


@given(st.integers(0, 10**12))
def test_a_number_with_and_without_commas_is_the_same(value):
    assert answers.numbers_in(f"{value}円") == answers.numbers_in(f"{value:,}円")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("粗大ごみの手数料はいくらですか", QuestionKind.HOW_MUCH),
        ("図書館は何時までですか", QuestionKind.WHEN),
        ("避難所はどこですか", QuestionKind.WHERE),
        ("だれが申請できますか", QuestionKind.WHO),
        ("印鑑登録の手続きを教えて", QuestionKind.HOW),
        ("なぜ有料なのですか", QuestionKind.WHY),
        ("郵送で申し込めますか", QuestionKind.YES_NO),
        ("必要な書類", QuestionKind.WHAT),
        ("How much is it?", QuestionKind.HOW_MUCH),
        ("几点关门", QuestionKind.WHEN),
        ("어디입니까", QuestionKind.WHERE),
        ("làm thế nào", QuestionKind.HOW),
    ],
)
def test_kinds_of_question(question, kind):
    assert answers.understand(question).kind is kind


def test_money_law_and_deadlines_are_strict():
    assert [
        answers.understand(text).is_strict
        for text in ("手数料はいくら", "申請の期限は", "違法ですか", "窓口はどこ")
    ] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "asked_apart"),
    [
        ("粗大ごみはいくらですか。窓口はどこですか。", 2),
        ("住民票はどこで取れますか。あと印鑑登録には何が必要ですか?", 2),
        ("死亡届と出生届はそれぞれ何日以内ですか", 2),
        ("就農の機械の補助の上限と、漁船の補助の上限を教えてください", 2),
        ("転入届と転出届の違いを教えてください", 1),
        ("72歳です。バス代はいくらですか", 1),
        ("補助で買ったストーブを売っちゃだめなの?何年?", 1),
        ("親と同居するために家を直す。補助はいくらまで", 1),
        ("", 1),
    ],
)
def test_two_questions_in_one_are_told_apart_and_one_is_left_whole(text, asked_apart):
    assert len(answers.parts(text)) == asked_apart


def test_what_goes_on_about_the_same_keeps_its_topic_and_what_has_one_of_its_own_gets_no_other():
    assert (
        answers.parts("産後ケアの泊まりの料金はいくらですか。日帰りはいくらですか。")[1]
        == "産後ケアの日帰りはいくらですか。"
    )
    assert (
        answers.parts("粗大ごみの手数料はいくらですか。あと図書館は何時までですか")[1]
        == "図書館は何時までですか"
    )


# --- Choice and refusal -----------------------------------------------------------------------------------------------


def line(text, words, start=0, near=1.0, **more):
    words = tuple(words.split())
    reading = Reading(text, words, frozenset(words), numbers=answers.numbers_in(text), **more)
    return Line(reading, start, start + len(text), near)


def asked(text, words, **more):
    words = tuple(words.split())
    understood = answers.understand(text)
    reading = Reading(
        text, words, frozenset(words), names=more.pop("names", frozenset()), numbers=answers.numbers_in(text)
    )
    return Asked(reading, understood.kind, understood.wanted, understood.unit, understood.is_strict, **more)


FEE = Candidate(
    "p1",
    "d1",
    Reading("粗大ごみ", ("粗大", "ごみ")),
    (
        line("申込みは電話です。", "申し込み 電話"),
        line("手数料は1点500円です。", "手数 点", 9),
        line("ただし、家電は収集しません。", "家電 収集", 21),
    ),
    context_nearness=2.0,
)
SURE = Calibration({"missing_nouns": -3.0, "nearness": 1.0}, 2.0, 0.9, 0.9, 0.5)


def test_the_sentence_that_holds_what_is_asked_is_chosen_with_its_exception():
    choice = answers.answer(asked("粗大ごみの手数料はいくら", "粗大 ごみ 手数"), [FEE], SURE)

    assert choice.is_answered
    assert [one.text for one in choice.sentences] == [
        "手数料は1点500円です。",
        "ただし、家電は収集しません。",
    ]
    assert {one.passage for one in choice.sentences} == {"p1"}


@pytest.mark.parametrize(
    ("question", "words", "more", "reason"),
    [
        ("粗大ごみの手数料はいくら", "粗大 ごみ 手数", {"names": frozenset({"潮見市"})}, "name"),
        ("粗大ごみ3点の手数料の期限", "粗大 ごみ 手数", {}, "number"),
        ("粗大ごみの電話番号は", "粗大 ごみ", {}, "kind"),
        ("粗大ごみの業者の評判", "粗大 ごみ 業者 評判", {}, "unsure"),
        ("どうすればいいですか", "", {}, "nothing"),
    ],
)
def test_it_is_refused_with_the_reason(question, words, more, reason):
    choice = answers.answer(asked(question, words, **more), [FEE], SURE)

    assert (choice.refused, choice.nearest) == (reason, ("p1",))


def test_the_house_s_own_name_need_not_stand_in_its_passages():
    question = asked(
        "あおば市の粗大ごみの手数料はいくら",
        "粗大 ごみ 手数",
        names=frozenset({"あおば市"}),
        own_names=frozenset({"あおば市"}),
    )

    assert answers.answer(question, [FEE], SURE).is_answered


def test_the_other_one_of_a_pair_is_no_answer():
    moving_in = Candidate("p", "d", Reading("届出", ("届け出",)), (line("転入は14日以内です。", "転入 日"),))

    assert answers.answer(asked("転出はいつまでですか", "転出"), [moving_in], SURE).refused == "kind"


@pytest.mark.parametrize(
    ("question", "answer", "refused"),
    [
        ("空き家を直すときの補助の上限はいくらですか", "空き家の解体に50万円まで補助します。", "kind"),
        ("空き家を壊すときの補助の上限はいくらですか", "空き家の改修に100万円まで補助します。", "kind"),
        ("空き家を直すときの補助の上限はいくらですか", "空き家の改修に100万円まで補助します。", ""),
        (
            "空き家を直すときの補助の上限はいくらですか",
            "改修は100万円まで、解体は50万円まで空き家に補助します。",
            "",
        ),
    ],
)
def test_mending_is_not_pulling_down(question, answer, refused):
    found = Candidate("p", "d", Reading("空き家", ("空き家",)), (line(answer, "空き家 補助"),))

    assert answers.answer(asked(question, "空き家 補助"), [found], SURE).refused == refused


def test_steps_come_whole_and_in_order():
    steps = Candidate(
        "p",
        "d",
        Reading("印鑑登録", ("印鑑", "登録")),
        (
            line("手続きは次のとおりです。", "手続き"),
            line("1. 印鑑を持って来ます。", "印鑑", 12),
            line("2. 申請書を出します。", "申請", 25),
            line("3. 登録証を受け取ります。", "登録", 37),
        ),
        context_nearness=2.0,
    )

    choice = answers.answer(asked("印鑑登録の手続きを教えて", "印鑑 登録"), [steps], SURE)

    assert [one.text[:2] for one in choice.sentences] == ["手続", "1.", "2.", "3."]


def test_an_approved_answer_is_never_cut():
    whole = Candidate(FEE.key, FEE.document, FEE.context, FEE.lines, FEE.context_nearness, whole=True)

    assert (
        len(answers.answer(asked("粗大ごみの手数料はいくら", "粗大 ごみ 手数"), [whole], SURE).sentences) == 3
    )


def test_nothing_found_is_nothing_answered():
    assert answers.answer(asked("手数料", "手数"), [], SURE).refused == "nothing"


def test_a_higher_threshold_never_answers_more():
    question = asked("粗大ごみの手数料はいくら", "粗大 ごみ 手数")
    given = [
        answers.answer(question, [FEE], Calibration(SURE.weights, SURE.bias, t, t, t)).is_answered
        for t in (0.1, 0.5, 0.9, 1.0)
    ]

    assert given == sorted(given, reverse=True)


def test_a_calibration_refuses_what_means_nothing():
    with pytest.raises(InvalidInputError, match="weights"):
        Calibration({"mood": 1.0}, 0.0, 0.5, 0.5, 0.5)
    with pytest.raises(InvalidInputError, match="threshold"):
        Calibration({}, 0.0, 1.5, 0.5, 0.5)


def test_what_is_wanted_must_be_there():
    assert Wanted.MONEY in answers.understand("いくらですか").wanted
    assert answers.understand("何歳からですか").unit == "歳"


def test_questions_that_lie_together_form_a_group():
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((3, 32))
    rows = np.concatenate(
        [
            centre + 0.05 * rng.standard_normal((size, 32))
            for centre, size in zip(centres, (5, 3, 1), strict=True)
        ]
    )
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    groups = answers.clusters(vectors)

    assert [group.members for group in groups] == [(0, 1, 2, 3, 4), (5, 6, 7), (8,)]
    assert answers.clusters(np.zeros((0, 4), np.float32)) == []


# --- Closeness --------------------------------------------------------------------------------------------------------


def _pieces(*rows):
    """Pieces that point where they are told, in a space of sixteen."""
    vectors = np.array([[1.0 if place == row else -0.2 for place in range(16)] for row in rows], np.float32)
    return Pieces(np.array(rows), vectors)


def test_a_text_that_says_the_very_thing_lies_far_above_answers_to_others():
    mean = np.zeros(16, np.float32)
    others = [signs_of(_pieces(row, (row + 1) % 10), mean) for row in range(10)]
    asked = Reference(others, mean).asked(_pieces(11, 12), {"借りる": [0], "何冊": [1], "切れた": [7]})

    same, half, other = asked.of_all([signs_of(_pieces(*rows), mean) for rows in ((11, 12), (11, 3), (4, 5))])

    assert same.total > half.total > other.total
    assert same.met > half.met
    assert same.lead > 0 > half.lead > other.lead
    assert set(same.words) == {"借りる", "何冊"}
    assert half.words["借りる"] == same.words["借りる"] and half.words["何冊"] < same.words["何冊"]


@pytest.mark.parametrize(
    ("lead", "words", "refused"),
    [(5.0, ("点",), ""), (0.0, ("点",), "unsure"), (5.0, ("借りる",), "unsure")],
)
def test_closeness_answers_other_words_and_asks_for_more_where_one_is_left_unsaid(lead, words, refused):
    line = Line(Reading("10冊まで借りられます。", words), 0, 12)
    asked = Asked(
        Reading("本は何点いいの", ("本", "点"), frozenset({"本"})),
        QuestionKind.WHAT,
        asks=frozenset({"本", "点"}),
    )
    found = Candidate(
        "a", "a", Reading("図書館の本", ("図書館", "本")), (line,), close=Close(3.0, 1.4, lead=lead)
    )
    never = Calibration({}, -9.0, 1.0, 1.0, 1.0)
    second = Closeness(
        {"lead": (0.0, 1.0), "unsaid_asked": (0.0, 1.0)},
        {"lead": 2.0, "lead*unsaid_asked": -1.6, "bias": -2.0},
        japanese=0.9,
        foreign=0.9,
    )

    choice = answers.answer(asked, [found], never, second)

    assert choice.refused == refused
    assert choice.offered == ("a",)


def test_nothing_is_offered_to_letters_nobody_knows_or_where_no_word_is_said_and_little_is_near():
    found = Candidate(
        "a", "a", Reading("図書館の本", ("図書館", "本")), (line("10冊まで。", "冊"),), close=Close(3.5, 1.4)
    )

    offers = [
        answers.answer(question, [found], SURE).offered
        for question in (
            asked("本の冊数", "本 冊"),
            asked("池のかえる", "池 蛙"),
            asked("qwerty", "", language="en", unknown=1.0),
        )
    ]

    assert offers == [("a",), (), ()]


def passage(title, *lines):
    return Candidate(
        "p",
        "d",
        Reading(title, tuple(title), numbers=answers.numbers_in(title)),
        tuple(line(text, "言葉") for text in lines),
    )


@pytest.mark.parametrize(
    ("question", "title", "text", "missing"),
    [
        ("90歳の祝い金はいくら", "75歳以上の祝い金", "88歳に1万円、100歳に5万円を贈ります。", 1),
        ("88歳の祝い金はいくら", "75歳以上の祝い金", "88歳に1万円、100歳に5万円を贈ります。", 0),
        ("昭和50年の家の補助はいくら", "補助", "昭和56年5月31日以前の家は無料です。", 0),
        ("2024年の給付金はいくら", "給付金", "令和8年度は2万円。9月30日までに申請。", 1),
        ("72歳のバス代はいくら", "バス", "70歳以上の方は100円です。", 0),
        ("ごみ1個いくら", "ごみ", "1点400円です。", 0),
        ("小学3年生の通院はいくら", "医療費", "小学生以上は500円です。", 0),
    ],
)
def test_a_number_is_met_by_itself_or_a_bound_and_never_by_another(question, title, text, missing):
    assert len(choosing.absent_numbers(asked(question, "言葉"), passage(title, text))) == missing


@pytest.mark.parametrize(
    ("question", "title", "text"),
    [
        ("子どもの予防接種はいくら", "予防接種", "65歳以上の方は1,600円です。"),
        ("ブロック塀を新しく作りたい", "ブロック塀", "撤去の費用を補助します。"),
        ("消火器はどこで買えますか", "消火器", "市では回収していません。"),
    ],
)
def test_what_speaks_of_others_or_of_the_opposite_is_known(question, title, text):
    told = passage(title, text)
    cited = [answers.Cited(text, "p", 0, len(text))]

    assert choosing.speaks_of_opposite(asked(question, "言葉"), told, cited)


def test_another_of_the_same_kind_is_no_answer_though_most_of_its_name_is_said():
    other = passage("児童手当", "児童手当は月1万円です。")

    assert choosing.siblings(asked("児童扶養手当はいくら", "言葉"), other) == 1
    assert choosing.siblings(asked("児童手当の申請はどこ", "言葉"), other) == 0


def test_of_leaflets_that_say_the_same_the_year_that_is_asked_comes_first_and_no_other_answers():
    leaflets = [
        replace(passage(f"商品券 令和{year}年", "1冊5,000円です。"), key=f"p{year}", close=Close(3.0, 1.0))
        for year in (6, 7)
    ]
    this, none = (
        answers.answer(asked(f"令和{year}年の商品券は1冊いくら", "言葉"), leaflets, SURE) for year in (7, 5)
    )

    assert (this.nearest[0], this.features["numbers_ahead"], this.features["lead_open"]) == ("p7", 0.5, 3.0)
    assert none.refused == "number"
