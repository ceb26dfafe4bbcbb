"""Sheets in and out: a workbook filled offline, official forms from one template set, what the public reads."""

import datetime as dt
import io
import json

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from enishi.evaluation import calculations, selectors, workbook
from enishi.evaluation.errors import RefusedError, StaleVersionError
from enishi.evaluation.facts.shapes import digest
from enishi.evaluation.models import PublishedSheet, Subject
from enishi.evaluation.papers import batch
from enishi.evaluation.papers.composing import compose
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.pdf import pdf_of
from enishi.evaluation.papers.xlsx import xlsx_of
from enishi.evaluation.services import publishing, sheets
from enishi.foundation.models import Job, JobStatus
from tests.evaluation.making import TYPED, programme, subject, town, walk
from tests.factories import NOON

TODAY = dt.date(2026, 7, 1)


def whole(of):
    return Subject.objects.select_related("cycle", "programme__section", "node", "section").get(
        pk=of.subject.pk
    )


def sheet(of):
    return selectors.sheet_of(whole(of), on=TODAY)


def first(of):
    return selectors.stages_of(of.subject).get("first")


def filled(of, changes):
    """The workbook as written out, with some of its cells filled."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.as_xlsx(sheet(of), first(of))))
    page = book.active
    for row in page.iter_rows(min_row=3):
        if row[0].value in changes:
            row[3].value = changes[row[0].value]
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def take_in(of, changes):
    return workbook.take_in(
        subject=whole(of),
        evaluation=first(of),
        content=filled(of, changes),
        name="x.xlsx",
        actor=of.officer,
        at=NOON,
    )


@pytest.mark.django_db
def test_a_workbook_locks_the_records_and_offers_choices():
    of = town()

    book = openpyxl.load_workbook(io.BytesIO(workbook.as_xlsx(sheet(of), None)))

    page = book.active
    answers = [row[3] for row in page.iter_rows(min_row=3) if not row[3].protection.locked]
    assert page.protection.sheet
    assert len(answers) == 10
    assert len(page.data_validations.dataValidation) == 5


@pytest.mark.django_db
def test_a_workbook_comes_back_as_differences_cell_by_cell():
    of = town()

    upload = take_in(
        of,
        {
            "judgement": "Ｂ",
            "comment": "増えた。",
            "expected_delta_yen": "△５００千円",
            "score_necessity": "A",
            "direction": "縮小",
        },
    )

    assert upload.faults == []
    assert [(each["name"], each["after"]) for each in upload.changes] == [
        ("score_necessity", "A"),
        ("judgement", "B"),
        ("comment", "増えた。"),
        ("direction", "縮小"),
        ("expected_delta_yen", -500_000),
    ]
    assert (upload.changes[0]["row"], upload.changes[4]["shown"]) == (upload.changes[0]["row"], "△500,000円")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cell", "value", "told"),
    [
        ("judgement", "E", "どれか"),
        ("direction", "現状維持", "どれか"),
        ("expected_delta_yen", "たくさん", "金額"),
        ("merges_into", "999999", "ありません"),
        ("comment", "あ" * 2_001, "2000字まで"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_applied(cell, value, told):
    of = town()

    upload = take_in(of, {cell: value, "improvement": "これは正しい"})

    (fault,) = upload.faults
    assert told in fault["reason"]
    assert fault["column"] == f"記入(D{fault['row']})"
    with pytest.raises(RefusedError):
        sheets.apply_upload(upload_id=upload.pk, values={}, actor=of.officer, at=NOON)


@pytest.mark.django_db
def test_a_row_that_was_deleted_is_missed_and_a_plus_is_read():
    of = town()
    book = openpyxl.load_workbook(io.BytesIO(filled(of, {"expected_delta_yen": "＋１，２００千円"})))
    page = book.active
    page.delete_rows(next(row[0].row for row in page.iter_rows() if row[0].value == "comment"))
    target = io.BytesIO()
    book.save(target)

    upload = workbook.take_in(
        subject=whole(of),
        evaluation=None,
        content=target.getvalue(),
        name="x.xlsx",
        actor=of.officer,
        at=NOON,
    )

    assert [fault["value"] for fault in upload.faults] == ["成果と課題"]
    assert [(each["name"], each["after"]) for each in upload.changes] == [("expected_delta_yen", 1_200_000)]


@pytest.mark.django_db
def test_applying_writes_all_and_the_same_file_is_refused_the_second_time():
    of = town()
    content = filled(of, {"judgement": "B", "comment": "増えた。"})
    given = {"subject": whole(of), "content": content, "name": "x.xlsx", "actor": of.officer, "at": NOON}
    upload = workbook.take_in(**given, evaluation=None)

    written = sheets.apply_upload(
        upload_id=upload.pk, values=workbook.values_of(upload, None), actor=of.officer, at=NOON
    )

    assert (written.judgement, written.comment) == ("B", "増えた。")
    with pytest.raises(RefusedError):
        workbook.take_in(**given, evaluation=first(of))


@pytest.mark.django_db
def test_a_file_overtaken_by_somebody_shows_both_and_replaces_only_what_was_shown():
    of = town()
    content = filled(of, {"comment": "Excelの文。"})
    given = {"subject_id": of.subject.pk, "stage": "first", "actor": of.colleague, "at": NOON}
    saved = sheets.save_sheet(**given, values={"comment": "先に書いた文。"}, version=0)
    upload = workbook.take_in(
        subject=whole(of), evaluation=saved, content=content, name="x.xlsx", actor=of.officer, at=NOON
    )
    shown = [(each["before"], each["after"]) for each in upload.changes]

    sheets.save_sheet(**given, values={"comment": "もっと後の文。"}, version=1)

    assert (upload.was_overtaken, shown) == (True, [("先に書いた文。", "Excelの文。")])
    with pytest.raises(StaleVersionError):
        sheets.apply_upload(
            upload_id=upload.pk, values=workbook.values_of(upload, saved), actor=of.officer, at=NOON
        )


@pytest.mark.django_db
def test_a_file_of_another_sheet_is_refused():
    of = town()
    content = filled(of, {"comment": "x"})
    other = subject(of.cycle, programme(of.house, of.care, "200302", "別の事業"))

    with pytest.raises(RefusedError):
        workbook.take_in(
            subject=other, evaluation=None, content=content, name="x.xlsx", actor=of.officer, at=NOON
        )


@pytest.mark.django_db
def test_somebody_elses_upload_is_not_applied():
    of = town()
    upload = take_in(of, {"comment": "x"})

    with pytest.raises(PermissionDenied):
        sheets.apply_upload(upload_id=upload.pk, values={}, actor=of.colleague, at=NOON)


@pytest.mark.django_db
def test_one_entry_yields_every_official_form():
    of = town()
    walk(of, "decided")

    papers = {key: compose(form, sheet(of)) for key, form in FORMS.items()}

    words = {
        key: json.dumps([[p.grid, p.rows, p.texts] for p in paper.parts], ensure_ascii=False)
        for key, paper in papers.items()
    }
    assert [key for key, text in words.items() if "土曜日の開館を月に2回" not in text] == ["results"]
    assert [key for key, text in words.items() if TYPED["comment"] not in text] == ["implementation"]
    assert "12,000,000円" in words["results"]
    assert sheet(of).frozen.sha256 in words["audit"]
    assert "officer" not in words["public"]


@pytest.mark.django_db
def test_a_form_leaves_as_xlsx_with_the_same_cells():
    paper = compose(FORMS["evaluation"], sheet(town()))

    page = openpyxl.load_workbook(io.BytesIO(xlsx_of([paper]))).active

    cells = {str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None}
    assert {"事務事業評価表", "子育て広場運営事業", "12,000,000円", "やや遅れ"} <= {
        cell.split("　")[-1] for cell in cells
    }
    assert page.page_setup.paperSize == 9


@pytest.mark.django_db
def test_what_people_type_never_becomes_markup_of_the_pdf():
    of = town()
    walk(of, "2-approval", comment='#panic("x") ] $ * _ " \\ 終わり')

    content = pdf_of([compose(FORMS["evaluation"], sheet(of))])

    assert content[:5] == b"%PDF-"


@pytest.mark.django_db
def test_papers_of_a_cycle_are_made_lot_by_lot(django_assert_max_num_queries, monkeypatch):
    of = town()
    for number in range(2, 6):
        subject(of.cycle, programme(of.house, of.care, f"20030{number}", f"事業{number}"))
    job = Job.objects.create(
        kind=batch.KIND,
        title="様式",
        person=of.officer,
        status=JobStatus.RUNNING,
        created_at=NOON,
        arguments={"cycle": of.cycle.pk, "form": "evaluation", "format": "xlsx"},
    )
    keys = list(of.cycle.subjects.order_by("code").values_list("pk", flat=True))
    told = []

    with django_assert_max_num_queries(34):
        made = list(batch.made(job, of.cycle, keys, lambda *step: told.append(step)))

    assert [name[:6] for name, _content in made] == ["200301", "200302", "200303", "200304", "200305"]
    assert told[-1][:2] == (5, 5)


@pytest.mark.django_db
def test_the_published_sheet_stays_as_it_was():
    of = town()
    walk(of, "decided")
    row = publishing.publish(subject_id=of.subject.pk, sheet=sheet(of), actor=of.reviewer, at=NOON)

    of.programme.title = "名前が変わった事業"
    of.programme.save()

    kept = PublishedSheet.objects.get(pk=row.pk)
    assert (kept.content["name"], digest(kept.content)) == ("子育て広場運営事業", kept.sha256)


@pytest.mark.django_db
@pytest.mark.parametrize("visibility", ["internal", "members"])
def test_a_programme_that_is_not_public_is_not_made_so_by_its_sheet(visibility):
    of = town()
    walk(of, "decided")
    of.programme.visibility = visibility
    of.programme.save()

    with pytest.raises(RefusedError):
        publishing.publish(subject_id=of.subject.pk, sheet=sheet(of), actor=of.reviewer, at=NOON)


@pytest.mark.django_db
def test_only_what_was_decided_is_published():
    of = town()

    with pytest.raises(RefusedError):
        publishing.publish(subject_id=of.subject.pk, sheet=sheet(of), actor=of.reviewer, at=NOON)


@pytest.mark.django_db
def test_a_withdrawn_sheet_is_gone_and_says_why():
    of = town()
    walk(of, "decided")
    publishing.publish(subject_id=of.subject.pk, sheet=sheet(of), actor=of.reviewer, at=NOON)

    row = publishing.withdraw(subject_id=of.subject.pk, reason="金額の誤り", actor=of.reviewer, at=NOON)

    assert (row.withdrawn_reason, Subject.objects.get(pk=of.subject.pk).published_at) == ("金額の誤り", None)


@pytest.mark.parametrize(
    ("before", "now", "is_same"),
    [
        ("利用者は増えた。課題は残る。", "利用者は増えた。課題は残る。", True),
        ("利用者は増えた。課題は残る。", "利用者は 増えた、課題は残る", True),
        (
            "利用者は１２０人に増え、父親の参加が少ないことが課題である。",
            "利用者は130人に増え、父親の参加が少ないことが課題である。",
            True,
        ),
        ("利用者は増えた。課題は残る。", "土曜日の開館を試し、参加が2割増えた。", False),
        ("", "土曜日の開館を試した。", False),
    ],
)
def test_last_years_words_are_known_again(before, now, is_same):
    found = calculations.repeated_texts({"comment": before}, {"comment": now})

    assert bool(found) == is_same


@pytest.mark.django_db
def test_joined_answers_are_refused_because_excel_keeps_only_the_first():
    of = town()
    book = openpyxl.load_workbook(io.BytesIO(filled(of, {"comment": "理由。"})))
    book.active.merge_cells("D40:D41")
    target = io.BytesIO()
    book.save(target)

    with pytest.raises(RefusedError, match="セル D40:D41 が結合されています"):
        workbook.take_in(
            subject=whole(of),
            evaluation=first(of),
            content=target.getvalue(),
            name="x.xlsx",
            actor=of.officer,
            at=NOON,
        )
