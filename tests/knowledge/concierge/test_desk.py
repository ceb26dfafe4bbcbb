"""The desk as a resident meets it: on a phone, in any of six languages, without script, cookie or sign-in."""

import re

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from enishi.engines.privacy import Kind
from enishi.knowledge.answers import guards
from enishi.knowledge.answers.services import text_mark
from enishi.knowledge.concierge import services, views
from enishi.knowledge.concierge.services import DeskValues, checked_origins
from enishi.knowledge.concierge.words import hours_in, words_in
from enishi.knowledge.models import AnswerTranslation, AskedQuestion, Concierge, HandOver
from enishi.knowledge.staff.errors import RefusedError
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.answers.making import approved, desk, town

pytestmark = pytest.mark.django_db
FEE = "粗大ごみの手数料はいくらですか"
LANGUAGES = ("ja", "ja-easy", "en", "zh", "ko", "vi")


@pytest.fixture
def place():
    made = town()
    desk(made)
    return made


def post(client, question, name="ask", **data):
    return client.post(reverse(f"concierge:{name}", args=["aoba"]), {"question": question, **data})


def text_of(response):
    """The page, its readings in brackets and its telephones as they are written in the words."""
    page = re.sub(r'<a class="desk-tel" href="tel:\S+">(.+?)</a>', r"\1", response.content.decode())
    return re.sub(r"</?r(?:uby|t|p)>", "", page)


def hidden(response, name):
    return re.search(rf'name="{name}" value="([^"]+)"', text_of(response)).group(1)


def test_a_resident_reads_the_approved_answer_with_who_stands_for_it(client, place):
    approved(place)

    page = text_of(post(client, FEE))

    assert "粗大ごみの手数料は1点につき500円です。" in page
    assert "あおば市 環境課" in page
    assert words_in("ja")["approved"] in page


def test_a_resident_reads_which_of_two_questions_found_nothing_and_may_pass_it_on(client, place):
    approved(place)

    page = text_of(post(client, f"{FEE}。あと結婚式場の電話番号は何番ですか。"))

    answered, open_one = page.split('<h3><q lang="ja">')[1:]
    assert "1点につき500円です。" in answered
    assert words_in("ja")["not_found"] in open_one
    assert words_in("ja")["hand_over"] in open_one


def test_asking_needs_no_token_no_cookie_and_leaves_none(place):
    visitor = Client(enforce_csrf_checks=True)

    response = post(visitor, FEE)

    assert response.status_code == 200
    assert not response.cookies


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_page_is_in_the_language_and_says_so(client, place, language):
    page = text_of(client.get(reverse("concierge:ask", args=["aoba"]), {"lang": language}))

    code = {"ja-easy": "ja", "zh": "zh-Hans"}.get(language, language)
    assert f'<html lang="{code}">' in page
    assert words_in(language)["send"] in page and words_in(language)["privacy"] in page
    assert page.count("<h1") == 1


def test_the_browser_s_language_is_taken_when_nothing_was_chosen(client, place):
    page = client.get(reverse("concierge:ask", args=["aoba"]), headers={"accept-language": "fr, vi;q=0.8"})

    assert words_in("vi")["send"] in text_of(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_names_the_section_its_telephone_and_hours(client, place, language):
    page = text_of(post(client, "粗大ごみの回収業者の評判を教えて", lang=language))

    assert words_in(language)["not_found"] in page
    assert "0000-10-0630" in page
    assert (hours_in(language, "平日 8:30〜17:15") or "平日 8:30〜17:15") in page


def test_japanese_text_on_a_foreign_page_is_marked_as_japanese(client, place):
    approved(place)

    page = text_of(post(client, FEE, lang="en"))

    assert words_in("en")["japanese_only"] in page
    assert '<div class="answer-text" lang="ja">' in page


def test_what_was_typed_is_masked_on_the_page_and_in_the_kept_question(client, place):
    page = text_of(post(client, "090-1234-5678に粗大ごみの業者の評判を教えて"))

    assert words_in("ja")["masked"] in page
    assert "〔電話番号〕" in AskedQuestion.objects.get().text


def test_a_question_is_handed_over_under_a_number_and_only_once(client, place):
    token = hidden(post(client, "粗大ごみの回収業者の評判を教えて"), "token")

    pages = [
        client.post(reverse("concierge:hand_over", args=["aoba"]), {"token": token}) for _press in range(2)
    ]

    row = HandOver.objects.get()
    assert all(row.number in text_of(page) for page in pages)
    assert (row.section, row.question.text) == (place.section, "粗大ごみの回収業者の評判を教えて")


def test_feedback_is_kept_without_who_gave_it(client, place):
    approved(place)
    token = hidden(post(client, FEE), "token")

    page = client.post(
        reverse("concierge:feedback", args=["aoba"]),
        {"token": token, "helpful": "no", "comment": "090-1234-5678まで"},
    )

    kept = AskedQuestion.objects.get()
    assert words_in("ja")["thanks"] in text_of(page)
    assert (kept.helpful, kept.comment) == ("no", "〔電話番号〕まで")


MADE_UP = {
    "empty": lambda: "",
    "a word": lambda: "x",
    "parts": lambda: "a:b:c",
    "of nobody": lambda: signing.dumps("nobody", salt=views.SALT),
    "signed for something else": lambda: signing.dumps("x", salt="other"),
}


@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_token_changes_nothing(client, place, made_up):
    # Signed when the test runs: a token in its name would differ from one worker to the next.
    token = MADE_UP[made_up]()
    for name in ("feedback", "hand_over"):
        response = client.post(
            reverse(f"concierge:{name}", args=["aoba"]), {"token": token, "helpful": "yes"}
        )
        assert response.status_code == 302
    assert not HandOver.objects.exists()


DANGERS = {
    "ja": ("もう死にたい", "danger_despair"),
    "en": ("My husband is hitting me", "danger_violence"),
    "zh": ("隔壁在打孩子", "danger_child"),
    "ko": ("살고 싶지 않아요", "danger_despair"),
    "vi": ("Tôi muốn chết", "danger_despair"),
    "ja-easy": ("となりの 子どもが 殴られて います", "danger_child"),
}


@pytest.mark.parametrize("language", DANGERS)
def test_who_may_be_in_danger_reads_whom_to_call_and_no_refusal(client, place, language):
    question, key = DANGERS[language]

    page = text_of(post(client, question, lang=language))

    words = words_in(language)
    assert words[key] in page and words["danger"] in page and words["not_found"] not in page
    kept = AskedQuestion.objects.get()
    is_despair = key == "danger_despair"
    assert (kept.reason == "danger", kept.text == "") == (is_despair, is_despair)


@pytest.mark.parametrize(
    "harmless",
    [
        "保育園の見学を助けてほしい",
        "火災保険の手続き",
        "時計が倒れて",
        "自殺対策計画はどこ",
        "児童虐待防止の講座",
    ],
)
def test_no_alarm_is_raised_for_an_ordinary_question(harmless):
    assert guards.dangers(harmless) == ()


def test_a_question_about_another_town_is_led_to_its_desk(client, place):
    desk(town("草薙町"), slug="kusanagi")

    page = text_of(post(client, "草薙町の花火大会はいつですか"))
    moving = text_of(post(client, "草薙町から引っ越す人の花火大会はいつですか"))

    assert "草薙町のことは、草薙町におたずねください" in page and 'href="/ask/kusanagi/?lang=ja"' in page
    assert "草薙町におたずねください" not in moving


@pytest.mark.parametrize("language", ["ja", "vi"])
def test_the_empty_desk_shows_what_it_can_answer_in_the_language(client, place, language):
    cache.clear()
    approved(place)
    told = approved(place, question="犬の登録はどこですか", answer="環境課です。")
    AnswerTranslation.objects.create(
        answer=told,
        language="vi",
        question_text="Đăng ký chó ở đâu?",
        answer_text="Ở phòng môi trường.",
        approver=place.approver,
        approved_at=NOON,
        of_text=text_mark(told),
        updated_at=NOON,
    )

    page = text_of(client.get(reverse("concierge:ask", args=["aoba"]), {"lang": language}))

    assert (FEE in page, "Đăng ký chó ở đâu?" in page) == (
        (True, False) if language == "ja" else (False, True)
    )


def test_a_token_of_another_town_s_question_changes_nothing(client, place):
    other = town("草薙町")
    desk(other, slug="kusanagi")
    token = hidden(post(client, "粗大ごみの回収業者の評判を教えて"), "token")

    client.post(reverse("concierge:hand_over", args=["kusanagi"]), {"token": token})

    assert not HandOver.objects.exists()


def test_each_town_answers_from_its_own(client, place):
    other = town("草薙町")
    desk(other, slug="kusanagi")
    approved(other, answer="粗大ごみの手数料は1点につき300円です。")

    assert words_in("ja")["not_found"] in text_of(post(client, FEE))
    page = text_of(client.post(reverse("concierge:ask", args=["kusanagi"]), {"question": FEE}))
    assert "300円" in page


def test_staff_see_no_more_at_the_desk_than_a_resident(client, place):
    approved(place, visibility=Visibility.INTERNAL)
    client.force_login(place.writer)

    assert words_in("ja")["not_found"] in text_of(post(client, FEE))


def test_a_follow_up_remembers_the_question_before(client, place):
    approved(place, question="粗大ごみの申込みは何日前までですか", answer="粗大ごみの申込みは7日前までです。")
    first = post(client, "粗大ごみの申込みは何日前までですか")

    page = text_of(post(client, "では、申込みは何日前までですか", before=hidden(first, "before")))

    assert "7日前まで" in page


@pytest.mark.parametrize(
    "question", ["", "  ", "あ" * 10_001, "\x00", "<script>alert(1)</script>", "a" * 9_999, "🗑️" * 500]
)
def test_whatever_is_typed_the_page_stands(client, place, question):
    response = post(client, question)

    assert response.status_code == 200
    assert "<script>alert" not in text_of(response)


def test_what_was_typed_is_not_lost_when_it_is_refused(client, place):
    assert (
        "業者の評判"
        in re.search(r"<textarea.*?</textarea>", text_of(post(client, "業者の評判")), re.DOTALL).group()
    )


def test_who_asks_too_often_waits(client, place, settings):
    settings.CACHES = settings.CACHES | {
        name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "desk"}
        for name in ("limits", "shared_limits")
    }

    answers = [post(client, "", lang="en") for _time in range(views.A_MINUTE + 1)]

    assert [answer.status_code for answer in answers] == [200] * views.A_MINUTE + [429]
    assert words_in("en")["too_often"] in text_of(answers[-1])
    assert answers[-1]["Retry-After"] == "60"


def test_a_closed_desk_is_not_there_for_strangers_but_for_its_own(client, place):
    Concierge.objects.update(is_open=False)

    assert client.get(reverse("concierge:ask", args=["aoba"])).status_code == 404
    client.force_login(place.approver)
    assert client.get(reverse("concierge:ask", args=["aoba"])).status_code == 200


def test_only_named_sites_may_show_the_frame(client, place):
    Concierge.objects.update(shown_on="https://www.city.example.lg.jp")

    framed = client.get(reverse("concierge:frame", args=["aoba"]))
    page = client.get(reverse("concierge:ask", args=["aoba"]))

    assert "frame-ancestors 'self' https://www.city.example.lg.jp" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_page_needs_no_script_at_all(client, place):
    for name in ("ask", "frame"):
        assert "<script" not in text_of(client.get(reverse(f"concierge:{name}", args=["aoba"])))


def test_the_widget_is_served_to_other_sites(client, place):
    script = client.get(reverse("concierge:widget"))

    assert script["Content-Type"].startswith("text/javascript")
    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "/frame/" in text_of(script)


@pytest.mark.parametrize(
    "line",
    [
        "javascript:alert(1)",
        "www.example.jp",
        "https://a.example.jp/path",
        "https://u@a.example.jp",
        "https://a b",
        "*",
        "https://a; script-src *",
    ],
)
def test_a_site_that_is_none_is_refused_with_its_line(line):
    with pytest.raises(RefusedError, match="2行目"):
        checked_origins(f"https://www.city.example.lg.jp\n{line}")


def test_only_who_runs_the_house_sets_its_desk(place):
    with pytest.raises(RefusedError):
        services.set_desk(
            organization=place.house, values=DeskValues("aoba", "窓口"), actor=place.writer, at=NOON
        )

    made = services.set_desk(
        organization=place.house, values=DeskValues("aoba-2", "窓口"), actor=place.approver, at=NOON
    )
    assert made.slug == "aoba-2"


def test_who_saves_second_sees_what_was_saved_first(client, place):
    client.force_login(place.approver)
    address = reverse("concierge:desk_edit", args=[place.house.pk])
    opened = client.get(address).context["form"].initial
    services.set_desk(
        organization=place.house, values=DeskValues("aoba", "先に変えた名前"), actor=place.approver, at=NOON
    )

    page = client.post(
        address,
        {"title": "後から変えた名前", "slug": "aoba", "version": opened.get("version", 1)},
    )

    assert page.status_code == 422
    assert "先に変えた名前" in text_of(page) and "後から変えた名前" in text_of(page)
    assert Concierge.objects.get().title == "先に変えた名前"


def test_two_houses_cannot_have_one_address(place):
    other = town("草薙町")

    with pytest.raises(RefusedError, match="aoba"):
        services.set_desk(
            organization=other.house, values=DeskValues("aoba", "窓口"), actor=other.approver, at=NOON
        )


def test_words_stand_in_every_language():
    keys = {frozenset(words_in(language)) for language in LANGUAGES}

    assert len(keys) == 1
    assert all(word.strip() for language in LANGUAGES for word in words_in(language).values())


def test_every_kind_that_is_masked_has_its_rule_and_source():
    rules = {rule["kind"]: rule for rule in views.masking_rules()}

    assert set(rules) == {kind.value for kind in Kind}
    assert all(rule["source"] and rule["status"] in {"statute", "memory"} for rule in rules.values())
