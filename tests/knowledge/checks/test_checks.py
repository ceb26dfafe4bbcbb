"""Checklists in versions, checks, batches and the decision of a person."""

import io
import zipfile
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from enishi.knowledge.checks import batches, services
from enishi.knowledge.checks.enums import Decision
from enishi.knowledge.checks.rules import Form, Rule, Value
from enishi.knowledge.models import CheckBatch, Checklist, ChecklistVersion, CheckRun
from enishi.knowledge.staff.errors import RefusedError
from enishi.knowledge.staff.uploads import understood
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.cases.making import House
from tests.knowledge.checks.test_reading import workbook

pytestmark = pytest.mark.django_db

RULES = [
    Rule("申請日", "present", field="申請日"),
    Rule("上限", "number_between", field="補助金額", high="30万円", hint="30万円までに直してください"),
    Rule("会則", "attachment", words=("会則",)),
]


@pytest.fixture
def house() -> House:
    return House()


def checklist_of(
    house: House, *, visibility: Visibility = Visibility.SECTION
) -> tuple[Checklist, ChecklistVersion]:
    checklist = services.create_checklist(
        organization=house.town,
        title="補助金の点検",
        purpose="",
        section_id=house.section.pk,
        visibility=visibility.value,
        actor=house.officer,
        at=NOON,
    )
    version = services.write_rules(
        checklist_id=checklist.pk, rules=RULES, note="", version=None, actor=house.officer, at=NOON
    )
    return checklist, version


def run_of(house: House, version: ChecklistVersion) -> CheckRun:
    form = Form({"申請日": Value("令和8年5月1日", "B1"), "補助金額": Value("50万円", "B2")})
    return services.check(version=version, title="青葉の会", form=form, actor=house.officer, at=NOON)


def test_what_was_found_is_said_in_the_readers_language(house: House) -> None:
    with override("en"):
        run = run_of(house, checklist_of(house)[1])
        in_english = [finding["reason"] for finding in run.findings_in_words]

    in_japanese = [finding["reason"] for finding in run.findings_in_words]
    assert in_japanese[1] == "500,000は、30万円より大きい数です。"
    assert not any(ord("ぁ") <= ord(letter) <= ord("ん") for letter in "".join(in_english))


def test_a_check_counts_and_decides_nothing(house: House) -> None:
    _checklist, version = checklist_of(house)

    run = run_of(house, version)

    assert (run.met, run.not_met, run.unread) == (1, 2, 0)
    assert (run.decision, run.decided_by) == ("", None)


def test_new_rules_leave_old_results_with_their_version(house: House) -> None:
    checklist, version = checklist_of(house)
    run = run_of(house, version)

    second = services.write_rules(
        checklist_id=checklist.pk,
        rules=RULES[:1],
        note="要綱の改正",
        version=None,
        actor=house.officer,
        at=NOON,
    )
    same = services.write_rules(
        checklist_id=checklist.pk, rules=RULES[:1], note="", version=None, actor=house.officer, at=NOON
    )

    run.refresh_from_db()
    assert (run.version_used.number, len(run.findings)) == (1, 3)
    assert (second.number, same.pk) == (2, second.pk)


def test_turning_down_needs_a_reason_and_names_the_person(house: House) -> None:
    _checklist, version = checklist_of(house)
    run = run_of(house, version)
    with pytest.raises(RefusedError, match="理由を書いてください"):
        services.decide(run_id=run.pk, decision=Decision.DECLINED, note=" ", actor=house.officer, at=NOON)

    services.decide(run_id=run.pk, decision=Decision.ASKED, note="金額を直して", actor=house.officer, at=NOON)

    run.refresh_from_db()
    assert (run.decision, run.decided_by_id, run.decided_at) == ("asked", house.officer.pk, NOON)


def test_the_database_refuses_a_decision_without_a_person(house: House) -> None:
    _checklist, version = checklist_of(house)
    run = run_of(house, version)

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckRun.objects.filter(pk=run.pk).update(decision="accepted")


def test_what_a_section_checks_stays_in_the_section(house: House, client: Client) -> None:
    checklist, version = checklist_of(house)
    run = run_of(house, version)
    client.force_login(house.other_officer)

    assert client.get(run.get_absolute_url()).status_code == 404
    assert client.get(checklist.get_absolute_url()).status_code == 404
    assert run.title not in client.get(reverse("checks:run_list")).content.decode()
    assert "青葉の会" not in client.get(reverse("checks:run_list"), {"format": "csv"}).content.decode(
        "utf-8-sig"
    )


def test_only_the_sections_people_write_rules(house: House) -> None:
    checklist, _version = checklist_of(house, visibility=Visibility.INTERNAL)

    with pytest.raises(PermissionDenied):
        services.write_rules(
            checklist_id=checklist.pk, rules=RULES, note="", version=None, actor=house.other_officer, at=NOON
        )


def test_an_uploaded_form_is_checked_with_cells_as_places(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    upload = workbook([["申請日", "令和8年5月1日"], ["補助金額", "500,000円"]])
    files = {
        "file": SimpleUploadedFile("申請書.xlsx", upload.content),
        "attachments": [SimpleUploadedFile("会則.pdf", b"%PDF-")],
    }

    answer = client.post(
        reverse("checks:run_new", args=[checklist.pk]), {**files, "title": "", "token": ""}, follow=True
    )

    page = answer.content.decode()
    assert "500,000は、30万円より大きい数です。" in page
    assert "シート「申請書」B2" in page
    run = CheckRun.objects.get()
    assert (run.met, run.not_met, run.attachments) == (2, 1, ["会則.pdf"])


def test_a_wrong_file_leaves_a_sentence_and_no_result(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    wrong = SimpleUploadedFile("申請書.xlsx", b"%PDF-1.4")

    page = client.post(reverse("checks:run_new", args=[checklist.pk]), {"file": wrong}).content.decode()

    assert "名前の終わりと中身が合いません" in page
    assert CheckRun.objects.count() == 0


def test_typed_values_are_checked(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    typed = {
        "title": "電話で聞いた申請",
        "value0": "令和8年5月1日",
        "value1": "10万円",
        "attachments": "会則.pdf",
        "token": "",
    }

    client.post(reverse("checks:run_typed", args=[checklist.pk]), typed)

    run = CheckRun.objects.get()
    assert (run.met, run.not_met, run.unread) == (3, 0, 0)


def test_pressing_twice_checks_once(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    typed = {"title": "二度押し", "token": "6b1f9b3e-7d0f-4a66-9a0c-2b1f5f1d0001"}

    first = client.post(reverse("checks:run_typed", args=[checklist.pk]), typed)
    second = client.post(reverse("checks:run_typed", args=[checklist.pk]), typed)

    assert first["Location"] == second["Location"]
    assert CheckRun.objects.count() == 1


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def form(amount: str) -> bytes:
    return workbook([["申請日", "令和8年5月1日"], ["補助金額", amount]]).content


def test_a_folder_is_checked_as_a_job(house: House, django_capture_on_commit_callbacks: Any) -> None:
    _checklist, version = checklist_of(house)
    content = zipped(
        {
            "甲の会/申請書.xlsx": form("10万円"),
            "甲の会/会則.pdf": b"%PDF-1.4 x",
            "乙の会/申請書.xlsx": form("90万円"),
            "丙の会/壊れ.xlsx": b"PK\x03\x04x",
        }
    )
    with django_capture_on_commit_callbacks(execute=True):
        batch = batches.start(
            version=version,
            title="5月分",
            uploads=[understood("5月分.zip", content)],
            actor=house.officer,
            at=NOON,
        )

    batch = CheckBatch.objects.select_related("job").get(pk=batch.pk)
    found = {run.title: (run.met, run.not_met) for run in batch.runs.all()}
    assert found == {"甲の会": (3, 0), "乙の会": (1, 2)}
    assert [each["name"] for each in batch.refused] == ["丙の会"]
    assert batch.job is not None and batch.job.status == "done"
    assert not batch.file


def test_a_broken_archive_is_refused_with_a_sentence() -> None:
    with pytest.raises(RefusedError, match="zipファイルを開けません"):
        list(batches.bundles(b"PK\x03\x04 no archive"))


def test_results_go_out_one_line_a_rule(house: House, client: Client) -> None:
    _checklist, version = checklist_of(house)
    run = run_of(house, version)
    client.force_login(house.officer)

    text = client.get(run.get_absolute_url(), {"format": "csv"}).content.decode("utf-8-sig")

    assert len(text.splitlines()) == 1 + len(RULES)
    assert "30万円までに直してください" in text


def test_rules_are_written_on_one_page(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    data = {
        "rule-TOTAL_FORMS": "2", "rule-INITIAL_FORMS": "0", "version": "2", "note": "はじめ",
        "rule-0-name": "", "rule-0-kind": "sum", "rule-0-field": "合計",
        "rule-1-name": "日", "rule-1-kind": "date_between", "rule-1-field": "申請日", "rule-1-low": "来月",
    }  # fmt: skip

    page = client.post(reverse("checks:checklist_rules", args=[checklist.pk]), data).content.decode()
    assert "「合計が合う」の決まりには" in page and "日付で書いてください" in page and "来月" in page

    good = {**data, "rule-0-words": "甲、乙", "rule-1-low": "令和8年4月1日"}
    client.post(reverse("checks:checklist_rules", args=[checklist.pk]), good)
    assert [rule["field"] for rule in services.latest_version(checklist).rules] == ["合計", "申請日"]


def test_many_files_are_chosen_on_the_page(
    house: House, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    files = [SimpleUploadedFile(f"{name}.xlsx", form("10万円")) for name in ("甲", "乙")]

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            reverse("checks:batch_new", args=[checklist.pk]),
            {"applications": files, "title": "", "token": ""},
        )

    page = client.get(answer["Location"]).content.decode()
    assert "2件を点検しました" in page and "甲.xlsx" in page and "乙.xlsx" in page


def test_a_checklist_goes_out_to_a_table_and_comes_back_to_the_page(house: House, client: Client) -> None:
    checklist, _version = checklist_of(house)
    client.force_login(house.officer)
    out = client.get(checklist.get_absolute_url(), {"format": "xlsx"}).content
    address = reverse("checks:checklist_rules", args=[checklist.pk])

    page = client.post(address, {"sheet": SimpleUploadedFile("点検表.xlsx", out)})
    own = "確認項目,欄,種類\n代表者,代表者氏名,記入がある\n期日,申請日,見たこともない種類\n".encode("cp932")
    wrong = client.post(address, {"sheet": SimpleUploadedFile("点検表.csv", own)})
    none = client.post(address, {"sheet": SimpleUploadedFile("点検表.csv", "甲,乙\n1,2\n".encode())})

    read = page.context["rows"]
    assert read.is_valid() and [row.rule() for row in read if not row.is_empty] == RULES
    assert "まだ保存していません" in page.content.decode() and checklist.versions.count() == 1
    assert [bool(row.errors) for row in wrong.context["rows"]][:2] == [False, True]
    assert "書き出したExcelの見出しのまま" in none.content.decode()
