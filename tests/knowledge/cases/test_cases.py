"""Cases: who reads and writes them, what they remember, how they come and go."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from enishi.audit.models import AuditEvent
from enishi.knowledge.cases import services, transfer
from enishi.knowledge.cases.enums import Verification
from enishi.knowledge.cases.values import CaseValues, prefecture_of, read_figures, read_names
from enishi.knowledge.models import Case, CaseImport
from enishi.knowledge.staff.errors import RefusedError, StaleVersionError
from enishi.knowledge.staff.uploads import understood
from enishi.organizations.enums import Visibility
from tests.factories import NOON
from tests.knowledge.cases.making import VALUES, House, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def test_a_figure_without_a_source_is_refused() -> None:
    with pytest.raises(ValidationError, match="出典がありません"):
        read_figures("参加者|120|人|")


def test_figures_keep_their_source() -> None:
    assert read_figures("参加者|120|人|報告書") == [
        {"name": "参加者", "value": "120", "unit": "人", "source": "報告書"}
    ]


def test_names_are_parted_and_counted_once() -> None:
    assert read_names("食、観光,食・移住") == ["食", "観光", "移住"]


@pytest.mark.parametrize(("place", "code"), [("北海道美幌町", "01"), ("沖縄県", "47"), ("あおば市", "")])
def test_prefecture_is_read_from_the_place(place: str, code: str) -> None:
    assert prefecture_of(place) == code


def test_a_case_tells_who_made_it(house: House) -> None:
    case = made(house)

    event = AuditEvent.objects.get(subject_type="knowledge.case", subject_id=str(case.pk))
    assert (event.action, event.actor_id) == ("create", house.planner.pk)
    assert case.prefecture_code == "01"


def test_a_stranger_finds_no_trace_of_an_internal_case(house: House, client: Client) -> None:
    case = made(house)
    client.force_login(House("別市").planner)

    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.title not in client.get(reverse("cases:case_list")).content.decode()
    assert case.title not in client.get(reverse("cases:case_ask"), {"q": "協定にない清掃"}).content.decode()


def test_a_public_case_is_a_public_page(house: House, client: Client) -> None:
    case = made(house, visibility=Visibility.PUBLIC.value)

    page = client.get(case.get_absolute_url())
    assert case.action in page.content.decode()
    assert house.planner.name not in page.content.decode()


def test_an_officer_of_another_section_may_not_rewrite(house: House) -> None:
    case = made(house, section=house.section)

    with pytest.raises(PermissionDenied):
        services.edit_case(
            case_id=case.pk, values=CaseValues(**VALUES), version=1, actor=house.other_officer, at=NOON
        )


def test_the_second_editor_sees_both_versions(house: House, client: Client) -> None:
    case = made(house)
    client.force_login(house.officer)
    address = reverse("cases:case_edit", args=[case.pk])
    services.edit_case(
        case_id=case.pk,
        values=CaseValues(**{**VALUES, "cause": "先に直した理由"}),
        version=1,
        actor=house.planner,
        at=NOON,
    )
    typed = {**VALUES, "cause": "あとから直した理由", "fields_": "福祉", "version": "1"}

    page = client.post(address, typed).content.decode()

    assert "先に直した理由" in page and "あとから直した理由" in page
    assert client.post(address, {**typed, "version": "2"}).status_code == 302
    case.refresh_from_db()
    assert case.cause == "あとから直した理由"


def test_stale_version_is_refused_by_the_service(house: House) -> None:
    case = made(house)

    with pytest.raises(StaleVersionError):
        services.edit_case(
            case_id=case.pk, values=CaseValues(**VALUES), version=9, actor=house.planner, at=NOON
        )


def test_confirming_needs_a_source_and_ends_with_a_rewrite(house: House) -> None:
    case = made(house)
    confirm = {"verification": Verification.CONFIRMED, "actor": house.planner, "at": NOON}
    with pytest.raises(RefusedError, match="出典がない"):
        services.verify_case(case_id=case.pk, **confirm)

    values = {**VALUES, "source_note": "令和6年度 協定の記録"}
    services.edit_case(case_id=case.pk, values=CaseValues(**values), version=1, actor=house.planner, at=NOON)
    services.verify_case(case_id=case.pk, **confirm)
    case.refresh_from_db()
    assert case.verification == Verification.CONFIRMED

    changed = CaseValues(**{**values, "result": "清掃は見送られた。"})
    services.edit_case(case_id=case.pk, values=changed, version=3, actor=house.planner, at=NOON)
    case.refresh_from_db()
    assert (case.verification, case.verified_on) == (Verification.UNVERIFIED, None)


def test_a_deleted_case_comes_back_from_the_trash(
    house: House, client: Client, django_capture_on_commit_callbacks: object
) -> None:
    case = made(house)
    client.force_login(house.planner)

    client.post(reverse("cases:case_delete", args=[case.pk]))
    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.title in client.get(reverse("staff:trash")).content.decode()
    client.post(reverse("staff:trash_restore", args=["case", case.pk]))
    assert client.get(case.get_absolute_url()).status_code == 200


def test_a_stranger_restores_nothing(house: House, client: Client) -> None:
    case = made(house)
    services.delete_case(case_id=case.pk, actor=house.planner, at=NOON)
    client.force_login(House("別市").planner)

    assert client.post(reverse("staff:trash_restore", args=["case", case.pk])).status_code == 404


def test_steps_keep_their_letters(house: House, client: Client) -> None:
    case = made(house)
    steps = [{"title": "範囲を確かめる", "who": "担当"}, {"title": "手紙で答える", "days": 3}]
    services.write_steps(case_id=case.pk, steps=steps, actor=house.planner, at=NOON)
    letter = case.steps.get(title="手紙で答える")
    services.attach_file(
        case_id=case.pk,
        upload=understood("お断りの手紙.txt", "協定の範囲を超えるため、お受けできません。".encode()),
        step_id=letter.pk,
        actor=house.planner,
        at=NOON,
    )
    rewritten = [{"id": letter.pk, "title": "手紙で答える(控えを残す)", "days": 3}]
    services.write_steps(case_id=case.pk, steps=rewritten, actor=house.planner, at=NOON)
    client.force_login(house.officer)

    page = client.get(case.get_absolute_url()).content.decode()

    assert "お断りの手紙.txt" in page and "控えを残す" in page
    assert [step.title for step in case.steps.all()] == ["手紙で答える(控えを残す)"]
    file = case.files.get()
    assert file.step_id == letter.pk and "お受けできません" in file.text
    assert (
        b"".join(client.get(reverse("cases:file_download", args=[file.pk]))).decode().startswith("協定の範囲")
    )


def test_a_letter_is_no_wider_than_its_case(house: House, client: Client) -> None:
    case = made(house)
    upload = understood("手紙.txt", "内部の手紙".encode())
    file = services.attach_file(case_id=case.pk, upload=upload, step_id=None, actor=house.planner, at=NOON)

    assert client.get(reverse("cases:file_download", args=[file.pk])).status_code == 404


def test_a_file_that_is_not_what_it_says_is_refused() -> None:
    with pytest.raises(RefusedError, match="名前の終わりと中身が合いません"):
        understood("手紙.docx", b"%PDF-1.7 ...")


def test_asking_finds_the_precedent_its_steps_and_letter(house: House, client: Client) -> None:
    case = made(house)
    made(
        house,
        title="給食の残りを堆肥にした",
        situation="給食の残りが多い。",
        action="堆肥にした。",
        result="減った。",
        themes=["給食"],
        lesson="におい",
    )
    services.write_steps(
        case_id=case.pk, steps=[{"title": "協定の範囲を確かめる"}], actor=house.planner, at=NOON
    )
    client.force_login(house.officer)

    page = client.get(
        reverse("cases:case_ask"), {"q": "協定にない仕事を相手から頼まれたとき、どう対応した?"}
    ).content.decode()

    assert case.title in page and "協定の範囲を確かめる" in page
    assert "給食の残りを堆肥にした" not in page


def test_asking_says_when_there_is_no_precedent(house: House, client: Client) -> None:
    made(house)
    client.force_login(house.officer)

    page = client.get(
        reverse("cases:case_ask"), {"q": "火山の噴火に備えた避難訓練の費用負担"}
    ).content.decode()

    assert "該当する先例が見つかりません" in page


@pytest.mark.parametrize("question", ["", "   ", "?" * 10_000, "\u202e\u200b", "12345"])
def test_asking_anything_is_answered(house: House, client: Client, question: str) -> None:
    made(house)
    client.force_login(house.officer)

    assert client.get(reverse("cases:case_ask"), {"q": question}).status_code == 200


def sheet(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


HEAD: list[object] = ["番号", "題名", "状況", "したこと", "結果", "うまくいったか", "始まり", "分野"]


def test_import_shows_each_fault_with_row_column_and_reason() -> None:
    content = sheet([HEAD, ["A1", "題", "状", "し", "結", "まあまあ", "令和8年13月1日", "食"]])

    found = transfer.read(content, visibility="internal")

    assert [(fault["row"], fault["column"], fault["value"]) for fault in found.faults] == [
        (2, "うまくいったか", "まあまあ"),
        (2, "始まり", "令和8年13月1日"),
    ]


def test_a_month_is_a_day_and_a_remark_under_the_table_is_no_case() -> None:
    content = sheet(
        [
            HEAD,
            ["A1", "題", "状", "し", "結", "うまくいった", "2024年6月", "食"],
            [],
            ["", "※ 令和8年11月現在。"],
        ]
    )

    found = transfer.read(content, visibility="internal")

    assert found.faults == []
    assert [row[2].started_on for row in found.rows] == [dt.date(2024, 6, 1)]


def test_import_is_looked_at_then_saved_and_exported_again(
    house: House, client: Client, django_capture_on_commit_callbacks: object
) -> None:
    client.force_login(house.planner)
    content = sheet(
        [
            HEAD,
            ["A1", "朝市を始めた", "人が来ない", "朝市", "人が増えた", "うまくいった", "令和6年4月1日", "食"],
        ]
    )
    upload = SimpleUploadedFile("jirei.xlsx", content)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(reverse("cases:import_new"), {"file": upload, "visibility": "members", "token": ""})
    batch = CaseImport.objects.get()
    assert (batch.state, batch.preview["added"]) == ("ready", 1)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(reverse("cases:import_confirm", args=[batch.pk]))

    case = Case.objects.get(import_key="A1")
    assert (case.outcome, case.fields, case.visibility) == ("worked", ["食"], "members")
    answer = client.get(reverse("cases:case_list"), {"format": "xlsx"})
    again = transfer.read(answer.content, visibility="internal")
    assert again.faults == [] and again.rows[0][1] == "A1"
    assert transfer.preview_of(batch, again)["unchanged"] == 1


def test_import_of_a_file_that_is_no_table_is_a_sentence() -> None:
    found = transfer.read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", visibility="internal")

    assert "古い形式のExcel" in found.faults[0]["reason"]


@pytest.mark.parametrize("count", [2, 6])
def test_list_query_count_does_not_grow(
    house: House, client: Client, count: int, django_assert_max_num_queries: object
) -> None:
    for number in range(count):
        made(house, title=f"見守りの事例 {number}")
    client.force_login(house.planner)

    with django_assert_max_num_queries(30):  # type: ignore[operator]
        page = client.get(reverse("cases:case_list"))

    assert page.content.decode().count('<article class="row">') == count


def test_what_a_file_brought_is_taken_back_but_not_what_was_written_since(
    house: House, django_capture_on_commit_callbacks: object
) -> None:
    head = [HEAD, ["A1", "朝市", "人が来ない", "朝市", "増えた", "うまくいった", "令和6年4月1日", "食"]]
    later = [["A1", "朝市の二年目", *head[1][2:]], ["A2", "夜市", *head[1][2:]], ["A3", "昼市", *head[1][2:]]]

    def brought(*rows: list[str]) -> CaseImport:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            batch = transfer.receive(
                organization=house.town,
                filename="a.xlsx",
                content=sheet([HEAD, *rows]),
                visibility="internal",
                actor=house.planner,
                at=NOON,
            )
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            transfer.confirm(batch_id=batch.pk, actor=house.planner, at=NOON)
        return batch

    brought(head[1])
    batch = brought(*later)
    services.verify_case(
        case_id=Case.objects.get(import_key="A3").pk,
        verification=Verification.MEMORY,
        actor=house.planner,
        at=NOON,
    )
    done = transfer.undo(batch_id=batch.pk, actor=house.planner, at=NOON)

    assert (done.state, done.left) == ("undone", 1)
    assert Case.objects.get(import_key="A1").title == "朝市"
    assert Case.objects.get(import_key="A2").deleted_at == NOON
    assert Case.objects.get(import_key="A3").deleted_at is None
    assert transfer.undo(batch_id=batch.pk, actor=house.planner, at=NOON).left == 1
