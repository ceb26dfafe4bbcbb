"""The space in which wants and cans are compared, learnt from texts for one embedder.

The bundled model has its space among the data. Another model (an endpoint) gets one with :func:`learn_space`, from the reference texts
that come with the program or from an installation's own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from enishi.engines.core import Float32Array, IntArray, unit_rows
from enishi.engines.matching import Space, term_hash
from enishi.language.ports import Embedder
from enishi.language.tokens import content_words

SPACE_FILE = "matching_space.npz"
REFERENCE_FILE = "reference_texts.jsonl"
BANK = 1200
WORDS = 9000
WORD_DIMENSIONS = 64

Arrays = dict[str, np.ndarray[Any, Any]]


@lru_cache(maxsize=1)
def bundled_space() -> Space:
    """Return the space learnt for the bundled model; see training/matching/README.md for its origin."""
    with as_file(files("enishi.language") / "data" / SPACE_FILE) as path:
        return read_space(path)


def reference_texts() -> tuple[list[str], list[str]]:
    """Return the wants and the cans that come with the program, written for it and about nobody real."""
    lines = (files("enishi.language") / "data" / REFERENCE_FILE).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["want"] for row in rows if "want" in row], [row["can"] for row in rows if "can" in row]


def learn_space(
    embedder: Embedder, wants: Sequence[str], cans: Sequence[str], *, owners: IntArray | None = None
) -> Space:
    """Return a space learnt from texts; takes as long as embedding them and their words.

    Parameters
    ----------
    wants, cans : sequences of str, some hundreds of each for a good scale
    owners : int64, shape (len(cans),), optional
        Which want each can was written for, -1 for none: pairs that belong together are left out of the scale.
    """
    return _space(space_arrays(embedder, wants, cans, owners=owners))


def space_arrays(
    embedder: Embedder, wants: Sequence[str], cans: Sequence[str], *, owners: IntArray | None = None
) -> Arrays:
    """Return the arrays of :func:`learn_space`, to be saved."""
    documents = [set(content_words(text)) for text in [*wants, *cans]]
    return {
        "name": np.array(embedder.name),
        **_geometry(
            embedder.embed(wants, side="query"),
            embedder.embed(cans, side="passage"),
            np.full(len(cans), -1) if owners is None else owners,
        ),
        **_rarity(documents),
        **_word_table(documents, embedder),
    }


def save_space(path: Path, arrays: Arrays) -> None:
    """Write what :func:`read_space` reads."""
    np.savez_compressed(path, allow_pickle=False, **arrays)


def read_space(path: Path) -> Space:
    """Return a saved space."""
    with np.load(path, allow_pickle=False) as arrays:
        return _space(arrays)


def _space(arrays: Mapping[str, np.ndarray[Any, Any]]) -> Space:
    return Space(
        name=str(arrays["name"]),
        want_mean=arrays["want_mean"].astype(np.float32),
        can_mean=arrays["can_mean"].astype(np.float32),
        want_bank=arrays["want_bank"].astype(np.float32) / np.float32(127),
        can_bank=arrays["can_bank"].astype(np.float32) / np.float32(127),
        centre=float(arrays["centre"]),
        spread=float(arrays["spread"]),
        terms=arrays["terms"],
        term_counts=arrays["term_counts"].astype(np.int64),
        texts=int(arrays["texts"]),
        word_codes=arrays["word_codes"],
        word_vectors=arrays["word_vectors"],
    )


def _geometry(wants: Float32Array, cans: Float32Array, owners: IntArray) -> Arrays:
    """Means, reference texts, and the scale of nearness over pairs that do not belong together."""
    want_mean, can_mean = wants.mean(axis=0), cans.mean(axis=0)
    placed_wants, placed_cans = unit_rows(wants - want_mean), unit_rows(cans - can_mean)
    spread_out = np.random.default_rng(0).permutation(len(cans))[:BANK]
    found: Arrays = {
        "want_mean": want_mean,
        "can_mean": can_mean,
        "want_bank": _as_bytes(placed_wants[:BANK]),
        "can_bank": _as_bytes(placed_cans[np.sort(spread_out)]),
        "centre": np.array(0.0),
        "spread": np.array(1.0),
    }
    empty: Arrays = {"terms": np.zeros(0, np.uint32), "term_counts": np.zeros(0), "texts": np.array(0)}
    table: Arrays = {"word_codes": np.zeros(0, np.uint32), "word_vectors": np.zeros((0, 1), np.int8)}
    bare = _space({"name": np.array(""), **found, **empty, **table})
    corrected = (
        2 * placed_wants @ placed_cans.T
        - bare.want_hubs(placed_wants)[:, None]
        - bare.can_hubs(placed_cans)[None]
    )
    strangers = corrected[owners[None] != np.arange(len(wants))[:, None]]
    return found | {"centre": np.array(strangers.mean()), "spread": np.array(max(strangers.std(), 1e-6))}


def _as_bytes(placed: Float32Array) -> np.ndarray[Any, Any]:
    return np.round(placed * 127).astype(np.int8)


def _rarity(documents: Sequence[set[str]]) -> Arrays:
    counts = Counter(term_hash(word) for words in documents for word in words)
    terms = np.array(sorted(counts), np.uint32)
    return {
        "terms": terms,
        "term_counts": np.array([counts[int(code)] for code in terms], np.int32),
        "texts": np.array(len(documents)),
    }


def _word_table(documents: Sequence[set[str]], embedder: Embedder) -> Arrays:
    """Meanings of the most frequent words in a few principal dimensions."""
    words = [
        word for word, _ in Counter(word for words in documents for word in sorted(words)).most_common(WORDS)
    ]
    vectors = embedder.embed(words, side="query")
    vectors = unit_rows(vectors - vectors.mean(axis=0))
    _, _, axes = np.linalg.svd(vectors, full_matrices=False)
    reduced = unit_rows(vectors @ axes[:WORD_DIMENSIONS].T)
    codes = np.array([term_hash(word) for word in words], np.uint32)
    order = np.argsort(codes)
    largest = np.maximum(np.abs(reduced).max(axis=1, keepdims=True), 1e-12)
    return {
        "word_codes": codes[order],
        "word_vectors": np.round(reduced / largest * 127).astype(np.int8)[order],
    }
