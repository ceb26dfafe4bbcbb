"""The nightly test: what counts as right, what everybody may see."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.foundation.models import Job
from enishi.foundation.spreadsheets import UnreadableTableError, read_table, write_csv
from enishi.knowledge.concierge.words import words_in
from enishi.knowledge.models import AskedQuestion, QuestionSet, TestResult, TestRun
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.trust import services, trend
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.answers.making import approved, desk, document, town

pytestmark = pytest.mark.django_db
HEADINGS = ("質問", "答えに必ず含む言葉", "言語")
ROWS = [
    ("粗大ごみの手数料はいくらですか", "500円", "ja"),
    ("粗大ごみの手数料を教えてください", "９９９円", ""),
    ("粗大ごみの回収業者の評判は", "", "ja"),
    ("図書館は何時までですか", "午後5時", "ja"),
]


@pytest.fixture
def place():
    return town()


def made(place, rows=ROWS, **more):
    return services.create_set(
        organization=place.house,
        name="ごみの問題",
        collection=None,
        content=write_csv(HEADINGS, rows),
        actor=place.approver,
        at=NOON,
        **more,
    )


def test_right_wrong_refused_and_rightly_refused_are_counted(place):
    approved(place)

    run = services.run_set(made(place), at=NOON)

    assert (run.right, run.wrong, run.refused, run.rightly_refused, run.total) == (1, 1, 1, 1, 4)
    assert sorted(TestResult.objects.values_list("verdict", flat=True)) == [
        "declined",
        "refused",
        "right",
        "wrong",
    ]


def test_trying_keeps_no_question(place):
    services.run_set(made(place), at=NOON)

    assert not AskedQuestion.objects.exists()


def test_what_must_be_there_is_compared_in_one_spelling(place):
    approved(place)

    run = services.run_set(made(place, [("粗大ごみの手数料はいくらですか", "５００円", "ja")]), at=NOON)

    assert run.right == 1


def test_every_night_every_set_is_tried_and_only_the_latest_answers_stay(place):
    made(place)

    assert services.nightly(NOON) == 1
    services.nightly(NOON)

    assert TestRun.objects.count() == 2
    assert TestResult.objects.count() == len(ROWS)


def test_it_runs_as_a_job(place, django_capture_on_commit_callbacks):
    kept = made(place)

    with django_capture_on_commit_callbacks(execute=True):
        job = services.start_run(set_id=kept.pk, actor=place.approver, at=NOON)

    assert Job.objects.get(pk=job.pk).status == "done"
    assert TestRun.objects.count() == 1


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "質問が一つもありません"),
        ([("", "x", "")], "2行目"),
        ([("同じ", "x", ""), ("同じ", "y", "")], "3行目"),
        ([("何か", "x", "fr")], "言語「fr」"),
        ([("長" * 301, "x", "")], "2行目"),
    ],
)
def test_a_faulty_sheet_is_refused_with_its_row(place, rows, sentence):
    with pytest.raises(UnreadableTableError, match=sentence):
        made(place, rows)
    assert not QuestionSet.objects.exists()


def test_only_who_runs_the_house_makes_sets(place):
    with pytest.raises(RefusedError):
        services.create_set(
            organization=place.house,
            name="x",
            collection=None,
            content=write_csv(HEADINGS, ROWS),
            actor=place.writer,
            at=NOON,
        )


def test_the_public_sees_what_was_published_and_the_definitions(client, place):
    desk(place)
    approved(place)
    kept = made(place)
    services.run_set(kept, at=NOON)
    address = reverse("trust:public", args=["aoba"])
    assert client.get(address).status_code == 404

    services.publish_set(set_id=kept.pk, published=True, actor=place.approver, at=NOON)

    for language in ("ja", "vi"):
        page = client.get(address, {"lang": language}).content.decode()
        assert "50.0%(1/2)" in page
        assert words_in(language)["wrong_means"] in page
        assert words_in(language)["accuracy_said"] % {"all": 4, "well": 2, "refused": 1, "wrong": 1} in page
        assert "粗大ごみの回収業者" not in page
    chart = client.get(reverse("trust:public_chart", args=["aoba", kept.pk]))
    assert chart["Content-Type"].startswith("image/svg")


def test_the_questions_go_out_with_their_results_and_come_back_changed(client, place):
    approved(place)
    kept = made(place)
    services.run_set(kept, at=NOON)
    client.force_login(place.approver)

    sheet = client.get(reverse("trust:set_questions", args=[kept.pk])).content
    table = read_table(sheet, max_rows=10)
    assert table.rows[0].cells["結果"] == "正しく答えた"
    again = client.post(
        reverse("trust:set_replace", args=[kept.pk]), {"file": SimpleUploadedFile("q.xlsx", sheet)}
    )

    assert again.status_code == 302
    assert list(kept.questions.values_list("question", "must", "language")) == [
        (question, must, language or "ja") for question, must, language in ROWS
    ]
    assert TestRun.objects.filter(question_set=kept).exists()


def test_a_sheet_as_offices_make_it_is_read():
    rows = [
        ["令和8年度　想定問答(市民課)"],
        [],
        ["№", "質　問", "", "答えに必ず含む言葉", "答え", "言語"],
        [1, "粗大ごみはいくら", "", "５００円|納付券", "長い文", "日本語"],
        [2, "市長の好物は", "", "断る", "", ""],
        [],
        ["※空欄は断るのが正解", "", "", "", "", ""],
        ["", "※1 金額は税込み", "", "", "", ""],
    ]

    assert services.read_questions(write_csv(rows[0], rows[1:])) == [
        ("粗大ごみはいくら", "５００円\n納付券", "ja"),
        ("市長の好物は", "", "ja"),
    ]


def test_two_results_of_one_day_are_not_added_up(place):
    kept = made(place)
    for _time in range(2):
        services.run_set(kept, at=NOON)

    assert [run.total for run in trend.nights(kept)] == [4]


def test_what_is_not_published_has_no_public_chart(client, place):
    desk(place)
    kept = made(place)

    assert client.get(reverse("trust:public_chart", args=["aoba", kept.pk])).status_code == 404


def test_a_set_thrown_away_comes_back_with_its_results(client, place):
    desk(place)
    kept = made(place)
    services.run_set(kept, at=NOON)
    client.force_login(place.approver)
    restore = reverse("trust:set_restore", args=[kept.pk])

    client.post(reverse("trust:set_delete", args=[kept.pk]))

    assert client.get(kept.get_absolute_url()).status_code == 404
    assert restore in client.get(reverse("trust:sets")).content.decode()
    assert services.nightly(NOON) == 0
    client.post(restore)
    assert client.get(kept.get_absolute_url()).context["latest"] == kept.runs.get()


def test_a_set_comes_back_only_while_its_name_is_free(place):
    kept = made(place)
    services.delete_set(set_id=kept.pk, actor=place.approver, at=NOON)
    made(place)

    with pytest.raises(RefusedError, match="という問題集がもうあります"):
        services.restore_set(set_id=kept.pk, actor=place.approver, at=NOON)


def test_another_house_does_not_see_the_set(client, place):
    kept, other = made(place), town("草薙町")
    client.force_login(other.approver)

    assert client.get(kept.get_absolute_url()).status_code == 404


def inside(place, circle):
    passage = document(place, "庁内の備品の貸し出しは総務課の電話5511で受け付けます。", visibility=circle)
    passage.collection.visibility = circle
    passage.collection.save()
    return passage.collection


def test_documents_only_the_house_reads_are_tried_as_one_of_the_house_and_stay_inside(place):
    rows = [("庁内の備品の貸し出しはどこで受け付けますか", "総務課", "ja")]
    kept = services.create_set(
        organization=place.house,
        name="庁内",
        collection=inside(place, Visibility.INTERNAL),
        content=write_csv(HEADINGS, rows),
        actor=place.approver,
        at=NOON,
    )

    run = services.run_set(kept, at=NOON)

    assert (run.right, run.total) == (1, 1)
    with pytest.raises(RefusedError, match="公開できません"):
        services.publish_set(set_id=kept.pk, published=True, actor=place.approver, at=NOON)


def test_documents_of_one_section_are_no_question_set(place):
    with pytest.raises(RefusedError, match="課内"):
        services.create_set(
            organization=place.house,
            name="課内",
            collection=inside(place, Visibility.PARTIES),
            content=write_csv(HEADINGS, ROWS),
            actor=place.approver,
            at=NOON,
        )
