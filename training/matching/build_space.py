"""Make the matching space of the bundled encoder and the reference texts for others.

    python -m training.matching.build_space MODEL_FOLDER

Reads the pairs that are not held out, runs the prepared encoder over them and writes
src/enishi/language/data/matching_space.npz and reference_texts.jsonl.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from enishi.language.e5 import open_local_embedder
from enishi.language.matching_space import REFERENCE_FILE, SPACE_FILE, save_space, space_arrays
from training.matching.pairs_file import Pair, held_out, read_pairs

TARGET = Path(__file__).parents[2] / "src/enishi/language/data"
REFERENCES = 300
"""So many wants, and as many cans of other wants, go with the program as text."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model_folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    pairs = [pair for pair in read_pairs() if not held_out(pair)]
    write_references(pairs)
    owners = np.array([row for row, pair in enumerate(pairs) for _ in pair.cans])
    arrays = space_arrays(
        open_local_embedder(arguments.model_folder, threads=arguments.threads),
        [pair.want for pair in pairs],
        [can for pair in pairs for can in pair.cans],
        owners=owners,
    )
    save_space(TARGET / SPACE_FILE, arrays)
    print(f"{SPACE_FILE}: {(TARGET / SPACE_FILE).stat().st_size:,} bytes, {len(pairs)} wants")


def write_references(pairs: list[Pair]) -> None:
    """Write wants of some pairs and cans of others, spread over all fields."""
    order = np.random.default_rng(0).permutation(len(pairs))
    rows = [{"want": pairs[number].want} for number in order[:REFERENCES]]
    rows += [{"can": pairs[number].cans[0]} for number in order[REFERENCES : 2 * REFERENCES]]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (TARGET / REFERENCE_FILE).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
