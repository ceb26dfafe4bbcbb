"""Every page of a project opens, for whom it should; what is typed is never lost; a double press makes one row."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enishi.organizations.enums import Visibility
from enishi.projects import services
from enishi.projects.enums import ProjectStatus
from enishi.projects.models import Expense, Measure, Project, Task, Trial
from tests.factories import NOON, TODAY
from tests.projects.making import DAY, cast, draft, expense, move, outcome, running, task, trial_values

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch):
    """The pages ask the clock; here it stands at noon of the day of the records."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: NOON)


def furnished(who, **values):
    """A running trial with one of everything."""
    project = draft(who, is_trial=True, **values)
    measure = outcome(who, project)
    services.plan_trial(
        project_id=project.pk, values=trial_values(measure), actor=who.officer, at=NOON - 97 * DAY
    )
    services.add_participant(
        project_id=project.pk,
        values={"organization": who.partner, "role": "partner", "in_kind_hours": Decimal("12.5")},
        actor=who.officer,
        at=NOON,
    )
    move(who.manager, project, ProjectStatus.APPROVED, at=NOON - 94 * DAY)
    move(who.officer, project, ProjectStatus.RUNNING, at=NOON - 90 * DAY)
    one = task(who, project, "設計", -5, 5)
    task(who, project, "設置", 6, 9, predecessors=[one])
    services.add_milestone(
        project_id=project.pk, values={"title": "中間報告", "due_on": TODAY}, actor=who.officer, at=NOON
    )
    services.record_value(
        measure_id=measure.pk,
        values={"on": TODAY - 12 * DAY, "value": Decimal("2.5")},
        actor=who.officer,
        at=NOON,
    )
    services.add_risk(
        project_id=project.pk,
        values={"title": "電波が届かない", "likelihood": "high", "impact": "low"},
        actor=who.officer,
        at=NOON,
    )
    services.record_incident(
        project_id=project.pk,
        values={"title": "誤報", "happened_on": TODAY, "severity": "minor"},
        actor=who.member,
        at=NOON,
    )
    expense(who, project, who.officer)
    services.write_minutes(
        project_id=project.pk, values={"title": "定例", "held_on": TODAY}, actor=who.officer, at=NOON
    )
    services.add_document(
        project_id=project.pk, name="要項.txt", content="本文".encode(), actor=who.officer, at=NOON
    )
    trial = Trial.objects.get(project=project)
    consent = services.write_consent_text(trial_id=trial.pk, text="同意文", actor=who.officer, at=NOON)
    services.add_lab_participant(
        trial_id=trial.pk,
        values={
            "name": "みどりさん",
            "role": "resident",
            "consent": consent,
            "consented_on": TODAY,
            "method": "paper",
        },
        actor=who.officer,
        at=NOON,
    )
    return Project.objects.get(pk=project.pk)


def addresses(project):
    """(name, key) of every page about this project that is asked with GET."""
    own = project.pk
    trial, measure = project.trials.get(), project.measures.get()
    names = (
        "project_detail project_edit project_move participant_new schedule task_new milestone_new measure_list "
        "measure_new risk_list risk_new incident_new expense_list expense_new settle meeting_list meeting_new trial_new"
    )
    yield from ((name, own) for name in names.split())
    yield from ((f"trial_{each}", trial.pk) for each in ("detail", "edit", "gate"))
    yield from (("consent_new", trial.pk), ("lab_list", trial.pk))
    yield from ((f"measure_{each}", measure.pk) for each in ("detail", "edit", "retire", "chart", "numbers"))
    yield from (("value_new", measure.pk), ("value_correct", measure.values.get().pk))
    yield from (("task_detail", row.pk) for row in project.tasks.all()[:1])
    yield ("milestone_edit", project.milestones.get().pk)
    yield ("participant_edit", project.participants.first().pk)
    yield from (("risk_edit", project.risks.get().pk), ("incident_edit", project.incidents.get().pk))
    yield from (("expense_detail", project.expenses.get().pk), ("expense_edit", project.expenses.get().pk))
    yield ("receipt_download", project.expenses.get().receipts.get().pk)
    yield from (("meeting_detail", project.meetings.get().pk), ("meeting_edit", project.meetings.get().pk))
    yield ("document_download", project.documents.get().pk)


def status_of(client, name, key, **asked):
    answer = client.get(reverse(f"projects:{name}", args=[key]), asked)
    if answer.streaming:
        # Read to the end, the file is closed; closing the answer itself would close the database's connection too.
        assert b"".join(answer.streaming_content)
    return answer.status_code


def test_every_page_opens_for_the_manager(client):
    who = cast()
    project = furnished(who)
    client.force_login(who.manager)

    answers = {name: status_of(client, name, key) for name, key in addresses(project)}

    assert {name: status for name, status in answers.items() if status != 200} == {}
    for name in ("schedule", "measure_list", "risk_list", "expense_list", "meeting_list"):
        for form in ("xlsx", "csv", "csv-cp932"):
            assert status_of(client, name, project.pk, format=form) == 200


def test_a_stranger_finds_nothing_of_it(client):
    who = cast()
    project = furnished(who)
    client.force_login(who.stranger)

    answers = {name: status_of(client, name, key) for name, key in addresses(project)}

    assert set(answers.values()) == {404}


PUBLIC = {
    "project_detail",
    "measure_list",
    "measure_detail",
    "measure_chart",
    "measure_numbers",
    "trial_detail",
}


def test_a_visitor_reads_the_public_part_of_a_public_project_only(client):
    who = cast()
    project = furnished(who, visibility=Visibility.PUBLIC)

    for name, key in addresses(project):
        assert (name, status_of(client, name, key)) == (name, 200 if name in PUBLIC else 302)
    page = client.get(project.get_absolute_url()).content.decode()
    assert "参加した人 1人(住民 1人)" in page
    for hidden in ("みどりさん", "電波が届かない", "誤報", "電池", "定例", "要項.txt", "12.5"):
        assert hidden not in page


def test_a_stranger_who_may_read_a_public_project_stays_outside_its_inside(client):
    who = cast()
    project = furnished(who, visibility=Visibility.PUBLIC)
    client.force_login(who.stranger)

    for name, key in addresses(project):
        if name not in PUBLIC:
            assert (name, status_of(client, name, key)) == (name, 403)


def test_a_partner_sees_the_work_but_not_the_towns_money_nor_the_people(client):
    who = cast()
    project = furnished(who)
    client.force_login(who.member)

    money = client.get(reverse("projects:expense_list", args=[project.pk]))
    detail = client.get(reverse("projects:expense_detail", args=[project.expenses.get().pk]))
    receipt = client.get(
        reverse("projects:receipt_download", args=[project.expenses.get().receipts.get().pk])
    )
    people = client.get(reverse("projects:lab_list", args=[project.trials.get().pk]))

    assert money.status_code == 200
    assert "電池" not in money.content.decode()
    assert (detail.status_code, receipt.status_code, people.status_code) == (404, 404, 403)
    assert client.get(reverse("projects:schedule", args=[project.pk])).status_code == 200


def test_the_export_of_people_is_on_record(client):
    from enishi.audit.models import AuditEvent

    who = cast()
    project = furnished(who)
    client.force_login(who.officer)

    client.get(reverse("projects:lab_list", args=[project.trials.get().pk]), {"format": "csv"})

    assert AuditEvent.objects.filter(action="export", subject_type="projects.project").count() == 1


def token_of(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)


def test_a_double_press_makes_one_project(client):
    who = cast()
    client.force_login(who.officer)
    address = reverse("projects:project_new")
    typed = {"token": token_of(client.get(address)), "title": "新しい事業", "visibility": "parties"}

    first, second = client.post(address, typed), client.post(address, typed)

    assert first.status_code == 302
    assert first.url == second.url
    assert Project.objects.filter(title="新しい事業").count() == 1


def test_what_was_typed_stays_when_it_is_refused(client):
    who = cast()
    project = running(who)
    client.force_login(who.officer)

    page = client.post(
        reverse("projects:task_new", args=[project.pk]),
        {"title": "長い説明会", "starts_on": "令和8年12月10日", "due_on": "R8.12.1", "note": "公民館で"},
    )

    words = page.content.decode()
    assert page.status_code == 422
    assert "期限は、始める日と同じかそれより後にしてください。" in words
    assert "長い説明会" in words
    assert "公民館で" in words


def test_the_second_editor_sees_both_versions(client):
    who = cast()
    project = draft(who, title="もとの名前")
    client.force_login(who.officer)
    services.edit_project(
        project_id=project.pk, values={"title": "先の人の名前"}, version=1, actor=who.manager, at=NOON
    )
    typed = {"version": "1", "title": "後の人の名前", "visibility": "parties", "officer": who.officer.pk}

    page = client.post(reverse("projects:project_edit", args=[project.pk]), typed)

    words = page.content.decode()
    assert "先の人の名前" in words
    assert "後の人の名前" in words
    assert Project.objects.get(pk=project.pk).title == "先の人の名前"
    again = re.search(r'name="version" value="(\d+)"', words).group(1)
    client.post(reverse("projects:project_edit", args=[project.pk]), typed | {"version": again})
    assert Project.objects.get(pk=project.pk).title == "後の人の名前"


def test_a_task_is_moved_by_its_form(client):
    who = cast()
    project = running(who)
    one = task(who, project, "設計", 0, 5)
    client.force_login(who.officer)
    address = reverse("projects:task_detail", args=[one.pk])

    client.post(
        address, {"version": "1", "title": "設計", "starts_on": "令和9年1月5日", "due_on": "2027/1/20"}
    )

    moved = Task.objects.get(pk=one.pk)
    assert (moved.starts_on.isoformat(), moved.due_on.isoformat()) == ("2027-01-05", "2027-01-20")


def test_the_chart_says_everything_in_words_and_has_no_style(client):
    who = cast()
    project = furnished(who)
    client.force_login(who.officer)

    page = client.get(reverse("projects:schedule", args=[project.pk])).content.decode()

    chart = page[page.index('<svg class="gantt"') : page.index("</svg>", page.index("gantt"))]
    assert "style=" not in chart
    assert chart.count("<rect") == 2
    assert "設計、R8.11.17からR8.11.27まで、未着手、終わりの日を決める作業" in chart
    assert "節目 中間報告" in chart
    mine = client.get(reverse("projects:schedule", args=[project.pk]) + "?show=mine").content.decode()
    assert "この見方に当たる作業はありません" in mine and '<svg class="gantt"' not in mine


def test_a_value_in_full_width_is_read_exactly(client):
    who = cast()
    project = running(who)
    measure = project.measures.get()
    client.force_login(who.officer)

    client.post(
        reverse("projects:value_new", args=[measure.pk]), {"on": "令和8年11月20日", "value": "1,234.5"}
    )

    assert Measure.objects.get(pk=measure.pk).values.get().value == Decimal("1234.5")


def test_a_receipt_that_is_none_is_refused_with_a_sentence(client):
    who = cast()
    project = running(who)
    client.force_login(who.officer)
    typed = {
        "participant": project.participants.get(organization=who.town).pk,
        "category": "supplies",
        "what": "電池",
        "spent_on": "令和8年11月20日",
        "amount_yen": "1,234円",
        "receipt": SimpleUploadedFile("領収書.pdf", b"MZ\x00\x00 program"),
    }

    page = client.post(reverse("projects:expense_new", args=[project.pk]), typed)

    assert "添付できない形式です" in page.content.decode()
    assert not Expense.objects.exists()


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_asks_as_many_questions_for_many_as_for_one(client, count, django_assert_max_num_queries):
    who = cast()
    for number in range(count):
        running(who, title=f"事業{number}")
    client.force_login(who.officer)
    client.get(reverse("projects:project_list"))

    with django_assert_max_num_queries(20):
        page = client.get(reverse("projects:project_list"))

    assert f"事業 {count}件" in page.content.decode()


def test_facets_narrow_the_list(client):
    who = cast()
    late = running(who, title="遅れた事業", ends_on=TODAY - DAY)
    other = draft(who, title="まだの事業", is_trial=True)
    client.force_login(who.officer)

    def titles(**conditions):
        page = client.get(reverse("projects:project_list"), conditions).content.decode()
        return {row.title for row in (late, other) if row.title in page}

    assert titles(late="1") == {"遅れた事業"}
    assert titles(trial="1") == {"まだの事業"}
    assert titles(status="running") == {"遅れた事業"}
    assert titles(partner=who.partner.pk) == {"遅れた事業"}
    assert titles(section=who.section.pk) == {"遅れた事業", "まだの事業"}
    assert titles(q="まだ") == {"まだの事業"}
    assert titles(status="nonsense", partner="x", after="broken") == {"遅れた事業", "まだの事業"}
