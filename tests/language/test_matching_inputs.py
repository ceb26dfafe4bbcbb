import datetime as dt

import numpy as np
import pytest

from enishi.engines import matching
from enishi.language.errors import LanguageError
from enishi.language.matching_inputs import MatchingReader, bundled_space, words_of
from enishi.language.matching_space import (
    learn_space,
    read_space,
    reference_texts,
    save_space,
    space_arrays,
)
from enishi.language.model_folder import model_name
from enishi.language.places import region_codes

WANT = "大雨で水道管が壊れ、山あいの集落に何日も水が届かない。高齢者は給水所まで歩けない。"
CANS = {
    "truck": "2トンの水槽を積める冷蔵車を30台持つ運送会社。空いた車両で飲み水を戸別に配れる。",
    "temple": "寺の本堂を子どもの学習の場に開き、学生が宿題を見ている。",
    "museum": "学芸員が古文書の整理と写真での保存を手伝い、郷土史の展示も組み立てる。",
    "game": "歩くと点がたまる町めぐりの遊びをスマートフォン向けに作る会社。",
}


@pytest.fixture(scope="module")
def reader(embedder):
    return MatchingReader(embedder)


def test_a_helpful_can_comes_first_without_a_word_in_common(reader):
    want = reader.want(id="w", text=WANT)
    cans = [reader.can(id=name, text=text) for name, text in CANS.items()]

    (ranking,) = matching.rank([want], cans, reader.space, as_of=dt.date(2026, 11, 22))

    assert ranking.matches[0].can_id == "truck"
    for match in ranking.matches:
        for phrase in match.phrases:
            assert phrase.want in WANT
            assert phrase.can in CANS[match.can_id]


def test_the_space_belongs_to_the_bundled_model():
    assert bundled_space().name == model_name()


def test_a_model_without_its_space_is_refused():
    class Other:
        name = "another"
        dimensions = 384

        def embed(self, texts, *, side):
            return np.zeros((len(texts), 384), np.float32)

    with pytest.raises(LanguageError, match="another"):
        MatchingReader(Other())


def test_words_of_a_title_count_double():
    words = words_of("断水の対策\n水を配る", title_end=5)

    assert [(word.normal, word.weight) for word in words] == [
        ("断水", 2),
        ("対策", 2),
        ("水", 1),
        ("配る", 1),
    ]


def test_title_and_text_are_one_evidence(reader):
    evidence = reader.evidence("水を配る。足りない。", title="断水の対策", side="query", with_passages=True)

    spoken = [evidence.text[passage.start : passage.end] for passage in evidence.passages]
    assert spoken == ["断水の対策", "水を配る。", "足りない。"]
    assert evidence.passage_vectors.shape == (3, 384)


def test_a_known_vector_is_not_computed_again(reader):
    vector = np.ones(384, np.float32)

    assert reader.can(id="c", text="水", vector=vector).evidence.vector is vector


def test_needs_of_a_want_are_met_by_a_combination(reader):
    text = "給水車に乗る人が足りない。配る先の名簿もない。"
    want = reader.want(id="w", text=text, kinds={"people", "data"}, with_passages=True)
    cans = [
        reader.can(id="drivers", text="休日に大型車を運転できる会員が20人いる。", kinds={"people"}),
        reader.can(id="list", text="見守りの訪問先を地図にした記録を持つ。", kinds={"data"}),
    ]
    (ranking,) = matching.rank([want], cans, reader.space, as_of=dt.date(2026, 11, 22))

    (best, *_) = matching.combine(want, cans, ranking.matches, reader.space)

    assert {member.can_id for member in best.members} == {"drivers", "list"}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("千葉県", {"12"}),
        ("東京", {"13"}),
        ("全国", {matching.NATIONWIDE}),
        ("千葉県富津市", {"12", "千葉県富津市"}),
        ("122262", {"122262"}),
        ("あおば市", {"あおば市"}),
    ],
)
def test_names_of_regions_become_codes(written, codes):
    assert region_codes([written]) == codes


class Counting:
    """A tiny embedder: counts signs."""

    name = "counting"
    dimensions = 32

    def embed(self, texts, *, side):
        vectors = np.zeros((len(texts), 32), np.float32)
        for row, text in enumerate(texts):
            for sign in text:
                vectors[row, ord(sign) % 32] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def test_another_model_learns_its_space_from_the_reference_texts(tmp_path):
    wants, cans = reference_texts()

    space = learn_space(Counting(), wants[:60], cans[:60])

    reader = MatchingReader(Counting(), space)
    (ranking,) = matching.rank(
        [reader.want(id="w", text=WANT)],
        [reader.can(id=name, text=text) for name, text in CANS.items()],
        space,
        as_of=dt.date(2026, 11, 22),
    )
    assert len(ranking.matches) == len(CANS)
    assert space.name == "counting"


def test_a_space_survives_the_way_to_disk(tmp_path):
    wants, cans = reference_texts()
    arrays = space_arrays(Counting(), wants[:30], cans[:30])
    save_space(tmp_path / "space.npz", arrays)

    read = read_space(tmp_path / "space.npz")

    assert read.name == "counting"
    assert np.array_equal(read.terms, arrays["terms"])
