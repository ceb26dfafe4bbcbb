"""Pages of answers, what goes out and in as a sheet, and what is still to be written."""

import re
from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from enishi.foundation.spreadsheets import read_table, write_csv
from enishi.knowledge.answers import asking, registering, services, todo, transfer
from enishi.knowledge.answers.asking import Question
from enishi.knowledge.answers.enums import ClusterStatus
from enishi.knowledge.models import ApprovedAnswer, AskedQuestion, QuestionCluster
from enishi.knowledge.selectors import search
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.answers.making import NEXT_YEAR, approved, document, town, values

pytestmark = pytest.mark.django_db
FEE = "粗大ごみの手数料はいくらですか"
HEADINGS = ("番号", "質問", "回答", "分類", "担当課", "有効期間(始まり)", "有効期間(終わり)")


@pytest.fixture
def place():
    return town()


def asked(place, *texts):
    for text in texts:
        asking.ask(Question(text, AnonymousUser(), [place.house]), at=NOON)


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_staff_ask_over_what_they_may_see_and_open_the_source(client, place):
    made = document(place, "粗大ごみの手数料は1点につき700円です。", visibility=Visibility.INTERNAL)
    client.force_login(place.writer)

    page = client.post(reverse("answers:ask"), {"question": FEE}).content.decode()

    assert "700円" in page
    assert made.passages.get().get_absolute_url().split("?")[0] in page


def test_each_of_two_questions_in_one_stands_over_its_own_answer_or_refusal(client, place):
    document(place, "粗大ごみの手数料は1点につき700円です。")
    client.force_login(place.writer)

    page = client.post(reverse("answers:ask"), {"question": f"{FEE}。あと結婚式場の電話番号は何番ですか。"})

    texts = page.content.decode().split("<q>")[1:]
    assert ["700円" in text for text in texts[:2]] == [True, False]
    assert ["該当する資料が見つかりません" in text for text in texts[:2]] == [False, True]


def test_a_visitor_is_asked_to_sign_in_at_the_staff_s_page(client, place):
    assert client.get(reverse("answers:ask")).status_code == 302


@pytest.mark.parametrize("question", ["", "あ" * 10_001, "\x00", "<b>", "%00", "' OR 1=1 --"])
def test_whatever_staff_type_the_page_stands(client, place, question):
    client.force_login(place.writer)

    response = client.post(reverse("answers:ask"), {"question": question})

    assert response.status_code == 200
    assert "<b>" not in response.content.decode().split("<textarea")[1].split("</textarea>")[0]


def test_an_answer_goes_from_form_to_approval_by_the_pages(client, place):
    client.force_login(place.writer)
    form = {
        "question": FEE, "answer": "500円です。", "visibility": "public", "section": place.section.pk,
        "review_on": "令和9年11月1日", "organization": place.house.pk,
    }  # fmt: skip
    made = client.post(reverse("answers:answer_new"), form)
    answer = ApprovedAnswer.objects.get()
    assert made.url == answer.get_absolute_url()
    client.post(reverse("answers:answer_submit", args=[answer.pk]))
    client.force_login(place.approver)

    client.post(reverse("answers:answer_approve", args=[answer.pk]))

    answer.refresh_from_db()
    assert (answer.status, answer.approver) == ("approved", place.approver)
    client.logout()
    page = client.get(answer.get_absolute_url()).content.decode()
    assert "500円です。" in page and place.writer.name not in page


def test_what_was_typed_is_still_there_after_a_fault(client, place):
    client.force_login(place.writer)

    page = client.post(
        reverse("answers:answer_new"), {"question": "消えない質問", "answer": ""}
    ).content.decode()

    assert "消えない質問" in page


def test_two_editors_see_both_versions(client, place):
    answer = approved(place)
    client.force_login(place.approver)
    page = client.get(reverse("answers:answer_edit", args=[answer.pk])).content.decode()
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    services.edit_answer(
        answer_id=answer.pk,
        values=values(answer="先に保存した文"),
        version=answer.version,
        actor=place.writer,
        at=NOON,
    )

    page = client.post(
        reverse("answers:answer_edit", args=[answer.pk]),
        {
            "question": FEE,
            "answer": "あとから保存した文",
            "visibility": "public",
            "review_on": "2027-11-01",
            "version": version,
        },
    ).content.decode()

    assert "先に保存した文" in page and "あとから保存した文" in page


def test_the_list_says_how_many_and_its_queries_do_not_grow(client, place, django_assert_max_num_queries):
    for number in range(5):
        approved(place, question=f"質問その{number}", read=False)
    client.force_login(place.approver)
    client.get(reverse("answers:answer_list"))

    with django_assert_max_num_queries(25):
        page = client.get(reverse("answers:answer_list")).content.decode()

    assert "回答 5件" in page


def test_an_approved_answer_is_found_by_the_search_over_everything(place, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = approved(place)

    assert search(AnonymousUser(), "粗大ごみ 手数料", ["answer"]).object_ids == [answer.pk]


# --- What is to be written --------------------------------------------------------------------------------------------


def test_questions_without_an_answer_are_grouped_for_the_section(place):
    asked(
        place,
        "粗大ごみの回収業者の評判を教えて",
        "粗大ごみの、回収業者の評判を教えて。",
        "結婚式場の予約はどうすればいいですか",
    )

    todo.cluster_questions(NOON)

    groups = {cluster.count: cluster for cluster in QuestionCluster.objects.all()}
    assert sorted(groups) == [1, 2]
    assert groups[2].section == place.section


def test_a_later_question_joins_its_group_and_changes_no_other(place):
    asked(place, "粗大ごみの回収業者の評判を教えて", "結婚式場の予約はどうすればいいですか")
    todo.cluster_questions(NOON)
    before = set(QuestionCluster.objects.values_list("pk", flat=True))
    asked(place, "粗大ごみの回収業者の評判を教えて")

    todo.cluster_questions(NOON)

    assert set(QuestionCluster.objects.values_list("pk", flat=True)) == before
    assert sorted(QuestionCluster.objects.values_list("count", flat=True)) == [1, 2]


def test_insults_and_persons_form_no_group(place):
    asked(place, "ばか", "山田太郎さんの住所は")

    assert todo.cluster_questions(NOON) == 0


def test_an_answer_written_for_a_group_closes_it(client, place):
    asked(place, "粗大ごみの回収業者の評判を教えて")
    todo.cluster_questions(NOON)
    cluster = QuestionCluster.objects.get()

    services.create_answer(
        organization=place.house, values=values(), actor=place.writer, at=NOON, cluster_id=cluster.pk
    )

    cluster.refresh_from_db()
    assert cluster.status == ClusterStatus.ANSWERED


def test_old_questions_are_forgotten(place):
    asked(place, "粗大ごみの回収業者の評判を教えて")

    todo.forget_old_questions(NOON + todo.KEPT)
    assert AskedQuestion.objects.count() == 1
    todo.forget_old_questions(NOON + todo.KEPT * 2)
    assert AskedQuestion.objects.count() == 0


# --- Sheets -----------------------------------------------------------------------------------------------------------


def receive(place, rows, headings=HEADINGS):
    return transfer.receive(
        organization=place.house,
        filename="faq.csv",
        content=write_csv(headings, rows),
        visibility="public",
        actor=place.writer,
        at=NOON,
    )


def test_a_sheet_is_looked_at_before_anything_is_written(place):
    batch = receive(place, [("1", FEE, "500円です。", "ごみ", "環境課", "令和8年4月1日", "")])

    assert (batch.added, batch.changed, batch.unchanged, batch.faults) == (1, 0, 0, [])
    assert not ApprovedAnswer.objects.exists()


def test_what_is_brought_in_waits_for_approval(place):
    batch = receive(place, [("1", FEE, "500円です。", "ごみ", "環境課", "令和8年4月1日", "")])

    transfer.confirm(batch_id=batch.pk, actor=place.writer, at=NOON)

    answer = ApprovedAnswer.objects.get()
    assert (answer.status, answer.section, answer.valid_from.isoformat()) == (
        "waiting",
        place.section,
        "2026-04-01",
    )


def test_the_same_sheet_twice_changes_nothing_and_another_wording_only_its_row(place):
    rows = [
        ("1", FEE, "500円です。", "", "", "", ""),
        ("2", "図書館は何時までですか", "午後7時です。", "", "", "", ""),
    ]
    transfer.confirm(batch_id=receive(place, rows).pk, actor=place.writer, at=NOON)
    again = receive(place, rows)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)

    rows[0] = ("1", FEE, "600円です。", "", "", "", "")
    changed = receive(place, rows)
    transfer.confirm(batch_id=changed.pk, actor=place.writer, at=NOON)

    assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 1)
    assert ApprovedAnswer.objects.get(import_key="1").answer == "600円です。"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("1", "", "500円です。", "", "", "", ""), "質問"),
        (("1", FEE, "", "", "", "", ""), "回答"),
        (("1", FEE, "500円です。", "", "", "令和8年13月1日", ""), "有効期間(始まり)"),
        (("1", FEE, "500円です。", "", "", "2026-04-02", "2026-04-01"), "有効期間(終わり)"),
        (("1", "長" * 301, "500円です。", "", "", "", ""), "質問"),
    ],
)
def test_a_fault_is_told_by_row_column_and_reason_and_nothing_comes_in(place, row, column):
    batch = receive(place, [("9", "よい質問", "よい回答", "", "", "", ""), row])

    assert [(fault["row"], fault["column"]) for fault in batch.faults] == [(3, column)]
    with pytest.raises(transfer.RefusedError):
        transfer.confirm(batch_id=batch.pk, actor=place.writer, at=NOON)
    assert not ApprovedAnswer.objects.exists()


def test_a_section_of_another_name_and_a_note_under_the_table_keep_nothing_out(client, place):
    rows = [("1", FEE, "500円です。", "", "ごみ減量課", "", ""), ("※令和8年4月現在", "", "", "", "", "", "")]
    batch = receive(place, rows)

    client.force_login(place.writer)
    page = client.get(reverse("answers:import_detail", args=[batch.pk])).content.decode()
    transfer.confirm(batch_id=batch.pk, actor=place.writer, at=NOON)

    assert (batch.added, batch.faults) == (1, [])
    assert "ごみ減量課: 1件" in page
    assert ApprovedAnswer.objects.get().section is None


def test_what_goes_out_comes_in_again_unchanged(client, place):
    approved(place, category="ごみ", valid_to=NEXT_YEAR)
    client.force_login(place.approver)
    sheet = client.get(reverse("answers:answer_list"), {"format": "xlsx"}).content
    assert read_table(sheet).rows[0].cells["質問"] == FEE

    batch = transfer.receive(
        organization=place.house,
        filename="x.xlsx",
        content=sheet,
        visibility="public",
        actor=place.writer,
        at=NOON,
    )

    assert (batch.added, batch.changed, batch.unchanged, batch.faults) == (0, 0, 1, [])


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4", b"PK\x03\x04broken", "質問\nだけ".encode(), b"\xff\xfe\x00"]
)
def test_a_file_that_is_no_sheet_is_refused_on_the_page(client, place, content):
    client.force_login(place.writer)
    file = SimpleUploadedFile("faq.csv", content)

    response = client.post(
        reverse("answers:import_new"), {"organization": place.house.pk, "visibility": "public", "file": file}
    )

    assert response.status_code == 200
    assert not ApprovedAnswer.objects.exists()


def test_new_words_tell_which_translations_are_old_and_a_new_one_waits_for_another_person(client, place):
    answer = approved(place, read=False, owner_id=place.writer.pk)
    write = partial(
        services.write_translation,
        answer_id=answer.pk,
        language="en",
        question="How much?",
        actor=place.writer,
    )
    write(answer="500 yen.", at=NOON)
    answer.refresh_from_db()
    services.edit_answer(
        answer_id=answer.pk,
        values=values(answer="1点600円です。", owner_id=place.writer.pk, section_id=place.section.pk),
        version=answer.version,
        actor=place.writer,
        at=NOON,
    )
    services.submit_answer(answer_id=answer.pk, actor=place.writer, at=NOON)
    client.force_login(place.approver)

    page = client.post(reverse("answers:answer_approve", args=[answer.pk]), follow=True).content.decode()

    assert "英語の訳文は使われません" in page
    assert listed(client, "stale") == 1 and listed(client, "waiting") == 0
    assert todos(place.writer) == ["日本語が変わり、訳文が古くなりました"]
    write(answer="600 yen.", at=timezone.now())
    assert listed(client, "stale") == 0 and listed(client, "waiting") == 1
    assert todos(place.approver) == ["承認を待っている訳文です"]


def listed(client, wish):
    return len(client.get(reverse("answers:answer_list"), {"translation": wish}).context["page"].rows)


def todos(person):
    told = registering._todos(person, NOON)
    return [str(item.why) for item in told["items"]] if told else []
