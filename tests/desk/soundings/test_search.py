import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.desk.calls import services as calls
from enishi.desk.calls.models import Call
from enishi.desk.soundings import services
from enishi.desk.soundings.models import Sounding
from enishi.knowledge import services as knowledge
from enishi.knowledge.selectors import search
from tests.desk.engaging import call_values, open_call, open_sounding, planner_of
from tests.factories import NOON, OrganizationFactory

pytestmark = pytest.mark.django_db


def found(person, words):
    for kind, model in (("call", Call), ("sounding", Sounding)):
        knowledge.index(kind, list(model.objects.values_list("pk", flat=True)))
    return [hit.title for hit in search(person, words).items if hit.kind in {"call", "sounding"}]


def test_what_was_published_is_found_and_what_is_private_is_not():
    town = OrganizationFactory()
    planner = planner_of(town)
    visitor = AnonymousUser()
    call = open_call(town, planner, title="見回りの募集")
    question = calls.ask(
        call_id=call.pk, text="カピバラは対象ですか", name="翡翠堂", email="", person=None, at=NOON
    )
    sounding = open_sounding(town, planner, title="校舎の対話")
    application = services.apply(
        sounding_id=sounding.pk,
        values={
            "company": "翡翠堂",
            "contact_name": "森",
            "email": "m@example.jp",
            "message": "孔雀石の工夫",
        },
        person=None,
        organization=None,
        at=NOON,
    )
    values = {"held_on": NOON.date(), "attendees": "", "text": "孔雀石の話", "know_how": ""}
    services.write_minutes(application_id=application.pk, values=values, actor=planner, at=NOON)

    assert (found(visitor, "見回り"), found(visitor, "校舎")) == (["見回りの募集"], ["校舎の対話"])
    assert [found(planner, words) for words in ("カピバラ", "翡翠堂", "孔雀石")] == [[], [], []]
    calls.answer(
        question_id=question.pk, text="対象です", public_text="カピバラは対象ですか", actor=planner, at=NOON
    )
    assert found(visitor, "カピバラ") == ["見回りの募集"]


def test_a_draft_is_found_by_its_house_alone():
    town = OrganizationFactory()
    planner = planner_of(town)
    values = call_values(town, title="下書きの募集")
    calls.create_call(organization=town, values=values, actor=planner, at=NOON)

    assert (found(planner, "下書き"), found(AnonymousUser(), "下書き")) == (["下書きの募集"], [])


def test_what_is_done_is_indexed_when_it_is_through(django_capture_on_commit_callbacks):
    town = OrganizationFactory()
    planner = planner_of(town)

    with django_capture_on_commit_callbacks(execute=True):
        open_call(town, planner, title="見回りの募集")

    assert [hit.title for hit in search(planner, "見回り", kinds=("call",)).items] == ["見回りの募集"]
