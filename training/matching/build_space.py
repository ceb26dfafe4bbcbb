"""Make the matching space of an encoder: means, reference texts, common scale, rarity and meanings of words.

    python -m training.matching.build_space MODEL_FOLDER

Reads the pairs, runs the prepared encoder over them and writes src/enishi/language/data/matching_space.npz.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np

from enishi.engines.core import unit_rows
from enishi.engines.matching import Space, term_hash
from enishi.language.e5 import LocalEmbedder, open_local_embedder
from enishi.language.matching_inputs import SPACE_FILE
from enishi.language.tokens import content_words
from training.matching.pairs_file import Pair, held_out, read_pairs

TARGET = Path(__file__).parents[2] / "src/enishi/language/data" / SPACE_FILE
WORDS = 9000
WORD_DIMENSIONS = 64
BANK = 1200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    embedder = open_local_embedder(arguments.model_folder, threads=arguments.threads)
    pairs = [pair for pair in read_pairs() if not held_out(pair)]
    arrays = space_arrays(pairs, embedder)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(TARGET, **arrays)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(pairs)} wants")


def space_arrays(pairs: list[Pair], embedder: LocalEmbedder) -> dict[str, np.ndarray]:
    """Return the arrays of a space learnt from these pairs."""
    wants = embedder.embed([pair.want for pair in pairs], side="query")
    texts = [can for pair in pairs for can in pair.cans]
    owners = np.array([row for row, pair in enumerate(pairs) for _ in pair.cans])
    cans = embedder.embed(texts, side="passage")
    arrays = geometry(wants, cans, owners)
    documents = [set(content_words(text)) for text in [*(pair.want for pair in pairs), *texts]]
    counts = Counter(term_hash(word) for words in documents for word in words)
    terms = np.array(sorted(counts), np.uint32)
    arrays["terms"] = terms
    arrays["term_counts"] = np.array([counts[int(code)] for code in terms], np.int32)
    arrays["texts"] = np.array(len(documents))
    arrays["name"] = np.array(embedder.name)
    frequent = [word for word, _ in Counter(word for words in documents for word in words).most_common(WORDS)]
    return arrays | word_table(frequent, embedder)


def geometry(wants: np.ndarray, cans: np.ndarray, owners: np.ndarray) -> dict[str, np.ndarray]:
    """Return means, banks and the scale of nearness over pairs that do not belong together."""
    want_mean, can_mean = wants.mean(axis=0), cans.mean(axis=0)
    placed_wants, placed_cans = unit_rows(wants - want_mean), unit_rows(cans - can_mean)
    chosen = np.random.default_rng(0).permutation(len(placed_cans))[:BANK]
    banks = {
        "want_bank": np.round(placed_wants[:BANK] * 127).astype(np.int8),
        "can_bank": np.round(placed_cans[np.sort(chosen)] * 127).astype(np.int8),
    }
    space = Space(
        "", want_mean, can_mean,
        banks["want_bank"].astype(np.float32) / 127, banks["can_bank"].astype(np.float32) / 127,
        0.0, 1.0, np.zeros(0, np.uint32), np.zeros(0, np.int64), 0,
        np.zeros(0, np.uint32), np.zeros((0, 1), np.int8),
    )  # fmt: skip
    corrected = (
        2 * placed_wants @ placed_cans.T
        - space.want_hubs(placed_wants)[:, None]
        - space.can_hubs(placed_cans)[None]
    )
    strangers = owners[None] != np.arange(len(wants))[:, None]
    return banks | {
        "want_mean": want_mean,
        "can_mean": can_mean,
        "centre": np.array(corrected[strangers].mean()),
        "spread": np.array(corrected[strangers].std()),
    }


def word_table(words: list[str], embedder: LocalEmbedder) -> dict[str, np.ndarray]:
    """Return the meanings of single words in a few principal dimensions."""
    vectors = embedder.embed(words, side="query")
    vectors = unit_rows(vectors - vectors.mean(axis=0))
    _, _, axes = np.linalg.svd(vectors, full_matrices=False)
    reduced = unit_rows(vectors @ axes[:WORD_DIMENSIONS].T)
    codes = np.array([term_hash(word) for word in words], np.uint32)
    order = np.argsort(codes)
    largest = np.abs(reduced).max(axis=1, keepdims=True)
    return {
        "word_codes": codes[order],
        "word_vectors": np.round(reduced / largest * 127).astype(np.int8)[order],
    }


if __name__ == "__main__":
    main()
