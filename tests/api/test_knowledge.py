"""Documents, answers and the desks for residents through the doorway for programs."""

import json

import pytest

from enishi.knowledge.concierge import services as desks
from enishi.knowledge.concierge.services import DeskValues
from enishi.knowledge.documents.index.store import store
from enishi.knowledge.models import HandOver
from enishi.organizations.enums import Role, Visibility
from tests.api.test_api import ROOT, key_of
from tests.factories import NOON, MembershipFactory
from tests.knowledge.documents.making import collection, document, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _an_index_of_its_own(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    store.forget()
    yield
    store.forget()


@pytest.fixture
def office():
    person, organization = keeper()
    kept = collection(person, organization)
    document(kept, person)
    document(kept, person, "内輪の覚え", "空き家の補助は来年やめる。", visibility=Visibility.INTERNAL)
    return person, organization


@pytest.fixture
def desk(office):
    _person, organization = office
    runner = MembershipFactory(organization=organization, role=Role.MANAGER).person
    return desks.set_desk(
        organization=organization, values=DeskValues("aoba", "窓口", is_open=True), actor=runner, at=NOON
    )


def posted(client, path, body, **headers):
    return client.post(f"{ROOT}{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_passages_are_found_as_far_as_the_caller_may_read(client, office):
    person, _organization = office
    headers = key_of(person)

    stranger = client.get(f"{ROOT}/passages", {"q": "空き家の補助"}).json()
    own = client.get(f"{ROOT}/passages", {"q": "空き家の補助"}, headers=headers).json()

    assert {row["title"] for row in stranger} == {"空き家の補助"}
    assert {row["title"] for row in own} == {"空き家の補助", "内輪の覚え"}
    assert stranger[0]["url"].endswith("?passage=1#passage-1")


def test_a_document_is_listed_read_and_cut(client, office):
    listed = client.get(f"{ROOT}/documents", {"is_current": "true"}).json()["items"]
    (row,) = listed
    whole = client.get(f"{ROOT}/documents/{row['id']}").json()
    (passage,) = client.get(f"{ROOT}/documents/{row['id']}/passages").json()["items"]

    assert row["title"] == "空き家の補助" and "text" not in row
    assert whole["text"][passage["start"] : passage["end"]] == passage["text"]


def test_a_member_asks_and_every_sentence_names_its_place(client, office):
    person, _organization = office

    visitor = posted(client, "/answers/ask", {"question": "空き家の補助の上限は"})
    reply = posted(client, "/answers/ask", {"question": "空き家の補助の上限はいくらですか"}, **key_of(person))

    assert visitor.status_code == 401
    assert reply.status_code == 200
    told = reply.json()
    numbers = {cite["number"] for cite in told["cites"]}
    assert all(sentence["cite"] in numbers for sentence in told["sentences"])
    assert bool(told["sentences"]) is (told["outcome"] in ("approved", "extracted"))


def test_a_resident_asks_without_a_key_and_passes_the_question_on(client, desk):
    reply = posted(
        client, "/concierge/aoba/questions", {"question": "宇宙船の登録は 090-1234-5678 へ"}
    ).json()

    handed = posted(client, "/concierge/aoba/hand-over", {"token": reply["token"]}).json()

    assert reply["outcome"] == "refused" and "090" not in reply["question"]
    assert handed["number"] == HandOver.objects.get().number
    assert posted(client, "/concierge/aoba/feedback", {"token": reply["token"], "helpful": "no"}).json() == {
        "taken": True
    }


@pytest.mark.parametrize("slug", ["none", "AOBA", "%00"])
def test_a_desk_that_is_not_there_is_not_there(client, desk, slug):
    assert posted(client, f"/concierge/{slug}/questions", {"question": "x"}).status_code in (404, 422)


def test_a_forged_token_hands_nothing_over(client, desk):
    assert posted(client, "/concierge/aoba/hand-over", {"token": "x:y:z"}).status_code == 404
