"""Which passages answer whom, on which day, whatever state the index is in."""

import datetime as dt

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from enishi.foundation import shelves
from enishi.knowledge.documents import selectors, services, synonyms
from enishi.knowledge.documents.enums import DocumentKind
from enishi.knowledge.documents.index import building, embedders, pieces
from enishi.knowledge.documents.index import store as stores
from enishi.knowledge.documents.models import Passage, PassagePieces
from enishi.organizations.enums import Visibility
from tests.exchange.matches.reading import WordSums
from tests.factories import NOON, TODAY, ChallengeFactory, MembershipFactory, PersonFactory, SectionFactory
from tests.knowledge.documents.making import collection, document, keeper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_index(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    stores.store.forget()
    yield
    stores.store.forget()


@pytest.fixture
def office():
    person, organization = keeper()
    return person, collection(person, organization)


def titles(person, query, **named):
    named.setdefault("on", TODAY)
    return [found.document.title for found in selectors.find(person, query, **named)]


def test_a_passage_is_found_the_moment_it_is_kept(office):
    person, kept = office
    document(kept, person)
    document(kept, person, "粗大ごみ", "処理券を貼って出してください。")

    found = selectors.find(AnonymousUser(), "空き家を直す補助は", on=TODAY)

    assert found[0].document.title == "空き家の補助"
    assert "補助" in found[0].words
    assert found[0].passage.text == "改修費の2分の1、上限30万円を補助します。"
    assert found[0].url == f"/documents/{found[0].document.pk}/?passage=1#passage-1"


def test_meaning_joins_when_the_worker_has_read_it(office):
    person, kept = office
    document(kept, person)
    assert selectors.find(person, "補助の上限", on=TODAY)[0].meaning is None

    assert building.embed_waiting() == 1

    assert selectors.find(person, "補助の上限", on=TODAY)[0].meaning == 1.0


@pytest.mark.parametrize(
    ("visibility", "stranger_sees", "colleague_sees"),
    [
        (Visibility.PUBLIC, True, True),
        (Visibility.MEMBERS, True, True),
        (Visibility.INTERNAL, False, True),
        (Visibility.PARTIES, False, True),
    ],
)
def test_nobody_finds_what_they_may_not_read(office, visibility, stranger_sees, colleague_sees):
    person, kept = office
    document(kept, person, visibility=visibility)
    stranger, _other = keeper()
    colleague, _same = keeper(kept.organization)

    assert bool(titles(stranger, "空き家の補助")) is stranger_sees
    assert bool(titles(colleague, "空き家の補助")) is colleague_sees
    assert bool(titles(AnonymousUser(), "空き家の補助")) is (visibility == Visibility.PUBLIC)


def test_a_section_reads_its_own_alone(office):
    person, kept = office
    section = SectionFactory(organization=kept.organization)
    document(kept, person, visibility=Visibility.SECTION, section=section)
    inside = PersonFactory()
    MembershipFactory(person=inside, organization=kept.organization, section=section)

    assert titles(inside, "空き家の補助")
    assert not titles(person, "空き家の補助")


def test_an_invited_organisation_finds_what_it_was_invited_to(office):
    person, kept = office
    guest, guests = keeper()
    document(kept, person, visibility=Visibility.PARTIES, parties=[guests])

    assert titles(guest, "空き家の補助") == ["空き家の補助"]


def test_a_change_of_circle_counts_at_once(office):
    person, kept = office
    made = document(kept, person)
    assert titles(AnonymousUser(), "空き家")

    services.edit_document(
        document_id=made.pk,
        values={"visibility": Visibility.INTERNAL},
        version=made.version,
        actor=person,
        at=NOON,
    )

    assert not titles(AnonymousUser(), "空き家")


def test_what_is_replaced_expired_thrown_away_or_not_yet_begun_never_answers(office):
    person, kept = office
    old = document(kept, person, "旧要綱", "空き家の補助の上限は20万円です。")
    new = document(kept, person, "新要綱", "空き家の補助の上限は30万円です。")
    services.supersede(old_id=old.pk, new_id=new.pk, actor=person, at=NOON)
    document(kept, person, "昨年度", "空き家の補助は昨年度の額です。", valid_to=TODAY - dt.timedelta(days=1))
    document(
        kept, person, "来年度", "空き家の補助は来年度の額です。", valid_from=TODAY + dt.timedelta(days=1)
    )
    gone = document(kept, person, "捨てた要綱", "空き家の補助は捨てた額です。")
    services.delete_document(document_id=gone.pk, actor=person, at=NOON)

    assert titles(person, "空き家の補助の額") == ["新要綱"]
    assert set(titles(person, "空き家の補助の額", on=None)) == {"新要綱", "旧要綱", "昨年度", "来年度"}
    assert "来年度" in titles(person, "空き家の補助の額", on=TODAY + dt.timedelta(days=1))


def test_what_comes_back_from_the_trash_is_found_again(office):
    person, kept = office
    made = document(kept, person)
    services.delete_document(document_id=made.pk, actor=person, at=NOON)
    assert not titles(person, "空き家")

    services.restore_document(document_id=made.pk, actor=person, at=NOON)

    assert titles(person, "空き家") == ["空き家の補助"]


def test_kinds_and_organisations_narrow(office):
    person, kept = office
    minutes = collection(person, kept.organization, name="会議録", kind=DocumentKind.MINUTES)
    document(kept, person)
    document(minutes, person, "第3回会議録", "空き家の補助について話し合った。")
    _person, others = keeper()

    assert titles(person, "空き家の補助", kinds=["minutes"]) == ["第3回会議録"]
    assert titles(person, "空き家の補助", organization=others) == []
    assert titles(person, "空き家の補助", collections=[minutes]) == ["第3回会議録"]


def test_of_two_minutes_that_say_the_same_the_newer_comes_first(office):
    person, kept = office
    minutes = collection(person, kept.organization, name="会議録", kind=DocumentKind.MINUTES)
    for year in (2015, 2026, 2020):
        document(minutes, person, f"{year}年", "空き家の補助を話し合った。", published_on=dt.date(year, 4, 1))

    assert titles(person, "空き家の補助を話し合った") == ["2026年", "2020年", "2015年"]


@pytest.mark.parametrize(
    "query", ["", "  ", "。。。", "\x00", "あ" * 10_000, "' OR 1=1 --", "<script>", "🙂", "\u202e逆"]
)
def test_any_question_gets_an_answer_or_none(office, query):
    person, kept = office
    document(kept, person)

    assert isinstance(selectors.find(person, query, on=TODAY), list)


def test_articles_are_found_however_they_are_written(office):
    person, kept = office
    document(kept, person, "委託", "地方自治法第二百五十二条の十四により事務を委託する。")
    document(kept, person, "連携", "地方自治法第二百五十二条の二により連携協約を結ぶ。")

    assert titles(person, "252条の14")[0] == "委託"
    assert titles(person, "第252条の2とは")[0] == "連携"


def test_articles_days_and_kana_are_found_however_they_are_written(office):
    person, kept = office
    document(kept, person, "委託", "事務は、地方自治法第二百五十二条の十四により隣の町に任せる。")
    document(kept, person, "施行", "この要綱は、令和七年四月一日から施行する。")
    document(kept, person, "補助", "上限30万円の補助金を出す。")
    document(kept, person, "議案", "第十二号議案は、契約番号ZK-9041の変更を求めるもの。")
    document(kept, person, "別の議案", "第十一号議案は、契約番号ZK-9042の変更を求めるもの。")
    document(kept, person, "第二百五十条の集まり", "令和七年四月に第2条を話し合った。")
    ways = {
        "委託": ("第252条の14", "第二百五十二条の十四", "地方自治法252の14"),
        "施行": ("令和7年4月1日", "2025-04-01", "R7.4.1", "２０２５／４／１"),
        "補助": ("ほじょきん",),
        "議案": ("第12号議案", "ｚｋ９０４１", "契約番号 ZK-9041"),
    }

    found = {title: {titles(person, way)[0] for way in asked} for title, asked in ways.items()}

    assert found == {title: {title} for title in ways}
    assert selectors.find(person, "R7.4.1", on=TODAY)[0].words == ("令和七年四月一日",)


def test_a_municipalitys_own_words_widen_its_search(office):
    person, kept = office
    document(kept, person, "あおバス", "あおバスは土曜も走ります。")
    document(kept, person, "図書館", "図書館は月曜に休みます。")
    assert "あおバス" not in titles(person, "循環線", organization=kept.organization)[:1]

    synonyms.keep_group(organization=kept.organization, text="循環線、あおバス", actor=person, at=NOON)

    assert titles(person, "循環線", organization=kept.organization)[0] == "あおバス"
    assert titles(person, "循環線")[0] == "あおバス"
    assert titles(person, "循環線", collections=[kept])[0] == "あおバス"


def shelve_all():
    building.SHELVED_FROM, before = 1, building.SHELVED_FROM
    try:
        return building.keep_index(NOON)
    finally:
        building.SHELVED_FROM = before


def test_shelved_passages_are_found_like_those_in_memory(office):
    person, kept = office
    for number in range(12):
        document(
            kept,
            person,
            f"資料{number}",
            f"第{number}号の事業は{'空き家' if number % 2 else '図書館'}に関するものです。",
        )
    building.embed_waiting()
    before = [
        (found.passage.pk, round(found.score, 3))
        for found in selectors.find(person, "空き家の事業", on=TODAY)
    ]

    assert shelve_all() == 1
    stores.store.forget()
    after = [
        (found.passage.pk, round(found.score, 3))
        for found in selectors.find(person, "空き家の事業", on=TODAY)
    ]

    assert stores.store.standing().tail == ()
    assert {key for key, _score in before} == {key for key, _score in after}
    assert np.allclose(
        sorted(score for _key, score in before), sorted(score for _key, score in after), atol=0.02
    )


def test_what_changes_after_shelving_is_found_as_it_is_now(office):
    person, kept = office
    made = document(kept, person)
    building.embed_waiting()
    shelve_all()

    services.delete_document(document_id=made.pk, actor=person, at=NOON)
    document(kept, person, "新しい補助", "空き家の補助は窓口で受け付けます。")

    assert titles(person, "空き家の補助") == ["新しい補助"]


def test_vectors_that_come_later_reach_the_shelf(office):
    person, kept = office
    document(kept, person)
    shelve_all()
    assert selectors.find(person, "補助の上限", on=TODAY)[0].meaning is None

    building.embed_waiting()
    assert building.keep_index(NOON) == 1

    assert selectors.find(person, "補助の上限", on=TODAY)[0].meaning is not None


def test_a_damaged_file_is_noticed_and_made_again(office):
    person, kept = office
    document(kept, person)
    shelve_all()
    file = next(stores.folder().glob("s-*/keys.npy"))
    file.write_bytes(file.read_bytes()[:-4] + b"\xff\xff\xff\xff")
    stores.store.forget()

    assert titles(person, "空き家の補助") == ["空き家の補助"]
    assert not stores.manifest_path().exists()
    assert shelve_all() == 1
    assert titles(person, "空き家の補助") == ["空き家の補助"]


def test_the_nightly_check_throws_away_what_is_damaged(office):
    person, kept = office
    document(kept, person)
    shelve_all()
    assert building.check_index(NOON) == 0
    next(stores.folder().glob("s-*/words_rows.npy")).unlink()

    assert building.check_index(NOON) == 1
    assert not stores.manifest_path().exists()


class Other(WordSums):
    name = "word-sums-2"


def other_embedder():
    return Other()


def test_the_old_index_serves_while_another_embedder_reads(office, settings):
    person, kept = office
    for number in range(3):
        document(kept, person, f"資料{number}", f"空き家の補助の{number}つ目の話です。")
    building.embed_waiting()
    shelve_all()

    settings.RETRIEVAL_EMBEDDERS_BEFORE = [settings.RETRIEVAL_EMBEDDER]
    settings.RETRIEVAL_EMBEDDER = f"{__name__}.other_embedder"
    assert building.keep_index(NOON) == 0
    assert selectors.find(person, "空き家の補助", on=TODAY)[0].meaning is not None

    assert building.embed_waiting() == 3
    assert building.keep_index(NOON) == 1
    assert [shelf.embedder for shelf in stores.read_manifest(stores.store.standing().epoch)] == [
        "word-sums-2"
    ]
    assert selectors.find(person, "空き家の補助", on=TODAY)[0].meaning is not None


def test_words_answer_where_there_is_no_model(office, settings):
    person, kept = office
    document(kept, person)
    settings.RETRIEVAL_EMBEDDER = "tests.knowledge.documents.test_finding.no_embedder"

    assert building.embed_waiting() == 0
    assert titles(person, "空き家の補助") == ["空き家の補助"]


def no_embedder():
    return None


def test_the_same_words_are_read_by_the_model_once(office):
    person, kept = office
    document(kept, person, "甲")
    building.embed_waiting()
    document(kept, person, "乙")
    reads: list[str] = []
    model = embedders.embedder()
    embed = type(model).embed

    class Counting(WordSums):
        def embed(self, texts, *, side):
            reads.extend(texts)
            return embed(self, texts, side=side)

    embedders._opened["tests.knowledge.documents.embedding.word_sums"] = Counting()
    try:
        building.embed_waiting()
    finally:
        embedders._opened["tests.knowledge.documents.embedding.word_sums"] = model

    assert reads == []
    assert Passage.objects.filter(vector__isnull=True).count() == 0


def test_counting_of_queries_does_not_grow_with_what_is_found(office, django_assert_max_num_queries):
    person, kept = office
    for number in range(8):
        document(kept, person, f"資料{number}", f"空き家の補助の{number}つ目の話です。")
    selectors.find(person, "空き家の補助", on=TODAY)

    with django_assert_max_num_queries(9):
        assert len(selectors.find(person, "空き家の補助", on=TODAY)) == 8


def test_arrays_on_disk_are_checked_by_size_and_content(tmp_path):
    shelved = shelves.shelve(tmp_path, {"a": np.arange(4)}, rows=4)
    shelves.check(tmp_path, shelved, thoroughly=True)
    file = tmp_path / shelved.folder / "a.npy"
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"\x09")

    shelves.check(tmp_path, shelved, thoroughly=False)
    with pytest.raises(shelves.ShelfDamagedError):
        shelves.check(tmp_path, shelved, thoroughly=True)


def test_pieces_are_read_after_the_vectors_once_for_the_same_words_and_cleared_with_them(office, settings):
    settings.RETRIEVAL_EMBEDDER = "tests.knowledge.documents.embedding.piece_sums"
    person, kept = office
    first = document(kept, person)
    document(kept, person, "写し")

    building.embed_waiting()

    assert PassagePieces.objects.count() == 1
    Passage.objects.filter(document=first).delete()
    assert pieces.clear_orphans() == 0
    Passage.objects.all().delete()
    assert pieces.clear_orphans() == 1


def test_no_more_pieces_are_kept_than_the_house_has_room_for(office, settings):
    settings.RETRIEVAL_EMBEDDER = "tests.knowledge.documents.embedding.piece_sums"
    settings.RETRIEVAL_PIECES = 1
    person, kept = office
    document(kept, person)
    document(kept, person, "粗大ごみ", "処理券を貼って出してください。")

    building.embed_waiting()

    assert PassagePieces.objects.count() == 1
    assert set(titles(person, "補助の上限")) == {"空き家の補助", "粗大ごみ"}


def test_the_search_of_everything_leads_to_the_very_passage_and_shows_nobody_elses(office, client):
    person, kept = office
    document(kept, person, "住まいの手引き", "# 空き家\n改修費の半額を補助します。\n\n# 塀\n撤去を助けます。")
    document(kept, person, "内輪の覚え", "空き家の改修の補助は来年やめる。", visibility=Visibility.INTERNAL)

    page = client.get("/search", {"q": "空き家の改修の補助"}).content.decode()
    nothing = client.get("/search", {"q": "恐竜"}).content.decode()

    assert "?passage=1&amp;q=" in page and "内輪の覚え" not in page
    assert "住まいの手引き" not in nothing


def test_where_nothing_holds_all_the_words_the_search_of_everything_says_what_it_looked_for(client):
    ChallengeFactory(title="高齢者の変化に気づけない")

    page = client.get("/search", {"q": "高齢者 月面旅行"}).content.decode()

    assert "「高齢者」で探しました" in page
    assert "気づけない" in page
