"""Lessons: three questions, found by words, shown beside what resembles them, let out without names by two people."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.audit.selectors import history
from enishi.knowledge import services as knowledge
from enishi.knowledge.selectors import search
from enishi.organizations.enums import Role, Visibility
from enishi.projects.errors import NotReadyError, RefusedError
from enishi.projects.lessons import panels, services
from enishi.projects.lessons.models import Lesson, NamelessLesson
from enishi.projects.lessons.naming import names_left, without_names
from enishi.projects.lessons.similar import similar_lessons
from tests.factories import (
    NOON,
    ChallengeFactory,
    FieldFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    SectionFactory,
)
from tests.projects.making_ends import make_incident, make_partner, make_project

pytestmark = pytest.mark.django_db

ANSWERS = {
    "title": "機器を配る前に、断られたときの手順を決めておく",
    "what_happened": "見守りセンサーを四十世帯に配ったが、十二世帯で設置を断られた。",
    "cause": "民生委員への説明が配布の後になり、家族が知らないまま訪問した。",
    "next_time": "配布の一か月前に民生委員と家族に説明し、断られたときの連絡先を渡す。",
    "visibility": Visibility.INTERNAL,
}


@pytest.fixture
def town():
    return OrganizationFactory(name="教訓市")


@pytest.fixture
def officer(town):
    return MembershipFactory(organization=town, role=Role.PLANNER, person__name="青木 花子").person


@pytest.fixture
def manager(town):
    return MembershipFactory(organization=town, role=Role.MANAGER, person__name="中村 一").person


def written(town, actor, *, commit=None, **values):
    options = {key: values.pop(key) for key in ("project", "incident", "fields", "record") if key in values}
    lesson = services.write_lesson(
        organization=town, values={**ANSWERS, **values}, actor=actor, at=NOON, **options
    )
    knowledge.index("lesson", [lesson.pk])
    return lesson


def prepared(lesson, actor, **texts):
    begun = {**without_names(lesson).texts, **texts}
    return services.prepare_nameless(lesson_id=lesson.pk, texts=begun, actor=actor, at=NOON)


# --- The three questions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["what_happened", "cause", "next_time"])
def test_a_lesson_is_recorded_only_with_all_three_answers(town, officer, question):
    with pytest.raises(NotReadyError) as refused:
        written(town, officer, **{question: "  "})

    assert services.QUESTIONS[question] in refused.value.sentence
    assert not Lesson.objects.exists()


def test_a_half_answered_lesson_can_be_kept_as_a_draft_that_only_the_house_sees(town, officer):
    lesson = written(town, officer, cause="", record=False, visibility=Visibility.PUBLIC)

    stranger = MembershipFactory().person

    assert lesson.status == "draft"
    assert not Lesson.objects.visible_to(stranger).exists()
    assert Lesson.objects.visible_to(officer).get() == lesson


def test_the_occasion_follows_from_what_the_lesson_is_about(town, officer):
    running = make_project(town)
    closed = make_project(town, status="completed", title="終わった事業")

    about_incident = written(town, officer, incident=make_incident(running))

    assert (about_incident.occasion, about_incident.project) == ("incident", running)
    assert written(town, officer, project=closed).occasion == "close"
    assert written(town, officer, project=running).occasion == "other"


def test_only_those_who_take_part_write_about_a_project(town):
    project = make_project(town, visibility=Visibility.PUBLIC)
    outsider = MembershipFactory(organization=OrganizationFactory(), role=Role.PLANNER)

    with pytest.raises(RefusedError):
        written(outsider.organization, outsider.person, project=project)


def test_a_resident_writes_no_lesson(town):
    resident = MembershipFactory(organization=town, role=Role.RESIDENT).person

    with pytest.raises(PermissionDenied):
        written(town, resident)


def test_what_was_written_and_changed_is_on_record(town, officer):
    lesson = written(town, officer)
    services.edit_lesson(
        lesson_id=lesson.pk,
        values={**ANSWERS, "cause": "説明の順番を決めていなかった。"},
        version=lesson.version,
        actor=officer,
        at=NOON,
    )

    acts = list(history(lesson).values_list("action", "changes"))
    assert [action for action, _changes in acts] == ["edit", "create"]
    assert acts[0][1]["cause"][1] == "説明の順番を決めていなかった。"


def test_two_who_edit_at_once_do_not_overwrite_each_other(town, officer):
    lesson = written(town, officer)
    change = {"lesson_id": lesson.pk, "version": lesson.version, "actor": officer, "at": NOON}
    services.edit_lesson(values={**ANSWERS, "title": "先の人"}, **change)

    with pytest.raises(RefusedError):
        services.edit_lesson(values={**ANSWERS, "title": "後の人"}, **change)


# --- Found and shown -----------------------------------------------------------------------------------------------------


def test_a_lesson_is_found_by_its_words_by_those_who_may_read_it(
    town, officer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        lesson = written(town, officer)

    assert search(officer, "民生委員", kinds=["lesson"]).object_ids == [lesson.pk]
    assert search(MembershipFactory().person, "民生委員", kinds=["lesson"]).object_ids == []


def test_a_similar_lesson_is_shown_with_the_reason(town, officer):
    field = FieldFactory(name="高齢者福祉")
    lesson = written(town, officer, fields=[field])
    written(town, officer, title="図書館の開館時間", what_happened="a", cause="b", next_time="c")

    found = similar_lessons(officer, "一人暮らし世帯に見守りセンサーを配る", fields=[field.pk])

    assert [one.url for one in found] == [lesson.get_absolute_url()]
    assert "センサー" in found[0].why
    assert "高齢者福祉" in found[0].why


def test_a_challenge_page_shows_lessons_to_the_house_and_hides_them_from_others(client, town, officer):
    written(town, officer)
    challenge = ChallengeFactory(
        organization=town, title="見守りセンサーの設置が進まない", present_state="家族が設置を断る。"
    )
    page = challenge.get_absolute_url()

    assert ANSWERS["title"] not in client.get(page).content.decode()
    client.force_login(officer)
    assert ANSWERS["title"] in client.get(page).content.decode()


def test_a_project_does_not_show_its_own_lessons_as_similar_ones(town, officer):
    project = make_project(town)
    written(town, officer, project=project)

    assert similar_lessons(officer, project.title, but_project=project.pk) == []


def test_an_incident_and_a_closed_project_without_a_lesson_wait_on_the_home_page(town, officer):
    running = make_project(town, officer=officer)
    incident = make_incident(running)
    closed = make_project(town, officer=officer, status="completed", title="終わった事業")

    titles = [item.title for item in panels.waiting(officer, NOON)["items"]]
    written(town, officer, incident=incident)
    written(town, officer, project=closed)

    assert titles == [closed.title, incident.title]
    assert panels.waiting(officer, NOON) is None


# --- Without names -------------------------------------------------------------------------------------------------------


def test_known_names_are_replaced_before_anybody_reads(town, officer):
    partner = make_partner("みらい計測社")
    project = make_project(town, partner=partner)
    lesson = written(
        town,
        officer,
        project=project,
        what_happened="教訓市の青木花子さんが、みらい計測社(03-1234-5678、info@mirai.example)に断られた。",
    )

    nameless = without_names(lesson)

    assert (
        nameless.texts["what_happened"]
        == "ある自治体の担当者さんが、ある企業((電話番号)、(連絡先))に断られた。"
    )
    assert ("みらい計測社", "ある企業") in nameless.replaced
    assert names_left(lesson, nameless.texts) == []


def test_a_name_left_in_the_text_is_refused(town, officer):
    lesson = written(town, officer)

    with pytest.raises(RefusedError) as refused:
        prepared(lesson, officer, cause="教訓市の段取りが悪かった。")

    assert "教訓市" in refused.value.sentence


def test_nobody_checks_what_they_prepared_themselves(town, manager):
    nameless = prepared(written(town, manager), manager)

    with pytest.raises(RefusedError):
        services.check_nameless(nameless_id=nameless.pk, publish=True, note="", actor=manager, at=NOON)


def test_it_is_public_only_once_another_has_checked_it(client, town, officer, manager):
    nameless = prepared(written(town, officer), officer)
    page = nameless.get_absolute_url()

    assert client.get(page).status_code == 404
    services.check_nameless(nameless_id=nameless.pk, publish=True, note="", actor=manager, at=NOON)

    shown = client.get(page).content.decode()
    assert nameless.next_time in shown
    for name in (town.name, officer.name, manager.name):
        assert name not in shown.split("<footer")[0].split("<main")[1]
    assert nameless.title in client.get(reverse("projects:nameless_list"), {"q": "民生委員"}).content.decode()


def test_giving_it_back_needs_a_reason_and_withdrawing_hides_it(client, town, officer, manager):
    nameless = prepared(written(town, officer), officer)
    with pytest.raises(RefusedError):
        services.check_nameless(nameless_id=nameless.pk, publish=False, note=" ", actor=manager, at=NOON)
    services.check_nameless(nameless_id=nameless.pk, publish=True, note="", actor=manager, at=NOON)

    services.withdraw_nameless(nameless_id=nameless.pk, actor=manager, at=NOON)

    assert client.get(nameless.get_absolute_url()).status_code == 404


def test_another_town_is_shown_a_public_lesson_beside_its_own_challenge(town, officer, manager):
    nameless = prepared(written(town, officer), officer)
    services.check_nameless(nameless_id=nameless.pk, publish=True, note="", actor=manager, at=NOON)
    elsewhere = MembershipFactory().person

    found = similar_lessons(elsewhere, "見守りセンサーの設置を家族に断られる")

    assert [(one.title, one.is_nameless) for one in found] == [(nameless.title, True)]


def test_a_published_lesson_is_not_thrown_away_by_the_way(town, officer, manager):
    lesson = written(town, officer)
    nameless = prepared(lesson, officer)
    services.check_nameless(nameless_id=nameless.pk, publish=True, note="", actor=manager, at=NOON)

    with pytest.raises(RefusedError):
        services.delete_lesson(lesson_id=lesson.pk, actor=officer, at=NOON)


# --- Pages ---------------------------------------------------------------------------------------------------------------


def test_the_page_asks_the_three_questions_and_keeps_what_was_typed(client, town, officer):
    client.force_login(officer)
    address = reverse("projects:lesson_new")

    refused = client.post(address, {**ANSWERS, "cause": ""})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "なぜ起きたか" in page
    assert ANSWERS["next_time"] in page
    assert client.post(address, ANSWERS).status_code == 302
    assert Lesson.objects.get().status == "recorded"


def test_pressing_twice_makes_one_lesson(client, town, officer):
    client.force_login(officer)
    address = reverse("projects:lesson_new")
    token = client.get(address).context["form"].initial["token"]

    for _time in range(2):
        client.post(address, {**ANSWERS, "token": token})

    assert Lesson.objects.count() == 1


def test_the_list_is_searched_filtered_and_handed_out(
    client, town, officer, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        lesson = written(town, officer, incident=make_incident(make_project(town)))
    client.force_login(officer)
    address = reverse("projects:lesson_list")

    assert lesson.title in client.get(address, {"q": "センサー", "occasion": "incident"}).content.decode()
    assert lesson.title not in client.get(address, {"occasion": "close"}).content.decode()
    csv = client.get(address, {"format": "csv"}).content.decode("utf-8-sig")
    assert ANSWERS["next_time"] in csv


def test_every_page_of_a_lesson_opens_for_its_writer_and_not_for_others(client, town, officer):
    section = SectionFactory(organization=town)
    lesson = written(town, officer)
    Lesson.objects.filter(pk=lesson.pk).update(section=section)
    pages = [
        reverse(f"projects:{name}", args=[lesson.pk])
        for name in ("lesson_detail", "lesson_edit", "lesson_delete", "nameless_prepare")
    ]

    client.force_login(MembershipFactory(person=PersonFactory()).person)
    assert [client.get(page).status_code for page in pages] == [404] * 4
    client.force_login(officer)
    assert [client.get(page).status_code for page in pages] == [200] * 4


def test_the_manager_lets_it_out_on_its_page(client, town, officer, manager):
    nameless = prepared(written(town, officer), officer)
    client.force_login(manager)

    client.post(reverse("projects:nameless_check", args=[nameless.pk]), {"decision": "publish"})

    assert NamelessLesson.objects.get().state == "published"


def test_a_lesson_thrown_away_comes_back_from_the_trash(client, town, officer):
    lesson = written(town, officer)
    client.force_login(officer)
    client.post(reverse("projects:lesson_delete", args=[lesson.pk]))
    assert client.get(lesson.get_absolute_url()).status_code == 404
    assert lesson.title in client.get(reverse("projects:trash")).content.decode()

    client.post(reverse("projects:lesson_restore", args=[lesson.pk]))

    assert client.get(lesson.get_absolute_url()).status_code == 200


def test_two_who_write_a_lesson_see_each_other(client, town, officer):
    lesson = written(town, officer)
    Lesson.objects.filter(pk=lesson.pk).update(version=2, cause="同僚の見立て")
    client.force_login(officer)

    sent = client.post(
        reverse("projects:lesson_edit", args=[lesson.pk]),
        {**ANSWERS, "cause": "わたしの見立て", "version": "1"},
    )

    page = sent.content.decode()
    assert sent.status_code == 422
    assert "わたしの見立て" in page and "同僚の見立て" in page
