import numpy as np
import pytest

from enishi.engines.retrieval import Pieces, Reread, Sample, pairs_of, reread, signs_of

NOWHERE = np.zeros(16, np.float32)


def pieces(*rows: int) -> Pieces:
    """Pieces that each point their own way."""
    ways = np.random.default_rng(1).standard_normal((50, 16)).astype(np.float32)
    return Pieces(np.array(rows), np.stack([ways[row] for row in rows]))


def candidate(text: str = "", covered: float = 0, near: float = 0, said: Pieces | None = None) -> Reread:
    return Reread(covered, near, pairs_of(text), None if said is None else signs_of(said, NOWHERE))


def sample(*texts: str) -> Sample:
    return Sample.of([pairs_of(text) for text in texts], [np.array([1, 2]), np.array([1, 3])])


def test_the_signs_of_pieces_tell_which_text_holds_what_was_asked():
    texts = [candidate(said=pieces(1, 2)), candidate(said=pieces(1, 3))]

    scores = reread(texts, [], pieces(3), sample(), NOWHERE)

    assert scores.tolist() == [0, 1]


def test_a_text_without_pieces_stands_between_those_that_have_them():
    texts = [candidate(said=pieces(1)), candidate(), candidate(said=pieces(3))]

    scores = reread(texts, [], pieces(3), sample(), NOWHERE)

    assert scores.tolist() == [0, 0.5, 1]


def test_letters_find_what_no_dictionary_knows():
    texts = [candidate("粗大ごみの出し方"), candidate("ぴよ丸カードの使い方")]

    scores = reread(
        texts, pairs_of("ぴよ丸って"), None, sample("粗大ごみの出し方", "図書館の使い方"), NOWHERE
    )

    assert scores[1] > scores[0] == 0


@pytest.mark.parametrize(("covered", "near"), [(1, 0), (0, 1)])
def test_what_was_known_before_still_counts(covered, near):
    better, worse = candidate(covered=covered, near=near), candidate()

    scores = reread([better, worse], [], None, sample(), NOWHERE)

    assert scores[0] > scores[1]
