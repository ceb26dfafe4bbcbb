"""How well Enishi matches, beside baselines of the same run.

    python -m bench.matching_quality                    # pairs kept back from training
    python -m bench.matching_quality --data FOLDER      # challenges.jsonl, resources.jsonl, qrels.tsv

Text only: neither names nor fields are given. Baselines: BM25 over the same words, the plain multilingual-e5-small and the same with
each side's mean taken off.
"""

import argparse
import datetime as dt
import json
import math
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
from training.matching.pairs_file import held_out, read_pairs

from bench.table import Row
from enishi.engines import matching
from enishi.engines.core import unit_rows
from enishi.language.e5 import LocalEmbedder, open_local_embedder
from enishi.language.matching_inputs import MatchingReader
from enishi.language.model_folder import prepare_model
from enishi.language.tokens import content_words

TODAY = dt.date(2026, 11, 22)
DISTRACTORS = 300


@dataclass(frozen=True)
class Task:
    """Wants, cans, and how well each fits: 2 adopted, 1 helpful."""

    name: str
    wants: tuple[str, ...]
    cans: tuple[str, ...]
    grades: tuple[dict[int, int], ...]
    names: tuple[str, ...] = ()


def held_out_task() -> Task:
    """The wants kept back from training, their cans, and others' cans among them."""
    pairs = read_pairs()
    kept = [pair for pair in pairs if held_out(pair)]
    cans: list[str] = []
    grades: list[dict[int, int]] = []
    for pair in kept:
        grades.append({len(cans) + number: 2 for number in range(len(pair.cans))})
        cans.extend(pair.cans)
    others = [can for pair in pairs if not held_out(pair) for can in pair.cans]
    chosen = np.random.default_rng(0).permutation(len(others))[:DISTRACTORS]
    cans.extend(others[number] for number in chosen)
    return Task("組のうち学習に使わない分", tuple(pair.want for pair in kept), tuple(cans), tuple(grades))


def folder_task(folder: Path) -> Task:
    """A folder with challenges.jsonl, resources.jsonl and qrels.tsv."""
    challenges, resources = _rows(folder / "challenges.jsonl"), _rows(folder / "resources.jsonl")
    number_of = {row["id"]: number for number, row in enumerate(resources)}
    grades: dict[str, dict[int, int]] = {row["id"]: {} for row in challenges}
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        challenge, resource, grade = line.split("\t")
        grades[challenge][number_of[resource]] = int(grade)
    return Task(
        folder.name,
        tuple(row["text"] for row in challenges),
        tuple(row["text"] for row in resources),
        tuple(grades[row["id"]] for row in challenges),
        tuple(row.get("name", "") for row in resources),
    )


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def ndcg(scores: np.ndarray, grades: dict[int, int], places: int = 10) -> float:
    """Return the graded gain of the first places beside the best possible (gain 2^grade - 1)."""
    order = np.argsort(-scores, kind="stable")[:places]
    gain = sum((2 ** grades.get(int(can), 0) - 1) / math.log2(place + 2) for place, can in enumerate(order))
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:places]
    best = sum(worth / math.log2(place + 2) for place, worth in enumerate(ideal))
    return gain / best if best else 0.0


def recall(scores: np.ndarray, grades: dict[int, int], places: int = 5) -> float:
    """Return the share of adopted cans among the first places."""
    adopted = {can for can, grade in grades.items() if grade == 2}
    first = set(np.argsort(-scores, kind="stable")[:places].tolist())
    return len(adopted & first) / len(adopted) if adopted else 0.0


def largest_hub(scores: np.ndarray, places: int = 5) -> float:
    """Return in what share of the wants the most frequent can is among the first places."""
    counts = np.zeros(scores.shape[1])
    for row in scores:
        counts[np.argsort(-row, kind="stable")[:places]] += 1
    return float(counts.max() / len(scores))


def bm25_scores(task: Task) -> np.ndarray:
    index = bm25s.BM25(k1=1.5, b=0.75)
    index.index([content_words(can) for can in task.cans], show_progress=False)
    return np.stack([index.get_scores(content_words(want)) for want in task.wants])


def plain_scores(task: Task, embedder: LocalEmbedder) -> tuple[np.ndarray, np.ndarray]:
    wants = embedder.embed(task.wants, side="query")
    cans = embedder.embed(task.cans, side="passage")
    centred = unit_rows(wants - wants.mean(axis=0)) @ unit_rows(cans - cans.mean(axis=0)).T
    return wants @ cans.T, centred


def enishi_rankings(
    task: Task, reader: MatchingReader, cans: Sequence[str] | None = None
) -> tuple[np.ndarray, list[matching.Ranking], list[matching.Can]]:
    """Return scores of all pairs, and explained rankings of the first twenty."""
    wants = [reader.want(id=str(number), text=text) for number, text in enumerate(task.wants)]
    offers = [reader.can(id=str(number), text=text) for number, text in enumerate(cans or task.cans)]
    space = reader.space.adapted(
        [want.evidence.vector for want in wants], [can.evidence.vector for can in offers]
    )
    rankings = matching.rank(wants, offers, space, as_of=TODAY, top=20)
    return matching.score_matrix(wants, offers, space, as_of=TODAY), rankings, offers


def honest_share(task: Task, rankings: Sequence[matching.Ranking]) -> tuple[int, int]:
    """Return how many phrases stand literally in their texts, of how many."""
    phrases = [
        (match, phrase) for ranking in rankings for match in ranking.matches for phrase in match.phrases
    ]
    true = sum(
        phrase.want in task.wants[int(match.want_id)] and phrase.can in task.cans[int(match.can_id)]
        for match, phrase in phrases
    )
    return true, len(phrases)


def without_names(task: Task) -> list[str]:
    """Return the cans with every part of a partner's name taken out."""
    hidden = []
    for text, name in zip(task.cans, task.names, strict=True):
        for part in sorted(
            re.split(r"[()()・\s]|株式会社|有限会社|一般社団法人|NPO法人", name), key=len, reverse=True
        ):
            text = text.replace(part, "") if len(part) > 1 else text
        hidden.append(text)
    return hidden


def report(task: Task, reader: MatchingReader, plain: LocalEmbedder) -> None:
    """Print the table of one task."""
    began = time.perf_counter()
    scores, rankings, _ = enishi_rankings(task, reader)
    seconds = time.perf_counter() - began
    raw, centred = plain_scores(task, plain)
    print(f"\n{task.name}: 課題 {len(task.wants)}件 × 資源 {len(task.cans)}件(本文だけ)")
    print(f"{'手法':24}{'nDCG@10':>9}{'Recall@5':>10}{'最多の資源':>8}")
    rows = (
        ("BM25", bm25_scores(task)),
        ("multilingual-e5-small", raw),
        ("平均を引いた e5", centred),
        ("Enishi", scores),
    )
    for name, table in rows:
        gain = np.mean([ndcg(row, grades) for row, grades in zip(table, task.grades, strict=True)])
        found = np.mean([recall(row, grades) for row, grades in zip(table, task.grades, strict=True)])
        print(f"{name:24}{gain:9.3f}{found:10.3f}{largest_hub(table):8.1%}")
    if any(task.names):
        hidden, _, _ = enishi_rankings(task, reader, without_names(task))
        gain = np.mean([ndcg(row, grades) for row, grades in zip(hidden, task.grades, strict=True)])
        print(f"{'Enishi(名前を伏せて)':22}{gain:9.3f}")
    true, told = honest_share(task, rankings)
    print(f"理由の語句が両方の本文にそのままある: {true:,}/{told:,}、読み取りと照合 {seconds:.1f}秒")


def run(quick: bool = False) -> list[Row]:
    """The same as rows of the common table; more folders by ``ENISHI_BENCH_DATA=folder:folder``."""
    models = Path(os.environ.get("ENISHI_DATA", "data")) / "model"
    reader = MatchingReader(open_local_embedder(models, threads=2))
    plain = LocalEmbedder(prepare_model(models, learnt=False), threads=2)
    folders = [Path(name) for name in os.environ.get("ENISHI_BENCH_DATA", "").split(":") if name]
    return [
        row for task in [held_out_task(), *map(folder_task, folders)] for row in _rows_of(task, reader, plain)
    ]


def _rows_of(task: Task, reader: MatchingReader, plain: LocalEmbedder) -> list[Row]:
    scores, rankings, _ = enishi_rankings(task, reader)
    raw, centred = plain_scores(task, plain)
    words = bm25_scores(task)

    def mean(table: np.ndarray, measure: Callable[[np.ndarray, dict[int, int]], float]) -> float:
        return float(np.mean([measure(row, grades) for row, grades in zip(table, task.grades, strict=True)]))

    def others(measure: Callable[[np.ndarray, dict[int, int]], float]) -> str:
        named = (("BM25", words), ("e5", raw), ("平均を引いたe5", centred))
        return "、".join(f"{name} {mean(table, measure):.3f}" for name, table in named)

    size = f"課題{len(task.wants)}件 × 資源{len(task.cans)}件、本文だけ"
    true, told = honest_share(task, rankings)
    rows = [
        Row(f"nDCG@10({task.name})", f"{mean(scores, ndcg):.3f}", "", others(ndcg), size),
        Row(f"Recall@5({task.name})", f"{mean(scores, recall):.3f}", "", others(recall), size),
        Row(
            "先頭5件に最も多く出る資源",
            f"{largest_hub(scores):.1%}",
            "≤ 10%",
            f"e5 {largest_hub(raw):.1%}",
            size,
        ),
        Row("両方の本文にある理由の語句", f"{true:,}/{told:,}", "すべて", "", size),
    ]
    if any(task.names):
        hidden, _, _ = enishi_rankings(task, reader, without_names(task))
        gap = abs(mean(hidden, ndcg) - mean(scores, ndcg))
        rows.append(Row("相手の名前を伏せたときの nDCG の差", f"{gap:.3f}", "≤ 0.01", "", size))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, action="append", default=[], help="課題と資源と正解のフォルダ")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("ENISHI_DATA", "data")) / "models")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    reader = MatchingReader(open_local_embedder(options.models, threads=options.threads))
    plain = LocalEmbedder(prepare_model(options.models, learnt=False), threads=options.threads)
    for task in [held_out_task(), *map(folder_task, options.data)]:
        report(task, reader, plain)


if __name__ == "__main__":
    main()
