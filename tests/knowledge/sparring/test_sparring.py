"""Sparring: counts with both numbers, every line with its source, honest when there is too little."""

import io

import docx
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from enishi.knowledge.models import SparringSession
from enishi.knowledge.sparring import answering, services
from enishi.organizations.enums import Visibility
from tests.factories import NOON, TODAY
from tests.knowledge.cases.making import House, made

pytestmark = pytest.mark.django_db

QUESTION = "北海道の食のプロジェクトで、うまくいったこと・失敗したこと・気をつける2つ"


@pytest.fixture
def house() -> House:
    return House()


def food(house: House, number: int, outcome: str, lesson: str = "", **changes: object) -> None:
    told = {
        "title": f"北の台所 {number}",
        "situation": "地元の食材が使われていない。",
        "action": "加工品を作った。",
        "result": "結果",
        "fields": ["食"],
        "themes": [],
        "cause": "売り先を決めずに作り始めた。",
    }
    made(house, **{**told, "outcome": outcome, "lesson": lesson, **changes})


def ask(house: House, text: str = QUESTION) -> answering.Answer:
    found = answering.understood(house.planner, [text])
    return answering.answer(house.planner, found, text=text, on=TODAY)


def test_outcomes_are_counted_with_both_numbers(house: House) -> None:
    for number, outcome in enumerate(["worked", "failed", "failed", "stopped"]):
        food(house, number, outcome)
    food(house, 9, "worked", place="沖縄県那覇市")

    answer = ask(house)

    assert answer.total == 4
    assert [(each.outcome.value, each.cases, each.of) for each in answer.counts] == [
        ("worked", 1, 4),
        ("partly", 0, 4),
        ("failed", 2, 4),
        ("stopped", 1, 4),
    ]


def test_things_to_mind_say_which_cases_support_them(house: House) -> None:
    food(house, 1, "failed", "売り先を先に決めてから加工品を作る。")
    food(house, 2, "worked", "加工品は売り先を決めてから作る。")
    food(house, 3, "worked", "冬の配送費を見込む。")

    answer = ask(house)

    first, second = answer.lessons
    assert ({case.title for case in first.cases}, first.of) == ({"北の台所 1", "北の台所 2"}, 3)
    assert second.group.spoken.text == "冬の配送費を見込む。"


def test_reasons_of_failures_fill_up_and_are_marked(house: House) -> None:
    for number in range(3):
        food(house, number, "failed")

    answer = ask(house)

    assert [each.group.spoken.is_cause for each in answer.lessons] == [True]
    assert answer.without_lesson == 3


def test_too_few_cases_are_said_and_a_wider_question_is_offered(house: House) -> None:
    food(house, 1, "worked")
    for number in range(3):
        food(house, 10 + number, "worked", place="沖縄県那覇市")

    answer = ask(house)

    assert answer.is_few
    assert [(each.name, each.cases) for each in answer.widenings] == [("place", 4)]


def test_nothing_is_said_without_a_case(house: House, client: Client) -> None:
    client.force_login(house.planner)
    session = services.begin(text=QUESTION, actor=house.planner, at=NOON)

    page = client.get(session.get_absolute_url()).content.decode()

    assert "該当する事例が見つかりません" in page
    assert "気をつけること</h2>" not in page


def test_what_one_may_not_read_is_in_no_count(house: House) -> None:
    food(house, 1, "worked")
    other = House("別市")
    food(other, 2, "failed")
    food(other, 3, "failed", visibility=Visibility.PUBLIC.value)

    answer = ask(house)

    assert {case.title for case in answer.cases} == {"北の台所 1", "北の台所 3"}


def test_a_session_narrows_and_is_ones_own(house: House, client: Client) -> None:
    food(house, 1, "worked", situation="学校給食に地元の魚を使いたい。", title="給食の魚")
    food(house, 2, "failed")
    client.force_login(house.planner)

    client.post(reverse("sparring:session_list"), {"text": QUESTION, "token": ""})
    session = SparringSession.objects.get()
    client.post(session.get_absolute_url(), {"text": "学校給食にかかわるもの"})
    page = client.get(session.get_absolute_url()).content.decode()
    client.force_login(house.officer)

    assert "給食の魚" in page and "北の台所 2" not in page
    assert client.get(session.get_absolute_url()).status_code == 404


def test_widening_by_a_button(house: House, client: Client) -> None:
    food(house, 1, "worked", place="沖縄県那覇市")
    session = services.begin(text=QUESTION, actor=house.planner, at=NOON)
    client.force_login(house.planner)

    client.post(reverse("sparring:session_correct", args=[session.pk]), {"widen": "place"})

    assert "北の台所 1" in client.get(session.get_absolute_url()).content.decode()


def test_a_deleted_session_comes_back(house: House, client: Client) -> None:
    session = services.begin(text=QUESTION, actor=house.planner, at=NOON)
    client.force_login(house.planner)

    client.post(reverse("sparring:session_delete", args=[session.pk]))
    assert client.get(session.get_absolute_url()).status_code == 404
    client.post(reverse("sparring:session_restore", args=[session.pk]))
    assert client.get(session.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("text", ["", "   ", "あ" * 10_000])
def test_a_bad_question_is_a_sentence_and_keeps_what_was_typed(
    house: House, client: Client, text: str
) -> None:
    client.force_login(house.planner)

    page = client.post(reverse("sparring:session_list"), {"text": text})

    assert page.status_code == 200
    assert SparringSession.objects.count() == 0


def test_word_and_sheet_carry_sources_and_both_numbers(house: House, client: Client) -> None:
    for number in range(3):
        food(house, number, "failed", "売り先を先に決める。")
    session = services.begin(text=QUESTION, actor=house.planner, at=NOON)
    client.force_login(house.planner)

    paper = docx.Document(io.BytesIO(client.get(session.get_absolute_url(), {"format": "docx"}).content))
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(session.get_absolute_url(), {"format": "xlsx"}).content)
    )

    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert "うまくいかなかった 3/3" in words
    assert "http://testserver/knowledge/cases/" in words
    assert [row[1:3] for row in book["気をつけること"].iter_rows(values_only=True)][1] == (3, 3)
