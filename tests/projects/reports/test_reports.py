"""The completion report with its numbers frozen, and the page for everybody with nothing internal in it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.foundation.documents import plain_text
from enishi.knowledge.selectors import search
from enishi.organizations.enums import Role
from enishi.projects.errors import RefusedError
from enishi.projects.models import Expense, Measure, MeasureValue, Project
from enishi.projects.reports import services
from enishi.projects.reports.models import CompletionReport
from tests.factories import NOON, MembershipFactory, OrganizationFactory
from tests.projects.making_ends import make_incident, make_partner, make_project

pytestmark = pytest.mark.django_db

WORDS = {
    "summary": "一人暮らしの高齢者四十世帯にセンサーを置いた。",
    "results": "異変に気づくまでの日数が六日から三日になった。",
    "difficulties": "十二世帯で設置を断られた。",
    "next_steps": "来年度は百世帯に広げる。",
}
PUBLIC = {
    "title": "見守りの目をふやす",
    "lead": "センサーが、変化を知らせます。",
    "trouble": "気づくのが遅れていました。",
    "work": "四十世帯に置きました。",
    "outcome": "三日で気づけるようになりました。",
    "partners": "",
    "contact": "",
}


@pytest.fixture
def town():
    return OrganizationFactory(name="報告市")


@pytest.fixture
def planner(town):
    return MembershipFactory(organization=town, role=Role.PLANNER).person


@pytest.fixture
def project(town):
    partner = make_partner()
    made = make_project(
        town,
        partner=partner,
        title="内部の名前の事業",
        purpose="内部の目的",
        status="completed",
        ended_on=dt.date(2026, 10, 31),
    )
    measure = Measure.objects.create(
        project=made, title="気づくまでの日数", unit="日", direction="DOWN", target_value=2, source="訪問記録"
    )
    MeasureValue.objects.create(measure=measure, on=dt.date(2026, 10, 1), value=3, recorded_at=NOON)
    make_incident(made)
    return made


def written(project, actor, **changes):
    version = getattr(CompletionReport.objects.filter(project=project).first(), "version", 0)
    return services.write_report(
        project_id=project.pk, values={**WORDS, **changes}, version=version, actor=actor, at=NOON
    )


def finished(project, actor):
    written(project, actor)
    return services.finish_report(project_id=project.pk, actor=actor, at=NOON)


# --- The report --------------------------------------------------------------------------------------------------------------


def test_a_report_keeps_the_numbers_of_the_moment_it_was_made_final(project, planner):
    report = finished(project, planner)
    MeasureValue.objects.create(
        measure=project.measures.get(), on=dt.date(2026, 11, 1), value=9, recorded_at=NOON
    )

    report.refresh_from_db()

    assert report.facts["measures"][0][:4] == ["気づくまでの日数", "", "2日", "3日"]
    assert report.facts["incidents"][0][1] == "センサーの電池切れ"


@pytest.mark.parametrize("missing", ["summary", "results"])
def test_a_report_without_what_came_of_it_is_not_final(project, planner, missing):
    written(project, planner, **{missing: ""})

    with pytest.raises(RefusedError):
        services.finish_report(project_id=project.pk, actor=planner, at=NOON)


def test_a_project_under_way_has_no_final_report(project, planner):
    Project.objects.filter(pk=project.pk).update(status="running")
    written(project, planner)

    with pytest.raises(RefusedError):
        services.finish_report(project_id=project.pk, actor=planner, at=NOON)


def test_a_final_report_is_written_again_only_after_somebody_who_approves_opened_it(project, planner, town):
    finished(project, planner)
    with pytest.raises(RefusedError):
        written(project, planner)
    officer = MembershipFactory(organization=town, role=Role.OFFICER).person
    with pytest.raises(PermissionDenied):
        services.reopen_report(project_id=project.pk, actor=officer, at=NOON)

    services.reopen_report(project_id=project.pk, actor=planner, at=NOON)

    assert written(project, planner, results="直した結果").results == "直した結果"


def test_the_report_as_page_word_and_pdf_says_the_same(client, project, planner):
    finished(project, planner)
    client.force_login(planner)
    address = reverse("projects:report_detail", args=[project.pk])

    page = client.get(address).content.decode()
    word = plain_text(client.get(address, {"format": "docx"}).content)
    pdf = client.get(address, {"format": "pdf"})

    for words in (WORDS["results"], "3日", "センサーの電池切れ", "みらい計測社"):
        assert words in page
        assert words in word
    assert pdf.content.startswith(b"%PDF")


def test_the_report_is_for_those_who_take_part(client, project):
    client.force_login(MembershipFactory(role=Role.MANAGER).person)

    for name in ("report_detail", "report_edit", "publication_edit"):
        assert client.get(reverse(f"projects:{name}", args=[project.pk])).status_code == 404


# --- For everybody ------------------------------------------------------------------------------------------------------------


def published(project, actor, **changes):
    services.write_publication(
        project_id=project.pk, values={**PUBLIC, **changes}, version=0, actor=actor, at=NOON
    )
    return services.publish(project_id=project.pk, actor=actor, at=NOON)


def test_the_public_page_holds_nothing_but_what_was_written_for_it(client, project, planner):
    page = published(project, planner)

    shown = client.get(page.get_absolute_url()).content.decode()

    assert PUBLIC["outcome"] in shown
    for inside in ("内部の名前の事業", "内部の目的", "みらい計測社", "センサーの電池切れ", planner.name):
        assert inside not in shown


def test_the_page_is_nowhere_before_it_is_published_and_after_it_is_withdrawn(client, project, planner):
    draft = services.write_publication(
        project_id=project.pk, values=PUBLIC, version=0, actor=planner, at=NOON
    )
    assert client.get(draft.get_absolute_url()).status_code == 404
    services.publish(project_id=project.pk, actor=planner, at=NOON)
    assert client.get(draft.get_absolute_url()).status_code == 200

    services.withdraw(project_id=project.pk, actor=planner, at=NOON)

    assert client.get(draft.get_absolute_url()).status_code == 404
    assert PUBLIC["title"] not in client.get(reverse("projects:publication_list")).content.decode()


def test_everybody_finds_a_published_page_by_its_words(
    project, planner, client, django_capture_on_commit_callbacks
):
    from django.contrib.auth.models import AnonymousUser

    with django_capture_on_commit_callbacks(execute=True):
        page = published(project, planner)

    assert search(AnonymousUser(), "四十世帯", kinds=["publication"]).object_ids == [page.pk]


def test_a_page_without_what_was_done_is_not_published(project, planner):
    services.write_publication(
        project_id=project.pk, values={**PUBLIC, "work": ""}, version=0, actor=planner, at=NOON
    )

    with pytest.raises(RefusedError):
        services.publish(project_id=project.pk, actor=planner, at=NOON)


def test_money_and_approved_expenses_are_added_up(project, planner):
    participant = project.participants.first()
    approver = MembershipFactory(organization=project.organization, role=Role.MANAGER).person
    for amount, state in ((1_200, "approved"), (800, "approved"), (5_000, "returned")):
        Expense.objects.create(
            project=project,
            participant=participant,
            category="supplies",
            what="電池",
            spent_on=dt.date(2026, 9, 1),
            amount_yen=amount,
            state=state,
            claimed_by=planner,
            claimed_at=NOON,
            decided_by=approver,
            decided_at=NOON,
        )

    report = finished(project, planner)

    assert report.facts["money"] == [["消耗品費", 2, 2_000]]
