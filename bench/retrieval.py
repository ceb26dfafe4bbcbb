"""How well documents are found, beside baselines of the same run.

    python -m bench.retrieval                       # the sets written for this project
    python -m bench.retrieval --data FOLDER         # documents.jsonl, queries.jsonl, qrels.tsv (query, document, grade)

Where questions lie in general is taken from the other sets, never from the one that is measured.
"""

import argparse
import json
import math
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from training.retrieval.sets import KEPT_BACK, QuestionSet, kept_back_sets, read_sets

from bench.table import Row
from enishi.engines.retrieval import Collection, Method, Said
from enishi.language.e5 import LocalEmbedder, open_local_embedder
from enishi.language.retrieval_inputs import said, with_title

METHODS = (Method.WORDS, Method.MEANING, Method.RECIPROCAL, Method.COVERAGE, Method.BLEND)
SHOWN = {
    Method.WORDS: "BM25",
    Method.MEANING: "e5",
    Method.RECIPROCAL: "逆順位",
    Method.COVERAGE: "網羅度",
    Method.BLEND: "縁",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    table = measured([_folder(options.data)] if options.data else [*read_sets(), *kept_back_sets()])
    print("nDCG@10  " + "  ".join(SHOWN[method] for method in METHODS))
    for name, found in table.items():
        print(f"{name:24s} " + "  ".join(f"{found[method]:.3f}" for method in METHODS))
    print("平均 " + "  ".join(f"{mean:.3f}" for mean in means(table)))


def run(quick: bool) -> list[Row]:
    """The rows of ``make bench``."""
    begun = time.perf_counter()
    table = measured([*read_sets(), *kept_back_sets()])
    spent = time.perf_counter() - begun
    rows = [
        Row(
            f"検索 nDCG@10 {name}",
            f"{found[Method.BLEND]:.3f}",
            target="BM25を下回らない",
            baseline=", ".join(f"{SHOWN[method]} {found[method]:.3f}" for method in METHODS[:-1]),
        )
        for name, found in table.items()
    ]
    every = means(table)
    baseline = ", ".join(
        f"{SHOWN[method]} {mean:.3f}" for method, mean in zip(METHODS[:-1], every[:-1], strict=True)
    )
    rows.append(Row("検索 nDCG@10 平均", f"{every[-1]:.3f}", "網羅度より+0.02", baseline, f"{spent:.0f}秒"))
    return rows


def means(table: dict[str, dict[Method, float]]) -> list[float]:
    return [float(np.mean([found[method] for found in table.values()])) for method in METHODS]


def measured(sets: Sequence[QuestionSet]) -> dict[str, dict[Method, float]]:
    embedder = _embedder()
    known: dict[str, Said] = {}
    questions = {one.name: [said(text, embedder, "query") for text in one.questions] for one in sets}
    table = {}
    for one in sets:
        others = [
            asked.vector
            for other in sets
            if other.family != one.family and other.family not in KEPT_BACK
            for asked in questions[other.name]
        ]
        mean = np.stack(others).mean(axis=0) if others else None
        texts = [
            _read(with_title(title, text), embedder, known)
            for title, text in zip(one.titles, one.texts, strict=True)
        ]
        asked = questions[one.name]
        collection = Collection(
            texts,
            questions=np.stack([each.vector for each in asked]),
            question_mean=mean,
            question_pieces=[each.pieces for each in asked if each.pieces is not None],
        )
        table[one.name] = {method: _quality(collection, one, asked, method) for method in METHODS}
    return table


def _quality(collection: Collection, one: QuestionSet, asked: Sequence[Said], method: Method) -> float:
    gains = []
    for question, answers in zip(asked, one.answers, strict=True):
        ranked = [one.ids[row] for row, _score in collection.best(question, 10, method)]
        gains.append(ndcg(ranked, answers))
    return float(np.mean(gains))


def ndcg(ranked: Sequence[str], answers: frozenset[str], at: int = 10) -> float:
    gain = sum(1 / math.log2(place + 2) for place, one in enumerate(ranked[:at]) if one in answers)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(len(answers), at)))


def _read(text: str, embedder: LocalEmbedder, known: dict[str, Said]) -> Said:
    if text not in known:
        known[text] = said(text, embedder, "passage")
    return known[text]


def _embedder() -> LocalEmbedder:
    folder = Path(os.environ.get("ENISHI_DATA", "data")) / "models"
    return open_local_embedder(folder, threads=2, learnt=False)


def _folder(folder: Path) -> QuestionSet:
    documents = [
        json.loads(line) for line in (folder / "documents.jsonl").read_text("utf-8").splitlines() if line
    ]
    queries = [
        json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines() if line
    ]
    answers: dict[str, set[str]] = {row["id"]: set() for row in queries}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines():
        query, document, grade = line.split("\t")
        if query in answers and grade != "0":
            answers[query].add(document)
    asked = [row for row in queries if answers[row["id"]]]
    return QuestionSet(
        folder.name,
        folder.name,
        tuple(str(row["id"]) for row in documents),
        tuple(row.get("title", "") for row in documents),
        tuple(row["text"] for row in documents),
        tuple(row["text"] for row in asked),
        tuple(frozenset(answers[row["id"]]) for row in asked),
    )


if __name__ == "__main__":
    main()
