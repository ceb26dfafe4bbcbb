"""Questions taken apart."""

import pytest

from enishi.knowledge.sparring.grouping import Lesson, grouped
from enishi.knowledge.sparring.understanding import Understood, corrected, narrowed, understand

FIELDS = ["食", "観光", "福祉", "空き家"]
PLACES = ["北海道美幌町", "あおば市 杉原地区"]


def read(text: str) -> Understood:
    return understand(text, fields=FIELDS, places=PLACES)


def test_the_question_of_the_brief() -> None:
    found = read("北海道の食のプロジェクトで、うまくいったこと・失敗したこと・気をつける5つ")

    assert found == Understood(prefectures=("01",), fields=("食",), lessons=5)


def test_the_question_of_the_brief_in_english() -> None:
    found = read("past food projects with towns in Hokkaido: what worked, what failed, five things to mind")

    assert found == Understood(prefectures=("01",), fields=("食",), lessons=5)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("東北の観光で失敗したこと", "prefectures", ("02", "03", "04", "05", "06", "07")),
        ("美幌町でうまくいった取組", "place", "美幌町"),
        ("高齢者の見守りの実証", "fields", ("福祉",)),
        ("意見の食い違いをどう直したか", "fields", ()),
        ("見守りで失敗したこと", "outcomes", ("failed", "stopped")),
        ("うまくいかなかった理由", "outcomes", ("failed", "stopped")),
        ("うまくいったことを教えて", "outcomes", ("worked", "partly")),
        ("途中でやめた実証", "outcomes", ("stopped",)),
        ("食の事業は何がうまくいって何がだめだった?", "outcomes", ()),
        ("食の事業は何がうまくいって何がだめだった?", "themes", ()),
        ("tourism projects that did not work", "outcomes", ("failed", "stopped")),
        ("うまくいったことと失敗したこと", "outcomes", ()),
        ("移動販売を始めて、やめてしまった原因は", "fields", ()),
        ("移動販売を始めて、やめてしまった原因は", "outcomes", ("stopped",)),
        ("気をつける三つ", "lessons", 3),
        ("気をつける99個", "lessons", 10),
        ("学校給食の地産地消", "themes", ("学校", "給食", "地産", "地消")),
        ("", "themes", ()),
        ("\u202e\u200b???", "themes", ()),
    ],
)
def test_parts_are_understood(text: str, name: str, expected: object) -> None:
    assert getattr(read(text), name) == expected


def test_a_further_question_replaces_what_it_names_and_keeps_the_rest() -> None:
    found = narrowed(read("北海道の食の事業"), "給食にかかわる失敗だけ", fields=FIELDS, places=PLACES)

    assert (found.prefectures, found.fields, found.outcomes) == (("01",), ("食",), ("failed", "stopped"))
    assert "給食" in found.themes


def test_anywhere_takes_the_place_away() -> None:
    found = narrowed(read("北海道の食の事業"), "どこでもよい", fields=FIELDS, places=PLACES)

    assert (found.prefectures, found.fields) == ((), ("食",))


def test_a_person_puts_right_what_was_misread() -> None:
    found = corrected(read("北海道の食の事業"), {"fields": ["観光"], "prefectures": []})

    assert (found.prefectures, found.fields) == ((), ("観光",))


def test_lessons_that_say_the_same_are_one_with_all_their_cases() -> None:
    groups = grouped(
        [
            Lesson("役割分担を文書で決めてから始める。", 1),
            Lesson("始める前に、役割の分担を文書に残して決める。", 2),
            Lesson("雪の時期は配達が止まる。", 3),
        ]
    )

    assert [group.cases for group in groups] == [(1, 2), (3,)]
    assert groups[0].spoken.text in {
        "役割分担を文書で決めてから始める。",
        "始める前に、役割の分担を文書に残して決める。",
    }


def test_nothing_is_written_anew() -> None:
    lessons = [Lesson(f"教訓その{number}は現場の人と決める。", number) for number in range(8)]

    assert {group.spoken for group in grouped(lessons)} <= set(lessons)


def test_grouping_nothing_gives_nothing() -> None:
    assert grouped([]) == []


def test_one_lesson_of_each_case_comes_before_a_second_of_any() -> None:
    told = [
        Lesson("除雪の当番を表にする。", 1),
        Lesson("駐車場の鍵を預ける。", 1),
        Lesson("会議の資料を三日前に配る。", 2),
    ]

    assert [group.spoken for group in grouped(told)] == [told[0], told[2], told[1]]
