"""Writes src/enishi/knowledge/answers/reference.npz: the pieces of the imaginary city's answers (training/retrieval/faq.tsv)."""

import tempfile
from pathlib import Path

import numpy as np

from enishi.knowledge.answers.meaning import Vectors
from enishi.language.e5 import LocalEmbedder
from enishi.language.model_folder import prepare_model

SOURCE = Path("training/retrieval/faq.tsv")
KEPT = Path("src/enishi/knowledge/answers/reference.npz")


def main() -> None:
    rows = [line.split("\t") for line in SOURCE.read_text("utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        vectors = Vectors(LocalEmbedder(prepare_model(Path(folder), learnt=False), threads=2))
        read = [vectors.read_in_pieces(f"{row[0]}\n{row[1]}")[1] for row in rows]
    np.savez_compressed(
        KEPT,
        embedder=np.array(vectors.embedder.name),
        sizes=np.array([len(each.ids) for each in read]),
        ids=np.concatenate([each.ids for each in read]).astype(np.uint32),
        signs=np.concatenate([each.signs for each in read]),
    )


if __name__ == "__main__":
    main()
