"""Makes question_mean.npz: where the plain model's questions lie in general, and where the pieces of its texts do.

python -m training.retrieval.build_mean MODEL_FOLDER
"""

import sys
from pathlib import Path

import numpy as np

from enishi.engines.retrieval import piece_mean
from enishi.language.e5 import open_local_embedder
from enishi.language.retrieval_inputs import kept, mean_of
from training.retrieval.sets import read_sets

OUT = Path(__file__).parents[2] / "src/enishi/language/data/question_mean.npz"


def main(folder: str) -> None:
    embedder = open_local_embedder(Path(folder), threads=2, learnt=False)
    # Each family has the same say, however many questions it has.
    families: dict[str, list[str]] = {}
    for one in read_sets():
        families.setdefault(one.family, []).extend(one.questions)
    means = [
        mean_of(list(embedder.embed(list(dict.fromkeys(questions)), side="query")))
        for questions in families.values()
    ]
    texts: dict[str, list[str]] = {}
    for one in read_sets():
        texts.setdefault(one.family, []).extend(one.texts)
    pieces = [
        piece_mean([kept(embedder.embed_in_pieces(text, side="passage")[1]) for text in dict.fromkeys(each)])
        for each in texts.values()
    ]
    np.savez(
        OUT,
        **{
            embedder.name: np.mean(means, axis=0).astype(np.float16),
            f"{embedder.name}/pieces": np.mean(pieces, axis=0).astype(np.float16),
        },
    )


if __name__ == "__main__":
    main(sys.argv[1])
