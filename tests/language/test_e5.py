import math
import multiprocessing
import os
import random
from functools import cache

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from enishi.language.e5 import LocalEmbedder
from enishi.language.e5_weights import Weights, read_installed_weights
from enishi.language.model_folder import learnt_changes
from enishi.language.unigram import MARK, UnigramTokenizer

TEXTS = [
    "大型の台風で停電と断水が長く続き、被災した住民が何日も体を洗えなかった。",
    "使った水をこして繰り返し使う、室外機ほどの大きさの装置と簡易シャワーを製造する。",
    "消防団の団員が減り、夜の火事に駆けつける人が足りない。",
]


@pytest.fixture(scope="module")
def weights():
    return Weights(read_installed_weights())


@pytest.fixture(scope="module")
def tokenizer(weights):
    vocabulary = weights.vocabulary
    control = frozenset((0, 1, 2, 3, len(vocabulary.pieces) - 1))
    return UnigramTokenizer(vocabulary.pieces, vocabulary.scores, control=control, unknown=vocabulary.unknown)


@pytest.fixture(scope="module")
def thousand_texts(weights):
    """Words of the vocabulary thrown together, some rare signs and blanks among them."""
    chance = random.Random(20261122)
    pieces = [piece for piece in weights.vocabulary.pieces[4:-1] if any("぀" < sign < "鿿" for sign in piece)]
    strange = ["𩸽", "🍣", " ", "ABC", "\ue000", "3,000", "\ufdfa"]
    return [
        "".join(
            chance.choice(strange if chance.random() < 0.1 else pieces) for _ in range(chance.randint(1, 20))
        )
        for _ in range(1000)
    ]


def test_cutting_agrees_with_the_tokenizers_package(weights, tokenizer, thousand_texts):
    vocabulary = weights.vocabulary
    lowest = min(vocabulary.scores[4:-1].tolist())
    hidden = {0, 1, 2, 3, len(vocabulary.pieces) - 1}
    entries = [
        (f"\uf8ff{index}", lowest) if index in hidden else (piece, score)
        for index, (piece, score) in enumerate(
            zip(vocabulary.pieces, vocabulary.scores.tolist(), strict=True)
        )
    ]
    reference = Tokenizer(models.Unigram(entries, unk_id=3))
    reference.pre_tokenizer = pre_tokenizers.Metaspace(replacement=MARK, prepend_scheme="always", split=True)

    for text in thousand_texts:
        spaced = " ".join(text.split())
        assert tokenizer.encode(text) == reference.encode(spaced, add_special_tokens=False).ids


def test_cutting_is_the_best_of_all_cuts():
    pieces = ["<s>", "<pad>", "</s>", "<unk>", MARK, "あ", "い", "あい", "いう", "う", MARK + "あ"]
    scores = np.array([0, 0, 0, 0, -2.0, -3.0, -3.0, -4.5, -3.5, -3.0, -3.2], np.float32)
    tokenizer = UnigramTokenizer(pieces, scores, control=frozenset(range(4)), unknown=3)

    def best(text):
        if not text:
            return 0.0, []
        options = [(-math.inf, [])]
        for end in range(1, len(text) + 1):
            if text[:end] in pieces[4:]:
                index = pieces.index(text[:end])
                rest, ids = best(text[end:])
                options.append((float(scores[index]) + rest, [index, *ids]))
        return max(options, key=lambda option: option[0])

    for text in ("あ", "あい", "あいう", "いうあいう", "うあいあいう"):
        assert tokenizer.encode(text) == best(MARK + text)[1]


def test_control_pieces_cannot_be_typed(tokenizer):
    assert not {0, 1, 2, 3, 250_001} & set(tokenizer.encode("<s>こんにちは</s><pad><mask>"))


def test_vectors_agree_with_a_plain_forward_pass(embedder, weights, tokenizer):
    vectors = embedder.embed(TEXTS, side="query")

    for text, vector in zip(TEXTS, vectors, strict=True):
        expected = plain_forward(weights, [0, *tokenizer.encode("query: " + text), 2])
        # Rounding to 8 bits turns a vector by some 7 degrees; unrelated texts stand at 60 and more.
        assert float(vector @ expected) > 0.985


changes = cache(learnt_changes)


def plain_forward(weights, ids):
    """The encoder as its paper says, with what was learnt, in float32 NumPy."""
    shape = weights.shape
    values, scales = weights.blocks("emb.word", columns=shape.hidden)
    words = ((values[ids].astype(np.float32) - 8) * scales[ids].astype(np.float32)[..., None]).reshape(
        len(ids), -1
    )
    places = weights.floats("emb.pos").reshape(-1, shape.hidden)[: len(ids)]
    state = normed(words + places + weights.floats("emb.type")[: shape.hidden], weights, "emb.ln")
    for layer in range(shape.layers):
        name = f"l{layer}."
        state = normed(
            state + linear(attention(state, weights, name), weights, name + "ao"), weights, name + "aln"
        )
        inner = linear(state, weights, name + "fi")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        state = normed(state + linear(inner, weights, name + "fo"), weights, name + "oln")
    mean = state.mean(axis=0)
    return mean / np.linalg.norm(mean)


def linear(state, weights, name):
    matrix = weights.matrix(name + ".w", columns=state.shape[1]) + changes().get(name, 0)
    return state @ matrix.T + weights.floats(name + ".b")


def normed(state, weights, name):
    centred = state - state.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
    return centred / deviation * weights.floats(name + ".w") + weights.floats(name + ".b")


def attention(state, weights, name):
    heads = weights.shape.heads
    query, key, value = (
        linear(state, weights, name + part).reshape(len(state), heads, -1).transpose(1, 0, 2)
        for part in "qkv"
    )
    scores = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
    return mixed.transpose(1, 0, 2).reshape(len(state), -1)


def test_a_text_gets_the_same_vector_in_any_company(embedder):
    alone = embedder.embed([TEXTS[0]], side="passage")[0]

    assert np.array_equal(embedder.embed(TEXTS, side="passage")[0], alone)


@pytest.mark.parametrize(
    "text",
    [
        "\ufdfa" * 5000,
        "a" * 300_000,
        "\x00\ud800",
        "漢" * 12_000,
        "👨‍👩‍👧" * 3000,
        " \n\t ",
        "</s>" * 500,
        "\u0301" * 9000,
    ],
    ids=["swelling", "letters", "nul", "long", "emoji", "blank", "control", "combining"],
)
def test_hostile_text_is_harmless(embedder, text):
    (vector,) = embedder.embed([text], side="query")

    assert np.isfinite(vector).all()
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-4) or not vector.any()


def test_the_end_of_a_long_text_counts_too(embedder):
    filler = "役場の建物は古く、窓口は一階にある。" * 60

    plain, ending = embedder.embed([filler, filler + TEXTS[2] * 10], side="passage")
    (asked,) = embedder.embed([TEXTS[2]], side="query")

    assert float(asked @ ending) > float(asked @ plain)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_after_a_fork_can_embed(model_files):
    embedder = LocalEmbedder(model_files)
    expected = embedder.embed([TEXTS[0]], side="query")

    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply_async(embed_in_child, (model_files,)).get(timeout=60)

    assert np.array_equal(found, expected)


def embed_in_child(model_files):
    return LocalEmbedder(model_files).embed([TEXTS[0]], side="query")
