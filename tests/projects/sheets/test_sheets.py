"""Sheets of a year: filled from the records, written by people, out as a workbook and back, all or nothing."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from enishi.foundation.fiscal_year import FiscalYear
from enishi.organizations.enums import Role, Visibility
from enishi.projects.errors import RefusedError
from enishi.projects.models import Measure, MeasureValue
from enishi.projects.sheets import services, workbook
from enishi.projects.sheets.enums import SheetKind
from enishi.projects.sheets.models import PdcaSheet, PdcaUpload
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, SectionFactory
from tests.projects.making_ends import make_project

pytestmark = pytest.mark.django_db

YEAR = FiscalYear(2026)


@pytest.fixture
def town():
    return OrganizationFactory(name="一年市")


@pytest.fixture
def planner(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


@pytest.fixture
def officer(town):
    return MembershipFactory(organization=town, role=Role.OFFICER).person


@pytest.fixture
def project(town, officer):
    made = make_project(town, officer=officer, title="見守り実証", ends_on=dt.date(2027, 3, 31))
    measure = Measure.objects.create(
        project=made, title="気づくまでの日数", unit="日", direction="DOWN", target_value=2, source="訪問記録"
    )
    MeasureValue.objects.create(measure=measure, on=dt.date(2026, 9, 30), value=4, recorded_at=NOON)
    return made


def begin(kind, town, actor):
    return services.begin_sheet(kind=kind, organization=town, year=YEAR, actor=actor, at=NOON)


def returned(sheet, change):
    """The sheet's workbook with some cells changed, as somebody sends it back."""
    book = openpyxl.load_workbook(io.BytesIO(workbook.as_xlsx(sheet)))
    change(book.active)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def take(sheet, actor, change):
    return workbook.take_in(
        sheet=sheet, content=returned(sheet, change), filename="記入.xlsx", actor=actor, at=NOON
    )


def cell(page, code, heading):
    headings = [each.value for each in page[workbook.HEADING_ROW]]
    row = next(row for row in page.iter_rows(min_row=workbook.HEADING_ROW + 1) if row[0].value == code)
    return row[headings.index(heading)]


# --- Filled from the records -----------------------------------------------------------------------------------------------


def test_the_houses_sheet_holds_every_number_and_every_projects_measures(town, planner, project):
    ChallengeFactory(organization=town, published_at=NOON)

    sheet = begin(SheetKind.ORGANIZATION, town, planner)

    lines = {line.code: line for line in sheet.lines.all()}
    assert lines["metric:exchange.challenges"].result == "1件"
    measure = lines[f"measure:{project.measures.get().pk}"]
    assert (measure.target, measure.result) == ("2日", "4日(令和8年9月30日)")
    assert all(line.source for line in lines.values())


def test_a_sheet_is_read_in_the_language_of_the_reader_whoever_began_it(town, planner, project):
    with translation.override("en"):
        sheet = begin(SheetKind.ORGANIZATION, town, planner)
        told = [line.words for line in sheet.lines.filter(code__startswith="metric:")]
        measure = sheet.lines.get(code=f"measure:{project.measures.get().pk}").words

    assert told
    assert not [each for each in told if re.search("[ぁ-ん一-鿿]", " ".join(each.values()))]
    assert measure["result"] == "4日 (30 Sep 2026)"
    assert sheet.lines.get(code=f"measure:{project.measures.get().pk}").result == "4日(令和8年9月30日)"


def test_a_project_kept_within_a_section_is_not_told_to_the_whole_house(town, planner):
    make_project(
        town, section=SectionFactory(organization=town), visibility=Visibility.SECTION, title="課内の事業"
    )

    sheet = begin(SheetKind.ORGANIZATION, town, planner)

    assert not sheet.lines.filter(subject__contains="課内の事業").exists()


def test_a_persons_sheet_holds_what_they_are_in_charge_of(town, officer, project):
    make_project(town, title="ほかの人の事業")

    sheet = begin(SheetKind.PERSON, town, officer)

    subjects = [line.subject for line in sheet.lines.all()]
    assert "見守り実証" in subjects
    assert "ほかの人の事業" not in subjects


def test_beginning_twice_opens_the_same_sheet(town, planner):
    assert begin(SheetKind.ORGANIZATION, town, planner) == begin(SheetKind.ORGANIZATION, town, planner)
    assert PdcaSheet.objects.count() == 1


def test_copying_the_records_again_keeps_what_people_wrote(town, officer, project):
    sheet = begin(SheetKind.PERSON, town, officer)
    code = f"measure:{project.measures.get().pk}"
    services.write_sheet(
        sheet_id=sheet.pk,
        lines={code: {"reflection": "電池の交換が遅れた"}},
        overall={},
        version=1,
        actor=officer,
        at=NOON,
    )
    MeasureValue.objects.create(
        measure=project.measures.get(), on=dt.date(2026, 11, 1), value=3, recorded_at=NOON
    )

    services.refill(sheet_id=sheet.pk, actor=officer, at=NOON)

    line = sheet.lines.get(code=code)
    assert (line.result, line.reflection) == ("3日(令和8年11月1日)", "電池の交換が遅れた")


# --- Who ------------------------------------------------------------------------------------------------------------------


def test_an_officer_does_not_begin_the_houses_sheet(town, officer):
    with pytest.raises(PermissionDenied):
        begin(SheetKind.ORGANIZATION, town, officer)


def test_a_persons_sheet_is_read_by_them_and_the_managers_and_written_by_them_alone(
    client, town, officer, planner
):
    sheet = begin(SheetKind.PERSON, town, officer)
    manager = MembershipFactory(organization=town, role=Role.MANAGER).person
    answers = {}
    for person in (officer, manager, planner):
        client.force_login(person)
        answers[person.pk] = client.get(sheet.get_absolute_url()).status_code

    assert answers == {officer.pk: 200, manager.pk: 200, planner.pk: 404}
    with pytest.raises(PermissionDenied):
        services.refill(sheet_id=sheet.pk, actor=manager, at=NOON)


# --- Written on the page ------------------------------------------------------------------------------------------------------


def typed(sheet, **changes):
    page = {"version": sheet.version, "reflection": "", "next_year": ""}
    return page | changes


def test_what_came_from_the_records_cannot_be_written_over(client, town, officer, project):
    sheet = begin(SheetKind.PERSON, town, officer)
    line = sheet.lines.get(code=f"project:{project.pk}")
    client.force_login(officer)

    client.post(
        reverse("projects:sheet_edit", args=[sheet.pk]),
        typed(sheet, **{f"line{line.pk}-result": "大成功", f"line{line.pk}-action": "毎週巡回した"}),
    )

    line.refresh_from_db()
    assert (line.result, line.action) == ("実施中", "毎週巡回した")


def test_only_what_asks_for_words_stands_open_and_a_number_moves_up_once_somebody_wrote(
    client, town, planner
):
    sheet = begin(SheetKind.ORGANIZATION, town, planner)
    client.force_login(planner)
    number = next(line for line in sheet.lines.all() if line.is_only_a_number)
    address = reverse("projects:sheet_edit", args=[sheet.pk])

    before = client.get(address).context["forms"]
    client.post(address, typed(sheet, **{f"line{number.pk}-reflection": "思ったより多い"}))
    after = client.get(address).context["forms"]

    assert number in [form.line for form in before["numbers"]]
    assert not any(form.is_begun for form in [*before["lines"], *before["numbers"]])
    assert [form.line for form in after["lines"] if form.is_begun] == [number]


def test_a_line_of_ones_own_is_added(client, town, officer):
    sheet = begin(SheetKind.PERSON, town, officer)
    client.force_login(officer)

    client.post(
        reverse("projects:sheet_edit", args=[sheet.pk]),
        typed(sheet, **{"new-subject": "地域の勉強会", "new-target": "4回", "new-rating": "reached"}),
    )

    assert sheet.lines.get(subject="地域の勉強会").rating == "reached"


def test_what_is_being_typed_is_kept_and_comes_back(client, town, officer):
    sheet = begin(SheetKind.PERSON, town, officer)
    client.force_login(officer)

    client.post(reverse("projects:sheet_keep", args=[sheet.pk]), typed(sheet, reflection="まだ途中の文"))
    page = client.get(reverse("projects:sheet_edit", args=[sheet.pk])).content.decode()

    assert "まだ途中の文" in page
    assert "書きかけの入力を戻しました" in page
    sheet.refresh_from_db()
    assert sheet.reflection == ""


def test_two_who_write_at_once_lose_nothing(client, town, planner):
    sheet = begin(SheetKind.ORGANIZATION, town, planner)
    services.write_sheet(
        sheet_id=sheet.pk, lines={}, overall={"reflection": "先の人"}, version=1, actor=planner, at=NOON
    )
    client.force_login(planner)

    answer = client.post(
        reverse("projects:sheet_edit", args=[sheet.pk]), typed(sheet, version=1, reflection="後の人")
    )

    assert answer.status_code == 422
    assert "後の人" in answer.content.decode()
    sheet.refresh_from_db()
    assert sheet.reflection == "先の人"


def test_a_sheet_is_handed_in_with_a_word_about_the_year_and_then_rests(town, officer):
    sheet = begin(SheetKind.PERSON, town, officer)
    with pytest.raises(RefusedError):
        services.finish_sheet(sheet_id=sheet.pk, actor=officer, at=NOON)
    services.write_sheet(
        sheet_id=sheet.pk,
        lines={},
        overall={"reflection": "よい年でした", "next_year": "続けます"},
        version=1,
        actor=officer,
        at=NOON,
    )

    services.finish_sheet(sheet_id=sheet.pk, actor=officer, at=NOON)

    with pytest.raises(RefusedError):
        services.refill(sheet_id=sheet.pk, actor=officer, at=NOON)


# --- Out and back ----------------------------------------------------------------------------------------------------------


def test_an_untouched_workbook_changes_nothing(town, planner, project):
    sheet = begin(SheetKind.ORGANIZATION, town, planner)

    upload = take(sheet, planner, lambda page: None)

    assert (upload.changes, upload.faults) == ([], [])


def test_a_filled_in_workbook_shows_its_differences_and_is_then_written_whole(client, town, officer, project):
    sheet = begin(SheetKind.PERSON, town, officer)
    code = f"measure:{project.measures.get().pk}"
    client.force_login(officer)

    def fill(page):
        cell(page, code, "評価").value = "目標を下回った"
        cell(page, code, "ふりかえり").value = "電池の交換が遅れた\n予備を足す"
        cell(page, "sheet", "次の一手").value = "来年は電池を二重にする"
        page.append(["", "地域の勉強会", "", "4回"])

    file = SimpleUploadedFile("記入.xlsx", returned(sheet, fill))
    check = client.post(reverse("projects:sheet_upload", args=[sheet.pk]), {"file": file})
    page = client.get(check.url).content.decode()
    sheet.refresh_from_db()
    assert "電池を二重にする" in page
    assert sheet.next_year == ""

    client.post(check.url)

    sheet.refresh_from_db()
    line = sheet.lines.get(code=code)
    assert (sheet.next_year, line.rating) == ("来年は電池を二重にする", "below")
    assert line.reflection == "電池の交換が遅れた\n予備を足す"
    assert sheet.lines.get(subject="地域の勉強会").target == "4回"


@pytest.mark.parametrize(
    ("heading", "value", "said"),
    [
        ("結果の数字", "100件", "元の記録"),
        ("評価", "まあまあ", "どれか"),
        ("ふりかえり", "長" * 1_001, "1000字まで"),
    ],
)
def test_one_fault_and_nothing_is_written(town, officer, project, heading, value, said):
    sheet = begin(SheetKind.PERSON, town, officer)
    code = f"measure:{project.measures.get().pk}"

    def fill(page):
        cell(page, code, "実行").value = "毎週巡回した"
        cell(page, code, heading).value = value

    upload = take(sheet, officer, fill)

    assert said in upload.faults[0]["reason"]
    with pytest.raises(RefusedError):
        services.apply_upload(upload_id=upload.pk, actor=officer, at=NOON)
    assert sheet.lines.get(code=code).action == ""


def test_a_workbook_of_an_older_sheet_is_refused_instead_of_writing_over_newer_words(town, officer):
    sheet = begin(SheetKind.PERSON, town, officer)
    upload = take(
        sheet, officer, lambda page: setattr(cell(page, "sheet", "ふりかえり"), "value", "ファイルの文")
    )
    services.write_sheet(
        sheet_id=sheet.pk, lines={}, overall={"reflection": "画面の文"}, version=1, actor=officer, at=NOON
    )

    with pytest.raises(RefusedError):
        services.apply_upload(upload_id=upload.pk, actor=officer, at=NOON)

    sheet.refresh_from_db()
    assert sheet.reflection == "画面の文"


def test_an_upload_is_applied_once(town, officer):
    sheet = begin(SheetKind.PERSON, town, officer)
    upload = take(
        sheet, officer, lambda page: setattr(cell(page, "sheet", "ふりかえり"), "value", "一度だけ")
    )
    services.apply_upload(upload_id=upload.pk, actor=officer, at=NOON)

    with pytest.raises(RefusedError):
        services.apply_upload(upload_id=upload.pk, actor=officer, at=NOON)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", "名前,値\r\nあ,1\r\n".encode(), b"\x00\x01"])
def test_a_file_that_is_no_sheet_is_refused_with_a_sentence(client, town, officer, content):
    sheet = begin(SheetKind.PERSON, town, officer)
    client.force_login(officer)

    answer = client.post(
        reverse("projects:sheet_upload", args=[sheet.pk]), {"file": SimpleUploadedFile("x.xlsx", content)}
    )

    assert answer.status_code == 422
    assert not PdcaUpload.objects.exists()


def test_the_sheet_is_printed_with_its_sources(client, town, officer, project):
    sheet = begin(SheetKind.PERSON, town, officer)
    client.force_login(officer)

    page = client.get(reverse("projects:sheet_print", args=[sheet.pk])).content.decode()

    assert "4日(令和8年9月30日)" in page
    assert "訪問記録" in page


def test_a_returned_file_takes_back_nothing_that_others_wrote_meanwhile(town, officer, project):
    """Somebody writes on the page while the file is out; the records move too. Only the file's own changes count."""
    sheet = begin(SheetKind.PERSON, town, officer)
    measure, code = project.measures.get(), f"project:{project.pk}"
    book = openpyxl.load_workbook(io.BytesIO(workbook.as_xlsx(sheet)))
    MeasureValue.objects.create(measure=measure, on=dt.date(2026, 11, 1), value=3, recorded_at=NOON)
    services.refill(sheet_id=sheet.pk, actor=officer, at=NOON)
    lines = {code: {"action": "画面で書いた", "reflection": "画面の文"}}
    services.write_sheet(sheet_id=sheet.pk, lines=lines, overall={}, version=2, actor=officer, at=NOON)
    sheet = PdcaSheet.objects.get(pk=sheet.pk)
    cell(book.active, code, "ふりかえり").value = "ファイルの文"
    buffer = io.BytesIO()
    book.save(buffer)

    upload = workbook.take_in(
        sheet=sheet, content=buffer.getvalue(), filename="x.xlsx", actor=officer, at=NOON
    )

    assert upload.faults == []
    assert [(each["column"], each["before"], each["meanwhile"]) for each in upload.changes] == [
        ("ふりかえり", "画面の文", True)
    ]


def test_what_people_do_to_a_workbook_is_understood(town, officer, project):
    """A line deleted, cells joined over two lines, a cover before it, full width and a stray space in a chosen answer."""
    sheet = begin(SheetKind.PERSON, town, officer)
    code = f"measure:{project.measures.get().pk}"
    book = openpyxl.load_workbook(io.BytesIO(workbook.as_xlsx(sheet)))
    page = book.active
    assert page.data_validations.dataValidation[0].formula1.count(",") == 3
    page.delete_rows(next(row[0].row for row in page.iter_rows() if row[0].value == "own-work:tasks"))
    last = cell(page, code, "次の一手")
    last.offset(-1).value = "予備を足す"
    page.merge_cells(f"{last.offset(-1).coordinate}:{last.coordinate}")
    cell(page, code, "評価").value = "目標どおり　"
    book.create_sheet("表紙", 0)["A1"] = "令和８年度　年次シート"
    buffer = io.BytesIO()
    book.save(buffer)

    upload = workbook.take_in(
        sheet=sheet, content=buffer.getvalue(), filename="x.xlsx", actor=officer, at=NOON
    )

    assert upload.faults == []
    assert {(each["code"], each["column"], each["shown"]) for each in upload.changes} == {
        (code, "評価", "目標どおり"),
        (code, "次の一手", "予備を足す"),
        (f"project:{project.pk}", "次の一手", "予備を足す"),
    }
