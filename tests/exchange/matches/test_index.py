"""Records are found by what they say, at once and by every process; the files are only a cache."""

import dataclasses
from pathlib import Path

import pytest

from enishi.exchange.matches import calculations, evidence, services, shelves, tasks, texts
from enishi.exchange.matches.enums import ProfileState
from enishi.exchange.matches.models import MatchProfile
from enishi.exchange.matches.store import MatchStore, store
from enishi.exchange.models import Resource
from enishi.exchange.services import delete_resource, edit_resource
from enishi.language.matching_inputs import words_of
from enishi.organizations.enums import OrganizationKind, Role, Visibility
from tests.exchange.matches.reading import WordSums
from tests.factories import NOON, ChallengeFactory, MembershipFactory, OrganizationFactory, ResourceFactory

pytestmark = pytest.mark.django_db
EVERYBODY = {texts.PUBLIC_AUDIENCE, texts.MEMBERS_AUDIENCE}


def titles(challenge, audiences=frozenset(EVERYBODY)):
    answer = calculations.rank_resources(challenge, audiences, at=NOON, unexpected=0)
    keys = [int(match.can_id) for match in answer.matches]
    names = dict(Resource.objects.values_list("pk", "title"))
    return [names[key] for key in keys]


def read(*records):
    for record in records:
        services.index_now(texts.kind_of(record).value, [record.pk])


@pytest.fixture
def challenge():
    challenge = ChallengeFactory(title="断水が続き、体を洗えない", present_state="避難所で入浴ができない。")
    read(challenge)
    return challenge


@pytest.fixture
def shower():
    return ResourceFactory(
        title="水を循環させるシャワー", offer="断水のときも避難所で入浴できる。体を洗える。"
    )


@pytest.fixture
def sensor():
    return ResourceFactory(title="見守りセンサー", offer="電気の使い方から異変に気づく。")


def test_the_nearest_comes_first(challenge, shower, sensor):
    read(shower, sensor)

    assert titles(challenge) == [shower.title, sensor.title]


def test_a_saved_record_is_matchable_without_a_rebuild(challenge, shower, django_capture_on_commit_callbacks):
    read(shower)
    elsewhere = MatchStore()
    assert len(elsewhere.cans().index) == 1
    person = MembershipFactory(organization=shower.organization, role=Role.PARTNER_MEMBER).person

    with django_capture_on_commit_callbacks(execute=True):
        edit_resource(
            resource_id=shower.pk, values={"title": "移動する風呂"}, version=1, actor=person, at=NOON
        )

    assert titles(challenge) == ["移動する風呂"]
    profile = MatchProfile.objects.get(kind="resource", record_id=shower.pk)
    assert profile.content_hash == texts.content_hash(Resource.objects.get(pk=shower.pk))
    assert elsewhere.cans().sequence == profile.sequence


def test_what_is_thrown_away_is_not_proposed(challenge, shower, sensor, django_capture_on_commit_callbacks):
    read(shower, sensor)
    assert len(titles(challenge)) == 2
    person = MembershipFactory(organization=shower.organization, role=Role.PARTNER_MEMBER).person

    with django_capture_on_commit_callbacks(execute=True):
        delete_resource(resource_id=shower.pk, actor=person, at=NOON)

    assert titles(challenge) == [sensor.title]


def test_the_same_text_is_read_once(shower, monkeypatch):
    read(shower)
    vector = MatchProfile.objects.get(record_id=shower.pk).vector
    twin = ResourceFactory(title=shower.title, offer=shower.offer)

    services.index_now("resource", [twin.pk], embed=False)

    assert bytes(MatchProfile.objects.get(record_id=twin.pk).vector) == bytes(vector)


def test_a_bulk_is_found_by_its_words_until_the_worker_has_read_it(
    challenge, shower, sensor, django_capture_on_commit_callbacks
):
    services.index_now("resource", [shower.pk, sensor.pk], embed=False)

    assert services.waiting_for_meaning() == 2
    assert titles(challenge)[0] == shower.title

    with django_capture_on_commit_callbacks(execute=True):
        tasks.start_embedding(at=NOON)

    assert services.waiting_for_meaning() == 0
    assert titles(challenge) == [shower.title, sensor.title]


def test_rebuild_reads_everything_and_goes_on_where_it_was(challenge, shower, sensor):
    ResourceFactory(status="draft", title="下書き")

    assert services.rebuild(lambda _sentence: None) == 3
    before = list(MatchProfile.objects.order_by("pk").values_list("pk", "sequence"))
    assert services.rebuild(lambda _sentence: None) == 3

    assert list(MatchProfile.objects.order_by("pk").values_list("pk", "sequence"))[:3] == before[:3]
    assert titles(challenge) == [shower.title, sensor.title]


def test_the_worker_writes_changes_and_other_processes_open_them(challenge, shower, sensor):
    read(shower)
    services.rebuild(lambda _sentence: None)
    read(sensor)

    assert services.keep_index(NOON) == "written"

    manifest = shelves.read_manifest()
    assert manifest is not None
    assert sum(each.rows for each in manifest.segments) == 2
    fresh = MatchStore().cans()
    assert (len(fresh.index), fresh.tails) == (2, ())
    assert services.keep_index(NOON) == "current"


def test_many_changes_are_taken_in_over_several_questions(challenge, monkeypatch):
    monkeypatch.setattr("enishi.exchange.matches.store.MOST_CHANGES", 4)
    resources = ResourceFactory.create_batch(10)
    read(*resources)

    seen = [len(store.cans().index) for _question in range(3)]

    assert seen == [5, 10, 10]
    assert services.keep_index(NOON) == "built"


@pytest.mark.parametrize("harm", ["cut", "changed", "missing", "nonsense"])
def test_a_damaged_index_is_built_again(challenge, shower, sensor, harm):
    read(shower, sensor)
    services.rebuild(lambda _sentence: None)
    manifest = shelves.read_manifest()
    path = shelves.folder() / manifest.segments[0].folder / "posting_rows.npy"
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-8])
    elif harm == "changed":
        path.write_bytes(path.read_bytes()[:-4] + b"\xff\xff\xff\x7f")
    elif harm == "missing":
        path.unlink()
    else:
        (shelves.folder() / "manifest.json").write_text("{")
    store.forget()

    assert titles(challenge) == [shower.title, sensor.title]
    assert services.keep_index(NOON) == "built"


def test_files_of_another_database_are_not_believed(challenge, shower):
    read(shower)
    services.rebuild(lambda _sentence: None)
    manifest = shelves.read_manifest()
    shelves.write_manifest(shelves.Manifest(manifest.epoch + 1, WordSums.name, 99, (), frozenset()))
    store.forget()

    assert titles(challenge) == [shower.title]


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        (Visibility.PUBLIC, {"nobody", "stranger", "colleague", "invited"}),
        (Visibility.MEMBERS, {"stranger", "colleague", "invited"}),
        (Visibility.PARTIES, {"colleague", "invited"}),
        (Visibility.INTERNAL, {"colleague"}),
    ],
)
def test_circles_are_those_of_visible_to(challenge, visibility, seen_by):
    from django.contrib.auth.models import AnonymousUser

    owner, guest = OrganizationFactory(kind=OrganizationKind.COMPANY), OrganizationFactory()
    resource = ResourceFactory(organization=owner, visibility=visibility, parties=[guest])
    read(resource)
    people = {
        "nobody": AnonymousUser(),
        "stranger": MembershipFactory().person,
        "colleague": MembershipFactory(organization=owner).person,
        "invited": MembershipFactory(organization=guest).person,
    }

    found = {name for name, who in people.items() if titles(challenge, texts.audiences_of(who, Resource))}

    assert found == seen_by
    assert found == {
        name
        for name, who in people.items()
        if Resource.objects.visible_to(who).filter(pk=resource.pk).exists()
    }


def test_a_section_offers_to_another_but_not_to_itself():
    from tests.factories import SectionFactory

    town = OrganizationFactory()
    one, other = SectionFactory(organization=town), SectionFactory(organization=town)
    challenge = ChallengeFactory(organization=town, section=one)
    own = ResourceFactory(organization=town, section=one, title="自分の課のもの")
    ResourceFactory(organization=town, section=None, title="庁全体のもの")
    theirs = ResourceFactory(organization=town, section=other, title="隣の課のもの")
    read(challenge, own, theirs, *Resource.objects.filter(title="庁全体のもの"))

    assert titles(challenge) == ["隣の課のもの"]


class OtherSums(WordSums):
    name = "word-sums-2"


def read_by_another():
    from enishi.language.matching_inputs import MatchingReader
    from tests.exchange.matches.reading import read_for_tests

    return MatchingReader(OtherSums(), dataclasses.replace(read_for_tests().space, name=OtherSums.name))


def test_without_a_model_nothing_that_was_read_is_lost(challenge, shower, settings):
    read(shower)
    before = bytes(MatchProfile.objects.get(record_id=shower.pk, kind="resource").vector)
    settings.MATCHING_READER = "tests.exchange.matches.test_index.read_nothing"

    services.rebuild(lambda _sentence: None)
    read(shower)

    profile = MatchProfile.objects.get(record_id=shower.pk, kind="resource")
    assert (profile.state, bytes(profile.vector)) == (ProfileState.READY, before)
    assert titles(challenge) == [shower.title]


def read_nothing():
    from enishi.exchange.matches.reader import WordsOnly
    from enishi.language.matching_inputs import MatchingReader
    from tests.exchange.matches.reading import DIMENSIONS, read_for_tests

    return MatchingReader(WordsOnly(DIMENSIONS), read_for_tests().space)


def test_another_model_reads_everything_again(challenge, shower, settings):
    read(shower)
    settings.MATCHING_READER = "tests.exchange.matches.test_index.read_by_another"
    store.forget()

    assert titles(challenge) == [shower.title]
    assert services.embed_waiting() == 2
    assert set(MatchProfile.objects.values_list("embedder", "state")) == {("word-sums-2", "ready")}
    assert services.embed_waiting() == 0


def test_an_answer_is_kept_until_anything_it_rests_on_changes(challenge, shower, sensor):
    read(challenge, shower)
    first = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)
    again = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)
    challenge.present_state = "橋のひび割れを見つけるのに時間がかかる。"
    challenge.save()
    read(challenge)
    rewritten = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)
    read(sensor)
    with_another = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)

    assert again.matches is first.matches
    assert rewritten.matches[0].score != first.matches[0].score
    assert {match.can_id for match in with_another.matches} == {str(shower.pk), str(sensor.pk)}
    assert calculations.rank_resources(challenge, {-1}, at=NOON).matches == ()


def test_another_process_reads_what_was_ranked_and_does_without_damaged_files(challenge, shower, settings):
    read(shower)
    first = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)
    store.forget()
    again = calculations.rank_resources(challenge, set(EVERYBODY), at=NOON)
    assert again.matches == first.matches
    assert again.matches is not first.matches

    written = list(Path(settings.CACHES["rankings"]["LOCATION"]).glob("*.djcache"))
    for file in written:
        file.write_bytes(b"\x80" + file.read_bytes()[:20])
    store.forget()
    assert written
    assert calculations.rank_resources(challenge, set(EVERYBODY), at=NOON).matches == first.matches


def test_a_ranking_that_cannot_be_written_is_shown_all_the_same(
    challenge, shower, settings, tmp_path, caplog
):
    read(shower)
    in_the_way = tmp_path / "in-the-way"
    in_the_way.write_text("")
    settings.CACHES = settings.CACHES | {
        "rankings": settings.CACHES["rankings"] | {"LOCATION": str(in_the_way / "rankings")}
    }

    assert titles(challenge) == [shower.title]
    assert "could not be written" in caplog.text


def test_warming_up_ranks_once_and_does_without_records(challenge, shower):
    read(shower)
    asked = []
    store.cans().answers.keep = lambda question, answer: asked.append(answer)

    calculations.warm()
    assert [len(answer.matches) for answer in asked] == [1]

    challenge.delete()
    calculations.warm()
    assert len(asked) == 1


def test_a_profile_keeps_which_words_may_be_quoted(shower):
    shower.offer = "断水のとき、令和8年度は避難所で40%の人が水循環装置を使える。場所は役場の隣。"
    kept = evidence.unpacked_words(evidence.packed_words(shower))

    assert kept == words_of(texts.whole_text(shower), title_end=len(shower.title))
    earlier = "\n".join(f"{line}\t0-4" for line in evidence.packed_words(shower).split("\n"))
    assert evidence.unpacked_words(earlier) == kept
    told = {texts.whole_text(shower)[word.start : word.end] for word in kept if word.is_telling}
    assert told >= {"断水", "避難", "循環", "装置"}
    assert not told & {"年度", "%", "場所", "役場", "隣"}


def test_a_profile_of_the_first_version_is_read_anew_where_words_are_quoted(shower):
    read(shower)
    first = MatchProfile.objects.get(kind="resource")
    first.words = "\n".join(line.rsplit("\t", 1)[0] for line in first.words.split("\n"))

    assert len(evidence.unpacked_words(first.words)) == len(first.words.split("\n"))
    again = evidence.evidence_of(shower, first)
    assert again.words == words_of(texts.whole_text(shower), title_end=len(shower.title))
