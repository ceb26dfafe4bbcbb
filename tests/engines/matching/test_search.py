import datetime as dt

import numpy as np
import pytest
from tests.engines.matching.build import DIMENSIONS, can, space, want

from enishi.engines.core import unit_rows
from enishi.engines.matching import (
    Index,
    InvalidInputError,
    Period,
    Rule,
    Segment,
    build_segment,
    explain,
    merge,
    rank,
    search,
)

TODAY = dt.date(2026, 11, 22)
SPACE = space()
WORDS = ["断水", "水", "給水", "鉄道", "消防", "山", "橋", "雪", "畑", "店"]


@pytest.fixture(scope="module")
def many():
    rng = np.random.default_rng(3)
    centres = unit_rows(rng.normal(size=(40, DIMENSIONS)).astype(np.float32))
    vectors = unit_rows(centres[rng.integers(40, size=4000)] + 0.1 * rng.normal(size=(4000, DIMENSIONS)))
    return [
        can(
            str(number),
            " ".join(rng.choice(WORDS, 4)),
            vector=vector.astype(np.float32),
            regions=frozenset({f"{rng.integers(1, 48):02}"}),
            audience=int(rng.integers(3)),
            fields=frozenset({f"f{rng.integers(5)}/s{rng.integers(3)}"}),
            kinds=frozenset({"people"}) if rng.random() < 0.5 else frozenset(),
        )
        for number, vector in enumerate(vectors)
    ]


def keys_of(ranking):
    return [match.can_id for match in ranking.matches]


def test_searching_everything_is_ranking(many):
    cans, wish = many[:300], want("w", "断水 橋", vector=many[7].evidence.vector, regions=frozenset({"05"}))
    index = Index([build_segment(cans, range(300), SPACE)])

    found = search(index, wish, SPACE, as_of=TODAY, exhaustive=True)
    (ranked,) = rank([wish], cans, SPACE, as_of=TODAY, explain=False)

    assert keys_of(found) == keys_of(ranked)
    assert [match.score for match in found.matches] == pytest.approx(
        [match.score for match in ranked.matches]
    )
    assert found.excluded == ranked.excluded
    assert found.considered == ranked.considered


def test_the_fast_path_finds_what_the_exhaustive_one_finds(many):
    index = Index([build_segment(many, range(len(many)), SPACE)])
    found = 0
    for number in range(30):
        wish = want(str(number), "給水 雪", vector=many[number].evidence.vector)
        everything = search(index, wish, SPACE, as_of=TODAY, exhaustive=True)
        found += len(set(keys_of(search(index, wish, SPACE, as_of=TODAY))) & set(keys_of(everything)))

    assert found / (30 * 20) >= 0.97


def test_segments_together_answer_like_one(many):
    whole = Index([build_segment(many[:600], range(600), SPACE)])
    parts = Index(
        [build_segment(many[a:b], range(a, b), SPACE) for a, b in ((0, 200), (200, 550), (550, 600))]
    )
    wish = want("w", "断水 店", vector=many[3].evidence.vector)

    assert keys_of(search(parts, wish, SPACE, as_of=TODAY)) == keys_of(
        search(whole, wish, SPACE, as_of=TODAY)
    )


def test_a_new_record_is_found_at_once(many):
    before = build_segment(many[:500], range(500), SPACE)
    wish = want("w", "断水", vector=many[600].evidence.vector)

    after = Index([before, build_segment([many[600]], [9000], SPACE)])

    assert keys_of(search(after, wish, SPACE, as_of=TODAY))[0] == "9000"


def test_the_later_segment_wins(many):
    old = build_segment(many[:10], range(10), SPACE)
    changed = build_segment([can("3", "鉄道", vector=-many[3].evidence.vector, owner="new")], [3], SPACE)

    index = Index([old, changed])

    assert len(index) == 10
    assert not index.alive[0][3]
    assert index.alive[1][0]


def test_deleted_keys_are_not_found(many):
    wish = want("w", "断水", vector=many[4].evidence.vector)
    segment = build_segment(many[:10], range(10), SPACE)

    ranking = search(Index([segment], deleted=[4, 77]), wish, SPACE, as_of=TODAY)

    assert "4" not in keys_of(ranking)
    assert ranking.considered == 9


def test_only_the_viewers_audiences_are_searched(many):
    index = Index([build_segment(many, range(len(many)), SPACE)])
    wish = want("w", "断水", vector=many[4].evidence.vector)

    ranking = search(index, wish, SPACE, as_of=TODAY, audiences={1})

    assert {many[int(key)].audience for key in keys_of(ranking)} == {1}
    assert ranking.excluded[Rule.NOT_VISIBLE] == sum(row.audience != 1 for row in many)


def test_columns_survive_the_way_to_disk(many, tmp_path):
    segment = build_segment(many[:400], range(400), SPACE)
    for name, column in segment.arrays().items():
        np.save(tmp_path / f"{name}.npy", column)
    mapped = Segment.from_arrays({path.stem: np.load(path, mmap_mode="r") for path in tmp_path.iterdir()})
    wish = want(
        "w",
        "断水 雪",
        vector=many[9].evidence.vector,
        fields=frozenset({"f1/s1"}),
        kinds=frozenset({"people"}),
    )

    one, other = (search(Index([table]), wish, SPACE, as_of=TODAY) for table in (segment, mapped))

    assert one == other


def test_a_missing_column_is_named(many):
    arrays = build_segment(many[:3], range(3), SPACE).arrays()
    del arrays["hubs"]

    with pytest.raises(InvalidInputError, match="hubs"):
        Segment.from_arrays(arrays)


def test_merging_keeps_what_stands(many):
    index = Index(
        [
            build_segment(many[:300], range(300), SPACE),
            build_segment(many[300:420], range(250, 370), SPACE),
            build_segment([many[500]], [-5], SPACE),
        ],
        deleted=[1, 2, 260],
    )
    wish = want(
        "w", "断水 畑", vector=many[9].evidence.vector, fields=frozenset({"f1/s1"}), regions=frozenset({"05"})
    )

    merged = merge(index)

    assert len(merged) == len(index)
    assert list(merged.keys) == sorted(merged.keys)
    before = search(index, wish, SPACE, as_of=TODAY, exhaustive=True)
    after = search(Index([merged]), wish, SPACE, as_of=TODAY, exhaustive=True)
    assert after.considered == before.considered
    assert [match.can_id for match in after.matches][:3] == [match.can_id for match in before.matches][:3]


def test_explain_adds_reasons_to_a_found_match(many):
    wish = want("w", "断水 橋", vector=many[9].evidence.vector, window=Period(TODAY, None))
    index = Index([build_segment(many[:50], range(50), SPACE)])
    match = search(index, wish, SPACE, as_of=TODAY).matches[0]

    told = explain(wish, many[int(match.can_id)], match, SPACE, as_of=TODAY)

    assert told.reasons
    assert told.score == match.score


def test_an_empty_index_answers_with_nothing():
    assert search(Index([]), want(), SPACE, as_of=TODAY).matches == ()
    assert search(Index([build_segment([], [], SPACE)]), want(), SPACE, as_of=TODAY).matches == ()


def test_a_key_that_stands_twice_is_refused(many):
    with pytest.raises(InvalidInputError, match="keys"):
        build_segment(many[:2], [1, 1], SPACE)
