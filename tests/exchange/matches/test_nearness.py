"""What means the same is found by the search of everything, as far as the person may see it."""

import pytest

from enishi.engines.matching import Index, build_segment, nearest
from enishi.exchange.enums import RecordKind
from enishi.exchange.matches import services
from enishi.exchange.services import delete_resource
from enishi.organizations.enums import Role, Visibility
from tests.exchange.matches.reading import read_for_tests
from tests.factories import NOON, ChallengeFactory, MembershipFactory, ResourceFactory

QUESTION = "避難所で体を洗えない人"


def kept(kind, record):
    services.index_now(kind.value, [record.pk])
    return record


@pytest.mark.django_db
def test_the_search_of_everything_finds_what_means_the_same_and_may_be_seen(
    client, django_capture_on_commit_callbacks
):
    person = MembershipFactory(role=Role.PLANNER).person
    with django_capture_on_commit_callbacks(execute=True):
        resource = kept(
            RecordKind.RESOURCE, ResourceFactory(title="循環シャワー", offer="避難所で体を洗う。")
        )
        ChallengeFactory(title="断水の入浴", present_state="避難所で体を洗えない。")
        ResourceFactory(title="よその倉庫", offer="避難所で体を洗う。", visibility=Visibility.INTERNAL)
        ResourceFactory(title="見守り", offer="電気の使い方から気づく。")

    everybodys = client.get("/search", {"q": QUESTION}).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        delete_resource(resource_id=resource.pk, actor=resource_owner(resource), at=NOON)
    client.force_login(person)
    afterwards = client.get("/search", {"q": QUESTION}).content.decode()

    assert "意味の近いもの" in everybodys and ">0件" not in everybodys
    assert [name in everybodys for name in ("循環シャワー", "断水の入浴", "よその倉庫", "見守り")] == [
        True,
        True,
        False,
        False,
    ]
    assert "循環シャワー" not in afterwards and "断水の入浴" in afterwards


def resource_owner(resource):
    return MembershipFactory(organization=resource.organization, role=Role.PLANNER).person


@pytest.mark.django_db
def test_what_was_ruled_out_in_words_is_not_brought_back_by_meaning(
    client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ResourceFactory(title="循環シャワー", offer="避難所で体を洗う。")

    assert "循環シャワー" not in client.get("/search", {"q": f"{QUESTION} -循環"}).content.decode()
    assert "循環シャワー" not in client.get("/search", {"q": "😀"}).content.decode()


def test_the_nearest_of_many_are_found_by_their_signs(monkeypatch):
    monkeypatch.setattr("enishi.engines.matching.nearness.COMPARED", 40)
    reader = read_for_tests()
    words = "雪 橋 祭り 空き家 学校 港 畑 熊 茶 水道 病院 道路".split()
    texts = [f"{one}と{other}の話" for one in words for other in words if one != other]
    cans = [reader.can(id=str(key), text=text, audience=int(key % 7 == 0)) for key, text in enumerate(texts)]
    index = Index([build_segment(cans, range(len(cans)), reader.space)], deleted=[2])
    asked = reader.vector("雪と空き家の話", "query")

    found = nearest(index, asked, audiences={0}, top=3)

    assert [texts[key] for key, _cosine in found[:1]] == ["空き家と雪の話"]
    assert found[0][1] == pytest.approx(1.0, abs=0.01)
    assert all(key % 7 and key != 2 for key, _cosine in nearest(index, asked, audiences={0}, top=200))
