"""The index: one promise on both databases, whole again after damage, and as dear as it was."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from enishi.exchange import services as exchange
from enishi.knowledge import services
from enishi.knowledge.adapters import word_index
from enishi.knowledge.models import SearchDocument, SearchRebuild, SearchTerm
from enishi.knowledge.queries import Expression
from enishi.knowledge.selectors import search
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()


def keys(*groups, without=(), limit=10, beyond=None, ascending=False, expected=0.0):
    expression = Expression(tuple(groups), tuple(without))
    return word_index().keys(expression, limit=limit, beyond=beyond, ascending=ascending, expected=expected)


@pytest.fixture
def words():
    word_index().write([(1, ["a", "c"]), (2, ["a", "b"]), (3, ["b", "t=a"]), (40, ["a", "'\\"])])


@pytest.mark.parametrize("expected", [0.0, 1e9])
def test_words_answer_from_the_newest_down(words, expected):
    assert keys((("a",),), expected=expected) == [40, 2, 1]
    assert keys((("a",),), limit=1, expected=expected) == [40]
    assert keys((("a",),), beyond=40, expected=expected) == [2, 1]
    assert keys((("a",),), beyond=1, ascending=True, expected=expected) == [2, 40]


def test_words_join_as_asked(words):
    assert keys((("a",), ("t=a",))) == [40, 3, 2, 1]
    assert keys((("a", "b"), ("c",))) == [2, 1]
    assert keys((("a",),), (("b",), ("c",))) == [2, 1]
    assert keys((("a",),), without=[((("b",)),)]) == [40, 1]
    assert keys((("nowhere",),)) == []


def test_erased_words_are_gone_and_others_stay(words):
    word_index().erase([2, 99])

    assert keys((("a",),)) == [40, 1]
    assert keys((("b",),)) == [3]


def test_reindexing_finds_the_same_as_indexing_one_by_one():
    made = [
        ResourceFactory(title=f"見守り{number}", updated_at=NOON + dt.timedelta(days=number))
        for number in range(4)
    ]
    made[0].parties.add(OrganizationFactory())
    told = []

    count = services.reindex_all(told.append)

    assert count == 4
    assert [hit.object_id for hit in search(VISITOR, "見守り").items] == [one.pk for one in reversed(made)]
    assert any("4 / 4" in line for line in told)
    assert SearchTerm.objects.get(word="見る守る").documents == 4
    assert not SearchRebuild.objects.exists()


def test_interrupted_rebuild_goes_on(monkeypatch):
    for number in range(5):
        ResourceFactory(title=f"見守り{number}", updated_at=NOON + dt.timedelta(days=number))
    monkeypatch.setattr(services, "BATCH", 2)
    heard = []

    def stop(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.reindex_all(stop)
    first = set(SearchDocument.objects.values_list("pk", flat=True))
    services.reindex_all(heard.append)

    assert first <= set(SearchDocument.objects.values_list("pk", flat=True))
    assert search(VISITOR, "見守り").count == 5


def test_what_changes_during_a_rebuild_stands_there_once():
    ChallengeFactory(title="橋の点検")
    resource = ResourceFactory(title="見守り")

    def change_what_comes_later(line):
        if SearchRebuild.objects.filter(kind="resource", is_done=False).exists():
            services.index("resource", [resource.pk])

    services.reindex_all(change_what_comes_later)

    assert search(VISITOR, "見守り").count == 1
    assert not SearchRebuild.objects.exists()


def test_missing_table_is_met_by_titles_and_rebuilt():
    made = ResourceFactory(title="見守りの灯り")
    services.reindex_all()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE knowledge_words")

    degraded = search(VISITOR, "見守り")
    mended = services.mend(timezone.now())

    assert [hit.object_id for hit in degraded.items] == [made.pk]
    assert degraded.is_degraded
    assert mended
    assert not search(VISITOR, "見守り").is_degraded
    assert not services.mend(timezone.now())


def test_documents_without_their_words_are_rebuilt():
    ResourceFactory(title="見守りの灯り")
    word_index().create()

    assert services.mend(timezone.now())
    assert search(VISITOR, "見守り").count == 1
    assert not services.mend(timezone.now())


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="pages of SQLite's own table")
def test_damaged_table_is_met_by_titles_and_rebuilt():
    made = ResourceFactory(title="見守りの灯り")
    services.reindex_all()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE knowledge_words_data SET block = x'00ff00ff' WHERE id > 10")

    degraded = search(VISITOR, "見守り")
    services.mend(timezone.now())

    assert [hit.object_id for hit in degraded.items] == [made.pk]
    assert search(VISITOR, "灯り").count == 1
    assert not search(VISITOR, "灯り").is_degraded


def test_rebuild_at_work_elsewhere_is_left_alone():
    SearchRebuild.objects.create(kind="resource")

    assert not services.mend(timezone.now())
    assert services.mend(timezone.now() + services.ABANDONED * 2)


def test_what_a_dying_process_missed_is_caught_up():
    made = ResourceFactory(title="見守りの灯り", updated_at=NOON)
    services.remove("resource", [made.pk])

    assert services.catch_up(NOON + dt.timedelta(hours=1)) == 1
    assert search(VISITOR, "灯り").object_ids == [made.pk]
    assert services.catch_up(NOON + dt.timedelta(hours=1)) == 0


def test_saved_record_is_found_when_its_transaction_is_through(django_capture_on_commit_callbacks):
    planner = MembershipFactory()
    challenge = ChallengeFactory(organization=planner.organization, title="夜の見回りの担い手がいない")

    with django_capture_on_commit_callbacks(execute=True):
        exchange.edit_challenge(
            challenge_id=challenge.pk,
            values={"title": "橋の点検が追いつかない"},
            version=challenge.version,
            actor=planner.person,
            at=NOON,
        )

    assert search(VISITOR, "橋の点検").object_ids == [challenge.pk]
    assert search(VISITOR, "見回り").count == 0


@pytest.mark.parametrize("count", [2, 12])
def test_queries_do_not_grow_with_hits(django_assert_max_num_queries, count):
    for number in range(count):
        ResourceFactory(title=f"見守り{number}")
    services.reindex_all()
    reader = MembershipFactory().person
    search(reader, "見守り")

    # Two of them are the savepoint of a search inside a transaction.
    with django_assert_max_num_queries(11):
        search(reader, "見守り", limit=20)
    with django_assert_max_num_queries(6):
        search(reader, "", limit=20)


def test_counts_are_exact_up_to_their_limit(monkeypatch):
    monkeypatch.setattr("enishi.knowledge.counting.EXACT", 3)
    for number in range(5):
        ResourceFactory(title=f"見守り{number}")
    services.reindex_all()

    hits = search(VISITOR, "見守り", limit=2)

    assert (hits.count, hits.count_is_exact) == (3, False)
